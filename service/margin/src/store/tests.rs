use solventry_fhe_risk::{
    keys::SecretKey,
    plan::{InputKind, Market, Question},
    wire::{EncryptedList, Sender},
};

use super::*;

fn query(account: u8, nonce: u64) -> Query {
    let secret = SecretKey::generate();
    let market = Market { bits: 20, value_bits: 8, inputs: InputKind::Secret };
    let list = EncryptedList::secret(&secret, market, &[1], b"");
    let sender =
        Sender { account: [account; 32], portfolio: Digest([1; 32]), nonce, question: Question::Call };
    Query {
        venue: Digest([1; 32]),
        arrays: Digest([2; 32]),
        sender,
        positions: list.clone(),
        collateral: list,
    }
}

fn accept(store: &Store, query: &Query) -> Result<Digest, StoreError> {
    let bytes = query.encode();
    let digest = Digest::of(&bytes);
    store.accept(query, &digest, &bytes, 7).map(|_| digest)
}

fn waiting(store: &Store) -> Vec<Digest> {
    store.waiting().unwrap().iter().map(|waiting| waiting.query).collect()
}

#[test]
fn a_copy_of_what_is_on_record_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store")).unwrap();
    let (query, later) = (query(1, 5), query(1, 6));
    let bytes = query.encode();
    let digest = Digest::of(&bytes);
    assert!(store.accept(&query, &digest, &bytes, 7).unwrap());
    accept(&store, &later).unwrap();
    assert!(!store.accept(&query, &digest, &bytes, 8).unwrap());
    assert_eq!(store.query(&digest).unwrap(), bytes, "the first one's file stays");
    let first = Waiting { query: digest, account: Some(Digest([1; 32])) };
    assert_eq!((store.waiting().unwrap().len(), store.waiting().unwrap()[0]), (2, first));
    store.finish(&digest, &Err("no".into())).unwrap();
    assert!(!store.accept(&query, &digest, &bytes, 9).unwrap());
    assert_eq!(store.stage(&digest).unwrap(), Some(Stage::Refused("no".into())));
    assert!(store.query(&digest).is_err(), "what is finished is not written again");
}

#[test]
fn what_was_accepted_survives_a_restart_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = Store::open(&path).unwrap();
    let accepted: Vec<_> = (0..5).map(|nonce| accept(&store, &query(1, nonce)).unwrap()).collect();
    store.finish(&accepted[1], &Err("no".into())).unwrap();
    let signed = SignedResult { result: vec![1], engine: [2; 32], signature: [3; 64] };
    store.finish(&accepted[2], &Ok(signed.clone())).unwrap();
    std::fs::write(path.join("queries/.half"), b"x").unwrap();
    std::fs::write(path.join("queries").join("0".repeat(64)), b"x").unwrap();
    drop(store);
    let store = Store::open(&path).unwrap();
    assert!(!path.join("queries").join("0".repeat(64)).exists());
    assert_eq!(waiting(&store), [accepted[0], accepted[3], accepted[4]]);
    assert_eq!(store.stage(&accepted[1]).unwrap(), Some(Stage::Refused("no".into())));
    assert_eq!(store.stage(&accepted[2]).unwrap(), Some(Stage::Done(Digest::of(&[1]))));
    assert_eq!(store.stage(&Digest([9; 32])).unwrap(), None);
    assert_eq!(store.result(&accepted[2]).unwrap(), signed.encode());
    assert_eq!(Digest::of(&store.query(&accepted[4]).unwrap()), accepted[4]);
    assert!(!path.join("queries/.half").exists());
    assert!(store.query(&accepted[1]).is_err(), "what is finished takes no room");
}

#[test]
fn nonces_only_rise() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = Store::open(&path).unwrap();
    accept(&store, &query(1, 5)).unwrap();
    for nonce in [5, 4, 0] {
        assert!(matches!(accept(&store, &query(1, nonce)), Err(StoreError::Replayed { last: 5, .. })));
    }
    drop(store);
    let store = Store::open(&path).unwrap();
    assert!(matches!(accept(&store, &query(1, 5)), Err(StoreError::Replayed { .. })));
    accept(&store, &query(1, u64::MAX)).unwrap();
    accept(&store, &query(2, 0)).unwrap();
    assert_eq!(store.waiting().unwrap().len(), 3);
    assert_eq!(std::fs::read_dir(path.join("queries")).unwrap().count(), 3, "refused queries leave nothing");
}

#[test]
fn what_ended_is_forgotten_after_a_while_but_no_nonce_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = Store::open(&path).unwrap();
    let accepted: Vec<_> = (0..3).map(|nonce| accept(&store, &query(1, nonce)).unwrap()).collect();
    let signed = SignedResult { result: vec![1], engine: [2; 32], signature: [3; 64] };
    store.finish(&accepted[0], &Ok(signed)).unwrap();
    store.finish(&accepted[1], &Err("no".into())).unwrap();
    assert_eq!((store.forget(7).unwrap(), store.forget(8).unwrap()), (0, 2));
    assert_eq!(store.stage(&accepted[0]).unwrap(), None);
    assert!(store.result(&accepted[0]).is_err());
    assert_eq!(waiting(&store), [accepted[2]]);
    assert!(accept(&store, &query(1, 2)).is_err());
    let last = accept(&store, &query(1, 9)).unwrap();
    assert_eq!(waiting(&store), [accepted[2], last]);
}

#[test]
fn a_store_that_is_in_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = Store::open(&path).unwrap();
    let incoming = path.join("venues/.incoming1");
    std::fs::write(&incoming, "half of it").unwrap();
    let error = Store::open(&path).err().unwrap();
    assert!(error.to_string().contains("store.redb: another process uses it"), "{error}");
    assert!(incoming.exists());
    drop(store);
    Store::open(&path).unwrap();
    assert!(!incoming.exists());
}
