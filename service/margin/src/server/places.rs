//! Places, bounded in all and by name.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use solventry_fhe_risk::wire::Digest;

use super::locked;

/// Places for what is being received.
pub(super) struct Places {
    most: usize,
    most_of_one: usize,
    taken: Mutex<HashMap<Digest, usize>>,
}

/// One of them, until it is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    name: Digest,
}

impl Places {
    /// `most` in all, `most_of_one` under one name.
    pub fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self { most, most_of_one, taken: Mutex::default() })
    }

    /// A place, if there is one.
    pub fn take(self: &Arc<Self>, name: Digest) -> Option<Place> {
        let mut taken = locked(&self.taken);
        let of_one = taken.get(&name).copied().unwrap_or(0);
        if of_one >= self.most_of_one || taken.values().sum::<usize>() >= self.most {
            return None;
        }
        taken.insert(name, of_one + 1);
        Some(Place { places: Arc::clone(self), name })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = locked(&self.places.taken);
        let left = taken.remove(&self.name).unwrap_or(1) - 1;
        if left > 0 {
            taken.insert(self.name, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_takes_all_and_all_come_back() {
        let places = Places::new(3, 2);
        let take = |name: u8| places.take(Digest([name; 32]));
        let (first, second) = (take(1).unwrap(), take(1).unwrap());
        assert!(take(1).is_none(), "one name has two");
        let third = take(2).unwrap();
        assert!(take(3).is_none(), "all are taken");
        drop(first);
        let fourth = take(3).unwrap();
        assert!(take(1).is_none());
        drop((second, third, fourth));
        assert!(locked(&places.taken).is_empty());
    }
}
