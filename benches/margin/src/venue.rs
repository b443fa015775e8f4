//! Keys and the single bootstrap.

use solventry_fhe_risk::{
    circuit::{Machine, Phase, Rotation, Table},
    client::encrypt,
    engine::Engine,
    keys::{EvaluationKey, SecretKey},
};

use crate::{
    measure::{once, repeated},
    milliseconds, seconds,
};

/// A venue's keys.
pub struct Bench {
    /// Of the venue.
    pub secret: SecretKey,
    /// With the evaluation key, its large part included.
    pub engine: Engine,
}

impl Bench {
    /// Without a word.
    pub fn quiet() -> Self {
        let secret = SecretKey::generate();
        let engine = Engine::new(EvaluationKey::generate(&secret, true));
        Self { secret, engine }
    }

    /// With rows for the keys.
    pub fn measured() -> Self {
        let secret = SecretKey::generate();
        let (small, cost) = once(|| EvaluationKey::generate(&secret, false));
        let size = small.bytes();
        println!(
            "| evaluation key, up to 16 scenarios | {} | {} | {size} |",
            seconds(cost.wall),
            seconds(cost.cpu)
        );
        drop(small);
        let (key, cost) = once(|| EvaluationKey::generate(&secret, true));
        let size = key.bytes();
        println!(
            "| evaluation key, more scenarios | {} | {} | {size} |",
            seconds(cost.wall),
            seconds(cost.cpu)
        );
        let (engine, cost) = once(|| Engine::new(key));
        println!("| load it | {} | {} | |", seconds(cost.wall), seconds(cost.cpu));
        println!("| secret key | | | {} |", secret.to_bytes().len());
        Self { secret, engine }
    }

    /// One bootstrap of a batch of eight, on one core.
    pub fn bootstrap(&self) {
        let wide = encrypt(&self.secret, 31, &[1, 2, 3, 4, 5, 6, 7, 8]);
        let rotation = |wide| Rotation {
            name: "bench",
            phase: Phase { wide: Some(wide), computed: None, constant: 0 },
            table: Table::Values(vec![1 << 62]),
            margin: 0,
        };
        let first: Vec<Rotation<Engine>> = wide.into_iter().map(rotation).collect();
        let computed = self.engine.bootstrap(&first);
        let rotation = |computed| Rotation {
            name: "bench",
            phase: Phase { wide: None, computed: Some(computed), constant: 0 },
            table: Table::Values(vec![1 << 62]),
            margin: 0,
        };
        let second: Vec<Rotation<Engine>> = computed.into_iter().map(rotation).collect();
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(1).build() else { return };
        for (name, rotations) in [("input", first), ("computed", second)] {
            let cost = pool.install(|| repeated(10, || self.engine.bootstrap(&rotations)));
            let count = rotations.len() as u32;
            println!(
                "| bootstrap of an {name} value, eight at a time, one core | {} | {} | |",
                milliseconds(cost.wall / count),
                milliseconds(cost.cpu / count)
            );
        }
    }
}
