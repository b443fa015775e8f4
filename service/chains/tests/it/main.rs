//! Vectors of other people's tools, attacks on them, and what payments and signatures say of them.

mod cancel;
mod finish;
mod forms_bitcoin;
mod forms_message;
mod forms_psbt;
mod forms_solana;
mod golden;
mod message;
mod mutated;
mod payment;
mod refused;
mod samples;
mod vectors;
