//! An example transaction of a vault on Solana: a message whose nonce exists nowhere.

use solventry_chains::decode;
use solventry_types::{Chain, VaultAccounts, VaultConfiguration};

use super::example::ExampleError;
use crate::store::files;

const SYSTEM_PROGRAM: [u8; 32] = [0; 32];
/// SysvarRecentB1ockHashes11111111111111111111.
const RECENT_BLOCKHASHES: [u8; 32] = [
    6, 167, 213, 23, 25, 44, 86, 142, 224, 138, 132, 95, 115, 210, 151, 136, 207, 3, 92, 49, 69, 178, 26,
    179, 68, 216, 6, 46, 169, 64, 0, 0,
];
/// Signers, signers that only read, others that only read.
const HEADER: [u8; 3] = [2, 0, 2];
/// Program 4 (system), accounts: nonce, sysvar, authority; data: AdvanceNonceAccount.
const ADVANCE_NONCE: [u8; 10] = [4, 3, 2, 5, 1, 4, 4, 0, 0, 0];
/// Program 4 (system), accounts: authority, destination; data: 12 bytes, Transfer of the lamports that follow.
const TRANSFER: [u8; 9] = [4, 2, 1, 3, 12, 2, 0, 0, 0];

/// A legacy message that uses the vault's first nonce up and pays `lamports` to `to`. Its nonce is
/// invented at random, and so is the fee payer unless there is one: no network takes it.
pub fn example_message(
    vault: &VaultConfiguration,
    to: &[u8; 32],
    lamports: u64,
    fee_payer: Option<[u8; 32]>,
) -> Result<Vec<u8>, ExampleError> {
    let VaultAccounts::Solana { authority, nonce_accounts, .. } = &vault.accounts else {
        return Err(ExampleError::Chain { vault: vault.name.clone(), expected: Chain::Solana });
    };
    let account = nonce_accounts.first().ok_or_else(|| ExampleError::Nonce(vault.name.clone()))?;
    let payer = match fee_payer {
        Some(payer) => payer,
        None => *files::random_secret()?,
    };
    let nonce = *files::random_secret()?;
    let keys = [payer, *authority, *account, *to, SYSTEM_PROGRAM, RECENT_BLOCKHASHES];
    let message = [
        &HEADER[..],
        &[6], // accounts
        &keys.concat(),
        &nonce,
        &[2], // instructions
        &ADVANCE_NONCE,
        &TRANSFER,
        &lamports.to_le_bytes(),
    ]
    .concat();
    decode(&message, &vault.accounts)?;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use solventry_chains::Anchor;
    use solventry_types::{Digest, Locator};

    use super::*;

    const AUTHORITY: [u8; 32] = [0xa1; 32];
    const NONCE: [u8; 32] = [0xa2; 32];
    const TO: [u8; 32] = [0xd1; 32];

    fn vault(accounts: VaultAccounts) -> VaultConfiguration {
        VaultConfiguration {
            name: "hot".into(),
            accounts,
            genesis: Digest([0; 32]),
            siblings: vec![],
            policy_root: [0; 32],
            proposers: vec![],
            approvers: vec![],
            oracle: None,
            signers: vec![],
        }
    }

    fn solana() -> VaultConfiguration {
        vault(VaultAccounts::Solana {
            authority: AUTHORITY,
            nonce_accounts: vec![NONCE],
            token_accounts: vec![],
        })
    }

    #[test]
    fn the_signers_decoder_reads_what_was_asked_for() {
        let vault = solana();
        let message = example_message(&vault, &TO, 1_500_000_000, Some([0xf1; 32])).unwrap();
        let transfer = decode(&message, &vault.accounts).unwrap();
        assert_eq!(
            (transfer.amount(), transfer.charged(), transfer.fee()),
            (1_500_000_000, 1_500_000_000, 10_000)
        );
        assert_eq!((transfer.destination(), transfer.locator()), (&TO[..], &Locator::Native));
        assert_eq!(transfer.fee_payer(), Some(&[0xf1; 32][..]));
        assert!(matches!(transfer.anchor(), Anchor::Nonce { account: NONCE, .. }));
        // Nothing invented comes twice: two examples are two transactions.
        let [one, two] = [(); 2].map(|()| example_message(&vault, &TO, 1, None).unwrap());
        assert_ne!(one[4..36], two[4..36]);
        assert_ne!(one[4 + 6 * 32..][..32], two[4 + 6 * 32..][..32]);
    }

    #[test]
    fn what_signers_would_refuse_is_not_written() {
        let vault_ = solana();
        let refused = |to: &[u8; 32], lamports, payer| {
            example_message(&vault_, to, lamports, payer).unwrap_err().to_string()
        };
        for (to, lamports, payer) in [
            (TO, 0, None),
            (AUTHORITY, 1, None),
            (NONCE, 1, None),
            (TO, 1, Some(AUTHORITY)),
            (TO, 1, Some(TO)),
        ] {
            let said = refused(&to, lamports, payer);
            assert!(said.contains("would be refused"), "{said}");
        }
        let bitcoin = vault(VaultAccounts::Bitcoin { scripts: vec![vec![0x51, 0x20]] });
        let said = example_message(&bitcoin, &TO, 1, None).unwrap_err().to_string();
        assert_eq!(said, "vault \"hot\": expected a vault on solana");
    }
}
