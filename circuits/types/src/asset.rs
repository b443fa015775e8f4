//! The asset table.

use std::{collections::BTreeSet, num::NonZeroU16};

use crate::{
    codec::{CodecError, Reader, Writer},
    digest::{Digest, InjectiveHasher},
    place::{Chain, Locator, Place},
    profile::Profile,
};

/// Asset number in an epoch's table, 1..=A.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetId(NonZeroU16);

impl AssetId {
    /// The asset with this number; 0 means "none".
    pub fn new(number: u16) -> Option<Self> {
        NonZeroU16::new(number).map(Self)
    }

    /// The asset at this place (from 0) of the table.
    pub fn from_index(index: usize) -> Option<Self> {
        u16::try_from(index.checked_add(1)?).ok().and_then(Self::new)
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0.get()
    }

    /// Place in the table, from 0.
    pub fn index(self) -> usize {
        usize::from(self.get()).saturating_sub(1)
    }
}

/// One asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Symbol, unique in the table: 1 to 32 bytes of visible ASCII without comma or quote.
    pub symbol: String,
    /// Listed decimals: amounts are integers of 10^-decimals.
    pub decimals: u8,
    /// Least reserves for 10 000 units of liabilities, in basis points, 1..2^20.
    pub min_coverage_bps: u32,
    /// Where it lives; may be empty if its reserves are attested.
    pub places: Vec<Place>,
}

impl Asset {
    /// Digest of symbol, decimals and places: the same in every epoch, whatever the asset's
    /// number or coverage. Policies name assets by it.
    pub fn digest(&self) -> Digest {
        let mut writer = Writer::new();
        writer.var_bytes(self.symbol.as_bytes()).u8(self.decimals);
        let mut places: Vec<&Place> = self.places.iter().collect();
        places.sort();
        for place in places {
            writer.u8(place.chain.code());
            write_locator(&mut writer, &place.locator);
            writer.u8(place.decimals);
        }
        InjectiveHasher::new("solventry/asset/v1").field(writer.as_bytes()).finish()
    }
}

/// Why a list of assets is not a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssetTableError {
    /// No assets.
    #[error("the asset table is empty")]
    Empty,
    /// More assets than the profile has room for.
    #[error("{got} assets, but the {profile} profile has room for {limit}")]
    TooMany {
        /// Name of the profile.
        profile: &'static str,
        /// Its A_max.
        limit: usize,
        /// Assets given.
        got: usize,
    },
    /// Two assets of one symbol.
    #[error("asset {number}: symbol {symbol} appears twice")]
    DuplicateSymbol {
        /// Number of the later asset.
        number: usize,
        /// The symbol.
        symbol: String,
    },
    /// One place for two assets.
    #[error("asset {number} ({symbol}): place {place} belongs to another asset or is repeated")]
    DuplicatePlace {
        /// Number of the later asset.
        number: usize,
        /// Its symbol.
        symbol: String,
        /// The place.
        place: String,
    },
    /// A field out of range.
    #[error("asset {number} ({symbol}): {problem}")]
    Invalid {
        /// Number of the asset.
        number: usize,
        /// Its symbol.
        symbol: String,
        /// What is wrong.
        problem: &'static str,
    },
}

/// A validated table: symbols unique, every place with one asset, ranges kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetTable(Vec<Asset>);

impl AssetTable {
    /// Most places of one asset.
    pub const MAX_PLACES: usize = 32;
    /// Most decimals, listed or on a chain.
    pub const MAX_DECIMALS: u8 = 30;

    /// Validates a list of assets.
    pub fn new(assets: Vec<Asset>) -> Result<Self, AssetTableError> {
        if assets.is_empty() {
            return Err(AssetTableError::Empty);
        }
        let (limit, got) = (Profile::STANDARD.max_assets, assets.len());
        if got > limit {
            return Err(AssetTableError::TooMany { profile: Profile::STANDARD.name, limit, got });
        }
        let (mut symbols, mut places) = (BTreeSet::new(), BTreeSet::new());
        for (asset, number) in assets.iter().zip(1..) {
            let symbol = asset.symbol.clone();
            if let Some(problem) = problem_of(asset) {
                return Err(AssetTableError::Invalid { number, symbol, problem });
            }
            if !symbols.insert(&asset.symbol) {
                return Err(AssetTableError::DuplicateSymbol { number, symbol });
            }
            for place in &asset.places {
                if !places.insert((place.chain, &place.locator)) {
                    return Err(AssetTableError::DuplicatePlace { number, symbol, place: place.to_string() });
                }
            }
        }
        Ok(Self(assets))
    }

    /// Refuses a table that the profile has no room for.
    pub fn fits(&self, profile: Profile) -> Result<(), AssetTableError> {
        let (limit, got) = (profile.max_assets, self.len());
        if got > limit {
            return Err(AssetTableError::TooMany { profile: profile.name, limit, got });
        }
        Ok(())
    }

    /// Number of assets (A).
    #[allow(clippy::len_without_is_empty)] // a table is never empty
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The assets in order of their ids.
    pub fn assets(&self) -> &[Asset] {
        &self.0
    }

    /// The asset with this id, if the table has it.
    pub fn asset(&self, id: AssetId) -> Option<&Asset> {
        self.0.get(id.index())
    }

    /// The id of a symbol.
    pub fn find(&self, symbol: &str) -> Option<AssetId> {
        self.0.iter().position(|asset| asset.symbol == symbol).and_then(AssetId::from_index)
    }

    /// The asset that lives at (chain, locator), with its place.
    pub fn find_place(&self, chain: Chain, locator: &Locator) -> Option<(AssetId, &Asset, &Place)> {
        self.0.iter().enumerate().find_map(|(index, asset)| {
            let place =
                asset.places.iter().find(|place| place.chain == chain && place.locator == *locator)?;
            Some((AssetId::from_index(index)?, asset, place))
        })
    }

    /// Digest of the canonical encoding.
    pub fn digest(&self) -> Digest {
        let mut writer = Writer::new();
        self.write(&mut writer);
        InjectiveHasher::new("solventry/asset-table/v1").field(writer.as_bytes()).finish()
    }

    /// Writes the table (SPEC, "Asset table").
    pub fn write(&self, writer: &mut Writer) {
        writer.count(self.0.len());
        for asset in &self.0 {
            writer.var_bytes(asset.symbol.as_bytes()).u8(asset.decimals).u32(asset.min_coverage_bps);
            writer.count(asset.places.len());
            for place in &asset.places {
                writer.u8(place.chain.code());
                write_locator(writer, &place.locator);
                writer.u8(place.decimals);
            }
        }
    }

    /// Reads and validates a table.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let count = reader.count(Profile::STANDARD.max_assets, 13, "asset count")?;
        let mut assets = Vec::with_capacity(count);
        for _ in 0..count {
            let symbol = reader.text(32, "asset symbol")?.to_owned();
            let (decimals, min_coverage_bps) = (reader.u8("asset decimals")?, reader.u32("asset coverage")?);
            let count = reader.count(Self::MAX_PLACES, 3, "asset places")?;
            let places = (0..count).map(|_| read_place(reader)).collect::<Result<_, _>>()?;
            assets.push(Asset { symbol, decimals, min_coverage_bps, places });
        }
        Self::new(assets).map_err(|_| reader.invalid("asset table", "not a valid asset table"))
    }
}

/// Writes a locator: a flag, and the contract where there is one.
pub fn write_locator(writer: &mut Writer, locator: &Locator) {
    match locator {
        Locator::Native => writer.u8(0),
        Locator::Contract(bytes) => writer.u8(1).var_bytes(bytes),
    };
}

/// Reads a locator for `chain`.
pub fn read_locator(reader: &mut Reader<'_>, chain: Chain) -> Result<Locator, CodecError> {
    match reader.u8("locator kind")? {
        0 => Ok(Locator::Native),
        1 => {
            let contract = reader.var_bytes(32, "contract")?;
            if !chain.accepts_contract(contract) {
                return Err(reader.invalid("contract", "wrong length for its chain"));
            }
            Ok(Locator::Contract(contract.to_vec()))
        }
        _ => Err(reader.invalid("locator kind", "expected 0 (native) or 1 (contract)")),
    }
}

/// Reads a chain code.
pub fn read_chain(reader: &mut Reader<'_>) -> Result<Chain, CodecError> {
    let code = reader.u8("chain")?;
    Chain::from_code(code).ok_or_else(|| reader.invalid("chain", "unknown chain"))
}

fn read_place(reader: &mut Reader<'_>) -> Result<Place, CodecError> {
    let chain = read_chain(reader)?;
    let locator = read_locator(reader, chain)?;
    Ok(Place { chain, locator, decimals: reader.u8("place decimals")? })
}

fn problem_of(asset: &Asset) -> Option<&'static str> {
    let symbol = asset.symbol.as_bytes();
    let visible = symbol.iter().all(|byte| byte.is_ascii_graphic() && !b",\"'`".contains(byte));
    let contract_fits = |place: &Place| match &place.locator {
        Locator::Native => true,
        Locator::Contract(bytes) => place.chain.accepts_contract(bytes),
    };
    if !(1..=32).contains(&symbol.len()) || !visible {
        Some("a symbol is 1 to 32 visible ASCII characters without comma or quote")
    } else if asset.decimals > AssetTable::MAX_DECIMALS {
        Some("at most 30 decimals")
    } else if !(1..1 << 20).contains(&asset.min_coverage_bps) {
        Some("minimum coverage is in basis points, from 1 to 1048575 (10000 means 100 %)")
    } else if asset.places.len() > AssetTable::MAX_PLACES {
        Some("at most 32 places")
    } else if asset.places.iter().any(|place| place.decimals > AssetTable::MAX_DECIMALS) {
        Some("at most 30 decimals on a chain")
    } else if !asset.places.iter().all(contract_fits) {
        Some("a contract has the wrong length for its chain")
    } else {
        None
    }
}

#[cfg(test)]
#[path = "asset_tests.rs"]
mod tests;
