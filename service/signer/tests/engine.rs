//! Four nodes of the real engine on the loopback interface.

mod toy;

use std::{
    net::TcpListener,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use arc_malachitebft_core_types::LinearTimeouts;
use ed25519_dalek::SigningKey;
use solventry_protocol::{Group, group::Node};
use solventry_signer::{
    engine::{EngineError, EngineSetup, peer_id, run, system_clock},
    journal::{Decided, JournalError},
};
use solventry_types::Digest;
use tokio::{
    sync::{Notify, oneshot},
    task::JoinHandle,
    time::sleep,
};
use toy::{Toy, vault, verified_decision};
use zeroize::Zeroizing;

const GENESIS: Digest = Digest([7; 32]);
/// Generous: the machine may be busy.
const DEADLINE: Duration = Duration::from_secs(60);

struct Member {
    journal: Arc<Mutex<Toy>>,
    wake: Arc<Notify>,
    running: Option<Running>,
}

/// How to stop a node, and how it ended.
type Running = (oneshot::Sender<()>, JoinHandle<Result<(), EngineError>>);
type Change = fn(&mut EngineSetup);

struct Cluster {
    group: Group,
    folder: PathBuf,
    members: Vec<Member>,
}

fn identity(number: usize) -> SigningKey {
    SigningKey::from_bytes(&[number as u8 + 1; 32])
}

fn peer_secret(number: usize) -> [u8; 32] {
    [number as u8 + 101; 32]
}

fn group(count: usize) -> Group {
    // All at once, so that no two get the same port.
    let listeners: Vec<_> = (0..count).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let node = |(number, listener): (usize, &TcpListener)| Node {
        name: format!("node {number}"),
        identity: identity(number).verifying_key().to_bytes(),
        link: [number as u8; 32],
        link_address: format!("127.0.0.1:{number}"),
        peer: peer_id(&peer_secret(number)).unwrap(),
        peer_address: format!("/ip4/127.0.0.1/tcp/{}", listener.local_addr().unwrap().port()),
        provider: format!("provider {number}"),
        region: format!("region {number}"),
        jurisdiction: format!("jurisdiction {number}"),
    };
    Group { nodes: listeners.iter().enumerate().map(node).collect(), coordinators: vec![] }
}

fn setup(group: &Group, folder: &std::path::Path, number: usize) -> EngineSetup {
    EngineSetup {
        genesis: GENESIS,
        group: group.clone(),
        identity: identity(number),
        peer_secret: Zeroizing::new(peer_secret(number)),
        listen: group.nodes[number].peer_address.clone(),
        folder: folder.join(number.to_string()),
        timeouts: LinearTimeouts { propose: Duration::from_secs(1), ..LinearTimeouts::default() },
        clock: system_clock(),
        on_misbehavior: Arc::new(|misbehavior| panic!("{misbehavior:?}")),
        on_vote: Arc::new(|_| {}),
    }
}

impl Cluster {
    fn new(count: usize, folder: PathBuf) -> Self {
        let member = |_| Member {
            journal: Arc::new(Mutex::new(Toy::new(GENESIS))),
            wake: Arc::default(),
            running: None,
        };
        Self { group: group(count), folder, members: (0..count).map(member).collect() }
    }

    fn start(&mut self, number: usize) {
        let setup = setup(&self.group, &self.folder, number);
        let member = &mut self.members[number];
        let (stop, stopped) = oneshot::channel::<()>();
        let (journal, wake) = (Arc::clone(&member.journal), Arc::clone(&member.wake));
        let running = tokio::spawn(run(setup, journal, wake, async {
            let _ = stopped.await;
        }));
        member.running = Some((stop, running));
    }

    async fn stop(&mut self, number: usize) {
        let (stop, running) = self.members[number].running.take().unwrap();
        stop.send(()).expect("the node still runs");
        running.await.unwrap().unwrap();
    }

    fn want(&self, height: u64) {
        for member in &self.members {
            member.journal.lock().unwrap().wanted = height;
            member.wake.notify_one();
        }
    }

    fn height(&self, number: usize) -> u64 {
        self.members[number].journal.lock().unwrap().height()
    }

    async fn reach(&mut self, numbers: &[usize], height: u64) {
        let start = Instant::now();
        while numbers.iter().any(|number| self.height(*number) < height) {
            for number in numbers {
                let (_, running) = self.members[*number].running.as_ref().unwrap();
                assert!(!running.is_finished(), "node {number} stopped");
            }
            let heights: Vec<_> = (0..self.members.len()).map(|number| self.height(number)).collect();
            assert!(start.elapsed() < DEADLINE, "heights {heights:?}, expected {height} at {numbers:?}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    fn chain(&self, number: usize) -> Vec<Decided> {
        self.members[number].journal.lock().unwrap().decided.clone()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_nodes_decide_on_demand_and_survive_what_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::new(4, folder.path().to_owned());
    (0..4).for_each(|number| cluster.start(number));

    // They decide what is wanted, and then rest.
    cluster.want(5);
    cluster.reach(&[0, 1, 2, 3], 5).await;
    sleep(Duration::from_secs(2)).await;
    assert!((0..4).all(|number| cluster.height(number) == 5), "nobody wanted a sixth height");

    // One node down: the others go on. It comes back and catches up.
    cluster.stop(3).await;
    cluster.want(7);
    cluster.reach(&[0, 1, 2], 7).await;
    assert_eq!(cluster.height(3), 5);
    cluster.start(3);
    cluster.reach(&[3], 7).await;

    // Two nodes down: nothing is decided. One comes back: they go on.
    cluster.stop(2).await;
    cluster.stop(3).await;
    cluster.want(8);
    sleep(Duration::from_secs(3)).await;
    assert!((0..2).all(|number| cluster.height(number) == 7), "two of four decide nothing");
    cluster.start(2);
    cluster.reach(&[0, 1, 2], 8).await;

    // One chain, with certificates that convince an auditor.
    let vault = vault(GENESIS, &cluster.group.identities());
    for number in 0..4 {
        let chain = cluster.chain(number);
        for (place, decided) in chain.iter().enumerate() {
            let decision = verified_decision(decided, &vault);
            assert_eq!(decision.height, place as u64 + 1);
            let reference = verified_decision(&cluster.chain(0)[place], &vault);
            assert_eq!(decision.header, reference.header);
        }
        if number < 3 {
            assert_eq!(cluster.members[number].journal.lock().unwrap().noted, 8);
        }
    }
    for number in 0..3 {
        cluster.stop(number).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_refuses_what_is_certified_halts() {
    let folder = tempfile::tempdir().unwrap();
    let mut cluster = Cluster::new(4, folder.path().to_owned());
    cluster.members[3].journal.lock().unwrap().refuses = true;
    (0..4).for_each(|number| cluster.start(number));
    cluster.want(2);
    cluster.reach(&[0, 1, 2], 2).await;
    let (_stop, running) = cluster.members[3].running.take().unwrap();
    let stopped = tokio::time::timeout(DEADLINE, running).await.expect("it hears of the certificate");
    match stopped.unwrap() {
        Err(EngineError::Journal(JournalError::Halt { height, .. })) => assert_eq!(height, 1),
        other => panic!("{other:?}"),
    }
    for number in 0..3 {
        cluster.stop(number).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setup_that_contradicts_the_group_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let group = group(4);
    let changes: [(Change, &str); 4] = [
        (
            |setup| setup.identity = SigningKey::from_bytes(&[99; 32]),
            "the identity key is none of the group's",
        ),
        (
            |setup| *setup.peer_secret = [98; 32],
            "the peer secret is not that of the node's peer id in the group",
        ),
        (|setup| setup.listen = "localhost:1".into(), "expected a libp2p multiaddress to listen on"),
        (|setup| setup.listen = "/ip4/127.0.0.1/udp/1".into(), "expected a multiaddress with tcp or quic-v1"),
    ];
    for (change, expected) in changes {
        let mut setup = setup(&group, folder.path(), 0);
        change(&mut setup);
        let journal = Arc::new(Mutex::new(Toy::new(GENESIS)));
        match run(setup, journal, Arc::default(), std::future::pending()).await {
            Err(EngineError::Setup(problem)) => assert_eq!(problem, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
}
