//! `solventry signers group|key|dkg|genesis|start|status`.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use solventry::{
    coordinator::generate_key,
    group::{build_group, read_card, read_genesis, read_group},
    ledger::account_text,
    store::{
        StoreError,
        files::{self, Access},
    },
};
use solventry_link::LinkKey;
use solventry_protocol::group::Coordinator;
use solventry_types::Chain;

use super::{
    CliError,
    connection::{Connection, Steps, Waiting},
    print, signers_genesis, signers_status, tell,
};

/// Commands on signer nodes.
#[derive(Subcommand)]
pub enum SignersCommand {
    /// Make a group of the cards that node operators publish (`solventry-signer init` writes one)
    Group {
        /// Cards of the nodes, in the order of their numbers: 3f + 1 of them
        #[arg(required = true, value_name = "CARD")]
        cards: Vec<PathBuf>,
        /// Link key of a coordinator, with the vaults whose owner it is; may be repeated
        #[arg(long = "coordinator", value_name = "KEY[=VAULT,...]", value_parser = coordinator)]
        coordinators: Vec<Coordinator>,
        /// Group file to write; must not exist
        #[arg(long)]
        out: PathBuf,
    },
    /// Make a coordinator's link key
    Key {
        /// File to write; must not exist
        #[arg(long)]
        out: PathBuf,
    },
    /// Make the key of a vault with all nodes; each keeps a share, and nobody ever has the key
    Dkg {
        /// Group file
        #[arg(long)]
        group: PathBuf,
        /// Coordinator's link key
        #[arg(long)]
        key: PathBuf,
        /// Name of the vault
        #[arg(long)]
        vault: String,
        /// Chain of the vault
        #[arg(long, value_parser = ["bitcoin", "solana"])]
        chain: String,
        #[command(flatten)]
        waiting: Waiting,
        /// Group key to write, which is public; must not exist
        #[arg(long)]
        out: PathBuf,
    },
    /// Make the genesis of a journal, and put its digest, signers and siblings into each vault.toml
    Genesis(Box<signers_genesis::GenesisArgs>),
    /// Start the journal on every node
    Start {
        /// Genesis file
        #[arg(long)]
        genesis: PathBuf,
        /// Coordinator's link key
        #[arg(long)]
        key: PathBuf,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Show where every node stands, and every vault. Exit codes: 0 enough nodes run, 1 too few, or a file that cannot be used, 2 wrong usage
    Status(signers_status::StatusArgs),
}

/// Runs a command on signer nodes.
pub fn run(command: SignersCommand) -> Result<(), CliError> {
    match command {
        SignersCommand::Group { cards, coordinators, out } => group(&cards, coordinators, &out),
        SignersCommand::Key { out } => key(&out),
        SignersCommand::Dkg { group, key, vault, chain, waiting, out } => {
            let chain = Chain::from_name(&chain).ok_or_else(|| CliError::Usage("--chain: unknown".into()))?;
            let connection = Connection::new(read_group(&group)?, &key)?.waiting(&waiting);
            dkg(&connection, &vault, chain, &out)
        }
        SignersCommand::Genesis(args) => signers_genesis::run(*args),
        SignersCommand::Start { genesis, key, waiting } => start(&genesis, &key, &waiting),
        SignersCommand::Status(args) => signers_status::run(&args),
    }
}

fn group(cards: &[PathBuf], coordinators: Vec<Coordinator>, out: &Path) -> Result<(), CliError> {
    files::require_writable(out)?;
    let nodes = cards.iter().map(|card| read_card(card)).collect::<Result<_, _>>()?;
    let group =
        build_group(nodes, coordinators).map_err(|error| CliError::Input(format!("group: {error}")))?;
    files::write_new(out, Access::Public, &group.encode())?;
    group.warnings().iter().for_each(|warning| tell(&format!("warning: {warning}")));
    let (count, faulty) = (group.nodes.len(), group.faulty());
    print(&format!(
        "wrote {}: {count} nodes, any {} sign, {faulty} may be faulty\ngroup {}",
        out.display(),
        group.threshold(),
        group.digest()
    ));
    Ok(())
}

fn key(out: &Path) -> Result<(), CliError> {
    files::require_writable(out)?;
    let key = LinkKey::generate().map_err(|error| StoreError::new(out, error))?;
    files::write_secret(out, key.secret())?;
    print(&format!("wrote {}\nlink key: {}", out.display(), hex::encode(key.public())));
    Ok(())
}

fn dkg(connection: &Connection, vault: &str, chain: Chain, out: &Path) -> Result<(), CliError> {
    files::require_writable(out)?;
    let steps = Steps::begin();
    let made = generate_key(connection.nodes(), vault, chain, &mut |step| {
        steps.say(&format!("step {step} of 4: all nodes answered"));
    })?;
    files::write_new(out, Access::Public, &made.encode())?;
    print(&format!(
        "wrote {}: {} of {} nodes sign\naddress: {}",
        out.display(),
        made.threshold,
        made.nodes,
        account_text(chain, &account(chain, &made.key))
    ));
    Ok(())
}

/// The account of a group key: taproot script, or the key itself.
pub fn account(chain: Chain, key: &[u8; 32]) -> Vec<u8> {
    match chain {
        Chain::Bitcoin => [&[0x51, 0x20][..], key].concat(),
        _ => key.to_vec(),
    }
}

fn start(genesis: &Path, key: &Path, waiting: &Waiting) -> Result<(), CliError> {
    let genesis = read_genesis(genesis)?;
    let connection = Connection::new(genesis.group.clone(), key)?.waiting(waiting);
    let others = connection.nodes().start(&genesis)?;
    others.iter().for_each(|said| tell(&format!("warning: {said}")));
    let started = genesis.group.nodes.len().saturating_sub(others.len());
    print(&format!("{started} of {} nodes run journal {}", genesis.group.nodes.len(), genesis.digest()));
    Ok(())
}

/// `KEY` or `KEY=vault,vault`.
fn coordinator(text: &str) -> Result<Coordinator, String> {
    let (key, vaults) = text.split_once('=').unwrap_or((text, ""));
    let mut link = [0; 32];
    hex::decode_to_slice(key, &mut link)
        .map_err(|_| "expected a link key of 64 hexadecimal digits, then =VAULT,... if it owns vaults")?;
    let owns: Vec<String> = vaults.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    match owns.iter().find(|name| !solventry_types::payment::is_vault_name(name)) {
        Some(_) => Err("expected names of vaults, separated by commas".into()),
        None => Ok(Coordinator { link, owns }),
    }
}
