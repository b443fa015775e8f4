//! The evaluation itself, written once over a [`Machine`]: the engine runs it on ciphertexts, the
//! clear twin on torus elements with noise, the plan on noise bounds.
//!
//! A value v of p bits in two's complement stands on the torus Z/2^64 as v·2^(64−p). Its *window* at
//! bit i is v·2^(63−i): bit i and what is below it. Steps and margins are argued in
//! `circuits/SPEC.md`, section 20.

mod chain;
mod index;
mod machine;
mod margin;
mod round;
mod schedule;

pub use chain::{Signed, signs};
pub use machine::{Machine, Phase, Rotation, Table, Torus};
pub use margin::{Outcome, Wanted, any_call, evaluate, margin_tops, read_margin, read_sign};
pub use round::{GROUP, UNIT};
pub use schedule::{Window, fresh, selected};
