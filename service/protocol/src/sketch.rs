//! What execution needs of a payment's record, read without its proofs: for entries that were
//! verified before they were written to one's own disk.

use solventry_types::{
    Digest, Payment, VaultConfiguration,
    codec::{CodecError, Reader},
    digest::InjectiveHasher,
};

use crate::evidence::SigningEvidence;

/// Payment and transaction of undecided, unsigned signing evidence. Nothing else of it is parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// What humans approved.
    pub payment: Payment,
    /// Raw transaction.
    pub transaction: Vec<u8>,
    /// [`SigningEvidence::record_digest`].
    pub record: Digest,
}

/// The end of evidence without decision and signatures: a flag and a count.
const UNDECIDED: [u8; 5] = [0; 5];

impl Sketch {
    /// Reads the sketch of encoded evidence.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let mut reader = Reader::new(bytes, SigningEvidence::MAX_BYTES)?;
        reader.header(&SigningEvidence::MAGIC)?;
        reader.var_bytes(VaultConfiguration::MAX_BYTES, "vault configuration")?;
        let payment = Payment::read(&mut reader)?;
        let transaction = reader.var_bytes(SigningEvidence::MAX_TRANSACTION_BYTES, "transaction")?.to_vec();
        let Some(record) = bytes.strip_suffix(&UNDECIDED) else {
            return Err(reader.invalid("signing evidence", "a record holds no decision and no signatures"));
        };
        let record = InjectiveHasher::new("solventry/payment-record/v1").field(record).finish();
        Ok(Self { payment, transaction, record })
    }
}
