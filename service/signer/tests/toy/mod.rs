//! A journal in memory: accepts any chain of ticks.

use std::collections::BTreeMap;

use solventry_protocol::{Decision, Entry, Record};
use solventry_signer::journal::{Decided, Journal, JournalError, Sight, Verdict};
use solventry_types::{Digest, VaultAccounts, VaultConfiguration};

/// Seconds by which the time of a fresh proposal may differ from the own clock.
pub const TOLERANCE: u64 = 30;

/// Decides ticks until a wanted height.
pub struct Toy {
    head: Digest,
    time: u64,
    /// Decided heights.
    pub decided: Vec<Decided>,
    /// Heights up to this one are wanted.
    pub wanted: u64,
    /// Refuses everything.
    pub refuses: bool,
    /// Sticks to a refusal by the clock, which a journal must not do.
    pub stubborn: bool,
    /// Highest height at which a vote was announced.
    pub noted: u64,
    proposals: BTreeMap<(u64, u32), Vec<u8>>,
    judged: BTreeMap<Digest, (Vec<u8>, Verdict, Sight)>,
}

impl Toy {
    /// An empty journal.
    pub fn new(genesis: Digest) -> Self {
        Self {
            head: genesis,
            time: 0,
            decided: Vec::new(),
            wanted: 0,
            refuses: false,
            stubborn: false,
            noted: 0,
            proposals: BTreeMap::new(),
            judged: BTreeMap::new(),
        }
    }

    /// Heights that are decided.
    pub fn height(&self) -> u64 {
        self.decided.len() as u64
    }

    fn check(&self, value: &[u8], sight: Sight, now: u64) -> Verdict {
        let Ok((entry, _)) = Entry::decode(value) else { return Verdict::Invalid };
        let in_order = entry.header.previous == self.head && entry.header.time > self.time;
        let on_time = sight == Sight::Known || entry.header.time.abs_diff(now) <= TOLERANCE;
        if in_order && on_time && !self.refuses { Verdict::Valid } else { Verdict::Invalid }
    }

    fn require_height(&self, height: u64) -> Result<(), JournalError> {
        let expected = self.next_height();
        if height == expected { Ok(()) } else { Err(JournalError::Height { expected, got: height }) }
    }
}

impl Journal for Toy {
    fn next_height(&self) -> u64 {
        self.height() + 1
    }

    fn wants_height(&self, _: u64) -> bool {
        self.wanted > self.height()
    }

    fn propose(&mut self, height: u64, round: u32, now: u64) -> Result<Vec<u8>, JournalError> {
        self.require_height(height)?;
        let time = now.max(self.time + 1);
        let fresh = || Entry::new(self.head, time, &Record::Tick).encode();
        Ok(self.proposals.entry((height, round)).or_insert_with(fresh).clone())
    }

    fn judge(&mut self, height: u64, value: &[u8], sight: Sight, now: u64) -> Result<Verdict, JournalError> {
        self.require_height(height)?;
        let verdict = self.check(value, sight, now);
        let Ok((entry, _)) = Entry::decode(value) else { return Ok(verdict) };
        let id = entry.header.value_id();
        match self.judged.get(&id) {
            // A refusal by the clock does not bind once the value has a lock or a certificate.
            Some((_, stored, seen)) if *stored == Verdict::Valid || *seen == sight || self.stubborn => {
                Ok(*stored)
            }
            _ => {
                self.judged.insert(id, (value.to_vec(), verdict, sight));
                Ok(verdict)
            }
        }
    }

    fn value(&self, height: u64, id: Digest) -> Option<Vec<u8>> {
        self.require_height(height).ok()?;
        self.judged.get(&id).map(|(value, ..)| value.clone())
    }

    fn note_vote(&mut self, height: u64) -> Result<(), JournalError> {
        self.noted = self.noted.max(height);
        Ok(())
    }

    fn commit(&mut self, decided: Decided) -> Result<(), JournalError> {
        self.require_height(decided.height)?;
        if self.check(&decided.value, Sight::Known, 0) == Verdict::Invalid {
            let reason = "it does not follow the head".to_owned();
            return Err(JournalError::Halt { height: decided.height, reason });
        }
        let (entry, _) = Entry::decode(&decided.value).unwrap();
        self.head = entry.header.value_id();
        self.time = entry.header.time;
        self.decided.push(decided);
        self.judged.clear();
        self.proposals.clear();
        Ok(())
    }

    fn decided(&self, height: u64) -> Result<Option<Decided>, JournalError> {
        let place = height.checked_sub(1).map(|place| place as usize);
        Ok(place.and_then(|place| self.decided.get(place)).cloned())
    }
}

/// A vault of these nodes, for auditors.
pub fn vault(genesis: Digest, identities: &[[u8; 32]]) -> VaultConfiguration {
    VaultConfiguration {
        genesis,
        name: "treasury".into(),
        accounts: VaultAccounts::Bitcoin { scripts: vec![[&[0x51, 0x20][..], &[1; 32]].concat()] },
        siblings: vec![],
        proposers: vec![[1; 32]],
        approvers: vec![],
        oracle: None,
        signers: identities.to_vec(),
        policy_root: [0; 32],
    }
}

/// The decision of a decided height, verified as an auditor would.
pub fn verified_decision(decided: &Decided, vault: &VaultConfiguration) -> Decision {
    let decision = solventry_signer::engine::decision(decided, &vault.signers).unwrap();
    decision.verify(decision.header.record, vault).unwrap();
    decision
}
