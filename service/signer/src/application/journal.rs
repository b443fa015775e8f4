//! The application as agreement drives it.

use solventry_protocol::{Entry, Header, Record};
use solventry_types::Digest;

use super::{
    Application, Proofs, Refusal, Store,
    audit::Refused,
    certificate,
    execute::Effects,
    replay::{HALTED, VOTED, halt_bytes},
    rules::{CLOCK_TOLERANCE, TICK},
    store::{StoreError, Table, Write},
    undecided::{Judged, Undecided},
    validity,
};
use crate::journal::{Decided, Journal, JournalError, Sight, Verdict};

impl<S: Store> Journal for Application<S> {
    fn next_height(&self) -> u64 {
        self.state.height.saturating_add(1)
    }

    /// A record waits, and its entry would be within the tolerance of this node's clock; or a tick
    /// is due.
    fn wants_height(&self, now: u64) -> bool {
        let waits = !self.pool.is_empty() && self.state.time < now.saturating_add(CLOCK_TOLERANCE);
        self.halted.is_none() && (waits || now >= self.state.time.saturating_add(TICK))
    }

    fn propose(&mut self, height: u64, round: u32, now: u64) -> Result<Vec<u8>, JournalError> {
        self.require_height(height)?;
        if let Some(value) = self.undecided.proposed(round) {
            return Ok(value.to_vec());
        }
        let entry = self.next_entry(now);
        let (id, value) = (entry.header.value_id(), entry.encode());
        self.undecided.note(&mut self.store, id, (Judged::Valid, &value), Some(round))?;
        Ok(value)
    }

    fn judge(&mut self, height: u64, value: &[u8], sight: Sight, now: u64) -> Result<Verdict, JournalError> {
        self.require_height(height)?;
        // Bytes that are no entry have no value id, and are refused alike whenever they come.
        let (entry, record) = match validity::decode(value) {
            Ok(decoded) => decoded,
            Err(refusal) => {
                self.audit.refused(&Refused::unread(now, "vote", value, "", &refusal));
                return Ok(Verdict::Invalid);
            }
        };
        let id = entry.header.value_id();
        match (self.undecided.judged(id), sight) {
            (Some(Judged::Valid), _) => return Ok(Verdict::Valid),
            (Some(Judged::Invalid), _) | (Some(Judged::Untimely), Sight::Fresh) => {
                return Ok(Verdict::Invalid);
            }
            (Some(Judged::Untimely), Sight::Known) | (None, _) => {}
        }
        let judged = self.judgement(&entry.header, &record, sight, now)?;
        self.undecided.note(&mut self.store, id, (judged, value), None)?;
        Ok(if judged == Judged::Valid { Verdict::Valid } else { Verdict::Invalid })
    }

    fn value(&self, height: u64, id: Digest) -> Option<Vec<u8>> {
        (height == self.next_height()).then(|| self.undecided.value(id).map(<[u8]>::to_vec)).flatten()
    }

    fn note_vote(&mut self, height: u64) -> Result<(), JournalError> {
        self.require_height(height)?;
        if height > self.voted {
            let write = Write::Put(Table::Meta, VOTED.to_vec(), height.to_be_bytes().to_vec());
            self.store.write(&[write])?;
            self.voted = height;
        }
        Ok(())
    }

    fn commit(&mut self, decided: Decided) -> Result<(), JournalError> {
        self.require_height(decided.height)?;
        let height = decided.height;
        let refuse = |reason: String| JournalError::Certificate { height, reason };
        let (entry, record) = validity::decode(&decided.value).map_err(|error| refuse(error.to_string()))?;
        certificate::verify(&self.rules, &decided, entry.header)
            .map_err(|error| refuse(error.to_string()))?;
        let judged = self.undecided.judged(entry.header.value_id());
        let proofs = if judged == Some(Judged::Valid) { Proofs::Judged } else { Proofs::Verify };
        match self.check(proofs).entry(&entry.header, &record) {
            Ok(effects) => self.execute(&decided, &entry.header, &record, effects),
            Err(refusal) if refusal.is_own_fault() => Err(JournalError::Store(refusal.to_string())),
            Err(refusal) => Err(self.halt(&decided, &record, &refusal)?),
        }
    }

    fn decided(&self, height: u64) -> Result<Option<Decided>, JournalError> {
        let bytes = self.store.read(Table::Decided, &height.to_be_bytes())?;
        let decode = |bytes: Vec<u8>| {
            certificate::decode(height, &bytes)
                .map_err(|error| JournalError::Store(format!("height {height}: {error}")))
        };
        bytes.map(decode).transpose()
    }
}

impl<S: Store> Application<S> {
    /// The oldest waiting record that is valid now, or a tick. Records that no longer are valid
    /// are dropped.
    ///
    /// A tick must lie 30 s after the last entry, so it may lie ahead of the clock when a height
    /// began for a record that turned out invalid. Others accept up to 30 s, so they take it as
    /// long as journal time is not itself ahead; else the round ends without a decision, and a
    /// later one finds clocks further on.
    fn next_entry(&mut self, now: u64) -> Entry {
        let time = now.max(self.state.time.saturating_add(1));
        let mut chosen = None;
        for waiting in self.pool.take() {
            if chosen.is_none() && waiting.since <= time {
                match self.admit(&waiting.record, time) {
                    Ok(()) => chosen = Some(Entry::new(self.state.head, time, &waiting.record)),
                    Err(refusal) => {
                        self.drop_waiting(&waiting, time, &refusal);
                        continue;
                    }
                }
            }
            self.pool.put_back(waiting);
        }
        chosen.unwrap_or_else(|| {
            let tick = now.max(self.state.time.saturating_add(TICK));
            Entry::new(self.state.head, tick, &Record::Tick)
        })
    }

    fn judgement(
        &mut self,
        header: &Header,
        record: &Record,
        sight: Sight,
        now: u64,
    ) -> Result<Judged, JournalError> {
        let off = header.time.abs_diff(now) > CLOCK_TOLERANCE;
        if sight == Sight::Fresh && off {
            let refusal = Refusal::Clock { clock: now, got: header.time, limit: CLOCK_TOLERANCE };
            self.audit.refused(&Refused::new(now, "vote", record, self.rules.id, &refusal));
            return Ok(Judged::Untimely);
        }
        match self.check(Proofs::Verify).entry(header, record) {
            Ok(_) => Ok(Judged::Valid),
            Err(refusal) if refusal.is_own_fault() => Err(JournalError::Store(refusal.to_string())),
            Err(refusal) => {
                self.audit.refused(&Refused::new(now, "vote", record, self.rules.id, &refusal));
                Ok(Judged::Invalid)
            }
        }
    }

    /// One durable batch: entry, certificate, and with them head, charge and conflict keys, which
    /// follow from the entries. The state changes after it.
    fn execute(
        &mut self,
        decided: &Decided,
        header: &Header,
        record: &Record,
        effects: Effects,
    ) -> Result<(), JournalError> {
        let key = decided.height.to_be_bytes().to_vec();
        let mut batch = vec![Write::Put(Table::Decided, key, certificate::encode(decided))];
        batch.extend(self.undecided.forget());
        self.store.write(&batch)?;
        self.state.apply(header, effects);
        self.undecided = Undecided::begin(self.next_height());
        if !matches!(record, Record::Tick) {
            self.heights.insert(header.record, decided.height);
        }
        self.revalidate();
        Ok(())
    }

    /// A certified value that is not valid: more than f nodes are faulty. Keeps the evidence and
    /// stops for good.
    fn halt(
        &mut self,
        decided: &Decided,
        record: &Record,
        refusal: &Refusal,
    ) -> Result<JournalError, JournalError> {
        let (height, reason) = (decided.height, refusal.to_string());
        let batch = [
            Write::Put(Table::Evidence, height.to_be_bytes().to_vec(), certificate::encode(decided)),
            Write::Put(Table::Meta, HALTED.to_vec(), halt_bytes(height, &reason)),
        ];
        // It signs nothing more in this process even if the disk refuses.
        self.halted = Some((height, reason.clone()));
        self.audit.refused(&Refused::new(self.state.time, "execution", record, self.rules.id, refusal));
        self.store.write(&batch)?;
        Ok(JournalError::Halt { height, reason })
    }

    fn require_height(&self, got: u64) -> Result<(), JournalError> {
        if let Some((height, reason)) = &self.halted {
            return Err(JournalError::Halt { height: *height, reason: reason.clone() });
        }
        let expected = self.next_height();
        if expected == got { Ok(()) } else { Err(JournalError::Height { expected, got }) }
    }
}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.0)
    }
}
