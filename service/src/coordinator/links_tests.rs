//! Links over loopback, to nodes that answer from a script.

use std::{sync::Arc, time::Duration};

use solventry_link::{Handler, Limits, LinkKey, serve};
use solventry_protocol::{
    Group, Request, Response,
    group::Coordinator,
    message::{NodeStatus, Phase},
};
use solventry_types::Digest;
use tokio::{net::TcpListener, runtime::Runtime, task::JoinHandle};

use super::{
    Links, Nodes, Patience,
    sample::{link_secret, node},
};

/// A node that knows its number and nothing else.
struct Scripted {
    number: u8,
    coordinator: [u8; 32],
}

impl Handler for Scripted {
    fn accepts(&self, peer: &[u8; 32]) -> bool {
        *peer == self.coordinator
    }

    async fn answer(&self, _peer: [u8; 32], request: Vec<u8>) -> Vec<u8> {
        let zero = Digest([0; 32]);
        match Request::decode(&request) {
            Ok(Request::Status) => Response::Status(NodeStatus {
                node: self.number,
                phase: Phase::Running,
                genesis: zero,
                height: 0,
                head: zero,
                time: 0,
                voted: vec![],
                attestation: zero,
            })
            .encode(),
            _ => b"no answer at all".to_vec(),
        }
    }
}

fn started(
    runtime: &Runtime,
    number: usize,
    address: &str,
    coordinator: [u8; 32],
) -> (JoinHandle<()>, String) {
    let listener = runtime.block_on(TcpListener::bind(address)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let handler = Arc::new(Scripted { number: number as u8, coordinator });
    let limits = Limits {
        message: 1 << 16,
        links: 8,
        links_of_one: 8,
        per_second: 100,
        burst: 100,
        idle: Duration::from_secs(5),
    };
    let key = LinkKey::from_secret(&link_secret(number)).unwrap();
    (runtime.spawn(serve(listener, key, handler, limits)), address)
}

#[test]
fn nodes_are_asked_over_links_that_break_and_come_back() {
    let runtime = Runtime::new().unwrap();
    let key = LinkKey::from_secret(&[7; 32]).unwrap();
    let own = key.public();
    let mut nodes: Vec<_> = (0..4).map(|number| node(number, [number as u8 + 1; 32])).collect();
    let mut servers: Vec<_> = (0..4).map(|number| started(&runtime, number, "127.0.0.1:0", own)).collect();
    for (node, (_, address)) in nodes.iter_mut().zip(&servers) {
        node.link_address.clone_from(address);
    }
    let group = Group { nodes, coordinators: vec![Coordinator { link: own, owns: vec![] }] };
    let links = Links::new(&group, key).unwrap();
    let patience = Patience { answer: Duration::from_secs(5), ..Patience::USUAL };
    let all = Nodes::new(&group, &links, patience);
    let numbers = || -> Vec<Option<u8>> {
        let statuses = all.statuses();
        statuses.into_iter().map(|(_, status)| status.ok().map(|status| status.node)).collect()
    };
    assert_eq!(numbers(), [Some(0), Some(1), Some(2), Some(3)]);

    // One node ends, the others answer over the links that are open.
    let (server, address) = servers.remove(1);
    server.abort();
    runtime.block_on(async { drop(server.await) });
    assert_eq!(numbers(), [Some(0), None, Some(2), Some(3)]);

    // It comes back at the same place.
    let (_server, _) = started(&runtime, 1, &address, own);
    assert_eq!(numbers(), [Some(0), Some(1), Some(2), Some(3)]);

    // What cannot be read is an answer of nobody.
    let complaint = all.vault("treasury").unwrap_err().to_string();
    assert!(complaint.contains("node-0: its answer cannot be read"), "{complaint}");
}
