//! `solventry demo signing`: a group of signer nodes on this machine, from key generation to
//! signatures, with what they refuse. Every step is a command of this program, shown as typed.

mod children;
mod desk;

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use children::{Children, signer_program};
use clap::Parser;
use solventry::{
    coordinator::{CoordinatorError, GroupKey, link_key},
    ledger::account_text,
    store::files::{self, Access},
    vault::read_vault,
};
use solventry_policy::PolicyVerifyingKey;
use solventry_protocol::{SigningEvidence, verify_signing};
use solventry_types::{Attestation, Chain};
use solventry_verifier::{Anchors, anchors::Hex, verify_attestation};

use super::{Args, CliError, epoch::now, print, signers::account, signers_genesis::read_anchors};

/// `solventry demo signing`.
#[derive(clap::Args)]
pub struct DemoSigningArgs {
    /// Keep the files in this new folder [default: a temporary one, removed at the end]
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Nodes of the group: the smallest that bears one faulty node.
const NODES: usize = 4;
/// What reserves exceed liabilities by, in BTC; everything below is about this much.
const HEADROOM: u128 = 6;

/// Runs the demo in a folder of its own.
pub fn run(args: &DemoSigningArgs) -> Result<(), CliError> {
    let failed = |error: std::io::Error| CliError::Input(format!("folder of the demo: {error}"));
    let program = signer_program()?;
    let temporary = tempfile::tempdir().map_err(failed)?;
    let root = args.out.clone().unwrap_or_else(|| temporary.path().to_owned());
    if args.out.is_some() {
        files::refuse_existing(&root)?;
    }
    files::folder(&root)?;
    let root = root.canonicalize().map_err(failed)?;
    // Short paths in the commands shown.
    std::env::set_current_dir(&root).map_err(failed)?;
    let begun = Instant::now();
    let mut children = Children::new(&program, &root);
    let ended = demo(&mut children);
    drop(children); // ends the nodes before their folders go
    ended?;
    print(&format!("\nDone in {:.0} s.", begun.elapsed().as_secs_f64()));
    if args.out.is_some() {
        print(&format!("The files are in {}.", root.display()));
    }
    Ok(())
}

fn demo(children: &mut Children) -> Result<(), CliError> {
    nodes(children)?;
    let address = key_generation()?;
    epoch(&address)?;
    journal(&address)?;
    let first = Path::new("first.sign");
    print("\n6. Above the cap of one payment (5 BTC), and to a destination that the policy does not list.");
    desk::payment("above", desk::EXCHANGE, 550_000_000, 2)?;
    refused("above", "C-POL")?;
    desk::payment("unlisted", desk::STRANGER, 100_000_000, 1)?;
    refused("unlisted", "C-POL")?;
    print("\n7. Three BTC to the exchange, with the two approvals that the policy asks for.");
    desk::payment("first", desk::EXCHANGE, 300_000_000, 2)?;
    sign("first", "")?;
    command("payment finish first.sign --out first.tx")?;
    print("\n8. Four more: within the policy's caps, but reserves would no longer cover the liabilities.");
    desk::payment("coverage", desk::EXCHANGE, 400_000_000, 2)?;
    refused("coverage", "C-HEAD")?;
    print(&format!("\n9. One of {NODES} nodes is killed; the others go on."));
    children.kill(1);
    desk::payment("second", desk::EXCHANGE, 100_000_000, 1)?;
    sign("second", "")?;
    print("\n10. An auditor verifies both evidence files offline: proofs, decision, signatures.");
    verify(first)?;
    verify(Path::new("second.sign"))
}

/// Runs a command of this program and shows it; no word of it holds white space.
fn command(line: &str) -> Result<(), CliError> {
    print(&format!("$ solventry {line}"));
    let typed = std::iter::once("solventry").chain(line.split_whitespace());
    let args = Args::try_parse_from(typed).map_err(|error| CliError::Usage(error.to_string()))?;
    super::run(args)
}

fn nodes(children: &mut Children) -> Result<(), CliError> {
    print(&format!("1. {NODES} signer nodes, each with its own operator: any 3 sign, 1 may be faulty."));
    let cards = children.init(NODES)?.join(" ");
    command("signers key --out coordinator.key")?;
    let link = hex::encode(link_key(Path::new("coordinator.key"))?.public());
    command(&format!("signers group {cards} --coordinator {link}=treasury --out group"))?;
    children.run(Path::new("group"))
}

fn key_generation() -> Result<String, CliError> {
    print("\n2. They make the vault's key together; nobody ever has it.");
    command(
        "signers dkg --group group --key coordinator.key --vault treasury --chain bitcoin --out treasury.groupkey",
    )?;
    let bytes = files::read(Path::new("treasury.groupkey"), GroupKey::MAX_BYTES)?;
    let key = GroupKey::decode(&bytes).map_err(|error| CliError::Input(error.to_string()))?;
    Ok(account_text(Chain::Bitcoin, &account(Chain::Bitcoin, &key.key)))
}

fn epoch(address: &str) -> Result<(), CliError> {
    print(&format!(
        "\n3. The custodian's ledger, attested. In BTC it holds {HEADROOM} more than it owes, which nobody is told."
    ));
    command("ledger generate --accounts 600 --assets 8 --mean-holdings 3 --seed 7 --out L")?;
    desk::fund(Path::new("L"), address, HEADROOM)?;
    command("keys setup --profile small --insecure-dev --out K")?;
    // A block that nobody looks up here; observers vouch for it.
    let block = format!("bitcoin:850000:{}2a", "00".repeat(31));
    command(&format!(
        "prove --ledger L --keys K --entity Example --epoch 1 --snapshot-block {block} --secrets S --out epoch1.solv"
    ))
}

fn journal(address: &str) -> Result<(), CliError> {
    print("\n4. The vault, its people, and the genesis of the journal that all nodes keep.");
    for name in ["proposer", "approver1", "approver2", "observer1", "observer2", "observer3"] {
        command(&format!("keys signing --out {name}.key"))?;
    }
    let key = desk::public;
    command(&format!(
        "vault new V --name treasury --chain bitcoin --address {address} --proposer {} --approver {} --approver {}",
        key("proposer")?,
        key("approver1")?,
        key("approver2")?
    ))?;
    command(&format!(
        "signers genesis --group group --anchors K/anchors.json --vault V --observer {} --observer {} --observer {} \
         --observer-quorum 2 --allow-dev-setup --out genesis",
        key("observer1")?,
        key("observer2")?,
        key("observer3")?
    ))?;
    command("signers start --genesis genesis --key coordinator.key")?;
    desk::until_running()?;

    print("\n5. The journal decides the vault's policy, of which the signers see a root, and the epoch.");
    files::write_new(Path::new("V/policy.toml"), Access::Private, desk::policy()?.as_bytes())?;
    command("policy root V/policy.toml --write")?;
    command("change --vault V --key approver1.key --out change.record")?;
    command("submit --record change.record --genesis genesis --key coordinator.key")?;
    for observer in ["observer1", "observer2"] {
        command(&format!(
            "observe epoch --attestation epoch1.solv --genesis genesis --key {observer}.key --out epoch1.record"
        ))?;
    }
    command("submit --record epoch1.record --genesis genesis --key coordinator.key")?;
    command("signers status --genesis genesis --key coordinator.key")
}

fn sign(name: &str, more: &str) -> Result<(), CliError> {
    command(&format!(
        "sign --tx {name}.psbt --payment {name}.pay --vault V --epoch 1 --secrets S --keys K --genesis genesis \
         --group-key treasury.groupkey --key coordinator.key --out {name}.sign{more}"
    ))
}

/// Refused by the owner's own rules, and by the signers, for the same reason, when those are
/// passed by.
fn refused(name: &str, claim: &str) -> Result<(), CliError> {
    match sign(name, "") {
        Err(CliError::Coordinator(error @ CoordinatorError::Payment(_))) => {
            print(&format!("   refused by the owner's own rules: {error}"));
        }
        other => return Err(other.err().unwrap_or_else(|| signed(name, claim))),
    }
    match sign(name, " --unproven") {
        Err(CliError::Coordinator(error @ CoordinatorError::Refused { .. })) => {
            print(&format!("   refused by the signers: {error}"));
            if error.to_string().contains(claim) { Ok(()) } else { Err(error.into()) }
        }
        other => Err(other.err().unwrap_or_else(|| signed(name, claim))),
    }
}

fn signed(name: &str, claim: &str) -> CliError {
    CliError::Input(format!("{name}: signed, although {claim} forbids it"))
}

/// The whole check of an auditor, decision and signatures included.
fn verify(path: &Path) -> Result<(), CliError> {
    let refused = |error: &dyn std::fmt::Display| CliError::Input(format!("{}: {error}", path.display()));
    let mut anchors: Anchors = read_anchors(Path::new("K/anchors.json"))?;
    anchors.vaults = vec![Hex(read_vault(Path::new("V"))?.digest().0)];
    let attestation = files::read(Path::new("epoch1.solv"), Attestation::MAX_BYTES)?;
    let attestation = verify_attestation(&attestation, &anchors, now()).map_err(|error| refused(&error))?;
    let key = PolicyVerifyingKey::generate().map_err(|error| refused(&error))?;
    let bytes = files::read(path, SigningEvidence::MAX_BYTES)?;
    let verified = verify_signing(&bytes, &attestation, &anchors, &key).map_err(|error| refused(&error))?;
    if !verified.missing().is_empty() {
        return Err(refused(&"decision or signatures are missing"));
    }
    print(&format!("   ok  {}: all {} steps, complete", path.display(), solventry_protocol::STEPS.len()));
    Ok(())
}
