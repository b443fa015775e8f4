//! The circuits are pinned: a change of any of these numbers is a new circuit.

mod common;

use std::time::Instant;

use solventry_solvency::{coverage::CoverageCircuit, r1cs::Circuit, shard::ShardCircuit};
use solventry_types::Profile;

#[test]
fn show() {
    for profile in Profile::ALL {
        let start = Instant::now();
        let shard = ShardCircuit::new(profile);
        let t1 = start.elapsed();
        let start = Instant::now();
        let coverage = CoverageCircuit::new(profile);
        let t2 = start.elapsed();
        let show = |c: &Circuit| {
            let start = Instant::now();
            let d = c.digest();
            let entries = c.matrices.each_ref().map(|m| m.entries());
            println!("{} rows {} committed {} free {} dom {} entries {entries:?} digest {} in {:?}", c.id, c.rows(), c.committed, c.free, (c.rows() + c.instance()).next_power_of_two().ilog2(), d, start.elapsed());
        };
        println!("{t1:?} {t2:?}");
        show(&shard.circuit);
        show(&coverage.circuit);
        let l = shard.layout();
        println!("{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}", l.limbs, l.multiplicities, l.totals, l.block_blinding, l.totals_blinding, l.mask, l.shares, l.asset_shares);
        let l = coverage.layout();
        println!("{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}", l.liabilities, l.limbs, l.coverage, l.past, l.blinding, l.multiplicities, l.mask, l.salts, l.surpluses);
    }
}
