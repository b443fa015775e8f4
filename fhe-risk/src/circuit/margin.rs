//! Margin and margin call.

use super::{
    chain::{Signed, signs},
    machine::{Machine, Phase, Rotation, Table, Torus},
    round::{Entrant, GROUP, Leader, Round, UNIT, bit, negative},
    schedule,
};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The margin itself.
    pub margin: bool,
    /// Whether collateral − margin is negative.
    pub call: bool,
}

/// Encrypted results.
pub struct Outcome<M: Machine + ?Sized> {
    /// max(0, largest loss) as windows at [`margin_tops`]; empty if not asked for.
    pub margin: Vec<M::Computed>,
    /// Sign of collateral − margin, ±2^62; absent if not asked for.
    pub call: Option<M::Computed>,
}

/// Amplitude of signs that leave or that negate.
const SIGN: u64 = 1 << 62;

/// Largest of one to 64 losses and zero; `collateral` is at least 0.
pub fn evaluate<M: Machine + ?Sized>(
    machine: &M,
    bits: u32,
    losses: Vec<M::Wide>,
    collateral: &M::Wide,
    wanted: Wanted,
) -> Outcome<M> {
    let (round, leader) = last_round(machine, bits, losses);
    let worst = Signed { wide: None, windows: round.windows(&leader) };
    let call = wanted.call.then(|| {
        // The collateral is not negative: it is below max(0, loss) just where it is below the loss.
        let windows = worst.windows.iter().map(negative).collect();
        let excess = Signed { wide: Some(collateral.clone()), windows };
        signs(machine, "call", bits, &[excess], SIGN).remove(0)
    });
    let margin =
        if wanted.margin { positive_part(machine, bits, &round, &leader, worst) } else { Vec::new() };
    Outcome { margin, call }
}

/// The largest of at most sixteen, or of the largest of each sixteen.
fn last_round<M: Machine + ?Sized>(
    machine: &M,
    bits: u32,
    losses: Vec<M::Wide>,
) -> (Round<'_, M>, Leader<M>) {
    let mut entrants: Vec<_> =
        losses.into_iter().map(|loss| Entrant { wide: Some(loss), windows: Vec::new() }).collect();
    if entrants.len() > GROUP {
        let mut groups = Vec::new();
        while !entrants.is_empty() {
            let rest = entrants.split_off(entrants.len().min(GROUP));
            groups.push(winner(machine, bits, entrants));
            entrants = rest;
        }
        entrants = groups;
    }
    let round = Round::new(machine, bits, entrants);
    let leader = round.play();
    (round, leader)
}

fn winner<M: Machine + ?Sized>(machine: &M, bits: u32, mut group: Vec<Entrant<M>>) -> Entrant<M> {
    if group.len() == 1 {
        return group.remove(0);
    }
    let round = Round::new(machine, bits, group);
    Entrant { wide: None, windows: round.windows(&round.play()) }
}

/// max(0, v): the window above each, once as it is and once negated if v < 0, add up to the window
/// or to nothing. The highest bit is lost by that: it is 0.
fn positive_part<M: Machine + ?Sized>(
    machine: &M,
    bits: u32,
    round: &Round<'_, M>,
    leader: &Leader<M>,
    worst: Signed<M>,
) -> Vec<M::Computed> {
    let mut windows = worst.windows.clone();
    let sign = signs(machine, "zero", bits, &[worst], SIGN).remove(0);
    for (window, other) in windows.iter_mut().zip(round.mirrored(leader, &bit(&sign, 2 * SIGN))) {
        window.add(&other);
    }
    windows
}

/// Whether the collateral is below any loss, or below zero if none is positive: −2^62 if it is.
///
/// Cheaper than the margin: a chain for every loss, and an OR.
pub fn any_call<M: Machine + ?Sized>(
    machine: &M,
    bits: u32,
    losses: Vec<M::Wide>,
    collateral: &M::Wide,
) -> M::Computed {
    let excess = |loss: M::Wide| {
        let mut wide = collateral.clone();
        wide.sub(&loss);
        Signed { wide: Some(wide), windows: Vec::new() }
    };
    let excesses: Vec<_> = losses.into_iter().map(excess).collect();
    let mut found = signs(machine, "call", bits, &excesses, UNIT / 2);
    loop {
        let groups: Vec<_> = found.chunks(GROUP).map(|group| or(group)).collect();
        let is_last = groups.len() == 1;
        found = machine.bootstrap(&groups.into_iter().map(|phase| sign(phase, is_last)).collect::<Vec<_>>());
        if is_last {
            return found.remove(0);
        }
    }
}

/// Half a unit below zero if none of at most sixteen signs is negative, else as many units above it.
fn or<M: Machine + ?Sized>(signs: &[M::Computed]) -> Phase<M> {
    let none = Phase::constant((UNIT / 2).wrapping_neg());
    signs.iter().fold(none, |phase, sign| phase.with(&bit(sign, UNIT), 1))
}

/// Positive for none, negative for any.
fn sign<M: Machine + ?Sized>(phase: Phase<M>, is_last: bool) -> Rotation<M> {
    let amplitude = if is_last { SIGN } else { UNIT / 2 };
    Rotation { name: "any", phase, table: Table::Values(vec![amplitude.wrapping_neg()]), margin: UNIT / 2 }
}

/// Highest bits of the windows that a margin leaves in, from high to low.
pub fn margin_tops(bits: u32) -> Vec<u32> {
    schedule::clean(bits).into_iter().filter_map(|top| top.checked_sub(1)).collect()
}

/// The margin from the phases of its windows, in the order of [`margin_tops`]; exact while every
/// phase is off by less than half of what its window decides.
pub fn read_margin(bits: u32, phases: &[u64]) -> u64 {
    let (mut value, mut known) = (0u64, 0u32);
    for (top, phase) in margin_tops(bits).into_iter().zip(phases).rev() {
        let unit = 63 - top + known;
        let rest = phase.wrapping_sub(value << (63 - top));
        let digits = (rest.wrapping_add(1 << (unit - 1)) >> unit) & ((1 << (64 - unit)) - 1);
        value |= digits << known;
        known = top + 1;
    }
    value
}

/// Whether a sign is negative.
pub fn read_sign(phase: u64) -> bool {
    phase >> 63 == 1
}
