//! What a journal's genesis puts into vault files.

mod vault_folder;

use ed25519_dalek::SigningKey;
use solventry::vault::{read_vault, write_genesis, write_policy_root};
use solventry_types::{Digest, VaultConfiguration};
use vault_folder::{VAULT, VaultFolder, edited};

fn configuration(before: &VaultConfiguration) -> VaultConfiguration {
    VaultConfiguration {
        genesis: Digest([0x11; 32]),
        siblings: vec![],
        signers: (1..5).map(|seed| SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes()).collect(),
        policy_root: [0; 32],
        ..before.clone()
    }
}

#[test]
fn genesis_signers_and_siblings_are_written_and_the_rest_stays() {
    let folder = VaultFolder::new();
    let path = folder.path("");
    write_policy_root(&path, [0x22; 32]).unwrap();
    let after = configuration(&folder.vault().unwrap());
    write_genesis(&path, &after).unwrap();
    assert_eq!(read_vault(&path).unwrap(), after);
    let text = folder.text("vault.toml");
    assert!(text.starts_with("# A sample vault."), "comments stay: {text}");
    assert!(text.contains("account = \"desk 7\""), "what digests hide stays: {text}");
    assert!(text.contains("policy_root = \"\""), "{text}");

    // Written over by another genesis, with a sibling again.
    let siblings = vec![[&[0x51, 0x20][..], &[0x33; 32]].concat()];
    let again = VaultConfiguration { genesis: Digest([0x44; 32]), siblings, ..after };
    write_genesis(&path, &again).unwrap();
    assert_eq!(read_vault(&path).unwrap(), again);
}

#[test]
fn keys_that_the_file_does_not_have_are_added() {
    let folder = VaultFolder::new();
    folder.write("vault.toml", edited(&edited(VAULT, "signers = []\n", ""), "policy_root = \"\"\n", ""));
    let after = configuration(&folder.vault().unwrap());
    write_genesis(&folder.path(""), &after).unwrap();
    assert_eq!(folder.vault().unwrap(), after);
}

#[test]
fn a_configuration_of_another_vault_is_not_written() {
    let folder = VaultFolder::new();
    let before = folder.text("vault.toml");
    let other = VaultConfiguration { name: "another".into(), ..configuration(&folder.vault().unwrap()) };
    let error = write_genesis(&folder.path(""), &other).unwrap_err().to_string();
    assert!(error.contains("could not be written; set them by hand"), "{error}");
    assert_eq!(folder.text("vault.toml"), before);
}
