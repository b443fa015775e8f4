//! `solventry-margin demo`: the whole way once, with what is shown at each step in plain words.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use ed25519_dalek::SigningKey;
use solventry_fhe_risk::{
    arrays::{
        build::{Built, build},
        config::MarketConfig,
        history::PriceHistory,
    },
    engine::Engine,
    plan::{InputKind, Market, Plan, Question},
    wire::{Digest, Venue, weights},
};
use solventry_margin::{
    authority::{Disclosure, Evidence, Request},
    budget::Limits,
    client::{Client, Status},
    files::{self, Access},
    now,
    portfolio::{self, About, Encryptor, Lots},
    server::{self, Account, Server, ServerConfig, Settings, VenueEntry},
    signing,
    venue::{NewVenue, VenueFolder},
};

use super::{CliError, Outcome, arrays::table, decrypt, demo_attacks, encrypt, engine, plan, print, report};

/// `solventry-margin demo`.
#[derive(clap::Args)]
pub struct DemoArgs {
    /// Let the venue encrypt with its secret key: no proofs, no reference string
    #[arg(long)]
    secret_inputs: bool,
    /// Keep the files in this new folder [default: a temporary one, removed at the end]
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

const MARKET: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fhe-risk/samples/market.toml"));
const PRICES: &[u8] =
    include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fhe-risk/samples/prices.csv"));
const PORTFOLIO: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/portfolio.json"));
const PATIENCE: Duration = Duration::from_secs(1800);

/// What the steps share.
pub struct Demo {
    pub root: PathBuf,
    pub built: Built,
    pub lots: Lots,
    pub folder: VenueFolder,
    pub venue: Venue,
    pub account: SigningKey,
    pub client: Client,
}

/// Runs the demo in a folder of its own.
pub fn run(args: &DemoArgs) -> Result<Outcome, CliError> {
    let failed = |error: std::io::Error| CliError::Failed(format!("temporary folder: {error}"));
    let temporary = tempfile::tempdir().map_err(failed)?;
    let root = match &args.keep {
        Some(keep) => {
            files::refuse_existing(keep)?;
            files::private_folder(keep)?;
            keep.clone()
        }
        None => temporary.path().to_owned(),
    };
    let start = Instant::now();
    let demo = Demo::prepare(root, args.secret_inputs)?;
    let query = demo.encrypt(Question::Margin)?;
    let result = demo.evaluate(&query)?;
    demo.decrypt(&query, &result)?;
    demo_attacks::run(&demo, &query, &result)?;
    print(&format!("\nDone in {:.0} s.", start.elapsed().as_secs_f64()));
    if let Some(keep) = &args.keep {
        print(&format!("The files are in {}.", keep.display()));
    }
    print("");
    // A demo is for trying out: its exit code says whether it ran.
    report::stamped(&demo.venue, true);
    Ok(Outcome::Done)
}

impl Demo {
    fn prepare(root: PathBuf, is_secret: bool) -> Result<Self, CliError> {
        print(
            "1. Risk arrays, from a market's configuration and its price history (made up; all of it public).",
        );
        let built = build(&MarketConfig::read(MARKET)?, &PriceHistory::read(PRICES)?)?;
        files::write(&root.join("arrays.json"), Access::Public, built.arrays.to_json().as_bytes())?;
        print(&indent(&format!("{}\n{built}", table(&built))));

        let inputs = if is_secret { InputKind::Secret } else { InputKind::Public };
        let market = Market { bits: 31, value_bits: 16, inputs };
        print("\n2. The plan, from public data alone: what it costs and how sure it is.");
        let made = Plan::new(market, &weights(&built.arrays), Question::Margin)?;
        print(&indent(&format!("{made}{}", plan::explanation(&made, &built.arrays))));

        print("\n3. A venue makes its keys: the secret one decrypts, the others cannot.");
        let start = Instant::now();
        let folder = VenueFolder::new(&root.join("venue"));
        let family = built.arrays.content().family.clone();
        let new =
            NewVenue { name: "Example Clearing".into(), family, market, list_limit: 16, is_large: false };
        let venue = folder.create(&new)?;
        print(&format!("   {:.1} s, venue {}", start.elapsed().as_secs_f64(), venue.digest()));
        signing::create(&root.join("account.key"))?;
        let account = signing::read(&root.join("account.key"))?;

        print(
            "\n4. A margin engine starts. It knows which venues and accounts may ask, and the risk arrays.",
        );
        let client = start_engine(&root, &venue, &account)?;
        let start = Instant::now();
        let bytes = engine::send(&folder, &client)?;
        let seconds = start.elapsed().as_secs_f64();
        print(&format!("   the venue sends its evaluation key: {} MB in {seconds:.1} s", bytes / 1_000_000));
        files::write(&root.join("portfolio.json"), Access::Private, PORTFOLIO)?;
        Ok(Self { root, built, lots: Lots::read(PORTFOLIO)?, folder, venue, account, client })
    }

    /// Encrypts the sample portfolio for the next nonce.
    pub fn query(&self, question: Question) -> Result<Vec<u8>, CliError> {
        let nonce = encrypt::microseconds();
        let about = About { venue: &self.venue, arrays: &self.built.arrays, question, nonce };
        let portfolio = self.lots.legs(&self.built.arrays, self.venue.market)?;
        let query = match self.folder.crs(&self.venue)? {
            Some(crs) => {
                let key = self.folder.public_key(&self.venue)?;
                portfolio::encrypt(&about, &portfolio, &Encryptor::Public(&key, &crs), &self.account)?
            }
            None => {
                let secret = self.folder.secret(&self.venue)?;
                portfolio::encrypt(&about, &portfolio, &Encryptor::Secret(&secret), &self.account)?
            }
        };
        Ok(query.encode())
    }

    fn encrypt(&self, question: Question) -> Result<Vec<u8>, CliError> {
        print("\n5. A client encrypts its portfolio, proves that every lot is in range, and signs.");
        let start = Instant::now();
        let query = self.query(question)?;
        files::write(&self.path("portfolio.query"), Access::Public, &query)?;
        let seconds = start.elapsed().as_secs_f64();
        print(&format!("   {} bytes in {seconds:.1} s; query {}", query.len(), Digest::of(&query)));
        Ok(query)
    }

    fn evaluate(&self, query: &[u8]) -> Result<Vec<u8>, CliError> {
        print("\n6. The engine evaluates; it reads no position, no loss, no margin.");
        let start = Instant::now();
        let digest = self.client.submit(query, PATIENCE)?;
        let (mut progress, mut bootstraps) = (engine::Teller::default(), 0);
        let result = self.client.wait(&digest, PATIENCE, |status| {
            if let Status::Running { total, .. } = status {
                bootstraps = *total;
            }
            progress.tell(status);
        })?;
        files::write(&self.path("portfolio.result"), Access::Public, &result)?;
        print(&format!(
            "   {} bytes in {:.1} s, {bootstraps} bootstraps",
            result.len(),
            start.elapsed().as_secs_f64()
        ));
        Ok(result)
    }

    fn decrypt(&self, query: &[u8], result: &[u8]) -> Result<(), CliError> {
        print(
            "\n7. The decryption authority trusts no engine: it builds the arrays and evaluates the query again itself,",
        );
        print("   compares bit by bit, charges the budget, and only then uses its key.");
        let arrays = build(&MarketConfig::read(MARKET)?, &PriceHistory::read(PRICES)?)?.arrays;
        let authority = decrypt::authority(&self.folder, &self.folder.path("authority"), Limits::default())?;
        let engine = Engine::new(self.folder.evaluation_key(&self.venue)?);
        let evidence = Evidence::ReEvaluate(&engine);
        let disclosure = Disclosure::Margin;
        let told = authority.answer(&Request {
            query,
            result,
            arrays: &arrays,
            evidence,
            disclosure,
            now: now(),
        })?;
        print(&indent(&decrypt::text(&told, &arrays, Limits::default())));

        print("\n8. The same in clear, for whoever knows the positions:");
        let clear = encrypt::in_clear(&arrays, &self.lots)?;
        print(&indent(&report::margin(&arrays, &clear)));
        if told.margin != Some(clear) {
            return Err(CliError::Failed("the decrypted report differs from the clear one".into()));
        }
        print("   equal to the last digit");
        Ok(())
    }

    /// A file of the demo.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

/// Starts an engine on a free port of this machine, for as long as the program runs.
fn start_engine(root: &Path, venue: &Venue, account: &SigningKey) -> Result<Client, CliError> {
    let key = Digest(account.verifying_key().to_bytes());
    let entry = VenueEntry { digest: venue.digest(), accounts: vec![Account { name: "desk 7".into(), key }] };
    let config = ServerConfig { format: Default::default(), venues: vec![entry], queue: 4 };
    let (server, _workers) = Server::start(Settings {
        config,
        store: root.join("engine"),
        arrays: vec![root.join("arrays.json")],
        threads: 0,
        jobs: 1,
        keep: 86_400,
        clock: now,
    })?;
    let failed = |error: std::io::Error| CliError::Failed(format!("engine: {error}"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            server::serve(listener, server, std::future::pending()).await;
            Ok::<_, std::io::Error>(())
        })
    });
    print(&format!("   it listens on http://{address}"));
    Ok(Client::new(&format!("http://{address}")))
}

/// Text under a step.
fn indent(text: &str) -> String {
    text.lines().map(|line| format!("   {line}")).collect::<Vec<_>>().join("\n")
}
