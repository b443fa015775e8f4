//! Errors of commands, and their exit codes.

use solventry_fhe_risk::{
    arrays::{config::ConfigError, history::HistoryError, market::BuildError},
    plan::PlanError,
};
use solventry_margin::{
    authority::{AttestError, AuthorityError},
    budget::BudgetError,
    client::ClientError,
    files::FileError,
    portfolio::PortfolioError,
    server::ServerError,
};

/// A command that failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A file or folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// A portfolio.
    #[error(transparent)]
    Portfolio(#[from] PortfolioError),
    /// A market's configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A price history.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// Arrays that cannot be built.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A result that could be inexact.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// An engine that refuses or does not answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A server that does not start.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The authority.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The authority's memory.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// An attestation that is not made.
    #[error(transparent)]
    Attest(#[from] AttestError),
    /// Arguments that do not go together, or input that cannot be used.
    #[error("{0}")]
    Usage(String),
    /// Anything else that failed.
    #[error("{0}")]
    Failed(String),
}

impl CliError {
    /// 1: refused or failed; 2: wrong usage, or input that cannot be read.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::File(error) | Self::Server(ServerError::File(error)) if error.is_input => 2,
            Self::Usage(_) | Self::Portfolio(_) | Self::Config(_) | Self::History(_) | Self::Build(_) => 2,
            _ => 1,
        }
    }
}
