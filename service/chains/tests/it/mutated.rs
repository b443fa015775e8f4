//! Damaged transactions: nothing panics, and whatever is still accepted is another transaction.

use proptest::prelude::*;
use solventry_chains::{Transfer, decode};
use solventry_types::{Chain, VaultAccounts};

use crate::vectors::{Vectors, bitcoin, both, solana};

/// What is signed says all that the transfer does, but for fields that only help wallets.
fn require_other(original: &Transfer, bytes: &[u8], accounts: &VaultAccounts) -> bool {
    let Ok(transfer) = decode(bytes, accounts) else { return false };
    require_canonical(&transfer, bytes);
    assert_ne!(transfer.digest(), original.digest());
    if transfer.signables() == original.signables() {
        assert_eq!(transfer.chain(), Chain::Bitcoin, "all of a Solana message is signed");
        let effects = |t: &Transfer| {
            let keys = (t.conflict_keys().to_vec(), t.anchor().clone());
            (t.destination().to_vec(), t.amount(), t.charged(), t.fee(), keys)
        };
        assert_eq!(effects(&transfer), effects(original));
    }
    true
}

/// Encodes what was accepted once more, by hand where that is short.
fn require_canonical(transfer: &Transfer, bytes: &[u8]) {
    match transfer.chain() {
        Chain::Bitcoin => assert_eq!(bitcoin::Psbt::deserialize(bytes).unwrap().serialize(), bytes),
        _ => assert_eq!(solana_again(bytes), bytes),
    }
}

/// A message of a known form has fewer than 128 of everything, so every count is one byte.
fn solana_again(bytes: &[u8]) -> Vec<u8> {
    let versioned = usize::from(bytes[0] == 0x80);
    let accounts = usize::from(bytes[versioned + 3]);
    let mut end = versioned + 4 + 32 * accounts + 32 + 1;
    assert_eq!(bytes[end - 1], 2, "instructions");
    for _ in 0..2 {
        end += 2 + usize::from(bytes[end + 1]);
        end += 1 + usize::from(bytes[end]);
    }
    let mut again = bytes[..end].to_vec();
    again.extend(vec![0; versioned]);
    again
}

/// Accepted among all that `mutate` makes of each accepted vector.
fn accepted(vectors: &Vectors, mutate: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> (usize, usize) {
    let (mut tried, mut accepted) = (0, 0);
    for (vector, transfer) in vectors.transfers() {
        for bytes in mutate(&vector.bytes) {
            tried += 1;
            accepted += usize::from(require_other(&transfer, &bytes, &vectors.accounts));
        }
    }
    (tried, accepted)
}

fn flips(bytes: &[u8]) -> Vec<Vec<u8>> {
    let flip = |index: usize, mask: u8| {
        let mut other = bytes.to_vec();
        other[index] ^= mask;
        other
    };
    let masks = [0x01, 0x02, 0x10, 0x80, 0xff];
    (0..bytes.len()).flat_map(|index| masks.map(|mask| flip(index, mask))).collect()
}

#[test]
fn every_byte_flipped() {
    for vectors in both() {
        let (tried, accepted) = accepted(&vectors, flips);
        println!("{}: {accepted} of {tried} accepted", vectors.accounts.chain());
        // Outpoints, amounts and addresses have no check digits: those are other transactions.
        assert!(tried > 10_000 && accepted > 100 && accepted < tried, "{accepted} of {tried}");
    }
}

#[test]
fn every_truncation_and_extension_is_refused() {
    for vectors in both() {
        let prefixes = |bytes: &[u8]| (0..bytes.len()).map(|end| bytes[..end].to_vec()).collect();
        assert_eq!(accepted(&vectors, prefixes).1, 0);
        let longer = |bytes: &[u8]| {
            let ends = [vec![0], vec![1], vec![0xff], vec![0; 4], bytes.to_vec()];
            ends.map(|end| [bytes, &end].concat()).to_vec()
        };
        assert_eq!(accepted(&vectors, longer).1, 0);
        let suffixes = |bytes: &[u8]| (1..bytes.len()).map(|from| bytes[from..].to_vec()).collect();
        assert_eq!(accepted(&vectors, suffixes).1, 0);
    }
}

#[test]
fn every_byte_dropped_or_doubled() {
    for vectors in both() {
        let cut = |bytes: &[u8]| {
            let dropped = |index: usize| [&bytes[..index], &bytes[index + 1..]].concat();
            let doubled = |index: usize| [&bytes[..=index], &bytes[index..]].concat();
            (0..bytes.len())
                .flat_map(|index| [dropped(index), doubled(index)])
                .filter(|b| b != bytes)
                .collect()
        };
        accepted(&vectors, cut);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..1_500)) {
        for vectors in [bitcoin_accounts(), solana_accounts()] {
            prop_assert!(decode(&bytes, &vectors).is_err());
        }
    }

    #[test]
    fn random_bytes_behind_a_good_beginning(
        which in 0_usize..8,
        kept in 0_usize..400,
        rest in prop::collection::vec(any::<u8>(), 1..600),
    ) {
        for vectors in both_cached() {
            let vector = &vectors.accepted[which];
            let kept = kept.min(vector.bytes.len());
            let bytes = [&vector.bytes[..kept], &rest].concat();
            let original = decode(&vector.bytes, &vectors.accounts).unwrap();
            require_other(&original, &bytes, &vectors.accounts);
        }
    }

    #[test]
    fn pieces_of_two_transactions(
        (first, second) in (0_usize..8, 0_usize..8),
        (cut, from) in (0_usize..600, 0_usize..600),
    ) {
        for vectors in both_cached() {
            let (a, b) = (&vectors.accepted[first].bytes, &vectors.accepted[second].bytes);
            let bytes = [&a[..cut.min(a.len())], &b[from.min(b.len())..]].concat();
            if bytes != *a {
                let original = decode(a, &vectors.accounts).unwrap();
                require_other(&original, &bytes, &vectors.accounts);
            }
        }
    }

    #[test]
    fn many_bytes_changed(
        which in 0_usize..8,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        for vectors in both_cached() {
            let original = &vectors.accepted[which].bytes;
            let mut bytes = original.clone();
            for (index, value) in &changes {
                let at = index.index(bytes.len());
                bytes[at] = *value;
            }
            if bytes != *original {
                let transfer = decode(original, &vectors.accounts).unwrap();
                require_other(&transfer, &bytes, &vectors.accounts);
            }
        }
    }
}

fn both_cached() -> &'static [Vectors; 2] {
    static BOTH: std::sync::LazyLock<[Vectors; 2]> = std::sync::LazyLock::new(both);
    &BOTH
}

fn bitcoin_accounts() -> VaultAccounts {
    both_cached()[0].accounts.clone()
}

fn solana_accounts() -> VaultAccounts {
    both_cached()[1].accounts.clone()
}

/// An accepted transaction of another vault is refused, whichever account differs.
#[test]
fn other_vaults_are_refused() {
    let (bitcoin, solana) = (bitcoin(), solana());
    for vector in &bitcoin.accepted {
        let other = VaultAccounts::Bitcoin { scripts: vec![[&[0x51, 0x20][..], &[7; 32]].concat()] };
        assert!(decode(&vector.bytes, &other).is_err(), "{}", vector.name);
        let none = VaultAccounts::Bitcoin { scripts: vec![] };
        assert!(decode(&vector.bytes, &none).is_err(), "{}", vector.name);
    }
    let VaultAccounts::Solana { authority, nonce_accounts, .. } = solana.accounts.clone() else {
        unreachable!()
    };
    for (vector, transfer) in solana.transfers() {
        let mut account = authority;
        account[0] ^= 1;
        let others =
            [(account, nonce_accounts.clone(), vec![[3; 32]]), (authority, vec![[9; 32]], vec![[3; 32]])];
        for (authority, nonce_accounts, token_accounts) in others {
            let other = VaultAccounts::Solana { authority, nonce_accounts, token_accounts };
            assert!(decode(&vector.bytes, &other).is_err(), "{}", vector.name);
        }
        let no_tokens = VaultAccounts::Solana {
            authority,
            nonce_accounts: nonce_accounts.clone(),
            token_accounts: vec![],
        };
        assert_eq!(
            decode(&vector.bytes, &no_tokens).is_ok(),
            transfer.decimals().is_none(),
            "{}",
            vector.name
        );
    }
}
