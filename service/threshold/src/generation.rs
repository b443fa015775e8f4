//! Distributed key generation (FROST, figure 1) with echo broadcast and confirmation.
//!
//! 1. Each node signs its public package.
//! 2. Each node checks all packages, signs what it saw of each, and seals a share to every other.
//! 3. Each node checks that all saw the same, opens and checks its shares, and confirms the key.
//! 4. Each node checks that all n confirmed the same key, and only then has a share to keep.
//!
//! Whoever carries the messages can stop a run, but not change, read or replay anything in it. As
//! in every such scheme whose packages are sent openly, the last node to commit can bias the key
//! by trying several packages (Gennaro et al., 2007); Schnorr signatures stay unforgeable.

mod dealing;
mod envelope;
mod error;
mod rounds;
mod setup;

use ed25519_dalek::SigningKey;
use solventry_types::{Digest, digest::InjectiveHasher};
use zeroize::Zeroizing;

use dealing::{Dealing, Seen, echo_digest};
use envelope::{Place, Route, Signed, link_key};
use rounds::{Rounds, Share, rounds};

pub use error::{Fault, GenerationError};
pub use setup::{Member, Setup};

use crate::{share::KeyShare, suite::GroupKey};

/// One node's part in one run. Steps come in order, each once; the first failure ends the run.
pub struct Run {
    setup: Setup,
    digest: Digest,
    number: usize,
    identity: SigningKey,
    link: Zeroizing<[u8; 32]>,
    rounds: Box<dyn Rounds + Send>,
    /// The step that is due; none after a failure.
    next: Option<u8>,
    /// This node's last answer.
    answer: Vec<u8>,
    /// What every node said in step 1.
    seen: Vec<Seen>,
    group: Option<GroupKey>,
}

impl Run {
    /// Steps of a run.
    pub const STEPS: u8 = 4;

    /// Begins as node `number`, whose keys must be those of that member.
    pub fn new(
        setup: Setup,
        number: usize,
        identity: &SigningKey,
        link_secret: &[u8; 32],
    ) -> Result<Self, GenerationError> {
        setup.validate()?;
        let member = setup.members.get(number).ok_or(GenerationError::Setup("no member has this number"))?;
        if member.identity != identity.verifying_key().to_bytes() {
            return Err(GenerationError::Setup("this node's identity is not that of the member"));
        }
        if Some(member.link) != link_key(link_secret) {
            return Err(GenerationError::Setup("this node's link key is not that of the member"));
        }
        Ok(Self {
            digest: setup.digest(),
            number,
            identity: identity.clone(),
            link: Zeroizing::new(*link_secret),
            rounds: rounds(setup.suite, number, setup.members.len(), setup.threshold),
            next: Some(1),
            answer: Vec::new(),
            seen: Vec::new(),
            group: None,
            setup,
        })
    }

    /// Answers a step. `bodies` are the answers of all nodes to the step before in the order of
    /// their numbers, this node's own included; none for step 1.
    pub fn step(&mut self, step: u8, bodies: &[Vec<u8>]) -> Result<Vec<u8>, GenerationError> {
        let expected = self.next.ok_or(GenerationError::Ended)?;
        if step != expected || step > Self::STEPS {
            return Err(GenerationError::Order { expected, got: step });
        }
        self.next = None;
        let payload = match step {
            1 => self.begin(bodies)?,
            2 => self.deal(bodies)?,
            3 => self.combine(bodies)?,
            _ => self.conclude(bodies)?,
        };
        self.answer = self.place(step).sign(&payload, &self.identity);
        self.next = step.checked_add(1);
        Ok(self.answer.clone())
    }

    /// The share, after step 4.
    pub fn finish(mut self) -> Result<KeyShare, GenerationError> {
        let expected = self.next.ok_or(GenerationError::Ended)?;
        let (Some(group), Some(secret), true) =
            (self.group.take(), self.rounds.take_secret(), expected > Self::STEPS)
        else {
            return Err(GenerationError::Order { expected, got: Self::STEPS + 1 });
        };
        KeyShare::new(self.setup.vault.clone(), self.number, group, secret)
            .ok_or(GenerationError::Own("the share does not fit the group key"))
    }

    fn begin(&mut self, bodies: &[Vec<u8>]) -> Result<Vec<u8>, GenerationError> {
        match bodies.len() {
            0 => self.rounds.commit(),
            got => Err(GenerationError::Bodies { expected: 0, got }),
        }
    }

    fn deal(&mut self, bodies: &[Vec<u8>]) -> Result<Vec<u8>, GenerationError> {
        let messages = self.open(1, bodies)?;
        let packages: Vec<_> = messages.iter().map(|message| message.payload).collect();
        let shares = self.rounds.deal(&packages)?;
        let seen = |message: &Signed<'_>| Seen { digest: message.digest, signature: message.signature };
        self.seen = messages.iter().map(seen).collect();
        let sealed = shares.iter().enumerate().map(|(node, share)| self.seal(node, share));
        let sealed = sealed.collect::<Result<_, _>>()?;
        Ok(Dealing { seen: self.seen.clone(), sealed }.encode())
    }

    fn combine(&mut self, bodies: &[Vec<u8>]) -> Result<Vec<u8>, GenerationError> {
        let messages = self.open(2, bodies)?;
        let (mut dealings, mut malformed) = (Vec::new(), Vec::new());
        for (node, message) in messages.iter().enumerate() {
            match Dealing::decode(message.payload, messages.len(), node) {
                Ok(dealing) => dealings.push(dealing),
                Err(_) => malformed.push(node),
            }
        }
        GenerationError::faults(Fault::Malformed, malformed)?;
        self.require_same_echo(&dealings)?;
        let group = self.rounds.combine(&self.unseal(&dealings)?)?;
        let confirmation = self.confirmation(&group);
        self.group = Some(group);
        Ok(confirmation.0.to_vec())
    }

    fn conclude(&mut self, bodies: &[Vec<u8>]) -> Result<Vec<u8>, GenerationError> {
        let group = self.group.as_ref().ok_or(GenerationError::Own("there is no key to confirm"))?;
        let expected = self.confirmation(group);
        let messages = self.open(3, bodies)?;
        let other = messages.iter().enumerate().filter(|(_, message)| message.payload != expected.0);
        GenerationError::faults(Fault::Confirmation, other.map(|(node, _)| node).collect())?;
        Ok(group.encode())
    }

    /// All must have seen what this node saw. Where one saw another message, its author's
    /// signature decides who lies: the author of two messages, or the node that shows it.
    fn require_same_echo(&self, dealings: &[Dealing]) -> Result<(), GenerationError> {
        let (mut two_faced, mut liars) = (Vec::new(), Vec::new());
        for (witness, dealing) in dealings.iter().enumerate() {
            for (author, (shown, seen)) in dealing.seen.iter().zip(&self.seen).enumerate() {
                if shown.digest == seen.digest {
                    continue;
                }
                let message = Place { node: author, ..self.place(1) }.message(shown.digest);
                let signed = self.setup.is_signed(author, message, &shown.signature);
                if signed { two_faced.push(author) } else { liars.push(witness) }
            }
        }
        two_faced.sort_unstable();
        two_faced.dedup();
        liars.dedup();
        GenerationError::faults(Fault::Equivocation, two_faced)?;
        GenerationError::faults(Fault::Echo, liars)
    }

    fn seal(&self, recipient: usize, share: &Share) -> Result<Vec<u8>, GenerationError> {
        if recipient == self.number {
            return Ok(Vec::new());
        }
        let sealed = self
            .setup
            .members
            .get(recipient)
            .and_then(|member| self.route(self.number, recipient).seal(&self.link, &member.link, share));
        sealed.ok_or(GenerationError::Own("a share cannot be sealed"))
    }

    fn unseal(&self, dealings: &[Dealing]) -> Result<Vec<Share>, GenerationError> {
        let (mut shares, mut faulty) = (Vec::new(), Vec::new());
        for (sender, (dealing, member)) in dealings.iter().zip(&self.setup.members).enumerate() {
            let sealed = dealing.sealed.get(self.number).map(Vec::as_slice).unwrap_or_default();
            let share = if sender == self.number {
                Some(Share::default())
            } else {
                self.route(sender, self.number).open(&self.link, &member.link, sealed)
            };
            shares.push(share.unwrap_or_else(|| {
                faulty.push(sender);
                Share::default()
            }));
        }
        GenerationError::faults(Fault::Share, faulty)?;
        Ok(shares)
    }

    /// Opens the answers of all nodes to `step`; this node's own must be the one it gave.
    fn open<'a>(&self, step: u8, bodies: &'a [Vec<u8>]) -> Result<Vec<Signed<'a>>, GenerationError> {
        let messages = open_all(&self.setup, self.digest, step, bodies)?;
        if bodies.get(self.number) != Some(&self.answer) {
            return Err(GenerationError::OwnAnswer);
        }
        Ok(messages)
    }

    fn confirmation(&self, group: &GroupKey) -> Digest {
        InjectiveHasher::new("solventry/key-confirmation/v1")
            .field(&echo_digest(&self.seen).0)
            .field(&group.encode())
            .finish()
    }

    const fn place(&self, step: u8) -> Place {
        Place { setup: self.digest, step, node: self.number }
    }

    fn route(&self, sender: usize, recipient: usize) -> Route {
        Route { setup: self.digest, echo: echo_digest(&self.seen), sender, recipient }
    }
}

/// The key on which all n nodes ended, from their answers to step 4.
pub fn verify_outcome(setup: &Setup, bodies: &[Vec<u8>]) -> Result<GroupKey, GenerationError> {
    setup.validate()?;
    let messages = open_all(setup, setup.digest(), Run::STEPS, bodies)?;
    let fits = |key: &GroupKey| {
        key.suite == setup.suite && key.threshold == setup.threshold && key.count() == setup.members.len()
    };
    let mut outcome: Option<GroupKey> = None;
    for (node, message) in messages.iter().enumerate() {
        let key = GroupKey::decode(message.payload).ok().filter(fits);
        let key = key.ok_or_else(|| GenerationError::fault(Fault::Malformed, node))?;
        if outcome.get_or_insert_with(|| key.clone()) != &key {
            return Err(GenerationError::Disagreement { first: 0, second: node });
        }
    }
    outcome.ok_or(GenerationError::Bodies { expected: setup.members.len(), got: 0 })
}

fn open_all<'a>(
    setup: &Setup,
    digest: Digest,
    step: u8,
    bodies: &'a [Vec<u8>],
) -> Result<Vec<Signed<'a>>, GenerationError> {
    if bodies.len() != setup.members.len() {
        return Err(GenerationError::Bodies { expected: setup.members.len(), got: bodies.len() });
    }
    let open = |(node, body): (usize, &'a Vec<u8>)| Place { setup: digest, step, node }.open(setup, body);
    bodies.iter().enumerate().map(open).collect()
}

#[cfg(test)]
#[path = "generation_tests.rs"]
mod tests;
