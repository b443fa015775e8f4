use arc_malachitebft_app_channel::app::{
    streaming::{StreamContent, StreamId, StreamMessage},
    types::{
        PeerId, ProposedValue, SignedConsensusMsg,
        codec::{Codec, HasEncodedLen},
        sync::{RawDecidedValue, Request, Response, Status},
    },
};
use arc_malachitebft_core_consensus::LivenessMsg;
use arc_malachitebft_core_types::{
    NilOrVal, PolkaCertificate, PolkaSignature, Round, RoundCertificate, RoundCertificateType,
    RoundSignature, SignedProposal, SignedVote, ValidatorProof, Validity, VoteType,
};
use arc_malachitebft_sync::{ValueRequest, ValueResponse};
use bytes::Bytes;
use solventry_types::Digest;

use super::{
    codec::WireCodec,
    context::{Address, Agreement, Height, Part, Proposal, Value, Vote},
    peer_id,
    signing::Signature,
    values::certificate_of,
};

const ADDRESS: Address = Address([3; 32]);
const SIGNATURE: Signature = Signature([4; 64]);
const ID: Digest = Digest([5; 32]);

fn votes() -> Vec<SignedVote<Agreement>> {
    let vote = |kind, round, value| {
        let vote = Vote { kind, height: Height(9), round, value, address: ADDRESS };
        SignedVote::new(vote, SIGNATURE)
    };
    vec![
        vote(VoteType::Prevote, Round::new(0), NilOrVal::Nil),
        vote(VoteType::Precommit, Round::new(u32::MAX), NilOrVal::Val(ID)),
        vote(VoteType::Precommit, Round::Nil, NilOrVal::Val(ID)),
    ]
}

fn proposal(pol_round: Round) -> SignedProposal<Agreement> {
    let (height, round, value, address) = (Height(9), Round::new(1), Value(ID), ADDRESS);
    SignedProposal::new(Proposal { height, round, value, pol_round, address }, SIGNATURE)
}

fn polka() -> PolkaCertificate<Agreement> {
    let polka_signatures = vec![PolkaSignature::new(ADDRESS, SIGNATURE); 3];
    PolkaCertificate { height: Height(9), round: Round::new(1), value_id: ID, polka_signatures }
}

fn round_certificate(cert_type: RoundCertificateType) -> RoundCertificate<Agreement> {
    let signature = |kind, value| RoundSignature::new(kind, value, ADDRESS, SIGNATURE);
    let round_signatures =
        vec![signature(VoteType::Prevote, NilOrVal::Nil), signature(VoteType::Precommit, NilOrVal::Val(ID))];
    RoundCertificate { height: Height(9), round: Round::new(1), cert_type, round_signatures }
}

fn part() -> Part {
    let bytes = Bytes::from_static(b"bytes");
    Part { height: Height(9), round: 2, value: ID, count: 3, index: 2, bytes }
}

fn peer() -> PeerId {
    PeerId::from_bytes(&peer_id(&[6; 32]).unwrap()).unwrap()
}

fn response(count: u64) -> Response<Agreement> {
    let value = |height| {
        let commits = (0..3).map(|_| (ADDRESS, SIGNATURE));
        let certificate = certificate_of(Height(height), Round::new(1), ID, commits);
        RawDecidedValue { value_bytes: Bytes::from_static(b"value"), certificate }
    };
    Response::ValueResponse(ValueResponse {
        start_height: Height(9),
        values: (9..9 + count).map(value).collect(),
    })
}

/// Round trip; and of every changed byte and every prefix: an error, or a message with exactly
/// that encoding.
fn check<T: PartialEq + std::fmt::Debug>(message: &T)
where
    WireCodec: Codec<T>,
{
    let bytes = WireCodec.encode(message).unwrap();
    assert_eq!(&WireCodec.decode(bytes.clone()).unwrap(), message);
    let canonical = |changed: Vec<u8>| {
        if let Ok(other) = Codec::<T>::decode(&WireCodec, changed.clone().into()) {
            assert_ne!(&other, message);
            assert_eq!(WireCodec.encode(&other).unwrap(), changed);
        }
    };
    for place in 0..bytes.len() {
        for flip in [1, 0x80, 0xff] {
            let mut changed = bytes.to_vec();
            changed[place] ^= flip;
            canonical(changed);
        }
        assert!(Codec::<T>::decode(&WireCodec, bytes.slice(..place)).is_err(), "a prefix is no message");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(Codec::<T>::decode(&WireCodec, longer.into()).is_err(), "nothing may follow");
    let mut state = 1_u32;
    for length in 0..200 {
        let garbage = (0..length).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0] & if length % 2 == 0 { 0xff } else { 0x03 }
        });
        canonical(garbage.collect());
    }
}

#[test]
fn consensus_messages_survive_and_are_canonical() {
    for vote in votes() {
        check(&SignedConsensusMsg::Vote(vote.clone()));
        check(&LivenessMsg::Vote(vote));
    }
    for lock in [Round::Nil, Round::new(0)] {
        check(&SignedConsensusMsg::Proposal(proposal(lock)));
    }
    check(&LivenessMsg::PolkaCertificate(polka()));
    for kind in [RoundCertificateType::Skip, RoundCertificateType::Precommit] {
        check(&LivenessMsg::SkipRoundCertificate(round_certificate(kind)));
    }
    check(&ValidatorProof::<Agreement>::new(vec![1; 32], vec![2; 38], SIGNATURE));
}

#[test]
fn parts_and_the_log_survive_and_are_canonical() {
    check(&part());
    let stream = |content| StreamMessage::new(StreamId::new(Bytes::from_static(b"stream")), 2, content);
    check(&stream(StreamContent::Data(part())));
    check(&stream(StreamContent::Fin));
    check(&polka());
    for validity in [Validity::Valid, Validity::Invalid] {
        let (height, round, valid_round) = (Height(9), Round::new(1), Round::Nil);
        let (proposer, value) = (ADDRESS, Value(ID));
        check(&ProposedValue::<Agreement> { height, round, valid_round, proposer, value, validity });
    }
}

#[test]
fn sync_messages_survive_and_are_canonical() {
    let status = Status { peer_id: peer(), tip_height: Height(9), history_min_height: Height(1) };
    check::<Status<Agreement>>(&status);
    check(&Request::<Agreement>::ValueRequest(ValueRequest::new(Height(1)..=Height(5))));
    for count in [0, 1, 5] {
        let response = response(count);
        check(&response);
        let bytes = WireCodec.encode(&response).unwrap();
        assert_eq!(WireCodec.encoded_len(&response).unwrap(), bytes.len());
    }
}

#[test]
fn what_is_over_a_bound_is_refused() {
    let refused = |bytes: Bytes| Codec::<Response<Agreement>>::decode(&WireCodec, bytes).is_err();
    assert!(refused(WireCodec.encode(&response(6)).unwrap()), "more values than a batch");
    let mut certificate = polka();
    certificate.polka_signatures = vec![PolkaSignature::new(ADDRESS, SIGNATURE); 32];
    let bytes = WireCodec.encode(&certificate).unwrap();
    assert!(Codec::<PolkaCertificate<Agreement>>::decode(&WireCodec, bytes).is_err(), "more than 31 nodes");
    let large = Part { bytes: vec![0; (64 << 10) + 1].into(), ..part() };
    let bytes = WireCodec.encode(&large).unwrap();
    assert!(Codec::<Part>::decode(&WireCodec, bytes).is_err(), "more than 64 KiB");
    let claims = [&[0; 8][..], &[0, 0, 0, 5]].concat();
    assert!(refused(claims.into()), "a count without the values");
}
