//! Headroom circuit and native twin agree on whatever is chosen: honest values and random mutations
//! of them, with what follows made to fit or not.

mod common;

use std::sync::LazyLock;

use ark_bn254::Fr;
use common::headroom::HonestHeadroom;
use proptest::{collection::vec, prelude::*, sample::Index};

static HONEST: LazyLock<HonestHeadroom> = LazyLock::new(|| HonestHeadroom::new(9, 1));

/// What happens to one chosen wire or, past them, to one public input.
fn change() -> impl Strategy<Value = (Index, Fr, bool)> {
    let value = prop_oneof![
        3 => prop::sample::select(vec![0u64, 1, 2, 10_000, u64::MAX]).prop_map(Fr::from),
        1 => any::<u64>().prop_map(|value| -Fr::from(value)),
    ];
    (any::<Index>(), value, any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn headroom_and_twin_agree_on_mutated_values(
        changes in vec(change(), 0..=3),
        surplus in any::<bool>(),
        root in any::<bool>(),
        asset in any::<bool>(),
    ) {
        let mut forged = HONEST.forge();
        let first = HONEST.layout().chosen();
        for (index, value, add) in &changes {
            let wire = index.index(first.len() + 5);
            let target = match wire.checked_sub(first.len()) {
                Some(input) => &mut forged.inputs[input],
                None => &mut forged.chosen.values[wire],
            };
            *target = if *add { *target + value } else { *value };
        }
        let marked = HONEST.layout().place.iter().any(|wire| forged.chosen.at(wire) != Fr::from(0u64));
        if asset { forged.fit_outflow().fit_asset(); }
        if surplus && marked { forged.fit_surplus(); }
        if root { forged.fit_root(); }
        let (circuit, twin) = forged.verdicts();
        let circuit = circuit.map_err(|unsatisfied| unsatisfied.claim);
        prop_assert_eq!(circuit, twin.map_err(|refused| refused.claim), "the first claim that does not hold");
        if changes.is_empty() { prop_assert!(circuit.is_ok()); }
    }
}
