//! Help texts of the operator's binary.

use std::process::Command;

/// Compares with a file under `tests/golden`; `UPDATE_GOLDEN=1` rewrites it.
fn golden(arguments: &[&str]) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_solventry")).args(arguments).arg("--help").output().unwrap();
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
    for arguments in [
        &[][..],
        &["demo"],
        &["demo", "signing"],
        &["ledger", "generate"],
        &["ledger", "check"],
        &["keys", "setup"],
        &["keys", "headroom"],
        &["keys", "inspect"],
        &["keys", "signing"],
        &["epoch", "commit"],
        &["epoch", "seal"],
        &["reserves", "open"],
        &["reserves", "attest"],
        &["reserves", "import"],
        &["reserves", "check"],
        &["prove"],
        &["inclusion"],
        &["vault", "new"],
        &["vault", "show"],
        &["vault", "export"],
        &["policy", "new"],
        &["policy", "check"],
        &["policy", "show"],
        &["policy", "root"],
        &["policy", "try"],
        &["journal", "new"],
        &["payment", "example"],
        &["payment", "finish"],
        &["payment", "propose"],
        &["payment", "show"],
        &["payment", "prove"],
        &["approve"],
        &["oracle"],
        &["headroom", "prove"],
        &["headroom", "export"],
        &["headroom", "import"],
        &["signers", "group"],
        &["signers", "key"],
        &["signers", "dkg"],
        &["signers", "genesis"],
        &["signers", "start"],
        &["signers", "status"],
        &["change"],
        &["disable"],
        &["observe", "change"],
        &["observe", "epoch"],
        &["observe", "settle"],
        &["submit"],
        &["sign"],
        &["cancel"],
    ] {
        golden(arguments);
    }
}
