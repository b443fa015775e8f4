//! The two binaries, built once, and a folder to run them in.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::LazyLock,
};

use tempfile::TempDir;

static SOLVENTRY: LazyLock<PathBuf> = LazyLock::new(|| build("solventry", "solventry"));
static VERIFY: LazyLock<PathBuf> = LazyLock::new(|| build("solventry-verify", "solventry-verify"));

fn build(package: &str, binary: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let run = escargot::CargoBuild::new().manifest_path(root).package(package).bin(binary).release().run();
    run.expect("the binary builds").path().to_owned()
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
        self.run(&SOLVENTRY, arguments)
    }

    /// Runs the verifier's binary in the same way.
    pub fn verify(&self, arguments: &str) -> Ran {
        self.run(&VERIFY, arguments)
    }

    /// A command of the operator's binary, not started.
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(&*SOLVENTRY);
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
