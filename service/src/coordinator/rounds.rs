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

/// How a session ended.
enum Session {
    Signed(Vec<[u8; 64]>),
    Failed(Vec<Said>),
}

/// Signs a decided transaction: one verified signature per input.
pub fn sign(
    nodes: Nodes<'_>,
    work: Work<'_>,
    scheme: &dyn Aggregate,
    told: &mut dyn FnMut(Event),
) -> Result<Vec<[u8; 64]>, CoordinatorError> {
    let needed = nodes.group().threshold();
    let most = nodes.count().saturating_sub(needed).saturating_add(1);
    let mut dropped: Vec<Said> = vec![];
    for number in 1..=most {
        let package = commit(nodes, work, scheme, &mut dropped, told)?;
        let signers = package.signed.iter().map(|signed| nodes.name(signed.node.into())).collect();
        told(Event::Session { number, signers });
        match share(nodes, work, scheme, &package, told) {
            Session::Signed(signatures) => {
                told(Event::Signed { inputs: signatures.len() });
                return Ok(signatures);
            }
            Session::Failed(more) => leave_out(&mut dropped, more, told),
        }
    }
    Err(CoordinatorError::Sessions { sessions: most, needed, dropped })
}

/// Commitments of t nodes that are not dropped, signed by them. Waits for nodes that cannot yet.
fn commit(
    nodes: Nodes<'_>,
    work: Work<'_>,
    scheme: &dyn Aggregate,
    dropped: &mut Vec<Said>,
    told: &mut dyn FnMut(Event),
) -> Result<Package, CoordinatorError> {
    let needed = nodes.group().threshold();
    let messages: Vec<Vec<u8>> = work.transfer.messages().map(<[u8]>::to_vec).collect();
    let begun = nodes.ask.elapsed();
    loop {
        let (mut signed, mut refusals, mut others, mut false_ones) = (vec![], vec![], vec![], vec![]);
        let candidates = (0..nodes.count()).filter(|node| dropped.iter().all(|said| said.node != *node));
        let request = Request::Commit { payment_id: work.payment_id, transaction: work.transfer.digest() };
        let requests = candidates.map(|node| (node, request.clone())).collect();
        nodes.ask.ask(requests, nodes.patience.answer, &mut |node, answer| {
            match answer {
                Ok(Response::Commitments(got)) => match commitments_fault(nodes, work, node, &got) {
                    None => signed.push(got),
                    Some(fault) => false_ones.push(nodes.said(node, fault)),
                },
                refused @ Ok(Response::Refused(_)) => refusals.push(nodes.said(node, complaint(&refused))),
                other => others.push(nodes.said(node, complaint(&other))),
            }
            if signed.len() == needed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        leave_out(dropped, false_ones, told);
        let got = signed.len();
        if got == needed {
            let package = Package::new(work, signed);
            let Err(unusable) = scheme.check(&messages, &package.commitments()) else { return Ok(package) };
            let culprits = unusable.culprits.iter();
            let culprits: Vec<Said> = culprits.map(|node| nodes.said(*node, &unusable.problem)).collect();
            if culprits.is_empty() {
                return Err(CoordinatorError::Scheme { problem: unusable.problem });
            }
            leave_out(dropped, culprits, told);
        }
        let waited = nodes.ask.elapsed().saturating_sub(begun);
        let spare = nodes.count().saturating_sub(needed);
        let final_word = refusals.len() > spare && waited >= REFUSALS;
        if final_word || dropped.len() > spare || waited >= nodes.patience.decision {
            others.extend(refusals);
            others.extend(dropped.iter().cloned());
            others.sort_by_key(|said| said.node);
            return Err(CoordinatorError::TooFew { what: "nodes that sign", needed, got, others });
        }
        nodes.ask.pause(nodes.patience.poll);
    }
}

/// Shares of the package's nodes, aggregated.
fn share(
    nodes: Nodes<'_>,
    work: Work<'_>,
    scheme: &dyn Aggregate,
    package: &Package,
    told: &mut dyn FnMut(Event),
) -> Session {
    let intent = Intent::new(work.payment_id, work.transfer);
    let request = Request::Share {
        payment_id: work.payment_id,
        transaction: work.transfer.digest(),
        commitments: package.signed.clone(),
    };
    let requests = package.signed.iter().map(|signed| (signed.node.into(), request.clone())).collect();
    let (mut shares, mut failed): (BTreeMap<usize, SignedShares>, Vec<Said>) = (BTreeMap::new(), vec![]);
    for (node, answer) in nodes.each(requests, nodes.patience.answer) {
        match answer {
            Ok(Response::Shares(got)) => {
                let fault = shares_fault(nodes, work.genesis, intent.digest(), package.digest, node, &got);
                match fault {
                    None => drop(shares.insert(node, got)),
                    Some(fault) => failed.push(nodes.said(node, fault)),
                }
            }
            other => failed.push(nodes.said(node, complaint(&other))),
        }
    }
    let missing = package.signed.iter().map(|signed| usize::from(signed.node));
    let missing = missing.filter(|node| !shares.contains_key(node));
    let missing: Vec<usize> = missing.filter(|node| failed.iter().all(|said| said.node != *node)).collect();
    failed.extend(missing.into_iter().map(|node| nodes.said(node, "no answer")));
    if !failed.is_empty() {
        return Session::Failed(failed);
    }
    let given: ByNode = shares.iter().map(|(node, signed)| (*node, signed.shares.clone())).collect();
    let unusable = match scheme.aggregate(&intent.messages, &package.commitments(), &given) {
        Ok(signatures) => match work.transfer.verify_signatures(&signatures) {
            Ok(()) => return Session::Signed(signatures),
            Err(error) => Unusable { culprits: vec![], problem: error.to_string() },
        },
        Err(unusable) => unusable,
    };
    let accused = if unusable.culprits.is_empty() {
        given.keys().copied().collect() // nobody can be singled out: none of these sign together again
    } else {
        unusable.culprits
    };
    for node in accused {
        failed.push(nodes.said(node, format!("wrong share: {}", unusable.problem)));
        let Some(signed) = shares.remove(&node) else { continue };
        told(Event::Lied(Box::new(Culprit {
            name: nodes.name(node),
            identity: nodes.group().nodes.get(node).map_or([0; 32], |node| node.identity),
            genesis: work.genesis,
            payment_id: work.payment_id,
            transaction: work.transfer.digest(),
            intent: intent.digest(),
            package: package.signed.clone(),
            shares: signed,
        })));
    }
    Session::Failed(failed)
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

fn leave_out(dropped: &mut Vec<Said>, more: Vec<Said>, told: &mut dyn FnMut(Event)) {
    for said in more {
        told(Event::Left(said.clone()));
        dropped.push(said);
    }
}
