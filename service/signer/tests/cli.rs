//! Help texts of the signer's binary.

use std::process::Command;

/// Compares with a file under `tests/golden`; `UPDATE_GOLDEN=1` rewrites it.
fn golden(arguments: &[&str]) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_solventry-signer")).args(arguments).arg("--help").output().unwrap();
    assert!(output.status.success());
    let name = [&["help"], arguments].concat().join("-");
    let path = format!("{}/tests/golden/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &output.stdout).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    let got = String::from_utf8_lossy(&output.stdout);
    assert_eq!(got, expected, "{path}; rewrite with UPDATE_GOLDEN=1 if this is wanted");
}

#[test]
fn help_is_as_it_was() {
    for arguments in [&[][..], &["init"], &["run"]] {
        golden(arguments);
    }
}
