//! `solventry demo`: the main job once, small, with what is shown at each step in plain words.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use ed25519_dalek::SigningKey;
use solventry::{
    epoch::{
        EpochError,
        commit::{EpochOptions, commit},
        inclusion::inclusion,
        reserves, seal,
    },
    ledger::{GenerateOptions, LedgerFolder, ReadOptions, generate_ledger, read_ledger},
    progress::Silent,
    store::{
        files::{self, Access},
        keys_folder::KeysFolder,
        secrets_folder::SecretsFolder,
    },
};
use solventry_prover::{keys::ProvingKeys, seal::sign};
use solventry_types::{AccountId, Attestation, Profile, amount::decimal};
use solventry_verifier::{
    Anchors, VerifiedAttestation, attestation::STEPS, verdict::Verdict, verify_attestation, verify_inclusion,
};

use super::{CliError, demo_signing, epoch::now, print};

/// `solventry demo`.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DemoArgs {
    #[command(subcommand)]
    other: Option<DemoCommand>,
    /// Keep the files in this new folder [default: a temporary one, removed at the end]
    #[arg(long)]
    keep: Option<PathBuf>,
}

/// Other demos.
#[derive(clap::Subcommand)]
enum DemoCommand {
    /// A group of signer nodes on this machine: keys, journal, payments signed and refused, a node lost
    Signing(demo_signing::DemoSigningArgs),
}

const ENTITY: &str = "Example Custody";
const ACCOUNTS: u64 = 600;

/// Runs the demo in a folder of its own.
pub fn run(args: &DemoArgs) -> Result<(), CliError> {
    if let Some(DemoCommand::Signing(args)) = &args.other {
        return demo_signing::run(args);
    }
    let temporary =
        tempfile::tempdir().map_err(|error| CliError::Input(format!("temporary folder: {error}")))?;
    let root = args.keep.clone().unwrap_or_else(|| temporary.path().to_owned());
    files::refuse_existing(&root.join("keys"))?;
    files::folder(&root)?;
    let started = Instant::now();
    let demo = Demo::prepare(&root)?;
    demo.prove_and_verify()?;
    demo.include()?;
    demo.tamper()?;
    demo.insolvent()?;
    print(&format!("\nDone in {:.0} s.", started.elapsed().as_secs_f64()));
    if let Some(kept) = &args.keep {
        print(&format!("The files are in {}.", kept.display()));
    }
    Ok(())
}

struct Demo {
    root: PathBuf,
    keys: ProvingKeys,
    entity_key: SigningKey,
    anchors: Anchors,
    ledger: LedgerFolder,
}

impl Demo {
    fn prepare(root: &Path) -> Result<Self, CliError> {
        print(&format!("1. A custodian's ledger: {ACCOUNTS} customers, 8 assets (made up, heavy-tailed)."));
        let ledger = generate(&root.join("ledger"), 7, None)?;
        print(&format!("   {} holdings; nobody outside shall see any of them.", ledger.ledger.holdings()));
        print("\n2. Proving and verifying keys, made for this demo alone (UNTRUSTED: one party made them).");
        let folder = KeysFolder::new(&root.join("keys"));
        let keys = folder.create_insecure(Profile::SMALL)?;
        let anchors = files::read(&root.join("keys/anchors.json"), solventry_verifier::anchors::MAX_BYTES)?;
        let anchors = Anchors::from_json(&anchors).map_err(|error| CliError::Input(error.to_string()))?;
        Ok(Self { root: root.to_owned(), keys, entity_key: folder.entity_key()?, anchors, ledger })
    }

    fn prove_and_verify(&self) -> Result<(), CliError> {
        print("\n3. Proving: every holding in range, sums per asset right, reserves cover each sum.");
        let started = Instant::now();
        let bytes = self.attest(&self.ledger, 1)?;
        files::write(&self.path("epoch1.solv"), Access::Public, &bytes)?;
        let seconds = started.elapsed().as_secs_f64();
        print(&format!(
            "   {} bytes in {seconds:.1} s; no amount and no customer stands in them.",
            bytes.len()
        ));

        print("\n4. An auditor verifies the file offline, against anchors of his own:");
        let verified = self.verified()?;
        STEPS.iter().for_each(|step| print(&format!("   ok  {step}")));
        let verdict = Verdict::of(&verified);
        print("   What was just proven:");
        verdict.proven.iter().for_each(|sentence| print(&format!("   - {sentence}")));
        print("   What was not:");
        verdict.not_proven.iter().for_each(|sentence| print(&format!("   - {sentence}")));
        Ok(())
    }

    fn include(&self) -> Result<(), CliError> {
        let account = self.customer()?;
        print(&format!("\n5. A customer ({}) checks that she is counted:", account.as_str()));
        let verified = self.verified()?;
        let secrets = SecretsFolder::new(&self.path("secrets"));
        let file = inclusion(&secrets, verified.attestation(), &account)?;
        let included = verify_inclusion(&file.encode(), &verified, &account)
            .map_err(|error| CliError::Input(format!("the inclusion file was refused: {error}")))?;
        let assets = &verified.attestation().context.assets;
        for holding in included.holdings() {
            if let Some(asset) = assets.asset(holding.asset) {
                print(&format!(
                    "   {} {}",
                    decimal(holding.amount.units().into(), asset.decimals),
                    asset.symbol
                ));
            }
        }
        let mut wrong = file.clone();
        let slot = wrong.openings.first_mut().and_then(|opening| opening.slots.first_mut());
        if let Some(slot) = slot {
            slot.packed[29] ^= 1; // one unit more or less
        }
        expect_refused(
            "one unit of her holding changed",
            verify_inclusion(&wrong.encode(), &verified, &account),
        )?;
        let other = AccountId::new("someone.else@example.org").map_err(EpochError::AccountId)?;
        expect_refused(
            "another customer claims the file",
            verify_inclusion(&file.encode(), &verified, &other),
        )
    }

    fn tamper(&self) -> Result<(), CliError> {
        print("\n6. The custodian cheats and signs again with the right key, so only the proofs can object:");
        let verified = self.verified()?;
        let cheat = |what: &str, change: &dyn Fn(&mut Attestation)| {
            let mut attestation = verified.attestation().clone();
            change(&mut attestation);
            sign(&mut attestation, &self.entity_key);
            expect_refused(what, verify_attestation(&attestation.encode(), &self.anchors, now()))
        };
        cheat("totals of liabilities replaced by others", &|attestation| {
            attestation.shards[0].statement.totals = attestation.shards[0].statement.blocks[0].slots;
            attestation.shards[0].statement.blocks[0].slots =
                verified.attestation().shards[0].statement.totals;
        })?;
        cheat("a public reserve raised by one unit", &|attestation| {
            if let Some(solventry_types::reserves::ReserveClass::Public(entries)) =
                attestation.reserves.classes.first_mut()
            {
                entries[0].chain_units += 1;
            }
        })?;
        cheat("the proofs moved to the next epoch", &|attestation| attestation.context.epoch += 1)?;
        cheat("a customer's block dropped for another shard's", &|attestation| {
            attestation.shards[0].statement.blocks.swap(0, 1);
        })
    }

    fn insolvent(&self) -> Result<(), CliError> {
        print("\n7. A ledger whose ETH reserves are 3 % short:");
        let ledger = generate(&self.path("insolvent"), 8, Some("ETH".into()))?;
        match self.attest(&ledger, 2) {
            Err(CliError::Epoch(EpochError::Seal(error))) => {
                print(&format!("   refused: {error}"));
                Ok(())
            }
            Err(error) => Err(error),
            Ok(_) => Err(CliError::Input("an insolvent ledger was proven".into())),
        }
    }

    fn attest(&self, ledger: &LedgerFolder, epoch: u64) -> Result<Vec<u8>, CliError> {
        let secrets = SecretsFolder::new(&self.path("secrets"));
        let options = EpochOptions {
            entity: ENTITY.into(),
            epoch,
            capacity: None,
            snapshot_time: None,
            now: now(),
            snapshot_blocks: vec![],
        };
        commit(&ledger.ledger, &self.keys, &options, &secrets, &mut Silent)?;
        let folder = secrets.begun_epoch(epoch)?;
        reserves::import_public(&folder, ledger.reserves.clone())?;
        Ok(seal::seal(&folder, &self.keys, &self.entity_key, &mut Silent)?)
    }

    fn verified(&self) -> Result<VerifiedAttestation, CliError> {
        let bytes = files::read(&self.path("epoch1.solv"), Attestation::MAX_BYTES)?;
        verify_attestation(&bytes, &self.anchors, now())
            .map_err(|error| CliError::Input(format!("the attestation was refused: {error}")))
    }

    /// A customer with several holdings.
    fn customer(&self) -> Result<AccountId, CliError> {
        let mut accounts = self.ledger.ledger.accounts();
        let account = accounts.find(|account| account.holdings.len() >= 4).map_or("", |account| account.id);
        Ok(AccountId::new(account).map_err(EpochError::AccountId)?)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

fn generate(folder: &Path, seed: u64, shortfall: Option<String>) -> Result<LedgerFolder, CliError> {
    let options = GenerateOptions { accounts: ACCOUNTS, assets: 8, mean_holdings: 3.0, seed, shortfall };
    generate_ledger(folder, &options)?;
    Ok(read_ledger(folder, ReadOptions::default())?)
}

/// Prints why something was refused; it is an error if it was not.
fn expect_refused<T, E: std::fmt::Display>(what: &str, result: Result<T, E>) -> Result<(), CliError> {
    match result {
        Err(error) => {
            print(&format!("   refused ({what}): {error}"));
            Ok(())
        }
        Ok(_) => Err(CliError::Input(format!("not refused: {what}"))),
    }
}
