//! The sample vault in a temporary directory.
#![allow(dead_code)] // each test program uses a part

use std::{fs, path::PathBuf};

use solventry::{
    document::FileReport,
    journal_sums::{JournalSums, read_journal},
    policy::{PolicyFile, read_policy},
    vault::read_vault,
};
use solventry_types::{Asset, Chain, Locator, Place, VaultConfiguration};
use tempfile::TempDir;

pub const VAULT: &str = include_str!("../../samples/signing/vault.toml");
pub const POLICY: &str = include_str!("../../samples/signing/policy.toml");
pub const JOURNAL: &str = include_str!("../../samples/signing/journal.toml");

pub struct VaultFolder(TempDir);

impl VaultFolder {
    pub fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("vault.toml", VAULT);
        folder.write("policy.toml", POLICY);
        folder.write("journal.toml", JOURNAL);
        folder
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn vault(&self) -> Result<VaultConfiguration, Box<FileReport>> {
        read_vault(self.0.path())
    }

    pub fn policy(&self) -> Result<PolicyFile, Box<FileReport>> {
        read_policy(&self.path("policy.toml"), &self.vault().unwrap())
    }

    pub fn journal(&self) -> Result<JournalSums, Box<FileReport>> {
        let native = Place { chain: Chain::Bitcoin, locator: Locator::Native, decimals: 8 };
        let asset = Asset { symbol: "BTC".into(), decimals: 8, min_coverage_bps: 1, places: vec![native] };
        read_journal(&self.path("journal.toml"), &asset)
    }
}

/// The text with `from` replaced, which must be in it.
#[track_caller]
pub fn edited(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in the sample");
    text.replacen(from, to, 1)
}

/// Where `from` stands in the text, as `line:column`.
pub fn place(text: &str, from: &str) -> String {
    let before = &text[..text.find(from).unwrap()];
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    format!("{}:{column}", before.matches('\n').count() + 1)
}

/// Ends the test unless the file is refused for one fault, whose text behind the name of the file
/// begins with `expected`.
#[track_caller]
pub fn refused<T>(result: Result<T, Box<FileReport>>, expected: &str) {
    let Err(report) = result else { panic!("accepted; expected {expected}") };
    assert_eq!(report.problems.len(), 1, "{report}");
    let at =
        report.problems[0].position.map_or_else(String::new, |at| format!("{}:{}: ", at.line, at.column));
    let text = format!("{at}{}", report.problems[0]);
    assert!(text.starts_with(expected), "got      {text}\nexpected {expected}");
}
