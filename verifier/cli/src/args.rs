//! Arguments as typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Checks Solventry proofs offline, against your own trust anchors.
#[derive(Parser)]
#[command(name = "solventry-verify", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 valid · 1 invalid · 2 unreadable input or wrong usage · \
    3 valid, but the setup behind the keys is not trusted · 4 unsupported file version")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Verify an attestation: reserves cover every asset's liabilities
    Attestation {
        /// Attestation file (`.solv`)
        file: PathBuf,
        /// Your trust anchors (JSON; make them with `anchors new`)
        #[arg(long)]
        anchors: PathBuf,
        /// List public reserves and contracts, to compare with the chains (JSON always does)
        #[arg(long)]
        list: bool,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Verify that your account is counted in an attestation
    Inclusion {
        /// Inclusion file that you were given (`.incl`)
        file: PathBuf,
        /// Where the rest comes from
        #[command(flatten)]
        sources: Sources,
        /// Your account id as you know it; `-` reads it from standard input
        #[arg(long, value_name = "ID")]
        account: String,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Verify the signing evidence of a payment: policy and headroom allow it
    Signing {
        /// Signing evidence file (`.sign`)
        file: PathBuf,
        /// Refuse evidence without decision certificate and signatures
        #[arg(long)]
        complete: bool,
        /// Where the rest comes from
        #[command(flatten)]
        sources: Sources,
        /// Report as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write trust anchors
    #[command(subcommand)]
    Anchors(AnchorsCommand),
}

/// Attestation and anchors.
#[derive(clap::Args)]
pub struct Sources {
    /// The attestation that the file belongs to
    #[arg(long)]
    pub attestation: PathBuf,
    /// Your trust anchors
    #[arg(long)]
    pub anchors: PathBuf,
}

/// Commands on anchors.
#[derive(Subcommand)]
pub enum AnchorsCommand {
    /// Write an anchors file from values that you obtained yourself, not from the prover's file
    New {
        /// Ed25519 public key of the entity (64 hexadecimal digits)
        #[arg(long, value_name = "HEX")]
        entity_key: String,
        /// Digest of acceptable verifying keys (64 hexadecimal digits); may be repeated
        #[arg(long = "verifying-keys", value_name = "HEX", required = true)]
        verifying_keys: Vec<String>,
        /// Digest of an acceptable headroom key, for signing evidence (64 hexadecimal digits); may be repeated
        #[arg(long = "headroom-key", value_name = "HEX")]
        headroom_keys: Vec<String>,
        /// Digest of an acceptable vault configuration, for signing evidence (64 hexadecimal digits); may be repeated
        #[arg(long = "vault", value_name = "HEX")]
        vaults: Vec<String>,
        /// Name of the entity; any name is accepted if left out
        #[arg(long)]
        entity: Option<String>,
        /// Ed25519 public key of an attestor of hidden reserves; may be repeated
        #[arg(long = "attestor", value_name = "HEX")]
        attestors: Vec<String>,
        /// How many attestors must sign each attested class [default: all of them]
        #[arg(long)]
        quorum: Option<usize>,
        /// Name of an attested class that counts; may be repeated [default: every class]
        #[arg(long = "class", value_name = "NAME")]
        classes: Vec<String>,
        /// Least coverage that every asset must demand, in basis points
        #[arg(long, value_name = "BPS", default_value_t = 10_000)]
        least_coverage: u32,
        /// Oldest acceptable epoch
        #[arg(long, value_name = "N", default_value_t = 0)]
        least_epoch: u64,
        /// Oldest acceptable snapshot, in seconds before now [default: any age]
        #[arg(long, value_name = "SECONDS")]
        max_age: Option<u64>,
        /// File to write; must not exist
        #[arg(long)]
        out: PathBuf,
    },
}
