//! Conversions between the journal's values and Malachite's.

use arc_malachitebft_app_channel::app::types::sync::RawDecidedValue;
use arc_malachitebft_core_types::{
    CommitCertificate, ExtendedCommitCertificate, ExtendedCommitSignature, Round,
};
use solventry_protocol::Entry;
use solventry_types::Digest;

use super::{
    context::{Address, Agreement, Height, ValidatorSet},
    signing::{Signature, defined},
};
use crate::journal::{CommitVote, Decided};

/// Most values in one answer to a late node.
pub(super) const MAX_BATCH: usize = 5;

/// Id of an encoded entry, if it is one.
pub fn value_id(bytes: &[u8]) -> Option<Digest> {
    Entry::decode(bytes).ok().map(|(entry, _)| entry.header.value_id())
}

/// A certified value as the journal takes it, precommits in group order.
pub fn decided(certificate: &CommitCertificate<Agreement>, value: Vec<u8>, set: &ValidatorSet) -> Decided {
    let mut votes: Vec<_> = certificate
        .commit_signatures
        .iter()
        .map(|commit| CommitVote { identity: commit.address.0, signature: commit.signature.0 })
        .collect();
    votes.sort_by_key(|vote| set.number_of(&Address(vote.identity)));
    Decided { height: certificate.height.0, round: defined(certificate.round), value, votes }
}

/// A decided value as late nodes take it; none if its value is no entry.
pub(super) fn raw(decided: Decided) -> Option<RawDecidedValue<Agreement>> {
    let id = value_id(&decided.value)?;
    let commits = decided.votes.iter().map(|vote| (Address(vote.identity), Signature(vote.signature)));
    let certificate = certificate_of(Height(decided.height), Round::new(decided.round), id, commits);
    Some(RawDecidedValue { value_bytes: decided.value.into(), certificate })
}

/// A certificate without vote extensions.
pub(super) fn certificate_of(
    height: Height,
    round: Round,
    value_id: Digest,
    commits: impl Iterator<Item = (Address, Signature)>,
) -> ExtendedCommitCertificate<Agreement> {
    let commits = commits.map(|(address, signature)| ExtendedCommitSignature::new(address, signature, None));
    ExtendedCommitCertificate { height, round, value_id, commit_signatures: commits.collect() }
}
