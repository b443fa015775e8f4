//! Which accounts came already: ids in one buffer, a hash table of 4-byte numbers over it.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// Account ids in order of first appearance.
#[derive(Default)]
pub(super) struct AccountIndex {
    ids: String,
    ends: Vec<usize>,
    table: HashTable<u32>,
    hasher: RandomState,
}

impl AccountIndex {
    /// Number of accounts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Number of an account, if it came already.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.table.find(self.hasher.hash_one(id), |number| self.id(*number) == id).copied()
    }

    /// Adds an account that [`Self::find`] does not know. `None`: 2^32 accounts are there.
    pub fn add(&mut self, id: &str) -> Option<u32> {
        let number = u32::try_from(self.ends.len()).ok()?;
        self.ids.push_str(id);
        self.ends.push(self.ids.len());
        let Self { ids, ends, table, hasher } = self;
        table.insert_unique(hasher.hash_one(id), number, |other| hasher.hash_one(text(ids, ends, *other)));
        Some(number)
    }

    /// Text of an account id.
    pub fn id(&self, number: u32) -> &str {
        text(&self.ids, &self.ends, number)
    }

    /// Frees the hash table once every account is known.
    pub fn close(&mut self) {
        self.table = HashTable::new();
    }
}

fn text<'a>(ids: &'a str, ends: &[usize], number: u32) -> &'a str {
    let end = |number: Option<usize>| number.and_then(|number| ends.get(number)).copied();
    let number = usize::try_from(number).ok();
    let start = end(number.and_then(|number| number.checked_sub(1))).unwrap_or(0);
    ids.get(start..end(number).unwrap_or(start)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_first_appearance() {
        let mut index = AccountIndex::default();
        for number in 0..5000u32 {
            let id = format!("customer-{number}");
            assert_eq!(index.find(&id), None);
            assert_eq!(index.add(&id), Some(number));
        }
        assert_eq!(index.find("customer-4321"), Some(4321));
        assert_eq!((index.id(0), index.id(4999), index.len()), ("customer-0", "customer-4999", 5000));
    }
}
