//! Which entrant leads, encrypted.

use super::{
    machine::{Machine, Phase, Rotation, Table, Torus},
    round::{GROUP, Leader, UNIT},
};

/// What makes a new index.
pub struct Update<M: Machine + ?Sized> {
    /// Their sum, plus what is linear.
    pub rotations: Vec<Rotation<M>>,
    /// From who lost, without a table.
    pub linear: Option<M::Computed>,
}

/// The index after `a` met `b`, from `lost`, which is [`UNIT`] where `a` lost.
///
/// One table of both indices where it fits; else a table each, that is zero for who lost.
pub fn update<M: Machine + ?Sized>(a: &Leader<M>, b: &Leader<M>, lost: &M::Computed) -> Update<M> {
    let (left, right) = (a.count as u64, b.count as u64);
    if a.count * b.count == 1 {
        return Update { rotations: Vec::new(), linear: Some(lost.clone()) };
    }
    if 2 * a.count * b.count <= GROUP {
        let width = (2 * a.count * b.count).next_power_of_two();
        let step = Table::<M::Packed>::step(width);
        let phase = Phase::constant(step / 2).with(lost, left * right * step / UNIT);
        let phase = indexed(indexed(phase, a, step * right), b, step);
        let winners = (0..left * right).map(|both| both / right);
        let values = winners.chain((0..left * right).map(|both| left + both % right));
        return Update { rotations: vec![index_table(phase, values, width)], linear: None };
    }
    let mut rotations = Vec::new();
    if a.count > 1 {
        rotations.push(kept(a, lost, (0..left).chain((0..left).map(|_| 0))));
    }
    if b.count > 1 {
        rotations.push(kept(b, lost, (0..right).map(|_| 0).chain(left..left + right)));
    }
    let linear = (b.count == 1).then(|| {
        let mut linear = lost.clone();
        linear.scale(left);
        linear
    });
    Update { rotations, linear }
}

/// A table of one index and who lost.
fn kept<M: Machine + ?Sized>(
    leader: &Leader<M>,
    lost: &M::Computed,
    values: impl Iterator<Item = u64>,
) -> Rotation<M> {
    let width = (2 * leader.count).next_power_of_two();
    let step = Table::<M::Packed>::step(width);
    let phase = Phase::constant(step / 2).with(lost, leader.count as u64 * step / UNIT);
    index_table(indexed(phase, leader, step), values, width)
}

fn index_table<M: Machine + ?Sized>(
    phase: Phase<M>,
    indices: impl Iterator<Item = u64>,
    width: usize,
) -> Rotation<M> {
    let mut values: Vec<_> = indices.map(|index| index * UNIT).collect();
    values.resize(width, 0);
    Rotation {
        name: "index",
        phase,
        table: Table::Values(values),
        margin: Table::<M::Packed>::step(width) / 2,
    }
}

/// Adds the leader's index, `step` apart.
pub fn indexed<M: Machine + ?Sized>(phase: Phase<M>, leader: &Leader<M>, step: u64) -> Phase<M> {
    match &leader.index {
        Some(index) => phase.with(index, step / UNIT),
        None => phase,
    }
}
