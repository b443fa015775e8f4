//! A fixed rank-1 constraint system, described once and kept as sparse matrices.
//!
//! Wires are numbered 1 (constant), public inputs, committed wires (J1), free wires (J2). The
//! builder is two types: [`CommittedStage`] hands out J1 only, [`FreeStage`] J2 and rows only, so
//! no wire can move to another stage after staging.

use std::{collections::HashMap, ops::Range};

use ark_bn254::Fr;
use ark_ff::{Field, One, Zero};
use rayon::prelude::*;
use solventry_types::{Digest, codec::Writer, digest::InjectiveHasher};

/// A wire of the circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wire(pub u32);

/// The constant wire, always 1.
pub const ONE: Wire = Wire(0);

/// A linear combination of wires.
pub type Combination = Vec<(Wire, Fr)>;

/// A sparse matrix, row by row; coefficients are interned in the circuit.
#[derive(Default)]
pub struct Matrix {
    ends: Vec<u32>,
    entries: Vec<Entry>,
}

/// One entry of a row.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Wire (column).
    pub wire: u32,
    /// Index into the circuit's coefficients.
    pub coefficient: u32,
}

impl Matrix {
    /// Entries of one row.
    pub fn row(&self, row: usize) -> &[Entry] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.entries[start as usize..self.ends[row] as usize]
    }

    /// Number of entries that are not zero.
    pub fn entries(&self) -> usize {
        self.entries.len()
    }
}

/// A complete circuit.
pub struct Circuit {
    /// Name and version, such as `solventry-shard-v1/small`.
    pub id: String,
    /// Names of the public inputs, in order, without the constant.
    pub public: Vec<&'static str>,
    /// Number of committed wires (J1).
    pub committed: usize,
    /// Number of free wires (J2).
    pub free: usize,
    /// Left, right and output matrix.
    pub matrices: [Matrix; 3],
    coefficients: Vec<Fr>,
    claims: Vec<(usize, &'static str)>,
}

/// A row that the assignment does not satisfy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("row {row} ({claim}) is not satisfied")]
pub struct Unsatisfied {
    /// Number of the row.
    pub row: usize,
    /// Claim that the row belongs to.
    pub claim: &'static str,
}

impl Circuit {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.matrices[0].ends.len()
    }

    /// Number of instance wires: the constant and the public inputs.
    pub fn instance(&self) -> usize {
        1 + self.public.len()
    }

    /// Number of all wires.
    pub fn wires(&self) -> usize {
        self.instance() + self.committed + self.free
    }

    /// Indices of the committed wires.
    pub fn committed_range(&self) -> Range<usize> {
        self.instance()..self.instance() + self.committed
    }

    /// The claim that a row belongs to.
    pub fn claim(&self, row: usize) -> &'static str {
        let index = self.claims.partition_point(|(end, _)| *end <= row);
        self.claims.get(index).map_or("none", |(_, claim)| claim)
    }

    /// Value of a coefficient.
    pub fn coefficient(&self, entry: Entry) -> Fr {
        self.coefficients[entry.coefficient as usize]
    }

    /// Value of `row` of `matrix` under `assignment` (one value per wire).
    pub fn evaluate(&self, matrix: &Matrix, row: usize, assignment: &[Fr]) -> Fr {
        matrix.row(row).iter().fold(Fr::zero(), |sum, entry| {
            let value = assignment[entry.wire as usize];
            match entry.coefficient {
                PLUS_ONE => sum + value,
                MINUS_ONE => sum - value,
                other => sum + self.coefficients[other as usize] * value,
            }
        })
    }

    /// Whether one row holds.
    pub fn holds(&self, row: usize, assignment: &[Fr]) -> bool {
        let [a, b, c] = &self.matrices;
        let value = |matrix| self.evaluate(matrix, row, assignment);
        value(a) * value(b) == value(c)
    }

    /// Checks every row and names the first that fails.
    pub fn check(&self, assignment: &[Fr]) -> Result<(), Unsatisfied> {
        assert_eq!(assignment.len(), self.wires(), "one value per wire");
        let failed = (0..self.rows()).into_par_iter().find_first(|row| !self.holds(*row, assignment));
        failed.map_or(Ok(()), |row| Err(Unsatisfied { row, claim: self.claim(row) }))
    }

    /// Digest of sizes, names and matrices: pins the circuit.
    pub fn digest(&self) -> Digest {
        let mut writer = Writer::new();
        writer.count(self.committed).count(self.free).count(self.rows());
        for name in &self.public {
            writer.var_bytes(name.as_bytes());
        }
        let mut hasher = InjectiveHasher::new("solventry/circuit/v1").field(self.id.as_bytes());
        hasher = hasher.field(writer.as_bytes());
        for matrix in &self.matrices {
            for row in 0..self.rows() {
                let mut writer = Writer::new();
                for entry in matrix.row(row) {
                    writer.u32(entry.wire).scalar(&self.coefficient(*entry));
                }
                hasher = hasher.field(writer.as_bytes());
            }
        }
        hasher.finish()
    }
}

/// Interned index of the coefficient 1.
const PLUS_ONE: u32 = 0;
/// Interned index of the coefficient −1.
const MINUS_ONE: u32 = 1;

/// First stage of a description: committed wires (J1).
pub struct CommittedStage {
    id: String,
    public: Vec<&'static str>,
    next: u32,
}

impl CommittedStage {
    /// Starts a circuit with its public inputs.
    pub fn new(id: String, public: &[&'static str]) -> Self {
        Self { id, public: public.to_vec(), next: 1 + public.len() as u32 }
    }

    /// The public input with this place in the list of names.
    pub fn public(&self, index: usize) -> Wire {
        assert!(index < self.public.len(), "no such public input");
        Wire(1 + index as u32)
    }

    /// `count` committed wires.
    pub fn committed(&mut self, count: usize) -> Wires {
        take(&mut self.next, count)
    }

    /// Closes the committed stage: no committed wire can be added from here on.
    pub fn close(self) -> FreeStage {
        let committed = self.next as usize - 1 - self.public.len();
        let mut stage = FreeStage {
            interned: HashMap::new(),
            next: self.next,
            circuit: Circuit {
                id: self.id,
                public: self.public,
                committed,
                free: 0,
                matrices: Default::default(),
                coefficients: Vec::new(),
                claims: Vec::new(),
            },
        };
        assert_eq!((stage.intern(Fr::one()), stage.intern(-Fr::one())), (PLUS_ONE, MINUS_ONE));
        stage
    }
}

/// Second stage of a description: free wires (J2) and rows. It hands out no committed wire:
///
/// ```compile_fail,E0599
/// use solventry_solvency::r1cs::CommittedStage;
/// CommittedStage::new("late".into(), &[]).close().committed(1);
/// ```
pub struct FreeStage {
    circuit: Circuit,
    interned: HashMap<Fr, u32>,
    next: u32,
}

impl FreeStage {
    /// `count` free wires.
    pub fn free(&mut self, count: usize) -> Wires {
        take(&mut self.next, count)
    }

    /// Fails loudly unless all these wires are committed (J1). Called by gadgets whose argument
    /// needs values that were fixed before the challenges.
    pub fn require_committed(&self, wires: impl IntoIterator<Item = Wire>) {
        let committed = self.circuit.committed_range();
        let inside = |wire: Wire| committed.contains(&(wire.0 as usize));
        assert!(wires.into_iter().all(inside), "{}: a wire must be committed", self.circuit.id);
    }

    /// Rows from here on belong to `claim`.
    pub fn claim(&mut self, claim: &'static str) {
        let rows = self.circuit.rows();
        if let Some(last) = self.circuit.claims.last_mut() {
            last.0 = rows;
        }
        self.circuit.claims.push((usize::MAX, claim));
    }

    /// Adds the row `a · b = c`.
    pub fn row(&mut self, a: &[(Wire, Fr)], b: &[(Wire, Fr)], c: &[(Wire, Fr)]) {
        assert!(!self.circuit.claims.is_empty(), "every row belongs to a claim");
        for (index, combination) in [a, b, c].into_iter().enumerate() {
            for (wire, coefficient) in combination {
                assert!(wire.0 < self.next, "a row uses a wire that was not handed out");
                if !coefficient.is_zero() {
                    let entry = Entry { wire: wire.0, coefficient: self.intern(*coefficient) };
                    self.circuit.matrices[index].entries.push(entry);
                }
            }
            let end = self.circuit.matrices[index].entries.len();
            self.circuit.matrices[index].ends.push(u32::try_from(end).expect("under 2^32 entries"));
        }
    }

    /// The finished circuit. Fails loudly if a wire is in no row: it would be unconstrained.
    pub fn finish(mut self) -> Circuit {
        self.circuit.free = self.next as usize - self.circuit.instance() - self.circuit.committed;
        let mut used = vec![false; self.circuit.wires()];
        used[0] = true;
        for matrix in &self.circuit.matrices {
            matrix.entries.iter().for_each(|entry| used[entry.wire as usize] = true);
        }
        assert!(used.iter().all(|used| *used), "{}: a wire is in no row", self.circuit.id);
        self.circuit
    }

    fn intern(&mut self, coefficient: Fr) -> u32 {
        let next = self.circuit.coefficients.len() as u32;
        let index = *self.interned.entry(coefficient).or_insert(next);
        if index == next {
            self.circuit.coefficients.push(coefficient);
        }
        index
    }
}

/// A run of consecutive wires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wires(Range<u32>);

impl Wires {
    /// Number of wires.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The wire at `index`.
    pub fn at(&self, index: usize) -> Wire {
        assert!(index < self.len(), "no such wire");
        Wire(self.0.start + index as u32)
    }

    /// The part `from..from + count`.
    pub fn part(&self, from: usize, count: usize) -> Self {
        assert!(from + count <= self.len(), "no such wires");
        Self(self.0.start + from as u32..self.0.start + (from + count) as u32)
    }

    /// All wires in order.
    pub fn iter(&self) -> impl Iterator<Item = Wire> + Clone + '_ {
        self.0.clone().map(Wire)
    }

    /// Their indices in the assignment.
    pub fn range(&self) -> Range<usize> {
        self.0.start as usize..self.0.end as usize
    }
}

fn take(next: &mut u32, count: usize) -> Wires {
    let start = *next;
    *next += u32::try_from(count).expect("under 2^32 wires");
    Wires(start..*next)
}

/// `wire` alone.
pub fn just(wire: Wire) -> Combination {
    vec![(wire, Fr::one())]
}

/// The constant `value`.
pub fn constant(value: Fr) -> Combination {
    vec![(ONE, value)]
}

/// `Σ base^i · wires_i`: little-endian digits of `base`.
pub fn digits(wires: &Wires, base: Fr) -> Combination {
    wires.iter().zip(powers(base)).collect()
}

/// 1, base, base², …
pub fn powers(base: Fr) -> impl Iterator<Item = Fr> {
    std::iter::successors(Some(Fr::one()), move |power| Some(*power * base))
}

/// 2^bits.
pub fn two_to(bits: u32) -> Fr {
    Fr::from(2u64).pow([u64::from(bits)])
}

/// `combination` times `factor`.
pub fn scaled(combination: &[(Wire, Fr)], factor: Fr) -> Combination {
    combination.iter().map(|(wire, coefficient)| (*wire, *coefficient * factor)).collect()
}
