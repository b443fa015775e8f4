//! What goes wrong in a history, all of it from the seed.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// How a node is faulty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faults {
    /// It is honest: it may crash, and lose what was not on the disk.
    None,
    /// It says nothing.
    Silent,
    /// It votes twice in every round, differently.
    DoubleVoter,
    /// Two copies with one key, as in "Twins: BFT Systems Made Robust" (Bano et al., 2022): they
    /// propose and vote differently, to different nodes.
    Twins,
    /// It sends two values for every round to come, whoever proposes there. Its own messages get
    /// through any partition.
    Stuffer,
}

/// Messages between nodes of different groups are lost for a while.
#[derive(Debug, Clone)]
pub struct Partition {
    /// Milliseconds.
    pub from: u64,
    /// Milliseconds.
    pub until: u64,
    /// Group of every instance.
    pub groups: Vec<u64>,
}

/// A node goes down.
#[derive(Debug, Clone, Copy)]
pub struct Crash {
    /// Milliseconds.
    pub at: u64,
    /// Milliseconds.
    pub down: u64,
    /// Which instance.
    pub instance: usize,
    /// Effects until it crashes in the middle of an input; between two inputs if none.
    pub within: Option<u32>,
    /// Decides how much of what was not flushed is lost.
    pub keep: usize,
}

/// Everything that goes wrong.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    pub faults: Vec<Faults>,
    /// Number of the node of every instance: twins have two.
    pub instances: Vec<usize>,
    /// Whether twins speak to different nodes.
    pub split: bool,
    /// Milliseconds from which nothing goes wrong any more, faulty nodes aside.
    pub heal: u64,
    /// Percentage of messages that are lost before.
    pub loss: u64,
    pub partitions: Vec<Partition>,
    pub crashes: Vec<Crash>,
    /// Whether a crash loses the whole log, which no disk may do.
    pub amnesia: bool,
    /// Seconds by which clocks are off, per instance.
    pub skew: Vec<u64>,
}

/// A number below `limit`.
pub fn below(rng: &mut ChaCha8Rng, limit: u64) -> u64 {
    rng.next_u64() % limit.max(1)
}

impl Plan {
    /// At most f faulty nodes, and an asynchronous network until it heals.
    pub fn random(seed: u64, nodes: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut faults = vec![Faults::None; nodes];
        for _ in 0..below(&mut rng, (nodes as u64 - 1) / 3 + 1) {
            let kind = [Faults::Silent, Faults::DoubleVoter, Faults::Twins, Faults::Twins];
            faults[below(&mut rng, nodes as u64) as usize] = kind[below(&mut rng, 4) as usize];
        }
        let mut plan = Self::quiet(seed, faults, &mut rng);
        plan.heal = below(&mut rng, 60_000);
        plan.loss = [0, 0, 5, 20][below(&mut rng, 4) as usize];
        plan.split = below(&mut rng, 2) == 0;
        for _ in 0..below(&mut rng, 3) {
            let (a, b) = (below(&mut rng, plan.heal), below(&mut rng, plan.heal));
            let groups = plan.instances.iter().map(|_| below(&mut rng, 2)).collect();
            plan.partitions.push(Partition { from: a.min(b), until: a.max(b), groups });
        }
        for _ in 0..below(&mut rng, 6) {
            let within = below(&mut rng, 2) == 0;
            plan.crashes.push(Crash {
                at: below(&mut rng, plan.heal),
                down: below(&mut rng, 5_000),
                instance: below(&mut rng, plan.instances.len() as u64) as usize,
                within: within.then(|| below(&mut rng, 40) as u32 + 1),
                keep: below(&mut rng, 100) as usize,
            });
        }
        if below(&mut rng, 2) == 0 {
            let silent = plan.faults.iter_mut().filter(|fault| **fault == Faults::Silent);
            silent.for_each(|fault| *fault = Faults::Stuffer);
        }
        plan
    }

    /// One node stuffs the rounds of nodes that do not hear each other until the network heals.
    pub fn stuffed(seed: u64, nodes: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut faults = vec![Faults::None; nodes];
        faults[below(&mut rng, nodes as u64) as usize] = Faults::Stuffer;
        let mut plan = Self::quiet(seed, faults, &mut rng);
        plan.heal = 10_000 + below(&mut rng, 50_000);
        let groups = (0..).take(nodes).collect();
        plan.partitions.push(Partition { from: 0, until: plan.heal, groups });
        plan
    }

    /// Twins beyond f, one copy of each on either side of a partition.
    pub fn collusion(seed: u64, nodes: usize, colluders: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut faults = vec![Faults::None; nodes];
        while faults.iter().filter(|fault| **fault == Faults::Twins).count() < colluders {
            faults[below(&mut rng, nodes as u64) as usize] = Faults::Twins;
        }
        let mut plan = Self::quiet(seed, faults, &mut rng);
        plan.heal = 120_000;
        let (mut honest, mut before) = (0, None);
        let group = |number: &usize| {
            let honest_one = plan.faults[*number] == Faults::None;
            let second = before.replace(*number) == Some(*number);
            honest += u64::from(honest_one);
            if honest_one { honest % 2 } else { u64::from(second) }
        };
        let groups = plan.instances.iter().map(group).collect();
        plan.partitions.push(Partition { from: 0, until: plan.heal, groups });
        plan
    }

    fn quiet(seed: u64, faults: Vec<Faults>, rng: &mut ChaCha8Rng) -> Self {
        let copies = |(number, fault): (usize, &Faults)| {
            std::iter::repeat_n(number, if *fault == Faults::Twins { 2 } else { 1 })
        };
        let instances: Vec<_> = faults.iter().enumerate().flat_map(copies).collect();
        let skew = instances.iter().map(|_| below(rng, 10)).collect();
        let (split, heal, loss, amnesia) = (false, 0, 0, false);
        let (partitions, crashes) = (Vec::new(), Vec::new());
        Self { seed, faults, instances, split, heal, loss, partitions, crashes, amnesia, skew }
    }
}
