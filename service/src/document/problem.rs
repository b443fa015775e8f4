//! Faults of one file, each with its place.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::fault::Fault;
use crate::{
    ledger::Position,
    vault::{POLICY_FILE, VAULT_FILE},
};

/// One fault and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place; `None` where the file as a whole is at fault or is not written yet.
    pub position: Option<Position>,
    /// The key whose value is at fault.
    pub key: Option<&'static str>,
    /// What was expected, what came, what to do.
    pub fault: Fault,
}

/// Why a file was refused: its faults in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// The file; `None` if it is not written yet.
    pub file: Option<PathBuf>,
    /// At most 100 faults.
    pub problems: Vec<Problem>,
    /// Faults beyond those listed.
    pub further_problems: usize,
}

impl FileReport {
    /// A report of one fault without a place.
    pub fn of(file: Option<&Path>, fault: Fault) -> Self {
        let problems = vec![Problem { position: None, key: None, fault }];
        Self { file: file.map(Path::to_owned), problems, further_problems: 0 }
    }

    /// The report for logs: places and keys, and nothing that the file says.
    pub fn without_content(&self) -> String {
        let file =
            self.file.as_ref().map_or_else(|| "the file".to_owned(), |file| file.display().to_string());
        let line = |problem: &Problem| {
            let at = problem.position.map_or_else(String::new, |at| format!(":{}:{}", at.line, at.column));
            match (&problem.fault, problem.key) {
                // Nothing of the file was understood, so nothing is repeated.
                (fault @ (Fault::Unreadable { .. } | Fault::NotUtf8), _) => format!("{file}: {fault}"),
                (_, Some(key)) => format!("{file}{at}: {key} is at fault"),
                (_, None) => format!("{file}{at}: at fault"),
            }
        };
        let mut lines: Vec<String> = self.problems.iter().map(line).collect();
        if self.further_problems > 0 {
            lines.push(format!("{} further errors are not listed", self.further_problems));
        }
        let unread = |problem: &Problem| matches!(problem.fault, Fault::Unreadable { .. });
        if let Some(policy) = self.checkable().filter(|_| !self.problems.iter().any(unread)) {
            lines.push(format!("run `solventry policy check {}` to see them", policy.display()));
        }
        lines.join("\n")
    }

    /// The policy whose check tells these faults: it reads the vault beside it too.
    fn checkable(&self) -> Option<PathBuf> {
        let file = self.file.as_deref()?;
        let told = file.ends_with(POLICY_FILE) || file.ends_with(VAULT_FILE);
        told.then(|| file.with_file_name(POLICY_FILE))
    }
}

impl std::error::Error for FileReport {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key {
            Some(key) => write!(f, "{key}: {}", self.fault),
            None => write!(f, "{}", self.fault),
        }
    }
}

impl fmt::Display for FileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            if let Some(file) = &self.file {
                write!(f, "{}:", file.display())?;
                if let Some(at) = problem.position {
                    write!(f, "{}:{}:", at.line, at.column)?;
                }
                f.write_str(" ")?;
            }
            write!(f, "{problem}")?;
        }
        match self.further_problems {
            0 => Ok(()),
            more => write!(f, "\n{more} further errors are not listed"),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Problem", 4)?;
        fields.serialize_field("line", &self.position.map(|at| at.line))?;
        fields.serialize_field("column", &self.position.map(|at| at.column))?;
        fields.serialize_field("key", &self.key)?;
        fields.serialize_field("message", &self.fault.to_string())?;
        fields.end()
    }
}

/// Faults found so far.
pub(crate) struct Problems<'d> {
    file: Option<&'d Path>,
    text: &'d str,
    list: Vec<(usize, Problem)>,
    count: usize,
}

impl<'d> Problems<'d> {
    /// Faults listed; the others are counted.
    const LIMIT: usize = 100;

    /// None yet.
    pub fn new(file: Option<&'d Path>, text: &'d str) -> Self {
        Self { file, text, list: Vec::new(), count: 0 }
    }

    /// Adds one about the value of `key` at `span`.
    pub fn add(&mut self, span: &Range<usize>, key: Option<&'static str>, fault: impl Into<Fault>) {
        self.count += 1;
        if !self.is_full() {
            let position = self.file.is_some().then(|| self.position(span.start));
            self.list.push((span.start, Problem { position, key, fault: fault.into() }));
        }
    }

    /// Adds one that is only made if it will be listed: its advice may take long to find.
    pub fn add_with(
        &mut self,
        span: &Range<usize>,
        key: Option<&'static str>,
        fault: impl FnOnce() -> Fault,
    ) {
        if self.is_full() {
            self.count += 1;
        } else {
            self.add(span, key, fault());
        }
    }

    /// Whether further ones are counted only.
    pub fn is_full(&self) -> bool {
        self.list.len() >= Self::LIMIT
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds the error, if it is one.
    pub fn take<T>(
        &mut self,
        span: &Range<usize>,
        key: &'static str,
        result: Result<T, impl Into<Fault>>,
    ) -> Option<T> {
        result.map_err(|fault| self.add(span, Some(key), fault)).ok()
    }

    /// The value, if there are no faults.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Box<FileReport>> {
        match value {
            Some(value) if self.count == 0 => Ok(value),
            _ => Err(self.refuse()),
        }
    }

    /// The report.
    pub fn refuse(mut self) -> Box<FileReport> {
        self.list.sort_by_key(|(start, _)| *start);
        let further_problems = self.count.saturating_sub(self.list.len());
        let problems = self.list.into_iter().map(|(_, problem)| problem).collect();
        Box::new(FileReport { file: self.file.map(Path::to_owned), problems, further_problems })
    }

    fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Position { line: number(line), column: number(column) }
    }
}
