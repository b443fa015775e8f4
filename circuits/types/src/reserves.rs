//! Reserve evidence: public lists and attested commitments.

use ark_bn254::G1Affine;

use crate::{
    amount::Total,
    asset::{AssetId, AssetTable, read_chain, read_locator, write_locator},
    codec::{CodecError, Reader, Writer},
    digest::{Digest, InjectiveHasher},
    place::{Chain, Locator},
};

/// One account on a chain, with what is claimed to lie there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReserveEntry {
    /// The chain.
    pub chain: Chain,
    /// The asset as the chain calls it; must be a place of the asset table.
    pub locator: Locator,
    /// Canonical account: output script, 20 or 32 bytes.
    pub account: Vec<u8>,
    /// Amount in chain units.
    pub chain_units: u128,
}

/// Whether text names an attested class: 1 to 64 visible ASCII characters or inner blanks.
pub fn is_class_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.trim() == text
        && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

/// An attestor's signature over one attested class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestorSignature {
    /// Ed25519 public key of the attestor.
    pub attestor: [u8; 32],
    /// Ed25519 signature of [`attested_message`].
    pub signature: [u8; 64],
}

/// One class of reserves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReserveClass {
    /// A public list; unique by (chain, account, locator), sorted by it.
    Public(Vec<ReserveEntry>),
    /// A hidden commitment that attestors vouch for.
    Attested {
        /// Name of the class, 1 to 64 bytes of visible ASCII or blanks.
        name: String,
        /// C_R,i.
        commitment: G1Affine,
        /// Signatures, sorted by attestor key, one each.
        signatures: Vec<AttestorSignature>,
    },
}

/// The evidence of an epoch: its classes in file order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReserveEvidence {
    /// Classes; at most one public one, and attested ones with distinct names.
    pub classes: Vec<ReserveClass>,
}

/// Why evidence is not well formed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReserveError {
    /// (chain, locator) is no place of the table.
    #[error(
        "reserve entry {entry}: no asset of the table lives at {chain}/{locator}; add the place to assets.csv"
    )]
    UnknownPlace {
        /// Number of the entry, from 1.
        entry: usize,
        /// The chain.
        chain: Chain,
        /// `native` or the contract in hexadecimal.
        locator: String,
    },
    /// The account bytes are not canonical for the chain.
    #[error("reserve entry {entry}: the account has the wrong length for {chain}")]
    Account {
        /// Number of the entry, from 1.
        entry: usize,
        /// The chain.
        chain: Chain,
    },
    /// Entries not sorted or not unique.
    #[error("reserve entry {entry}: (chain, account, asset) repeats an earlier entry or is out of order")]
    DuplicateEntry {
        /// Number of the entry, from 1.
        entry: usize,
    },
    /// A sum over 2^96.
    #[error("reserve entry {entry}: the reserves of its asset exceed 2^96 units")]
    Overflow {
        /// Number of the entry, from 1.
        entry: usize,
    },
    /// Classes named twice, or a bad name.
    #[error(
        "reserve classes: at most one public list; attested names are distinct, 1 to 64 visible characters"
    )]
    Classes,
    /// Signatures not sorted or not unique.
    #[error("reserve class {class}: signatures must be sorted by attestor, one each")]
    Signatures {
        /// Name of the class.
        class: String,
    },
}

impl ReserveEvidence {
    /// Most classes.
    pub const MAX_CLASSES: usize = 64;
    /// Most entries of a public list.
    pub const MAX_ENTRIES: usize = 1 << 20;
    /// Most signatures of one class.
    pub const MAX_SIGNATURES: usize = 64;

    /// Checks shape and order, and sums the public list per asset (in table order), each entry
    /// converted to listed units and rounded down.
    pub fn public_totals(&self, assets: &AssetTable) -> Result<Vec<Total>, ReserveError> {
        let mut totals = vec![Total::ZERO; assets.len()];
        let mut names = Vec::new();
        for class in &self.classes {
            match class {
                ReserveClass::Public(entries) => {
                    names.push("");
                    add_entries(entries, assets, &mut totals)?;
                }
                ReserveClass::Attested { name, signatures, .. } => {
                    if !is_class_name(name) {
                        return Err(ReserveError::Classes);
                    }
                    names.push(name);
                    if !signatures.is_sorted_by(|a, b| a.attestor < b.attestor) {
                        return Err(ReserveError::Signatures { class: name.clone() });
                    }
                }
            }
        }
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            Err(ReserveError::Classes)
        } else {
            Ok(totals)
        }
    }

    /// Commitments of the attested classes, in order.
    pub fn attested(&self) -> impl Iterator<Item = G1Affine> + '_ {
        self.classes.iter().filter_map(|class| match class {
            ReserveClass::Attested { commitment, .. } => Some(*commitment),
            ReserveClass::Public(_) => None,
        })
    }

    /// Digest of the canonical encoding; absorbed by the coverage transcript.
    pub fn digest(&self) -> Digest {
        let mut writer = Writer::new();
        self.write(&mut writer);
        InjectiveHasher::new("solventry/reserve-evidence/v1").field(writer.as_bytes()).finish()
    }

    /// Writes the evidence (SPEC, "Reserve evidence").
    pub fn write(&self, writer: &mut Writer) {
        writer.count(self.classes.len());
        for class in &self.classes {
            match class {
                ReserveClass::Public(entries) => {
                    writer.u8(0).count(entries.len());
                    entries.iter().for_each(|entry| write_entry(writer, entry));
                }
                ReserveClass::Attested { name, commitment, signatures } => {
                    writer.u8(1).var_bytes(name.as_bytes()).g1(commitment).count(signatures.len());
                    for signature in signatures {
                        writer.bytes(&signature.attestor).bytes(&signature.signature);
                    }
                }
            }
        }
    }

    /// Reads evidence; shape and order are checked by [`Self::public_totals`].
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let count = reader.count(Self::MAX_CLASSES, 5, "reserve classes")?;
        let mut classes: Vec<ReserveClass> = Vec::new();
        for _ in 0..count {
            let class = read_class(reader)?;
            let public = |class: &ReserveClass| matches!(class, ReserveClass::Public(_));
            if public(&class) && classes.iter().any(public) {
                return Err(reader.invalid("reserve classes", "more than one public list"));
            }
            classes.push(class);
        }
        Ok(Self { classes })
    }
}

/// What an attestor's signature is about, besides class and commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttestedEpoch {
    /// Digest of the epoch context.
    pub context: Digest,
    /// Digest of the liabilities commitments, which were published before reserves were gathered.
    pub liabilities: Digest,
    /// Digest of the bases under which the commitment opens to what the attestor saw.
    pub reserve_bases: Digest,
}

/// What an attestor signs.
pub fn attested_message(epoch: &AttestedEpoch, class: &str, commitment: &G1Affine) -> Digest {
    let mut point = Writer::new();
    InjectiveHasher::new("solventry/attested-reserves/v1")
        .field(&epoch.context.0)
        .field(&epoch.liabilities.0)
        .field(class.as_bytes())
        .field(point.g1(commitment).as_bytes())
        .field(&epoch.reserve_bases.0)
        .finish()
}

/// Chain units to listed units, rounded down. `None`: over 128 bits.
pub fn listed_units(chain_units: u128, chain_decimals: u8, listed_decimals: u8) -> Option<u128> {
    match listed_decimals.checked_sub(chain_decimals) {
        Some(more) => 10u128.checked_pow(more.into())?.checked_mul(chain_units),
        None => {
            let fewer = chain_decimals.saturating_sub(listed_decimals);
            chain_units.checked_div(10u128.checked_pow(fewer.into())?)
        }
    }
}

fn add_entries(
    entries: &[ReserveEntry],
    assets: &AssetTable,
    totals: &mut [Total],
) -> Result<(), ReserveError> {
    let mut last = None;
    for (entry, number) in entries.iter().zip(1..) {
        let key = (entry.chain, &entry.account, &entry.locator);
        if last.is_some_and(|last| last >= key) {
            return Err(ReserveError::DuplicateEntry { entry: number });
        }
        last = Some(key);
        if !entry.chain.accepts_account(&entry.account) {
            return Err(ReserveError::Account { entry: number, chain: entry.chain });
        }
        let (id, units) = listed(entry, assets, number)?;
        let total = totals.get_mut(id.index()).ok_or(ReserveError::Overflow { entry: number })?;
        *total = total.add(units).map_err(|_| ReserveError::Overflow { entry: number })?;
    }
    Ok(())
}

fn listed(
    entry: &ReserveEntry,
    assets: &AssetTable,
    number: usize,
) -> Result<(AssetId, Total), ReserveError> {
    let (id, asset, place) = assets.find_place(entry.chain, &entry.locator).ok_or_else(|| {
        let locator = match &entry.locator {
            Locator::Native => "native".to_owned(),
            Locator::Contract(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        };
        ReserveError::UnknownPlace { entry: number, chain: entry.chain, locator }
    })?;
    let units = listed_units(entry.chain_units, place.decimals, asset.decimals);
    let total = units.and_then(|units| Total::from_units(units).ok());
    Ok((id, total.ok_or(ReserveError::Overflow { entry: number })?))
}

fn write_entry(writer: &mut Writer, entry: &ReserveEntry) {
    writer.u8(entry.chain.code());
    write_locator(writer, &entry.locator);
    writer.var_bytes(&entry.account).u128(entry.chain_units);
}

fn read_entry(reader: &mut Reader<'_>) -> Result<ReserveEntry, CodecError> {
    let chain = read_chain(reader)?;
    let locator = read_locator(reader, chain)?;
    let account = reader.var_bytes(42, "reserve account")?.to_vec();
    Ok(ReserveEntry { chain, locator, account, chain_units: reader.u128("reserve amount")? })
}

fn read_class(reader: &mut Reader<'_>) -> Result<ReserveClass, CodecError> {
    match reader.u8("reserve class kind")? {
        0 => {
            let count = reader.count(ReserveEvidence::MAX_ENTRIES, 22, "reserve entries")?;
            (0..count).map(|_| read_entry(reader)).collect::<Result<_, _>>().map(ReserveClass::Public)
        }
        1 => {
            let name = reader.text(64, "reserve class name")?.to_owned();
            let commitment = reader.g1("reserve commitment")?;
            let count = reader.count(ReserveEvidence::MAX_SIGNATURES, 96, "attestor signatures")?;
            let signatures = (0..count).map(|_| read_signature(reader)).collect::<Result<_, _>>()?;
            Ok(ReserveClass::Attested { name, commitment, signatures })
        }
        _ => Err(reader.invalid("reserve class kind", "expected 0 (public list) or 1 (attested)")),
    }
}

fn read_signature(reader: &mut Reader<'_>) -> Result<AttestorSignature, CodecError> {
    Ok(AttestorSignature {
        attestor: reader.array("attestor key")?,
        signature: reader.array("attestor signature")?,
    })
}
