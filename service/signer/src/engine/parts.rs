//! Entries in transit: cut into parts, and put together again.

use std::collections::{BTreeMap, VecDeque};

use arc_malachitebft_app_channel::app::streaming::{StreamContent, StreamId, StreamMessage};
use bytes::Bytes;
use solventry_protocol::Entry;
use solventry_types::Digest;

use super::{
    context::{Height, Part},
    values::value_id,
};

/// Largest part in bytes; every part but the last has this size.
pub(super) const MAX_PART_BYTES: usize = 64 << 10;
/// Most parts of an entry.
pub(super) const MAX_PARTS: u16 = 65;
/// Entries in transit per publisher: a proposal, and another one sent again after a lock.
const MAX_OPEN: usize = 2;

const _: () = assert!(MAX_PART_BYTES * 65 >= Entry::MAX_BYTES && MAX_PART_BYTES * 64 < Entry::MAX_BYTES);

/// An entry of which all parts arrived; its id is that of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complete {
    pub height: Height,
    pub round: u32,
    pub value: Digest,
    pub bytes: Vec<u8>,
}

/// Parts that arrived so far. A publisher can displace only its own.
#[derive(Default)]
pub(super) struct Inbox {
    open: BTreeMap<usize, VecDeque<Open>>,
}

struct Open {
    head: Part,
    parts: Vec<Option<Bytes>>,
}

/// Cuts an encoded entry into messages of one stream.
pub(super) fn cut(height: Height, round: u32, value: Digest, bytes: &[u8]) -> Vec<StreamMessage<Part>> {
    let stream = [&height.0.to_be_bytes()[..], &round.to_be_bytes(), &value.0].concat();
    let stream = StreamId::new(stream.into());
    let chunks = bytes.chunks(MAX_PART_BYTES);
    let count = u16::try_from(chunks.len()).unwrap_or(u16::MAX);
    let part = |(index, chunk)| {
        let part = Part { height, round, value, count, index, bytes: Bytes::copy_from_slice(chunk) };
        StreamMessage::new(stream.clone(), index.into(), StreamContent::Data(part))
    };
    (0..count).zip(chunks).map(part).collect()
}

impl Inbox {
    /// Takes a part; gives the entry if it was the last that was missing.
    pub fn accept(&mut self, publisher: usize, part: Part) -> Option<Complete> {
        let full = part.bytes.len() == MAX_PART_BYTES;
        let last = part.index.checked_add(1) == Some(part.count);
        if part.count > MAX_PARTS || part.index >= part.count || part.bytes.is_empty() || !(full || last) {
            return None;
        }
        let open = self.open.entry(publisher).or_default();
        let place = open.iter().position(|open| open.is_of(&part)).unwrap_or_else(|| {
            open.push_back(Open { head: part.clone(), parts: vec![None; part.count.into()] });
            if open.len() > MAX_OPEN {
                open.pop_front();
            }
            open.len().saturating_sub(1)
        });
        let entry = open.get_mut(place)?;
        *entry.parts.get_mut(usize::from(part.index))? = Some(part.bytes);
        if entry.parts.iter().any(Option::is_none) {
            return None;
        }
        open.remove(place)?.finish()
    }

    /// Forgets entries below `height`.
    pub fn forget_below(&mut self, height: Height) {
        for open in self.open.values_mut() {
            open.retain(|open| open.head.height >= height);
        }
    }
}

impl Open {
    fn is_of(&self, part: &Part) -> bool {
        let Part { height, round, value, count, .. } = &self.head;
        (height, round, value, count) == (&part.height, &part.round, &part.value, &part.count)
    }

    fn finish(self) -> Option<Complete> {
        let bytes = self.parts.into_iter().collect::<Option<Vec<_>>>()?.concat();
        let Part { height, round, value, .. } = self.head;
        (value_id(&bytes) == Some(value)).then_some(Complete { height, round, value, bytes })
    }
}

#[cfg(test)]
mod tests {
    use solventry_protocol::{Record, record::Cancel};

    use super::*;

    fn entry(bytes: usize) -> (Digest, Vec<u8>) {
        let record = Record::Cancel(Cancel {
            payment_id: Digest([1; 32]),
            transaction: vec![7; bytes],
            approvals: vec![],
        });
        let entry = Entry::new(Digest([2; 32]), 5, &record);
        (entry.header.value_id(), entry.encode())
    }

    fn parts(round: u32, bytes: usize) -> Vec<Part> {
        let (id, bytes) = entry(bytes);
        let messages = cut(Height(3), round, id, &bytes).into_iter();
        messages.map(|message| message.content.into_data().unwrap()).collect()
    }

    #[test]
    fn parts_come_together_in_any_order() {
        for (size, expected) in [(10, 1), (MAX_PART_BYTES, 2)] {
            let (id, bytes) = entry(size);
            let mut inbox = Inbox::default();
            let mut all = parts(0, size);
            assert_eq!(all.len(), expected);
            let last = all.remove(0);
            for part in all.into_iter().rev() {
                assert_eq!(inbox.accept(1, part.clone()), None);
                assert_eq!(inbox.accept(1, part), None, "a part twice is no other part");
            }
            let complete = inbox.accept(1, last).unwrap();
            assert_eq!(complete, Complete { height: Height(3), round: 0, value: id, bytes });
        }
    }

    #[test]
    fn other_bytes_under_an_id_are_dropped() {
        let mut inbox = Inbox::default();
        let mut part = parts(0, 10).remove(0);
        part.value.0[0] ^= 1;
        assert_eq!(inbox.accept(1, part), None);
        let mut part = parts(0, 10).remove(0);
        let mut bytes = part.bytes.to_vec();
        bytes[40] ^= 1;
        part.bytes = bytes.into();
        assert_eq!(inbox.accept(1, part), None);
    }

    #[test]
    fn a_publisher_displaces_only_its_own_entries() {
        let mut inbox = Inbox::default();
        let honest = parts(0, MAX_PART_BYTES);
        assert_eq!(inbox.accept(1, honest[0].clone()), None);
        for round in 0..1000 {
            assert_eq!(inbox.accept(2, parts(round, MAX_PART_BYTES)[0].clone()), None);
        }
        assert_eq!(inbox.open[&2].len(), MAX_OPEN);
        assert!(inbox.accept(1, honest[1].clone()).is_some());
        inbox.forget_below(Height(4));
        assert!(inbox.open[&2].is_empty());
    }

    #[test]
    fn parts_of_a_wrong_size_or_place_are_dropped() {
        let changes: [fn(&mut Part); 4] = [
            |part| part.bytes = part.bytes.slice(1..),
            |part| part.bytes = Bytes::new(),
            |part| part.index = 2,
            |part| part.count = MAX_PARTS + 1,
        ];
        for change in changes {
            let mut part = parts(0, MAX_PART_BYTES).remove(0);
            change(&mut part);
            let mut inbox = Inbox::default();
            assert_eq!(inbox.accept(1, part), None);
            assert!(inbox.open.is_empty());
        }
    }
}
