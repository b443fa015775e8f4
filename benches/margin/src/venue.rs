//! Keys and the single bootstrap.

use solventry_fhe_risk::{
    circuit::{Machine, Phase, Rotation, Table},
    client::encrypt,
    engine::Engine,
    keys::{EvaluationKey, SecretKey},
    parameters::COMPUTE,
};
use tfhe::shortint::gen_keys;

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
        let names = ["an input value, eight at a time", "a computed value, eight at a time"];
        for (name, rotations) in names.into_iter().zip([first, second]) {
            let count = rotations.len() as u32;
            row(name, count, || self.engine.bootstrap(&rotations));
        }
    }
}

/// tfhe's own keyswitch and bootstrap, under the same compute parameters.
pub fn peer_bootstrap() {
    let (client, server) = gen_keys(COMPUTE);
    let (table, block) = (server.generate_lookup_table(|value| value), client.encrypt(1));
    row("a block, by tfhe itself", 1, || server.apply_lookup_table(&block, &table));
}

/// On one core.
fn row<T: Send>(what: &str, count: u32, work: impl Fn() -> T + Send + Sync) {
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(1).build() else { return };
    let cost = pool.install(|| repeated(10, work));
    println!(
        "| keyswitch and bootstrap of {what}, one core | {} | {} | |",
        milliseconds(cost.wall / count),
        milliseconds(cost.cpu / count)
    );
}
