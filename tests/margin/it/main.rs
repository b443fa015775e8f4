//! Margin on encrypted positions: results to the last digit, and attacks.

mod attacks;
mod boundary;
mod determinism;
mod leak;
mod random;
mod venue;
