//! Multi-scalar multiplication where many scalars are equal.
//!
//! The inverses of the range argument take at most 2^w different values, however many limbs a
//! shard has, and most limbs are small. `Σ s_i·P_i = Σ_s s·(Σ_{s_i = s} P_i)`: one addition per
//! point replaces one per point and window, and only the distinct scalars are multiplied.

use ark_bn254::{Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::Zero;
use rayon::prelude::*;

use crate::kernel::Kernel;

/// Points are added up in parallel in runs of this many.
const RUN: usize = 1 << 12;

/// Which points share a scalar.
struct Groups {
    /// The scalars, each once or rarely more often; none is zero.
    scalars: Vec<Fr>,
    /// Group and point, in order of groups.
    members: Vec<(u32, u32)>,
}

/// `Σ scalar · base`, equal scalars first; both slices have one length.
pub fn msm_g1(kernel: &impl Kernel, bases: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    match Groups::worthwhile(scalars) {
        Some(groups) => kernel.msm_g1(&groups.sums::<G1Projective>(bases), &groups.scalars),
        None => kernel.msm_g1(bases, scalars),
    }
}

/// `Σ scalar · base`, equal scalars first; both slices have one length.
pub fn msm_g2(kernel: &impl Kernel, bases: &[G2Affine], scalars: &[Fr]) -> G2Projective {
    match Groups::worthwhile(scalars) {
        Some(groups) => kernel.msm_g2(&groups.sums::<G2Projective>(bases), &groups.scalars),
        None => kernel.msm_g2(bases, scalars),
    }
}

impl Groups {
    /// `None` unless grouping saves at least a quarter of the scalars.
    fn worthwhile(scalars: &[Fr]) -> Option<Self> {
        let groups = Self::new(scalars);
        (groups.scalars.len() <= scalars.len() / 4 * 3).then_some(groups)
    }

    /// Sorts by the lowest word. Scalars that share it without being equal may end up in more
    /// groups than needed, never in a wrong one.
    fn new(scalars: &[Fr]) -> Self {
        let word =
            |(index, scalar): (usize, &Fr)| (!scalar.is_zero()).then_some((scalar.0.0[0], index as u32));
        let mut order: Vec<(u64, u32)> = scalars.par_iter().enumerate().filter_map(word).collect();
        order.par_sort_unstable();
        let mut groups = Self { scalars: Vec::new(), members: Vec::with_capacity(order.len()) };
        for (_, index) in order {
            let scalar = scalars[index as usize];
            if groups.scalars.last() != Some(&scalar) {
                groups.scalars.push(scalar);
            }
            groups.members.push((groups.scalars.len() as u32 - 1, index));
        }
        groups
    }

    /// The sum of each group's points.
    fn sums<C: CurveGroup>(&self, bases: &[C::Affine]) -> Vec<C::Affine> {
        let runs: Vec<Vec<(u32, C)>> =
            self.members.par_chunks(RUN).map(|run| sums_of_run(run, bases)).collect();
        let mut sums = vec![C::zero(); self.scalars.len()];
        for (group, sum) in runs.into_iter().flatten() {
            sums[group as usize] += sum; // a group may reach over the end of a run
        }
        C::normalize_batch(&sums)
    }
}

fn sums_of_run<C: CurveGroup>(run: &[(u32, u32)], bases: &[C::Affine]) -> Vec<(u32, C)> {
    let same = |a: &(u32, u32), b: &(u32, u32)| a.0 == b.0;
    run.chunk_by(same)
        .map(|members| {
            let mut sum = C::zero();
            members.iter().for_each(|(_, index)| sum += bases[*index as usize]);
            (members[0].0, sum)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ark_ff::UniformRand;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;
    use crate::kernel::Arkworks;

    #[test]
    fn grouping_changes_no_sum() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let bases: Vec<G1Affine> = (0..9000).map(|_| G1Affine::rand(&mut rng)).collect();
        let bases_g2: Vec<G2Affine> = (0..90).map(|_| G2Affine::rand(&mut rng)).collect();
        let values: Vec<Fr> =
            (0..4).map(|_| Fr::rand(&mut rng)).chain([Fr::zero(), Fr::from(7u64)]).collect();
        for distinct in [1, 2, 6] {
            // One value in a row and over many runs, values mixed, zeros, and some of their own.
            let mut scalars: Vec<Fr> = (0..9000).map(|index| values[index % distinct]).collect();
            scalars[100..120].iter_mut().for_each(|scalar| *scalar = Fr::rand(&mut rng));
            assert_eq!(
                msm_g1(&Arkworks, &bases, &scalars),
                Arkworks.msm_g1(&bases, &scalars),
                "{distinct} values"
            );
            assert_eq!(
                msm_g2(&Arkworks, &bases_g2, &scalars[..90]),
                Arkworks.msm_g2(&bases_g2, &scalars[..90])
            );
        }
        let mut opposite = bases[..64].to_vec();
        opposite[1] = -opposite[0];
        opposite[3] = opposite[2];
        opposite[5] = G1Affine::default();
        let scalars = vec![values[0]; 64];
        assert_eq!(msm_g1(&Arkworks, &opposite, &scalars), Arkworks.msm_g1(&opposite, &scalars));
        assert_eq!(msm_g1(&Arkworks, &[], &[]), G1Projective::zero());
        assert_eq!(msm_g1(&Arkworks, &bases[..9], &[Fr::zero(); 9]), G1Projective::zero());
    }
}
