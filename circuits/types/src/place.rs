//! Places where an asset lives: chain and contract.

use std::fmt;

/// Chains whose addresses and contracts have a canonical byte form here. Others can only be
/// covered by attested reserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Chain {
    /// Bitcoin: accounts are output scripts.
    Bitcoin,
    /// Ethereum: accounts and contracts are 20 bytes.
    Ethereum,
    /// Solana: accounts and mints are 32 bytes.
    Solana,
}

impl Chain {
    /// Every chain.
    pub const ALL: [Self; 3] = [Self::Bitcoin, Self::Ethereum, Self::Solana];

    /// Code in files.
    pub const fn code(self) -> u8 {
        match self {
            Self::Bitcoin => 1,
            Self::Ethereum => 2,
            Self::Solana => 3,
        }
    }

    /// The chain with this code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.code() == code)
    }

    /// Lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bitcoin => "bitcoin",
            Self::Ethereum => "ethereum",
            Self::Solana => "solana",
        }
    }

    /// The chain with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|chain| chain.name() == name)
    }

    /// Whether `account` has the canonical length of an account on this chain.
    pub const fn accepts_account(self, account: &[u8]) -> bool {
        match self {
            Self::Bitcoin => matches!(account.len(), 22..=42),
            Self::Ethereum => account.len() == 20,
            Self::Solana => account.len() == 32,
        }
    }

    /// Whether `contract` has the canonical length of a token contract on this chain.
    pub const fn accepts_contract(self, contract: &[u8]) -> bool {
        match self {
            Self::Bitcoin => false,
            Self::Ethereum => contract.len() == 20,
            Self::Solana => contract.len() == 32,
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a chain calls the asset.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Locator {
    /// The chain's own coin.
    Native,
    /// A token, by canonical contract or mint bytes.
    Contract(Vec<u8>),
}

/// One place where an asset lives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The chain.
    pub chain: Chain,
    /// Native coin or contract.
    pub locator: Locator,
    /// Decimals on that chain; the listed decimals may be fewer.
    pub decimals: u8,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.locator {
            Locator::Native => write!(f, "{}/native", self.chain),
            Locator::Contract(bytes) => {
                write!(f, "{}/0x", self.chain)?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}
