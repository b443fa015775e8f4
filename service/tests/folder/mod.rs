//! A ledger folder in a temporary directory.
#![allow(dead_code)] // each test program uses a part

use std::fs;

use solventry::ledger::{CheckReport, LedgerFile, LedgerFolder, ReadOptions, read_ledger};
use tempfile::TempDir;

/// Assets for tests of the other files; USDC has two places on Ethereum.
pub const ASSETS: &str = "symbol,decimals,min_coverage,places\n\
    BTC,8,10000,bitcoin/native/8\n\
    ETH,9,10000,ethereum/native/18\n\
    USDC,6,10000,ethereum/0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48/6;\
    ethereum/0xdAC17F958D2ee523a2206206994597C13D831ec7/6;solana/EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v/6\n";

/// Accounts for tests of the other files.
pub const ACCOUNTS: &str = "account_id,asset,amount\neva,BTC,1\nada,ETH,2.5\n";

pub struct Folder(TempDir);

impl Folder {
    pub fn new(assets: impl AsRef<[u8]>, accounts: impl AsRef<[u8]>) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write(LedgerFile::Assets, assets);
        folder.write(LedgerFile::Accounts, accounts);
        folder
    }

    pub fn write(&self, file: LedgerFile, content: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(file.name()), content).unwrap();
    }

    pub fn remove(&self, file: LedgerFile) {
        fs::remove_file(self.0.path().join(file.name())).unwrap();
    }

    pub fn read(&self) -> Result<LedgerFolder, Box<CheckReport>> {
        self.read_with(ReadOptions::default())
    }

    pub fn read_with(&self, options: ReadOptions) -> Result<LedgerFolder, Box<CheckReport>> {
        read_ledger(self.0.path(), options)
    }

    pub fn refused(&self) -> Box<CheckReport> {
        self.read().unwrap_err()
    }

    /// The one fault as `line:column: message`, or nothing.
    #[track_caller]
    pub fn only_fault(&self, file: LedgerFile) -> String {
        let Err(report) = self.read() else { return String::new() };
        assert_eq!((report.problems.len(), report.problems[0].file), (1, file), "{report}");
        let text = report.problems[0].to_string();
        text.trim_start_matches(file.name()).trim_start_matches([':', ' ']).to_owned()
    }
}
