//! Encodings of the pieces of consensus messages: bounded, canonical, big-endian.

use arc_malachitebft_app_channel::app::types::PeerId;
use arc_malachitebft_core_types::{
    CommitSignature, NilOrVal, PolkaCertificate, PolkaSignature, Round, RoundCertificate,
    RoundCertificateType, RoundSignature, SignedProposal, SignedVote, ValueId, VoteType,
};
use bytes::Bytes;
use solventry_types::{
    Digest, VaultConfiguration,
    codec::{CodecError, Reader, Writer},
};

use super::{
    context::{Address, Agreement, Height, Part, Proposal, Value, Vote},
    parts::{MAX_PART_BYTES, MAX_PARTS},
    signing::Signature,
};

/// Most votes in a round certificate: a prevote and a precommit of every node.
const MAX_ROUND_VOTES: usize = 2 * VaultConfiguration::MAX_SIGNERS;

pub(super) fn write_round(writer: &mut Writer, round: Round) {
    match round.as_u32() {
        None => writer.u8(0),
        Some(round) => writer.u8(1).u32(round),
    };
}

pub(super) fn read_round(reader: &mut Reader<'_>) -> Result<Round, CodecError> {
    Ok(if read_flag(reader, "round")? { Round::new(reader.u32("round")?) } else { Round::Nil })
}

pub(super) fn read_height(reader: &mut Reader<'_>) -> Result<Height, CodecError> {
    reader.u64("height").map(Height)
}

pub(super) fn read_digest(reader: &mut Reader<'_>) -> Result<Digest, CodecError> {
    reader.array("value id").map(Digest)
}

pub(super) fn read_address(reader: &mut Reader<'_>) -> Result<Address, CodecError> {
    reader.array("identity key").map(Address)
}

pub(super) fn read_signature(reader: &mut Reader<'_>) -> Result<Signature, CodecError> {
    reader.array("signature").map(Signature)
}

pub(super) fn write_peer(writer: &mut Writer, peer: &PeerId) {
    writer.var_bytes(&peer.to_bytes());
}

pub(super) fn read_peer(reader: &mut Reader<'_>) -> Result<PeerId, CodecError> {
    let bytes = reader.var_bytes(64, "peer id")?;
    let peer = PeerId::from_bytes(bytes).ok().filter(|peer| peer.to_bytes() == bytes);
    peer.ok_or_else(|| reader.invalid("peer id", "expected a libp2p peer id"))
}

pub(super) fn read_flag(reader: &mut Reader<'_>, what: &'static str) -> Result<bool, CodecError> {
    match reader.u8(what)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(reader.invalid(what, "expected 0 or 1")),
    }
}

pub(super) fn write_vote(writer: &mut Writer, vote: &SignedVote<Agreement>) {
    write_kind(writer, vote.kind);
    writer.u64(vote.height.0);
    write_round(writer, vote.round);
    write_choice(writer, vote.value);
    writer.bytes(&vote.address.0).bytes(&vote.signature.0);
}

pub(super) fn read_vote(reader: &mut Reader<'_>) -> Result<SignedVote<Agreement>, CodecError> {
    let vote = Vote {
        kind: read_kind(reader)?,
        height: read_height(reader)?,
        round: read_round(reader)?,
        value: read_choice(reader)?,
        address: read_address(reader)?,
    };
    Ok(SignedVote::new(vote, read_signature(reader)?))
}

pub(super) fn write_proposal(writer: &mut Writer, proposal: &SignedProposal<Agreement>) {
    writer.u64(proposal.height.0);
    write_round(writer, proposal.round);
    writer.bytes(&proposal.value.0.0);
    write_round(writer, proposal.pol_round);
    writer.bytes(&proposal.address.0).bytes(&proposal.signature.0);
}

pub(super) fn read_proposal(reader: &mut Reader<'_>) -> Result<SignedProposal<Agreement>, CodecError> {
    let proposal = Proposal {
        height: read_height(reader)?,
        round: read_round(reader)?,
        value: Value(read_digest(reader)?),
        pol_round: read_round(reader)?,
        address: read_address(reader)?,
    };
    Ok(SignedProposal::new(proposal, read_signature(reader)?))
}

pub(super) fn write_part(writer: &mut Writer, part: &Part) {
    writer.u64(part.height.0).u32(part.round).bytes(&part.value.0);
    writer.u16(part.count).u16(part.index).var_bytes(&part.bytes);
}

pub(super) fn read_part(reader: &mut Reader<'_>) -> Result<Part, CodecError> {
    let (height, round, value) = (read_height(reader)?, reader.u32("round")?, read_digest(reader)?);
    let (count, index) = (reader.u16("number of parts")?, reader.u16("place of the part")?);
    if count > MAX_PARTS || index >= count {
        return Err(reader.invalid("part", "its place or the number of parts is out of range"));
    }
    let bytes = Bytes::copy_from_slice(reader.var_bytes(MAX_PART_BYTES, "part")?);
    Ok(Part { height, round, value, count, index, bytes })
}

pub(super) fn write_polka(writer: &mut Writer, certificate: &PolkaCertificate<Agreement>) {
    writer.u64(certificate.height.0);
    write_round(writer, certificate.round);
    writer.bytes(&certificate.value_id.0).count(certificate.polka_signatures.len());
    for signature in &certificate.polka_signatures {
        writer.bytes(&signature.address.0).bytes(&signature.signature.0);
    }
}

pub(super) fn read_polka(reader: &mut Reader<'_>) -> Result<PolkaCertificate<Agreement>, CodecError> {
    let (height, round, value_id) = (read_height(reader)?, read_round(reader)?, read_digest(reader)?);
    let signatures = read_signatures(reader)?.into_iter();
    let polka_signatures =
        signatures.map(|(address, signature)| PolkaSignature::new(address, signature)).collect();
    Ok(PolkaCertificate { height, round, value_id, polka_signatures })
}

pub(super) fn write_commits(writer: &mut Writer, signatures: &[CommitSignature<Agreement>]) {
    writer.count(signatures.len());
    for signature in signatures {
        writer.bytes(&signature.address.0).bytes(&signature.signature.0);
    }
}

/// Addresses with signatures.
pub(super) fn read_signatures(reader: &mut Reader<'_>) -> Result<Vec<(Address, Signature)>, CodecError> {
    let count = reader.count(VaultConfiguration::MAX_SIGNERS, 96, "signatures")?;
    (0..count).map(|_| Ok((read_address(reader)?, read_signature(reader)?))).collect()
}

pub(super) fn write_round_certificate(writer: &mut Writer, certificate: &RoundCertificate<Agreement>) {
    writer.u64(certificate.height.0);
    write_round(writer, certificate.round);
    writer.u8(match certificate.cert_type {
        RoundCertificateType::Skip => 0,
        RoundCertificateType::Precommit => 1,
    });
    writer.count(certificate.round_signatures.len());
    for signature in &certificate.round_signatures {
        write_kind(writer, signature.vote_type);
        write_choice(writer, signature.value_id);
        writer.bytes(&signature.address.0).bytes(&signature.signature.0);
    }
}

pub(super) fn read_round_certificate(
    reader: &mut Reader<'_>,
) -> Result<RoundCertificate<Agreement>, CodecError> {
    let (height, round) = (read_height(reader)?, read_round(reader)?);
    let cert_type = match read_flag(reader, "kind of round certificate")? {
        false => RoundCertificateType::Skip,
        true => RoundCertificateType::Precommit,
    };
    let count = reader.count(MAX_ROUND_VOTES, 98, "votes")?;
    let round_signatures = (0..count).map(|_| read_round_signature(reader)).collect::<Result<_, _>>()?;
    Ok(RoundCertificate { height, round, cert_type, round_signatures })
}

fn read_round_signature(reader: &mut Reader<'_>) -> Result<RoundSignature<Agreement>, CodecError> {
    Ok(RoundSignature {
        vote_type: read_kind(reader)?,
        value_id: read_choice(reader)?,
        address: read_address(reader)?,
        signature: read_signature(reader)?,
    })
}

fn write_kind(writer: &mut Writer, kind: VoteType) {
    writer.u8(match kind {
        VoteType::Prevote => 0,
        VoteType::Precommit => 1,
    });
}

fn read_kind(reader: &mut Reader<'_>) -> Result<VoteType, CodecError> {
    Ok(if read_flag(reader, "kind of vote")? { VoteType::Precommit } else { VoteType::Prevote })
}

pub(super) fn write_choice(writer: &mut Writer, value: NilOrVal<ValueId<Agreement>>) {
    match value {
        NilOrVal::Nil => writer.u8(0),
        NilOrVal::Val(id) => writer.u8(1).bytes(&id.0),
    };
}

pub(super) fn read_choice(reader: &mut Reader<'_>) -> Result<NilOrVal<Digest>, CodecError> {
    Ok(if read_flag(reader, "value or nil")? { NilOrVal::Val(read_digest(reader)?) } else { NilOrVal::Nil })
}
