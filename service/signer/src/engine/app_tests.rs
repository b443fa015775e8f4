use arc_malachitebft_app_channel::app::{
    engine::host::SyncedValueOutcome,
    streaming::{StreamContent, StreamId, StreamMessage},
};
use arc_malachitebft_core_types::Round;
use bytes::Bytes;

use super::{
    fixture::{Fixture, answer, decide, finalize, fixture, id, peer, prevote, publish, start, value},
    *,
};
use crate::{
    engine::{Address, context::Part, parts::cut},
    journal::Decided,
};

/// The journal is at the next height once one is decided; consensus is there only when it begins.
#[tokio::test]
async fn a_late_part_is_dropped() {
    let Fixture { mut app, journal, .. } = fixture();
    start(&mut app, 1, 0).await;
    assert_eq!(publish(&mut app, 1, (1, 0), &value(1, 1)).await, Some(0));
    decide(&mut app, 1, &value(1, 1)).await;
    assert_eq!(publish(&mut app, 2, (1, 1), &value(1, 2)).await, None, "before it is finalized");
    // Somebody is at height 2, so this node follows at once.
    assert_eq!(publish(&mut app, 2, (2, 0), &value(2, 1)).await, None);
    let Next::Start(Height(2), _) = finalize(&mut app, 1, &value(1, 1)).await else { panic!() };
    assert!(!app.is_waiting());
    assert_eq!(publish(&mut app, 3, (1, 2), &value(1, 3)).await, None, "after it");
    assert_eq!(journal.lock().unwrap().judged.len(), 1);
    assert_eq!(start(&mut app, 2, 0).await, [(id(&value(2, 1)), 0)]);
    assert_eq!(publish(&mut app, 3, (2, 1), &value(2, 3)).await, Some(1));
}

/// Whatever the reason, that a peer's value comes for another height stops nobody.
#[tokio::test]
async fn a_journal_elsewhere_is_no_error() {
    let Fixture { mut app, journal, .. } = fixture();
    start(&mut app, 1, 0).await;
    let (value_bytes, proposer) = (value(1, 1), Address([1; 32]));
    let decided = Decided { height: 1, round: 0, value: value_bytes.clone(), votes: vec![] };
    journal.lock().unwrap().commit(decided).unwrap();
    assert_eq!(publish(&mut app, 1, (1, 0), &value_bytes).await, None);
    let (height, round) = (Height(1), Round::new(0));
    let value_bytes = Bytes::from(value_bytes);
    let synced = |reply| AppMsg::ProcessSyncedValue { height, round, proposer, value_bytes, reply };
    let outcome = answer(&mut app, synced).await.unwrap();
    assert!(matches!(outcome, SyncedValueOutcome::LocalTransientError));
}

/// Consensus keeps two values per round: they must be its proposer's.
#[tokio::test]
async fn a_node_gets_no_value_into_the_rounds_of_others() {
    let Fixture { mut app, journal, .. } = fixture();
    start(&mut app, 1, 0).await;
    // Of height 1 node 3 proposes in rounds 2, 6, 10.
    let mut taken = vec![];
    for round in 0..=20 {
        for tag in 0..2 {
            let bytes = value(1, u64::from(10 * round + tag));
            taken.extend(publish(&mut app, 3, (1, round), &bytes).await);
        }
    }
    assert_eq!(taken, [2, 2, 6, 6]);
    assert_eq!(journal.lock().unwrap().judged.len(), 4, "the others cost nothing");
    assert_eq!(publish(&mut app, 1, (1, 0), &value(1, 500)).await, Some(0));
}

#[tokio::test]
async fn a_locked_value_comes_from_anybody_and_goes_where_it_is_locked() {
    let Fixture { mut app, .. } = fixture();
    start(&mut app, 1, 0).await;
    let bytes = value(1, 1);
    assert_eq!(publish(&mut app, 3, (1, 0), &bytes).await, None, "it waits");
    assert_eq!(start(&mut app, 1, 1).await, []);
    (1..4).for_each(|node| prevote(&app, node, 0, id(&bytes)));
    assert_eq!(start(&mut app, 1, 2).await, [(id(&bytes), 0)]);
    assert_eq!(publish(&mut app, 2, (1, 4), &bytes).await, None, "consensus has it");
    let other = value(1, 2);
    (1..4).for_each(|node| prevote(&app, node, 2, id(&other)));
    assert_eq!(publish(&mut app, 2, (1, 3), &other).await, Some(2));
}

#[tokio::test]
async fn a_part_in_the_wrong_place_of_its_stream_is_dropped() {
    let Fixture { mut app, .. } = fixture();
    start(&mut app, 1, 0).await;
    let bytes = value(1, 1);
    let part =
        Part { index: 0, ..cut(Height(1), 0, id(&bytes), &bytes).remove(0).content.into_data().unwrap() };
    let message = StreamMessage::new(StreamId::new(Bytes::new()), 1, StreamContent::Data(part));
    let received = |reply| {
        let (from, published_by) = (peer(1), Some(peer(1)));
        AppMsg::ReceivedProposalPart { from, published_by, part: message, reply }
    };
    assert!(answer(&mut app, received).await.unwrap().is_none());
}
