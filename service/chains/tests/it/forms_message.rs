//! Solana messages that are refused for their accounts or their encoding.

use solventry_chains::{DecodeError, decode};

use crate::{
    forms_solana::{account, refuse, refuse_bytes},
    message::{BLOCKHASHES, Message, SYSTEM, USDC, coins, key, names, stranger, tokens},
    vectors::solana,
};

#[test]
fn rights_and_roles_of_accounts() {
    let n = names();
    let unused = "no instruction uses it; leave it out";
    for honest in [coins(), tokens()] {
        let last = honest.bytes()[3];
        let says = format!("account {last}: {unused}");
        refuse(&honest, |m| m.readonly.push(stranger(3)), &account(last.into(), unused), &says);
        refuse(
            &honest,
            |m| m.writable.insert(0, stranger(3)),
            &account(2, unused),
            "account 2: no instruction uses it; leave it out",
        );
        let unneeded = "it is writable, which nothing needs";
        let promote = |m: &mut Message, account: [u8; 32]| {
            m.readonly.retain(|other| *other != account);
            m.writable.push(account);
        };
        let place = honest.writable.len() + 2;
        for name in [BLOCKHASHES, SYSTEM] {
            refuse(&honest, |m| promote(m, key(name)), &account(place, unneeded), unneeded);
        }
        let needed = "it must be writable";
        let demote = |m: &mut Message, account: [u8; 32]| {
            m.writable.retain(|other| *other != account);
            m.readonly.push(account);
        };
        let last = usize::from(last) - 1;
        for reader in [n.nonce, stranger(1)] {
            refuse(&honest, |m| demote(m, reader), &account(last, needed), needed);
        }
    }
    let unneeded = account(1, "it is writable, which nothing needs");
    let says = "account 1: it is writable, which nothing needs";
    refuse(&tokens(), |m| m.writable_signers.append(&mut m.readonly_signers), &unneeded, says);
    let mint = |m: &mut Message| {
        m.readonly.retain(|account| *account != key(USDC));
        m.writable.push(key(USDC));
    };
    refuse(&tokens(), mint, &account(5, "it is writable, which nothing needs"), "account 5");
    let needed = account(1, "it must be writable");
    let read = |m: &mut Message| m.readonly_signers.push(m.writable_signers.remove(1));
    refuse(&coins(), read, &needed, "account 1: it must be writable");
    let source = |m: &mut Message| {
        m.writable.retain(|account| *account != n.token);
        m.readonly.push(n.token);
    };
    refuse(&tokens(), source, &account(8, "it must be writable"), "account 8");
}

#[test]
fn accounts_twice() {
    let n = names();
    let twice = "it occurs twice in the message";
    let end = usize::from(coins().bytes()[3]);
    for again in [n.vault, n.payer, key(SYSTEM), stranger(1)] {
        let says = format!("account {end}: {twice}");
        refuse(&coins(), |m| m.readonly.push(again), &account(end, twice), &says);
    }
    refuse(&coins(), |m| m.writable.insert(1, n.nonce), &account(3, twice), twice);
}

fn malformed(bytes: &[u8]) {
    let error = refuse_bytes(
        bytes,
        "expected a Solana message (a transaction without its signatures), the bytes do not parse as one",
    );
    assert!(matches!(error, DecodeError::Malformed { .. }), "{error}");
    assert!(error.to_string().len() < 500);
}

#[test]
fn address_table_lookups() {
    let says = "the message looks accounts up in address tables; write every account into the message";
    // One table: its key, one writable index, one read-only index.
    for (writable, readonly) in [(&[1][..], &[2][..]), (&[1], &[]), (&[], &[2])] {
        let mut message = coins().version_0();
        message.tail = vec![1];
        message.tail.extend(stranger(4));
        message.tail.push(writable.len().try_into().unwrap());
        message.tail.extend(writable);
        message.tail.push(readonly.len().try_into().unwrap());
        message.tail.extend(readonly);
        assert_eq!(refuse_bytes(&message.bytes(), says), DecodeError::LookupTables);
        // Lookups in a legacy message are bytes too many.
        message.version = None;
        malformed(&message.bytes());
    }
    let mut empty = coins().version_0();
    empty.tail = [&[1][..], &stranger(4), &[0, 0]].concat();
    malformed(&empty.bytes());
}

#[test]
fn versions() {
    for version in 1..=127 {
        for tail in [vec![], vec![0]] {
            let message = Message { version: Some(version), tail, ..coins() };
            let byte = 0x80 | version;
            let says = format!("expected a legacy message or one of version 0, got version byte {byte:#04x}");
            assert_eq!(refuse_bytes(&message.bytes(), &says), DecodeError::MessageVersion(byte));
        }
    }
}

#[test]
fn other_encodings() {
    for honest in [coins(), tokens()] {
        let bytes = honest.bytes();
        for tail in [&[0][..], &[0, 0], &[1; 64]] {
            malformed(&[&bytes, tail].concat());
            malformed(&[&honest.clone().version_0().bytes(), tail].concat());
        }
        (0..bytes.len()).for_each(|length| malformed(&bytes[..length]));
        // Version 0 without its list of lookups.
        malformed(&[&[0x80][..], &bytes].concat());
        // The number of accounts, then that of instructions, on more bytes than it needs.
        let instructions = 4 + 32 * usize::from(bytes[3]) + 32;
        for place in [3, instructions, bytes.len() - honest.instructions[1].data.len() - 1] {
            let value = bytes[place];
            for long in [vec![value | 0x80, 0], vec![value | 0x80, 0x80, 0], vec![value | 0x80, 0x80, 4]] {
                let mut aliased = bytes.clone();
                aliased.splice(place..=place, long);
                malformed(&aliased);
            }
        }
        // Two signatures before it: a transaction is no message.
        malformed(&[&[2][..], &[0; 128], &bytes].concat());
    }
}

/// Headers and indexes that contradict the list of accounts.
#[test]
fn numbers_out_of_range() {
    let bytes = coins().bytes();
    let instructions = 4 + 32 * usize::from(bytes[3]) + 32;
    let set = |place: usize, value: u8| {
        let mut changed = bytes.clone();
        changed[place] = value;
        changed
    };
    malformed(&set(1, 2)); // every signer read-only
    malformed(&set(1, 127));
    malformed(&set(2, 127)); // more read-only accounts than there are
    malformed(&set(0, 100)); // more signers than accounts
    malformed(&set(instructions + 1, 6)); // program out of range
    malformed(&set(instructions + 1, 0)); // the fee payer as program
    malformed(&set(instructions + 3, 6)); // account out of range
    malformed(&set(0, 0)); // nobody signs
}

#[test]
fn size() {
    let expected = DecodeError::TooLarge { limit: 1103, got: 1104 };
    assert_eq!(refuse_bytes(&[0; 1104], "expected at most 1103 bytes, got 1104"), expected);
    malformed(&[0; 1103]);
    malformed(&[]);
}

/// Every value of every byte that is no key: counts, indexes, data. Accepted only where amount or
/// decimals differ, and the destination never does.
#[test]
fn every_value_of_every_small_byte() {
    let accounts = solana().accounts;
    for honest in [coins(), tokens(), coins().version_0(), tokens().version_0()] {
        let bytes = honest.bytes();
        let counts = usize::from(honest.version.is_some()) + 4;
        let blockhash = counts + 32 * usize::from(bytes[counts - 1]);
        let transfer = decode(&bytes, &accounts).unwrap();
        for place in (0..counts).chain(blockhash + 32..bytes.len()) {
            for value in (0..=255).filter(|value| *value != bytes[place]) {
                let mut changed = bytes.clone();
                changed[place] = value;
                let Ok(other) = decode(&changed, &accounts) else { continue };
                let differs = other.amount() != transfer.amount() || other.decimals() != transfer.decimals();
                assert!(differs, "byte {place} = {value}");
                assert_eq!(other.destination(), transfer.destination());
            }
        }
    }
}
