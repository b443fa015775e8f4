//! Headroom proofs: one per transaction, plain Groth16 by stock ark-groth16 (`01-solvency` §5).

use std::fmt;

use ark_bn254::Fr;
use solventry_solvency::{
    coverage::surpluses,
    headroom::HeadroomWitness,
    surplus_tree::{self, GROUP},
};
use solventry_types::{
    AssetId, AssetTable, Attestation, HeadroomProof, HeadroomStatement, Total, amount::decimal,
};
use solventry_verifier::headroom::{AttestedRoot, HeadroomError as Refused, HeadroomFile};
use zeroize::Zeroize;

pub use self::keys::HeadroomKeys;
use crate::{
    reserves::ReserveOpening,
    seal::{SealError, insolvent, reserves},
    secrets::EpochSecret,
    stock::{self, Stock},
};

mod keys;

/// What a sealed epoch knows about its surpluses, checked against its root. Secret.
pub struct HeadroomSecrets {
    attested: AttestedRoot,
    assets: AssetTable,
    surpluses: Vec<u128>,
    salts: Vec<Fr>,
}

/// A headroom proof cannot be made. Holds no surplus.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeadroomError {
    /// More would leave than reserves can spare.
    #[error(
        "asset {symbol}: an outflow of {outflow} since the snapshot would break coverage, so no proof can be made; \
         send less, or add reserves and seal a new epoch"
    )]
    Exceeded {
        /// Symbol of the asset.
        symbol: String,
        /// The outflow asked for, in whole coins.
        outflow: String,
    },
    /// Not an asset of the epoch.
    #[error("expected an asset from 1 to {assets}, got {got}; the epoch's table has no more")]
    UnknownAsset {
        /// Assets of the table.
        assets: usize,
        /// Asset asked for.
        got: u16,
    },
    /// Surpluses and salts give another root than the attestation's.
    #[error(
        "the secrets do not belong to this attestation: liabilities, reserves and salts give another headroom root"
    )]
    OtherAttestation,
    /// The reserves of the epoch are not well formed.
    #[error(transparent)]
    Reserves(#[from] SealError),
    /// The fresh proof does not verify.
    #[error("the fresh headroom proof does not verify: {0}")]
    SelfCheck(#[source] Refused),
}

impl HeadroomSecrets {
    /// From what the epoch was sealed with: its liabilities, the openings of its attested classes
    /// in the order of the evidence, and its secret.
    pub fn new(
        attestation: &Attestation,
        liabilities: &[Total],
        openings: &[ReserveOpening],
        secret: &EpochSecret,
    ) -> Result<Self, HeadroomError> {
        let (context, evidence) = (&attestation.context, &attestation.reserves);
        let (assets, root) = (context.assets.clone(), attestation.coverage.statement.headroom_root);
        let reserves = reserves(evidence, openings, &assets)?;
        let surpluses =
            surpluses(&assets, liabilities, &reserves).map_err(|short| insolvent(&assets, short))?;
        let salts = secret.salts(evidence.digest(), context.profile.max_assets / GROUP);
        let mut leaves: Vec<Fr> = surpluses.iter().map(|surplus| Fr::from(*surplus)).collect();
        leaves.resize(context.profile.max_assets, Fr::from(0u64));
        let secrets = Self { attested: AttestedRoot::recorded(context, root), assets, surpluses, salts };
        if surplus_tree::root(&leaves, &secrets.salts) == root {
            Ok(secrets)
        } else {
            Err(HeadroomError::OtherAttestation)
        }
    }

    /// What the proofs will be checked against.
    pub fn attested(&self) -> &AttestedRoot {
        &self.attested
    }

    /// The statement of an outflow; refuses an asset past the table and one without headroom.
    fn statement(&self, asset: AssetId, outflow: Total) -> Result<HeadroomStatement, HeadroomError> {
        let unknown = |_| HeadroomError::UnknownAsset { assets: self.assets.len(), got: asset.get() };
        self.attested.statement(asset, outflow).map_err(unknown)
    }
}

impl Drop for HeadroomSecrets {
    fn drop(&mut self) {
        self.surpluses.zeroize();
        self.salts.zeroize();
    }
}

impl fmt::Debug for HeadroomSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeadroomSecrets(hidden)")
    }
}

/// Proves that `outflow` units of `asset` may have left since the snapshot. The proof is verified
/// before it is returned.
pub fn prove_headroom(
    keys: &HeadroomKeys,
    secrets: &HeadroomSecrets,
    asset: AssetId,
    outflow: Total,
) -> Result<HeadroomFile, HeadroomError> {
    let statement = secrets.statement(asset, outflow)?;
    let witness = HeadroomWitness::new(&secrets.surpluses, &secrets.salts, asset);
    let chosen = keys.circuit.chosen_values(&witness, &statement).map_err(|_| {
        let listed = &secrets.assets.assets()[asset.index()];
        let outflow = decimal(outflow.units(), listed.decimals);
        HeadroomError::Exceeded { symbol: listed.symbol.clone(), outflow }
    })?;
    let proof = prove_chosen(keys, &statement, &chosen);
    let file = HeadroomFile { statement, key: keys.verifying.clone(), proof };
    file.holds_alone().map_err(HeadroomError::SelfCheck)?;
    Ok(file)
}

/// A proof from chosen wires; nothing is checked here, so that tests can prove what is not so.
pub fn prove_chosen(keys: &HeadroomKeys, statement: &HeadroomStatement, chosen: &[Fr]) -> HeadroomProof {
    let assignment = keys.circuit.assignment(&statement.inputs(), chosen);
    let stock = Stock { circuit: &keys.circuit.circuit, assignment: &assignment };
    let proof = stock::prove(&keys.proving, stock, &keys.matrices);
    HeadroomProof { a: proof.a, b: proof.b, c: proof.c }
}
