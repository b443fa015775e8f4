//! Decided values on disk, and their certificates as evidence files carry them.

use solventry_protocol::{
    Decision, Entry, Header,
    decision::{DecisionError, Precommit},
};
use solventry_types::{
    VaultConfiguration,
    codec::{CodecError, Magic, Reader, Writer},
};

use super::rules::Rules;
use crate::journal::{CommitVote, Decided};

const MAGIC: Magic = Magic { bytes: *b"SOLVCRT\n", version: 1, what: "decided value" };
const MAX_BYTES: usize = Entry::MAX_BYTES + 4096;

/// The encoding of a decided value; its height is its key.
pub fn encode(decided: &Decided) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.header(&MAGIC).u32(decided.round).count(decided.votes.len());
    for vote in &decided.votes {
        writer.bytes(&vote.identity).bytes(&vote.signature);
    }
    writer.var_bytes(&decided.value);
    writer.finish()
}

/// Parses a decided value.
pub fn decode(height: u64, bytes: &[u8]) -> Result<Decided, CodecError> {
    let mut reader = Reader::new(bytes, MAX_BYTES)?;
    reader.header(&MAGIC)?;
    let round = reader.u32("round")?;
    let count = reader.count(VaultConfiguration::MAX_SIGNERS, 96, "votes")?;
    let votes = (0..count)
        .map(|_| {
            let identity = reader.array("identity key")?;
            Ok(CommitVote { identity, signature: reader.array("precommit signature")? })
        })
        .collect::<Result<_, CodecError>>()?;
    let value = reader.var_bytes(Entry::MAX_BYTES, "entry")?.to_vec();
    reader.finish()?;
    Ok(Decided { height, round, value, votes })
}

/// The decision of a decided value.
pub fn decision(rules: &Rules, decided: &Decided, header: Header) -> Result<Decision, DecisionError> {
    let mut precommits = Vec::with_capacity(decided.votes.len());
    let last = rules.identities.len().saturating_sub(1);
    for vote in &decided.votes {
        let place = rules.identities.iter().position(|identity| *identity == vote.identity);
        let signer = place.and_then(|place| u8::try_from(place).ok());
        let signer = signer.ok_or(DecisionError::UnknownSigner { last, got: u8::MAX })?;
        precommits.push(Precommit { signer, signature: vote.signature });
    }
    precommits.sort_by_key(|precommit| precommit.signer);
    Ok(Decision { header, height: decided.height, round: decided.round, precommits })
}

/// Checks that a certificate decides a value at its height: nothing else advances the journal.
pub fn verify(rules: &Rules, decided: &Decided, header: Header) -> Result<(), DecisionError> {
    decision(rules, decided, header)?.verify_by(header.record, rules.id, &rules.identities)
}
