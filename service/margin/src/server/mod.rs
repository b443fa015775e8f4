//! The engine as a server: one route takes a venue's keys, one a query, one tells where it stands.
//!
//! Requests are handled by tokio; evaluation has a pool of threads of its own, so that a client who
//! asks for a status waits for no bootstrap. The queue is bounded: what does not fit is told to come
//! back later, and nothing is kept of it.

mod accept;
mod body;
mod config;
mod connections;
mod error;
mod evaluate;
mod places;
mod queue;
mod routes;
mod upload;

use std::{
    collections::HashMap,
    io::ErrorKind,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
};

use ed25519_dalek::SigningKey;
use solventry_fhe_risk::{
    client::{Crs, PublicKey},
    engine::Engine,
    plan::Plan,
    wire::{Digest, Venue},
};

pub use self::{
    config::{Account, ConfigError, ServerConfig, VenueEntry},
    connections::serve,
    error::ServerError,
    queue::Progress,
};
use self::{evaluate::work, places::Places, queue::Queue, routes::router};
use crate::{
    bundle::{self, BundleError},
    files::FileError,
    shelf::Shelf,
    signing,
    store::Store,
};

/// Queries that are received at the same time, each up to 11 MB, and of one account.
const UPLOADS: (usize, usize) = (8, 4);
/// Venues whose bundles are received at the same time, each once.
const REGISTRATIONS: (usize, usize) = (8, 1);

/// What a server is started with.
pub struct Settings {
    /// Venues and accounts.
    pub config: ServerConfig,
    /// Folder of the store.
    pub store: PathBuf,
    /// Files and folders of risk arrays.
    pub arrays: Vec<PathBuf>,
    /// Threads that evaluate.
    pub threads: usize,
    /// Queries that are evaluated side by side.
    pub jobs: usize,
    /// Seconds for which results are kept.
    pub keep: u64,
    /// Seconds since 1970.
    pub clock: fn() -> u64,
}

/// A server, shared by its requests and its workers.
pub struct Server {
    config: ServerConfig,
    store: Store,
    shelf: Shelf,
    key: SigningKey,
    pool: rayon::ThreadPool,
    queue: Queue,
    keep: u64,
    clock: fn() -> u64,
    /// Venues whose bundles are here.
    venues: Mutex<HashMap<Digest, Venue>>,
    loaded: Mutex<HashMap<Digest, Arc<Loaded>>>,
    plans: Mutex<HashMap<Digest, Arc<Plan>>>,
    uploads: Arc<Places>,
    registrations: Arc<Places>,
    /// Held while a bundle is read and kept.
    keeping: Mutex<()>,
}

/// A venue's keys in memory, loaded once.
struct Loaded {
    venue: Venue,
    public_key: PublicKey,
    crs: Option<Crs>,
    engine: Engine,
}

impl Server {
    /// Opens the store, takes up what was waiting, and starts the workers.
    pub fn start(settings: Settings) -> Result<(Arc<Self>, Vec<JoinHandle<()>>), ServerError> {
        let store = Store::open(&settings.store)?;
        let key = signing::read_or_create(&store.key_path())?;
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(settings.threads)
            .thread_name(|number| format!("evaluate-{number}"))
            .build()
            .map_err(|error| ServerError::Threads(error.to_string()))?;
        store.forget((settings.clock)().saturating_sub(settings.keep))?;
        let queue = Queue::new(settings.config.queue, store.waiting()?);
        let venues = known_venues(&settings.config, &store);
        let server = Arc::new(Self {
            config: settings.config,
            shelf: Shelf::new(settings.arrays)?,
            store,
            key,
            pool,
            queue,
            keep: settings.keep,
            clock: settings.clock,
            venues: Mutex::new(venues),
            loaded: Mutex::default(),
            plans: Mutex::default(),
            uploads: Places::new(UPLOADS.0, UPLOADS.1),
            registrations: Places::new(REGISTRATIONS.0, REGISTRATIONS.1),
            keeping: Mutex::default(),
        });
        let worker = |number: usize| {
            let server = Arc::clone(&server);
            std::thread::Builder::new()
                .name(format!("queries-{number}"))
                .spawn(move || work(&server))
                .map_err(|error| ServerError::Threads(error.to_string()))
        };
        let workers = (0..settings.jobs.max(1)).map(worker).collect::<Result<_, _>>()?;
        Ok((server, workers))
    }

    /// Key that this engine signs results with.
    pub fn engine_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// Known risk arrays.
    pub fn arrays(&self) -> usize {
        self.shelf.count()
    }

    /// Lets workers end after what they are doing; what waits stays on disk.
    pub fn stop(&self) {
        self.queue.stop();
    }

    /// The venue's keys, from memory or from its bundle. Not to be called on the pool's threads: one
    /// that waits for its part might take up other work there, which waits for this lock.
    fn load(&self, venue: &Digest) -> Result<Arc<Loaded>, ServerError> {
        let mut loaded = locked(&self.loaded);
        if let Some(loaded) = loaded.get(venue) {
            return Ok(Arc::clone(loaded));
        }
        let path = self.store.bundle(venue);
        let read = bundle::read(crate::files::open(&path)?);
        let bundle = match read {
            Ok(bundle) if bundle.venue.digest() == *venue => bundle,
            Err(BundleError::Io(error)) if error.kind() != ErrorKind::UnexpectedEof => {
                return Err(FileError::new(&path, error).into()); // the disk's fault; it may pass
            }
            damaged => {
                let error = damaged.err().map_or("another venue's".into(), |error| error.to_string());
                tracing::error!(%venue, error, "a damaged bundle is removed; its venue must register again");
                locked(&self.venues).remove(venue);
                std::fs::remove_file(&path).map_err(|error| FileError::new(&path, error))?;
                return Err(ServerError::DamagedKeys(*venue));
            }
        };
        let ready = Arc::new(self.pool.install(|| Loaded::new(bundle)));
        loaded.insert(*venue, Arc::clone(&ready));
        Ok(ready)
    }
}

impl Loaded {
    fn new(bundle: bundle::Bundle) -> Self {
        let bundle::Bundle { venue, public_key, crs, evaluation_key } = bundle;
        Self { venue, public_key, crs, engine: Engine::new(evaluation_key) }
    }
}

/// Registered venues whose bundle is here; its keys are checked when they are loaded.
fn known_venues(config: &ServerConfig, store: &Store) -> HashMap<Digest, Venue> {
    let head = |entry: &VenueEntry| {
        use std::io::Read;
        let mut head = Vec::new();
        let file = std::fs::File::open(store.bundle(&entry.digest)).ok()?;
        file.take(Venue::MAX_BYTES as u64 + 64).read_to_end(&mut head).ok()?;
        let venue = bundle::head(&head).ok()??;
        (venue.digest() == entry.digest).then_some((entry.digest, venue))
    };
    config.venues.iter().filter_map(head).collect()
}

/// A lock whose holder panicked still guards whole values here.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
