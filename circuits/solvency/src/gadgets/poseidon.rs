//! Poseidon of width 9 over BN254 with circomlib's constants (Grassi et al., eprint 2019/458):
//! 8 full and 63 partial rounds, x^5, three rows per S-box. The capacity element starts at a
//! domain tag. The permutation is laid out once and copied for every hash.

use ark_bn254::Fr;
use ark_ff::{Field, Zero};
use light_poseidon::{PoseidonParameters, parameters::bn254_x5::get_poseidon_parameters};

use crate::r1cs::{Combination, FreeStage, ONE, Wire, Wires};

/// Inputs of one hash; the width is one more.
pub const ARITY: usize = 8;
const WIDTH: usize = ARITY + 1;

/// An input of a hash in the circuit.
#[derive(Clone, Copy)]
pub enum Input {
    /// A wire.
    Wire(Wire),
    /// A constant of the circuit.
    Constant(Fr),
}

/// A linear form over (1, inputs, S-box outputs) of one permutation.
type Form = Vec<(Local, Fr)>;

/// A wire of the template.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    One,
    Input(usize),
    Inner(usize),
}

/// The permutation with its rounds laid out: the S-box inputs in order, and the output form.
pub struct Template {
    parameters: PoseidonParameters<Fr>,
    boxes: Vec<Form>,
    output: Form,
}

/// Wires of one hash.
pub struct HashLayout {
    inner: Wires,
    inputs: [Input; ARITY],
}

impl Template {
    /// Lays out the permutation for one domain tag.
    pub fn new(tag: Fr) -> Self {
        let parameters: PoseidonParameters<Fr> =
            get_poseidon_parameters(WIDTH as u8).expect("width 9 is in the table");
        let mut state: Vec<Form> = vec![vec![(Local::One, tag)]];
        state.extend((0..ARITY).map(|index| vec![(Local::Input(index), Fr::from(1u64))]));
        let (mut boxes, mut constants) = (Vec::new(), parameters.ark.chunks(WIDTH));
        for full in rounds(&parameters) {
            let constants = constants.next().expect("one row of constants per round");
            for (index, (form, constant)) in state.iter_mut().zip(constants).enumerate() {
                *form = sum(&[(form, Fr::from(1u64)), (&vec![(Local::One, *constant)], Fr::from(1u64))]);
                if full || index == 0 {
                    let output = Local::Inner(3 * boxes.len() + 2);
                    boxes.push(std::mem::replace(form, vec![(output, Fr::from(1u64))]));
                }
            }
            state = parameters
                .mds
                .iter()
                .map(|row| sum(&state.iter().zip(row.iter().copied()).collect::<Vec<_>>()))
                .collect();
        }
        let output = state.swap_remove(0);
        Self { parameters, boxes, output }
    }

    /// Takes the wires of one hash of `inputs`.
    pub fn layout(&self, stage: &mut FreeStage, inputs: [Input; ARITY]) -> HashLayout {
        HashLayout { inner: stage.free(3 * self.boxes.len() + 1), inputs }
    }

    /// Rows of one hash: per S-box x², x⁴, x⁵, and one row that defines the output wire.
    pub fn constrain(&self, stage: &mut FreeStage, hash: &HashLayout) {
        let one = Fr::from(1u64);
        for (index, form) in self.boxes.iter().enumerate() {
            let x = hash.combination(form);
            let [x2, x4, x5] = [0, 1, 2].map(|power| vec![(hash.inner.at(3 * index + power), one)]);
            stage.row(&x, &x, &x2);
            stage.row(&x2, &x2, &x4);
            stage.row(&x4, &x, &x5);
        }
        stage.row(&hash.combination(&self.output), &[(ONE, one)], &[(hash.output(), one)]);
    }

    /// Writes the wires of one hash; returns its output.
    pub fn assign(&self, values: &mut [Fr], hash: &HashLayout, tag: Fr) -> Fr {
        let mut state = vec![tag];
        state.extend(hash.inputs.iter().map(|input| match input {
            Input::Wire(wire) => values[wire.0 as usize],
            Input::Constant(value) => *value,
        }));
        let (mut inner, mut constants) = (hash.inner.range(), self.parameters.ark.iter());
        for full in rounds(&self.parameters) {
            for (index, element) in state.iter_mut().enumerate() {
                *element += constants.next().expect("one constant per element and round");
                if full || index == 0 {
                    for power in [element.square(), element.square().square(), element.pow([5])] {
                        values[inner.next().expect("three wires per S-box")] = power;
                    }
                    *element = element.pow([5]);
                }
            }
            let mix = |row: &Vec<Fr>| row.iter().zip(&state).map(|(m, s)| *m * s).sum();
            state = self.parameters.mds.iter().map(mix).collect();
        }
        values[hash.output().0 as usize] = state[0];
        state[0]
    }
}

impl HashLayout {
    /// The wire of the output.
    pub fn output(&self) -> Wire {
        self.inner.at(self.inner.len() - 1)
    }

    fn combination(&self, form: &Form) -> Combination {
        let (mut constant, mut combination) = (Fr::zero(), Vec::with_capacity(form.len()));
        for (local, coefficient) in form {
            match local {
                Local::One => constant += coefficient,
                Local::Inner(index) => combination.push((self.inner.at(*index), *coefficient)),
                Local::Input(index) => match self.inputs[*index] {
                    Input::Wire(wire) => combination.push((wire, *coefficient)),
                    Input::Constant(value) => constant += value * coefficient,
                },
            }
        }
        combination.push((ONE, constant));
        combination
    }
}

fn rounds(parameters: &PoseidonParameters<Fr>) -> impl Iterator<Item = bool> + use<> {
    let (half, partial) = (parameters.full_rounds / 2, parameters.partial_rounds);
    (0..2 * half + partial).map(move |round| round < half || round >= half + partial)
}

/// `Σ factor · form`, like terms joined.
fn sum(terms: &[(&Form, Fr)]) -> Form {
    let mut joined = std::collections::BTreeMap::new();
    for (form, factor) in terms {
        for (local, coefficient) in *form {
            *joined.entry(*local).or_insert_with(Fr::zero) += *coefficient * factor;
        }
    }
    joined.into_iter().collect()
}
