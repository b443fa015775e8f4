use super::*;

fn taproot(byte: u8) -> Vec<u8> {
    [&[0x51, 0x20][..], &[byte; 32]].concat()
}

fn bitcoin() -> VaultConfiguration {
    VaultConfiguration {
        genesis: Digest([1; 32]),
        name: "treasury".into(),
        accounts: VaultAccounts::Bitcoin { scripts: vec![taproot(1), taproot(2)] },
        siblings: vec![taproot(3)],
        proposers: vec![[1; 32]],
        approvers: vec![[1; 32], [2; 32]],
        oracle: Some(MarginOracle { key: [4; 32], account: Digest([5; 32]) }),
        signers: vec![[6; 32], [9; 32], [8; 32], [7; 32]],
        policy_root: [9; 32],
    }
}

fn solana() -> VaultConfiguration {
    let accounts = VaultAccounts::Solana {
        authority: [1; 32],
        nonce_accounts: vec![[2; 32]],
        token_accounts: vec![[3; 32], [4; 32]],
    };
    VaultConfiguration { accounts, siblings: vec![], oracle: None, signers: vec![], ..bitcoin() }
}

#[test]
fn encodings_survive_the_round_trip() {
    for configuration in [bitcoin(), solana()] {
        configuration.validate().unwrap();
        assert_eq!(VaultConfiguration::decode(&configuration.encode()).unwrap(), configuration);
    }
}

#[test]
fn every_flipped_byte_is_refused_or_changes_the_digest() {
    for configuration in [bitcoin(), solana()] {
        let bytes = configuration.encode();
        for index in 0..bytes.len() {
            let mut other = bytes.clone();
            other[index] ^= 1;
            if let Ok(other) = VaultConfiguration::decode(&other) {
                assert_ne!(other.digest(), configuration.digest());
            }
        }
        for length in 0..bytes.len() {
            assert!(VaultConfiguration::decode(&bytes[..length]).is_err());
        }
    }
}

#[test]
fn bad_configurations_are_refused_by_field() {
    let refused = |change: fn(&mut VaultConfiguration)| {
        let mut configuration = bitcoin();
        change(&mut configuration);
        assert!(VaultConfiguration::decode(&configuration.encode()).is_err());
        configuration.validate().unwrap_err().field
    };
    assert_eq!(refused(|c| c.name = "a\n".into()), "name");
    assert_eq!(refused(|c| c.accounts = VaultAccounts::Bitcoin { scripts: vec![] }), "scripts");
    assert_eq!(refused(|c| c.accounts = VaultAccounts::Bitcoin { scripts: vec![vec![0; 22]] }), "scripts");
    assert_eq!(
        refused(|c| c.accounts = VaultAccounts::Bitcoin { scripts: vec![taproot(2), taproot(1)] }),
        "scripts"
    );
    assert_eq!(refused(|c| c.siblings = vec![taproot(1)]), "siblings");
    assert_eq!(refused(|c| c.proposers.clear()), "proposers");
    assert_eq!(refused(|c| c.approvers = vec![[1; 32]; 2]), "approvers");
    assert_eq!(refused(|c| c.signers = vec![[1; 32]; 4]), "signers");
    assert_eq!(refused(|c| c.signers.truncate(3)), "signers");
}

#[test]
fn the_vault_digest_depends_on_journal_name_and_chain_only() {
    let digest = bitcoin().vault_digest();
    assert_ne!(solana().vault_digest(), digest);
    assert_ne!(VaultConfiguration { name: "other".into(), ..bitcoin() }.vault_digest(), digest);
    assert_ne!(VaultConfiguration { genesis: Digest([0; 32]), ..bitcoin() }.vault_digest(), digest);
    assert_eq!(
        VaultConfiguration { policy_root: [0; 32], approvers: vec![], ..bitcoin() }.vault_digest(),
        digest
    );
}
