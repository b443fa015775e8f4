//! TOML files that people write: vaults, policies, the journal's sums.
//!
//! A file is parsed with the place of every value, read key by key, and refused with all its
//! faults at once: where, what was expected, what came, what to do. Unknown keys are faults.
//! Faults repeat names, keys and addresses, never amounts, durations or salts: policies are
//! secret.

mod fault;
mod nearest;
mod problem;
mod section;
pub mod words;

use std::path::{Path, PathBuf};

use toml::{Spanned, de::DeTable};
use zeroize::Zeroizing;

pub use fault::Fault;
pub(crate) use nearest::nearest;
pub(crate) use problem::Problems;
pub use problem::{FileReport, Problem};
pub(crate) use section::{Key, Section, Written};

use crate::store::files;

/// Largest file that a person writes here, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Text of a file, wiped when it goes: policies are secret.
pub(crate) struct Source {
    path: Option<PathBuf>,
    text: Zeroizing<String>,
}

impl Source {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, Box<FileReport>> {
        let fault = |fault| Box::new(FileReport::of(Some(path), fault));
        let bytes = files::read(path, MAX_BYTES)
            .map_err(|error| fault(Fault::Unreadable { problem: error.problem }))?;
        let text = String::from_utf8(bytes).map_err(|_| fault(Fault::NotUtf8))?;
        Ok(Self { path: Some(path.to_owned()), text: Zeroizing::new(text) })
    }

    /// Text that is not in a file yet; its faults are told without places.
    pub fn unwritten(text: String) -> Self {
        Self { path: None, text: Zeroizing::new(text) }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Refuses tables of these names in single brackets. A parser would see a second one as a key
    /// that comes twice, and so each of its keys.
    pub fn expect_lists(&self, names: &[&'static str]) -> Result<(), Box<FileReport>> {
        let mut problems = Problems::new(self.path.as_deref(), &self.text);
        for name in names {
            let mut start = 0usize;
            for line in self.text.split_inclusive('\n') {
                if is_single_table(line, name) {
                    problems.add(&(start..start), None, Fault::SingleBrackets { name });
                    break;
                }
                start = start.saturating_add(line.len());
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems.refuse()) }
    }

    /// Parses the text and hands the outermost table to `read`, which reports faults. There is a
    /// result only if there are none.
    pub fn parse<'d, T>(
        &'d self,
        read: impl FnOnce(&mut Section<'_>, &mut Problems<'d>) -> Option<T>,
    ) -> Result<T, Box<FileReport>> {
        let mut problems = Problems::new(self.path.as_deref(), &self.text);
        let (root, errors): (Spanned<DeTable<'_>>, _) = DeTable::parse_recoverable(&self.text);
        for error in &errors {
            let span = error.span().unwrap_or_default();
            problems.add(&span, None, Fault::Syntax { message: error.message().to_owned() });
        }
        if !errors.is_empty() {
            return Err(problems.refuse());
        }
        let mut section = Section::new("the file", 0..0, root.get_ref());
        let value = read(&mut section, &mut problems);
        section.finish(&mut problems);
        problems.finish(value)
    }
}

/// Whether a line opens the table `[name]`.
fn is_single_table(line: &str, name: &str) -> bool {
    let code = line.split('#').next().unwrap_or_default().trim();
    let inner = code.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|inner| inner.trim() == name)
}

/// Text as a TOML string.
pub(crate) fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|character| match character {
        '"' | '\\' => format!("\\{character}"),
        control if control.is_control() => format!("\\u{:04X}", u32::from(control)),
        other => other.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}
