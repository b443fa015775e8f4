//! Solana: a message with a durable nonce and one transfer.
//!
//! Instruction 0 is AdvanceNonceAccount with the vault as authority, so the message's blockhash is
//! the nonce: it stays valid until used, and it can be used once. (Or it is a recent block hash,
//! which the bytes do not show: signers must have seen the value in the account.) Instruction 1 moves coins or
//! tokens out of the vault. Nothing else may stand in the message; in particular no compute
//! budget, so the fee is 5 000 lamports per signature, paid by an account outside of the vault.
//! The whole message is signed (RFC 8032), so nothing in it can change afterwards.

use bincode::Options;
use ed25519_dalek::{Signature, VerifyingKey};
use solana_address::Address;
use solana_message::{VersionedMessage, compiled_instruction::CompiledInstruction};
use solventry_types::{Chain, Locator};

use crate::{
    error::{DecodeError, words},
    transfer::{Anchor, Signable, Transfer, transaction_digest},
};

/// Largest message in bytes: a packet of 1 232 bytes less two signatures and their count.
pub const MAX_BYTES: usize = 1232 - 1 - 2 * 64;
/// Fee per signature without priority fee, in lamports.
pub const LAMPORTS_PER_SIGNATURE: u64 = 5_000;
const KIND: &str = "a Solana message (a transaction without its signatures)";

const SYSTEM_PROGRAM: [u8; 32] = [0; 32];
const RECENT_BLOCKHASHES: [u8; 32] =
    Address::from_str_const("SysvarRecentB1ockHashes11111111111111111111").to_bytes();
const TOKEN_PROGRAM: [u8; 32] =
    Address::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA").to_bytes();
const TOKEN_2022_PROGRAM: [u8; 32] =
    Address::from_str_const("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb").to_bytes();

/// The vault's own accounts.
pub struct Own<'a> {
    /// Group key.
    pub authority: &'a [u8; 32],
    /// Durable nonce accounts.
    pub nonce_accounts: &'a [[u8; 32]],
    /// Token accounts.
    pub token_accounts: &'a [[u8; 32]],
}

impl Own<'_> {
    fn holds(&self, account: &[u8; 32]) -> bool {
        self.authority == account
            || self.token_accounts.contains(account)
            || self.nonce_accounts.contains(account)
    }
}

/// A message taken apart.
struct Parts {
    keys: Vec<[u8; 32]>,
    /// Signers; the last `readonly_signed` of them only read.
    signed: usize,
    readonly_signed: usize,
    readonly_unsigned: usize,
    blockhash: [u8; 32],
    instructions: Vec<CompiledInstruction>,
}

/// Decodes a message out of the vault.
pub fn decode(bytes: &[u8], own: &Own<'_>) -> Result<Transfer, DecodeError> {
    if bytes.len() > MAX_BYTES {
        return Err(DecodeError::TooLarge { limit: MAX_BYTES, got: bytes.len() });
    }
    let parts = parse(bytes)?;
    let [advance, transfer] = parts.instructions.as_slice() else {
        return Err(match parts.instructions.first() {
            Some(first) if !is_advance_nonce(&parts, first) => DecodeError::MissingAdvanceNonce,
            _ => DecodeError::Instructions(parts.instructions.len()),
        });
    };
    let nonce_account = advanced_nonce(&parts, advance, own)?;
    let moved = moved(&parts, transfer, own)?;
    require_roles(&parts, own, &nonce_account, Some(&moved))?;
    Ok(Transfer {
        locator: moved.mint().map_or(Locator::Native, |mint| Locator::Contract(mint.to_vec())),
        decimals: moved.token.as_ref().map(|token| token.decimals),
        destination: moved.destination.to_vec(),
        amount: moved.amount,
        charged: moved.amount,
        ..nothing_moved(bytes, &parts, own, nonce_account)
    })
}

/// Decodes a message that advances a nonce account of the vault and does nothing else.
pub fn decode_cancel(bytes: &[u8], own: &Own<'_>) -> Result<Transfer, DecodeError> {
    if bytes.len() > MAX_BYTES {
        return Err(DecodeError::TooLarge { limit: MAX_BYTES, got: bytes.len() });
    }
    let parts = parse(bytes)?;
    let [advance] = parts.instructions.as_slice() else {
        return Err(DecodeError::CancelInstructions(parts.instructions.len()));
    };
    let nonce_account = advanced_nonce(&parts, advance, own)?;
    require_roles(&parts, own, &nonce_account, None)?;
    Ok(nothing_moved(bytes, &parts, own, nonce_account))
}

/// The transfer of a message, without what it moves.
fn nothing_moved(bytes: &[u8], parts: &Parts, own: &Own<'_>, nonce_account: [u8; 32]) -> Transfer {
    let fee = LAMPORTS_PER_SIGNATURE.saturating_mul(u64::try_from(parts.signed).unwrap_or(u64::MAX));
    Transfer {
        chain: Chain::Solana,
        locator: Locator::Native,
        decimals: None,
        destination: vec![],
        amount: 0,
        charged: 0,
        fee,
        fee_payer: parts.keys.first().copied(),
        signables: vec![Signable::Ed25519 { key: *own.authority, message: bytes.to_vec() }],
        conflict_keys: vec![nonce_account.to_vec()],
        anchor: Anchor::Nonce { account: nonce_account, value: parts.blockhash },
        digest: transaction_digest(Chain::Solana, bytes),
    }
}

/// Whether a signature is the key's over the message, by the strict rules.
pub fn is_signed(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

/// The wire transaction of a message: signatures in the order of its signers, zeros for others
/// than the vault's, and how many those are.
pub fn with_signatures(
    bytes: &[u8],
    authority: &[u8; 32],
    signatures: &[[u8; 64]],
) -> Result<(Vec<u8>, usize), DecodeError> {
    let parts = parse(bytes)?;
    // Two signers at most, so the count is one byte of the compact form (`MAX_BYTES`, `roles`).
    let mut wire = vec![u8::try_from(parts.signed).unwrap_or(u8::MAX)];
    let mut missing = 0_usize;
    for key in parts.keys.iter().take(parts.signed) {
        let own = signatures.first().filter(|_| key == authority);
        missing = missing.saturating_add(usize::from(own.is_none()));
        wire.extend_from_slice(own.unwrap_or(&[0; 64]));
    }
    wire.extend_from_slice(bytes);
    Ok((wire, missing))
}

fn parse(bytes: &[u8]) -> Result<Parts, DecodeError> {
    // 0x80 is version 0; below, it is the number of signers of a legacy message.
    if let Some(version @ 0x81..) = bytes.first() {
        return Err(DecodeError::MessageVersion(*version));
    }
    let malformed = |problem: String| DecodeError::Malformed { expected: KIND, problem };
    // The wire format is bincode's with fixed integers. Counts have 16 bits, and the library
    // reserves room for what a count says before it reads on: megabytes at most, freed at once.
    #[allow(clippy::disallowed_methods)]
    let codec =
        bincode::DefaultOptions::new().with_fixint_encoding().with_limit(1232).reject_trailing_bytes();
    let message: VersionedMessage = codec.deserialize(bytes).map_err(|error| malformed(words(&error)))?;
    if codec.serialize(&message).ok().as_deref() != Some(bytes) {
        return Err(DecodeError::NotCanonical(KIND));
    }
    message.sanitize().map_err(|error| malformed(words(&error)))?;
    if message.address_table_lookups().is_some_and(|lookups| !lookups.is_empty()) {
        return Err(DecodeError::LookupTables);
    }
    let header = message.header();
    let keys: Vec<[u8; 32]> = message.static_account_keys().iter().map(|key| key.to_bytes()).collect();
    for (index, key) in keys.iter().enumerate() {
        if keys.iter().take(index).any(|other| other == key) {
            return Err(DecodeError::Account { index, problem: "it occurs twice in the message" });
        }
    }
    Ok(Parts {
        signed: header.num_required_signatures.into(),
        readonly_signed: header.num_readonly_signed_accounts.into(),
        readonly_unsigned: header.num_readonly_unsigned_accounts.into(),
        blockhash: message.recent_blockhash().to_bytes(),
        instructions: message.instructions().to_vec(),
        keys,
    })
}

impl Parts {
    fn key(&self, index: u8) -> Option<&[u8; 32]> {
        self.keys.get(usize::from(index))
    }

    fn program(&self, instruction: &CompiledInstruction) -> Option<&[u8; 32]> {
        self.key(instruction.program_id_index)
    }

    /// The instruction's accounts, exactly `N`.
    fn accounts<const N: usize>(&self, instruction: &CompiledInstruction) -> Option<[[u8; 32]; N]> {
        let keys: Option<Vec<[u8; 32]>> =
            instruction.accounts.iter().map(|index| self.key(*index).copied()).collect();
        keys?.try_into().ok()
    }

    fn is_signer(&self, index: usize) -> bool {
        index < self.signed
    }

    fn is_writable(&self, index: usize) -> bool {
        if index < self.signed {
            index < self.signed.saturating_sub(self.readonly_signed)
        } else {
            index < self.keys.len().saturating_sub(self.readonly_unsigned)
        }
    }
}

fn is_advance_nonce(parts: &Parts, instruction: &CompiledInstruction) -> bool {
    parts.program(instruction) == Some(&SYSTEM_PROGRAM) && instruction.data == [4, 0, 0, 0]
}

/// The nonce account that instruction 0 advances.
fn advanced_nonce(
    parts: &Parts,
    instruction: &CompiledInstruction,
    own: &Own<'_>,
) -> Result<[u8; 32], DecodeError> {
    if !is_advance_nonce(parts, instruction) {
        return Err(DecodeError::MissingAdvanceNonce);
    }
    let [nonce, sysvar, authority] =
        parts.accounts(instruction).ok_or(DecodeError::Nonce("it has other than 3 accounts"))?;
    if !own.nonce_accounts.contains(&nonce) {
        return Err(DecodeError::Nonce("it advances a nonce account that is not the vault's"));
    }
    if sysvar != RECENT_BLOCKHASHES {
        return Err(DecodeError::Nonce("its second account is not the recent-blockhashes sysvar"));
    }
    if authority != *own.authority {
        return Err(DecodeError::Nonce("its authority is not the vault"));
    }
    Ok(nonce)
}

/// What instruction 1 moves.
struct Moved {
    destination: [u8; 32],
    amount: u64,
    /// For SPL.
    token: Option<Token>,
}

struct Token {
    mint: [u8; 32],
    decimals: u8,
    /// Own token account that is drawn on.
    source: [u8; 32],
}

impl Moved {
    fn mint(&self) -> Option<&[u8; 32]> {
        self.token.as_ref().map(|token| &token.mint)
    }
}

fn moved(parts: &Parts, instruction: &CompiledInstruction, own: &Own<'_>) -> Result<Moved, DecodeError> {
    let moved = match parts.program(instruction) {
        Some(program) if *program == SYSTEM_PROGRAM => moved_coins(parts, instruction, own)?,
        Some(program) if *program == TOKEN_PROGRAM => moved_tokens(parts, instruction, own)?,
        Some(program) if *program == TOKEN_2022_PROGRAM => return Err(DecodeError::Token2022),
        _ => return Err(DecodeError::Transfer("it is of another program")),
    };
    if own.holds(&moved.destination) {
        return Err(DecodeError::NoDestination);
    }
    if [SYSTEM_PROGRAM, TOKEN_PROGRAM, TOKEN_2022_PROGRAM, RECENT_BLOCKHASHES].contains(&moved.destination)
        || moved.mint() == Some(&moved.destination)
    {
        return Err(DecodeError::Transfer("its destination is a program, a sysvar or the mint"));
    }
    if moved.amount == 0 {
        return Err(DecodeError::NothingPaid);
    }
    Ok(moved)
}

fn moved_coins(
    parts: &Parts,
    instruction: &CompiledInstruction,
    own: &Own<'_>,
) -> Result<Moved, DecodeError> {
    let [2, 0, 0, 0, amount @ ..] = instruction.data.as_slice() else {
        return Err(DecodeError::Transfer("it is another system instruction than Transfer"));
    };
    let amount = amount.try_into().map_err(|_| DecodeError::Transfer("its data has the wrong length"))?;
    let [source, destination] =
        parts.accounts(instruction).ok_or(DecodeError::Transfer("it has other than 2 accounts"))?;
    if source != *own.authority {
        return Err(DecodeError::Transfer("it does not pay out of the vault"));
    }
    Ok(Moved { destination, amount: u64::from_le_bytes(amount), token: None })
}

fn moved_tokens(
    parts: &Parts,
    instruction: &CompiledInstruction,
    own: &Own<'_>,
) -> Result<Moved, DecodeError> {
    let [12, data @ ..] = instruction.data.as_slice() else {
        return Err(match instruction.data.first() {
            Some(3) => DecodeError::TransferWithoutMint,
            _ => DecodeError::Transfer("it is another token instruction than TransferChecked"),
        });
    };
    let data: [u8; 9] =
        data.try_into().map_err(|_| DecodeError::Transfer("its data has the wrong length"))?;
    let [source, mint, destination, authority] =
        parts.accounts(instruction).ok_or(DecodeError::Transfer("it has other than 4 accounts"))?;
    if !own.token_accounts.contains(&source) {
        return Err(DecodeError::Transfer("it draws on a token account that is not the vault's"));
    }
    if authority != *own.authority {
        return Err(DecodeError::Transfer("its authority is not the vault"));
    }
    let [a0, a1, a2, a3, a4, a5, a6, a7, decimals] = data;
    let amount = u64::from_le_bytes([a0, a1, a2, a3, a4, a5, a6, a7]);
    Ok(Moved { destination, amount, token: Some(Token { mint, decimals, source }) })
}

/// The part that an account plays.
struct Role {
    key: [u8; 32],
    signs: bool,
    writes: bool,
}

/// Every part of the message: what the instructions need, and the fee payer.
fn roles(payer: &[u8; 32], own: &Own<'_>, nonce: &[u8; 32], moved: Option<&Moved>) -> Vec<Role> {
    let role = |key: &[u8; 32], signs, writes| Role { key: *key, signs, writes };
    let mut roles = vec![
        role(payer, true, true),
        role(own.authority, true, moved.is_some_and(|moved| moved.token.is_none())),
        role(nonce, false, true),
        role(&SYSTEM_PROGRAM, false, false),
        role(&RECENT_BLOCKHASHES, false, false),
    ];
    if let Some(moved) = moved {
        roles.push(role(&moved.destination, false, true));
    }
    if let Some(token) = moved.and_then(|moved| moved.token.as_ref()) {
        roles.push(role(&token.source, false, true));
        roles.push(role(&token.mint, false, false));
        roles.push(role(&TOKEN_PROGRAM, false, false));
    }
    roles
}

/// Every account has a role, and the rights of its role.
fn require_roles(
    parts: &Parts,
    own: &Own<'_>,
    nonce: &[u8; 32],
    moved: Option<&Moved>,
) -> Result<(), DecodeError> {
    let payer = parts.keys.first().filter(|payer| !own.holds(payer)).ok_or(DecodeError::FeePayer)?;
    if parts.signed != 2 {
        return Err(DecodeError::Signers(parts.signed));
    }
    let roles = roles(payer, own, nonce, moved);
    for (index, key) in parts.keys.iter().enumerate() {
        let problem = |problem| Err(DecodeError::Account { index, problem });
        let has = |right: fn(&Role) -> bool| roles.iter().any(|role| role.key == *key && right(role));
        if !has(|_| true) {
            return problem("no instruction uses it; leave it out");
        }
        match (has(|role| role.signs), parts.is_signer(index)) {
            (true, false) => return problem("the vault's authority must sign"),
            (false, true) => return problem("it signs, but is neither fee payer nor the vault's authority"),
            _ => {}
        }
        match (has(|role| role.writes), parts.is_writable(index)) {
            (true, false) => return problem("it must be writable"),
            (false, true) => return problem("it is writable, which nothing needs"),
            _ => {}
        }
    }
    Ok(())
}
