//! What a venue sends to an engine: `venue.json`, public key, reference string, evaluation key, each
//! behind its length. About 330 MB: written and read as a stream, checked by digest on the way.

use std::io::{Read, Take, Write};

use solventry_fhe_risk::{
    client::{Crs, PublicKey},
    keys::EvaluationKey,
    wire::{Digest, Venue, VenueError, WireError},
};

use crate::{
    files::{self, FileError},
    venue::VenueFolder,
};

/// First bytes, with the version.
const MAGIC: [u8; 10] = *b"SOLVFMB\n\x01\x00";
/// Bytes before the venue file.
const HEAD: usize = MAGIC.len() + 8;

/// Why a bundle is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Not one.
    #[error("expected a bundle of a venue, version 1, but its first bytes differ (is it another file?)")]
    Kind,
    /// A part.
    #[error("{part} of the bundle: expected {least} to {most} bytes, got {got}")]
    Length {
        /// Which.
        part: &'static str,
        /// At least.
        least: u64,
        /// At most.
        most: u64,
        /// Got.
        got: u64,
    },
    /// The venue file.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// A key.
    #[error("{part} of the bundle: {error}")]
    Wire {
        /// Which.
        part: &'static str,
        /// Why.
        error: WireError,
    },
    /// Another part than the venue file names.
    #[error("{part} of the bundle: expected digest {expected}, which its venue file names, got {got}")]
    Digest {
        /// Which.
        part: &'static str,
        /// Named.
        expected: Digest,
        /// Got.
        got: Digest,
    },
    /// More bytes.
    #[error("the bundle goes on behind its evaluation key")]
    Trailing,
    /// Reading failed.
    #[error("reading the bundle: {0}")]
    Io(#[from] std::io::Error),
}

/// A venue as its engine has it.
pub struct Bundle {
    /// The venue file.
    pub venue: Venue,
    /// For re-randomisation and proofs.
    pub public_key: PublicKey,
    /// For proofs.
    pub crs: Option<Crs>,
    /// For evaluation.
    pub evaluation_key: EvaluationKey,
}

/// Longest bundle of a venue, in bytes.
pub fn max_bytes(venue: &Venue) -> u64 {
    let crs = if venue.crs.is_some() { Crs::MAX_BYTES + 1024 } else { 0 };
    let keys = PublicKey::FILE_BYTES + EvaluationKey::file_bytes(venue.is_large);
    (HEAD + Venue::MAX_BYTES + 3 * 8) as u64 + keys + crs
}

/// Writes the bundle of a folder.
pub fn write(folder: &VenueFolder, mut writer: impl Write) -> Result<(), FileError> {
    let path = folder.path("venue.json");
    let failed = |error: std::io::Error| FileError::new(&path, error);
    writer.write_all(&MAGIC).map_err(failed)?;
    let venue = folder.venue()?;
    for name in ["venue.json", "public.key", "crs", "evaluation.key"] {
        if name == "crs" && venue.crs.is_none() {
            writer.write_all(&0u64.to_le_bytes()).map_err(failed)?;
            continue;
        }
        let mut file = files::open(&folder.path(name))?;
        let length = file.metadata().map_err(failed)?.len();
        writer.write_all(&length.to_le_bytes()).map_err(failed)?;
        std::io::copy(&mut file, &mut writer).map_err(failed)?;
    }
    writer.flush().map_err(failed)
}

/// The venue at the beginning of a bundle, as soon as enough of it is there.
pub fn head(bytes: &[u8]) -> Result<Option<Venue>, BundleError> {
    let known = bytes.len().min(MAGIC.len());
    if bytes[..known] != MAGIC[..known] {
        return Err(BundleError::Kind);
    }
    let Some((length, rest)) = bytes.get(MAGIC.len()..).and_then(|rest| rest.split_first_chunk()) else {
        return Ok(None);
    };
    let length = require_length("the venue file", u64::from_le_bytes(*length), 1, Venue::MAX_BYTES as u64)?;
    rest.get(..length as usize).map(Venue::from_json).transpose().map_err(BundleError::from)
}

/// Reads a bundle as a stream; every part must be the one that its venue file names.
pub fn read(mut reader: impl Read) -> Result<Bundle, BundleError> {
    let mut magic = [0; MAGIC.len()];
    reader.read_exact(&mut magic)?;
    if magic != MAGIC {
        return Err(BundleError::Kind);
    }
    let mut json = Vec::new();
    part(&mut reader, "the venue file", 1, Venue::MAX_BYTES as u64)?.read_to_end(&mut json)?;
    let venue = Venue::from_json(&json)?;
    let name = "the public key";
    let input = part(&mut reader, name, PublicKey::FILE_BYTES, PublicKey::FILE_BYTES)?;
    let (public_key, digest) = PublicKey::read_from(input).map_err(wire(name))?;
    require_digest(name, venue.public_key, digest)?;
    let crs = read_crs(&mut reader, &venue)?;
    let (name, bytes) = ("the evaluation key", EvaluationKey::file_bytes(venue.is_large));
    let input = part(&mut reader, name, bytes, bytes)?;
    let (evaluation_key, digest) = EvaluationKey::read_from(input).map_err(wire(name))?;
    require_digest(name, venue.evaluation_key, digest)?;
    match reader.read(&mut [0])? {
        0 => Ok(Bundle { venue, public_key, crs, evaluation_key }),
        _ => Err(BundleError::Trailing),
    }
}

fn read_crs(reader: &mut impl Read, venue: &Venue) -> Result<Option<Crs>, BundleError> {
    let name = "the reference string";
    let Some(entry) = venue.crs else {
        part(reader, name, 0, 0)?;
        return Ok(None);
    };
    let mut bytes = Vec::new();
    part(reader, name, 1, Crs::MAX_BYTES + 1024)?.read_to_end(&mut bytes)?;
    // Before its points are looked at, which takes long.
    require_digest(name, entry.digest, Digest::of(&bytes))?;
    let (crs, provenance, _) =
        Crs::read_from(bytes.as_slice(), venue.market, venue.list_limit).map_err(wire(name))?;
    if provenance == entry.provenance { Ok(Some(crs)) } else { Err(BundleError::Kind) }
}

fn part<'a, R: Read>(
    reader: &'a mut R,
    name: &'static str,
    least: u64,
    most: u64,
) -> Result<Take<&'a mut R>, BundleError> {
    let mut length = [0; 8];
    reader.read_exact(&mut length)?;
    let length = require_length(name, u64::from_le_bytes(length), least, most)?;
    Ok(reader.take(length))
}

fn require_length(part: &'static str, got: u64, least: u64, most: u64) -> Result<u64, BundleError> {
    if (least..=most).contains(&got) { Ok(got) } else { Err(BundleError::Length { part, least, most, got }) }
}

fn require_digest(part: &'static str, expected: Digest, got: Digest) -> Result<(), BundleError> {
    if expected == got { Ok(()) } else { Err(BundleError::Digest { part, expected, got }) }
}

fn wire(part: &'static str) -> impl Fn(WireError) -> BundleError {
    move |error| match error {
        WireError::Io { error, .. } => error.into(),
        error => BundleError::Wire { part, error },
    }
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;
