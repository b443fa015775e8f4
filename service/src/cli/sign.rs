//! `solventry sign`: one payment from its transaction to its signatures.

use std::path::{Path, PathBuf};

use solventry::{
    coordinator::{
        Attempts, CoordinatorError, Event,
        follow::{Job, follow},
        read_group_key,
        unproven::unproven,
    },
    document::words,
    epoch::headroom::sealed,
    group::read_genesis,
    journal_sums::JournalSums,
    policy::{PolicyFile, read_policy},
    signing::{
        PaymentRefused,
        prove::{self, PaymentInputs},
        read_request, read_transaction,
    },
    store::{
        files::{self, Access},
        keys_folder::KeysFolder,
        secrets_folder::SecretsFolder,
    },
    vault::{POLICY_FILE, read_vault, vault_file},
};
use solventry_chains::Transfer;
use solventry_protocol::{Genesis, PaymentRequest, SigningEvidence};
use solventry_prover::headroom::HeadroomKeys;
use solventry_types::{MarginAttestation, VaultConfiguration};

use super::{
    CliError,
    connection::{Connection, Steps, Waiting},
    payment::{read_margin, summary},
    print,
};

/// `solventry sign`.
#[derive(clap::Args)]
pub struct SignArgs {
    /// Transaction: PSBT (taproot key path) or Solana message, binary or base64
    #[arg(long)]
    tx: PathBuf,
    /// Payment file, proposed and approved
    #[arg(long)]
    payment: PathBuf,
    /// Vault folder, with vault.toml and policy.toml
    #[arg(long)]
    vault: PathBuf,
    /// Number of the epoch in force
    #[arg(long)]
    epoch: u64,
    /// Folder of secrets that the epoch was made with
    #[arg(long)]
    secrets: PathBuf,
    /// Key folder
    #[arg(long)]
    keys: PathBuf,
    /// Genesis file
    #[arg(long)]
    genesis: PathBuf,
    /// Group key of the vault (`signers dkg` writes it)
    #[arg(long)]
    group_key: PathBuf,
    /// Coordinator's link key
    #[arg(long)]
    key: PathBuf,
    /// Margin attestation of a rebalance (make one with `oracle`)
    #[arg(long)]
    margin: Option<PathBuf>,
    /// Folder that keeps what was done so far, so that a second run goes on where the first was [default:
    /// beside --out, with .attempts behind its name]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// To try the signers out: leave your own refusals out and submit proofs that do not hold
    #[arg(long)]
    unproven: bool,
    #[command(flatten)]
    waiting: Waiting,
    /// Signing evidence to write, with decision and signatures; must not exist
    #[arg(long)]
    out: PathBuf,
}

/// Everything that is read before the first step.
struct Desk {
    vault: VaultConfiguration,
    policy: PolicyFile,
    transaction: Vec<u8>,
    transfer: Transfer,
    request: PaymentRequest,
    margin: Option<MarginAttestation>,
    headroom_keys: HeadroomKeys,
    genesis: Genesis,
}

/// Signs a payment.
pub fn run(args: &SignArgs) -> Result<(), CliError> {
    files::require_writable(&args.out)?;
    let desk = Desk::read(args)?;
    let key = read_group_key(&args.group_key, &desk.vault)?;
    let mut attempts = Attempts::open(&args.state())?;
    let connection = Connection::new(desk.genesis.group.clone(), &args.key)?.waiting(&args.waiting);
    print(&summary(&desk.request.payment, desk.request.payment.id(desk.vault.genesis)));
    if attempts.kept().is_empty() {
        require_in_force(&connection, &desk.vault, &args.vault)?;
    }
    let steps = Steps::begin();
    let prove = |sums: &JournalSums| desk.prove(args, sums, &steps);
    let job = Job {
        vault: &desk.vault,
        request: &desk.request,
        transfer: &desk.transfer,
        scheme: &key,
        prove: &prove,
    };
    let evidence = follow(connection.nodes(), &job, &mut attempts, &mut |event| told(&steps, &event, args))?;
    files::write_new(&args.out, Access::Private, &evidence.encode())?;
    attempts.finish();
    print(&format!(
        "wrote {0}: decided and signed, {1}\nverify it: solventry-verify signing {0} --complete --attestation ATTESTATION \
         --anchors ANCHORS\nfor the network: solventry payment finish {0} --out FILE",
        args.out.display(),
        match evidence.signatures.len() {
            1 => "1 signature".to_owned(),
            count => format!("{count} signatures"),
        }
    ));
    Ok(())
}

impl SignArgs {
    fn state(&self) -> PathBuf {
        self.state.clone().unwrap_or_else(|| {
            let mut beside = self.out.as_os_str().to_owned();
            beside.push(".attempts");
            beside.into()
        })
    }
}

impl Desk {
    fn read(args: &SignArgs) -> Result<Self, CliError> {
        let vault = read_vault(&args.vault)?;
        let genesis = read_genesis(&args.genesis)?;
        if vault.genesis != genesis.digest() {
            return Err(CliError::Input(format!(
                "{}: expected the genesis {}, came {}; `signers genesis` writes it there",
                vault_file(&args.vault).display(),
                genesis.digest(),
                vault.genesis
            )));
        }
        // What is printed here may go to logs: the policy's faults come without its content.
        let policy = read_policy(&args.vault.join(POLICY_FILE), &vault)
            .map_err(|report| CliError::Input(report.without_content()))?;
        let (transaction, transfer) = read_transaction(&args.tx, &vault)?;
        let request = read_request(&args.payment)?;
        let margin = args.margin.as_deref().map(read_margin).transpose()?;
        let headroom_keys = KeysFolder::new(&args.keys).headroom()?;
        Ok(Self { vault, policy, transaction, transfer, request, margin, headroom_keys, genesis })
    }

    /// Both proofs for these sums; the epoch's folder is held only meanwhile.
    fn prove(
        &self,
        args: &SignArgs,
        sums: &JournalSums,
        steps: &Steps,
    ) -> Result<SigningEvidence, PaymentRefused> {
        let folder = SecretsFolder::new(&args.secrets).begun_epoch_when_free(args.epoch)?;
        let attestation = sealed(&folder)?;
        let inputs = PaymentInputs {
            vault: &self.vault,
            policy: &self.policy.policy,
            transaction: self.transaction.clone(),
            transfer: &self.transfer,
            request: &self.request,
            margin: self.margin.clone(),
            attestation: &attestation,
            folder: &folder,
            headroom_keys: &self.headroom_keys,
        };
        if !args.unproven {
            return prove::prove(inputs, sums);
        }
        let made = unproven(inputs, sums)?;
        made.refusals.iter().for_each(|refusal| steps.say(&format!("your own policy refuses: {refusal}")));
        if made.breaks_coverage {
            steps.say("your own reserves would not cover the liabilities after it");
        }
        steps.say("--unproven: submitting proofs of other statements");
        Ok(made.evidence)
    }
}

/// Tells a step, and where evidence against a node is kept.
fn told(steps: &Steps, event: &Event, args: &SignArgs) {
    steps.tell(event);
    if matches!(event, Event::Lied(_)) {
        steps.say(&format!("evidence against it: {}", args.state().display()));
    }
}

/// A proof for another configuration than the one in force is refused by every signer.
fn require_in_force(
    connection: &Connection,
    vault: &VaultConfiguration,
    folder: &Path,
) -> Result<(), CliError> {
    let status = connection.nodes().vault(&vault.name)?;
    let in_force = VaultConfiguration::decode(&status.configuration).map_err(CoordinatorError::from)?;
    if status.disabled {
        return Err(CliError::Input(format!(
            "vault {:?} is disabled; a change of its configuration enables it again",
            vault.name
        )));
    }
    if in_force == *vault {
        return Ok(());
    }
    if let Some(time) = status.pending {
        return Err(CliError::Input(format!(
            "{}: the configuration in force is {}, this file's is {}, and a decided change takes effect with the first \
             block after {}; if that is this file's, wait: another `change` would begin its delay anew. Until then sign \
             with the file that is in force",
            vault_file(folder).display(),
            in_force.digest(),
            vault.digest(),
            words::time_text(time)
        )));
    }
    Err(CliError::Input(format!(
        "{}: the configuration in force is {}, this file's is {}; make it so with `change` and `submit` (next sequence: \
         {}), or take the file that is in force",
        vault_file(folder).display(),
        in_force.digest(),
        vault.digest(),
        status.sequence
    )))
}
