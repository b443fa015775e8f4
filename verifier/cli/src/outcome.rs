//! Outcomes, failures and the one place where exit codes are decided.

use std::process::ExitCode;

use serde_json::json;
use solventry_protocol::{SigningError, SigningEvidence, verify::Missing};
use solventry_types::CodecError;
use solventry_verifier::{
    VerifiedAttestation,
    attestation::{self, AttestationError},
    inclusion::InclusionError,
    keys::KeyError,
};

/// How a run ended (`04-service`: exit codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 0
    Valid,
    /// 1
    Invalid,
    /// 2
    Unreadable,
    /// 3
    ValidUntrustedSetup,
    /// 4
    UnsupportedVersion,
}

impl Outcome {
    /// Valid or valid with an untrusted setup.
    pub fn of(verified: &VerifiedAttestation) -> Self {
        Self::with_trust(verified.setup_is_trusted())
    }

    /// Valid, with a setup that is trusted or not.
    pub const fn with_trust(trusted: bool) -> Self {
        if trusted { Self::Valid } else { Self::ValidUntrustedSetup }
    }

    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Valid => 0,
            Self::Invalid => 1,
            Self::Unreadable => 2,
            Self::ValidUntrustedSetup => 3,
            Self::UnsupportedVersion => 4,
        }
    }

    /// One line for people.
    pub const fn headline(self) -> &'static str {
        match self {
            Self::Valid => "VALID",
            Self::Invalid => "INVALID",
            Self::Unreadable => "UNREADABLE",
            Self::ValidUntrustedSetup => "VALID, BUT UNTRUSTED SETUP",
            Self::UnsupportedVersion => "UNSUPPORTED VERSION",
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(outcome.code())
    }
}

/// Why nothing could be confirmed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A file or argument that cannot be used.
    #[error("{0}")]
    Input(String),
    /// The attestation was refused.
    #[error("{0}")]
    Attestation(AttestationError),
    /// The inclusion file was refused.
    #[error("{0}")]
    Inclusion(InclusionError),
    /// The signing evidence was refused.
    #[error("{0}")]
    Signing(SigningError),
    /// The signing evidence holds, but it was asked to be complete.
    #[error("everything in the signing evidence holds, but --complete asks for what it does not have: {}", list(.0))]
    Incomplete(Vec<Missing>),
}

fn list(missing: &[Missing]) -> String {
    let names = missing.iter().map(|missing| match missing {
        Missing::Decision => "a decision certificate",
        Missing::Signatures => "signatures",
    });
    names.collect::<Vec<_>>().join(", ")
}

impl Failure {
    fn outcome(&self) -> Outcome {
        let codec = |error: &CodecError| match error {
            CodecError::UnsupportedVersion { .. } => Outcome::UnsupportedVersion,
            CodecError::WrongKind { .. } | CodecError::TooLarge { .. } => Outcome::Unreadable,
            _ => Outcome::Invalid,
        };
        match self {
            Self::Input(_) => Outcome::Unreadable,
            Self::Attestation(
                AttestationError::Format(error) | AttestationError::Keys(KeyError::Codec(error)),
            ) => codec(error),
            // A part of another kind inside the right kind of file is damage.
            Self::Signing(SigningError::Format(CodecError::WrongKind { expected }))
                if *expected != SigningEvidence::MAGIC.what =>
            {
                Outcome::Invalid
            }
            Self::Inclusion(InclusionError::Format(error)) | Self::Signing(SigningError::Format(error)) => {
                codec(error)
            }
            Self::Attestation(_) | Self::Inclusion(_) | Self::Signing(_) | Self::Incomplete(_) => {
                Outcome::Invalid
            }
        }
    }

    /// The report: outcome and text.
    pub fn report(&self, json: bool) -> (Outcome, String) {
        let outcome = self.outcome();
        let (what, steps, failed_step): (_, &[&str], _) = match self {
            Self::Attestation(error) => ("attestation", &attestation::STEPS, Some(error.step())),
            Self::Signing(error) => ("signing evidence", &solventry_protocol::STEPS, Some(error.step())),
            Self::Input(_) | Self::Inclusion(_) | Self::Incomplete(_) => ("", &[], None),
        };
        if json {
            let report = json!({
                "outcome": outcome.headline(),
                "exit_code": outcome.code(),
                "valid": false,
                "failed_file": (!what.is_empty()).then_some(what),
                "failed_step": failed_step,
                "error": self.to_string(),
            });
            return (outcome, format!("{report:#}\n"));
        }
        let mut text = String::new();
        if !what.is_empty() {
            text.push_str(&format!("Checked of the {what}:\n"));
        }
        for (name, number) in steps.iter().zip(1..) {
            match failed_step {
                Some(failed) if number < failed => text.push_str(&format!("  ok      {number:2}. {name}\n")),
                Some(failed) if number == failed => text.push_str(&format!("  FAILED  {number:2}. {name}\n")),
                _ => {}
            }
        }
        (outcome, format!("{text}{}: {self}\n", outcome.headline()))
    }
}
