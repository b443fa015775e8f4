//! What the demo's custodian has: funds, a policy, transactions, approvals.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use solventry::{
    document::words,
    group::read_genesis,
    ledger::{ReadOptions, parse_address, read_ledger},
    signing::{example::example_psbt, signing_key},
    store::files::{self, Access},
    vault::read_vault,
};
use solventry_protocol::message::Phase;
use solventry_types::{Chain, amount::decimal};

use crate::cli::{CliError, connection::Connection, epoch::now};

/// A listed destination.
pub const EXCHANGE: &str = "bc1q3z58l7nav7yldg9zlhay46tj2je08n4ltg6fjh";
/// A destination that the policy does not list.
pub const STRANGER: &str = "bc1pmr9hy0pctul8s7sqj4mgu7peavw2v927j8q5eskmz6qruv7cc5vqc46f8p";

/// One bitcoin in satoshi.
const BTC: u128 = 100_000_000;
/// Its network fee.
const FEE: u64 = 1_000;
/// How long nodes may take until they vote.
const STARTING: Duration = Duration::from_secs(60);

/// The ledger's bitcoins lie at the vault's address alone, `headroom` BTC more than customers have.
pub fn fund(ledger: &Path, address: &str, headroom: u128) -> Result<(), CliError> {
    let read = read_ledger(ledger, ReadOptions::default())?;
    let assets = read.ledger.assets().assets();
    let place = assets.iter().position(|asset| asset.symbol == "BTC");
    let owed = place.and_then(|place| read.ledger.totals().get(place)).map_or(0, |total| total.units());
    let held = decimal(owed.saturating_add(headroom.saturating_mul(BTC)), 8);
    let path = ledger.join("reserves.csv");
    let text = files::read(&path, 1 << 20)?;
    let kept = String::from_utf8_lossy(&text);
    let kept = kept.lines().filter(|line| !line.starts_with("BTC,bitcoin"));
    let lines: Vec<String> =
        kept.map(str::to_owned).chain([format!("BTC,bitcoin,{address},{held},,")]).collect();
    Ok(files::write(&path, Access::Public, (lines.join("\n") + "\n").as_bytes())?)
}

/// Public half of a person's key, in hexadecimal digits.
pub fn public(name: &str) -> Result<String, CliError> {
    let key = signing_key(Path::new(&format!("{name}.key")))?;
    Ok(hex::encode(key.verifying_key().to_bytes()))
}

/// The policy: at most 5 BTC at once and 20 a day, to the exchange, two approvals above 2 BTC.
pub fn policy() -> Result<String, CliError> {
    let salt = hex::encode(files::random_secret()?.as_slice());
    let day = 86_400;
    Ok(format!(
        "salt = \"{salt}\"\nnot_before = {}\nnot_after = {}\nmax_validity = \"2 hours\"\n\n\
         [[asset]]\nsymbol = \"BTC\"\ndecimals = 8\nplaces = [\"bitcoin/native/8\"]\n\n\
         [[destination]]\nname = \"exchange\"\naddress = \"{EXCHANGE}\"\n\n\
         [[rule]]\nasset = \"BTC\"\nlane = \"normal\"\nper_payment = \"5 BTC\"\nper_hour = \"20 BTC\"\n\
         per_day = \"20 BTC\"\nper_week = \"50 BTC\"\nper_month = \"100 BTC\"\npayments_per_day = 20\n\
         cooldown = \"0 seconds\"\nmax_fee = \"0.001 BTC\"\napprovals = 1\n\
         tiers = [{{ above = \"2 BTC\", approvals = 2 }}]\ndestinations = [\"exchange\"]\n",
        words::time_text(now().saturating_sub(day)),
        words::time_text(now().saturating_add(365 * day)),
    ))
}

/// Writes a transaction out of the vault, proposes its payment and has it approved.
pub fn payment(name: &str, to: &str, amount: u64, approvals: usize) -> Result<(), CliError> {
    let [tx, out] = ["psbt", "pay"].map(|ending| format!("{name}.{ending}"));
    let vault = read_vault(Path::new("V"))?;
    let script = parse_address(Chain::Bitcoin, to).map_err(|error| CliError::Input(error.to_string()))?;
    let psbt =
        example_psbt(&vault, &script, amount, FEE).map_err(|error| CliError::Input(error.to_string()))?;
    files::write_new(Path::new(&tx), Access::Private, &psbt)?;
    super::command(&format!("payment propose --tx {tx} --vault V --key proposer.key --out {out}"))?;
    for approver in ["approver1.key", "approver2.key"].into_iter().take(approvals) {
        super::command(&format!("approve {out} --vault V --key {approver}"))?;
    }
    Ok(())
}

/// Waits until every node votes.
pub fn until_running() -> Result<(), CliError> {
    let genesis = read_genesis(Path::new("genesis"))?;
    let connection = Connection::new(genesis.group.clone(), Path::new("coordinator.key"))?;
    let begun = Instant::now();
    loop {
        let statuses = connection.nodes().statuses();
        let runs = |status: &solventry_protocol::message::NodeStatus| status.phase == Phase::Running;
        if statuses.iter().all(|(_, status)| status.as_ref().is_ok_and(runs)) {
            return Ok(());
        }
        if begun.elapsed() > STARTING {
            return Err(CliError::Input(
                "the nodes did not begin to vote within 60 s; see their logs".into(),
            ));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}
