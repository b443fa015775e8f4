//! Signing rounds: commitments of t nodes, one package, their shares, signatures.
//!
//! A session fails only through a node that does not answer, refuses or lies after it has
//! committed; that node is left out from then on. So n − t + 1 sessions are enough wherever t
//! honest nodes answer (the bound of ROAST, Ruffing et al., CCS 2022, reached here one session
//! after the other).

use std::{collections::BTreeMap, ops::ControlFlow, time::Duration};

use solventry_chains::{Intent, Transfer};
use solventry_protocol::{
    Request, Response,
    message::{SignedCommitments, SignedShares, commitments_message, package_digest, shares_message},
};
use solventry_types::Digest;

use super::{CoordinatorError, Culprit, Event, Nodes, Said, complaint, is_signed};

/// A node that has just been told of a decision may refuse for a moment; after this long, too many
/// refusals are the last word.
const REFUSALS: Duration = Duration::from_secs(10);

/// Items of each node, by its number: one per input.
pub type ByNode = BTreeMap<usize, Vec<Vec<u8>>>;

/// Makes signatures of shares.
pub trait Aggregate {
    /// Whether the commitments of t nodes can be signed with; honest nodes would refuse others.
    fn check(&self, messages: &[Vec<u8>], commitments: &ByNode) -> Result<(), Unusable>;

    /// One signature per message, or who gave wrong shares.
    fn aggregate(
        &self,
        messages: &[Vec<u8>],
        commitments: &ByNode,
        shares: &ByNode,
    ) -> Result<Vec<[u8; 64]>, Unusable>;
}

/// Shares that make no signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// Numbers of the nodes whose shares are wrong.
    pub culprits: Vec<usize>,
    /// In words.
    pub problem: String,
}

/// What is signed.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// Digest of the journal's genesis.
    pub genesis: Digest,
    /// The payment.
    pub payment_id: Digest,
    /// Its decided transaction.
    pub transfer: &'a Transfer,
}

/// A session's package with the nodes that are in it.
struct Package {
    signed: Vec<SignedCommitments>,
    digest: Digest,
}

impl Package {
    fn new(work: Work<'_>, mut signed: Vec<SignedCommitments>) -> Self {
        signed.sort_by_key(|signed| signed.node);
        let digest = package_digest(work.payment_id, work.transfer.digest(), &signed);
        Self { signed, digest }
    }

    fn commitments(&self) -> ByNode {
        self.signed.iter().map(|signed| (signed.node.into(), signed.commitments.clone())).collect()
    }
}

/// What the nodes answered to a request for commitments.
#[derive(Default)]
struct Heard {
    signed: Vec<SignedCommitments>,
    refusals: Vec<Said>,
    others: Vec<Said>,
}

/// Shares with their nodes' signatures, by number.
type Shares = BTreeMap<usize, SignedShares>;

/// Signs a decided transaction: one verified signature per input.
pub fn sign(
    nodes: Nodes<'_>,
    work: Work<'_>,
    scheme: &dyn Aggregate,
    told: &mut dyn FnMut(Event),
) -> Result<Vec<[u8; 64]>, CoordinatorError> {
    let needed = nodes.group().threshold();
    let most = nodes.count().saturating_sub(needed).saturating_add(1);
    let intent = Intent::new(work.payment_id, work.transfer);
    let mut rounds = Rounds { nodes, work, scheme, intent, dropped: vec![], told };
    for number in 1..=most {
        let package = rounds.open()?;
        let signers = package.signed.iter().map(|signed| nodes.name(signed.node.into())).collect();
        (rounds.told)(Event::Session { number, signers });
        let Some(shares) = rounds.shares(&package) else { continue };
        if let Some(signatures) = rounds.combine(&package, shares)? {
            (rounds.told)(Event::Signed { inputs: signatures.len() });
            return Ok(signatures);
        }
    }
    Err(CoordinatorError::Sessions { sessions: most, needed, dropped: rounds.dropped })
}

/// The sessions of one transaction.
struct Rounds<'a, 't> {
    nodes: Nodes<'a>,
    work: Work<'a>,
    scheme: &'a dyn Aggregate,
    intent: Intent,
    /// Nodes that no later session asks.
    dropped: Vec<Said>,
    told: &'t mut dyn FnMut(Event),
}

impl Rounds<'_, '_> {
    /// A package of t nodes that are not dropped. Waits for nodes that cannot yet.
    fn open(&mut self) -> Result<Package, CoordinatorError> {
        let nodes = self.nodes;
        let needed = nodes.group().threshold();
        let spare = nodes.count().saturating_sub(needed);
        let begun = nodes.ask.elapsed();
        loop {
            let Heard { signed, refusals, mut others } = self.commitments(needed);
            let got = signed.len();
            if got == needed
                && let Some(package) = self.checked(signed)?
            {
                return Ok(package);
            }
            let waited = nodes.ask.elapsed().saturating_sub(begun);
            let refused = refusals.len() > spare && waited >= REFUSALS;
            if refused || self.dropped.len() > spare || waited >= nodes.patience.decision {
                others.extend(refusals);
                others.extend(self.dropped.iter().cloned());
                others.sort_by_key(|said| said.node);
                let nodes = nodes.count();
                return Err(CoordinatorError::TooFew { what: "sign", nodes, needed, got, others });
            }
            nodes.ask.pause(nodes.patience.poll);
        }
    }

    /// The first `needed` commitments that come, signed by their nodes.
    fn commitments(&mut self, needed: usize) -> Heard {
        let (nodes, work) = (self.nodes, self.work);
        let request = Request::Commit { payment_id: work.payment_id, transaction: work.transfer.digest() };
        let candidates = (0..nodes.count()).filter(|node| self.dropped.iter().all(|said| said.node != *node));
        let requests = candidates.map(|node| (node, request.clone())).collect();
        let (mut heard, mut wrong) = (Heard::default(), vec![]);
        nodes.ask.ask(requests, nodes.patience.answer, &mut |node, answer| {
            match answer {
                Ok(Response::Commitments(got)) => match commitments_fault(nodes, work, node, &got) {
                    None => heard.signed.push(got),
                    Some(fault) => wrong.push(nodes.said(node, fault)),
                },
                refused @ Ok(Response::Refused(_)) => {
                    heard.refusals.push(nodes.said(node, complaint(&refused)));
                }
                other => heard.others.push(nodes.said(node, complaint(&other))),
            }
            if heard.signed.len() == needed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        self.leave_out(wrong);
        heard
    }

    /// The package, unless commitments in it are none: honest nodes would refuse all of it.
    fn checked(&mut self, signed: Vec<SignedCommitments>) -> Result<Option<Package>, CoordinatorError> {
        let package = Package::new(self.work, signed);
        let Err(unusable) = self.scheme.check(&self.intent.messages, &package.commitments()) else {
            return Ok(Some(package));
        };
        if unusable.culprits.is_empty() {
            return Err(CoordinatorError::Scheme { problem: unusable.problem });
        }
        let said = |node: &usize| self.nodes.said(*node, &unusable.problem);
        self.leave_out(unusable.culprits.iter().map(said).collect());
        Ok(None)
    }

    /// Signed shares of every node of the package; whoever gives none is left out.
    fn shares(&mut self, package: &Package) -> Option<Shares> {
        let (nodes, intent) = (self.nodes, self.intent.digest());
        let request = Request::Share {
            payment_id: self.work.payment_id,
            transaction: self.work.transfer.digest(),
            commitments: package.signed.clone(),
        };
        let asked: Vec<usize> = package.signed.iter().map(|signed| signed.node.into()).collect();
        let requests = asked.iter().map(|node| (*node, request.clone())).collect();
        let (mut shares, mut failed) = (Shares::new(), vec![]);
        for (node, answer) in nodes.each(requests, nodes.patience.answer) {
            match answer {
                Ok(Response::Shares(got)) => {
                    match shares_fault(nodes, self.work.genesis, intent, package.digest, node, &got) {
                        None => drop(shares.insert(node, got)),
                        Some(fault) => failed.push(nodes.said(node, fault)),
                    }
                }
                other => failed.push(nodes.said(node, complaint(&other))),
            }
        }
        for node in asked {
            if !shares.contains_key(&node) && failed.iter().all(|said| said.node != node) {
                failed.push(nodes.said(node, "no answer"));
            }
        }
        if failed.is_empty() {
            return Some(shares);
        }
        self.leave_out(failed);
        None
    }

    /// Verified signatures; nodes whose shares are wrong are left out, with evidence.
    fn combine(
        &mut self,
        package: &Package,
        mut shares: Shares,
    ) -> Result<Option<Vec<[u8; 64]>>, CoordinatorError> {
        let given: ByNode = shares.iter().map(|(node, signed)| (*node, signed.shares.clone())).collect();
        let made = self.scheme.aggregate(&self.intent.messages, &package.commitments(), &given);
        let Unusable { culprits, problem } = match made {
            Ok(signatures) => match self.work.transfer.verify_signatures(&signatures) {
                Ok(()) => return Ok(Some(signatures)),
                Err(error) => Unusable { culprits: vec![], problem: error.to_string() },
            },
            Err(unusable) => unusable,
        };
        if culprits.is_empty() {
            // Every share is right under this group key: no node is to blame.
            return Err(CoordinatorError::Scheme { problem });
        }
        for node in culprits {
            if let Some(signed) = shares.remove(&node) {
                let culprit = self.accuse(package, node, signed);
                (self.told)(Event::Lied(Box::new(culprit)));
            }
            self.leave_out(vec![self.nodes.said(node, format!("wrong share: {problem}"))]);
        }
        Ok(None)
    }

    fn accuse(&self, package: &Package, node: usize, shares: SignedShares) -> Culprit {
        Culprit {
            name: self.nodes.name(node),
            identity: self.nodes.group().nodes.get(node).map_or([0; 32], |node| node.identity),
            genesis: self.work.genesis,
            payment_id: self.work.payment_id,
            transaction: self.work.transfer.digest(),
            intent: self.intent.digest(),
            package: package.signed.clone(),
            shares,
        }
    }

    fn leave_out(&mut self, more: Vec<Said>) {
        for said in more {
            (self.told)(Event::Left(said.clone()));
            self.dropped.push(said);
        }
    }
}

fn commitments_fault(
    nodes: Nodes<'_>,
    work: Work<'_>,
    node: usize,
    got: &SignedCommitments,
) -> Option<&'static str> {
    let (id, transaction) = (work.payment_id, work.transfer.digest());
    let message = commitments_message(work.genesis, id, transaction, got.node, &got.commitments);
    fault(nodes, node, got.node, message, &got.signature)
        .or((got.commitments.len() != work.transfer.signables().len())
            .then_some("not one commitment per input"))
}

fn shares_fault(
    nodes: Nodes<'_>,
    genesis: Digest,
    intent: Digest,
    package: Digest,
    node: usize,
    got: &SignedShares,
) -> Option<&'static str> {
    let message = shares_message(genesis, intent, package, got.node, &got.shares);
    fault(nodes, node, got.node, message, &got.signature)
}

/// Whether an answer is of the node that was asked, and signed by it.
fn fault(
    nodes: Nodes<'_>,
    asked: usize,
    got: u8,
    message: Digest,
    signature: &[u8; 64],
) -> Option<&'static str> {
    let Some(node) = nodes.group().nodes.get(asked).filter(|_| usize::from(got) == asked) else {
        return Some("it answered as another node");
    };
    (!is_signed(&node.identity, message, signature)).then_some("its answer is not signed by its identity key")
}
