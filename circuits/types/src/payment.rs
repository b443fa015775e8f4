//! Payments: what humans approve and the journal decides once.

use crate::{
    account::AccountId,
    asset::{read_chain, read_locator, write_locator},
    codec::{CodecError, Reader, Writer},
    digest::{Digest, InjectiveHasher},
    place::{Chain, Locator},
};

/// Whether a payment is ordinary or only moves funds between own accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// To a listed destination.
    Normal,
    /// To an own destination, while the margin ratio is outside its band.
    Rebalance,
}

impl Lane {
    /// Both lanes.
    pub const ALL: [Self; 2] = [Self::Normal, Self::Rebalance];

    /// Code in files and statements.
    pub const fn code(self) -> u8 {
        match self {
            Self::Normal => 0,
            Self::Rebalance => 1,
        }
    }

    /// The lane with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.code() == code)
    }

    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Rebalance => "rebalance",
        }
    }

    /// The lane with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.name() == name)
    }
}

/// Inclusive span of journal time, Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First second.
    pub from: u64,
    /// Last second.
    pub until: u64,
}

impl Validity {
    /// Whether `time` lies in the span.
    pub const fn contains(self, time: u64) -> bool {
        self.from <= time && time <= self.until
    }
}

/// One payment out of a vault, to one external destination. `payment_id` binds all of it and
/// nothing of the transaction, so that approvals survive a change of fee or inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Name of the vault.
    pub vault: String,
    /// Chain on which it is made.
    pub chain: Chain,
    /// What is paid, as that chain calls it.
    pub locator: Locator,
    /// Canonical account of the destination: output script, or 32 bytes.
    pub destination: Vec<u8>,
    /// What the destination receives, in chain units.
    pub amount: u64,
    /// Most network fee, in units of the chain's own coin (satoshi, lamports).
    pub fee_cap: u64,
    /// When it may be decided and signed.
    pub validity: Validity,
    /// Lane.
    pub lane: Lane,
    /// Makes two otherwise equal payments distinct.
    pub nonce: [u8; 16],
    /// Ed25519 key of whoever proposes it; must be registered, and cannot approve it.
    pub proposer: [u8; 32],
}

/// Why a payment is not well formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaymentError {
    /// Name of the vault.
    #[error("vault name: expected 1 to 64 bytes of NFC text without control characters or outer white space")]
    Vault,
    /// Destination.
    #[error("destination: wrong length for its chain")]
    Destination,
    /// Contract.
    #[error("asset: the contract has the wrong length for its chain")]
    Locator,
    /// Nothing is paid.
    #[error("amount: expected at least 1 unit")]
    Amount,
    /// The span is empty.
    #[error("validity: it ends before it begins")]
    Validity,
}

impl Payment {
    /// Longest vault name in bytes.
    pub const MAX_VAULT_BYTES: usize = 64;
    /// Largest encoding in bytes.
    pub const MAX_BYTES: usize = 512;

    /// Checks every field.
    pub fn validate(&self) -> Result<(), PaymentError> {
        let contract_fits = match &self.locator {
            Locator::Native => true,
            Locator::Contract(bytes) => self.chain.accepts_contract(bytes),
        };
        if !is_vault_name(&self.vault) {
            Err(PaymentError::Vault)
        } else if !self.chain.accepts_account(&self.destination) {
            Err(PaymentError::Destination)
        } else if !contract_fits {
            Err(PaymentError::Locator)
        } else if self.amount == 0 {
            Err(PaymentError::Amount)
        } else if self.validity.until < self.validity.from {
            Err(PaymentError::Validity)
        } else {
            Ok(())
        }
    }

    /// `payment_id`: what proposer and approvers sign, under the journal's genesis digest.
    pub fn id(&self, genesis: Digest) -> Digest {
        let mut writer = Writer::new();
        self.write(&mut writer);
        InjectiveHasher::new("solventry/payment/v1").field(&genesis.0).field(writer.as_bytes()).finish()
    }

    /// Digest of the destination, as the whitelist holds it.
    pub fn destination_digest(&self) -> Digest {
        destination_digest(self.chain, &self.destination)
    }

    /// Writes the payment (SPEC, "Payment").
    pub fn write(&self, writer: &mut Writer) {
        writer.var_bytes(self.vault.as_bytes()).u8(self.chain.code());
        write_locator(writer, &self.locator);
        writer.var_bytes(&self.destination).u64(self.amount).u64(self.fee_cap);
        writer.u64(self.validity.from).u64(self.validity.until).u8(self.lane.code());
        writer.bytes(&self.nonce).bytes(&self.proposer);
    }

    /// Reads and validates a payment.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let vault = reader.text(Self::MAX_VAULT_BYTES, "vault name")?.to_owned();
        let chain = read_chain(reader)?;
        let locator = read_locator(reader, chain)?;
        let destination = reader.var_bytes(64, "destination")?.to_vec();
        let (amount, fee_cap) = (reader.u64("amount")?, reader.u64("fee cap")?);
        let validity = Validity { from: reader.u64("valid from")?, until: reader.u64("valid until")? };
        let lane = Lane::from_code(reader.u8("lane")?)
            .ok_or_else(|| reader.invalid("lane", "expected 0 (normal) or 1 (rebalance)"))?;
        let (nonce, proposer) = (reader.array("nonce")?, reader.array("proposer")?);
        let payment =
            Self { vault, chain, locator, destination, amount, fee_cap, validity, lane, nonce, proposer };
        payment.validate().map_err(|_| reader.invalid("payment", "a field is out of range"))?;
        Ok(payment)
    }
}

/// Whether text names a vault.
pub fn is_vault_name(text: &str) -> bool {
    text.len() <= Payment::MAX_VAULT_BYTES && AccountId::new(text).is_ok()
}

/// Digest of a destination: chain and canonical account.
pub fn destination_digest(chain: Chain, account: &[u8]) -> Digest {
    InjectiveHasher::new("solventry/destination/v1").integer(chain.code().into()).field(account).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment() -> Payment {
        Payment {
            vault: "treasury".into(),
            chain: Chain::Bitcoin,
            locator: Locator::Native,
            destination: vec![7; 34],
            amount: 5,
            fee_cap: 6,
            validity: Validity { from: 1, until: 2 },
            lane: Lane::Normal,
            nonce: [1; 16],
            proposer: [2; 32],
        }
    }

    #[test]
    fn every_field_is_in_the_id() {
        let genesis = Digest([9; 32]);
        let id = payment().id(genesis);
        assert_ne!(payment().id(Digest([8; 32])), id);
        let changes: [fn(&mut Payment); 11] = [
            |p| p.vault.push('x'),
            |p| p.chain = Chain::Solana,
            |p| p.locator = Locator::Contract(vec![0; 32]),
            |p| p.destination[3] ^= 1,
            |p| p.amount += 1,
            |p| p.fee_cap += 1,
            |p| p.validity.from += 1,
            |p| p.validity.until += 1,
            |p| p.lane = Lane::Rebalance,
            |p| p.nonce[0] ^= 1,
            |p| p.proposer[0] ^= 1,
        ];
        for change in changes {
            let mut other = payment();
            change(&mut other);
            assert_ne!(other.id(genesis), id);
        }
    }

    #[test]
    fn the_encoding_survives_the_round_trip_and_bad_ones_are_refused() {
        let encode = |payment: &Payment| {
            let mut writer = Writer::new();
            payment.write(&mut writer);
            writer.finish()
        };
        let bytes = encode(&payment());
        let mut reader = Reader::new(&bytes, Payment::MAX_BYTES).unwrap();
        assert_eq!(Payment::read(&mut reader).unwrap(), payment());
        reader.finish().unwrap();
        let bad: [fn(&mut Payment); 4] = [
            |p| p.amount = 0,
            |p| p.validity.until = 0,
            |p| p.destination = vec![0; 3],
            |p| p.vault = " x".into(),
        ];
        for change in bad {
            let mut other = payment();
            change(&mut other);
            let bytes = encode(&other);
            assert!(Payment::read(&mut Reader::new(&bytes, Payment::MAX_BYTES).unwrap()).is_err());
        }
    }
}
