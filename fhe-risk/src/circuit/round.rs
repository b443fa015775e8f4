//! A knock-out among at most sixteen entrants, with the index of the leader encrypted.
//!
//! A selection always reads the packed values of the entrants themselves, so that errors do not
//! add up from level to level.

use super::{
    chain::{Signed, signs},
    index::{indexed, update},
    machine::{Machine, Phase, Rotation, Table, Torus},
    schedule,
};

/// Most entrants of a round.
pub const GROUP: usize = 16;

/// An encrypted index i stands as i times this.
pub const UNIT: u64 = 1 << 59;

/// A value that takes part: linear in the inputs, or windows selected in an earlier round.
pub struct Entrant<M: Machine + ?Sized> {
    /// Linear.
    pub wide: Option<M::Wide>,
    /// Selected windows, from high to low.
    pub windows: Vec<M::Computed>,
}

/// The largest of the entrants from `first` on.
pub struct Leader<M: Machine + ?Sized> {
    /// The first of those that it won over, itself included.
    pub first: usize,
    /// How many they are.
    pub count: usize,
    /// Which of them; absent if there is but one.
    pub index: Option<M::Computed>,
}

/// A round.
pub struct Round<'a, M: Machine + ?Sized> {
    machine: &'a M,
    bits: u32,
    entrants: Vec<Entrant<M>>,
    /// By entrant, then window.
    packed: Vec<Vec<M::Packed>>,
}

impl<'a, M: Machine + ?Sized> Round<'a, M> {
    /// Packs the windows of all entrants.
    pub fn new(machine: &'a M, bits: u32, entrants: Vec<Entrant<M>>) -> Self {
        let packed = pack(machine, bits, &entrants);
        Self { machine, bits, entrants, packed }
    }

    /// Plays all levels.
    pub fn play(&self) -> Leader<M> {
        let single = |first| Leader { first, count: 1, index: None };
        let mut leaders: Vec<_> = (0..self.entrants.len()).map(single).collect();
        while leaders.len() > 1 {
            leaders = self.level(leaders);
        }
        leaders.remove(0)
    }

    /// Neighbours meet; the last one without a neighbour goes on.
    fn level(&self, mut leaders: Vec<Leader<M>>) -> Vec<Leader<M>> {
        let last = (leaders.len() % 2 == 1).then(|| leaders.pop()).flatten();
        let pairs: Vec<_> = leaders.chunks_exact(2).map(|pair| (&pair[0], &pair[1])).collect();
        let differences = self.differences(&pairs);
        let lost: Vec<_> = signs(self.machine, "comparison", self.bits, &differences, UNIT / 2)
            .into_iter()
            .map(|sign| bit(&sign, UNIT))
            .collect();
        let mut merged = self.merge(&pairs, &lost);
        merged.extend(last);
        merged
    }

    fn differences(&self, pairs: &[(&Leader<M>, &Leader<M>)]) -> Vec<Signed<M>> {
        let clean = schedule::clean(self.bits);
        let mut rotations = Vec::new();
        for (a, b) in pairs.iter().filter(|(a, b)| a.count * b.count > 1) {
            for window in 0..clean.len() {
                if a.count * b.count <= GROUP {
                    rotations.push(self.select_difference(a, b, window));
                } else {
                    rotations.extend([self.select(a, window, None), self.select(b, window, None)]);
                }
            }
        }
        let mut selected = self.machine.bootstrap(&rotations).into_iter();
        let mut difference = |(a, b): &(&Leader<M>, &Leader<M>)| {
            if a.count * b.count == 1 {
                return minus(&self.entrants[a.first], &self.entrants[b.first]);
            }
            let windows = clean.iter().filter_map(|_| {
                let mut window = selected.next()?;
                if a.count * b.count > GROUP {
                    window.sub(&selected.next()?);
                }
                Some(window)
            });
            Signed { wide: None, windows: windows.collect() }
        };
        pairs.iter().map(&mut difference).collect()
    }

    /// A window of the leader, negated where `negative` is half of the torus.
    fn select(&self, leader: &Leader<M>, window: usize, negative: Option<&M::Computed>) -> Rotation<M> {
        let width = leader.count.next_power_of_two();
        let step = Table::<M::Packed>::step(width);
        let mut phase = indexed(Phase::constant(step / 2), leader, step);
        if let Some(negative) = negative {
            phase = phase.with(negative, 1);
        }
        let entries = self.range(leader).map(|entrant| self.packed[entrant][window].clone()).collect();
        Rotation { name: "selection", phase, table: Table::Packed { entries, width }, margin: step / 2 }
    }

    /// A window of the difference of two leaders, from all differences.
    fn select_difference(&self, a: &Leader<M>, b: &Leader<M>, window: usize) -> Rotation<M> {
        let width = (a.count * b.count).next_power_of_two();
        let step = Table::<M::Packed>::step(width);
        let phase = indexed(Phase::constant(step / 2), a, step * b.count as u64);
        let entry = |left: usize, right: usize| {
            let mut entry = self.packed[left][window].clone();
            entry.sub(&self.packed[right][window]);
            entry
        };
        let entries = self.range(a).flat_map(|left| self.range(b).map(move |right| (left, right)));
        Rotation {
            name: "selection",
            phase: indexed(phase, b, step),
            table: Table::Packed {
                entries: entries.map(|(left, right)| entry(left, right)).collect(),
                width,
            },
            margin: step / 2,
        }
    }

    fn range(&self, leader: &Leader<M>) -> std::ops::Range<usize> {
        leader.first..leader.first + leader.count
    }

    /// New indices: that of the right one where the left one lost.
    fn merge(&self, pairs: &[(&Leader<M>, &Leader<M>)], lost: &[M::Computed]) -> Vec<Leader<M>> {
        let updates: Vec<_> = pairs.iter().zip(lost).map(|((a, b), lost)| update(a, b, lost)).collect();
        let counts: Vec<_> = updates.iter().map(|update| update.rotations.len()).collect();
        let (rotations, linear): (Vec<_>, Vec<_>) =
            updates.into_iter().map(|update| (update.rotations, update.linear)).unzip();
        let rotations: Vec<_> = rotations.into_iter().flatten().collect();
        let mut results = self.machine.bootstrap(&rotations).into_iter();
        let mut merged = Vec::with_capacity(pairs.len());
        for (((a, b), linear), count) in pairs.iter().zip(linear).zip(counts) {
            let parts = linear.into_iter().chain(results.by_ref().take(count));
            merged.push(Leader { first: a.first, count: a.count + b.count, index: sum(parts) });
        }
        merged
    }

    /// All windows of the leader.
    pub fn windows(&self, leader: &Leader<M>) -> Vec<M::Computed> {
        let clean = schedule::clean(self.bits).len();
        let rotations: Vec<_> = (0..clean).map(|window| self.select(leader, window, None)).collect();
        self.machine.bootstrap(&rotations)
    }

    /// All windows of the leader, negated where `negative` is half of the torus.
    pub fn mirrored(&self, leader: &Leader<M>, negative: &M::Computed) -> Vec<M::Computed> {
        let clean = schedule::clean(self.bits).len();
        let rotations: Vec<_> =
            (0..clean).map(|window| self.select(leader, window, Some(negative))).collect();
        self.machine.bootstrap(&rotations)
    }
}

/// `weight` where a sign of amplitude `weight`/2 is negative, else 0.
pub fn bit<T: Torus>(sign: &T, weight: u64) -> T {
    let mut bit = sign.clone();
    bit.scale(u64::MAX);
    bit.offset(weight / 2);
    bit
}

fn sum<T: Torus>(mut parts: impl Iterator<Item = T>) -> Option<T> {
    let mut sum = parts.next()?;
    parts.for_each(|part| sum.add(&part));
    Some(sum)
}

/// The difference of two entrants; linear in the inputs where both are.
fn minus<M: Machine + ?Sized>(a: &Entrant<M>, b: &Entrant<M>) -> Signed<M> {
    let wide = match (&a.wide, &b.wide) {
        (Some(a), Some(b)) => Some(difference(a, b)),
        (Some(a), None) => Some(a.clone()),
        (None, b) => b.as_ref().map(negative),
    };
    let windows = match (a.windows.is_empty(), b.windows.is_empty()) {
        (false, false) => a.windows.iter().zip(&b.windows).map(|(a, b)| difference(a, b)).collect(),
        (false, true) => a.windows.clone(),
        (true, _) => b.windows.iter().map(negative).collect(),
    };
    Signed { wide, windows }
}

fn difference<T: Torus>(a: &T, b: &T) -> T {
    let mut difference = a.clone();
    difference.sub(b);
    difference
}

/// −value.
pub fn negative<T: Torus>(value: &T) -> T {
    let mut negative = value.clone();
    negative.scale(u64::MAX);
    negative
}

/// By entrant, then window from high to low; nothing where there is nothing to choose from.
fn pack<M: Machine + ?Sized>(machine: &M, bits: u32, entrants: &[Entrant<M>]) -> Vec<Vec<M::Packed>> {
    let clean = schedule::clean(bits);
    let (mut wide, mut computed) = (Vec::new(), Vec::new());
    for entrant in entrants {
        match &entrant.wide {
            Some(value) => wide.extend(clean.iter().map(|top| {
                let mut window = value.clone();
                window.scale(1 << (bits - 1 - top));
                window
            })),
            None => computed.extend(entrant.windows.iter().cloned()),
        }
    }
    let mut wide = machine.pack_wide(&wide).into_iter();
    let mut computed = machine.pack_computed(&computed).into_iter();
    let mut packed = |entrant: &Entrant<M>| match entrant.wide {
        Some(_) => wide.by_ref().take(clean.len()).collect(),
        None => computed.by_ref().take(clean.len()).collect(),
    };
    entrants.iter().map(&mut packed).collect()
}
