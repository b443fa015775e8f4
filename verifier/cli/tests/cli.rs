//! Command-line behaviour that needs no attestation: help, usage, anchors.

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_solventry-verify")).args(arguments).output().unwrap()
}

/// Compares with a file under `tests/golden`; `UPDATE_GOLDEN=1` rewrites it.
fn golden(name: &str, text: &[u8]) {
    let path = format!("{}/tests/golden/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert_eq!(
        String::from_utf8_lossy(text),
        expected,
        "{path}; rewrite with UPDATE_GOLDEN=1 if this is wanted"
    );
}

#[test]
fn help_is_as_it_was() {
    golden("help", &run(&["--help"]).stdout);
    golden("help-attestation", &run(&["attestation", "--help"]).stdout);
    golden("help-inclusion", &run(&["inclusion", "--help"]).stdout);
    golden("help-signing", &run(&["signing", "--help"]).stdout);
    golden("help-anchors-new", &run(&["anchors", "new", "--help"]).stdout);
}

#[test]
fn wrong_usage_and_unreadable_files_end_with_2() {
    for arguments in [
        &["attestation"][..],
        &["attestation", "a"],
        &["signing", "a", "--anchors", "b"],
        &["signing", "/none", "--attestation", "/none", "--anchors", "/none"],
        &["attestation", "/none", "--anchors", "/none"],
        &["inclusion", "/none", "--attestation", "/none", "--anchors", "/none", "--account", "eva"],
        &["inclusion", "/none", "--attestation", "/none", "--anchors", "/none", "--account", ""],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    let json = run(&["attestation", "/none", "--anchors", "/none", "--json"]);
    assert_eq!(json.status.code(), Some(2));
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["exit_code"], 2);
    assert!(json["error"].as_str().unwrap().starts_with("/none: "));
}

#[test]
fn anchors_are_written_once_and_in_full() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anchors.json");
    let (path, key, digest) = (path.to_str().unwrap(), "11".repeat(32), "22".repeat(32));
    let new = [
        "anchors",
        "new",
        "--entity-key",
        &key,
        "--verifying-keys",
        &digest,
        "--least-epoch",
        "4",
        "--out",
        path,
    ];
    assert_eq!(run(&new).status.code(), Some(0));
    let anchors: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(anchors["entity_key"], key);
    assert_eq!(anchors["verifying_keys"][0], digest);
    assert_eq!(anchors["least_epoch"], 4);
    assert_eq!(anchors["least_coverage_bps"], 10_000);
    assert_eq!(run(&new).status.code(), Some(2), "nothing is overwritten");
}
