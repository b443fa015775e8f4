//! Verification of signing evidence, as a numbered list of steps.

use solventry_chains::Transfer;
use solventry_policy::{PolicyProof, PolicyVerifyingKey};
use solventry_types::{AssetId, Digest, Lane, MarginAttestation, Total, VaultConfiguration, codec::Reader};
use solventry_verifier::{
    Anchors, VerifiedAttestation,
    headroom::{AttestedRoot, HeadroomVerifyingKey, verify_headroom},
};

use crate::{
    decision::is_signed,
    error::SigningError,
    evidence::SigningEvidence,
    rebuild::{
        Charge, JournalClaims, charge, claims_of, headroom_difference, headroom_statement, policy_difference,
        policy_statement,
    },
    request::{require_of, verify_people},
};

/// Oldest margin attestation at the decision, in seconds of journal time.
pub const ORACLE_AGE: u64 = 60;

/// Names of the steps, in order.
pub const STEPS: [&str; 14] = [
    "file is canonical and complete",
    "vault configuration is pinned in the anchors",
    "transaction is of a known form, with one external destination",
    "payment says what the transaction does, fee within its cap",
    "payment is proposed by a registered proposer",
    "approvals are of distinct registered approvers, none of them the proposer",
    "margin attestation, for a rebalance, is the pinned oracle's",
    "attestation is the one referred to, and its table has the asset",
    "policy statement is what transaction, payment, configuration and attestation say",
    "policy proof: a hidden policy allows this payment (C-POL)",
    "headroom statement is what attestation and transaction say",
    "headroom proof: reserves still cover this asset after the outflow (C-HEAD)",
    "decision, if there: certified by a quorum, in time",
    "signatures, if there: one valid for every input",
];

/// What a file does not hold yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// No decision certificate: the journal's sums are claims.
    Decision,
    /// No signatures.
    Signatures,
}

/// Largest file of this kind, and how a file of it begins: refuses others before keys are made.
pub fn require_kind(bytes: &[u8]) -> Result<(), SigningError> {
    Reader::new(bytes, SigningEvidence::MAX_BYTES)?.header(&SigningEvidence::MAGIC)?;
    Ok(())
}

/// Signing evidence whose every step passed. Only [`verify_signing`] makes one.
#[derive(Debug)]
pub struct VerifiedSigning {
    evidence: SigningEvidence,
    transfer: Transfer,
    asset: AssetId,
    charged: Total,
    claims: JournalClaims,
    setup_is_trusted: bool,
}

impl VerifiedSigning {
    /// The file's content.
    pub const fn evidence(&self) -> &SigningEvidence {
        &self.evidence
    }

    /// The transaction, decoded.
    pub const fn transfer(&self) -> &Transfer {
        &self.transfer
    }

    /// The asset's number in the attested table.
    pub const fn asset(&self) -> AssetId {
        self.asset
    }

    /// Charged amount in listed units.
    pub const fn charged(&self) -> Total {
        self.charged
    }

    /// Sums, count, last use and outflow as claimed; they rest on the decision certificate.
    pub const fn claims(&self) -> &JournalClaims {
        &self.claims
    }

    /// `payment_id`.
    pub fn payment_id(&self) -> Digest {
        self.evidence.payment.id(self.evidence.vault.genesis)
    }

    /// Whether the setups behind attestation and headroom key can be trusted.
    pub const fn setup_is_trusted(&self) -> bool {
        self.setup_is_trusted
    }

    /// What the file does not hold yet.
    pub fn missing(&self) -> Vec<Missing> {
        let decision = self.evidence.decision.is_none().then_some(Missing::Decision);
        let signatures = self.evidence.signatures.is_empty().then_some(Missing::Signatures);
        decision.into_iter().chain(signatures).collect()
    }
}

/// Verifies the bytes of a signing evidence file against a verified attestation and the
/// verifier's anchors. Valid does not mean decided: see [`VerifiedSigning::missing`].
pub fn verify_signing(
    bytes: &[u8],
    attestation: &VerifiedAttestation,
    anchors: &Anchors,
    policy_key: &PolicyVerifyingKey,
) -> Result<VerifiedSigning, SigningError> {
    // 1. File.
    let evidence = SigningEvidence::decode(bytes)?;
    let SigningEvidence { vault, payment, .. } = &evidence;

    // 2. Vault configuration.
    let got = vault.digest();
    if !anchors.pins_vault(got) {
        return Err(SigningError::VaultNotPinned { got });
    }

    // 3. Transaction.
    let transfer = solventry_chains::decode(&evidence.transaction, &vault.accounts)?;

    // 4. Payment.
    require_of(payment, vault)?;
    transfer.matches(payment)?;

    // 5. and 6. Proposal and approvals.
    let approvals = verify_people(payment, &evidence.proposal, &evidence.approvals, vault)?;

    // 7. Margin attestation.
    verify_margin(evidence.margin.as_ref(), payment.lane, vault)?;

    // 8. Epoch.
    if evidence.attestation != attestation.digest() {
        let (expected, got) = (attestation.digest(), evidence.attestation);
        return Err(SigningError::OtherAttestation { expected, got });
    }
    let charge = charge(&transfer, payment.fee_cap, vault, attestation)?;

    // 9. and 10. Policy.
    let claims = claims_of(&evidence.policy_statement, &evidence.headroom_statement);
    let margin = evidence.margin.as_ref();
    let expected = policy_statement(vault, payment, &charge, margin, approvals, &claims);
    if let Some(field) = policy_difference(&expected, &evidence.policy_statement) {
        return Err(SigningError::PolicyStatement { field });
    }
    let proof = PolicyProof::from_bytes(&evidence.policy_proof)?;
    solventry_policy::verify(policy_key, &expected, &proof)?;

    // 11. and 12. Headroom.
    let headroom_is_trusted = verify_headroom_part(&evidence, attestation, anchors, &charge, &claims)?;

    // 13. Decision.
    verify_decision(&evidence, attestation)?;

    // 14. Signatures.
    if !evidence.signatures.is_empty() {
        transfer.verify_signatures(&evidence.signatures)?;
    }

    let (asset, charged) = (charge.id, charge.amount);
    let setup_is_trusted = attestation.setup_is_trusted() && headroom_is_trusted;
    Ok(VerifiedSigning { evidence, transfer, asset, charged, claims, setup_is_trusted })
}

/// A rebalance has a margin attestation, of the vault's oracle and account and signed; other
/// payments have none.
pub fn verify_margin(
    margin: Option<&MarginAttestation>,
    lane: Lane,
    vault: &VaultConfiguration,
) -> Result<(), SigningError> {
    let margin = match (margin, lane) {
        (None, Lane::Normal) => return Ok(()),
        (None, Lane::Rebalance) => return Err(SigningError::MarginMissing),
        (Some(_), Lane::Normal) => return Err(SigningError::MarginUnexpected),
        (Some(margin), Lane::Rebalance) => margin,
    };
    let oracle = vault.oracle.filter(|oracle| oracle.key == margin.oracle).ok_or(SigningError::OracleKey)?;
    if margin.account_digest() != oracle.account {
        return Err(SigningError::OracleAccount);
    }
    if !is_signed(&oracle.key, margin.message(), &margin.signature) {
        return Err(SigningError::OracleSignature);
    }
    Ok(())
}

/// Whether the headroom key's setup is trusted.
fn verify_headroom_part(
    evidence: &SigningEvidence,
    attestation: &VerifiedAttestation,
    anchors: &Anchors,
    charge: &Charge<'_>,
    claims: &JournalClaims,
) -> Result<bool, SigningError> {
    // 11. Statement.
    let expected = headroom_statement(attestation, charge, claims);
    if let Some(field) = headroom_difference(&expected, &evidence.headroom_statement) {
        return Err(SigningError::HeadroomStatement { field });
    }
    if claims.outflow < charge.outflow {
        return Err(SigningError::Outflow);
    }

    // 12. Proof.
    let key = HeadroomVerifyingKey::decode(&evidence.headroom_key)?;
    let got = key.digest();
    if !anchors.pins_headroom(got) {
        return Err(SigningError::HeadroomKeyNotPinned { got });
    }
    let root = AttestedRoot::new(attestation);
    let verified = verify_headroom(&key, &root, &expected, &evidence.headroom_proof)?;
    Ok(verified.setup_is_trusted())
}

fn verify_decision(
    evidence: &SigningEvidence,
    attestation: &VerifiedAttestation,
) -> Result<(), SigningError> {
    let Some(decision) = &evidence.decision else { return Ok(()) };
    decision.verify(evidence.record_digest(), &evidence.vault)?;
    let (time, validity) = (decision.header.time, evidence.payment.validity);
    if !validity.contains(time) {
        return Err(SigningError::Validity { time, from: validity.from, until: validity.until });
    }
    let snapshot = attestation.attestation().context.snapshot_time;
    if time < snapshot {
        return Err(SigningError::BeforeSnapshot { time, snapshot });
    }
    if let Some(made) = evidence.margin.as_ref().map(|margin| margin.time) {
        let fresh = made <= time && time - made <= ORACLE_AGE;
        if !fresh {
            return Err(SigningError::OracleAge { time, made, limit: ORACLE_AGE });
        }
    }
    Ok(())
}
