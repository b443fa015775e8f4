//! A Solana vault's payment: a legacy message with a durable nonce and one SPL TransferChecked.

use solventry_protocol::SigningEvidence;
use solventry_types::{Chain, Locator, VaultAccounts};

use super::evil_signing::resigned;

const PAYER: [u8; 32] = [0xf0; 32];
const AUTHORITY: [u8; 32] = [0xa0; 32];
const NONCE: [u8; 32] = [0xb0; 32];
const SOURCE: [u8; 32] = [0xb1; 32];
const DESTINATION: [u8; 32] = [0xb2; 32];

fn key(text: &str) -> [u8; 32] {
    bs58::decode(text).into_vec().unwrap().try_into().unwrap()
}

/// The message: accounts in the order of their rights, two instructions.
fn message(payer: [u8; 32], mint: [u8; 32], amount: u64, decimals: u8) -> Vec<u8> {
    let system = [0; 32];
    let sysvar = key("SysvarRecentB1ockHashes11111111111111111111");
    let token = key("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
    let accounts = [payer, AUTHORITY, NONCE, SOURCE, DESTINATION, system, sysvar, token, mint];
    let mut bytes = vec![2, 1, 4, accounts.len() as u8];
    accounts.iter().for_each(|account| bytes.extend(account));
    bytes.extend([0x99; 32]);
    bytes.push(2);
    bytes.extend([5, 3, 2, 6, 1, 4, 4, 0, 0, 0]);
    bytes.extend([7, 4, 3, 8, 4, 1, 10, 12]);
    bytes.extend(amount.to_le_bytes());
    bytes.push(decimals);
    bytes
}

/// A payment of 7 units of `mint`, signed by the desk's people, with the honest file's proofs.
pub fn token_payment(mint: [u8; 32], decimals: u8) -> SigningEvidence {
    token_payment_by(PAYER, mint, decimals)
}

/// The same with another fee payer.
pub fn token_payment_by(payer: [u8; 32], mint: [u8; 32], decimals: u8) -> SigningEvidence {
    resigned(|e| {
        e.vault.siblings.clear();
        e.vault.accounts = VaultAccounts::Solana {
            authority: AUTHORITY,
            nonce_accounts: vec![NONCE],
            token_accounts: vec![SOURCE],
        };
        e.payment.chain = Chain::Solana;
        e.payment.locator = Locator::Contract(mint.to_vec());
        e.payment.destination = DESTINATION.to_vec();
        e.payment.amount = 7;
        e.payment.fee_cap = 10_000;
        e.transaction = message(payer, mint, 7, decimals);
    })
}
