//! The commands as a newcomer runs them: the demo, and every step by itself with an engine that is
//! killed while it works.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

const BINARY: &str = env!("CARGO_BIN_EXE_solventry-margin");

fn sample(name: &str) -> String {
    format!("{}/../../{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A folder that commands run in.
struct Place(tempfile::TempDir);

impl Place {
    fn run(&self, arguments: &str) -> Output {
        let arguments = arguments
            .replace("MARKET", &sample("fhe-risk/samples/market.toml"))
            .replace("PRICES", &sample("fhe-risk/samples/prices.csv"))
            .replace("PORTFOLIO", &sample("service/margin/samples/portfolio.json"));
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        Command::new(BINARY).args(arguments).current_dir(self.0.path()).output().unwrap()
    }

    /// What a command prints, if it ends with `code`.
    #[track_caller]
    fn says(&self, arguments: &str, code: i32) -> String {
        let output = self.run(arguments);
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {text}");
        text
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// An engine; killed when it is dropped.
struct Engine {
    child: Child,
    url: String,
}

impl Engine {
    fn start(folder: &Path) -> Self {
        let arguments = ["serve", "--config", "server.json", "--store", "engine", "--arrays", "arrays.json"];
        let mut child = Command::new(BINARY)
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(
                std::fs::File::options().create(true).append(true).open(folder.join("engine.log")).unwrap(),
            )
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().last().unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{line}");
        Self { child, url }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_demo_runs() {
    let place = Place(tempfile::tempdir().unwrap());
    let said = place.says("demo", 0);
    assert!(said.contains("equal to the last digit"), "{said}");
    assert_eq!(said.matches("refused (").count(), 10, "{said}");
    for stamp in ["EXPERIMENTAL", "UNTRUSTED", "SELF-DECLARED", "ONE KEY"] {
        assert!(said.contains(stamp), "{stamp}: {said}");
    }
}

#[test]
fn step_by_step_with_an_engine_that_is_killed() {
    let place = Place(tempfile::tempdir().unwrap());
    place.says("arrays --market MARKET --prices PRICES --out arrays.json", 0);
    place.says("plan --arrays arrays.json --explain", 0);
    let keys = "keygen --name Example --family sample --list-limit 16 --insecure-dev --out venue";
    assert!(place.says(keys, 0).contains("UNTRUSTED"));
    let account = place.says("account-key --out account.key", 0);
    let key = account.trim().rsplit(' ').next().unwrap();
    place.says(&format!("config --venue venue --account desk={key} --out server.json"), 0);
    let encrypt = "encrypt --venue venue --arrays arrays.json --portfolio PORTFOLIO --key account.key";
    assert!(place.says(&format!("{encrypt} --out query"), 0).contains("SELF-DECLARED"));

    // Accepted, then killed while it works: the next engine takes it up.
    let engine = Engine::start(place.0.path());
    let early = place.says(&format!("query --query query --server {} --out early", engine.url), 1);
    assert!(early.contains("has not sent its keys yet"), "{early}");
    place.says(&format!("register --venue venue --server {}", engine.url), 0);
    let query = format!("query --query query --server {} --patience 1 --out early", engine.url);
    assert!(place.says(&query, 1).contains("the engine keeps the query"));
    drop(engine);
    let engine = Engine::start(place.0.path());
    place.says(&format!("query --query query --server {} --out result", engine.url), 0);

    let decrypt = "decrypt --venue venue --market MARKET --prices PRICES --query query --result result";
    let told = place.says(&format!("{decrypt} --disclose margin"), 3);
    let clear = place.says("reference --arrays arrays.json --portfolio PORTFOLIO", 0);
    let report: Vec<_> = clear.lines().take(4).collect();
    assert!(report.len() == 4 && told.contains(&report.join("\n")), "{told}\n{clear}");
    for stamp in ["EXPERIMENTAL", "UNTRUSTED", "SELF-DECLARED", "ONE KEY", "60 bits charged"] {
        assert!(told.contains(stamp), "{stamp}: {told}");
    }
    let call = place.says(&format!("{decrypt} --insecure-dev"), 0);
    assert!(call.contains("margin call no") && !call.contains("quanta"), "{call}");

    // The same portfolio a second time in full is more than its budget.
    place.says(&format!("{encrypt} --out second"), 0);
    place.says(&format!("query --query second --server {} --out second-result", engine.url), 0);
    let second = decrypt.replace("--query query --result result", "--query second --result second-result");
    let refused = place.says(&format!("{second} --disclose margin"), 1);
    assert!(refused.contains("budget of this portfolio is used up"), "{refused}");
    place.says("account-key --out oracle.key", 0);
    let attest = "--disclose ratio --budget 80 --attest attestation --oracle oracle.key --accounts server.json --insecure-dev";
    assert!(place.says(&format!("{second} {attest}"), 0).contains("\"desk\", ratio"));
    assert!(place.path("attestation").metadata().unwrap().len() > 64);
    no_secret_leaves(&place);
}

/// What the engine has and what it logs holds nothing of the secret key or of the account's.
fn no_secret_leaves(place: &Place) {
    let secret = std::fs::read(place.path("venue/secret.key")).unwrap();
    let account = std::fs::read(place.path("account.key")).unwrap();
    let canaries = [&secret[100..132], &secret[secret.len() - 32..], &account[..32]];
    let mut files = vec![place.path("engine.log"), place.path("query"), place.path("result")];
    for folder in ["engine", "engine/venues", "engine/queries", "engine/results"] {
        let entries = std::fs::read_dir(place.path(folder)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()));
    }
    assert!(files.len() > 5);
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        for canary in canaries {
            let found = bytes.windows(canary.len()).any(|window| window == canary);
            assert!(!found, "{}", file.display());
        }
    }
}
