//! Vectors of other people's tools, attacks on them, and what payments and signatures say of them.

mod golden;
mod mutated;
mod payment;
mod refused;
mod samples;
mod vectors;
