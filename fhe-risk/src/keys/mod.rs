//! Keys of a venue: secret (decrypts), public (encrypts), evaluation (computes, reveals nothing).

mod evaluation;
mod secret;

pub use evaluation::EvaluationKey;
pub use secret::SecretKey;

#[cfg(test)]
mod tests;
