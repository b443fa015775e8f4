//! The evaluation on noise bounds: every bootstrap leaves a row.
//!
//! Variances are in units of (2^52)², the square of one place of a phase, and follow tfhe's own
//! formulas (`core_crypto::commons::noise_formulas`, from the lattice estimator's 132 bits). What a
//! hostile list with a valid proof can do is not a variance: it adds up as it stands.

use std::{collections::BTreeMap, sync::Mutex};

use super::{inputs::InputNoise, packed::Packed, steps::Steps};
use crate::{
    circuit::{Machine, Rotation, Table, Torus},
    parameters::{PHASE_LOG, POLYNOMIAL},
};

/// One place of a phase: 2^(64 − 12).
pub const PLACE: f64 = (1u64 << (64 - PHASE_LOG)) as f64;

/// What a value is off by, in three parts that add up differently.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bound {
    /// Of keyswitches and bootstraps, independent of each other: in squares of places.
    pub variance: f64,
    /// Of the inputs, a standard deviation in places. Two values may hold the same inputs, turned
    /// against each other: deviations add, not variances.
    pub input: f64,
    /// At most, in places.
    pub worst: f64,
}

impl Bound {
    /// Both.
    pub fn plus(self, other: Self) -> Self {
        Self {
            variance: self.variance + other.variance,
            input: self.input + other.input,
            worst: self.worst + other.worst,
        }
    }

    /// As often, whatever the sign.
    pub fn times(self, factor: f64) -> Self {
        Self {
            variance: self.variance * factor * factor,
            input: self.input * factor.abs(),
            worst: self.worst * factor.abs(),
        }
    }

    /// The worse of two, in each respect.
    fn or(self, other: Self) -> Self {
        Self {
            variance: self.variance.max(other.variance),
            input: self.input.max(other.input),
            worst: self.worst.max(other.worst),
        }
    }

    /// Only what is independent.
    pub const fn of_variance(variance: f64) -> Self {
        Self { variance, input: 0.0, worst: 0.0 }
    }

    /// Standard deviation of both random parts.
    pub fn deviation(self) -> f64 {
        self.variance.sqrt().hypot(self.input)
    }
}

/// A linear combination of inputs, by its weights.
#[derive(Debug, Clone)]
pub struct Weights(pub Vec<f64>);

/// Bootstraps of one kind that are alike in margin.
#[derive(Debug, Clone)]
pub struct Row {
    /// What they do.
    pub name: &'static str,
    /// How far their phases are from a wrong entry, in places.
    pub margin: f64,
    /// Standard deviation of the largest noise, in places.
    pub deviation: f64,
    /// What hostile inputs can add, in places.
    pub worst: f64,
    /// Number of bootstraps.
    pub count: u64,
    /// Logarithm to base 2 of the chance that any of them fails.
    pub failure_log2: f64,
}

/// The machine.
pub struct Bounds<'a> {
    inputs: &'a InputNoise,
    steps: Steps,
    rows: Mutex<BTreeMap<(&'static str, u64), Row>>,
}

impl<'a> Bounds<'a> {
    /// For inputs of a kind.
    pub fn new(inputs: &'a InputNoise) -> Self {
        Self { inputs, steps: Steps::by_formula(), rows: Mutex::default() }
    }

    /// What was met, and what the windows of a margin leave with.
    pub fn into_rows(self) -> Vec<Row> {
        self.rows.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_values().collect()
    }

    /// Notes that phases of this margin are read `count` times.
    pub fn note(&self, name: &'static str, margin: u64, bound: Bound, count: u64) {
        let margin = margin as f64 / PLACE;
        let failure = failure_log2(margin - bound.worst, bound.deviation());
        let mut rows = self.rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let row = rows.entry((name, margin.to_bits())).or_insert(Row {
            name,
            margin,
            deviation: 0.0,
            worst: 0.0,
            count: 0,
            failure_log2: f64::NEG_INFINITY,
        });
        row.deviation = row.deviation.max(bound.deviation());
        row.worst = row.worst.max(bound.worst);
        row.count += count;
        row.failure_log2 = add_log2(row.failure_log2, failure + (count as f64).log2());
    }

    fn phase(&self, rotation: &Rotation<Self>) -> Bound {
        let mut bound = Bound::of_variance(self.steps.switch);
        if let Some(wide) = &rotation.phase.wide {
            bound = bound.plus(self.inputs.bound(&wide.0));
            bound.variance += self.steps.from_input;
        }
        if let Some(computed) = &rotation.phase.computed {
            bound = bound.plus(*computed);
            bound.variance += self.steps.from_large;
        }
        bound
    }

    fn result(&self, table: &Table<Packed>) -> Bound {
        let fresh = Bound::of_variance(self.steps.result);
        let Table::Packed { entries, width } = table else { return fresh };
        // Each place of the table sums the other coefficients of a share of every entry.
        let share = (POLYNOMIAL / width) as f64;
        let beside: f64 = entries.iter().map(|entry| entry.beside * share).sum();
        let own = entries.iter().map(|entry| self.inputs.bound(&entry.wide.0).plus(entry.own));
        let worst = own.fold(Bound::default(), Bound::or);
        fresh.plus(Bound::of_variance(beside)).plus(worst)
    }
}

impl Machine for Bounds<'_> {
    type Wide = Weights;
    type Computed = Bound;
    type Packed = Packed;

    fn pack_wide(&self, values: &[Weights]) -> Vec<Packed> {
        let own = Bound::of_variance(self.steps.pack_input);
        let pack = |wide: &Weights| Packed { wide: wide.clone(), own, beside: self.steps.pack_input };
        values.iter().map(pack).collect()
    }

    fn pack_computed(&self, values: &[Bound]) -> Vec<Packed> {
        let beside = self.steps.pack_large;
        let own = |value: &Bound| value.plus(Bound::of_variance(beside));
        values.iter().map(|value| Packed { wide: Weights(Vec::new()), own: own(value), beside }).collect()
    }

    fn bootstrap(&self, rotations: &[Rotation<Self>]) -> Vec<Bound> {
        let run = |rotation: &Rotation<Self>| {
            self.note(rotation.name, rotation.margin, self.phase(rotation), 1);
            self.result(&rotation.table)
        };
        rotations.iter().map(run).collect()
    }
}

/// A factor as it acts on noise: wrapped ones are negative.
pub fn signed(factor: u64) -> f64 {
    factor as i64 as f64
}

impl Torus for Weights {
    fn add(&mut self, other: &Self) {
        combine(&mut self.0, &other.0, 1.0);
    }

    fn sub(&mut self, other: &Self) {
        combine(&mut self.0, &other.0, -1.0);
    }

    fn scale(&mut self, factor: u64) {
        self.0.iter_mut().for_each(|weight| *weight *= signed(factor));
    }

    fn offset(&mut self, _constant: u64) {}
}

fn combine(sum: &mut Vec<f64>, other: &[f64], sign: f64) {
    sum.resize(sum.len().max(other.len()), 0.0);
    sum.iter_mut().zip(other).for_each(|(sum, weight)| *sum += sign * weight);
}

impl Torus for Bound {
    fn add(&mut self, other: &Self) {
        *self = self.plus(*other);
    }

    fn sub(&mut self, other: &Self) {
        *self = self.plus(*other);
    }

    fn scale(&mut self, factor: u64) {
        *self = self.times(signed(factor));
    }

    fn offset(&mut self, _constant: u64) {}
}

/// log2 of P(|noise| ≥ margin) for a normal distribution; certain if there is no margin left.
///
/// erfc(x) ≤ e^(−x²)/(x·√π), for x = margin/(σ·√2) (Abramowitz & Stegun, 7.1.13).
pub fn failure_log2(margin: f64, deviation: f64) -> f64 {
    if margin <= 0.0 {
        return 0.0;
    }
    let x = margin / (deviation * std::f64::consts::SQRT_2);
    let bound = -x * x * std::f64::consts::LOG2_E - (x * std::f64::consts::PI.sqrt()).log2();
    bound.min(0.0)
}

/// log2(2^a + 2^b).
pub fn add_log2(a: f64, b: f64) -> f64 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp2().ln_1p() / std::f64::consts::LN_2 }
}
