//! What surrounds a group of nodes: a coordinator, people, a vault, an epoch.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{
    super::binaries::{Desk, Ran},
    nodes::Nodes,
};

/// Salt of the policy, which no node may ever see.
pub const SALT: &str = "c0ffee517e9a4d0b8f6a2c3e1d5b7a9908070605040302010f1e2d3c4b5a6978";
/// A listed destination on Bitcoin.
pub const EXCHANGE: &str = "bc1q3z58l7nav7yldg9zlhay46tj2je08n4ltg6fjh";
/// How long nodes may take until they vote.
const PATIENCE: Duration = Duration::from_secs(180);

/// Coin, chain, decimals and destination of a vault's policy.
#[derive(Clone, Copy)]
pub struct Coin {
    pub symbol: &'static str,
    pub chain: &'static str,
    pub decimals: u8,
    pub destination: &'static str,
}

/// A vault's group and its desk.
pub struct Office {
    pub desk: Desk,
    pub nodes: Nodes,
    pub coin: Coin,
    /// Address of the group's key.
    pub address: String,
}

impl Office {
    /// Nodes that have made the vault's key.
    pub fn with_key(desk: Desk, count: usize, coin: Coin) -> Self {
        let mut nodes = Nodes::init(&desk, count);
        let [owner, stranger] = ["coordinator", "stranger"].map(|name| {
            let key = desk.solventry(&format!("signers key --out {name}.key")).expect(0).out;
            after(&key, "link key: ").to_owned()
        });
        let coordinators = format!("--coordinator {owner}=treasury --coordinator {stranger}");
        desk.solventry(&format!("signers group {} {coordinators} --out group", nodes.cards())).expect(0);
        nodes.start_all(&desk);
        let made = desk
            .solventry(&format!(
                "signers dkg --group group --key coordinator.key --vault treasury --chain {} --out treasury.groupkey",
                coin.chain
            ))
            .expect(0)
            .out;
        let address = after(&made, "address: ").to_owned();
        Self { desk, nodes, coin, address }
    }

    /// People, vault and genesis; the journal runs on every node.
    pub fn begin(&self, vault_accounts: &str) {
        let key = |name: &str| {
            let made = self.desk.solventry(&format!("keys signing --out {name}.key")).expect(0).out;
            after(&made, "public key: ").to_owned()
        };
        let [proposer, first, second, one, two] = ["p", "a1", "a2", "o1", "o2"].map(key);
        self.desk
            .solventry(&format!(
                "vault new V --name treasury --chain {} {vault_accounts} --proposer {proposer} --approver {first} \
                 --approver {second}",
                self.coin.chain
            ))
            .expect(0);
        self.desk
            .solventry(&format!(
                "signers genesis --group group --anchors K/anchors.json --vault V --observer {one} --observer {two} \
                 --observer-quorum 2 --allow-dev-setup --out genesis"
            ))
            .expect(0);
        self.desk.solventry("signers start --genesis genesis --key coordinator.key").expect(0);
        self.until(self.count(), "running");
    }

    /// An epoch in which the vault holds `headroom` whole coins more than is owed, and a policy of
    /// at most 5 coins at once: both decided by the journal.
    pub fn activate(&self, headroom: u64) {
        let (desk, Coin { symbol, chain, .. }) = (&self.desk, self.coin);
        let reserves = String::from_utf8(desk.read("L/reserves.csv")).unwrap();
        let others = reserves.lines().filter(|line| !line.starts_with(&format!("{symbol},")));
        let held = format!("{symbol},{chain},{},{},,", self.address, self.owed_and(headroom));
        desk.write("L/reserves.csv", others.chain([held.as_str(), ""]).collect::<Vec<_>>().join("\n"));
        let block = "00".repeat(31);
        let block = match chain {
            "bitcoin" => format!("bitcoin:850000:{block}2a"),
            _ => format!("solana:250000000:{block}2a"),
        };
        desk.solventry(&format!(
            "prove --ledger L --keys K --entity Example --epoch 1 --snapshot-block {block} --secrets S --out e.solv"
        ))
        .expect(0);
        desk.write("V/policy.toml", self.policy());
        desk.solventry("policy root V/policy.toml --write").expect(0);
        desk.solventry("change --vault V --key a1.key --out change.record").expect(0);
        self.submit("change.record").expect(0);
        for observer in ["o1", "o2"] {
            desk.solventry(&format!(
                "observe epoch --attestation e.solv --genesis genesis --key {observer}.key --out epoch.record"
            ))
            .expect(0);
        }
        self.submit("epoch.record").expect(0);
    }

    /// What customers hold of the coin, and so many whole coins more.
    fn owed_and(&self, headroom: u64) -> String {
        let decimals = usize::from(self.coin.decimals);
        let accounts = String::from_utf8(self.desk.read("L/accounts.csv")).unwrap();
        let units = accounts.lines().filter_map(|line| {
            let (symbol, amount) = line.split_once(',')?.1.split_once(',')?;
            let (whole, part) = amount.split_once('.').unwrap_or((amount, ""));
            (symbol == self.coin.symbol)
                .then(|| format!("{whole}{part:0<decimals$}").parse::<u128>().unwrap())
        });
        let one = 10_u128.pow(decimals as u32);
        let all = units.sum::<u128>() + u128::from(headroom) * one;
        format!("{}.{:0>decimals$}", all / one, all % one)
    }

    pub fn submit(&self, record: &str) -> Ran {
        self.desk.solventry(&format!("submit --record {record} --genesis genesis --key coordinator.key"))
    }

    fn policy(&self) -> String {
        let Coin { symbol, chain, decimals, destination } = self.coin;
        let fee_places = if chain == "bitcoin" { "0.001 BTC" } else { "0.001 SOL" };
        format!(
            "salt = \"{SALT}\"\nnot_before = 2026-11-01T00:00:00Z\nnot_after = 2096-11-01T00:00:00Z\n\
             max_validity = \"2 hours\"\n\n\
             [[asset]]\nsymbol = \"{symbol}\"\ndecimals = {decimals}\nplaces = [\"{chain}/native/{decimals}\"]\n\n\
             [[destination]]\nname = \"exchange\"\naddress = \"{destination}\"\n\n\
             [[rule]]\nasset = \"{symbol}\"\nlane = \"normal\"\nper_payment = \"5 {symbol}\"\n\
             per_hour = \"20 {symbol}\"\nper_day = \"20 {symbol}\"\nper_week = \"50 {symbol}\"\n\
             per_month = \"100 {symbol}\"\npayments_per_day = 20\ncooldown = \"0 seconds\"\n\
             max_fee = \"{fee_places}\"\napprovals = 1\n\
             tiers = [{{ above = \"2 {symbol}\", approvals = 2 }}]\ndestinations = [\"exchange\"]\n"
        )
    }

    /// A Bitcoin transaction out of the vault, proposed and approved by both.
    pub fn pay(&self, name: &str, to: &str, amount: &str) {
        self.desk
            .solventry(&format!("payment example --vault V --to {to} --amount {amount} --out {name}.tx"))
            .expect(0);
        self.approve(name);
    }

    /// Proposes the transaction `name.tx` and has it approved by both.
    pub fn approve(&self, name: &str) {
        self.desk
            .solventry(&format!("payment propose --tx {name}.tx --vault V --key p.key --out {name}.pay"))
            .expect(0);
        for approver in ["a1", "a2"] {
            self.desk.solventry(&format!("approve {name}.pay --vault V --key {approver}.key")).expect(0);
        }
    }

    /// Signs the payment `name`.
    pub fn sign(&self, name: &str, more: &str) -> Ran {
        self.sign_as("coordinator.key", name, more)
    }

    /// The same with another coordinator's key.
    pub fn sign_as(&self, key: &str, name: &str, more: &str) -> Ran {
        self.desk.solventry(&format!(
            "sign --tx {name}.tx --payment {name}.pay --vault V --epoch 1 --secrets S --keys K --genesis genesis \
             --group-key treasury.groupkey --key {key} --out {name}.sign {more}"
        ))
    }

    /// Verifies the evidence of a signed payment with anchors of the auditor's own making.
    pub fn audit(&self, name: &str) {
        let value = |line: &str, name: &str| {
            let json: Value = serde_json::from_str(&self.desk.solventry(line).expect(0).out).unwrap();
            json[name].as_str().unwrap().to_owned()
        };
        let anchors = format!("{name}.anchors.json");
        self.desk
            .verify(&format!(
                "anchors new --out {anchors} --entity-key {} --verifying-keys {} --headroom-key {} --vault {}",
                value("keys inspect K --json", "entity_key"),
                value("keys inspect K --json", "verifying_keys"),
                value("keys inspect K --json", "headroom_verifying_key"),
                value("vault show V --json", "configuration"),
            ))
            .expect(0);
        let verify = format!("signing {name}.sign --attestation e.solv --anchors {anchors} --complete");
        let report = self.desk.verify(&verify).expect(3); // development keys
        assert_eq!(report.out.matches("  ok  ").count(), 14, "{report:?}");
        let mut bytes = self.desk.read(&format!("{name}.sign"));
        *bytes.last_mut().unwrap() ^= 1; // in the last signature
        self.desk.write(&format!("{name}.sign"), &bytes);
        self.desk.verify(&verify).expect(1);
    }

    /// Phases of all nodes, and their heights, as the coordinator is told.
    pub fn status(&self) -> Vec<(String, u64)> {
        let status = self.desk.solventry("signers status --genesis genesis --key coordinator.key --json");
        let json: Value = serde_json::from_str(&status.out).unwrap();
        let nodes = json["nodes"].as_array().unwrap().iter();
        let phase = |node: &Value| node["phase"].as_str().unwrap_or("down").to_owned();
        nodes.map(|node| (phase(node), node["height"].as_u64().unwrap_or(0))).collect()
    }

    /// Waits until exactly `count` nodes are in a phase.
    #[track_caller]
    pub fn until(&self, count: usize, phase: &str) {
        let begun = Instant::now();
        loop {
            let status = self.status();
            if status.iter().filter(|(now, _)| now == phase).count() == count {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{status:?}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    fn count(&self) -> usize {
        self.status().len()
    }
}

/// The word behind a label.
fn after<'a>(text: &'a str, label: &str) -> &'a str {
    text.lines().find_map(|line| line.strip_prefix(label)).expect("the label").trim()
}
