//! A venue with public inputs, its engine behind HTTP, an account for every test, and whatever an
//! account can sign of its own accord.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::Duration,
};

use ed25519_dalek::SigningKey;
use solventry_fhe_risk::{
    arrays::file::{Collateral, Content, Format, Instrument, RiskArrays},
    client::{Crs, PublicKey},
    plan::{InputKind, Market, Question},
    reference::Portfolio,
    wire::{Context, Digest, Query, QueryError, Role, SignedQuery, Venue},
};
use solventry_margin::{
    bundle,
    client::{Client, ClientError, Status},
    portfolio::{About, Encryptor, encrypt},
    server::{self, Account, Server, ServerConfig, Settings, VenueEntry},
    signing,
    venue::{NewVenue, VenueFolder},
};

pub const MARKET: Market = Market { bits: 31, value_bits: 12, inputs: InputKind::Public };
pub const NOW: u64 = 15;
/// Accounts that the engine knows; a test takes its own, since nonces of an account only grow.
const ACCOUNTS: u8 = 6;
const PATIENCE: Duration = Duration::from_secs(600);

pub struct World {
    root: tempfile::TempDir,
    pub folder: VenueFolder,
    pub venue: Venue,
    pub public_key: PublicKey,
    pub crs: Crs,
    pub arrays: RiskArrays,
    pub client: Client,
}

pub static WORLD: LazyLock<World> = LazyLock::new(World::new);

pub fn arrays() -> RiskArrays {
    let instrument = |name: &str| Instrument { name: name.into(), long: vec![5, -4], short: vec![-4, 5] };
    RiskArrays::new(Content {
        format: Format::V1,
        family: "sample".into(),
        currency: "USD".into(),
        quantum: "1".parse().expect("a number"),
        look_ahead_days: 1,
        epoch: 3,
        valid_from: 10,
        valid_until: 20,
        instruments: vec![instrument("A"), instrument("B")],
        collateral: vec![Collateral { name: "USD".into(), factor: 7 }],
    })
    .expect("arrays that are well formed")
}

/// The key of an account.
pub fn account(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

pub fn lots() -> Portfolio {
    Portfolio { legs: vec![300, 0, 0, 100], collateral: vec![200] }
}

impl World {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = VenueFolder::new(&root.path().join("venue"));
        let (name, family) = ("Test venue".into(), "sample".into());
        let new = NewVenue { name, family, market: MARKET, list_limit: 4, is_large: false };
        let venue = folder.create(&new).expect("keys");
        let public_key = folder.public_key(&venue).expect("its own file");
        let crs = folder.crs(&venue).expect("its own file").expect("public inputs have one");
        let arrays = arrays();
        let shelf = root.path().join("arrays.json");
        std::fs::write(&shelf, arrays.to_json()).expect("a disk");
        let client = start(&venue, root.path().join("engine"), shelf);
        register(&folder, &client, root.path());
        Self { root, folder, venue, public_key, crs, arrays, client }
    }

    /// An encrypted, proven and signed query.
    pub fn query(&self, account: &SigningKey, nonce: u64, question: Question) -> Query {
        let about = About { venue: &self.venue, arrays: &self.arrays, question, nonce };
        let encryptor = Encryptor::Public(&self.public_key, &self.crs);
        encrypt(&about, &lots(), &encryptor, account).expect("values that fit")
    }

    /// Signs whatever the lists are now, for the account of `key`.
    pub fn sign(&self, query: &mut Query, key: &SigningKey) {
        query.sender.account = key.verifying_key().to_bytes();
        let context = Context::new(&self.venue, &self.arrays, query.sender);
        for (role, list) in
            [(Role::Positions, &mut query.positions), (Role::Collateral, &mut query.collateral)]
        {
            list.signature = signing::sign(key, &context.message(role, list).0);
        }
    }

    /// What an engine checks before it takes a query.
    pub fn check<'a>(&self, query: &'a Query) -> Result<SignedQuery<'a>, QueryError> {
        query.bind(&self.venue, &self.arrays)?.signed(signing::verifies)
    }

    /// Sends; the reason of the refusal, at the door or from the queue. Panics if it was evaluated.
    #[track_caller]
    pub fn refused(&self, bytes: &[u8]) -> String {
        let outcome = self.evaluated(bytes);
        if let Ok(Status::Done { .. }) = self.client.status(&Digest::of(bytes)) {
            panic!("evaluated");
        }
        match outcome {
            Err(ClientError::Refused { reason, .. } | ClientError::Query(reason)) => reason,
            Err(error) => panic!("expected a refusal, got {error}"),
            Ok(_) => panic!("evaluated"),
        }
    }

    /// Sends and waits for the result.
    pub fn evaluated(&self, bytes: &[u8]) -> Result<Vec<u8>, ClientError> {
        let query = self.client.submit(bytes, PATIENCE)?;
        self.client.wait(&query, PATIENCE, |_| ())
    }

    /// A path for a test's own files.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }
}

fn start(venue: &Venue, store: PathBuf, arrays: PathBuf) -> Client {
    let known = |number| Account {
        name: format!("desk {number}"),
        key: Digest(account(number).verifying_key().to_bytes()),
    };
    let entry = VenueEntry { digest: venue.digest(), accounts: (1..=ACCOUNTS).map(known).collect() };
    let config = ServerConfig { format: Default::default(), venues: vec![entry], queue: 8 };
    let (arrays, clock) = (vec![arrays], || NOW);
    let settings = Settings { config, store, arrays, threads: 0, jobs: 1, keep: 9, clock };
    let (server, _workers) = Server::start(settings).expect("a free folder");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            server::serve(listener, server, std::future::pending()).await
        })
    });
    Client::new(&format!("http://{address}"))
}

fn register(folder: &VenueFolder, client: &Client, root: &Path) {
    let path = root.join("bundle");
    bundle::write(folder, File::create(&path).expect("a disk")).expect("the venue's files");
    let mut file = File::open(&path).expect("written");
    let length = file.metadata().expect("a file").len();
    client.register(&mut file, length).expect("a registered venue");
}
