//! Attestations of a ratio, for signers of transactions.

use ed25519_dalek::SigningKey;
use solventry_types::MarginAttestation;

use super::{DecryptionAuthority, Told};
use crate::{budget::BudgetError, signing};

/// Why there is no attestation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttestError {
    /// No ratio was told.
    #[error(
        "an attestation states a ratio: ask with --disclose ratio or margin, of a query with --question margin"
    )]
    NoRatio,
    /// Venue or account of a length that attestations do not have.
    #[error("venue or account: expected 1 to 64 and 1 to 128 bytes of text")]
    Names,
    /// The counter.
    #[error(transparent)]
    Budget(#[from] BudgetError),
}

impl DecryptionAuthority {
    /// Signs the lower edge of the ratio that was just told, with the oracle's next counter, which is
    /// on disk before the signature is made. Its time is when the answer was charged first: an old answer
    /// does not become fresh by being told again. `account` is the account's name in policies.
    ///
    /// # Errors
    ///
    /// If no ratio was told, a name is too long, or the counter cannot be kept.
    pub fn attest(
        &self,
        told: &Told,
        account: &str,
        oracle: &SigningKey,
    ) -> Result<MarginAttestation, AttestError> {
        let ratio_bps = told.ratio_bps.ok_or(AttestError::NoRatio)?;
        let venue = self.venue().name.clone();
        let fits = |text: &str, most| (1..=most).contains(&text.len());
        if !fits(&venue, MarginAttestation::MAX_VENUE_BYTES)
            || !fits(account, MarginAttestation::MAX_ACCOUNT_BYTES)
        {
            return Err(AttestError::Names);
        }
        let key = oracle.verifying_key().to_bytes();
        let mut attestation = MarginAttestation {
            venue,
            account: account.to_owned(),
            ratio_bps,
            counter: self.budget().next_counter(&key)?,
            time: told.charge.time,
            risk_arrays: solventry_types::Digest(told.arrays.0),
            oracle: key,
            signature: [0; 64],
        };
        attestation.signature = signing::sign(oracle, &attestation.message().0);
        Ok(attestation)
    }
}
