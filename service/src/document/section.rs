//! One table of a file, read key by key.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{fault::Fault, nearest::nearest, problem::Problems, words};
use crate::ledger::Echo;

/// A key and a value that would be right for it.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    /// Name.
    pub name: &'static str,
    /// How a value looks, as TOML.
    pub example: &'static str,
}

/// Text and where it stands.
#[derive(Clone)]
pub(crate) struct Written<'d> {
    /// The text.
    pub text: &'d str,
    /// Bytes of the file.
    pub span: Range<usize>,
}

/// A table. Keys that were never asked for are faults.
pub(crate) struct Section<'d> {
    title: &'static str,
    span: Range<usize>,
    entries: &'d DeTable<'d>,
    known: Vec<&'static str>,
    lenient: bool,
}

impl<'d> Section<'d> {
    /// A table that errors call `title`.
    pub fn new(title: &'static str, span: Range<usize>, entries: &'d DeTable<'d>) -> Self {
        Self { title, span, entries, known: Vec::new(), lenient: false }
    }

    /// Where it begins.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Whether the key is there; the key is known from now on.
    pub fn has(&mut self, key: Key) -> bool {
        self.find(key).is_some()
    }

    /// Whether the key's value is this text.
    pub fn says(&mut self, key: Key, text: &str) -> bool {
        self.find(key).and_then(|value| value.get_ref().as_str()) == Some(text)
    }

    /// Where the key's value stands, or the table if it is not there.
    pub fn span_of(&mut self, key: Key) -> Range<usize> {
        self.find(key).map_or_else(|| self.span(), Spanned::span)
    }

    /// Whether the key holds a list without entries.
    pub fn is_empty_list(&mut self, key: Key) -> bool {
        self.find(key).and_then(|value| value.get_ref().as_array()).is_some_and(|items| items.is_empty())
    }

    /// Every key is known: another pass has read them.
    pub fn forget_unknown(&mut self) {
        self.lenient = true;
    }

    /// Text that must be there.
    pub fn text(&mut self, key: Key, problems: &mut Problems<'_>) -> Option<Written<'d>> {
        let value = self.required(key, problems)?;
        text_of(value, key, problems)
    }

    /// Text that must be there, understood by `parse`.
    pub fn parsed<T>(
        &mut self,
        key: Key,
        problems: &mut Problems<'_>,
        parse: impl FnOnce(&'d str) -> Result<T, Fault>,
    ) -> Option<T> {
        let written = self.text(key, problems)?;
        problems.take(&written.span, key.name, parse(written.text))
    }

    /// A list of texts that must be there; empty after a fault.
    pub fn texts(&mut self, key: Key, problems: &mut Problems<'_>) -> Vec<Written<'d>> {
        let Some(value) = self.required(key, problems) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            wrong_kind(value, key, "a list", problems);
            return Vec::new();
        };
        items.iter().filter_map(|item| text_of(item, key, problems)).collect()
    }

    /// A whole number up to `most` that must be there, with its place.
    pub fn whole(&mut self, key: Key, most: u64, problems: &mut Problems<'_>) -> Option<(u64, Range<usize>)> {
        let value = self.required(key, problems)?;
        let DeValue::Integer(digits) = value.get_ref() else {
            wrong_kind(value, key, "a whole number", problems);
            return None;
        };
        let number =
            u64::from_str_radix(digits.as_str(), digits.radix()).ok().filter(|number| *number <= most);
        let number = problems.take(&value.span(), key.name, number.ok_or(Fault::Whole { most }))?;
        Some((number, value.span()))
    }

    /// A time that must be there, in Unix seconds, with its place.
    pub fn time(&mut self, key: Key, problems: &mut Problems<'_>) -> Option<(u64, Range<usize>)> {
        let value = self.required(key, problems)?;
        let DeValue::Datetime(time) = value.get_ref() else {
            wrong_kind(value, key, "a time without quotes", problems);
            return None;
        };
        let seconds = problems.take(&value.span(), key.name, words::parse_time(&time.to_string()))?;
        Some((seconds, value.span()))
    }

    /// A table that must be there.
    pub fn section(&mut self, key: Key, title: &'static str, problems: &mut Problems<'_>) -> Option<Self> {
        let value = self.required(key, problems)?;
        table_of(value, key, title, problems)
    }

    /// The tables of a list, empty if there is none.
    pub fn sections(&mut self, key: Key, title: &'static str, problems: &mut Problems<'_>) -> Vec<Self> {
        let Some(value) = self.find(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            wrong_kind(value, key, "a list of tables", problems);
            return Vec::new();
        };
        items.iter().filter_map(|item| table_of(item, key, title, problems)).collect()
    }

    /// Reports the keys that were never asked for.
    pub fn finish(self, problems: &mut Problems<'_>) {
        for key in self.entries.keys().filter(|_| !self.lenient) {
            let name: &str = key.get_ref();
            if !self.known.contains(&name) {
                let (title, got) = (self.title, Echo::key(name));
                problems.add_with(&key.span(), None, || match nearest(name, self.known.iter().copied()) {
                    Some(hint) => Fault::MistypedKey { title, got, hint },
                    None => Fault::UnknownKey { title, got, known: self.known.join(", ") },
                });
            }
        }
    }

    fn find(&mut self, key: Key) -> Option<&'d Spanned<DeValue<'d>>> {
        if !self.known.contains(&key.name) {
            self.known.push(key.name);
        }
        self.entries.iter().find(|(name, _)| name.get_ref() == key.name).map(|(_, value)| value)
    }

    fn required(&mut self, key: Key, problems: &mut Problems<'_>) -> Option<&'d Spanned<DeValue<'d>>> {
        let found = self.find(key);
        if found.is_none() {
            let fault = Fault::Missing { title: self.title, key: key.name, example: key.example };
            problems.add(&self.span, None, fault);
        }
        found
    }
}

fn text_of<'d>(
    value: &'d Spanned<DeValue<'d>>,
    key: Key,
    problems: &mut Problems<'_>,
) -> Option<Written<'d>> {
    let text = value.get_ref().as_str();
    if text.is_none() {
        wrong_kind(value, key, "text in quotes", problems);
    }
    Some(Written { text: text?, span: value.span() })
}

fn table_of<'d>(
    value: &'d Spanned<DeValue<'d>>,
    key: Key,
    title: &'static str,
    problems: &mut Problems<'_>,
) -> Option<Section<'d>> {
    let table = value.get_ref().as_table();
    if table.is_none() {
        wrong_kind(value, key, "a table", problems);
    }
    Some(Section::new(title, value.span(), table?))
}

fn wrong_kind(value: &Spanned<DeValue<'_>>, key: Key, expected: &'static str, problems: &mut Problems<'_>) {
    let got = match value.get_ref() {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    problems.add(&value.span(), Some(key.name), Fault::Kind { expected, example: key.example, got });
}
