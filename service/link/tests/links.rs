//! Links on loopback: who gets in, what gets through, what an attacker in between can do.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use solventry_link::{Handler, Limits, LinkError, LinkKey, connect, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const LIMIT: usize = 200_000;
const DEADLINE: Duration = Duration::from_secs(5);

struct Echo {
    allowed: [u8; 32],
    answered: AtomicUsize,
}

impl Handler for Echo {
    fn accepts(&self, peer: &[u8; 32]) -> bool {
        *peer == self.allowed
    }

    async fn answer(&self, peer: [u8; 32], mut request: Vec<u8>) -> Vec<u8> {
        assert_eq!(peer, self.allowed);
        self.answered.fetch_add(1, Ordering::SeqCst);
        request.reverse();
        request
    }
}

struct Node {
    address: String,
    key: [u8; 32],
    echo: Arc<Echo>,
}

async fn node(allowed: [u8; 32]) -> Node {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let own = LinkKey::generate().unwrap();
    let key = own.public();
    let echo = Arc::new(Echo { allowed, answered: AtomicUsize::new(0) });
    let limits = Limits {
        message: LIMIT,
        links: 8,
        links_of_one: 2,
        per_second: 1000,
        burst: 1000,
        idle: Duration::from_secs(2),
    };
    tokio::spawn(serve(listener, own, echo.clone(), limits));
    Node { address, key, echo }
}

#[tokio::test]
async fn messages_of_every_length_come_back() {
    let own = LinkKey::generate().unwrap();
    let node = node(own.public()).await;
    let mut link = connect(&node.address, &own, &node.key, LIMIT, DEADLINE).await.unwrap();
    for length in [0, 1, 65_518, 65_519, 65_520, 131_038, LIMIT] {
        let request: Vec<u8> = (0..length).map(|i| u8::try_from(i % 251).unwrap()).collect();
        let mut answer = link.ask(&request, DEADLINE).await.unwrap();
        answer.reverse();
        assert_eq!(answer, request);
    }
}

#[tokio::test]
async fn strangers_and_wrong_nodes_are_refused() {
    let own = LinkKey::generate().unwrap();
    let node = node(own.public()).await;
    let stranger = LinkKey::generate().unwrap();
    // The stranger learns of it with its first request: the node closes after the handshake.
    let mut link = connect(&node.address, &stranger, &node.key, LIMIT, DEADLINE).await.unwrap();
    assert!(matches!(link.ask(b"hello", DEADLINE).await, Err(LinkError::Io { .. })));
    // A caller that expects another node's key never completes the handshake.
    let refused = connect(&node.address, &own, &stranger.public(), LIMIT, DEADLINE).await;
    assert!(matches!(refused, Err(LinkError::Handshake { .. })));
    assert_eq!(node.echo.answered.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn longer_messages_than_the_limit_are_refused_on_both_sides() {
    let own = LinkKey::generate().unwrap();
    let node = node(own.public()).await;
    let mut link = connect(&node.address, &own, &node.key, LIMIT, DEADLINE).await.unwrap();
    let refused = link.ask(&vec![0; LIMIT + 1], DEADLINE).await;
    assert!(matches!(refused, Err(LinkError::TooLarge { got, .. }) if got == LIMIT + 1));
    // A caller without scruples: the node drops it before it receives the bytes.
    let mut link = connect(&node.address, &own, &node.key, LIMIT + 1, DEADLINE).await.unwrap();
    assert!(link.ask(&vec![0; LIMIT + 1], DEADLINE).await.is_err());
    assert_eq!(node.echo.answered.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn one_peer_has_a_bounded_number_of_links() {
    let own = LinkKey::generate().unwrap();
    let node = node(own.public()).await;
    let mut open = vec![];
    for _ in 0..2 {
        let mut link = connect(&node.address, &own, &node.key, LIMIT, DEADLINE).await.unwrap();
        link.ask(b"x", DEADLINE).await.unwrap();
        open.push(link);
    }
    let mut third = connect(&node.address, &own, &node.key, LIMIT, DEADLINE).await.unwrap();
    assert!(third.ask(b"x", DEADLINE).await.is_err());
    drop(open);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut again = connect(&node.address, &own, &node.key, LIMIT, DEADLINE).await.unwrap();
    assert_eq!(again.ask(b"ab", DEADLINE).await.unwrap(), b"ba");
}

#[tokio::test]
async fn callers_that_say_nothing_keep_nobody_out() {
    let own = LinkKey::generate().unwrap();
    let node = node(own.public()).await;
    let mut silent = vec![];
    for _ in 0..100 {
        silent.push(TcpStream::connect(&node.address).await.unwrap());
    }
    let mut link = connect(&node.address, &own, &node.key, LIMIT, DEADLINE).await.unwrap();
    assert_eq!(link.ask(b"ab", DEADLINE).await.unwrap(), b"ba");
    for _ in 0..100 {
        silent.push(TcpStream::connect(&node.address).await.unwrap());
    }
    assert_eq!(link.ask(b"cd", DEADLINE).await.unwrap(), b"dc", "an open link is none of their business");
    let mut given_up = 0;
    for mut stream in silent {
        let closed = tokio::time::timeout(Duration::from_millis(20), stream.read(&mut [0])).await;
        given_up += usize::from(closed.is_ok());
    }
    assert!(given_up >= 200 - 8, "{given_up}");
}

/// Carries bytes between caller and node; flips one bit of the `at`-th byte to the node, or sends
/// what it saw a second time.
async fn tamper(node: String, at: Option<usize>, repeat: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (caller, _) = listener.accept().await.unwrap();
        let (mut from_caller, mut to_caller) = caller.into_split();
        let (mut from_node, mut to_node) = TcpStream::connect(node).await.unwrap().into_split();
        tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = from_node.read(&mut buffer).await {
                if to_caller.write_all(&buffer[..length]).await.is_err() {
                    return;
                }
            }
        });
        let (mut passed, mut buffer) = (0, [0; 4096]);
        while let Ok(length @ 1..) = from_caller.read(&mut buffer).await {
            let bytes = &mut buffer[..length];
            if let Some(byte) = at.and_then(|at| at.checked_sub(passed)).and_then(|at| bytes.get_mut(at)) {
                *byte ^= 1;
            }
            passed += length;
            to_node.write_all(bytes).await.unwrap();
            if repeat && passed > 200 {
                let _ = to_node.write_all(bytes).await;
            }
        }
    });
    address
}

#[tokio::test]
async fn every_flipped_byte_ends_the_link_unanswered() {
    let own = LinkKey::generate().unwrap();
    let node = node(own.public()).await;
    // Handshake 2+48 and 2+64 bytes; then header 2+20 and message 2+21.
    let total = 50 + 66 + 22 + 23;
    let clean = tamper(node.address.clone(), None, false).await;
    let mut link = connect(&clean, &own, &node.key, LIMIT, DEADLINE).await.unwrap();
    assert_eq!(link.ask(b"money", DEADLINE).await.unwrap(), b"yenom");
    for at in 0..total {
        let address = tamper(node.address.clone(), Some(at), false).await;
        let before = node.echo.answered.load(Ordering::SeqCst);
        let deadline = Duration::from_millis(150);
        if let Ok(mut link) = connect(&address, &own, &node.key, LIMIT, deadline).await {
            assert!(link.ask(b"money", deadline).await.is_err(), "byte {at}");
        }
        assert_eq!(node.echo.answered.load(Ordering::SeqCst), before, "byte {at}");
    }
}

#[tokio::test]
async fn a_repeated_message_is_not_answered_twice() {
    let own = LinkKey::generate().unwrap();
    let node = node(own.public()).await;
    let address = tamper(node.address.clone(), None, true).await;
    let mut link = connect(&address, &own, &node.key, LIMIT, DEADLINE).await.unwrap();
    let long = vec![7; 300];
    assert_eq!(link.ask(&long, DEADLINE).await.unwrap(), long);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(node.echo.answered.load(Ordering::SeqCst), 1);
}

#[test]
fn secrets_are_not_shown() {
    let key = LinkKey::from_secret(&[0xab; 32]).unwrap();
    assert_eq!(format!("{key:?}"), "LinkKey { .. }");
}
