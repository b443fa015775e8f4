//! Commands: one module per step, thin over the library.

mod arrays;
mod decrypt;
mod demo;
mod demo_attacks;
mod encrypt;
mod engine;
mod error;
mod keygen;
mod plan;
mod report;
mod serve;

use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Parser, Subcommand};

pub use self::error::CliError;

/// Solventry margin: scenario margin on positions that the margin engine cannot read.
#[derive(Parser)]
#[command(name = "solventry-margin", version, max_term_width = 100)]
#[command(
    after_help = "Made for clearing cycles of minutes, not for pre-trade checks. Results are exact for the \
    quantised risk arrays; `plan --explain` prints what quantisation costs. Every result carries its stamps: \
    EXPERIMENTAL, UNTRUSTED CRS, SELF-DECLARED, ONE KEY. Exit codes: 0 done · 1 refused or failed · 2 wrong usage, or \
    input that cannot be read · 3 done, but under an UNTRUSTED reference string (0 with --insecure-dev)"
)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Subcommand)]
enum Command {
    /// All of it once, in one folder: arrays, keys, encryption, engine, decryption, attacks refused
    Demo(demo::DemoArgs),
    /// Build risk arrays from a market's configuration and its price history
    Arrays(arrays::ArraysArgs),
    /// Make a venue's keys
    Keygen(keygen::KeygenArgs),
    /// Make an Ed25519 signing key, for an account or an oracle
    AccountKey(keygen::AccountKeyArgs),
    /// Show what a query would cost, how sure it is, and whether it is exact
    Plan(plan::PlanArgs),
    /// Encrypt and sign a portfolio
    Encrypt(encrypt::EncryptArgs),
    /// The same report in clear, to compare with
    Reference(encrypt::ReferenceArgs),
    /// Write an engine's configuration: venues, and their accounts
    Config(serve::ConfigArgs),
    /// Run a margin engine in the foreground; logs go to standard error
    Serve(serve::ServeArgs),
    /// Send a venue's keys to an engine, all but the secret one
    Register(engine::RegisterArgs),
    /// Send an encrypted query to an engine, wait, and fetch the result
    Query(engine::QueryArgs),
    /// As the decryption authority: check a result, charge the budget, and tell what was asked
    Decrypt(Box<decrypt::DecryptArgs>),
}

/// How a command ended that did what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Done,
    /// With a result under an UNTRUSTED reference string.
    Untrusted,
}

impl Outcome {
    /// 0, or 3 for what is UNTRUSTED.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Untrusted => 3,
        }
    }
}

/// Runs a command.
pub fn run(args: Args) -> Result<Outcome, CliError> {
    let outcome = dispatch(args)?;
    if LOST.load(Ordering::Relaxed) {
        return Err(CliError::Failed("the output could not be written; repeat the command".into()));
    }
    Ok(outcome)
}

fn dispatch(args: Args) -> Result<Outcome, CliError> {
    match args.command {
        Command::Demo(args) => demo::run(&args),
        Command::Arrays(args) => arrays::run(&args),
        Command::Keygen(args) => keygen::run(&args),
        Command::AccountKey(args) => keygen::account_key(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Encrypt(args) => encrypt::run(&args),
        Command::Reference(args) => encrypt::reference(&args),
        Command::Config(args) => serve::write_config(&args),
        Command::Serve(args) => serve::serve(args),
        Command::Register(args) => engine::register(&args),
        Command::Query(args) => engine::query(&args),
        Command::Decrypt(args) => decrypt::run(&args),
    }
}

/// Whether something that was printed did not arrive.
static LOST: AtomicBool = AtomicBool::new(false);

/// Prints text; a closed pipe is the reader's choice, a full disk is not.
fn print(text: &str) {
    use std::io::{ErrorKind, Write};
    let written = writeln!(std::io::stdout().lock(), "{text}");
    if written.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}

/// Tells something beside the result, on standard error; it too may be closed.
pub fn tell(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
