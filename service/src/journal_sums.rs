//! `journal.toml`: sums that the certified journal will give, and a file gives until there is one.
//!
//! They are those of one vault and asset, before the payment that is to be proven.

use std::path::Path;

use solventry_types::{Asset, Total};

use crate::document::{
    Fault, FileReport, Key, Problems, Section, Source,
    words::{self, Unit},
};

const TIME: Key = Key { name: "time", example: "2026-11-22T12:00:00Z" };
const SPENT: Key = Key { name: "spent", example: "{ hour = \"0 BTC\" }" };
const COUNT: Key = Key { name: "payments_today", example: "0" };
const LAST: Key = Key { name: "last_payment", example: "2026-11-22T09:30:00Z" };
const OUTFLOW: Key = Key { name: "outflow", example: "\"0 BTC\"" };
const WINDOWS: [Key; 4] = [
    Key { name: "hour", example: "\"0 BTC\"" },
    Key { name: "day", example: "\"0 BTC\"" },
    Key { name: "week", example: "\"0 BTC\"" },
    Key { name: "month", example: "\"0 BTC\"" },
];

/// What the journal says about one vault and asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalSums {
    /// Journal time, Unix seconds.
    pub time: u64,
    /// Sums charged in 1 h, 24 h, 7 d and 30 d, in listed units.
    pub spent: [Total; 4],
    /// Payments in the last 24 h.
    pub count: u32,
    /// Seconds since the last payment; `u64::MAX` if there was none.
    pub since_last: u64,
    /// What left since the epoch's snapshot, in listed units.
    pub outflow: Total,
}

/// Reads the sums of a vault in one asset.
pub fn read_journal(file: &Path, asset: &Asset) -> Result<JournalSums, Box<FileReport>> {
    Source::read(file)?.parse(|root, problems| journal(root, Unit::from(asset), problems))
}

fn journal(root: &mut Section<'_>, unit: Unit<'_>, problems: &mut Problems<'_>) -> Option<JournalSums> {
    let amount = |text: &str| words::parse_amount(text, unit);
    let time = root.time(TIME, problems).map(|(time, _)| time);
    let count = root.whole(COUNT, u32::MAX.into(), problems);
    let last = root.has(LAST).then(|| root.time(LAST, problems));
    match (&last, &count) {
        (None, Some((1.., span))) => problems.add(span, Some(COUNT.name), Fault::NoLastPayment),
        (Some(Some((last, span))), _) if time.is_some_and(|time| *last > time) => {
            problems.add(span, Some(LAST.name), Fault::Future);
        }
        _ => {}
    }
    let outflow = root.parsed(OUTFLOW, problems, amount);
    let spent = root.section(SPENT, "[spent]", problems).map(|mut section| {
        let sums = WINDOWS.map(|key| section.parsed(key, problems, amount));
        for (key, pair) in WINDOWS.iter().skip(1).zip(sums.windows(2)) {
            if let [Some(shorter), Some(longer)] = pair
                && longer < shorter
            {
                problems.add(&section.span_of(*key), Some(key.name), Fault::FallingSum);
            }
        }
        section.finish(problems);
        sums
    });
    let [hour, day, week, month] = spent?;
    let time = time?;
    Some(JournalSums {
        time,
        spent: [hour?, day?, week?, month?],
        count: u32::try_from(count?.0).ok()?,
        since_last: match last {
            None => u64::MAX,
            Some(last) => time.saturating_sub(last?.0),
        },
        outflow: outflow?,
    })
}

/// Text of a new file: a vault that never paid `symbol`, at `time` (Unix seconds).
pub fn journal_template(symbol: &str, time: u64) -> String {
    format!(
        "# What the journal says about one vault and {symbol}, before the payment that is to be proven.\n\
         # Signers refuse a proof whose sums are below their own.\n\n\
         # Journal time.\ntime = {}\n\
         # Payments in the 24 hours before it, and the time of the last one (leave it out if none).\n\
         payments_today = 0\n# last_payment = {}\n\
         # What left since the epoch's snapshot.\noutflow = \"0 {symbol}\"\n\n\
         # What was charged in the hour, 24 hours, 7 days and 30 days before.\n\
         [spent]\nhour = \"0 {symbol}\"\nday = \"0 {symbol}\"\nweek = \"0 {symbol}\"\nmonth = \"0 {symbol}\"\n",
        words::time_text(time),
        words::time_text(time.saturating_sub(86_400)),
    )
}
