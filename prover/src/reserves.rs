//! Hidden reserves: the opening that an attestor is shown, and the attestor's side.

use std::fmt;

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::CurveGroup;
use ark_ff::UniformRand;
use ed25519_dalek::{Signer, SigningKey};
use rand_core::OsRng;
use solventry_types::{
    CodecError, Digest, EpochContext, Total,
    codec::{Magic, Reader, Writer},
    reserves::{AttestedEpoch, AttestorSignature, attested_message},
};

use solventry_verifier::reserves::verifies;
use zeroize::Zeroize;

use crate::{
    kernel::{Arkworks, Kernel},
    keys::ProvingKeys,
    kzg::reserve_bases_digest,
};

/// Everything an attestor needs to recompute one class commitment. Secret: it holds the reserves
/// and their blinding.
pub struct ReserveOpening {
    /// Entity, epoch, asset table.
    pub context: EpochContext,
    /// Digest of the liabilities commitments of the epoch.
    pub liabilities: Digest,
    /// Name of the class.
    pub class: String,
    /// R_a in table order.
    pub reserves: Vec<Total>,
    /// Blinding of the commitment.
    pub blinding: Fr,
    /// [L_a(τ)]_1 for a = 1..=A_max.
    pub lagrange: Vec<G1Affine>,
    /// [Z_H(τ)]_1
    pub vanishing: G1Affine,
}

impl ReserveOpening {
    /// Magic bytes and version.
    pub const MAGIC: Magic = Magic { bytes: *b"SOLVOPN\n", version: 1, what: "reserve opening" };
    /// Largest file in bytes.
    pub const MAX_BYTES: usize = 4 << 20;

    /// Opens a fresh commitment to `reserves`, one total per asset of the table.
    pub fn new(
        keys: &ProvingKeys,
        context: EpochContext,
        liabilities: Digest,
        class: &str,
        reserves: Vec<Total>,
    ) -> Self {
        Self {
            liabilities,
            lagrange: keys.reference.lagrange[1..=context.profile.max_assets].to_vec(),
            vanishing: keys.reference.vanishing().into_affine(),
            class: class.to_owned(),
            context,
            reserves,
            blinding: Fr::rand(&mut OsRng),
        }
    }

    /// C_R,i: `Σ R_a·[L_a(τ)]_1 + blinding·[Z_H(τ)]_1`.
    pub fn commitment(&self) -> G1Affine {
        let scalars: Vec<Fr> = self.reserves.iter().map(|total| Fr::from(total.units())).collect();
        let sum = Arkworks.msm_g1(&self.lagrange[..scalars.len()], &scalars);
        (sum + G1Projective::from(self.vanishing) * self.blinding).into_affine()
    }

    /// The attestor's signature over context, class, commitment and bases. Sign only after
    /// comparing [`Self::reserves`] with what was shown; negative reserves cannot be written.
    pub fn attest(&self, key: &SigningKey) -> AttestorSignature {
        AttestorSignature {
            attestor: key.verifying_key().to_bytes(),
            signature: key.sign(&self.message().0).to_bytes(),
        }
    }

    /// Whether a signature is one over this opening.
    pub fn verifies(&self, signature: &AttestorSignature) -> bool {
        verifies(&signature.attestor, &self.message().0, &signature.signature)
    }

    /// What the signature is about; an attestor compares it with what was published.
    pub fn epoch(&self) -> AttestedEpoch {
        AttestedEpoch {
            context: self.context.digest(),
            liabilities: self.liabilities,
            reserve_bases: reserve_bases_digest(&self.lagrange, &self.vanishing),
        }
    }

    fn message(&self) -> Digest {
        attested_message(&self.epoch(), &self.class, &self.commitment())
    }

    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.header(&Self::MAGIC);
        self.context.write(&mut writer);
        writer.bytes(&self.liabilities.0).var_bytes(self.class.as_bytes());
        for total in &self.reserves {
            writer.u128(total.units());
        }
        writer.scalar(&self.blinding);
        for point in &self.lagrange {
            writer.g1(point);
        }
        writer.g1(&self.vanishing);
        writer.finish()
    }

    /// Parses a file; counts follow from its context.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, Self::MAX_BYTES)?;
        reader.header(&Self::MAGIC)?;
        let context = EpochContext::read(&mut reader)?;
        let liabilities = Digest(reader.array("liabilities digest")?);
        let class = reader.text(64, "class")?.to_owned();
        let mut reserves = Vec::with_capacity(context.assets.len());
        for _ in 0..context.assets.len() {
            let units = reader.u128("reserves")?;
            let total =
                Total::from_units(units).map_err(|_| reader.invalid("reserves", "over 2^96 units"))?;
            reserves.push(total);
        }
        let blinding = reader.scalar("blinding")?;
        let lagrange =
            (0..context.profile.max_assets).map(|_| reader.g1("[L_a(τ)]_1")).collect::<Result<_, _>>()?;
        let vanishing = reader.g1("[Z_H(τ)]_1")?;
        reader.finish()?;
        Ok(Self { context, liabilities, class, reserves, blinding, lagrange, vanishing })
    }
}

impl Drop for ReserveOpening {
    fn drop(&mut self) {
        self.blinding.zeroize();
    }
}

impl fmt::Debug for ReserveOpening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReserveOpening(hidden)")
    }
}
