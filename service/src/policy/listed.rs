//! `[[asset]]` and `[[destination]]`: what rules speak of by name.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use solventry_types::{
    Asset, AssetTable, Chain, Locator, Place, VaultAccounts, payment::destination_digest,
    payment::is_vault_name,
};

use super::Destination;
use crate::{
    document::{Fault, Key, Problems, Section, nearest, words::Unit},
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
    /// Where the first asset or destination of a name stands in its list.
    by_symbol: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
    /// What is listed already.
    places: HashSet<(Chain, Locator)>,
    accounts: HashSet<Vec<u8>>,
    /// Symbols of assets and names of destinations whose other keys are at fault: a rule that
    /// speaks of them is not.
    broken: HashSet<String>,
}

impl Listed {
    /// The asset with this symbol. `Err(None)`: at fault itself, which was reported.
    pub fn asset(&self, symbol: &str, problems: &Problems<'_>) -> Result<&Asset, Option<Fault>> {
        let found = self.by_symbol.get(symbol).and_then(|index| self.assets.get(*index));
        let symbols = self.assets.iter().map(|asset| asset.symbol.as_str());
        found
            .ok_or_else(|| self.unknown("the symbol of an [[asset]] of this file", symbol, symbols, problems))
    }

    /// The destination with this name.
    pub fn destination(&self, name: &str, problems: &Problems<'_>) -> Result<&Destination, Option<Fault>> {
        let found = self.by_name.get(name).and_then(|index| self.destinations.get(*index));
        let names = self.destinations.iter().map(|destination| destination.name.as_str());
        found.ok_or_else(|| self.unknown("the name of a [[destination]] of this file", name, names, problems))
    }

    fn unknown<'a>(
        &self,
        expected: &str,
        got: &str,
        known: impl Iterator<Item = &'a str>,
        problems: &Problems<'_>,
    ) -> Option<Fault> {
        if self.broken.contains(got) {
            return None;
        }
        // Nobody reads the hint of a fault that is only counted.
        let hint = if problems.is_full() { None } else { nearest(got, known).map(str::to_owned) };
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
    let decimals = decimals.and_then(|(decimals, span)| Some((u8::try_from(decimals).ok()?, span)));
    let mut places: Vec<Place> = Vec::new();
    for written in section.texts(PLACES, problems) {
        let place = problems.take(&written.span, PLACES.name, parse_place(written.text));
        let Some(place) = place else { continue };
        if !listed.places.insert((place.chain, place.locator.clone())) {
            let got = Echo::new(written.text);
            problems.add(&written.span, Some(PLACES.name), Fault::Repeated { what: "place", got });
        }
        if let Some(coin) = coin_of(&place) {
            let (chain, expected) = (place.chain, coin.decimals);
            if place.decimals != expected {
                let fault = Fault::PlaceDecimals { chain, expected, got: place.decimals };
                problems.add(&written.span, Some(PLACES.name), fault);
            }
            if let Some((got, span)) = decimals.clone().filter(|(got, _)| *got != expected) {
                problems.add(&span, Some(DECIMALS.name), Fault::CoinDecimals { chain, expected, got });
            }
        }
        places.push(place);
    }
    section.finish(problems);
    let Some(symbol) = symbol else { return };
    let asset = |(decimals, _)| Asset {
        symbol: symbol.text.to_owned(),
        decimals,
        min_coverage_bps: 10_000,
        places: places.clone(),
    };
    if listed.by_symbol.contains_key(symbol.text) {
        repeated("symbol", SYMBOL.name, symbol.text, &symbol.span, problems);
    } else if let Some(asset) = decimals.map(asset) {
        let fits = AssetTable::new(vec![Asset { places: Vec::new(), ..asset.clone() }]);
        problems.take(&symbol.span, SYMBOL.name, fits.map_err(|_| Fault::Symbol));
        listed.by_symbol.insert(asset.symbol.clone(), listed.assets.len());
        listed.assets.push(asset);
    } else {
        listed.broken.insert(symbol.text.to_owned());
    }
}

/// The coin of a vault's chain, if it is what the place holds: the chain fixes its decimals.
fn coin_of(place: &Place) -> Option<Unit<'static>> {
    let vaults = matches!(place.chain, Chain::Bitcoin | Chain::Solana);
    (vaults && place.locator == Locator::Native).then(|| Unit::coin(place.chain))
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
        } else if listed.accounts.contains(&account) {
            repeated("address", ADDRESS.name, address.text, &address.span, problems);
        }
        Some(account)
    });
    let Some(name) = name else { return };
    if !is_vault_name(name.text) {
        problems.add(&name.span, Some(NAME.name), Fault::Name);
    } else if listed.by_name.contains_key(name.text) {
        repeated("name", NAME.name, name.text, &name.span, problems);
    } else if let Some(account) = account {
        let digest = destination_digest(chain, &account);
        listed.by_name.insert(name.text.to_owned(), listed.destinations.len());
        listed.accounts.insert(account.clone());
        listed.destinations.push(Destination { name: name.text.to_owned(), account, digest });
    } else {
        listed.broken.insert(name.text.to_owned());
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
