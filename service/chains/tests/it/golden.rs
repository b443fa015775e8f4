//! What other tools make is decoded to what they say it is.

use solventry_chains::{Anchor, Intent, SighashType, Signable, SignatureError, decode};
use solventry_types::{Chain, Digest, Locator, VaultAccounts, digest::InjectiveHasher};

use crate::vectors::{array, bitcoin, both, hex, list, solana};

#[test]
fn bitcoin_fields_and_signature_hashes() {
    let vectors = bitcoin();
    for (vector, transfer) in vectors.transfers() {
        let name = &vector.name;
        assert_eq!((transfer.chain(), transfer.locator()), (Chain::Bitcoin, &Locator::Native), "{name}");
        assert_eq!(transfer.decimals(), None, "{name}");
        assert_eq!(transfer.destination(), vector.hex("destination"), "{name}");
        assert_eq!(transfer.amount(), vector.number("amount"), "{name}");
        assert_eq!(transfer.charged(), vector.number("charged"), "{name}");
        assert_eq!(transfer.fee(), vector.number("fee"), "{name}");
        assert_eq!(transfer.charged(), transfer.amount() + transfer.fee(), "{name}");
        let inputs = list(&vector.fields["inputs"]);
        let expected: Vec<Signable> = inputs
            .iter()
            .map(|input| Signable::Taproot {
                key: array(&input["key"]),
                sighash: array(&input["sighash"]),
                kind: if input["type"] == 1 { SighashType::All } else { SighashType::Default },
            })
            .collect();
        assert_eq!(transfer.signables(), expected, "{name}");
        let outpoints: Vec<Vec<u8>> = inputs.iter().map(|input| hex(&input["outpoint"])).collect();
        assert_eq!(transfer.conflict_keys(), outpoints, "{name}");
        assert_eq!(transfer.anchor(), &Anchor::Outpoint(array(&inputs[0]["outpoint"])), "{name}");
    }
}

#[test]
fn solana_fields_and_messages() {
    let vectors = solana();
    for (vector, transfer) in vectors.transfers() {
        let name = &vector.name;
        let locator = match vector.fields["contract"].as_str() {
            Some(mint) => Locator::Contract(hex::decode(mint).unwrap()),
            None => Locator::Native,
        };
        assert_eq!((transfer.chain(), transfer.locator()), (Chain::Solana, &locator), "{name}");
        let decimals = vector.fields["decimals"].as_u64().map(|decimals| decimals as u8);
        assert_eq!(transfer.decimals(), decimals, "{name}");
        assert_eq!(transfer.destination(), vector.hex("destination"), "{name}");
        assert_eq!(transfer.amount(), vector.number("amount"), "{name}");
        assert_eq!(transfer.charged(), transfer.amount(), "{name}");
        assert_eq!(transfer.fee(), vector.number("fee"), "{name}");
        let key = array(&vector.fields["key"]);
        assert_eq!(
            transfer.signables(),
            [Signable::Ed25519 { key, message: vector.bytes.clone() }],
            "{name}"
        );
        let (account, value) = (array(&vector.fields["nonce"]), array(&vector.fields["nonce_value"]));
        assert_eq!(transfer.anchor(), &Anchor::Nonce { account, value }, "{name}");
        assert_eq!(transfer.conflict_keys(), [account], "{name}");
    }
}

#[test]
fn signatures_of_other_tools_verify_and_no_others() {
    for vectors in both() {
        for (vector, transfer) in vectors.transfers() {
            let good = vector.signatures();
            assert_eq!(transfer.verify_signatures(&good), Ok(()), "{}", vector.name);
            let (expected, got) = (good.len(), good.len() - 1);
            assert_eq!(
                transfer.verify_signatures(&good[1..]),
                Err(SignatureError::Count { expected, got }),
                "{}",
                vector.name
            );
            let more = [good.clone(), vec![good[0]]].concat();
            let got = more.len();
            assert_eq!(transfer.verify_signatures(&more), Err(SignatureError::Count { expected, got }));
            for (input, byte) in (0..expected).flat_map(|input| [0, 31, 32, 63].map(|byte| (input, byte))) {
                let mut bad = good.clone();
                bad[input][byte] ^= 1;
                assert_eq!(transfer.verify_signatures(&bad), Err(SignatureError::Invalid { input }));
            }
        }
    }
}

#[test]
fn signatures_stand_in_the_order_of_the_inputs() {
    let vectors = bitcoin();
    let (vector, transfer) = vectors.transfer("16 inputs of two scripts, two changes");
    let mut swapped = vector.signatures();
    // Inputs 3 and 5 are of one key; their signature hashes differ in the input's index.
    swapped.swap(3, 5);
    assert_eq!(transfer.verify_signatures(&swapped), Err(SignatureError::Invalid { input: 3 }));
}

/// The signature (identity, 0) is any message's under the identity as key, by the loose rules.
#[test]
fn a_key_of_small_order_signs_nothing() {
    let vectors = solana();
    let (vector, _) = vectors.transfer("native, legacy");
    let VaultAccounts::Solana { authority, nonce_accounts, token_accounts } = vectors.accounts.clone() else {
        unreachable!()
    };
    let mut identity = [0; 32];
    identity[0] = 1;
    let at = vector.bytes.windows(32).position(|window| window == authority).unwrap();
    let mut bytes = vector.bytes.clone();
    bytes[at..at + 32].copy_from_slice(&identity);
    let accounts = VaultAccounts::Solana { authority: identity, nonce_accounts, token_accounts };
    let transfer = decode(&bytes, &accounts).unwrap();
    let mut signature = [0; 64];
    signature[0] = 1;
    assert_eq!(transfer.verify_signatures(&[signature]), Err(SignatureError::Invalid { input: 0 }));
}

#[test]
fn every_part_of_an_intent_is_in_its_digest() {
    let vectors = bitcoin();
    let (_, transfer) = vectors.transfer("to p2tr");
    let intent = Intent::new(Digest([7; 32]), &transfer);
    assert_eq!(intent.transaction, transfer.digest());
    assert_eq!((intent.messages.len(), intent.conflict_keys.len()), (2, 2));
    let digest = intent.digest();
    let changes: [fn(&mut Intent); 8] = [
        |i| i.payment_id.0[0] ^= 1,
        |i| i.transaction.0[0] ^= 1,
        |i| i.messages[1][0] ^= 1,
        |i| i.messages.swap(0, 1),
        |i| i.messages.truncate(1),
        |i| i.conflict_keys[1][0] ^= 1,
        |i| i.conflict_keys.truncate(1),
        |i| i.conflict_keys.insert(0, i.messages.pop().unwrap()),
    ];
    for change in changes {
        let mut other = intent.clone();
        change(&mut other);
        assert_ne!(other.digest(), digest);
    }
}

#[test]
fn no_two_vectors_share_a_digest() {
    let mut digests: Vec<Digest> =
        both().iter().flat_map(|v| v.transfers().map(|(_, t)| t.digest()).collect::<Vec<_>>()).collect();
    let count = digests.len();
    digests.sort();
    digests.dedup();
    assert_eq!(digests.len(), count);
}

/// `solventry/transaction/v1` and `solventry/intent/v1`, as the specification writes them.
#[test]
fn digests_are_those_of_the_specification() {
    for vectors in both() {
        for (vector, transfer) in vectors.transfers() {
            let code = if transfer.chain() == Chain::Bitcoin { 1 } else { 3 };
            let raw = InjectiveHasher::new("solventry/transaction/v1").integer(code).field(&vector.bytes);
            let transaction = raw.finish();
            assert_eq!(transfer.digest(), transaction);
            let messages: Vec<Vec<u8>> = transfer.signables().iter().map(|s| s.message().to_vec()).collect();
            let hasher = InjectiveHasher::new("solventry/intent/v1").field(&[7; 32]).field(&transaction.0);
            let lists = [messages.as_slice(), transfer.conflict_keys()];
            let hasher = lists.into_iter().fold(hasher, |hasher, list| {
                let hasher = hasher.integer(list.len() as u64);
                list.iter().fold(hasher, |hasher, item| hasher.field(item))
            });
            assert_eq!(Intent::new(Digest([7; 32]), &transfer).digest(), hasher.finish());
        }
    }
}
