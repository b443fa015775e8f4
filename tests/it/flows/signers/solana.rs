//! Four nodes of which three sign a Solana vault's payments: a whole restart, and what a stranger is told.

use ed25519_dalek::{Signature, VerifyingKey};
use solventry_chains::from_text_or_binary;

use super::{
    super::binaries::Desk,
    office::{Coin, Office},
};

const SOL: Coin = Coin { symbol: "SOL", chain: "solana", decimals: 9, destination: DESTINATION };
const DESTINATION: &str = "Cj8J2C7S3gnP2zhDe4WcWZdUuuKmKjBMVcXHBQNCDpWP";
const PAYER: [u8; 32] = [0xf0; 32];
const PAYMENTS: [&str; 5] = ["first", "large", "uncovered", "second", "third"];
/// Lamports of one SOL.
const ONE: u64 = 1_000_000_000;

#[test]
fn solana_messages_are_signed_and_a_stranger_learns_nothing() {
    let mut office = Office::with_key(Desk::prepared(), 4, SOL);
    // A nonce account is in use until its payment is settled: one for each.
    let nonces: Vec<_> =
        PAYMENTS.map(|name| format!("--nonce-account {}", bs58::encode(nonce(name)).into_string())).into();
    office.begin(&format!("--authority {} {}", office.address, nonces.join(" ")));
    office.activate(6);
    transaction(&office, "first", 2 * ONE);
    office.sign("first", "").expect(0);
    signed(&office, "first");
    office.audit("first");

    transaction(&office, "large", 5 * ONE + 1);
    office.sign("large", "").expect(1).says("above the cap of one payment");
    let owner = office.sign("large", "--unproven");
    assert_ne!(owner.code, 0);
    owner.says("C-POL").says("4 of 4 signers refuse");
    let stranger = office.sign_as("stranger.key", "large", "--unproven");
    assert_ne!(stranger.code, 0);
    assert!(!stranger.out.contains("C-POL") && !stranger.err.contains("C-POL"), "{stranger:?}");
    stranger.says("refused");
    transaction(&office, "uncovered", 9 * ONE / 2);
    office.sign("uncovered", "").expect(1).says("would break coverage");
    office.sign("uncovered", "--unproven").says("C-HEAD").says("4 of 4 signers refuse");
    for number in 1..=4 {
        let audit = String::from_utf8(office.desk.read(&format!("N{number}/audit.log"))).unwrap();
        assert!(audit.contains("C-POL") && audit.contains("C-HEAD"), "node {number}: {audit}");
    }

    // All machines lose power at once; what was decided stays decided.
    (1..=4).for_each(|number| office.nodes.kill(number));
    office.nodes.start_all(&office.desk);
    office.until(4, "running");
    transaction(&office, "second", 3 * ONE);
    office.sign("second", "").expect(0);
    signed(&office, "second");
    transaction(&office, "third", 2 * ONE);
    office.sign("third", "").expect(1).says("would break coverage");
}

/// The nonce account of a payment.
fn nonce(name: &str) -> [u8; 32] {
    [0xb0 + PAYMENTS.iter().position(|payment| *payment == name).unwrap() as u8; 32]
}

/// A legacy message: the nonce is used up, then lamports move; and its payment.
fn transaction(office: &Office, name: &str, lamports: u64) {
    let key = |text: &str| -> [u8; 32] { bs58::decode(text).into_vec().unwrap().try_into().unwrap() };
    let sysvar = key("SysvarRecentB1ockHashes11111111111111111111");
    let accounts = [PAYER, key(&office.address), nonce(name), key(DESTINATION), [0; 32], sysvar];
    let mut message = vec![2, 0, 2, accounts.len() as u8];
    accounts.iter().for_each(|account| message.extend(account));
    message.extend([0x99; 32]); // the nonce's value
    message.push(2);
    message.extend([4, 3, 2, 5, 1, 4, 4, 0, 0, 0]);
    message.extend([4, 2, 1, 3, 12, 2, 0, 0, 0]);
    message.extend(lamports.to_le_bytes());
    office.desk.write(&format!("{name}.tx"), message);
    office.approve(name);
}

/// The authority's place in the wire transaction holds a strict Ed25519 signature of the message
/// under the group's key; the fee payer's place is empty.
fn signed(office: &Office, name: &str) {
    office
        .desk
        .solventry(&format!("payment finish {name}.sign --out {name}.wire"))
        .expect(0)
        .says("fee payer");
    let wire = from_text_or_binary(&office.desk.read(&format!("{name}.wire"))).into_owned();
    let message = office.desk.read(&format!("{name}.tx"));
    assert_eq!((wire[0], &wire[1..65], &wire[129..]), (2, &[0; 64][..], &message[..]));
    let key: [u8; 32] = bs58::decode(&office.address).into_vec().unwrap().try_into().unwrap();
    let signature = Signature::from_bytes(wire[65..129].try_into().unwrap());
    VerifyingKey::from_bytes(&key).unwrap().verify_strict(&message, &signature).unwrap();
}
