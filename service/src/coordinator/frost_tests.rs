//! The coordinator with real threshold cryptography: nodes that generate a key and sign with it.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    ops::ControlFlow,
    time::Duration,
};

use bitcoin::ScriptBuf;
use ed25519_dalek::Signer;
use solventry_chains::Intent;
use solventry_protocol::{
    Request, Response,
    message::{
        KeyGeneration, SignedCommitments, SignedShares, commitments_message, package_digest, shares_message,
    },
};
use solventry_threshold::{KeyShare, Member, Nonces, Run, Setup, Suite};
use solventry_types::Chain;

use super::{
    Answer, Ask, CoordinatorError, Event, Nodes, Work,
    fake::{Fake, Mood, PATIENCE},
    generate_key, read_group_key,
    sample::link_secret,
    sign,
};

struct Real {
    fake: Fake,
    runs: RefCell<Vec<Option<Run>>>,
    shares: RefCell<Vec<Option<KeyShare>>>,
    nonces: RefCell<Vec<Option<Nonces>>>,
    /// Signs another message.
    liar: Cell<Option<usize>>,
    /// Alters what it sends in this step of key generation.
    cheat: Cell<Option<(usize, u8)>>,
}

impl Real {
    fn new(count: usize) -> Self {
        Self {
            fake: Fake::new(&vec![Mood::Honest; count]),
            runs: RefCell::new((0..count).map(|_| None).collect()),
            shares: RefCell::new((0..count).map(|_| None).collect()),
            nonces: RefCell::new((0..count).map(|_| None).collect()),
            liar: Cell::default(),
            cheat: Cell::default(),
        }
    }

    fn nodes(&self) -> Nodes<'_> {
        Nodes::new(&self.fake.group, self, PATIENCE)
    }

    fn generation(&self, number: usize, asked: &KeyGeneration) -> Response {
        let member =
            |node: &solventry_protocol::group::Node| Member { identity: node.identity, link: node.link };
        let setup = Setup {
            suite: Suite::of(asked.chain).unwrap(),
            session: asked.session,
            vault: asked.vault.clone(),
            members: self.fake.group.nodes.iter().map(member).collect(),
            threshold: self.fake.group.threshold() as u16,
        };
        let mut runs = self.runs.borrow_mut();
        if asked.step == 1 {
            let (identity, link) = (&self.fake.identities[number], link_secret(number));
            runs[number] = Some(Run::new(setup, number, identity, &link).unwrap());
        }
        match runs[number].as_mut().unwrap().step(asked.step, &asked.bodies) {
            Err(error) => Response::Unavailable(error.to_string()),
            Ok(mut body) => {
                if asked.step == 4 {
                    self.shares.borrow_mut()[number] = runs[number].take().map(|run| run.finish().unwrap());
                }
                if self.cheat.get() == Some((number, asked.step)) {
                    let last = body.len() - 1;
                    body[last] ^= 1;
                }
                Response::KeyGeneration(body)
            }
        }
    }

    fn respond(&self, number: usize, request: &Request) -> Answer {
        let genesis = self.fake.vault.genesis;
        let (node, signer) = (number as u8, &self.fake.identities[number]);
        let mut messages: Vec<Vec<u8>> = self.fake.transfer.messages().map(<[u8]>::to_vec).collect();
        Ok(match request {
            Request::KeyGeneration(asked) => self.generation(number, asked),
            Request::Commit { payment_id, transaction } => {
                let shares = self.shares.borrow();
                let (nonces, commitments) =
                    solventry_threshold::commit(shares[number].as_ref().unwrap(), messages.len()).unwrap();
                self.nonces.borrow_mut()[number] = Some(nonces);
                let message = commitments_message(genesis, *payment_id, *transaction, node, &commitments);
                let signature = signer.sign(&message.0).to_bytes();
                Response::Commitments(SignedCommitments { node, commitments, signature })
            }
            Request::Share { payment_id, transaction, commitments } => {
                if self.liar.get() == Some(number) {
                    messages[0][0] ^= 1;
                }
                let by_node: BTreeMap<_, _> = commitments
                    .iter()
                    .map(|signed| (usize::from(signed.node), signed.commitments.clone()))
                    .collect();
                let nonces = self.nonces.borrow_mut()[number].take().unwrap();
                let shares = self.shares.borrow();
                let shares =
                    solventry_threshold::sign(nonces, shares[number].as_ref().unwrap(), &messages, &by_node)
                        .unwrap();
                let package = package_digest(*payment_id, *transaction, commitments);
                let intent = Intent::new(*payment_id, &self.fake.transfer).digest();
                let message = shares_message(genesis, intent, package, node, &shares);
                Response::Shares(SignedShares { node, shares, signature: signer.sign(&message.0).to_bytes() })
            }
            other => return self.fake.answer(number, other),
        })
    }
}

impl Ask for Real {
    fn ask(
        &self,
        requests: Vec<(usize, Request)>,
        _deadline: Duration,
        each: &mut dyn FnMut(usize, Answer) -> ControlFlow<()>,
    ) {
        for (node, request) in requests {
            if each(node, self.respond(node, &request)).is_break() {
                break;
            }
        }
    }

    fn pause(&self, span: Duration) {
        self.fake.pause(span);
    }

    fn elapsed(&self) -> Duration {
        self.fake.elapsed()
    }
}

#[test]
fn a_generated_key_signs_for_its_own_vault_and_a_liar_is_named() {
    let mut real = Real::new(4);
    let mut steps = vec![];
    let key = generate_key(real.nodes(), "treasury", Chain::Bitcoin, &mut |step| steps.push(step)).unwrap();
    assert_eq!((steps, key.threshold, key.nodes), (vec![1, 2, 3, 4], 3, 4));

    // The file fits the vault of this key, and no other.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("treasury.groupkey");
    std::fs::write(&path, key.encode()).unwrap();
    let other = read_group_key(&path, &real.fake.vault);
    assert!(matches!(other, Err(CoordinatorError::OtherKey { .. })));
    let script = ScriptBuf::from_bytes([&[0x51, 0x20][..], &key.key].concat());
    real.fake = Fake::of(&[Mood::Honest; 4], &script);
    let key = read_group_key(&path, &real.fake.vault).unwrap();

    for liar in [None, Some(0), Some(2)] {
        real.liar.set(liar);
        let payment_id = real.fake.request.payment.id(real.fake.vault.genesis);
        let work = Work { genesis: real.fake.vault.genesis, payment_id, transfer: &real.fake.transfer };
        let mut lied = vec![];
        let signatures = sign(real.nodes(), work, &key, &mut |event| {
            if let Event::Lied(culprit) = event {
                assert!(culprit.is_signed());
                lied.push(usize::from(culprit.shares.node));
            }
        });
        assert_eq!(real.fake.transfer.verify_signatures(&signatures.unwrap()), Ok(()));
        assert_eq!(lied, liar.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn key_generation_stops_at_a_node_that_cheats_or_is_silent() {
    for step in 1..=4 {
        let real = Real::new(4);
        real.cheat.set(Some((2, step)));
        let error = generate_key(real.nodes(), "treasury", Chain::Bitcoin, &mut |_| ()).unwrap_err();
        let CoordinatorError::Generation { step: stopped, .. } = error else { panic!("{error}") };
        assert_eq!(stopped, (step + 1).min(4), "{error}");
        assert!(error.to_string().contains('2'), "{error}");
    }
    // A node that cannot answer.
    let fake = Fake::new(&[Mood::Honest, Mood::Silent, Mood::Honest, Mood::Honest]);
    let error = generate_key(fake.nodes(), "treasury", Chain::Bitcoin, &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("node-1: no answer: connection refused"), "{error}");
}
