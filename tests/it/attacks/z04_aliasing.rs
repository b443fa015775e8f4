//! Z4: aliases of field elements and points: x + k·p, both flags set, identity with junk, points
//! off the curve or outside the subgroup. (arkworks' `from_*_mod_order` and `FromStr` alias; the
//! codec re-encodes and compares.)

use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ff::{BigInt, BigInteger, PrimeField, UniformRand};
use ark_serialize::CanonicalSerialize;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use solventry_types::{Attestation, proof::StagedProof, reserves::ReserveClass};
use solventry_verifier::VerifyingKeys;

use crate::support::{
    fixture::fixture,
    outcome::{Outcome, attacks, attempt, names},
};

attacks![
    scalars_plus_multiples_of_the_order,
    g1_coordinates_plus_multiples_of_the_modulus,
    g2_coordinates_plus_multiples_of_the_modulus,
    flags_of_points_in_every_combination,
    points_off_the_curve,
    g2_points_outside_the_subgroup,
    identities,
    verifying_key_coordinates_plus_multiples,
];

/// Encodings of all elements of an attestation: scalars, G1, G2.
fn elements(attestation: &Attestation) -> [Vec<Vec<u8>>; 3] {
    let bytes = |element: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = Vec::new();
        element(&mut bytes);
        bytes
    };
    let scalar = |s: Fr| bytes(&|out| s.serialize_compressed(out).unwrap());
    let g1 = |p: G1Affine| bytes(&|out| p.serialize_compressed(out).unwrap());
    let g2 = |p: G2Affine| bytes(&|out| p.serialize_compressed(out).unwrap());
    let (mut scalars, mut ones, mut twos) = (vec![], vec![], vec![]);
    let coverage = &attestation.coverage;
    let links = attestation.shards.iter().map(|shard| &shard.linked).chain([&coverage.linked]);
    for linked in links {
        let StagedProof { d, a, b, c } = linked.proof;
        ones.extend([d, a, c, linked.opening].map(g1));
        twos.push(g2(b));
        scalars.push(scalar(linked.evaluation));
    }
    scalars.push(scalar(coverage.statement.headroom_root));
    ones.push(g1(coverage.statement.mask));
    for shard in &attestation.shards {
        let blocks = shard.statement.blocks.iter().flat_map(|block| [block.slots, block.labels]);
        ones.extend(blocks.chain([shard.statement.totals, shard.statement.mask]).map(g1));
    }
    for class in &attestation.reserves.classes {
        if let ReserveClass::Attested { commitment, .. } = class {
            ones.push(g1(*commitment));
        }
    }
    [scalars, ones, twos]
}

fn find(file: &[u8], needle: &[u8]) -> usize {
    file.windows(needle.len()).position(|window| window == needle).unwrap()
}

/// Little-endian `value + k·modulus` if it stays below 2^bits; `bits` above belong to flags.
fn alias(element: &[u8], modulus: BigInt<4>, k: u64, bits: u32) -> Option<[u8; 32]> {
    let flags = element[31] & if bits == 254 { 0xc0 } else { 0 };
    let mut plain: [u8; 32] = element.try_into().unwrap();
    plain[31] &= !flags;
    let limb = |chunk: &[u8]| u64::from_le_bytes(chunk.try_into().unwrap());
    let mut sum = BigInt::<4>::new(std::array::from_fn(|index| limb(&plain[8 * index..][..8])));
    for _ in 0..k {
        if sum.add_with_carry(&modulus) {
            return None;
        }
    }
    if sum.num_bits() > bits {
        return None;
    }
    let mut bytes: [u8; 32] = sum.to_bytes_le().try_into().unwrap();
    bytes[31] |= flags;
    Some(bytes)
}

/// Replaces 32 bytes at `offset` of the attested file; it must be refused as not canonical.
fn replaced(file: &[u8], offset: usize, bytes: &[u8]) -> Outcome {
    let mut altered = file.to_vec();
    altered[offset..offset + bytes.len()].copy_from_slice(bytes);
    names(&attempt(&fixture().anchors, &altered)?, "Format(Invalid", "")
}

/// All aliases of all `elements` (32 bytes at `shift` of each); at least one must fit.
fn aliases(elements: &[Vec<u8>], shift: usize, modulus: BigInt<4>, bits: u32) -> Outcome {
    let file = fixture().attested.encode();
    let mut tried = 0;
    for element in elements {
        let offset = find(&file, element) + shift;
        for bytes in (1..=5).filter_map(|k| alias(&element[shift..shift + 32], modulus, k, bits)) {
            replaced(&file, offset, &bytes)?;
            tried += 1;
        }
    }
    if tried > 0 { Ok(()) } else { Err("no alias fits".into()) }
}

/// Source: Z4; circom and arkworks `from_le_bytes_mod_order` style double spends.
fn scalars_plus_multiples_of_the_order() -> Outcome {
    aliases(&elements(&fixture().attested)[0], 0, Fr::MODULUS, 256)
}

/// Source: Z4.
fn g1_coordinates_plus_multiples_of_the_modulus() -> Outcome {
    aliases(&elements(&fixture().attested)[1], 0, Fq::MODULUS, 254)
}

/// Source: Z4: the first coordinate has all 256 bits, the second shares two with the flags.
fn g2_coordinates_plus_multiples_of_the_modulus() -> Outcome {
    let elements = &elements(&fixture().attested)[2];
    aliases(elements, 0, Fq::MODULUS, 256)?;
    let tried: Vec<Vec<u8>> = VerifyingKeysBytes::g2(); // more points, so that some alias fits
    let fits = tried.iter().any(|point| alias(&point[32..], Fq::MODULUS, 1, 254).is_some());
    if fits { key_aliases(&tried, 32, 254) } else { Err("no alias fits".into()) }
}

/// Source: Z4: sign and infinity bits.
fn flags_of_points_in_every_combination() -> Outcome {
    let file = fixture().attested.encode();
    let [_, ones, twos] = elements(&fixture().attested);
    for element in ones.iter().chain(&twos) {
        let (offset, last) = (find(&file, element), element.len() - 1);
        for flags in [0x40u8, 0xc0] {
            let mut bytes = element.clone();
            bytes[last] = (bytes[last] & 0x3f) | flags;
            replaced(&file, offset, &bytes)?;
        }
    }
    Ok(())
}

/// Source: Z4, invalid-curve attacks (Biehl, Meyer, Müller 2000).
fn points_off_the_curve() -> Outcome {
    let file = fixture().attested.encode();
    let mut rng = ChaCha20Rng::from_seed([4; 32]);
    for element in &elements(&fixture().attested)[1] {
        let off = std::iter::repeat_with(|| Fq::rand(&mut rng))
            .find(|x| G1Affine::get_point_from_x_unchecked(*x, false).is_none())
            .unwrap();
        let mut bytes = Vec::new();
        off.serialize_compressed(&mut bytes).unwrap();
        replaced(&file, find(&file, element), &bytes)?;
    }
    Ok(())
}

/// Source: Z4, small subgroups of the twist (Barreto et al., "Subgroup security", eprint 2015/247).
fn g2_points_outside_the_subgroup() -> Outcome {
    let file = fixture().attested.encode();
    let mut rng = ChaCha20Rng::from_seed([5; 32]);
    for element in &elements(&fixture().attested)[2] {
        let outside = std::iter::repeat_with(|| ark_bn254::Fq2::rand(&mut rng))
            .filter_map(|x| G2Affine::get_point_from_x_unchecked(x, false))
            .find(|point| point.is_on_curve() && !point.is_in_correct_subgroup_assuming_on_curve())
            .unwrap();
        let mut bytes = Vec::new();
        outside.serialize_compressed(&mut bytes).unwrap();
        replaced(&file, find(&file, element), &bytes)?;
    }
    Ok(())
}

/// Source: Z4: the canonical identity has no place in any field.
fn identities() -> Outcome {
    let file = fixture().attested.encode();
    let [_, ones, twos] = elements(&fixture().attested);
    for element in ones.iter().chain(&twos) {
        let mut bytes = vec![0; element.len()];
        bytes[element.len() - 1] = 0x40;
        replaced(&file, find(&file, element), &bytes)?;
    }
    Ok(())
}

/// Points of the verifying keys by group.
struct VerifyingKeysBytes;

impl VerifyingKeysBytes {
    fn g1() -> Vec<Vec<u8>> {
        let keys = &fixture().keys.verifying;
        let staged =
            [&keys.shard, &keys.coverage].into_iter().flat_map(|key| [vec![key.alpha_g1], key.ic.clone()]);
        keys.kzg.g1_powers.iter().copied().chain(staged.flatten()).map(encoded).collect()
    }

    fn g2() -> Vec<Vec<u8>> {
        let keys = &fixture().keys.verifying;
        let staged = [&keys.shard, &keys.coverage]
            .into_iter()
            .flat_map(|key| [key.beta_g2, key.gamma_g2, key.delta_g2, key.delta1_g2]);
        keys.kzg.g2_powers.iter().copied().chain(staged).map(encoded).collect()
    }
}

fn encoded(point: impl CanonicalSerialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    point.serialize_compressed(&mut bytes).unwrap();
    bytes
}

fn key_aliases(elements: &[Vec<u8>], shift: usize, bits: u32) -> Outcome {
    let file = fixture().keys.verifying.encode();
    for element in elements {
        let offset = find(&file, element) + shift;
        for bytes in (1..=5).filter_map(|k| alias(&element[shift..shift + 32], Fq::MODULUS, k, bits)) {
            let mut altered = file.clone();
            altered[offset..offset + 32].copy_from_slice(&bytes);
            match VerifyingKeys::decode(&altered) {
                Ok(_) => return Err("ACCEPTED".into()),
                Err(error) => names(&error, "Codec(Invalid", "")?,
            }
        }
    }
    Ok(())
}

/// Source: Z4, in the keys: another encoding would be another digest of the same key.
fn verifying_key_coordinates_plus_multiples() -> Outcome {
    key_aliases(&VerifyingKeysBytes::g1(), 0, 254)?;
    key_aliases(&VerifyingKeysBytes::g2(), 0, 256)
}
