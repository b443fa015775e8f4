//! The coarse grid of ratios.

use solventry_fhe_risk::reference::Margin;

/// Lower edges of collateral over margin, in basis points; what is between is told as the edge below.
pub const GRID_BPS: [u32; 12] =
    [0, 2_500, 5_000, 7_500, 9_000, 10_000, 11_000, 12_500, 15_000, 20_000, 30_000, 50_000];

/// Bits that a place on the grid carries.
pub(super) fn bits() -> u64 {
    u64::from((GRID_BPS.len() as u32).next_power_of_two().ilog2())
}

/// The highest edge that collateral over margin reaches, by cross-multiplication; without a margin,
/// the highest of all.
pub fn lower_edge(margin: &Margin) -> u32 {
    let reaches = |edge: &&u32| {
        i128::from(margin.collateral) * 10_000 >= i128::from(margin.margin) * i128::from(**edge)
    };
    GRID_BPS.iter().rev().find(reaches).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_round_down_to_the_grid() {
        let edge = |collateral, margin| lower_edge(&Margin { margin, collateral, call: collateral < margin });
        assert_eq!((edge(0, 1), edge(249, 1000), edge(250, 1000)), (0, 0, 2_500));
        assert_eq!((edge(999, 1000), edge(1000, 1000), edge(1001, 1000)), (9_000, 10_000, 10_000));
        assert_eq!((edge(4_999, 1000), edge(5_000, 1000), edge(i64::MAX, 1)), (30_000, 50_000, 50_000));
        assert_eq!((edge(0, 0), edge(5, 0)), (50_000, 50_000));
        assert_eq!(bits(), 4);
    }
}
