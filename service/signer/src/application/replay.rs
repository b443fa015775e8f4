//! Reading the journal back from one's own disk: the hash chain is checked, proofs are not
//! verified again. Only the attestation in force is.

use std::{collections::BTreeMap, sync::Arc};

use solventry_protocol::{Entry, Genesis, Header, Record, sketch::Sketch};
use solventry_types::{Attestation, Digest, codec::Reader};
use solventry_verifier::verify_attestation;

use super::{
    certificate,
    execute::{Decided as Decision, Effects},
    refusal::Refusal,
    rules::{Memo, Rules},
    state::{Epoch, State},
    store::{Store, StoreError, Table, Write},
    validity::{Check, Proofs},
};
use crate::journal::Decided;

/// Key of the genesis.
const GENESIS: &[u8] = b"genesis";
/// Key of the highest voted height.
pub const VOTED: &[u8] = b"voted";
/// Key of the height and reason of a halt.
pub const HALTED: &[u8] = b"halted";

/// What the disk holds.
pub struct History {
    /// State after the last decided height.
    pub state: State,
    /// Heights of decided records.
    pub heights: BTreeMap<Digest, u64>,
}

/// Writes the genesis to an empty disk; refuses that of another journal.
pub fn require_genesis(store: &mut impl Store, genesis: &Genesis) -> Result<(), StoreError> {
    let expected = genesis.encode();
    match store.read(Table::Meta, GENESIS)? {
        None => store.write(&[Write::Put(Table::Meta, GENESIS.to_vec(), expected)]),
        Some(found) if found == expected => Ok(()),
        Some(_) => Err(StoreError("it holds the journal of another genesis than `genesis.solv`".into())),
    }
}

/// Highest height at which this node voted.
pub fn voted(store: &impl Store) -> Result<u64, StoreError> {
    let Some(bytes) = store.read(Table::Meta, VOTED)? else { return Ok(0) };
    let bytes = bytes.try_into().map_err(|_| StoreError("voted height: expected 8 bytes".into()))?;
    Ok(u64::from_be_bytes(bytes))
}

/// Where and why this node halted.
pub fn halted(store: &impl Store) -> Result<Option<(u64, String)>, StoreError> {
    let Some(bytes) = store.read(Table::Meta, HALTED)? else { return Ok(None) };
    let Some((height, reason)) = bytes.split_first_chunk::<8>() else {
        return Err(StoreError("halt: expected a height and a reason".into()));
    };
    Ok(Some((u64::from_be_bytes(*height), String::from_utf8_lossy(reason).into_owned())))
}

/// What [`halted`] reads.
pub fn halt_bytes(height: u64, reason: &str) -> Vec<u8> {
    [&height.to_be_bytes(), reason.as_bytes()].concat()
}

/// Executes every decided entry of the disk.
pub fn history(store: &impl Store, rules: &Rules, memo: &mut Memo) -> Result<History, StoreError> {
    let state = State::new(&rules.genesis);
    let mut history = History { state, heights: BTreeMap::new() };
    let mut active = None;
    store.scan(Table::Decided, &mut |key, value| {
        let height = history.state.height.saturating_add(1);
        let damaged =
            |problem: &dyn std::fmt::Display| StoreError(format!("decided height {height}: {problem}"));
        if key != height.to_be_bytes() {
            return Err(damaged(&"expected one entry per height, from 1"));
        }
        let decided = certificate::decode(height, value).map_err(|error| damaged(&error))?;
        let (header, effects) =
            effects(&decided, &history.state, rules, memo).map_err(|error| damaged(&error))?;
        match &effects {
            Effects::Tick => {}
            Effects::Activate(_) => active = Some((height, header.time)),
            _ => {}
        }
        if !matches!(effects, Effects::Tick) {
            history.heights.insert(header.record, height);
        }
        history.state.apply(&header, effects);
        Ok(())
    })?;
    if let Some((height, time)) = active {
        verify_active(store, rules, memo, &mut history.state, height, time)?;
    }
    Ok(history)
}

/// Header and effects of an entry that was valid when it was executed.
fn effects(
    decided: &Decided,
    state: &State,
    rules: &Rules,
    memo: &mut Memo,
) -> Result<(Header, Effects), Refusal> {
    let (header, record) = header(&decided.value)?;
    if header.previous != state.head {
        return Err(Refusal::Previous { expected: state.head, got: header.previous });
    }
    if let Some(evidence) = payment(record)? {
        return Ok((header, paid(&header, state, rules, evidence)?));
    }
    let (_, record) = Entry::decode(&decided.value)?;
    let effects = match &record {
        Record::Activate(activate) => {
            let attestation = Attestation::decode(&activate.attestation)?;
            Effects::Activate(Box::new(Epoch::new(&attestation, attestation.digest())))
        }
        Record::Settle(settle) => Effects::Settle(settle.payment_id, settle.outcome, settle.block_height),
        // Few and cheap: checked again in full.
        other => Check { state, rules, memo, proofs: Proofs::Judged }.entry(&header, other)?,
    };
    Ok((header, effects))
}

/// The header of an entry, and its encoded record.
fn header(value: &[u8]) -> Result<(Header, &[u8]), Refusal> {
    let mut reader = Reader::new(value, Entry::MAX_BYTES)?;
    reader.header(&Entry::MAGIC)?;
    let (previous, time) = (Digest(reader.array("previous head")?), reader.u64("journal time")?);
    let record = Digest(reader.array("record digest")?);
    Ok((Header { previous, time, record }, reader.var_bytes(Record::MAX_BYTES, "record")?))
}

/// The evidence in a payment's record.
fn payment(record: &[u8]) -> Result<Option<&[u8]>, Refusal> {
    /// Kind of record in its encoding.
    const PAYMENT: u8 = 5;
    let mut reader = Reader::new(record, Record::MAX_BYTES)?;
    reader.header(&Record::MAGIC)?;
    if reader.u8("kind of record")? != PAYMENT {
        return Ok(None);
    }
    Ok(Some(reader.var_bytes(solventry_protocol::SigningEvidence::MAX_BYTES, "signing evidence")?))
}

/// A payment that was valid. Accounts of a vault never change.
fn paid(header: &Header, state: &State, rules: &Rules, evidence: &[u8]) -> Result<Effects, Refusal> {
    let sketch = Sketch::decode(evidence)?;
    if sketch.record != header.record {
        return Err(Refusal::OtherRecord);
    }
    let name = &sketch.payment.vault;
    let vault = state.vaults.get(name).ok_or_else(|| Refusal::UnknownVault(name.clone()))?;
    let accounts = &vault.at(header.time).configuration.accounts;
    let transfer = solventry_chains::decode(&sketch.transaction, accounts)?;
    let id = sketch.payment.id(rules.id);
    Ok(Effects::Pay(Box::new(Decision::new(id, &sketch.payment, &transfer))))
}

/// Verifies the attestation in force again: payments are checked against it.
fn verify_active(
    store: &impl Store,
    rules: &Rules,
    memo: &mut Memo,
    state: &mut State,
    height: u64,
    time: u64,
) -> Result<(), StoreError> {
    let damaged = |problem: &dyn std::fmt::Display| StoreError(format!("decided height {height}: {problem}"));
    let bytes = store.read(Table::Decided, &height.to_be_bytes())?.unwrap_or_default();
    let decided = certificate::decode(height, &bytes).map_err(|error| damaged(&error))?;
    let (_, record) = Entry::decode(&decided.value).map_err(|error| damaged(&error))?;
    let Record::Activate(activate) = record else { return Err(damaged(&"expected an epoch activation")) };
    let verified = verify_attestation(&activate.attestation, &rules.genesis.anchors, time);
    let verified = Arc::new(verified.map_err(|error| damaged(&error))?);
    memo.keep(verified.clone());
    state.epoch = Some(Epoch::verified(verified));
    Ok(())
}
