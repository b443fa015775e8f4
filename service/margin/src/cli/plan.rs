//! `solventry-margin plan`.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::ValueEnum;
use solventry_fhe_risk::{
    arrays::file::RiskArrays,
    keys::EvaluationKey,
    plan::{InputKind, Market, Plan, Question, widest},
    wire::{Digest, Venue, weights},
};
use solventry_margin::{
    authority::require_market_arrays, calibration::calibrate, now, shelf, venue::VenueFolder,
};

use super::{CliError, Outcome, keygen::Inputs, print, report::amount};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Asked {
    /// Whether collateral covers the margin, the cheap way
    Call,
    /// The margin, and whether collateral covers it
    Margin,
}

impl From<Asked> for Question {
    fn from(asked: Asked) -> Self {
        match asked {
            Asked::Call => Self::Call,
            Asked::Margin => Self::Margin,
        }
    }
}

/// `solventry-margin plan`.
#[derive(clap::Args)]
pub struct PlanArgs {
    /// Risk arrays
    #[arg(long, value_name = "FILE")]
    arrays: PathBuf,
    /// Venue folder, or any folder with its venue.json
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["bits", "value_bits", "inputs"])]
    venue: Option<PathBuf>,
    /// Without a venue: bits of an encoded value
    #[arg(long, default_value_t = 31)]
    bits: u32,
    /// Without a venue: bits of lots
    #[arg(long, default_value_t = 16)]
    value_bits: u32,
    /// Without a venue: who encrypts
    #[arg(long, value_enum, default_value = "public")]
    inputs: Inputs,
    /// What is asked
    #[arg(long, value_enum, default_value = "margin")]
    question: Asked,
    /// Also print the width table, time (measured here by a short run), memory and what quantisation costs
    #[arg(long)]
    explain: bool,
}

/// Plans.
pub fn run(args: &PlanArgs) -> Result<Outcome, CliError> {
    let arrays = shelf::read(&args.arrays)?;
    let venue = args.venue.as_deref().map(|folder| VenueFolder::new(folder).venue()).transpose()?;
    let market = match &venue {
        Some(venue) => venue.market,
        None => Market { bits: args.bits, value_bits: args.value_bits, inputs: args.inputs.into() },
    };
    let plan = Plan::new(market, &weights(&arrays), args.question.into());
    if args.explain {
        print(&width_table(&arrays));
    }
    let plan = plan?;
    if let Some(venue) = &venue {
        require_family(venue, &arrays)?;
        require_served(venue, &arrays, &plan)?;
    }
    print(&format!("risk arrays {}\n{plan}", Digest(arrays.digest())));
    if args.explain {
        print(&explanation(&plan, &arrays));
    }
    Ok(Outcome::Done)
}

/// Most bits of lots, by instruments and kind of input, for any arrays of this width.
fn width_table(arrays: &RiskArrays) -> String {
    let scenarios = arrays.scenarios();
    let content = arrays.content();
    let entries =
        content.instruments.iter().flat_map(|instrument| instrument.long.iter().chain(&instrument.short));
    let largest = entries.map(|entry| entry.unsigned_abs()).max().unwrap_or(1);
    let bits = (largest + 1).next_power_of_two().ilog2();
    let cell = |instruments, inputs| {
        let width = widest(instruments, scenarios, bits, inputs);
        width.map_or_else(
            || "none".to_owned(),
            |width| format!("{} of {}", width.market.value_bits, width.market.bits),
        )
    };
    let row = |instruments: usize| {
        let [secret, public] = [InputKind::Secret, InputKind::Public].map(|inputs| cell(instruments, inputs));
        format!("{instruments:<14}{secret:<18}{public}")
    };
    let rows: Vec<_> = [8, 32, 64, 128].into_iter().map(row).collect();
    format!(
        "bits of lots of bits of values that fit {scenarios} scenarios of {bits}-bit entries, whatever the arrays are\n\
         {:<14}{:<18}{}\n{}\n",
        "instruments",
        "secret inputs",
        "public inputs",
        rows.join("\n")
    )
}

/// Time, memory and money.
pub fn explanation(plan: &Plan, arrays: &RiskArrays) -> String {
    let measured = calibrate();
    let threads = NonZeroUsize::new(measured.threads).unwrap_or(NonZeroUsize::MIN);
    let (core, wall) = plan.core_seconds(measured.core_seconds, threads);
    let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
    let windows = u64::from(plan.market.bits.div_ceil(4));
    let query = (plan.legs + plan.collateral) as u64 * 8 * 4097;
    let packed = plan.scenarios as u64 * windows * 8 * 4096;
    format!(
        "\ntime: {core:.1} core-seconds, at least {wall:.1} s on {} threads ({:.1} core-ms a bootstrap, measured here over {})\n\
         memory of the engine: {} MB for the evaluation key, {} MB for this query\n\
         chance of a wrong result: at most 2^{:.1}\n\
         quantisation: a loss is overstated by less than {} for each lot held, collateral understated by as much for \
         each lot posted",
        measured.threads,
        measured.core_seconds * 1000.0,
        measured.bootstraps,
        megabytes(EvaluationKey::file_bytes(plan.needs_large_key())),
        megabytes(2 * query + 2 * packed),
        plan.failure_log2,
        amount(arrays, 1)
    )
}

/// Refuses what the venue's engines and its authority would refuse.
pub fn require_served(venue: &Venue, arrays: &RiskArrays, plan: &Plan) -> Result<(), CliError> {
    let (content, now) = (arrays.content(), now());
    let (from, until) = (content.valid_from, content.valid_until);
    let (limit, longest) = (venue.list_limit, plan.legs.max(plan.collateral));
    let refused = |problem: String| Err(CliError::Usage(problem));
    if longest > limit {
        return refused(format!(
            "expected lists of at most {limit} values at this venue, got {longest}; its keys were made with --list-limit"
        ));
    }
    if plan.needs_large_key() && !venue.is_large {
        let scenarios = plan.scenarios;
        return refused(format!(
            "{scenarios} scenarios need keys made with --large; or ask for the call only"
        ));
    }
    if !arrays.valid_at(now) {
        return refused(format!("the risk arrays are valid from {from} until {until}, now it is {now}"));
    }
    require_market_arrays(arrays).map_err(|fault| CliError::Usage(fault.to_string()))
}

/// Refuses arrays of another family than the venue's.
pub fn require_family(venue: &Venue, arrays: &RiskArrays) -> Result<(), CliError> {
    if venue.uses(arrays) {
        return Ok(());
    }
    let got = &arrays.content().family;
    Err(CliError::Usage(format!(
        "expected risk arrays of the family {:?}, which the venue uses, got {got:?}",
        venue.family
    )))
}
