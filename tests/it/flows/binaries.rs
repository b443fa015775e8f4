//! The binaries, built once, and a folder to run them in.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use escargot::{CargoBuild, format::Message};
use tempfile::TempDir;

static BINARIES: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(build);

/// Builds what `cargo test --release` builds, which has the binaries in it, so that nothing is
/// compiled a second time with other features.
fn build() -> BTreeMap<String, PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let mut cargo = CargoBuild::new().manifest_path(root).release().tests();
    // What cargo tells a test of its package: some build scripts (ring's) run again when it changes.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            cargo = cargo.env_remove(name);
        }
    }
    let mut built = BTreeMap::new();
    for message in cargo.exec().expect("cargo starts") {
        let message = message.expect("the binaries build");
        if let Ok(Message::CompilerArtifact(artifact)) = message.decode()
            && !artifact.profile.test
            && let Some(program) = artifact.executable
        {
            built.insert(artifact.target.name.into_owned(), program.into_owned());
        }
    }
    built
}

fn binary(name: &str) -> &'static Path {
    BINARIES.get(name).expect("one of the binaries")
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Ends the test unless the exit code is `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Ends the test unless the text was printed, anywhere.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.out.contains(text) || self.err.contains(text), "expected {text:?} in {self:#?}");
        self
    }
}

/// A working folder.
pub struct Desk(TempDir);

impl Desk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// With a small ledger `L` and small keys `K`.
    pub fn prepared() -> Self {
        let desk = Self::new();
        desk.solventry("ledger generate --accounts 200 --assets 6 --mean-holdings 3 --seed 5 --out L")
            .expect(0);
        desk.solventry("keys setup --profile small --insecure-dev --out K").expect(0);
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("the file is there")
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("the file can be written");
    }

    /// Runs the operator's binary; arguments are separated by blanks, `_` inside stands for one.
    pub fn solventry(&self, arguments: &str) -> Ran {
        self.run(binary("solventry"), arguments)
    }

    /// Runs the verifier's binary in the same way.
    pub fn verify(&self, arguments: &str) -> Ran {
        self.run(binary("solventry-verify"), arguments)
    }

    /// Runs the signer's binary, which must end by itself.
    pub fn signer(&self, arguments: &str) -> Ran {
        self.run(binary("solventry-signer"), arguments)
    }

    /// A command of the signer's binary, not started.
    pub fn signer_command(&self, arguments: &str) -> Command {
        let mut command = Command::new(binary("solventry-signer"));
        command.current_dir(self.0.path()).args(words(arguments));
        command
    }

    /// A command of the operator's binary, not started.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(binary("solventry"));
        command.current_dir(self.0.path()).args(words(arguments));
        command
    }

    fn run(&self, binary: &Path, arguments: &str) -> Ran {
        let output: Output = Command::new(binary)
            .current_dir(self.0.path())
            .args(words(arguments))
            .output()
            .expect("the binary starts");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
        Ran { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

fn words(arguments: &str) -> impl Iterator<Item = String> + '_ {
    arguments.split_whitespace().map(|word| word.replace('_', " "))
}
