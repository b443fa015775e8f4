//! Signs, window by window.

use super::{
    machine::{Machine, Phase, Rotation, Table, Torus},
    schedule::{self, Window},
};

/// A value whose sign is asked for: what is linear in the inputs, plus what was selected.
pub struct Signed<M: Machine + ?Sized> {
    /// Linear part.
    pub wide: Option<M::Wide>,
    /// Selected windows, from high to low; none if all of it is linear.
    pub windows: Vec<M::Computed>,
}

impl<M: Machine + ?Sized> Signed<M> {
    fn is_fresh(&self) -> bool {
        self.windows.is_empty()
    }

    fn phase(&self, bits: u32, window: Window, clean: &[u32]) -> Phase<M> {
        let wide = self.wide.clone().map(|mut wide| {
            wide.scale(1 << (bits - 1 - window.top));
            wide
        });
        let phase = Phase { wide, computed: None, constant: 0 };
        match clean.iter().position(|top| *top == window.clean).and_then(|place| self.windows.get(place)) {
            Some(selected) => phase.with(selected, 1 << (window.clean - window.top)),
            None => phase,
        }
    }
}

/// Signs of values of `bits` bits: `amplitude` for v ≥ 0, −`amplitude` for v < 0.
///
/// Bootstraps of different values run side by side.
pub fn signs<M: Machine + ?Sized>(
    machine: &M,
    name: &'static str,
    bits: u32,
    values: &[Signed<M>],
    amplitude: u64,
) -> Vec<M::Computed> {
    let (fresh, selected): (Vec<_>, Vec<_>) = (0..values.len()).partition(|place| values[*place].is_fresh());
    let mut signs: Vec<Option<M::Computed>> = vec![None; values.len()];
    for (places, windows) in [(fresh, schedule::fresh(bits)), (selected, schedule::selected(bits))] {
        let chosen: Vec<_> = places.iter().map(|place| &values[*place]).collect();
        for (place, sign) in places.iter().zip(chain(machine, name, bits, &chosen, &windows, amplitude)) {
            signs[*place] = Some(sign);
        }
    }
    signs.into_iter().flatten().collect()
}

/// From low to high: each window's bit lifts or lowers what is below the next one's to its middle.
fn chain<M: Machine + ?Sized>(
    machine: &M,
    name: &'static str,
    bits: u32,
    values: &[&Signed<M>],
    windows: &[Window],
    amplitude: u64,
) -> Vec<M::Computed> {
    if values.is_empty() {
        return Vec::new();
    }
    let clean = schedule::clean(bits);
    let mut below: Option<Vec<M::Computed>> = None;
    // Nothing is below the lowest window: half a unit puts its values in the middle.
    let mut margin = 1 << (62 - windows[0].top);
    for (place, window) in windows.iter().enumerate() {
        let next = windows.get(place + 1).map_or(amplitude, |next| 1 << (62 - (next.top - window.top)));
        let rotation = |number: usize, value: &&Signed<M>| {
            let mut phase = value.phase(bits, *window, &clean);
            match &below {
                Some(below) => phase = phase.with(&below[number], 1),
                None => phase.constant = margin,
            }
            Rotation { name, phase, table: Table::Values(vec![next]), margin }
        };
        let rotations: Vec<_> =
            values.iter().enumerate().map(|(number, value)| rotation(number, value)).collect();
        below = Some(machine.bootstrap(&rotations));
        margin = next;
    }
    below.unwrap_or_default()
}
