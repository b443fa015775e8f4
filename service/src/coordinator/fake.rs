//! Scripted signer nodes: a group, a vault, a transaction, and nodes that answer honestly or not.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    ops::ControlFlow,
    time::Duration,
};

use bitcoin::{ScriptBuf, key::Secp256k1, secp256k1::Message};
use ed25519_dalek::{Signer, SigningKey};
use solventry_chains::{Intent, Transfer};
use solventry_protocol::{
    Decision, Group, Header, PaymentRequest, Record, Request, Response, SigningEvidence,
    decision::{Precommit, precommit_message},
    message::{
        Fate, Refusal, SignedCommitments, SignedShares, Sums, commitments_message, package_digest,
        shares_message,
    },
};
use solventry_types::{
    Chain, Digest, Lane, Locator, Payment, Total, Validity, VaultAccounts, VaultConfiguration, codec::Writer,
};

use super::{
    Aggregate, Answer, Ask, AskError, Nodes, Patience, Unusable,
    rounds::ByNode,
    sample::{self, keypair, node, psbt},
};
use crate::journal_sums::JournalSums;

/// How a node behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Honest,
    /// Never answers.
    Silent,
    /// Commits, then does not answer.
    FallsSilent,
    /// Signs commitments that are none.
    Garbler,
    /// Signs wrong shares.
    Liar,
    /// Signs its answers with another key.
    Impostor,
    /// Gives certificates that decide nothing.
    Forger,
    /// Refuses records.
    Refuser,
    /// Reports higher sums than there are.
    Exaggerates,
    /// Does not know decided payments for the first five seconds.
    Slow,
}

/// The nodes and what they share.
pub struct Fake {
    pub group: Group,
    pub vault: VaultConfiguration,
    pub transfer: Transfer,
    pub request: PaymentRequest,
    pub moods: RefCell<Vec<Mood>>,
    /// Sums that honest nodes report.
    pub sums: Cell<Sums>,
    /// Whether submitted records are decided.
    pub decides: Cell<bool>,
    /// How many submissions are refused before one is accepted, since another payment came first.
    pub stale: Cell<usize>,
    /// Requests by kind.
    pub asked: RefCell<BTreeMap<&'static str, usize>>,
    journal: RefCell<BTreeMap<Digest, Option<Decision>>>,
    pub identities: Vec<SigningKey>,
    psbt: Vec<u8>,
    clock: Cell<Duration>,
}

pub const PATIENCE: Patience = Patience {
    answer: Duration::from_secs(1),
    generation: Duration::from_secs(1),
    decision: Duration::from_secs(20),
    poll: Duration::from_millis(500),
};

impl Fake {
    pub fn new(moods: &[Mood]) -> Self {
        Self::of(moods, &ScriptBuf::new_p2tr_tweaked(keypair().public_parts().0))
    }

    /// The same with a vault of another script.
    pub fn of(moods: &[Mood], own: &ScriptBuf) -> Self {
        let identities: Vec<_> =
            (1..).take(moods.len()).map(|seed| SigningKey::from_bytes(&[seed; 32])).collect();
        let public = |key: &SigningKey| key.verifying_key().to_bytes();
        let nodes = identities.iter().enumerate().map(|(number, key)| node(number, public(key))).collect();
        let group = Group { nodes, coordinators: vec![] };
        let proposer = SigningKey::from_bytes(&[77; 32]);
        let vault = VaultConfiguration {
            genesis: Digest([0x47; 32]),
            name: "treasury".into(),
            accounts: VaultAccounts::Bitcoin { scripts: vec![own.to_bytes()] },
            siblings: vec![],
            proposers: vec![public(&proposer)],
            approvers: vec![],
            oracle: None,
            signers: group.identities(),
            policy_root: [1; 32],
        };
        let psbt = psbt(own);
        let transfer = solventry_chains::decode(&psbt, &vault.accounts).unwrap();
        let payment = Payment {
            vault: vault.name.clone(),
            chain: Chain::Bitcoin,
            locator: Locator::Native,
            destination: transfer.destination().to_vec(),
            amount: transfer.amount(),
            fee_cap: transfer.fee(),
            validity: Validity { from: 0, until: 10_000 },
            lane: Lane::Normal,
            nonce: [3; 16],
            proposer: public(&proposer),
        };
        let request = PaymentRequest::propose(payment, vault.genesis, &proposer);
        let sums = Sums { time: 100, spent: [5, 6, 7, 8], count: 1, since_last: 900, outflow: 50 };
        Self {
            group,
            vault,
            transfer,
            request,
            moods: RefCell::new(moods.to_vec()),
            sums: Cell::new(sums),
            decides: Cell::new(true),
            stale: Cell::new(0),
            asked: RefCell::default(),
            journal: RefCell::default(),
            identities,
            psbt,
            clock: Cell::default(),
        }
    }

    pub fn nodes(&self) -> Nodes<'_> {
        Nodes::new(&self.group, self, PATIENCE)
    }

    /// Evidence as a prover would make it; nodes here do not look at its proofs.
    pub fn evidence(&self, sums: &JournalSums) -> SigningEvidence {
        sample::evidence(&self.vault, &self.request, &self.transfer, &self.psbt, sums)
    }

    pub fn record(&self) -> Record {
        let sums =
            JournalSums { time: 1, spent: [Total::ZERO; 4], count: 0, since_last: 1, outflow: Total::ZERO };
        Record::Payment(Box::new(self.evidence(&sums)))
    }

    pub fn times(&self, kind: &str) -> usize {
        self.asked.borrow().get(kind).copied().unwrap_or(0)
    }

    /// What the journal decided.
    pub fn decided(&self, record: Digest) -> Option<Decision> {
        self.journal.borrow().get(&record).cloned().flatten()
    }

    fn decision(&self, record: Digest, signers: usize) -> Decision {
        let header = Header { previous: Digest([2; 32]), time: 200, record };
        let precommits = self.identities.iter().take(signers).enumerate().map(|(number, key)| {
            let public = key.verifying_key().to_bytes();
            let message = precommit_message(self.vault.genesis, 7, 0, header.value_id(), &public);
            Precommit { signer: number as u8, signature: key.sign(&message.0).to_bytes() }
        });
        Decision { header, height: 7, round: 0, precommits: precommits.collect() }
    }

    /// What a node answers.
    pub fn answer(&self, number: usize, request: &Request) -> Answer {
        let mood = self.moods.borrow()[number];
        if mood == Mood::Silent {
            return Err(AskError::Silent("connection refused".into()));
        }
        Ok(match request {
            Request::Submit(bytes) => self.submitted(mood, &Record::decode(bytes).unwrap()),
            Request::Decision(record) => Response::Fate(self.fate(mood, *record)),
            Request::Sums { .. } => {
                let mut sums = self.sums.get();
                if mood == Mood::Exaggerates {
                    sums.spent = [1 << 80; 4];
                }
                Response::Sums(sums)
            }
            Request::Commit { payment_id, transaction } => {
                if mood == Mood::Slow && self.clock.get() < Duration::from_secs(5) {
                    return Ok(Response::Unavailable("the decision has not come yet".into()));
                }
                let mut commitments: Vec<Vec<u8>> = (0..self.transfer.signables().len())
                    .map(|input| format!("commitment {number} {input} {:?}", self.clock.get()).into_bytes())
                    .collect();
                if mood == Mood::Garbler {
                    commitments[1] = b"bad".to_vec();
                }
                let node = number as u8;
                let message =
                    commitments_message(self.vault.genesis, *payment_id, *transaction, node, &commitments);
                Response::Commitments(SignedCommitments {
                    node,
                    commitments,
                    signature: self.signed(number, mood, message),
                })
            }
            Request::Share { payment_id, transaction, commitments } => {
                if mood == Mood::FallsSilent {
                    return Err(AskError::Silent("no answer within 1 s".into()));
                }
                let share: &[u8] = if mood == Mood::Liar { b"bad" } else { b"good" };
                let shares = vec![share.to_vec(); self.transfer.signables().len()];
                let package = package_digest(*payment_id, *transaction, commitments);
                let intent = Intent::new(*payment_id, &self.transfer).digest();
                let node = number as u8;
                let message = shares_message(self.vault.genesis, intent, package, node, &shares);
                Response::Shares(SignedShares { node, shares, signature: self.signed(number, mood, message) })
            }
            _ => Response::Unavailable("not part of this test".into()),
        })
    }

    fn submitted(&self, mood: Mood, record: &Record) -> Response {
        let refused = |detail: &str| Response::Refused(Refusal { detail: Some(detail.into()) });
        if mood == Mood::Refuser {
            return refused("step 10: policy proof: does not hold for this statement");
        }
        if self.stale.get() > 0 {
            return refused("claimed sums are below the journal's");
        }
        let digest = record.digest();
        let decided = self.decides.get().then(|| self.decision(digest, self.group.threshold()));
        self.journal.borrow_mut().insert(digest, decided);
        Response::Accepted(digest)
    }

    fn fate(&self, mood: Mood, record: Digest) -> Fate {
        let encoded = |decision: &Decision| {
            let mut writer = Writer::new();
            decision.write(&mut writer);
            writer.finish()
        };
        if mood == Mood::Forger {
            return Fate::Decided(encoded(&self.decision(record, self.group.threshold() - 1)));
        }
        match self.journal.borrow().get(&record) {
            None => Fate::Unknown,
            Some(None) => Fate::Pending,
            Some(Some(decision)) => Fate::Decided(encoded(decision)),
        }
    }

    fn signed(&self, number: usize, mood: Mood, message: Digest) -> [u8; 64] {
        let stranger = SigningKey::from_bytes(&[200; 32]);
        let key = if mood == Mood::Impostor { &stranger } else { &self.identities[number] };
        key.sign(&message.0).to_bytes()
    }
}

impl Ask for Fake {
    fn ask(
        &self,
        requests: Vec<(usize, Request)>,
        _deadline: Duration,
        each: &mut dyn FnMut(usize, Answer) -> ControlFlow<()>,
    ) {
        let kind = match requests.first() {
            Some((_, Request::Submit(_))) => "submit",
            Some((_, Request::Commit { .. })) => "commit",
            Some((_, Request::Share { .. })) => "share",
            Some((_, Request::Decision(_))) => "decision",
            _ => "other",
        };
        *self.asked.borrow_mut().entry(kind).or_default() += 1;
        for (node, request) in requests {
            if each(node, self.answer(node, &request)).is_break() {
                break;
            }
        }
        if kind == "submit" && self.stale.get() > 0 {
            // Another payment was decided: the sums rise.
            self.stale.set(self.stale.get() - 1);
            let mut sums = self.sums.get();
            sums.spent = sums.spent.map(|sum| sum + 1);
            self.sums.set(sums);
        }
    }

    fn pause(&self, span: Duration) {
        self.clock.set(self.clock.get() + span);
    }

    fn elapsed(&self) -> Duration {
        self.clock.get()
    }
}

/// Signs with the whole key where all shares are good; names the others.
impl Aggregate for Fake {
    fn check(&self, messages: &[Vec<u8>], commitments: &ByNode) -> Result<(), Unusable> {
        assert_eq!((messages.len(), commitments.len()), (2, self.group.threshold()));
        let bad = commitments.iter().filter(|(_, all)| all.iter().any(|one| one == b"bad"));
        let culprits: Vec<usize> = bad.map(|(node, _)| *node).collect();
        let problem = "malformed commitment".to_owned();
        if culprits.is_empty() { Ok(()) } else { Err(Unusable { culprits, problem }) }
    }

    fn aggregate(
        &self,
        messages: &[Vec<u8>],
        commitments: &ByNode,
        shares: &ByNode,
    ) -> Result<Vec<[u8; 64]>, Unusable> {
        assert_eq!(commitments.len(), self.group.threshold());
        assert!(commitments.keys().eq(shares.keys()));
        let bad = shares.iter().filter(|(_, shares)| shares.iter().any(|share| share == b"bad"));
        let culprits: Vec<usize> = bad.map(|(node, _)| *node).collect();
        if !culprits.is_empty() {
            return Err(Unusable { culprits, problem: "invalid signature share".into() });
        }
        let secp = Secp256k1::new();
        Ok(messages
            .iter()
            .map(|sighash| {
                let message = Message::from_digest(sighash.as_slice().try_into().unwrap());
                secp.sign_schnorr_no_aux_rand(&message, &keypair().to_keypair()).serialize()
            })
            .collect())
    }
}
