//! Commands: one module per resource, thin over the library.

mod approve;
mod cancel;
mod change;
mod connection;
mod demo;
mod demo_signing;
mod epoch;
mod headroom;
mod inclusion;
mod journal;
mod keys;
mod ledger;
mod memory;
mod observe;
mod observe_change;
mod payment;
mod payment_files;
mod policy;
mod policy_table;
mod policy_try;
mod progress;
mod reserves;
mod sign;
mod signers;
mod signers_genesis;
mod signers_status;
mod vault;

use clap::{Parser, Subcommand};
use solventry::{
    coordinator::CoordinatorError,
    document::FileReport,
    epoch::EpochError,
    ledger::{CheckReport, GenerateError},
    signing::PaymentRefused,
    store::StoreError,
    vault::VaultWriteError,
};

/// Solventry: proves that reserves cover every customer's holdings, asset by asset.
#[derive(Parser)]
#[command(name = "solventry", version, max_term_width = 100)]
#[command(after_help = "Verify what is made here with `solventry-verify`, which needs no secrets. \
    Exit codes: 0 done · 1 refused or failed, such as a file at fault · 2 wrong usage")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Subcommand)]
enum Command {
    /// The main job once, small: ledger, keys, prove, verify, inclusion, tampering refused
    Demo(demo::DemoArgs),
    /// Make a synthetic ledger folder, or check one
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Make or inspect keys
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Commit an epoch's liabilities, or seal it with its reserves
    #[command(subcommand)]
    Epoch(epoch::EpochCommand),
    /// Gather an epoch's reserves: public list, openings for attestors, their signatures
    #[command(subcommand)]
    Reserves(reserves::ReservesCommand),
    /// Commit, take the ledger's public reserves, seal: all steps at once
    Prove(epoch::ProveArgs),
    /// Make one account's inclusion file
    Inclusion(inclusion::InclusionArgs),
    /// Describe a vault: accounts, proposers, approvers, oracle, signers
    #[command(subcommand)]
    Vault(vault::VaultCommand),
    /// Write, check, show and try a vault's policy: what may leave it
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Sums of past payments, in a file until signers keep a journal
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// Propose, show and prove a payment out of a vault
    #[command(subcommand)]
    Payment(payment::PaymentCommand),
    /// Approve a payment with your key
    Approve(approve::ApproveArgs),
    /// Sign a margin ratio, for the rebalance lane
    Oracle(approve::OracleArgs),
    /// Prove that a payment leaves coverage intact, or convert such a proof from and to snarkjs
    #[command(subcommand)]
    Headroom(headroom::HeadroomCommand),
    /// Make a group of signer nodes, their keys and their journal
    #[command(subcommand)]
    Signers(signers::SignersCommand),
    /// Make, or sign as an approver, the change of a vault to what its folder says
    Change(change::ChangeArgs),
    /// Make, or sign as an approver, a record that stops a vault at once
    Disable(change::ChangeArgs),
    /// Vouch for blocks of the chains, as an observer; or change who the observers are, as an approver
    #[command(subcommand)]
    Observe(observe::ObserveCommand),
    /// Submit a record to the signer nodes and wait until the journal has decided it
    Submit(change::SubmitArgs),
    /// Prove a payment, have it decided, and gather its signatures from the signer nodes
    Sign(Box<sign::SignArgs>),
    /// Give a decided payment up: have a transaction decided and signed that spends its anchor to the vault
    Cancel(Box<cancel::CancelArgs>),
}

/// A command that failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The report was printed already.
    #[error("see the report above")]
    Reported,
    /// A ledger with faults.
    #[error("the ledger folder has faults:\n{0}")]
    Ledger(#[from] Box<CheckReport>),
    /// A ledger that could not be generated.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// A file or folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A step of an epoch.
    #[error(transparent)]
    Epoch(#[from] EpochError),
    /// A file that a person wrote.
    #[error(transparent)]
    File(#[from] Box<FileReport>),
    /// A payment that is not made.
    #[error(transparent)]
    Payment(#[from] PaymentRefused),
    /// A step with signer nodes.
    #[error(transparent)]
    Coordinator(#[from] CoordinatorError),
    /// A vault that could not be written.
    #[error(transparent)]
    Vault(#[from] VaultWriteError),
    /// Arguments that do not go together: exit code 2, as for those that the parser refuses.
    #[error("{0}")]
    Usage(String),
    /// Arguments that do not go together, or input that cannot be used.
    #[error("{0}")]
    Input(String),
}

impl CliError {
    /// 1: refused or failed; 2: wrong usage.
    pub const fn exit_code(&self) -> u8 {
        if matches!(self, Self::Usage(_)) { 2 } else { 1 }
    }
}

/// Runs a command.
pub fn run(args: Args) -> Result<(), CliError> {
    match args.command {
        Command::Demo(args) => demo::run(&args),
        Command::Ledger(command) => ledger::run(command),
        Command::Keys(command) => keys::run(command),
        Command::Epoch(command) => epoch::run(command),
        Command::Reserves(command) => reserves::run(command),
        Command::Prove(args) => epoch::prove(&args),
        Command::Inclusion(args) => inclusion::run(&args),
        Command::Vault(command) => vault::run(command),
        Command::Policy(command) => policy::run(command),
        Command::Journal(command) => journal::run(command),
        Command::Payment(command) => payment::run(command),
        Command::Approve(args) => approve::approve(&args),
        Command::Oracle(args) => approve::oracle(&args),
        Command::Headroom(command) => headroom::run(command),
        Command::Signers(command) => signers::run(command),
        Command::Change(args) => change::change(&args),
        Command::Disable(args) => change::disable(&args),
        Command::Observe(command) => observe::run(command),
        Command::Submit(args) => change::submit(&args),
        Command::Sign(args) => sign::run(&args),
        Command::Cancel(args) => cancel::run(&args),
    }
}

/// Prints text or, with `--json`, a value; a closed pipe is the reader's choice.
fn print(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Tells something beside the result, on standard error; it too may be closed.
pub fn tell(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints a value as indented JSON.
fn print_json(value: &serde_json::Value) {
    print(&format!("{value:#}"));
}
