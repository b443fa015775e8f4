//! Over HTTP, without any evaluation.

use solventry_fhe_risk::{
    keys::SecretKey,
    parameters,
    plan::{InputKind, Market, Question},
    wire::{EncryptedList, Query, Sender},
};

use super::*;
use crate::client::{Client, ClientError};

const MARKET: Market = Market { bits: 20, value_bits: 8, inputs: InputKind::Secret };

fn venue() -> Venue {
    Venue {
        format: Default::default(),
        name: "v".into(),
        family: "f".into(),
        market: MARKET,
        list_limit: 4,
        is_large: false,
        parameters: Digest(parameters::digest()),
        public_key: Digest([0; 32]),
        evaluation_key: Digest([0; 32]),
        crs: None,
    }
}

pub(super) fn settings(folder: &std::path::Path) -> Settings {
    let account = Account { name: "a".into(), key: Digest([1; 32]) };
    let entry = VenueEntry { digest: venue().digest(), accounts: vec![account] };
    let config = ServerConfig { format: Default::default(), venues: vec![entry], queue: 4 };
    Settings {
        config,
        store: folder.join("store"),
        arrays: vec![],
        threads: 1,
        jobs: 1,
        keep: 9,
        clock: || 9,
    }
}

fn start(folder: &std::path::Path) -> (Client, String) {
    let (server, _workers) = Server::start(settings(folder)).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            serve(listener, server, std::future::pending()).await
        })
    });
    (Client::new(&url), url)
}

fn query(venue: Digest, account: u8, nonce: u64) -> Vec<u8> {
    let list = EncryptedList::secret(&SecretKey::generate(), MARKET, &[1], b"");
    let sender =
        Sender { account: [account; 32], portfolio: Digest([1; 32]), nonce, question: Question::Call };
    Query { venue, arrays: Digest([2; 32]), sender, positions: list.clone(), collateral: list }.encode()
}

fn status<T>(result: Result<T, ClientError>) -> (u16, String) {
    match result {
        Err(ClientError::Refused { status, reason, .. }) => (status, reason),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("not refused"),
    }
}

#[test]
fn whoever_may_not_ask_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let (client, url) = start(folder.path());
    let submit = |bytes: &[u8]| status(client.submit(bytes, std::time::Duration::ZERO));
    let known = venue().digest();
    assert_eq!(submit(b"").0, 400);
    assert_eq!(
        submit(&[0; 100]),
        (
            400,
            "expected a file of kind margin query, but its first bytes differ (is it another file?)".into()
        )
    );
    // Refused by its length; the connection may be closed before all of it is sent.
    let large = client.submit(&vec![0; Query::MAX_BYTES + 1], std::time::Duration::ZERO);
    assert!(matches!(large, Err(ClientError::Refused { status: 413, .. } | ClientError::Closed { .. })));
    // Who may not ask is refused by the first bytes, and hears of it.
    assert_eq!(submit(&query(Digest([3; 32]), 1, 1)).0, 403);
    let foreign = [query(known, 2, 1), vec![0; 8 << 20]].concat();
    assert_eq!(submit(&foreign).0, 403);
    assert_eq!(submit(&vec![0; 8 << 20]).0, 400);
    let (code, reason) = submit(&query(known, 1, 86_409_000_001));
    assert!(code == 422 && reason.contains("at most 86409000000"), "{reason}");
    let (code, reason) = submit(&query(known, 1, 86_409_000_000));
    assert!(code == 409 && reason.contains("has not sent its keys yet"), "{reason}");
    assert_eq!(status(client.status(&known)), (404, "no query of that digest is known here".into()));
    assert_eq!(status(client.result(&known)).0, 404);
    assert!(!client.has_venue(&known).unwrap());
    assert_eq!(status(client.has_venue(&Digest([3; 32]))).0, 403);
    let agent =
        ureq::Agent::new_with_config(ureq::Agent::config_builder().http_status_as_error(false).build());
    assert_eq!(agent.get(&format!("{url}/v1/queries/..%2f..%2fetc")).call().unwrap().status(), 404);
    assert_eq!(agent.get(&format!("{url}/v1/health")).call().unwrap().status(), 200);
}

#[test]
fn bundles_that_are_foreign_or_damaged_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (client, _) = start(folder.path());
    let send = |bytes: &[u8]| {
        use std::io::{Seek, Write};
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        status(client.register(&mut file, bytes.len() as u64)).0
    };
    let begins = |venue: &Venue| {
        let json = venue.to_json();
        [b"SOLVFMB\n\x01\x00", (json.len() as u64).to_le_bytes().as_slice(), json.as_bytes()].concat()
    };
    assert_eq!((send(b""), send(b"nonsense")), (400, 400));
    assert_eq!(send(&begins(&Venue { name: "other".into(), ..venue() })), 403);
    assert_eq!(send(&begins(&venue())), 400);
    assert_eq!(std::fs::read_dir(folder.path().join("store/venues")).unwrap().count(), 0);
    assert!(!client.has_venue(&venue().digest()).unwrap());
}

#[test]
fn damaged_keys_are_removed_so_that_they_can_be_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let (json, digest) = (venue().to_json(), venue().digest());
    let store = Store::open(&folder.path().join("store")).unwrap();
    let path = store.bundle(&digest);
    let bundle =
        [b"SOLVFMB\n\x01\x00", (json.len() as u64).to_le_bytes().as_slice(), json.as_bytes()].concat();
    std::fs::write(&path, bundle).unwrap();
    drop(store);
    let (server, _workers) = Server::start(settings(folder.path())).unwrap();
    assert!(locked(&server.venues).contains_key(&digest));
    let error = server.load(&digest).err().unwrap();
    assert!(matches!(error, ServerError::DamagedKeys(_)) && error.to_string().contains("register"));
    assert!(!path.exists() && !locked(&server.venues).contains_key(&digest));
}
