//! Key generation at a node: one run per session, a few at a time, each for a bounded time.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use solventry_protocol::{Group, message::KeyGeneration};
use solventry_threshold::{KeyShare, Member, Run, Setup, Suite};

use crate::node::folder::Secrets;

/// Runs at once.
const MAX_RUNS: usize = 8;
/// How long a run may take.
const MAX_TIME: Duration = Duration::from_secs(600);
/// The last step.
const LAST_STEP: u8 = 4;

/// Runs under way, by session.
#[derive(Default)]
pub struct Generations {
    runs: HashMap<[u8; 32], (Instant, KeyGenerationRun)>,
}

struct KeyGenerationRun {
    vault: String,
    run: Run,
}

/// What a step gave.
pub struct Step {
    /// What every node is to get in the next step.
    pub answer: Vec<u8>,
    /// The share, after the last step.
    pub share: Option<KeyShare>,
}

impl Generations {
    /// Carries out one step of one session.
    pub fn step(
        &mut self,
        request: &KeyGeneration,
        group: &Group,
        number: usize,
        secrets: &Secrets,
        now: Instant,
    ) -> Result<Step, String> {
        self.runs.retain(|_, (begun, _)| now.saturating_duration_since(*begun) < MAX_TIME);
        if request.step == 1 {
            self.begin(request, group, number, secrets, now)?;
        }
        let (_, current) = self
            .runs
            .get_mut(&request.session)
            .ok_or("no key generation of this session is under way here; begin again with a fresh session")?;
        if current.vault != request.vault {
            return Err("this session is of another vault".into());
        }
        match current.run.step(request.step, &request.bodies) {
            Ok(answer) if request.step < LAST_STEP => Ok(Step { answer, share: None }),
            Ok(answer) => self.finish(request, answer),
            Err(error) => {
                // A run that failed once is over: its secrets are dropped.
                self.runs.remove(&request.session);
                Err(error.to_string())
            }
        }
    }

    fn begin(
        &mut self,
        request: &KeyGeneration,
        group: &Group,
        number: usize,
        secrets: &Secrets,
        now: Instant,
    ) -> Result<(), String> {
        if self.runs.contains_key(&request.session) {
            return Err("this session has begun already".into());
        }
        if self.runs.len() >= MAX_RUNS {
            return Err(format!("expected at most {MAX_RUNS} key generations at once; wait ten minutes"));
        }
        let suite = Suite::of(request.chain).ok_or_else(|| {
            format!("no threshold signatures for {}; expected bitcoin or solana", request.chain)
        })?;
        let members =
            group.nodes.iter().map(|node| Member { identity: node.identity, link: node.link }).collect();
        let threshold = u16::try_from(group.threshold()).map_err(|_| "the group is too large")?;
        let setup =
            Setup { suite, session: request.session, vault: request.vault.clone(), members, threshold };
        let run = Run::new(setup, number, &secrets.identity, secrets.link.secret());
        let run = run.map_err(|error| error.to_string())?;
        self.runs.insert(request.session, (now, KeyGenerationRun { vault: request.vault.clone(), run }));
        Ok(())
    }

    fn finish(&mut self, request: &KeyGeneration, answer: Vec<u8>) -> Result<Step, String> {
        let (_, current) = self.runs.remove(&request.session).ok_or("the run is gone")?;
        let share = current.run.finish().map_err(|error| error.to_string())?;
        Ok(Step { answer, share: Some(share) })
    }
}
