//! Help texts and exit codes of the binary.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Output, Stdio},
};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_solventry-margin")).args(arguments).output().unwrap()
}

/// Compares with a file under `tests/golden`; `UPDATE_GOLDEN=1` rewrites it.
fn golden(arguments: &[&str]) {
    let output = run(&[arguments, &["--help"]].concat());
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
    let commands = [
        "demo",
        "arrays",
        "keygen",
        "account-key",
        "plan",
        "encrypt",
        "reference",
        "config",
        "serve",
        "register",
        "query",
        "decrypt",
    ];
    golden(&[]);
    commands.iter().for_each(|command| golden(&[command]));
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let samples = format!("{}/../../fhe-risk/samples", env!("CARGO_MANIFEST_DIR"));
    let (market, prices) = (format!("{samples}/market.toml"), format!("{samples}/prices.csv"));
    let portfolio = format!("{}/samples/portfolio.json", env!("CARGO_MANIFEST_DIR"));
    let arrays = path("arrays.json");
    let ends = |arguments: &[&str], code: i32, part: &str| {
        let output = run(arguments);
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(part), "{arguments:?}: {text}");
    };
    ends(&["arrays", "--market", &market, "--prices", &prices, "--out", &arrays], 0, "quantisation loss");
    ends(&["arrays", "--market", &market, "--prices", &prices, "--out", &arrays], 2, "exists already");
    ends(
        &["arrays", "--market", &prices, "--prices", &prices, "--out", &path("x")],
        2,
        "prices.csv: the market configuration: TOML",
    );
    ends(&["reference", "--arrays", &arrays, "--portfolio", &portfolio], 0, "margin call no");
    ends(
        &["reference", "--arrays", &arrays, "--portfolio", &market],
        2,
        "market.toml: line 1: expected the header",
    );
    ends(&["plan", "--arrays", &arrays], 0, "chance of a wrong result");
    ends(&["plan", "--arrays", &arrays, "--bits", "25"], 1, "values of 25 bits hold less than");
    ends(&["plan", "--arrays", &path("none")], 2, "No such file");
    ends(&["plan"], 2, "--arrays");
    let public = ["keygen", "--name", "v", "--family", "sample", "--out", &path("venue")];
    ends(&public, 2, "expected --insecure-dev");
    let key = path("account.key");
    ends(&["account-key", "--out", &key], 0, "public key");
    ends(&["account-key", "--show", &key], 0, "public key: ");
    ends(&["account-key", "--show", &key, "--out", &path("other")], 2, "cannot be used with");
    ends(&["account-key"], 2, "--out <FILE>");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    ends(&["register", "--venue", &path("none")], 2, "venue.json");
    // Sent nowhere: there is no server at all.
    let query = |file: &str, part: &str| {
        ends(&["query", "--query", file, "--server", "http://127.0.0.1:9", "--out", &path("r")], 2, part);
    };
    query(&key, "looks like a signing key");
    query(&arrays, "margin query");
}

/// A full disk under the log: the file that cannot be used is logged, or not, and the server starts.
#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("arrays")).unwrap();
    std::fs::write(path("arrays/bad.json"), "nonsense").unwrap();
    let venue = "1".repeat(64);
    let config = format!(
        r#"{{"format":"solventry-margin-server-v1","venues":[{{"digest":"{venue}","accounts":[]}}],"queue":4}}"#
    );
    std::fs::write(path("server.json"), config).unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_solventry-margin"))
        .args(["serve", "--listen", "127.0.0.1:0", "--config"])
        .arg(path("server.json"))
        .arg("--store")
        .arg(path("store"))
        .arg("--arrays")
        .arg(path("arrays"))
        .stdout(Stdio::piped())
        .stderr(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(line.contains("listens on"), "{line:?}");
}
