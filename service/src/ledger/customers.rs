//! Accounts of generated ledgers (distributions: see [`super::generate`]).

use std::{
    fs::File,
    io::{BufWriter, Write},
};

use rand_chacha::ChaCha20Rng;
use rand_core::RngCore;
use solventry_types::{Amount, Total, amount::decimal};

use super::{GenerateError, GenerateOptions, catalog::Offer};

/// Draws accounts.
pub(super) struct Customers<'a> {
    offers: &'a [Offer],
    /// Cumulative Zipf weights.
    weights: Vec<u64>,
    /// Scale of the number of holdings.
    scale: f64,
    /// Asset that the first account holds in any case, so that it can be short.
    first: Option<usize>,
    /// Source of everything random.
    pub random: ChaCha20Rng,
}

impl<'a> Customers<'a> {
    /// Prepares the distributions.
    pub fn new(
        offers: &'a [Offer],
        options: &GenerateOptions,
        first: Option<usize>,
        random: ChaCha20Rng,
    ) -> Self {
        let weights = (1..).zip(offers).scan(0u64, |sum, (rank, _)| {
            *sum = sum.saturating_add(1_000_000_000 / rank);
            Some(*sum)
        });
        let weights = weights.collect();
        Self { offers, weights, scale: holdings_scale(options), first, random }
    }

    /// Writes all accounts; returns the number of holdings and the totals.
    pub fn write(
        &mut self,
        mut out: BufWriter<File>,
        accounts: u64,
    ) -> Result<(u64, Vec<Total>), GenerateError> {
        let (mut holdings, mut totals) = (0, vec![Total::ZERO; self.offers.len()]);
        writeln!(out, "account_id,asset,amount")?;
        for account in 1..=accounts {
            let first = self.first.filter(|_| account == 1);
            for index in self.draw_assets(first) {
                let Some(offer) = self.offers.get(index) else { continue };
                let amount = self.draw_amount(offer);
                let text = decimal(amount.units().into(), offer.asset.decimals);
                writeln!(out, "customer-{account:06}@example.org,{},{text}", offer.asset.symbol)?;
                holdings += 1;
                if let Some(total) = totals.get_mut(index) {
                    *total = total.add_amount(amount)?;
                }
            }
        }
        out.flush()?;
        Ok((holdings, totals))
    }

    /// Distinct assets of one account, sorted.
    fn draw_assets(&mut self, first: Option<usize>) -> Vec<usize> {
        let wanted = self.draw_count();
        let mut chosen: Vec<usize> = first.into_iter().collect();
        let most = self.weights.last().copied().unwrap_or(1);
        for _ in 0..wanted.saturating_mul(8) {
            if chosen.len() >= wanted {
                break;
            }
            let at = self.random.next_u64() % most;
            let index = self.weights.partition_point(|weight| *weight <= at);
            if !chosen.contains(&index) {
                chosen.push(index);
            }
        }
        // Accounts that hold nearly everything: the rest in table order.
        for index in 0..self.offers.len() {
            if chosen.len() < wanted && !chosen.contains(&index) {
                chosen.push(index);
            }
        }
        chosen.sort_unstable();
        chosen
    }

    fn draw_count(&mut self) -> usize {
        let more = self.scale * (1.0 / self.uniform().sqrt() - 1.0);
        // A float beyond the range becomes the largest number.
        (more as usize).saturating_add(1).min(self.offers.len())
    }

    fn draw_amount(&mut self, offer: &Offer) -> Amount {
        let root = self.uniform().sqrt();
        let dollars = (100.0 / (root * root.sqrt()) - 100.0).min(1e9);
        let unit = (0..offer.asset.decimals).fold(1.0, |unit, _| unit * 10.0);
        let units = (dollars / offer.dollars * unit) as u64; // below 2^64: 10^9 dollars · 20 · 10^8
        Amount::from_units(units.max(1))
    }

    /// In (0, 1], a multiple of 2^-53.
    fn uniform(&mut self) -> f64 {
        ((self.random.next_u64() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }
}

/// The scale s with 1 + Σ_{k=1}^{A-1} (1 + k/s)^-2 = mean, by bisection.
fn holdings_scale(options: &GenerateOptions) -> f64 {
    let mean = |scale: f64| {
        (1..options.assets).fold(1.0, |sum, k| {
            let base = 1.0 + k as f64 / scale;
            sum + 1.0 / (base * base)
        })
    };
    let (mut low, mut high) = (1e-9, 1e9);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if mean(middle) < options.mean_holdings { low = middle } else { high = middle }
    }
    high
}
