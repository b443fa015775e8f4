//! Solana messages written byte by byte, so that tests can write what no library would.

use solventry_chains::address::parse_address;
use solventry_types::{Chain, VaultAccounts};

use crate::vectors::solana;

pub const SYSTEM: &str = "11111111111111111111111111111111";
pub const BLOCKHASHES: &str = "SysvarRecentB1ockHashes11111111111111111111";
pub const TOKEN: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
pub const TOKEN_2022: &str = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
pub const MEMO: &str = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr";
pub const USDC: &str = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";

#[derive(Clone)]
pub struct Instruction {
    pub program: [u8; 32],
    pub accounts: Vec<[u8; 32]>,
    pub data: Vec<u8>,
}

/// Accounts of the message in order, with rights; instructions name accounts by key.
#[derive(Clone)]
pub struct Message {
    pub version: Option<u8>,
    pub writable_signers: Vec<[u8; 32]>,
    pub readonly_signers: Vec<[u8; 32]>,
    pub writable: Vec<[u8; 32]>,
    pub readonly: Vec<[u8; 32]>,
    pub blockhash: [u8; 32],
    pub instructions: Vec<Instruction>,
    /// Behind the instructions: address table lookups of version 0.
    pub tail: Vec<u8>,
}

/// The accounts of the vectors, and a fee payer that is none of them.
pub struct Names {
    pub vault: [u8; 32],
    pub payer: [u8; 32],
    pub nonce: [u8; 32],
    pub other_nonce: [u8; 32],
    pub token: [u8; 32],
    pub other_token: [u8; 32],
}

pub fn names() -> Names {
    let VaultAccounts::Solana { authority: vault, nonce_accounts, token_accounts } = solana().accounts else {
        unreachable!()
    };
    let [nonce, other_nonce] = nonce_accounts[..] else { unreachable!() };
    let [token, other_token] = token_accounts[..] else { unreachable!() };
    Names { vault, payer: stranger(0), nonce, other_nonce, token, other_token }
}

pub fn key(address: &str) -> [u8; 32] {
    parse_address(Chain::Solana, address).unwrap().try_into().unwrap()
}

/// An account that belongs to nobody.
pub fn stranger(number: u8) -> [u8; 32] {
    [0xa0 | number; 32]
}

pub fn advance() -> Instruction {
    let n = names();
    let accounts = vec![n.nonce, key(BLOCKHASHES), n.vault];
    Instruction { program: key(SYSTEM), accounts, data: vec![4, 0, 0, 0] }
}

/// 1 000 lamports to stranger 1.
pub fn coins() -> Message {
    let n = names();
    let data = [&[2, 0, 0, 0][..], &1_000u64.to_le_bytes()].concat();
    let transfer = Instruction { program: key(SYSTEM), accounts: vec![n.vault, stranger(1)], data };
    Message {
        version: None,
        writable_signers: vec![n.payer, n.vault],
        readonly_signers: vec![],
        writable: vec![n.nonce, stranger(1)],
        readonly: vec![key(SYSTEM), key(BLOCKHASHES)],
        blockhash: [9; 32],
        instructions: vec![advance(), transfer],
        tail: vec![],
    }
}

/// 1 000 units of USDC to stranger 1.
pub fn tokens() -> Message {
    let n = names();
    let data = [&[12][..], &1_000u64.to_le_bytes(), &[6]].concat();
    let accounts = vec![n.token, key(USDC), stranger(1), n.vault];
    let transfer = Instruction { program: key(TOKEN), accounts, data };
    Message {
        version: None,
        writable_signers: vec![n.payer],
        readonly_signers: vec![n.vault],
        writable: vec![n.nonce, n.token, stranger(1)],
        readonly: vec![key(SYSTEM), key(BLOCKHASHES), key(USDC), key(TOKEN)],
        blockhash: [9; 32],
        instructions: vec![advance(), transfer],
        tail: vec![],
    }
}

impl Message {
    pub fn version_0(mut self) -> Self {
        (self.version, self.tail) = (Some(0), vec![0]);
        self
    }

    /// Puts another account in the place of `from`, in lists and instructions.
    pub fn replace(&mut self, from: [u8; 32], to: [u8; 32]) {
        let Self { writable_signers, readonly_signers, writable, readonly, instructions, .. } = self;
        let listed = [writable_signers, readonly_signers, writable, readonly];
        let used = instructions.iter_mut().flat_map(|instruction| {
            std::iter::once(&mut instruction.program).chain(&mut instruction.accounts)
        });
        listed.into_iter().flatten().chain(used).filter(|key| **key == from).for_each(|key| *key = to);
    }

    pub fn bytes(&self) -> Vec<u8> {
        let keys: Vec<_> = [&self.writable_signers, &self.readonly_signers, &self.writable, &self.readonly]
            .into_iter()
            .flatten()
            .copied()
            .collect();
        let index = |key: &[u8; 32]| byte(keys.iter().position(|other| other == key).unwrap());
        let mut out: Vec<u8> = self.version.map(|version| 0x80 | version).into_iter().collect();
        let signers = self.writable_signers.len() + self.readonly_signers.len();
        out.extend([byte(signers), byte(self.readonly_signers.len()), byte(self.readonly.len())]);
        out.push(byte(keys.len()));
        keys.iter().for_each(|key| out.extend(key));
        out.extend(self.blockhash);
        out.push(byte(self.instructions.len()));
        for instruction in &self.instructions {
            out.extend([index(&instruction.program), byte(instruction.accounts.len())]);
            out.extend(instruction.accounts.iter().map(index));
            out.push(byte(instruction.data.len()));
            out.extend(&instruction.data);
        }
        out.extend(&self.tail);
        out
    }
}

/// A count on one byte; the short vectors of Solana have more from 128 on.
fn byte(number: usize) -> u8 {
    u8::try_from(number).ok().filter(|byte| *byte < 128).unwrap()
}
