//! Nodes as child processes, ended with the test however it ends.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

use super::super::binaries::Desk;

/// The passphrase of every node here; a marker that no output may hold.
pub const PASSPHRASE: &str = "canary-3f9b51c7e0-passphrase";
/// How long a node may take to begin, on a machine that runs other tests beside it.
const PATIENCE: Duration = Duration::from_secs(120);

/// The nodes that run.
pub struct Nodes {
    count: usize,
    running: BTreeMap<usize, Child>,
}

impl Nodes {
    /// Makes the folders `N1`, `N2`… and runs no node yet.
    pub fn init(desk: &Desk, count: usize) -> Self {
        desk.write("passphrase", PASSPHRASE);
        for number in 1..=count {
            let [link, peer] = [port(), port()];
            desk.signer(&format!(
                "init N{number} --name node-{number} --provider provider-{number} --region region-{number} \
                 --jurisdiction country-{number} --link 127.0.0.1:{link} --peer 127.0.0.1:{peer} \
                 --passphrase-file passphrase"
            ))
            .expect(0)
            .says("identity: ");
        }
        Self { count, running: BTreeMap::new() }
    }

    /// Cards of all nodes, in order.
    pub fn cards(&self) -> String {
        let cards: Vec<_> = (1..=self.count).map(|number| format!("N{number}/card.node")).collect();
        cards.join(" ")
    }

    /// Starts a node and waits until it listens.
    pub fn start(&mut self, desk: &Desk, number: usize) {
        let [out, log] = ["out", "log"].map(|ending| desk.path(&format!("N{number}.{ending}")));
        let before = listens(&out);
        let append = |path: &Path| OpenOptions::new().create(true).append(true).open(path).unwrap();
        let mut command = desk.signer_command(&run_words(number));
        command.stdin(Stdio::null()).stdout(append(&out)).stderr(append(&log));
        let mut child = command.spawn().unwrap();
        let begun = Instant::now();
        while listens(&out) == before {
            let ended = child.try_wait().unwrap();
            let log = std::fs::read_to_string(&log).unwrap();
            assert!(ended.is_none(), "node {number} ended: {ended:?}\n{log}");
            assert!(begun.elapsed() < PATIENCE, "node {number} does not listen\n{log}");
            std::thread::sleep(Duration::from_millis(50));
        }
        self.running.insert(number, child);
    }

    /// Starts all nodes that do not run.
    pub fn start_all(&mut self, desk: &Desk) {
        for number in 1..=self.count {
            if !self.running.contains_key(&number) {
                self.start(desk, number);
            }
        }
    }

    /// Kills a node as a lost machine would end.
    pub fn kill(&mut self, number: usize) {
        let mut child = self.running.remove(&number).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ends a node as its operator would; it must end by itself and say nothing is wrong.
    pub fn stop(&mut self, number: usize) {
        let mut child = self.running.remove(&number).unwrap();
        let told = Command::new("kill").arg(child.id().to_string()).status().unwrap();
        assert!(told.success());
        assert!(child.wait().unwrap().success(), "node {number}");
    }

    /// Process of a node.
    pub fn process(&self, number: usize) -> u32 {
        self.running[&number].id()
    }

    /// Runs a node that must refuse to start; what it said.
    #[track_caller]
    pub fn refuses(&self, desk: &Desk, number: usize) -> String {
        let ran = desk.signer(&run_words(number)).expect(2);
        assert!(!ran.err.contains("panicked"), "{ran:?}");
        assert!(!ran.out.contains("listening"), "said to be ready: {ran:?}");
        ran.err
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        for child in self.running.values_mut() {
            let _ = child.kill(); // it may have ended by itself
            let _ = child.wait();
        }
    }
}

fn run_words(number: usize) -> String {
    format!("run N{number} --group group --passphrase-file passphrase")
}

/// How often a node has said that it listens.
fn listens(out: &Path) -> usize {
    std::fs::read_to_string(out).unwrap_or_default().matches("listening on").count()
}

/// A free port, another one at each call, outside of the range that the system gives away itself.
fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = 20_000 + u16::try_from(std::process::id() % 100).unwrap() * 100;
    (0..2_000)
        .map(|_| base + NEXT.fetch_add(1, Ordering::Relaxed))
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}
