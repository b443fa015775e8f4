//! Evaluation of committed vectors at ρ by the barycentric formula:
//! `f(ρ) = (ρ^n − 1)/n · Σ_j ω^j·v_j/(ρ − ω^j) + (ρ^n − 1)·r` for `f = I_v + Z_H·r`
//! (Berrut–Trefethen 2004; the blinding term as in `01-solvency` §1).

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero, batch_inversion};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

use crate::{
    Pole,
    r1cs::{Combination, FreeStage, ONE, Wire, Wires, just},
};

/// The n-th roots of unity on which vectors are committed.
pub fn domain(n: usize) -> Radix2EvaluationDomain<Fr> {
    Radix2EvaluationDomain::new(n).expect("n is a power of two below 2^28")
}

/// Wires of one ρ: its powers up to ρ^n − 1.
pub struct PointLayout {
    n: usize,
    squares: Wires,
}

/// Wires of one evaluated vector: quotients `q_j = v_j/(ρ − ω^j)` and the value f(ρ).
pub struct VectorLayout {
    quotients: Wires,
    first: usize,
    value: Wire,
}

/// Values that all vectors of one ρ share.
pub struct PointValues {
    inverses: Vec<Fr>,
    vanishing: Fr,
}

impl PointLayout {
    /// Takes the wires for ρ², ρ⁴, …, ρ^n.
    pub fn new(stage: &mut FreeStage, n: usize) -> Self {
        Self { n, squares: stage.free(n.ilog2() as usize) }
    }

    /// Row by row: the next wire is the square of the one before.
    pub fn constrain(&self, stage: &mut FreeStage, rho: Wire) {
        let mut last = rho;
        for square in self.squares.iter() {
            stage.row(&just(last), &just(last), &just(square));
            last = square;
        }
    }

    /// Writes the powers; refuses ρ on the domain.
    pub fn assign(&self, values: &mut [Fr], rho: Fr) -> Result<PointValues, Pole> {
        let mut power = rho;
        for square in self.squares.range() {
            power.square_in_place();
            values[square] = power;
        }
        let vanishing = power - Fr::one();
        if vanishing.is_zero() {
            return Err(Pole);
        }
        let mut inverses: Vec<Fr> = domain(self.n).elements().map(|omega| rho - omega).collect();
        batch_inversion(&mut inverses);
        Ok(PointValues { inverses, vanishing })
    }

    /// `ρ^n − 1`.
    fn vanishing(&self) -> Combination {
        vec![(self.squares.at(self.squares.len() - 1), Fr::one()), (ONE, -Fr::one())]
    }
}

impl VectorLayout {
    /// A vector of `count` entries at ω^first, ω^(first+1), …
    pub fn new(stage: &mut FreeStage, first: usize, count: usize) -> Self {
        Self { quotients: stage.free(count), first, value: stage.free(1).at(0) }
    }

    /// The wire of f(ρ).
    pub fn value(&self) -> Wire {
        self.value
    }

    /// Per entry `q_j · (ρ − ω^j) = v_j`, and one row for f(ρ). Entries and blinding must be
    /// committed: solved after ρ they would fit any evaluation.
    pub fn constrain(
        &self,
        stage: &mut FreeStage,
        point: &PointLayout,
        rho: Wire,
        entries: &[Combination],
        blinding: Option<Wire>,
    ) {
        assert_eq!(entries.len(), self.quotients.len(), "one entry per quotient");
        stage.require_committed(entries.iter().flatten().map(|(wire, _)| *wire).chain(blinding));
        let roots: Vec<Fr> = domain(point.n).elements().skip(self.first).take(entries.len()).collect();
        for ((quotient, entry), root) in self.quotients.iter().zip(entries).zip(&roots) {
            stage.row(&just(quotient), &[(rho, Fr::one()), (ONE, -*root)], entry);
        }
        let over_n = Fr::from(point.n as u64).inverse().expect("n is not zero");
        let mut sum: Combination =
            self.quotients.iter().zip(&roots).map(|(quotient, root)| (quotient, *root * over_n)).collect();
        sum.extend(blinding.map(|wire| (wire, Fr::one())));
        stage.row(&sum, &point.vanishing(), &just(self.value));
    }

    /// Writes quotients and value; returns f(ρ).
    pub fn assign(&self, values: &mut [Fr], point: &PointValues, entries: &[Fr], blinding: Fr) -> Fr {
        let n = point.inverses.len();
        let mut sum = Fr::zero();
        let root_and_inverse = domain(n).elements().zip(&point.inverses).skip(self.first);
        for ((wire, entry), (root, inverse)) in self.quotients.range().zip(entries).zip(root_and_inverse) {
            values[wire] = *entry * inverse;
            sum += root * values[wire];
        }
        let over_n = Fr::from(n as u64).inverse().expect("n is not zero");
        let value = point.vanishing * (sum * over_n + blinding);
        values[self.value.0 as usize] = value;
        value
    }
}

/// Wires that join evaluations with powers of γ and end with the mask `m_0 + m_1·ρ`.
pub struct JoinLayout {
    partial: Wires,
}

impl JoinLayout {
    /// For `count` evaluations.
    pub fn new(stage: &mut FreeStage, count: usize) -> Self {
        Self { partial: stage.free(count) }
    }

    /// Horner's rule from the mask down: `y = e_0 + γ·(e_1 + γ·(… + γ·(m_0 + m_1·ρ)))`.
    /// The mask must be committed.
    pub fn constrain(&self, stage: &mut FreeStage, evaluations: &[Wire], mask: [Wire; 2], at: JoinPoint) {
        assert_eq!(evaluations.len(), self.partial.len(), "one partial sum per evaluation");
        stage.require_committed(mask);
        let minus = -Fr::one();
        let last = self.partial.at(self.partial.len() - 1);
        stage.row(&just(mask[1]), &just(at.rho), &[(last, Fr::one()), (mask[0], minus)]);
        for index in (0..evaluations.len()).rev() {
            let sum = if index == 0 { at.y } else { self.partial.at(index - 1) };
            let output = [(sum, Fr::one()), (evaluations[index], minus)];
            stage.row(&just(self.partial.at(index)), &just(at.gamma), &output);
        }
    }

    /// Writes the partial sums; returns y.
    pub fn assign(&self, values: &mut [Fr], evaluations: &[Fr], mask: [Fr; 2], rho: Fr, gamma: Fr) -> Fr {
        let mut sum = mask[0] + mask[1] * rho;
        for (wire, evaluation) in self.partial.range().zip(evaluations).rev() {
            values[wire] = sum;
            sum = *evaluation + gamma * sum;
        }
        sum
    }
}

/// Public inputs of a join.
#[derive(Clone, Copy)]
pub struct JoinPoint {
    /// Evaluation point.
    pub rho: Wire,
    /// Weight.
    pub gamma: Wire,
    /// Result.
    pub y: Wire,
}
