//! CSV records (RFC 4180, one per line) and columns by header name.

use std::{borrow::Cow, fs::File, io, io::BufReader, path::Path};

use super::{
    fault::{Echo, Fault},
    lines::{Line, Lines, character_column},
    problem::{LedgerFile, Position, Problems},
};

/// One record and where it stands.
pub(super) struct Record<'a> {
    number: u64,
    fields: Vec<Field<'a>>,
}

struct Field<'a> {
    text: Cow<'a, str>,
    /// Character column, from 1.
    column: u64,
}

impl Record<'_> {
    /// Number of the line.
    pub fn line(&self) -> u64 {
        self.number
    }

    /// Text of a field; empty where there is none.
    pub fn text(&self, column: usize) -> &str {
        self.fields.get(column).map_or("", |field| &field.text)
    }

    /// Where a field begins.
    pub fn at(&self, column: usize) -> Position {
        let column = self.fields.get(column).map_or(1, |field| field.column);
        Position { line: self.number, column }
    }
}

/// A file that is read record by record.
pub(super) struct Table {
    file: LedgerFile,
    lines: Lines<BufReader<File>>,
}

impl Table {
    /// Opens a file of the folder.
    pub fn open(folder: &Path, file: LedgerFile, limit: usize) -> io::Result<Self> {
        let source = File::open(folder.join(file.name()))?;
        if source.metadata()?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Self { file, lines: Lines::new(BufReader::with_capacity(1 << 18, source), limit) })
    }

    /// Changes the longest line for what follows.
    pub fn set_limit(&mut self, limit: usize) {
        self.lines.set_limit(limit);
    }

    /// Column names and their positions; `None` after a fault, which is reported.
    pub fn header(&mut self, problems: &mut Problems) -> Option<Vec<(String, Position)>> {
        let file = self.file;
        let (number, line) = match self.lines.next_line() {
            Ok(Some(line)) => line,
            Ok(None) => {
                problems.add(file, None, Fault::NoHeader { expected: file.header() });
                return None;
            }
            Err(error) => {
                problems.add(file, None, Fault::Unreadable { kind: error.kind() });
                return None;
            }
        };
        let names = |record: Record<'_>| {
            let fields = record.fields.iter().enumerate();
            fields.map(|(column, field)| (field.text.to_string(), record.at(column))).collect()
        };
        let separator = |line: &str| !line.contains(',') && line.contains([';', '\t']);
        let header = match line {
            Line::Text(line) if separator(line) => Err((1, Fault::Separator)),
            Line::Text(line) => split(line, number).map(names),
            Line::Broken { column, fault } => Err((column, fault)),
        };
        header
            .map_err(|(column, fault)| problems.add(file, Some(Position { line: number, column }), fault))
            .ok()
    }

    /// Hands every well-formed record of `width` fields to `row`; reports the others. Returns
    /// the number of lines seen.
    pub fn records(
        &mut self,
        width: usize,
        problems: &mut Problems,
        mut row: impl FnMut(&Record<'_>, &mut Problems),
    ) -> u64 {
        let file = self.file;
        let mut seen = 0;
        loop {
            let (number, line) = match self.lines.next_line() {
                Ok(Some(line)) => line,
                Ok(None) => return seen,
                Err(error) => {
                    problems.add(file, None, Fault::Unreadable { kind: error.kind() });
                    return seen;
                }
            };
            seen += 1;
            let record = match line {
                Line::Text(line) => split(line, number),
                Line::Broken { column, fault } => Err((column, fault)),
            };
            match record {
                Ok(record) if record.fields.len() == width => row(&record, problems),
                Ok(record) => {
                    let got = record.fields.len();
                    let position = record.at(got.saturating_sub(1).min(width));
                    problems.add(file, Some(position), Fault::Width { expected: width, got });
                }
                Err((column, fault)) => {
                    problems.add(file, Some(Position { line: number, column }), fault);
                }
            }
        }
    }
}

/// Places of the named columns, required ones first. `None` after a fault, which is reported.
pub(super) fn columns(
    file: LedgerFile,
    header: &[(String, Position)],
    required: &[&'static str],
    optional: &[&'static str],
    problems: &mut Problems,
) -> Option<Vec<Option<usize>>> {
    let before = problems.count();
    let known = || required.iter().chain(optional);
    for (index, (name, position)) in header.iter().enumerate() {
        if !known().any(|known| known == name) {
            let fault = Fault::UnknownColumn { expected: file.header(), got: Echo::symbol(name) };
            problems.add(file, Some(*position), fault);
        } else if header.iter().take(index).any(|(earlier, _)| earlier == name) {
            problems.add(file, Some(*position), Fault::RepeatedColumn { name: Echo::symbol(name) });
        }
    }
    let place = |column: &&str| header.iter().position(|(name, _)| name == column);
    for missing in required.iter().filter(|column| place(column).is_none()) {
        let fault = Fault::MissingColumn { expected: file.header(), name: missing };
        problems.add(file, header.first().map(|(_, position)| *position), fault);
    }
    (problems.count() == before).then(|| known().map(place).collect())
}

/// Splits one line; a fault comes with its character column.
fn split(line: &str, number: u64) -> Result<Record<'_>, (u64, Fault)> {
    let fault = |at: usize, fault| (character_column(line.get(..at).unwrap_or_default()), fault);
    let mut fields = Vec::with_capacity(6);
    let (mut offset, mut column) = (0, 1);
    loop {
        let rest = line.get(offset..).unwrap_or_default();
        let (text, end) = if rest.starts_with('"') {
            quoted(rest).ok_or_else(|| fault(offset, Fault::OpenQuote))?
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            let text = rest.get(..end).unwrap_or_default();
            if let Some(quote) = text.find('"') {
                return Err(fault(offset + quote, Fault::StrayQuote));
            }
            (Cow::Borrowed(text), end)
        };
        fields.push(Field { text, column });
        match rest.as_bytes().get(end) {
            None => return Ok(Record { number, fields }),
            Some(b',') => {
                column += character_column(rest.get(..end).unwrap_or_default());
                offset += end + 1;
            }
            Some(_) => return Err(fault(offset + end, Fault::AfterQuote)),
        }
    }
}

/// Text of a quoted field and the offset after its closing quote; `None` if it never closes.
fn quoted(rest: &str) -> Option<(Cow<'_, str>, usize)> {
    let mut from = 1;
    loop {
        let quote = from + rest.get(from..)?.find('"')?;
        if rest.as_bytes().get(quote + 1) == Some(&b'"') {
            from = quote + 2;
            continue;
        }
        let body = rest.get(1..quote)?;
        let text = if from == 1 { Cow::Borrowed(body) } else { Cow::Owned(body.replace("\"\"", "\"")) };
        return Some((text, quote + 1));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(line: &str) -> Result<Vec<String>, (u64, Fault)> {
        split(line, 1).map(|record| record.fields.iter().map(|field| field.text.to_string()).collect())
    }

    #[test]
    fn quotes_follow_rfc_4180() {
        assert_eq!(
            texts(r#""a,b","c ""d""",,"#),
            Ok(vec!["a,b".into(), "c \"d\"".into(), "".into(), "".into()])
        );
        assert_eq!(texts(r#"é,"open"#), Err((3, Fault::OpenQuote)));
        assert_eq!(texts(r#"é,"shut"x"#), Err((9, Fault::AfterQuote)));
        assert_eq!(texts(r#"é,x"y"#), Err((4, Fault::StrayQuote)));
        let record = split(r#""é,é",ß,z"#, 7).unwrap_or_else(|_| unreachable!());
        assert_eq!(record.at(2), Position { line: 7, column: 9 });
    }

    proptest! {
        #[test]
        fn fields_are_those_of_the_csv_crate(fields in prop::collection::vec("[a-c,\" é]{0,6}", 2..6)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(&fields).unwrap();
            let bytes = writer.into_inner().unwrap();
            let line = String::from_utf8(bytes).unwrap();
            prop_assert_eq!(texts(line.trim_end_matches('\n')), Ok(fields));
        }
    }
}
