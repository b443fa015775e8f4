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
        portfolio: pseudonym(account, about, portfolio),
        nonce: about.nonce,
        question: about.question,
    };
    let context = Context::new(about.venue, about.arrays, sender);
    let list = |role, values: &[u64]| {
        let market = about.venue.market;
        let metadata = context.metadata(role);
        let mut list = match encryptor {
            Encryptor::Secret(key) => EncryptedList::secret(key, market, values, &metadata),
            Encryptor::Public(key, crs) => EncryptedList::public(key, crs, market, values, &metadata)?,
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

/// The positions under a keyed hash: the same while no position changes, whatever the order of the
/// arrays, other instruments or the collateral; nothing to guess at without the account's secret
/// key. The authority keeps its budget by it; an account that lies about it gives away its own
/// positions and nobody else's.
fn pseudonym(account: &SigningKey, about: &About<'_>, portfolio: &Portfolio) -> Digest {
    let key = Sha256::new().chain_update(b"solventry/margin-portfolio/v1").chain_update(account.as_bytes());
    let key = key.finalize();
    let mut inner = Sha256::new().chain_update(key).chain_update(about.venue.digest().0);
    let instruments = about.arrays.content().instruments.iter().map(|instrument| instrument.name.as_str());
    let mut held: Vec<_> = instruments.zip(portfolio.legs.chunks_exact(2)).collect();
    held.retain(|(_, legs)| legs.iter().any(|lots| *lots != 0));
    held.sort_unstable();
    for (name, legs) in held {
        inner.update((name.len() as u64).to_be_bytes());
        inner.update(name);
        legs.iter().for_each(|lots| inner.update(lots.to_be_bytes()));
    }
    Digest(Sha256::new().chain_update(key).chain_update(inner.finalize()).finalize().into())
}

#[cfg(test)]
mod tests {
    use solventry_fhe_risk::{
        arrays::file::{Content, Format, Instrument},
        plan::{InputKind, Market},
    };

    use super::*;

    const MARKET: Market = Market { bits: 20, value_bits: 8, inputs: InputKind::Secret };

    fn venue(name: &str) -> Venue {
        Venue {
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
        }
    }

    fn arrays(names: &[&str]) -> RiskArrays {
        let instrument = |name: &&str| Instrument { name: (*name).into(), long: vec![1], short: vec![1] };
        RiskArrays::new(Content {
            format: Format::V1,
            family: "sample".into(),
            currency: "USD".into(),
            quantum: "1".parse().unwrap(),
            look_ahead_days: 1,
            epoch: 1,
            valid_from: 1,
            valid_until: 2,
            instruments: names.iter().map(instrument).collect(),
            collateral: vec![],
        })
        .unwrap()
    }

    #[test]
    fn the_pseudonym_is_of_the_positions_alone() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let named = |account: &SigningKey, name: &str, names: &[&str], legs: &[u64], collateral| {
            let (venue, arrays) = (venue(name), arrays(names));
            let about = About { venue: &venue, arrays: &arrays, question: Question::Call, nonce: 1 };
            let portfolio = Portfolio { legs: legs.to_vec(), collateral: vec![collateral] };
            pseudonym(account, &about, &portfolio)
        };
        let first = named(&key, "a", &["A", "B"], &[1, 2, 0, 3], 1);
        assert_eq!(named(&key, "a", &["A", "B"], &[1, 2, 0, 3], 7), first, "collateral");
        assert_eq!(named(&key, "a", &["B", "A"], &[0, 3, 1, 2], 1), first, "order");
        assert_eq!(named(&key, "a", &["A", "C", "B"], &[1, 2, 0, 0, 0, 3], 1), first, "listed, not held");
        assert_ne!(named(&key, "a", &["A", "B"], &[1, 2, 3, 0], 1), first, "side");
        assert_ne!(named(&key, "a", &["A", "C"], &[1, 2, 0, 3], 1), first, "instrument");
        assert_ne!(named(&key, "b", &["A", "B"], &[1, 2, 0, 3], 1), first, "venue");
        assert_ne!(named(&SigningKey::from_bytes(&[2; 32]), "a", &["A", "B"], &[1, 2, 0, 3], 1), first);
    }
}
