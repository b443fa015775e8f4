//! `solventry signers status`.

use std::path::PathBuf;

use serde_json::{Value, json};
use solventry::{
    document::words,
    group::{read_genesis, read_group},
};
use solventry_protocol::{
    Group,
    message::{NodeStatus, Phase, VaultStatus},
};
use solventry_types::Digest;

use super::{
    CliError,
    connection::{Connection, Waiting},
    print, print_json,
};

/// `solventry signers status`.
#[derive(clap::Args)]
pub struct StatusArgs {
    /// Group file, before there is a genesis
    #[arg(long, required_unless_present = "genesis", conflicts_with = "genesis")]
    group: Option<PathBuf>,
    /// Genesis file
    #[arg(long)]
    genesis: Option<PathBuf>,
    /// Coordinator's link key
    #[arg(long)]
    key: PathBuf,
    #[command(flatten)]
    waiting: Waiting,
    /// Report as JSON
    #[arg(long)]
    json: bool,
}

type Vaults = Vec<(String, Result<VaultStatus, String>)>;
type Statuses = Vec<(usize, Result<NodeStatus, String>)>;

/// Asks and shows.
pub fn run(args: &StatusArgs) -> Result<(), CliError> {
    let (group, names) = match (&args.group, &args.genesis) {
        (_, Some(path)) => {
            let genesis = read_genesis(path)?;
            let names = genesis.vaults.iter().map(|vault| vault.name.clone()).collect();
            (genesis.group, names)
        }
        (Some(path), None) => (read_group(path)?, vec![]),
        (None, None) => return Err(CliError::Usage("expected --genesis or --group".into())),
    };
    let connection = Connection::new(group.clone(), &args.key)?.waiting(&args.waiting);
    let statuses = connection.nodes().statuses();
    let vaults: Vaults = names
        .into_iter()
        .map(|name: String| {
            let status = connection.nodes().vault(&name).map_err(|error| error.to_string());
            (name, status)
        })
        .collect();
    if args.json {
        print_json(&as_json(&group, &statuses, &vaults));
    } else {
        print(&table(&group, &statuses, &vaults));
    }
    let running = statuses.iter().filter(|(_, status)| status.as_ref().is_ok_and(runs)).count();
    if running >= group.threshold() { Ok(()) } else { Err(CliError::Reported) }
}

fn runs(status: &NodeStatus) -> bool {
    status.phase == Phase::Running
}

/// Lower-case name of what a node does.
const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Blank => "no genesis",
        Phase::Starting => "starting",
        Phase::Running => "running",
        Phase::Quarantined => "quarantined",
        Phase::Halted => "HALTED",
    }
}

fn table(group: &Group, statuses: &Statuses, vaults: &Vaults) -> String {
    let mut lines = vec![format!(
        "{:20}{:13}{:>8}  {:18}{:22}{}",
        "node", "phase", "height", "head", "journal time", "epoch"
    )];
    let name = |number: usize| group.nodes.get(number).map_or("", |node| node.name.as_str());
    lines.extend(statuses.iter().map(|(number, status)| match status {
        Ok(status) => format!(
            "{:20}{:13}{:>8}  {:18}{:22}{}",
            name(*number),
            phase(status.phase),
            status.height,
            short(status.head),
            words::time_text(status.time),
            short(status.attestation)
        ),
        Err(problem) => format!("{:20}{problem}", name(*number)),
    }));
    lines.extend(vaults.iter().map(|(name, status)| match status {
        Ok(status) => {
            let state = if status.disabled { "DISABLED" } else { "enabled" };
            let pending = status.pending.map_or_else(String::new, |time| {
                format!(", a change takes effect at {}", words::time_text(time))
            });
            format!(
                "vault {name:?}: {state}, epoch {}, next change has sequence {}{pending}",
                status.epoch, status.sequence
            )
        }
        Err(problem) => format!("vault {name:?}: {problem}"),
    }));
    lines.join("\n")
}

fn as_json(group: &Group, statuses: &Statuses, vaults: &Vaults) -> Value {
    let nodes = statuses.iter().map(|(number, status)| {
        let name = group.nodes.get(*number).map(|node| node.name.clone());
        match status {
            Ok(status) => json!({
                "node": number,
                "name": name,
                "phase": phase(status.phase),
                "height": status.height,
                "head": status.head.to_string(),
                "time": status.time,
                "attestation": status.attestation.to_string(),
            }),
            Err(problem) => json!({ "node": number, "name": name, "problem": problem }),
        }
    });
    let vaults = vaults.iter().map(|(name, status)| match status {
        Ok(status) => json!({
            "name": name,
            "disabled": status.disabled,
            "sequence": status.sequence,
            "pending": status.pending,
            "epoch": status.epoch,
        }),
        Err(problem) => json!({ "name": name, "problem": problem }),
    });
    json!({ "nodes": nodes.collect::<Vec<_>>(), "vaults": vaults.collect::<Vec<_>>() })
}

/// The first 16 digits; a dash if there is none.
fn short(digest: Digest) -> String {
    if digest.0 == [0; 32] { "-".into() } else { digest.to_string().chars().take(16).collect() }
}
