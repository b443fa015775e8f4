mod files;

use super::*;
use crate::{
    arrays::file::{Collateral, Content, Format, Instrument, RiskArrays},
    client::Crs,
    keys::SecretKey,
    parameters,
    plan::{InputKind, Market, Question},
};

const MARKET: Market = Market { bits: 20, value_bits: 8, inputs: InputKind::Secret };

fn arrays() -> RiskArrays {
    let instrument = |name: &str| Instrument { name: name.into(), long: vec![5, -4], short: vec![-4, 5] };
    let content = Content {
        format: Format::V1,
        family: "sample".into(),
        currency: "USD".into(),
        quantum: "1".parse().unwrap(),
        look_ahead_days: 1,
        epoch: 3,
        valid_from: 10,
        valid_until: 20,
        instruments: vec![instrument("A"), instrument("B")],
        collateral: vec![Collateral { name: "USD".into(), factor: 7 }],
    };
    RiskArrays::new(content).unwrap()
}

fn venue(market: Market, public_key: Digest, crs: Option<CrsEntry>) -> Venue {
    Venue {
        format: Default::default(),
        name: "Test venue".into(),
        family: "sample".into(),
        market,
        list_limit: 4,
        is_large: false,
        parameters: Digest(parameters::digest()),
        public_key,
        evaluation_key: Digest([2; 32]),
        crs,
    }
}

fn sender(nonce: u64) -> Sender {
    Sender { account: [9; 32], portfolio: Digest([8; 32]), nonce, question: Question::Margin }
}

/// Stands for a signature scheme: the message, twice.
fn sign(message: Digest) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&message.0);
    signature[32..].copy_from_slice(&message.0);
    signature
}

fn verify(_: &[u8; 32], message: &[u8; 32], signature: &[u8; 64]) -> bool {
    sign(Digest(*message)) == *signature
}

fn secret_query(secret: &SecretKey, venue: &Venue, arrays: &RiskArrays) -> Query {
    let context = Context::new(venue, arrays, sender(5));
    let list = |values: &[u64], role| EncryptedList::secret(secret, MARKET, values, &context.metadata(role));
    let mut query = Query {
        venue: venue.digest(),
        arrays: Digest(arrays.digest()),
        sender: sender(5),
        positions: list(&[1, 0, 2, 3], Role::Positions),
        collateral: list(&[4], Role::Collateral),
    };
    query.positions.signature = sign(context.message(Role::Positions, &query.positions));
    query.collateral.signature = sign(context.message(Role::Collateral, &query.collateral));
    query
}

/// Every shorter file and one byte more are refused; so is every flipped byte of the header.
fn hostile<T>(bytes: &[u8], decode: impl Fn(&[u8]) -> Result<T, WireError>) {
    assert!(decode(bytes).is_ok());
    for length in (0..bytes.len()).step_by(1 + bytes.len() / 200) {
        assert!(decode(&bytes[..length]).is_err(), "{length} bytes");
    }
    let longer = [bytes, &[0]].concat();
    assert!(decode(&longer).is_err());
    for place in 0..Kind::HEADER {
        for bit in 0..8 {
            let mut other = bytes.to_vec();
            other[place] ^= 1 << bit;
            assert!(decode(&other).is_err(), "byte {place}");
        }
    }
}

#[test]
fn a_query_opens_only_as_it_was_made() {
    let (secret, arrays) = (SecretKey::generate(), arrays());
    let venue = venue(MARKET, Digest([1; 32]), None);
    let query = secret_query(&secret, &venue, &arrays);
    let bytes = query.encode();
    hostile(&bytes, Query::decode);
    let (read, digest) = Query::decode(&bytes).unwrap();
    assert!(read == query && digest == query.digest());
    let inputs = read.bind(&venue, &arrays).unwrap().signed(verify).unwrap();
    let key = secret.public_key();
    let inputs = inputs.open(&key, None).unwrap();
    let lots: Vec<_> =
        inputs.legs.iter().map(|leg| secret.input_phase(leg).wrapping_add(1 << 43) >> 44).collect();
    assert_eq!(lots, [1, 0, 2, 3]);
    let again = read.bind(&venue, &arrays).unwrap().signed(verify).unwrap().open(&key, None).unwrap();
    assert!(again.legs == inputs.legs, "re-randomisation is the same for everybody");

    // No byte may change: it is not parsed, or about something else, or not signed.
    for place in (0..bytes.len()).filter(|place| place % 97 == 0 || *place < 300) {
        let mut other = bytes.clone();
        other[place] ^= 1 << (place % 8);
        let Ok((other, _)) = Query::decode(&other) else { continue };
        let is_signed = other.bind(&venue, &arrays).and_then(|bound| bound.signed(verify));
        assert!(is_signed.is_err(), "byte {place}");
    }
}

#[test]
fn foreign_lists_are_refused() {
    let (secret, arrays) = (SecretKey::generate(), arrays());
    let venue = venue(MARKET, Digest([1; 32]), None);
    let query = secret_query(&secret, &venue, &arrays);
    let refused = |change: &dyn Fn(&mut Query), part: &str| {
        let mut other = query.clone();
        change(&mut other);
        let error = other.bind(&venue, &arrays).and_then(|bound| bound.signed(verify)).err().unwrap();
        assert!(error.to_string().contains(part), "{error}");
    };
    refused(&|query| query.venue = Digest([7; 32]), "another venue");
    refused(&|query| query.arrays = Digest([7; 32]), "another set of risk arrays");
    refused(&|query| query.sender.nonce += 1, "signature");
    refused(&|query| query.sender.question = Question::Call, "signature");
    refused(&|query| query.sender.account = [1; 32], "signature");
    refused(&|query| std::mem::swap(&mut query.positions, &mut query.collateral), "expected 4 values, got 1");
    refused(&|query| query.collateral = query.positions.clone(), "expected 1 values, got 4");
    let same = EncryptedList::secret(&secret, MARKET, &[4], b"");
    refused(&|query| query.collateral = same.clone(), "signature");
    assert!(!verify(&[0; 32], &[1; 32], &[0; 64]));
}

/// Ciphertexts under the secret key are linear: a thief who signs them as his own has no tag.
#[test]
fn lists_of_others_have_no_tag() {
    let (secret, arrays) = (SecretKey::generate(), arrays());
    let venue = venue(MARKET, Digest([1; 32]), None);
    let own = |query: &Query| {
        let signed = query.bind(&venue, &arrays).and_then(|bound| bound.signed(verify)).unwrap();
        signed.require_own(&secret).map_err(|error| error.to_string())
    };
    let query = secret_query(&secret, &venue, &arrays);
    own(&query).unwrap();
    let stolen = |change: &dyn Fn(&mut Query)| {
        let mut query = query.clone();
        change(&mut query);
        let context = Context::new(&venue, &arrays, query.sender);
        query.positions.signature = sign(context.message(Role::Positions, &query.positions));
        query.collateral.signature = sign(context.message(Role::Collateral, &query.collateral));
        own(&query).unwrap_err()
    };
    let positions = "list of positions was not encrypted";
    assert!(stolen(&|query| query.sender.account = [1; 32]).contains(positions));
    assert!(stolen(&|query| query.sender.portfolio.0[0] ^= 1).contains(positions));
    assert!(stolen(&|query| query.sender.nonce += 1).contains(positions));
    let other = EncryptedList::secret(&SecretKey::generate(), MARKET, &[4], b"");
    assert!(stolen(&|query| query.collateral = other.clone()).contains("list of collateral"));
}

#[test]
fn proofs_are_bound_to_their_metadata() {
    let market = Market { inputs: InputKind::Public, ..MARKET };
    let (secret, arrays) = (SecretKey::generate(), arrays());
    let key = secret.public_key();
    let crs = Crs::generate(4, market.bits, market.value_bits).unwrap();
    let mut file = Vec::new();
    let digest = crs.write_to(Provenance::Development, &mut file).unwrap();
    let (read, provenance, same) = Crs::read_from(file.as_slice(), market, 4).unwrap();
    assert!(provenance == Provenance::Development && same == digest);
    assert!(Crs::read_from(file.as_slice(), market, 3).is_err());
    assert!(Crs::read_from(file.as_slice(), Market { value_bits: 9, ..market }, 4).is_err());
    assert!(Crs::read_from(&file[..file.len() - 1], market, 4).is_err());

    let venue = venue(market, Digest([1; 32]), Some(CrsEntry { digest, provenance }));
    assert!(venue.is_untrusted());
    let context = Context::new(&venue, &arrays, sender(1));
    let list = |values: &[u64], role| {
        let mut list = EncryptedList::public(&key, &crs, market, values, &context.metadata(role)).unwrap();
        list.signature = sign(context.message(role, &list));
        list
    };
    let query = Query {
        venue: venue.digest(),
        arrays: Digest(arrays.digest()),
        sender: sender(1),
        positions: list(&[255, 0, 1, 2], Role::Positions),
        collateral: list(&[9], Role::Collateral),
    };
    let (query, _) = Query::decode(&query.encode()).unwrap();
    let inputs =
        query.bind(&venue, &arrays).unwrap().signed(verify).unwrap().open(&key, Some(&read)).unwrap();
    assert_eq!((inputs.legs.len(), inputs.collateral.len()), (4, 1));
    // The same list, signed again by a thief for a later nonce: the proof tells.
    let mut stolen = query.clone();
    stolen.sender.nonce = 2;
    let other = Context::new(&venue, &arrays, stolen.sender);
    stolen.positions.signature = sign(other.message(Role::Positions, &stolen.positions));
    stolen.collateral.signature = sign(other.message(Role::Collateral, &stolen.collateral));
    let signed = stolen.bind(&venue, &arrays).unwrap().signed(verify).unwrap();
    assert!(matches!(signed.open(&key, Some(&read)), Err(QueryError::Proof("positions"))));
    println!("proof {} bytes, crs {} bytes", query.encode().len() - 8 * (2 * 4096 + 5), file.len());
}
