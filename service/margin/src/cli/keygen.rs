//! `solventry-margin keygen` and `account-key`.

use std::{path::PathBuf, time::Instant};

use clap::ValueEnum;
use solventry_fhe_risk::plan::{InputKind, MAX_LEGS, Market};
use solventry_margin::{
    budget::Budget,
    signing, stamps,
    venue::{NewVenue, VenueFolder},
};

use super::{CliError, Outcome, print, tell};

/// Who encrypts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Inputs {
    /// The venue itself, with the secret key, without proofs
    Secret,
    /// Anybody, with the public key and a proof of range
    Public,
}

impl From<Inputs> for InputKind {
    fn from(inputs: Inputs) -> Self {
        match inputs {
            Inputs::Secret => Self::Secret,
            Inputs::Public => Self::Public,
        }
    }
}

/// `solventry-margin keygen`.
#[derive(clap::Args)]
pub struct KeygenArgs {
    /// Name of the venue, as attestations state it
    #[arg(long)]
    name: String,
    /// Family of risk arrays that the venue uses, and no other
    #[arg(long)]
    family: String,
    /// Bits of an encoded value: all sums and differences must fit (see `plan`)
    #[arg(long, default_value_t = 31)]
    bits: u32,
    /// Bits of lots of one leg or asset
    #[arg(long, default_value_t = 16)]
    value_bits: u32,
    /// Who encrypts
    #[arg(long, value_enum, default_value = "public")]
    inputs: Inputs,
    /// Most values of a list: two for each instrument, one for each collateral asset
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=MAX_LEGS as i64))]
    list_limit: u16,
    /// Serve more than 16 scenarios (the evaluation key grows by 67 MB)
    #[arg(long)]
    large: bool,
    /// Required for public inputs, for now: make the reference string of proofs on this machine alone; results are
    /// stamped UNTRUSTED
    #[arg(long)]
    insecure_dev: bool,
    /// Venue folder to write; secret.key in it never leaves the decryption authority
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
}

/// Makes a venue's keys.
pub fn run(args: &KeygenArgs) -> Result<Outcome, CliError> {
    if args.inputs == Inputs::Public && !args.insecure_dev {
        return Err(CliError::Usage(
            "expected --insecure-dev: this version makes the reference string of the range proofs on one machine, whose \
             owner can prove what is not true; or choose --inputs secret, which needs no proofs"
                .into(),
        ));
    }
    let market = Market { bits: args.bits, value_bits: args.value_bits, inputs: args.inputs.into() };
    let new = NewVenue {
        name: args.name.clone(),
        family: args.family.clone(),
        market,
        list_limit: args.list_limit.into(),
        is_large: args.large,
    };
    let start = Instant::now();
    tell("making keys; this takes some seconds");
    let folder = VenueFolder::new(&args.out);
    let venue = folder.create(&new)?;
    Budget::open(&folder.path("authority"))?;
    print(&format!(
        "wrote {} in {:.1} s: venue digest {}\nkeep secret.key and authority, its memory, with the decryption authority; send the rest to \
         an engine with `register`",
        args.out.display(),
        start.elapsed().as_secs_f64(),
        venue.digest()
    ));
    if venue.is_untrusted() {
        print(stamps::UNTRUSTED);
    }
    Ok(Outcome::Done)
}

/// `solventry-margin account-key`.
#[derive(clap::Args)]
pub struct AccountKeyArgs {
    /// File to write; must not exist
    #[arg(long, value_name = "FILE", required_unless_present = "show")]
    out: Option<PathBuf>,
    /// Make no key, print the public one of a file that was written before
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    show: Option<PathBuf>,
}

/// Makes a signing key, or prints the public key of one.
pub fn account_key(args: &AccountKeyArgs) -> Result<Outcome, CliError> {
    let public = match (&args.show, &args.out) {
        (Some(file), _) => signing::read(file)?.verifying_key().to_bytes(),
        (None, Some(file)) => {
            let public = signing::create(file)?;
            print(&format!("wrote {}", file.display()));
            public
        }
        (None, None) => return Err(CliError::Usage("expected --out FILE, or --show FILE".into())),
    };
    print(&format!("public key: {}", hex::encode(public)));
    Ok(Outcome::Done)
}
