//! Starts the engine, drives it, and stops it.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_malachitebft_app_channel::{
    Channels, ConsensusContext, EngineBuilder, EngineHandle, NetworkContext, NetworkIdentity, RequestContext,
    Signer as _, SyncContext, WalContext,
    app::{config::NodeConfig as _, types::codec::Codec as _},
};
use arc_malachitebft_core_types::SigningScheme as _;
use tokio::{sync::Notify, time};

use super::{
    app::App,
    codec::WireCodec,
    context::Agreement,
    setup::{EngineError, EngineSetup, Prepared},
    signing::{BeforeVote, Ed25519Strict, Keys, NodeSigner, NodeVerifier},
    witness::Witness,
};
use crate::journal::{Journal, JournalError};

/// How often a node that waits for a height asks the journal whether to begin.
const PACE: Duration = Duration::from_millis(250);
/// How long the engine may take to stop.
const STOP: Duration = Duration::from_secs(10);

type Failure = Arc<Mutex<Option<JournalError>>>;

/// Runs the agreement of one node until `stop` completes or something fails. `wake` is notified
/// when the journal may want a height, as after a record was submitted; a tick is found by asking
/// every quarter of a second.
///
/// Needs a Tokio runtime with several threads. Whatever is returned, the engine has stopped: its
/// port and its write-ahead log are free, and no vote leaves any more.
pub async fn run(
    setup: EngineSetup,
    journal: Arc<Mutex<dyn Journal>>,
    wake: Arc<Notify>,
    stop: impl Future<Output = ()>,
) -> Result<(), EngineError> {
    let prepared = setup.prepare()?;
    let witness = Arc::new(Witness::new(prepared.quorum).telling(Arc::clone(&setup.on_vote)));
    let failure = Failure::default();
    let before_vote = before_vote(Arc::clone(&journal), Arc::clone(&failure));
    let (channels, handle) = start(&setup, &prepared, Arc::clone(&witness), before_vote).await?;
    let Channels { consensus: mut messages, network, .. } = channels;
    let mut app = App::new(&setup, prepared, journal, witness, network);
    let mut stop = pin!(stop);
    let mut ticks = time::interval(PACE);
    ticks.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
    let result = loop {
        let step = tokio::select! {
            () = &mut stop => break Ok(()),
            message = messages.recv() => match message {
                Some(message) => app.handle(message).await,
                None => Err(EngineError::Stopped),
            },
            () = wake.notified(), if app.is_waiting() => app.pace().await,
            _ = ticks.tick(), if app.is_waiting() => app.pace().await,
        };
        if let Err(error) = step {
            tracing::error!(%error, "the agreement stops");
            break Err(error);
        }
    };
    // The engine waits for answers that will not come: let it see that first.
    drop((app, messages));
    shut_down(handle).await;
    // What the journal said before a vote is the cause of what the engine did then.
    let cause = failure.lock().unwrap_or_else(PoisonError::into_inner).take();
    cause.map_or(result, |error| Err(error.into()))
}

async fn start(
    setup: &EngineSetup,
    prepared: &Prepared,
    witness: Arc<Witness>,
    before_vote: BeforeVote,
) -> Result<(Channels<Agreement>, EngineHandle), EngineError> {
    let failed = |error: &dyn std::fmt::Display| EngineError::Start(error.to_string());
    let signer = NodeSigner::new(Keys::new(setup.genesis, setup.identity.clone()), before_vote);
    let key = Ed25519Strict::encode_public_key(&setup.identity.verifying_key());
    let peer = prepared.keypair.public().to_peer_id().to_bytes();
    let proof = signer.sign_validator_proof(key, peer).await.map_err(|error| failed(&error))?;
    let proof = WireCodec.encode(&proof).map_err(|error| failed(&error))?;
    let (name, keypair) = (prepared.config.moniker().to_owned(), prepared.keypair.clone());
    let identity = NetworkIdentity::new_validator(name, keypair, prepared.address.to_string(), proof);
    let verifier = NodeVerifier::new(setup.genesis, witness);
    EngineBuilder::new(Agreement, prepared.config.clone())
        .with_default_wal(WalContext::new(setup.folder.join("consensus.wal"), WireCodec))
        .with_default_network(NetworkContext::new(identity, WireCodec))
        .with_default_sync(SyncContext::new(WireCodec))
        .with_default_consensus(ConsensusContext::new_validator(
            prepared.address,
            Box::new(verifier),
            Box::new(signer),
        ))
        .with_default_request(RequestContext::new(16))
        .build()
        .await
        .map_err(|error| failed(&error))
}

/// Tells the journal about the first vote of a height before it is signed. It blocks the engine
/// for one durable write per height.
fn before_vote(journal: Arc<Mutex<dyn Journal>>, failure: Failure) -> BeforeVote {
    let noted = AtomicU64::new(0);
    Box::new(move |height| {
        if noted.load(Ordering::Acquire) >= height {
            return Ok(());
        }
        let result = match journal.lock() {
            Ok(mut journal) => journal.note_vote(height),
            Err(_) => Err(JournalError::Store("a call of the journal panicked".into())),
        };
        match result {
            Ok(()) => {
                noted.store(height, Ordering::Release);
                Ok(())
            }
            Err(error) => {
                *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Err(arc_malachitebft_signing::Error::new())
            }
        }
    })
}

async fn shut_down(handle: EngineHandle) {
    let cell = handle.actor.get_cell();
    cell.stop_children_and_wait(Some("the node stops".into()), Some(STOP)).await;
    cell.stop(Some("the node stops".into()));
    if time::timeout(STOP, handle.handle).await.is_err() {
        cell.kill();
    }
}
