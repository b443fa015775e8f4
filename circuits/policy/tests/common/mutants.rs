//! Every advice cell that the circuit assigns, those of the Poseidon chips too, and a mock prover
//! in which one of them is changed.

use std::{any::Any as AnyType, cell::RefCell};

use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, Value, floor_planner::V1},
    dev::MockProver,
    pasta::Fp,
    plonk::{
        Advice, Any, Assigned, Assignment, Circuit, Column, ConstraintSystem, Error, Fixed, FloorPlanner,
        Instance, Selector,
    },
};
use solventry_policy::circuit::{K, PolicyCircuit, PolicyConfig};

/// An assigned advice cell.
#[derive(Clone, Debug)]
pub struct AdviceCell {
    pub region: String,
    pub column: Column<Advice>,
    pub row: usize,
    pub value: Fp,
}

impl AdviceCell {
    /// Whether the library's Poseidon chip assigned it.
    pub fn is_poseidon(&self) -> bool {
        ["permute state", "initial state", "add input"].iter().any(|name| self.region.starts_with(name))
    }
}

thread_local! {
    static RECORD: RefCell<Vec<AdviceCell>> = const { RefCell::new(Vec::new()) };
}

/// The circuit, and a mock prover over it.
pub struct Mutable {
    prover: MockProver<Fp>,
}

impl Mutable {
    pub fn new(circuit: &PolicyCircuit, public: &[Fp]) -> Self {
        Self { prover: MockProver::run(K, circuit, vec![public.to_vec()]).unwrap() }
    }

    /// Whether the circuit refuses `value` in this cell, all others left as they are.
    pub fn refuses(&mut self, cell: &AdviceCell, value: Fp) -> bool {
        self.set(cell, value);
        let refused = self.prover.verify().is_err();
        self.set(cell, cell.value);
        refused
    }

    fn set(&mut self, cell: &AdviceCell, value: Fp) {
        self.prover.assign_advice(|| "", cell.column, cell.row, || Value::known(value)).unwrap();
    }
}

/// All assigned advice cells, in order of assignment.
pub fn advice_cells(circuit: &PolicyCircuit, public: &[Fp]) -> Vec<AdviceCell> {
    RECORD.take();
    let recorded = Recorded(circuit.clone());
    MockProver::run(K, &recorded, vec![public.to_vec()]).unwrap().assert_satisfied();
    RECORD.take()
}

/// The circuit under a floor planner that records.
struct Recorded(PolicyCircuit);

impl Circuit<Fp> for Recorded {
    type Config = PolicyConfig;
    type FloorPlanner = RecordingV1;

    fn without_witnesses(&self) -> Self {
        Self(self.0.without_witnesses())
    }

    fn configure(meta: &mut ConstraintSystem<Fp>) -> PolicyConfig {
        PolicyCircuit::configure(meta)
    }

    fn synthesize(&self, config: PolicyConfig, layouter: impl Layouter<Fp>) -> Result<(), Error> {
        self.0.synthesize(config, layouter)
    }
}

struct RecordingV1;

impl FloorPlanner for RecordingV1 {
    fn synthesize<F: Field, CS: Assignment<F>, C: Circuit<F>>(
        cs: &mut CS,
        circuit: &C,
        config: C::Config,
        constants: Vec<Column<Fixed>>,
    ) -> Result<(), Error> {
        V1::synthesize(&mut Recorder { cs, region: String::new() }, circuit, config, constants)
    }
}

/// Passes everything on and records advice.
struct Recorder<'a, CS> {
    cs: &'a mut CS,
    region: String,
}

impl<F: Field, CS: Assignment<F>> Assignment<F> for Recorder<'_, CS> {
    fn assign_advice<V, VR, A, AR>(
        &mut self,
        annotation: A,
        column: Column<Advice>,
        row: usize,
        to: V,
    ) -> Result<(), Error>
    where
        V: FnOnce() -> Value<VR>,
        VR: Into<Assigned<F>>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        let value = to().map(|value| value.into().evaluate());
        value.map(|value| {
            let value = *(&value as &dyn AnyType).downcast_ref::<Fp>().unwrap();
            let cell = AdviceCell { region: self.region.clone(), column, row, value };
            RECORD.with_borrow_mut(|cells| cells.push(cell));
        });
        self.cs.assign_advice(annotation, column, row, || value.map(Assigned::Trivial))
    }

    fn enter_region<NR: Into<String>, N: FnOnce() -> NR>(&mut self, name: N) {
        self.region = name().into();
        let name = self.region.clone();
        self.cs.enter_region(|| name);
    }

    fn exit_region(&mut self) {
        self.cs.exit_region();
    }

    fn enable_selector<A, AR>(&mut self, annotation: A, selector: &Selector, row: usize) -> Result<(), Error>
    where
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.cs.enable_selector(annotation, selector, row)
    }

    fn query_instance(&self, column: Column<Instance>, row: usize) -> Result<Value<F>, Error> {
        self.cs.query_instance(column, row)
    }

    fn assign_fixed<V, VR, A, AR>(
        &mut self,
        annotation: A,
        column: Column<Fixed>,
        row: usize,
        to: V,
    ) -> Result<(), Error>
    where
        V: FnOnce() -> Value<VR>,
        VR: Into<Assigned<F>>,
        A: FnOnce() -> AR,
        AR: Into<String>,
    {
        self.cs.assign_fixed(annotation, column, row, to)
    }

    fn copy(&mut self, left: Column<Any>, row: usize, right: Column<Any>, to: usize) -> Result<(), Error> {
        self.cs.copy(left, row, right, to)
    }

    fn fill_from_row(
        &mut self,
        column: Column<Fixed>,
        row: usize,
        to: Value<Assigned<F>>,
    ) -> Result<(), Error> {
        self.cs.fill_from_row(column, row, to)
    }

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, name: N) {
        self.cs.push_namespace(name);
    }

    fn pop_namespace(&mut self, gadget: Option<String>) {
        self.cs.pop_namespace(gadget);
    }
}
