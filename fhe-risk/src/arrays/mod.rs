//! Risk arrays, in clear, from public data: what one lot of every instrument loses in every scenario,
//! and what one lot of collateral counts.
//!
//! ```text
//! prices.csv ─ history ─ volatility, forecast ─ price scan range ─┐
//! market.toml ─ config ───────────────────────────────────────────┴─ scenario, black76 ─ gains in money
//!                                                                  quantise ─ whole quanta ─ RiskArrays
//! ```
//!
//! - **Returns** are logarithmic; a gap carries the last price forward for at most three rows
//!   ([`history`]).
//! - **Volatility** is exponentially weighted, with a floor against procyclicality ([`volatility`]);
//!   forecasts may only raise the finished price scan range ([`forecast`]).
//! - **Scenarios** are the sixteen of SPAN; options are repriced by Black-76 after the look-ahead time
//!   ([`scenario`], [`black76`]).
//! - **Rounding** is against the account: losses up for the long and the short leg apart, collateral
//!   down ([`quantise`]); what that costs is reported in money.
//! - The result is one file with a digest ([`RiskArrays`]); [`build()`] makes it.
//!
//! Perpetuals ([`perpetual`]), haircut tiers ([`haircut`]) and margin tiers ([`tiers`]) are computed in
//! clear only, in exact integers.

pub mod black76;
pub mod brackets;
pub mod build;
pub mod config;
pub mod date;
pub mod file;
pub mod forecast;
pub mod haircut;
pub mod history;
pub mod limits;
pub mod market;
pub mod perpetual;
pub mod quantise;
pub mod quantum;
pub mod rules;
pub mod scenario;
pub mod tiers;
pub mod volatility;

pub use build::{Built, build};
pub use config::MarketConfig;
pub use file::RiskArrays;
pub use history::PriceHistory;
pub use quantum::Quantum;
