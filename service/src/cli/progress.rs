//! Progress on a terminal as a bar, elsewhere as lines of `name=value`.

use std::{io::IsTerminal, time::Instant};

use indicatif::{ProgressBar, ProgressStyle};
use solventry::{ledger::CheckReport, progress::Progress};

use super::tell;

/// Reports on standard error.
pub struct Reporter {
    bar: Option<ProgressBar>,
    started: Instant,
}

impl Reporter {
    /// A bar if standard error is a terminal, lines otherwise.
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg:22} {bar:30} {pos}/{len} {prefix}");
            let bar = ProgressBar::new(0);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, started: Instant::now() }
    }

    /// Warnings of the ledger reader.
    pub fn warnings(&self, report: &CheckReport) {
        let dust = report.dust.iter().map(|dust| format!("rounding: {dust}"));
        let warnings = report.warnings.iter().map(ToString::to_string);
        for line in dust.chain(warnings) {
            match &self.bar {
                Some(bar) => bar.println(format!("warning: {line}")),
                None => tell(&format!("level=warning message={line:?}")),
            }
        }
    }

    /// Clears the bar.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Reporter {
    fn phase(&mut self, name: &str) {
        self.started = Instant::now();
        match &self.bar {
            Some(bar) => {
                bar.set_length(0);
                bar.set_position(0);
                bar.set_prefix("");
                bar.set_message(name.to_owned());
                bar.tick();
            }
            None => tell(&format!("level=info phase={name:?}")),
        }
    }

    fn shards(&mut self, done: u32, total: u32, shard_slots: usize) {
        let elapsed = self.started.elapsed().as_secs_f64();
        let per_second = if done == 0 { 0.0 } else { f64::from(done) * shard_slots as f64 / elapsed };
        let left = if done == 0 { f64::NAN } else { elapsed / f64::from(done) * f64::from(total - done) };
        let rate =
            if done == 0 { String::new() } else { format!("{per_second:.0} slots/s, {left:.0} s left") };
        match &self.bar {
            Some(bar) => {
                bar.set_length(total.into());
                bar.set_position(done.into());
                bar.set_prefix(rate);
            }
            None if done == 0 => tell(&format!("level=info phase=\"proving shards\" done=0 total={total}")),
            None => tell(&format!(
                "level=info phase=\"proving shards\" done={done} total={total} slots_per_second={per_second:.0} \
                 seconds_left={left:.0}"
            )),
        }
    }
}
