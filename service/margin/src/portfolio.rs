//! From a portfolio to an encrypted, signed query.

use ed25519_dalek::SigningKey;
use sha2::{Digest as _, Sha256};
use solventry_fhe_risk::{
    arrays::file::RiskArrays,
    client::{Crs, PublicKey},
    keys::SecretKey,
    plan::Question,
    reference::Portfolio,
    wire::{Context, Digest, EncryptedList, Query, Role, Sender, Venue, WireError},
};

pub use crate::lots::{Lots, MAX_BYTES, Names, PortfolioError};
use crate::signing;

/// Keys that encrypt.
pub enum Encryptor<'a> {
    /// The venue's own.
    Secret(&'a SecretKey),
    /// Anybody's, with proof.
    Public(&'a PublicKey, &'a Crs),
}

/// What a query is about, beside the portfolio.
pub struct About<'a> {
    /// Venue.
    pub venue: &'a Venue,
    /// Risk arrays.
    pub arrays: &'a RiskArrays,
    /// Question.
    pub question: Question,
    /// Higher than in any earlier query of the account.
    pub nonce: u64,
}

/// Encrypts and signs.
pub fn encrypt(
    about: &About<'_>,
    portfolio: &Portfolio,
    encryptor: &Encryptor<'_>,
    account: &SigningKey,
) -> Result<Query, PortfolioError> {
    let sender = Sender {
        account: account.verifying_key().to_bytes(),
        portfolio: pseudonym(account, about.venue, portfolio),
        nonce: about.nonce,
        question: about.question,
    };
    let context = Context::new(about.venue, about.arrays, sender);
    let list = |role, values: &[u64]| {
        let market = about.venue.market;
        let mut list = match encryptor {
            Encryptor::Secret(key) => EncryptedList::secret(key, market, values),
            Encryptor::Public(key, crs) => {
                EncryptedList::public(key, crs, market, values, &context.metadata(role))?
            }
        };
        list.signature = signing::sign(account, &context.message(role, &list).0);
        Ok::<_, WireError>(list)
    };
    Ok(Query {
        venue: about.venue.digest(),
        arrays: Digest(about.arrays.digest()),
        sender,
        positions: list(Role::Positions, &portfolio.legs)?,
        collateral: list(Role::Collateral, &portfolio.collateral)?,
    })
}

/// The portfolio under a keyed hash: the same while no lot changes, and nothing to guess at without
/// the account's secret key. The authority keeps its budget by it; an account that lies about it
/// gives away its own positions and nobody else's.
fn pseudonym(account: &SigningKey, venue: &Venue, portfolio: &Portfolio) -> Digest {
    let key = Sha256::new().chain_update(b"solventry/margin-portfolio/v1").chain_update(account.as_bytes());
    let key = key.finalize();
    let mut inner = Sha256::new().chain_update(key).chain_update(venue.digest().0);
    for list in [&portfolio.legs, &portfolio.collateral] {
        inner.update((list.len() as u64).to_be_bytes());
        list.iter().for_each(|lots| inner.update(lots.to_be_bytes()));
    }
    Digest(Sha256::new().chain_update(key).chain_update(inner.finalize()).finalize().into())
}

#[cfg(test)]
mod tests {
    use solventry_fhe_risk::plan::{InputKind, Market};

    use super::*;

    const MARKET: Market = Market { bits: 20, value_bits: 8, inputs: InputKind::Secret };

    #[test]
    fn the_pseudonym_changes_with_the_lots_and_the_account() {
        let venue = |name: &str| Venue {
            format: Default::default(),
            name: name.into(),
            family: "sample".into(),
            market: MARKET,
            list_limit: 4,
            is_large: false,
            parameters: Digest([0; 32]),
            public_key: Digest([0; 32]),
            evaluation_key: Digest([0; 32]),
            crs: None,
        };
        let portfolio = |legs: &[u64]| Portfolio { legs: legs.to_vec(), collateral: vec![1] };
        let key = SigningKey::from_bytes(&[1; 32]);
        let first = pseudonym(&key, &venue("a"), &portfolio(&[1, 2]));
        assert_eq!(pseudonym(&key, &venue("a"), &portfolio(&[1, 2])), first);
        assert_ne!(pseudonym(&key, &venue("b"), &portfolio(&[1, 2])), first);
        assert_ne!(pseudonym(&key, &venue("a"), &portfolio(&[1, 3])), first);
        assert_ne!(pseudonym(&SigningKey::from_bytes(&[2; 32]), &venue("a"), &portfolio(&[1, 2])), first);
    }
}
