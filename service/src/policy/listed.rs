//! `[[asset]]` and `[[destination]]`: what rules speak of by name.

use std::ops::Range;

use solventry_types::{
    Asset, AssetTable, Chain, VaultAccounts, payment::destination_digest, payment::is_vault_name,
};

use super::Destination;
use crate::{
    document::{Fault, Key, Problems, Section, nearest},
    ledger::{Echo, parse_address, parse_place},
};

const ASSET: Key = Key { name: "asset", example: "[{ symbol = \"BTC\" }]" };
const SYMBOL: Key = Key { name: "symbol", example: "\"BTC\"" };
const DECIMALS: Key = Key { name: "decimals", example: "8" };
const PLACES: Key = Key { name: "places", example: "[\"bitcoin/native/8\"]" };
const DESTINATION: Key = Key { name: "destination", example: "[{ name = \"exchange\" }]" };
const NAME: Key = Key { name: "name", example: "\"exchange\"" };
const CHAIN: Key = Key { name: "chain", example: "\"bitcoin\"" };
const ADDRESS: Key = Key { name: "address", example: "\"bc1q...\"" };

/// Assets and destinations of a file.
#[derive(Default)]
pub(super) struct Listed {
    pub assets: Vec<Asset>,
    pub destinations: Vec<Destination>,
    /// Symbols of assets and names of destinations whose other keys are at fault: a rule that
    /// speaks of them is not.
    broken: Vec<String>,
}

impl Listed {
    /// The asset with this symbol. `Err(None)`: at fault itself, which was reported.
    pub fn asset(&self, symbol: &str) -> Result<&Asset, Option<Fault>> {
        let found = self.assets.iter().find(|asset| asset.symbol == symbol);
        let symbols = self.assets.iter().map(|asset| asset.symbol.as_str());
        found.ok_or_else(|| self.unknown("the symbol of an [[asset]] of this file", symbol, symbols))
    }

    /// The destination with this name.
    pub fn destination(&self, name: &str) -> Result<&Destination, Option<Fault>> {
        let found = self.destinations.iter().find(|destination| destination.name == name);
        let names = self.destinations.iter().map(|destination| destination.name.as_str());
        found.ok_or_else(|| self.unknown("the name of a [[destination]] of this file", name, names))
    }

    fn unknown<'a>(&self, expected: &str, got: &str, known: impl Iterator<Item = &'a str>) -> Option<Fault> {
        if self.broken.iter().any(|broken| broken == got) {
            return None;
        }
        let hint = nearest(got, known).map(str::to_owned);
        Some(Fault::Choice { expected: expected.to_owned(), got: Echo::new(got), hint })
    }
}

/// Reads both lists.
pub(super) fn listed(
    root: &mut Section<'_>,
    chain: Chain,
    own: &VaultAccounts,
    problems: &mut Problems<'_>,
) -> Listed {
    let mut listed = Listed::default();
    if !root.has(ASSET) {
        let fault = Fault::Missing { title: "the file", key: "[[asset]]", example: ASSET.example };
        problems.add(&root.span(), None, fault);
    }
    for section in root.sections(ASSET, "[[asset]]", problems) {
        asset(section, &mut listed, problems);
    }
    for section in root.sections(DESTINATION, "[[destination]]", problems) {
        destination(section, chain, own, &mut listed, problems);
    }
    listed
}

fn asset(mut section: Section<'_>, listed: &mut Listed, problems: &mut Problems<'_>) {
    let symbol = section.text(SYMBOL, problems);
    let decimals = section.whole(DECIMALS, AssetTable::MAX_DECIMALS.into(), problems);
    let decimals = decimals.and_then(|(decimals, _)| u8::try_from(decimals).ok());
    let mut places = Vec::new();
    for written in section.texts(PLACES, problems) {
        let place = problems.take(&written.span, PLACES.name, parse_place(written.text));
        let Some(place) = place else { continue };
        let earlier = listed.assets.iter().flat_map(|asset| &asset.places).chain(&places);
        if earlier.into_iter().any(|other| (other.chain, &other.locator) == (place.chain, &place.locator)) {
            let got = Echo::new(written.text);
            problems.add(&written.span, Some(PLACES.name), Fault::Repeated { what: "place", got });
        }
        places.push(place);
    }
    section.finish(problems);
    let Some(symbol) = symbol else { return };
    let asset = |decimals| Asset {
        symbol: symbol.text.to_owned(),
        decimals,
        min_coverage_bps: 10_000,
        places: places.clone(),
    };
    if listed.asset(symbol.text).is_ok() {
        repeated("symbol", SYMBOL.name, symbol.text, &symbol.span, problems);
    } else if let Some(asset) = decimals.map(asset) {
        let fits = AssetTable::new(vec![Asset { places: Vec::new(), ..asset.clone() }]);
        problems.take(&symbol.span, SYMBOL.name, fits.map_err(|_| Fault::Symbol));
        listed.assets.push(asset);
    } else {
        listed.broken.push(symbol.text.to_owned());
    }
}

fn destination(
    mut section: Section<'_>,
    chain: Chain,
    own: &VaultAccounts,
    listed: &mut Listed,
    problems: &mut Problems<'_>,
) {
    let name = section.text(NAME, problems);
    let here =
        !section.has(CHAIN) || section.parsed(CHAIN, problems, |text| expect_chain(text, chain)).is_some();
    let address = section.text(ADDRESS, problems);
    section.finish(problems);
    let account = address.filter(|_| here).and_then(|address| {
        let account = problems.take(&address.span, ADDRESS.name, parse_address(chain, address.text))?;
        if own.owns(&account) {
            problems.add(&address.span, Some(ADDRESS.name), Fault::OwnVault);
        } else if listed.destinations.iter().any(|other| other.account == account) {
            repeated("address", ADDRESS.name, address.text, &address.span, problems);
        }
        Some(account)
    });
    let Some(name) = name else { return };
    if !is_vault_name(name.text) {
        problems.add(&name.span, Some(NAME.name), Fault::Name);
    } else if listed.destination(name.text).is_ok() {
        repeated("name", NAME.name, name.text, &name.span, problems);
    } else if let Some(account) = account {
        let digest = destination_digest(chain, &account);
        listed.destinations.push(Destination { name: name.text.to_owned(), account, digest });
    } else {
        listed.broken.push(name.text.to_owned());
    }
}

fn expect_chain(text: &str, chain: Chain) -> Result<(), Fault> {
    match Chain::from_name(text) {
        Some(named) if named == chain => Ok(()),
        Some(_) => Err(Fault::OtherChain { chain }),
        None => Err(Fault::Choice {
            expected: format!("{chain}, where the vault is"),
            got: Echo::new(text),
            hint: nearest(text, [chain.name()]).map(str::to_owned),
        }),
    }
}

fn repeated(
    what: &'static str,
    key: &'static str,
    got: &str,
    span: &Range<usize>,
    problems: &mut Problems<'_>,
) {
    problems.add(span, Some(key), Fault::Repeated { what, got: Echo::new(got) });
}
