//! Lines of a file of unknown origin, in bounded memory.

use std::io::{self, BufRead, Read};

use super::fault::Fault;

/// Longest line of every file but a wide `accounts.csv`, in bytes.
pub(super) const LONG_FORM_LINE: usize = 64 << 10;
/// Longest line of a wide `accounts.csv`, in bytes.
pub(super) const WIDE_FORM_LINE: usize = 1 << 20;

/// Reads lines without ever holding more than the limit.
pub(super) struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    number: u64,
    limit: usize,
}

/// One line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// UTF-8 without control characters but tabs.
    Text(&'a str),
    /// Anything else; the next line can still be read.
    Broken {
        /// Character column of the fault, from 1.
        column: u64,
        /// What is wrong.
        fault: Fault,
    },
}

impl<R: BufRead> Lines<R> {
    /// Starts at line 1.
    pub fn new(source: R, limit: usize) -> Self {
        Self { source, buffer: Vec::new(), number: 0, limit }
    }

    /// Changes the limit for the lines to come.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// The next line that is not empty, with its number from 1; `None` at the end of the file.
    pub fn next_line(&mut self) -> io::Result<Option<(u64, Line<'_>)>> {
        loop {
            self.buffer.clear();
            // Room for the limit and a line end of two bytes.
            let most = u64::try_from(self.limit).unwrap_or(u64::MAX).saturating_add(2);
            if (&mut self.source).take(most).read_until(b'\n', &mut self.buffer)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.buffer.last() == Some(&b'\n') {
                self.buffer.pop();
                self.buffer.pop_if(|byte| *byte == b'\r');
            } else if self.buffer.len() > self.limit {
                self.source.skip_until(b'\n')?;
            }
            if self.number == 1 && self.buffer.starts_with("\u{feff}".as_bytes()) {
                self.buffer.drain(..3);
            }
            if !self.buffer.is_empty() {
                break;
            }
        }
        Ok(Some((self.number, self.line())))
    }

    fn line(&self) -> Line<'_> {
        let bytes = self.buffer.as_slice();
        if self.number == 1 && (bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")) {
            return Line::Broken { column: 1, fault: Fault::Utf16 };
        }
        if bytes.len() > self.limit {
            return Line::Broken { column: 1, fault: Fault::LongLine { limit: self.limit } };
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let column = character_column(&String::from_utf8_lossy(valid));
                return Line::Broken { column, fault: Fault::NotUtf8 };
            }
        };
        match text.bytes().position(|byte| byte.is_ascii_control() && byte != b'\t') {
            None => Line::Text(text),
            Some(at) => {
                let code = bytes.get(at).copied().unwrap_or_default();
                let column = character_column(text.get(..at).unwrap_or_default());
                Line::Broken { column, fault: Fault::Control { code } }
            }
        }
    }
}

/// Character column of what follows `before` in a line, from 1.
pub(super) fn character_column(before: &str) -> u64 {
    u64::try_from(before.chars().count()).unwrap_or(u64::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8], limit: usize) -> Vec<(u64, String)> {
        let mut lines = Lines::new(bytes, limit);
        let mut found = Vec::new();
        while let Some((number, line)) = lines.next_line().unwrap() {
            let line = match line {
                Line::Text(text) => text.to_owned(),
                Line::Broken { column, fault } => format!("{column}: {fault:?}"),
            };
            found.push((number, line));
        }
        found
    }

    #[test]
    fn line_ends_marks_and_empty_lines_are_accepted() {
        let expected = [(1, "a".to_owned()), (3, "b".to_owned()), (4, "c".to_owned())];
        assert_eq!(all("\u{feff}a\r\n\r\nb\nc".as_bytes(), 9), expected);
    }

    #[test]
    fn a_line_at_the_limit_fits_and_a_longer_one_is_skipped() {
        for end in ["\n", "\r\n"] {
            let text = format!("{}{end}{}{end}ok{end}", "x".repeat(8), "y".repeat(10_000_000));
            let found = all(text.as_bytes(), 8);
            let long = (2, "1: LongLine { limit: 8 }".to_owned());
            assert_eq!(found, [(1, "x".repeat(8)), long, (3, "ok".to_owned())]);
        }
        let mut lines = Lines::new(&[b'z'; 5_000_000][..], 8);
        assert!(matches!(lines.next_line(), Ok(Some((1, Line::Broken { .. })))));
        assert!(lines.buffer.capacity() < 100);
    }

    #[test]
    fn broken_bytes_have_a_character_column() {
        assert_eq!(all(b"\xc3\xa9,\xff", 9), [(1, "3: NotUtf8".to_owned())]);
        assert_eq!(all("é,x\0".as_bytes(), 9), [(1, "4: Control { code: 0 }".to_owned())]);
        assert_eq!(all(b"a\rb", 9), [(1, "2: Control { code: 13 }".to_owned())]);
        assert_eq!(all(b"\xff\xfea\0", 9), [(1, "1: Utf16".to_owned())]);
    }
}
