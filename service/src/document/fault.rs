//! What can be wrong in a file that a person wrote: what was expected, what came, what to do.

use solventry_policy::rules::{MAX_RULES, PolicyError, TIERS};
use solventry_types::{Chain, VaultConfiguration, vault::VaultError};

use crate::ledger::{AddressError, AmountError, Echo, PlaceError};

/// What can be wrong. Names, keys and addresses are repeated; amounts, durations and salts never.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    // The file.
    /// The system refused, or the file is too large.
    #[error("the file cannot be read: {problem}")]
    Unreadable {
        /// Its reason.
        problem: String,
    },
    /// Other bytes.
    #[error("expected UTF-8 text, came other bytes; save the file as UTF-8")]
    NotUtf8,
    /// Not TOML.
    #[error("expected TOML, came something else: {message}")]
    Syntax {
        /// What the parser says; it repeats nothing of the file.
        message: String,
    },

    /// A table where there may be several.
    #[error("expected [[{name}]], since there may be several, came [{name}]; write [[{name}]] every time")]
    SingleBrackets {
        /// Its name.
        name: &'static str,
    },

    // Keys and kinds of values.
    /// A key that is almost one.
    #[error("expected a key of {title}, came {got}; did you mean {hint}?")]
    MistypedKey {
        /// The table.
        title: &'static str,
        /// The key.
        got: Echo,
        /// What it may have meant.
        hint: &'static str,
    },
    /// Any other key.
    #[error("expected a key of {title}, came {got}; it may have {known}")]
    UnknownKey {
        /// The table.
        title: &'static str,
        /// The key.
        got: Echo,
        /// Its keys.
        known: String,
    },
    /// A key that is not there. Nothing is assumed for it.
    #[error("expected {key} in {title}, came no such key; write for example {key} = {example}")]
    Missing {
        /// The table.
        title: &'static str,
        /// The key.
        key: &'static str,
        /// A value.
        example: &'static str,
    },
    /// A value of another kind.
    #[error("expected {expected} such as {example}, came {got}")]
    Kind {
        /// What.
        expected: &'static str,
        /// A value.
        example: &'static str,
        /// Its kind.
        got: &'static str,
    },
    /// A number out of range.
    #[error("expected a whole number from 0 to {most}, came another number")]
    Whole {
        /// The largest.
        most: u64,
    },

    // Words.
    /// No amount with a unit.
    #[error("expected an amount, a space and its unit, such as \"1.5 {symbol}\", came another form")]
    AmountForm {
        /// The unit.
        symbol: String,
    },
    /// The unit of something else.
    #[error("expected an amount in {symbol}, came one in {got}")]
    OtherUnit {
        /// The unit.
        symbol: String,
        /// What came.
        got: Echo,
    },
    /// Below zero.
    #[error("expected an amount of zero or more, came a negative one")]
    Negative,
    /// The number itself.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// Finer than the unit.
    #[error("expected at most {decimals} decimals, as many as {symbol} has, came more; round it yourself")]
    TooFine {
        /// The unit.
        symbol: String,
        /// Its decimals.
        decimals: u8,
    },
    /// Out of range.
    #[error("expected an amount below 2^{bits} smallest units, came a larger one; look for a mistake")]
    TooLarge {
        /// Bits of the range.
        bits: u32,
    },
    /// No duration.
    #[error(
        "expected a duration in words such as \"36 hours\" or \"1 day 12 hours\", came another form; {got}"
    )]
    Duration {
        /// What to do.
        got: &'static str,
    },
    /// No limit any more.
    #[error("expected a duration of at most a thousand years, came a longer one")]
    LongDuration,
    /// No time.
    #[error("expected a time with its zone, such as 2026-11-01T00:00:00Z, came another form; Z means UTC")]
    Time,
    /// A fraction of a second.
    #[error("expected whole seconds, came a fraction; journal time has none")]
    SplitSecond,
    /// No ratio.
    #[error("expected a ratio such as \"80 %\" with at most two decimals, came another form")]
    Ratio,
    /// No digest.
    #[error("expected 64 hexadecimal digits, came another form")]
    Digest,
    /// No key.
    #[error("expected an ed25519 public key of 64 hexadecimal digits, came a text of {got} characters")]
    Key {
        /// Characters.
        got: usize,
    },
    /// A key that nobody can sign with.
    #[error("expected an ed25519 public key, came 64 digits that are none; look for a wrong digit")]
    NoKey,
    /// No address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// No place.
    #[error(transparent)]
    Place(#[from] PlaceError),

    // Names and lists.
    /// Not one of a few words.
    #[error("expected {expected}, came {got}{}", mean(hint.as_deref()))]
    Choice {
        /// The words.
        expected: String,
        /// What came.
        got: Echo,
        /// What it may have meant.
        hint: Option<String>,
    },
    /// A text that names nothing.
    #[error(
        "expected 1 to 64 bytes of text without control characters or outer white space, came another form"
    )]
    Name,
    /// Not the symbol of an asset.
    #[error(
        "expected a symbol of 1 to 32 visible ASCII characters without comma or quote, came another form"
    )]
    Symbol,
    /// Twice the same.
    #[error("expected every {what} once, came {got} again")]
    Repeated {
        /// What.
        what: &'static str,
        /// Which.
        got: Echo,
    },
    /// A list that is too short or too long.
    #[error("expected {} entries, came {got}", range(*least, *most))]
    Count {
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
        /// How many came.
        got: usize,
    },

    // Vaults.
    /// Another script.
    #[error(
        "expected a taproot address (bc1p...), came another kind; signers spend by the taproot key path only"
    )]
    NotTaproot,
    /// An own account among those of others.
    #[error("expected an account of another vault, came one of this vault; leave it out")]
    OwnAccount,
    /// A payment that goes nowhere.
    #[error("expected an address outside the vault, came one of its own; a payment leaves the vault")]
    OwnVault,
    /// A number of signers.
    #[error(
        "expected no signers yet, or 4, 7, 10 ... {} (3f + 1), came {got}",
        VaultConfiguration::MAX_SIGNERS
    )]
    Signers {
        /// How many came.
        got: usize,
    },
    /// What the checks here do not know.
    #[error("expected a well-formed vault, came one that is not: {0}")]
    Vault(#[from] VaultError),

    // Policies; see also below.
    /// A salt that hides nothing.
    #[error("expected 64 random hexadecimal digits, came others; `solventry policy new` makes a salt")]
    Salt,
    /// It ends first.
    #[error("expected a time after {earlier}, came an earlier one")]
    Order {
        /// The key of the other time.
        earlier: &'static str,
    },
    /// An asset that the vault cannot hold.
    #[error(
        "expected an asset with a place on {chain}, where the vault is, came {symbol} without; add its place"
    )]
    NoPlace {
        /// The vault's chain.
        chain: Chain,
        /// Symbol.
        symbol: String,
    },
    /// A place that counts a chain's coin in other units than the chain does.
    #[error(
        "expected {expected} decimals, as {chain} counts its own coin, came {got}; write {chain}/native/{expected}, \
         here and in assets.csv"
    )]
    PlaceDecimals {
        /// The chain.
        chain: Chain,
        /// Its decimals.
        expected: u8,
        /// What came.
        got: u8,
    },
    /// An asset that counts a chain's coin in other units than the chain does.
    #[error(
        "expected {expected} decimals, as {chain} counts its own coin, came {got}; write decimals = {expected}, \
         here and in assets.csv"
    )]
    CoinDecimals {
        /// The chain.
        chain: Chain,
        /// Its decimals.
        expected: u8,
        /// What came.
        got: u8,
    },
    /// A destination elsewhere.
    #[error("expected a destination on {chain}, where the vault is, came one on another chain")]
    OtherChain {
        /// The vault's chain.
        chain: Chain,
    },
    /// Two rules for the same.
    #[error(
        "expected one rule for {symbol} in the {lane} lane, came another; rules have no order, so merge them"
    )]
    SecondRule {
        /// Symbol.
        symbol: String,
        /// Lane.
        lane: &'static str,
    },
    /// No rules.
    #[error("expected 1 to {MAX_RULES} [[rule]] tables, came {got}; without a rule every payment is refused")]
    Rules {
        /// How many came.
        got: usize,
    },
    /// More tiers than a rule has.
    #[error("expected at most {TIERS} tiers, came {got}")]
    Tiers {
        /// How many came.
        got: usize,
    },
    /// Tiers that fall.
    #[error(
        "expected tiers that rise: each above a larger amount and with no fewer approvals than the last one"
    )]
    FallingTier,
    /// More approvals than approvers.
    #[error("expected at most {approvers} approvals, as many as vault.toml has approvers, came {got}")]
    Approvals {
        /// Approvers.
        approvers: usize,
        /// Approvals.
        got: u64,
    },
    /// An inverted band.
    #[error("expected the lower end of the band first, came the higher one")]
    Band,
    /// A band where it has no meaning.
    #[error("expected margin_band in rebalance rules only, came one in a normal rule; leave it out")]
    BandOfNormal,
    /// No oracle.
    #[error(
        "expected an [oracle] in vault.toml for a rebalance rule, came none; add its key, venue and account"
    )]
    NoOracle,
    /// What the checks here do not know.
    #[error("expected a well-formed policy, came one that is not: {0}")]
    Policy(#[from] PolicyError),

    // The journal's sums.
    /// Sums that fall.
    #[error(
        "expected a sum of at least that of the shorter window, came a smaller one; the longer one contains it"
    )]
    FallingSum,
    /// A count without a time.
    #[error("expected last_payment, since payments_today is not 0, came no such key")]
    NoLastPayment,
    /// A payment in the future.
    #[error("expected a time up to the journal's own, came a later one")]
    Future,
}

fn range(least: usize, most: usize) -> String {
    if least == most { least.to_string() } else { format!("{least} to {most}") }
}

fn mean(hint: Option<&str>) -> String {
    hint.map_or_else(String::new, |hint| format!("; did you mean {hint}?"))
}
