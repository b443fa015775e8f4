//! H2 and H8: files of other parameters are refused whatever they are called, and a reference string
//! that one party made is never shown as anything else.

use solventry_fhe_risk::{
    client::{Crs, PublicKey},
    keys::{EvaluationKey, SecretKey},
    parameters,
    plan::Market,
    wire::{Digest, Kind, Provenance, Query, Venue, WireError},
};
use tfhe::{
    core_crypto::prelude::{CiphertextModulus, LweCiphertextCount, LweDimension, TUniform},
    safe_serialization::safe_serialize,
    shortint::{
        ClassicPBSParameters,
        parameters::{
            v1_3::V1_3_PARAM_MESSAGE_1_CARRY_1_KS_PBS_TUNIFORM_2M128,
            v1_3::V1_3_PARAM_MESSAGE_2_CARRY_2_KS_PBS_GAUSSIAN_2M128,
            v1_4::{
                V1_4_PARAM_MESSAGE_1_CARRY_1_KS_PBS_TUNIFORM_2M128,
                V1_4_PARAM_MESSAGE_2_CARRY_2_KS_PBS_GAUSSIAN_2M128,
                V1_4_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M64,
                V1_4_PARAM_MESSAGE_3_CARRY_3_KS_PBS_TUNIFORM_2M128,
            },
        },
    },
    zk::{CompactPkeCrs, ZkMSBZeroPaddingBitCount},
};

use super::world::{MARKET, WORLD};

/// Six sets of tfhe, under the digest that a program which took them for ours would write.
fn sets() -> [Digest; 6] {
    let digest = |set: ClassicPBSParameters| Digest::of(format!("{set:?}").as_bytes());
    [
        digest(V1_4_PARAM_MESSAGE_1_CARRY_1_KS_PBS_TUNIFORM_2M128),
        digest(V1_4_PARAM_MESSAGE_2_CARRY_2_KS_PBS_GAUSSIAN_2M128),
        digest(V1_4_PARAM_MESSAGE_2_CARRY_2_KS_PBS_TUNIFORM_2M64),
        digest(V1_4_PARAM_MESSAGE_3_CARRY_3_KS_PBS_TUNIFORM_2M128),
        digest(V1_3_PARAM_MESSAGE_1_CARRY_1_KS_PBS_TUNIFORM_2M128),
        digest(V1_3_PARAM_MESSAGE_2_CARRY_2_KS_PBS_GAUSSIAN_2M128),
    ]
}

fn file(kind: Kind, parameters: Digest) -> Vec<u8> {
    let header = [kind.magic.as_slice(), &kind.version.to_le_bytes(), &parameters.0].concat();
    [header, vec![1; 100_000]].concat()
}

#[test]
fn keys_queries_and_venues_of_other_parameters_are_refused() {
    let is_foreign = |error: Option<WireError>| matches!(error, Some(WireError::Parameters { .. }));
    for set in sets() {
        assert!(is_foreign(SecretKey::read_from(file(SecretKey::KIND, set).as_slice()).err()));
        assert!(is_foreign(PublicKey::read_from(file(PublicKey::KIND, set).as_slice()).err()));
        assert!(is_foreign(EvaluationKey::read_from(file(EvaluationKey::KIND, set).as_slice()).err()));
        assert!(is_foreign(Query::decode(&file(Query::KIND, set)).err()));
        assert!(is_foreign(Crs::read_from(file(Crs::KIND, set).as_slice(), MARKET, 4).err()));
        let venue = Venue { parameters: set, ..WORLD.venue.clone() };
        assert!(Venue::from_json(venue.to_json().as_bytes()).is_err());
    }
}

/// A reference string as tfhe makes it for our lists, in a file that says it is ours.
fn crs(dimension: usize, noise: u32) -> Vec<u8> {
    let crs = CompactPkeCrs::new(
        LweDimension(dimension),
        LweCiphertextCount(4),
        TUniform::<u64>::new(noise),
        CiphertextModulus::new_native(),
        1u64 << MARKET.bits,
        ZkMSBZeroPaddingBitCount(u64::from(MARKET.bits - MARKET.value_bits)),
        &mut rand_core::OsRng,
    )
    .expect("sizes that tfhe takes");
    let mut body = Vec::new();
    safe_serialize(&crs, &mut body, Crs::MAX_BYTES).expect("it fits");
    let header =
        [Crs::KIND.magic.as_slice(), &Crs::KIND.version.to_le_bytes(), &parameters::digest()].concat();
    [header, vec![0], (body.len() as u32).to_le_bytes().to_vec(), body].concat()
}

#[test]
fn reference_strings_of_other_parameters_are_refused() {
    let read = |file: &[u8], market, limit| Crs::read_from(file, market, limit).map(|(_, made, _)| made);
    let ours = std::fs::read(WORLD.folder.path("crs")).expect("its own file");
    assert_eq!(read(&ours, MARKET, 4).expect("ours"), Provenance::Development);
    let foreign = [crs(2048, 17), crs(1024, 3), crs(4096, 17)];
    for (number, file) in foreign.iter().enumerate() {
        assert!(matches!(read(file, MARKET, 4), Err(WireError::Invalid { .. })), "{number}");
    }
    let markets = [
        Market { bits: 32, ..MARKET },
        Market { value_bits: 11, ..MARKET },
        Market { value_bits: 13, ..MARKET },
    ];
    for market in markets {
        assert!(matches!(read(&ours, market, 4), Err(WireError::Invalid { .. })), "{market:?}");
    }
    assert!(matches!(read(&ours, MARKET, 3), Err(WireError::Invalid { .. })));
}

#[test]
fn a_reference_string_of_one_party_is_untrusted() {
    assert!(WORLD.venue.is_untrusted() && !Provenance::Development.is_trusted());
    let mut named = WORLD.venue.clone();
    named.crs = None;
    assert!(Venue::from_json(named.to_json().as_bytes()).is_err(), "public inputs without one");
}
