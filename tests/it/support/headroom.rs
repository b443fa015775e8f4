//! Headroom in the fixture's epoch, and a prover of headroom that lies.

use std::sync::LazyLock;

use ark_bn254::Fr;
use solventry_prover::headroom::{HeadroomKeys, HeadroomSecrets, prove_chosen, prove_headroom};
use solventry_solvency::{coverage::surpluses, headroom::HeadroomWitness};
use solventry_types::{AssetId, HeadroomProof, HeadroomStatement, Total};
use solventry_verifier::{
    headroom::{AttestedRoot, HeadroomFile, HeadroomVerifyingKey, holds_alone},
    verify_headroom,
};

use super::{
    fixture::fixture,
    outcome::{Outcome, names},
};

/// Units that may leave of every asset of the fixture: what reserves hold above liabilities.
pub const MOST: u128 = 4_321;
/// Outflow of the honest proof.
pub const HONEST: u128 = 1_500;

/// What proves headroom in the fixture's epoch.
pub struct HeadroomFixture {
    pub keys: HeadroomKeys,
    pub secrets: HeadroomSecrets,
    pub attested: AttestedRoot,
    /// 1 500 units of the second asset.
    pub honest: HeadroomFile,
}

/// Made once per test run.
pub fn headroom() -> &'static HeadroomFixture {
    static FIXTURE: LazyLock<HeadroomFixture> = LazyLock::new(|| {
        let (fixture, keys) = (fixture(), HeadroomKeys::insecure_setup());
        let secrets =
            HeadroomSecrets::new(&fixture.public, fixture.ledger.totals(), &[], &fixture.secret).unwrap();
        let attested = AttestedRoot::new(&fixture.verified);
        assert_eq!(&attested, secrets.attested());
        let honest = prove_headroom(&keys, &secrets, asset(2), units(HONEST)).unwrap();
        verify_headroom(&keys.verifying, &attested, &honest.statement, &honest.proof).unwrap();
        HeadroomFixture { keys, secrets, attested, honest }
    });
    &FIXTURE
}

pub fn asset(number: u16) -> AssetId {
    AssetId::new(number).unwrap()
}

pub fn units(units: u128) -> Total {
    Total::from_units(units).unwrap()
}

/// The tree's opening of an asset, whether the table has it or not.
pub fn witness(asset: AssetId) -> HeadroomWitness {
    let fixture = fixture();
    let (table, evidence) = (&fixture.context.assets, &fixture.public.reserves);
    let reserves = evidence.public_totals(table).unwrap();
    let surpluses = surpluses(table, fixture.ledger.totals(), &reserves).unwrap();
    HeadroomWitness::new(&surpluses, &fixture.secret.salts(evidence.digest(), 9), asset)
}

/// The honest statement with something changed.
pub fn with(change: impl FnOnce(&mut HeadroomStatement)) -> HeadroomStatement {
    let mut statement = headroom().honest.statement;
    change(&mut statement);
    statement
}

/// A proof of chosen wires that need not be true.
pub fn lie(statement: &HeadroomStatement, chosen: &[Fr]) -> HeadroomProof {
    prove_chosen(&headroom().keys, statement, chosen)
}

/// A proof is refused in the fixture's epoch with this error.
pub fn refused(statement: &HeadroomStatement, proof: &HeadroomProof, variant: &str, says: &str) -> Outcome {
    refused_under(&headroom().keys.verifying, &headroom().attested, statement, proof, variant, says)
}

/// The same under another key or epoch.
pub fn refused_under(
    key: &HeadroomVerifyingKey,
    attested: &AttestedRoot,
    statement: &HeadroomStatement,
    proof: &HeadroomProof,
    variant: &str,
    says: &str,
) -> Outcome {
    match verify_headroom(key, attested, statement, proof) {
        Ok(_) => Err("ACCEPTED".into()),
        Err(error) => names(&error, variant, says),
    }
}

/// The equation itself refuses, whatever epoch the statement is of.
pub fn does_not_hold(statement: &HeadroomStatement, proof: &HeadroomProof) -> Outcome {
    match holds_alone(&headroom().keys.verifying, statement, proof) {
        Ok(()) => Err("ACCEPTED by the equation".into()),
        Err(error) => names(&error, "Invalid { index: 0 }", "(C-HEAD)"),
    }
}
