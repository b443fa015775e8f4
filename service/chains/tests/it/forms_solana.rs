//! Solana messages that are refused for what they do, each an honest one with one change.

use solventry_chains::{DecodeError, decode};

use crate::{
    message::{
        BLOCKHASHES, Instruction, MEMO, Message, TOKEN, TOKEN_2022, USDC, advance, coins, key, names,
        stranger, tokens,
    },
    vectors::solana,
};

pub fn refuse_bytes(bytes: &[u8], message: &str) -> DecodeError {
    let error = decode(bytes, &solana().accounts).unwrap_err();
    assert!(error.to_string().contains(message), "{error}\nshould say: {message}");
    error
}

/// Refused in both encodings.
pub fn refuse(honest: &Message, change: impl Fn(&mut Message), expected: &DecodeError, message: &str) {
    for mut changed in [honest.clone(), honest.clone().version_0()] {
        assert!(decode(&changed.bytes(), &solana().accounts).is_ok(), "the honest one is accepted");
        change(&mut changed);
        assert_eq!(&refuse_bytes(&changed.bytes(), message), expected);
    }
}

const MISSING: DecodeError = DecodeError::MissingAdvanceNonce;

pub fn nonce(problem: &'static str) -> DecodeError {
    DecodeError::Nonce(problem)
}

pub fn transfer(problem: &'static str) -> DecodeError {
    DecodeError::Transfer(problem)
}

pub fn account(index: usize, problem: &'static str) -> DecodeError {
    DecodeError::Account { index, problem }
}

/// An instruction of a program that does nothing here.
fn noop(program: [u8; 32]) -> Instruction {
    Instruction { program, accounts: vec![], data: vec![] }
}

#[test]
fn number_and_order_of_instructions() {
    let count = "expected 2 instructions, AdvanceNonceAccount and one transfer, got";
    for honest in [coins(), tokens()] {
        refuse(
            &honest,
            |m| drop(m.instructions.remove(0)),
            &MISSING,
            "instruction 0 is not AdvanceNonceAccount",
        );
        refuse(&honest, |m| m.instructions.swap(0, 1), &MISSING, "instruction 0 is not AdvanceNonceAccount");
        refuse(&honest, |m| m.instructions.truncate(1), &DecodeError::Instructions(1), &format!("{count} 1"));
        refuse(&honest, |m| m.instructions.clear(), &DecodeError::Instructions(0), &format!("{count} 0"));
        refuse(
            &honest,
            |m| m.instructions.push(m.instructions[1].clone()),
            &DecodeError::Instructions(3),
            &format!("{count} 3"),
        );
        refuse(&honest, |m| m.instructions.push(advance()), &DecodeError::Instructions(3), count);
        refuse(
            &honest,
            |m| m.instructions[1] = advance(),
            &transfer("it is another system instruction than Transfer"),
            "instruction 1: it is another system instruction than Transfer; expected one system Transfer",
        );
    }
}

/// A priority fee could be any amount; a memo could carry anything.
#[test]
fn other_programs() {
    let budget = key("ComputeBudget111111111111111111111111111111");
    for program in [budget, key(MEMO)] {
        let add = |m: &mut Message, place: usize| {
            m.readonly.push(program);
            m.instructions.insert(place, noop(program));
        };
        refuse(&coins(), |m| add(m, 0), &MISSING, "put it first");
        refuse(&coins(), |m| add(m, 1), &DecodeError::Instructions(3), "expected 2 instructions");
        refuse(&coins(), |m| add(m, 2), &DecodeError::Instructions(3), "expected 2 instructions");
    }
    refuse(
        &tokens(),
        |m| m.replace(key(TOKEN), key(TOKEN_2022)),
        &DecodeError::Token2022,
        "instruction 1 is of the Token-2022 program",
    );
    refuse(
        &tokens(),
        |m| m.replace(key(TOKEN), key(MEMO)),
        &transfer("it is of another program"),
        "instruction 1: it is of another program",
    );
}

#[test]
fn nonce_advance() {
    let n = names();
    let says = "with the vault as authority";
    let foreign = nonce("it advances a nonce account that is not the vault's");
    let vault = nonce("its authority is not the vault");
    let sysvar = nonce("its second account is not the recent-blockhashes sysvar");
    for honest in [coins(), tokens()] {
        refuse(&honest, |m| m.replace(n.nonce, stranger(2)), &foreign, says);
        refuse(&honest, |m| m.instructions[0].accounts[0] = n.vault, &foreign, says);
        refuse(&honest, |m| m.replace(key(BLOCKHASHES), stranger(2)), &sysvar, says);
        refuse(&honest, |m| m.instructions[0].accounts[2] = n.payer, &vault, says);
        refuse(&honest, |m| m.instructions[0].accounts[2] = n.nonce, &vault, says);
        refuse(&honest, |m| m.instructions[0].accounts.swap(0, 2), &foreign, says);
        let count = nonce("it has other than 3 accounts");
        refuse(
            &honest,
            |m| {
                m.instructions[0].accounts.pop();
            },
            &count,
            says,
        );
        refuse(&honest, |m| m.instructions[0].accounts.push(n.vault), &count, says);
        // Withdraw, authorize, an advance with data behind it, too little data.
        for data in [&[5, 0, 0, 0][..], &[7, 0, 0, 0], &[4, 0, 0, 0, 0], &[4, 0, 0], &[4], &[], &[4, 1, 0, 0]]
        {
            refuse(&honest, |m| m.instructions[0].data = data.to_vec(), &MISSING, "put it first");
        }
        refuse(&honest, |m| m.instructions[0].program = key(BLOCKHASHES), &MISSING, "put it first");
    }
}

#[test]
fn native_transfers() {
    let n = names();
    let says = "expected one system Transfer or one SPL TransferChecked out of the vault";
    let another = transfer("it is another system instruction than Transfer");
    // Create account, assign, with seed, withdraw nonce, allocate; and prefixes of Transfer.
    for data in
        [&[0, 0, 0, 0][..], &[1, 0, 0, 0], &[11, 0, 0, 0], &[5, 0, 0, 0], &[8, 0, 0, 0], &[2, 0, 0], &[]]
    {
        let set = |m: &mut Message| m.instructions[1].data = [data, &[0; 8][..data.len() / 4 * 8]].concat();
        refuse(&coins(), set, &another, says);
    }
    let length = transfer("its data has the wrong length");
    refuse(&coins(), |m| m.instructions[1].data.push(0), &length, says);
    refuse(
        &coins(),
        |m| {
            m.instructions[1].data.pop();
        },
        &length,
        says,
    );
    refuse(&coins(), |m| m.instructions[1].data.truncate(4), &length, says);
    let count = transfer("it has other than 2 accounts");
    refuse(&coins(), |m| m.instructions[1].accounts.push(n.vault), &count, says);
    refuse(
        &coins(),
        |m| {
            m.instructions[1].accounts.pop();
        },
        &count,
        says,
    );
    let source = transfer("it does not pay out of the vault");
    refuse(&coins(), |m| m.instructions[1].accounts[0] = n.payer, &source, says);
    refuse(&coins(), |m| m.instructions[1].accounts[0] = n.nonce, &source, says);
    refuse(&coins(), |m| m.instructions[1].accounts.swap(0, 1), &source, says);
    let zero = |m: &mut Message| m.instructions[1].data[4..].fill(0);
    refuse(&coins(), zero, &DecodeError::NothingPaid, "the destination receives nothing");
}

#[test]
fn token_transfers() {
    let n = names();
    let says = "expected one system Transfer or one SPL TransferChecked out of the vault";
    let plain = |m: &mut Message| {
        m.instructions[1].data = [&[3][..], &1_000u64.to_le_bytes()].concat();
        m.instructions[1].accounts.remove(1);
        m.readonly.retain(|account| *account != key(USDC));
    };
    refuse(&tokens(), plain, &DecodeError::TransferWithoutMint, "which does not name the mint");
    let another = transfer("it is another token instruction than TransferChecked");
    // Approve, revoke, set authority, mint, burn, close, freeze, the checked ones, sync, and none.
    for code in [4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 17, 26, 255] {
        refuse(&tokens(), |m| m.instructions[1].data[0] = code, &another, says);
    }
    refuse(&tokens(), |m| m.instructions[1].data.clear(), &another, says);
    let length = transfer("its data has the wrong length");
    refuse(&tokens(), |m| m.instructions[1].data.push(0), &length, says);
    refuse(
        &tokens(),
        |m| {
            m.instructions[1].data.pop();
        },
        &length,
        says,
    );
    let count = transfer("it has other than 4 accounts");
    // More accounts are the signers of a multisig authority.
    refuse(&tokens(), |m| m.instructions[1].accounts.push(n.vault), &count, says);
    refuse(&tokens(), |m| m.instructions[1].accounts.push(n.payer), &count, says);
    refuse(
        &tokens(),
        |m| {
            m.instructions[1].accounts.remove(1);
        },
        &count,
        says,
    );
    let source = transfer("it draws on a token account that is not the vault's");
    refuse(&tokens(), |m| m.replace(n.token, stranger(2)), &source, says);
    refuse(&tokens(), |m| m.instructions[1].accounts.swap(0, 2), &source, says);
    refuse(&tokens(), |m| m.instructions[1].accounts[0] = n.vault, &source, says);
    let authority = transfer("its authority is not the vault");
    refuse(&tokens(), |m| m.instructions[1].accounts[3] = n.payer, &authority, says);
    refuse(&tokens(), |m| m.instructions[1].accounts[3] = n.token, &authority, says);
    let zero = |m: &mut Message| m.instructions[1].data[1..9].fill(0);
    refuse(&tokens(), zero, &DecodeError::NothingPaid, "expected at least 1 unit");
}

#[test]
fn destinations_of_the_vault() {
    let n = names();
    let says = "expected exactly one external destination";
    for own in [n.vault, n.nonce, n.token, n.other_nonce, n.other_token] {
        for honest in [coins(), tokens()] {
            let place = honest.instructions[1].accounts.iter().position(|a| *a == stranger(1)).unwrap();
            let set = |m: &mut Message| {
                m.writable.retain(|account| *account != stranger(1) && *account != own);
                if !m.writable_signers.contains(&own) && !m.readonly_signers.contains(&own) {
                    m.writable.push(own);
                }
                for token in [n.token, n.nonce] {
                    let used = m.instructions.iter().any(|i| i.accounts.contains(&token));
                    if used && !m.writable.contains(&token) {
                        m.writable.push(token);
                    }
                }
                m.instructions[1].accounts[place] = own;
            };
            refuse(&honest, set, &DecodeError::NoDestination, says);
        }
    }
}

#[test]
fn fee_payers() {
    let n = names();
    let says = "the fee payer is an account of the vault";
    // The vault itself, alone and before another signer.
    let alone = |m: &mut Message| {
        m.writable_signers = vec![n.vault];
        m.readonly_signers.clear();
    };
    let first = |m: &mut Message| {
        m.writable_signers = vec![n.vault, n.payer];
        m.readonly_signers.clear();
    };
    for honest in [coins(), tokens()] {
        refuse(&honest, alone, &DecodeError::FeePayer, says);
        refuse(&honest, first, &DecodeError::FeePayer, says);
        for own in [n.other_token, n.other_nonce] {
            refuse(&honest, |m| m.replace(n.payer, own), &DecodeError::FeePayer, "outside of it");
        }
    }
    let own_source = |m: &mut Message| {
        m.writable_signers = vec![n.token];
        m.writable.retain(|account| *account != n.token);
    };
    refuse(&tokens(), own_source, &DecodeError::FeePayer, says);
}

#[test]
fn signers() {
    let n = names();
    let says = "expected 2 signers, the fee payer and the vault's authority, got";
    for honest in [coins(), tokens()] {
        refuse(&honest, |m| m.writable_signers.push(stranger(2)), &DecodeError::Signers(3), says);
        refuse(&honest, |m| m.readonly_signers.push(stranger(2)), &DecodeError::Signers(3), says);
        // The vault is no signer: one signature.
        let unsigned = |m: &mut Message| {
            m.writable_signers.retain(|account| *account != n.vault);
            m.readonly_signers.clear();
            m.writable.push(n.vault);
        };
        refuse(&honest, unsigned, &DecodeError::Signers(1), says);
    }
    // Two signers, but the second is the destination.
    let destination = |m: &mut Message| {
        m.writable_signers[1] = stranger(1);
        m.writable[1] = n.vault;
    };
    let problem = "it signs, but is neither fee payer nor the vault's authority";
    refuse(&coins(), destination, &account(1, problem), &format!("account 1: {problem}"));
}
