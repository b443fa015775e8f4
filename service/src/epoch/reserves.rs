//! Second step: public list, openings for attestors, their signatures.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use solventry_prover::{keys::ProvingKeys, reserves::ReserveOpening};
use solventry_types::{
    EpochContext, Total,
    codec::{Reader, Writer},
    reserves::{AttestorSignature, ReserveClass, ReserveEntry, ReserveEvidence, is_class_name},
};
use solventry_verifier::anchors::Hex;

use super::{EpochError, commit::published_digest};
use crate::store::{
    StoreError,
    epoch_folder::EpochFolder,
    files::{self, Access},
};

/// An attestor's signature as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureFile {
    /// Always `solventry-reserve-signature-v1`.
    pub format: String,
    /// Name of the class.
    pub class: String,
    /// Ed25519 public key of the attestor.
    pub attestor: Hex<32>,
    /// The signature.
    pub signature: Hex<64>,
}

/// Value of [`SignatureFile::format`].
pub const SIGNATURE_FORMAT: &str = "solventry-reserve-signature-v1";

/// Keeps the public list of an epoch; replaces an earlier one.
pub fn import_public(folder: &EpochFolder, entries: Vec<ReserveEntry>) -> Result<(), EpochError> {
    let mut writer = Writer::new();
    ReserveEvidence { classes: vec![ReserveClass::Public(entries)] }.write(&mut writer);
    let path = path(folder, "public")?;
    if path.exists() && files::read(&path, solventry_types::Attestation::MAX_BYTES)? == writer.as_bytes() {
        return Ok(());
    }
    refuse_sealed(folder)?;
    Ok(files::write(&path, Access::Private, writer.as_bytes())?)
}

/// Makes and keeps the opening of an attested class.
pub fn open_class(
    folder: &EpochFolder,
    keys: &ProvingKeys,
    class: &str,
    reserves: Vec<Total>,
) -> Result<ReserveOpening, EpochError> {
    refuse_sealed(folder)?;
    let (_, context) = folder.begun()?;
    let problem = |problem| EpochError::Class { class: class.to_owned(), problem };
    if !is_class_name(class) {
        return Err(problem("a name is 1 to 64 visible ASCII characters, blanks inside allowed"));
    }
    let path = class_path(folder, class, "opening")?;
    if let Some(opened) = openings(folder, &context)?.into_iter().find(|opening| opening.class == class) {
        // The same amounts again: the opening is only written out once more.
        let advice =
            "it was opened with other amounts, and may have been signed; use another name or a new epoch";
        return if opened.reserves == reserves { Ok(opened) } else { Err(problem(advice)) };
    }
    let liabilities = published_digest(folder, &context)?;
    let opening = ReserveOpening::new(keys, context, liabilities, class, reserves);
    files::write(&path, Access::Private, &opening.encode())?;
    Ok(opening)
}

/// Keeps an attestor's signature if it verifies for the class's commitment in this epoch.
pub fn import_signature(folder: &EpochFolder, file: &SignatureFile) -> Result<(), EpochError> {
    refuse_sealed(folder)?;
    let (_, context) = folder.begun()?;
    let problem = |problem| EpochError::Class { class: file.class.clone(), problem };
    if file.format != SIGNATURE_FORMAT {
        return Err(problem("the signature file has another format than solventry-reserve-signature-v1"));
    }
    let opening = openings(folder, &context)?.into_iter().find(|opening| opening.class == file.class);
    let opening = opening.ok_or_else(|| problem("no such class; open it with `solventry reserves open`"))?;
    let signature = AttestorSignature { attestor: file.attestor.0, signature: file.signature.0 };
    if !opening.verifies(&signature) {
        return Err(problem("the signature does not verify for this epoch, class and commitment"));
    }
    let name = format!("{}.signature", hex::encode(signature.attestor));
    let mut bytes = signature.attestor.to_vec();
    bytes.extend(signature.signature);
    Ok(files::write(&class_path(folder, &file.class, &name)?, Access::Private, &bytes)?)
}

/// Everything gathered so far: evidence, and the openings of its attested classes in order.
pub fn gathered(
    folder: &EpochFolder,
    context: &EpochContext,
) -> Result<(ReserveEvidence, Vec<ReserveOpening>), EpochError> {
    let mut evidence = ReserveEvidence::default();
    let public = path(folder, "public")?;
    if public.exists() {
        let bytes = files::read(&public, solventry_types::Attestation::MAX_BYTES)?;
        let damaged = |error| StoreError::new(&public, error);
        let mut reader = Reader::new(&bytes, bytes.len()).map_err(damaged)?;
        evidence = ReserveEvidence::read(&mut reader).map_err(damaged)?;
        reader.finish().map_err(damaged)?;
    }
    let openings = openings(folder, context)?;
    for opening in &openings {
        let mut signatures = signatures(folder, &opening.class)?;
        signatures.sort_by_key(|signature| signature.attestor);
        let (name, commitment) = (opening.class.clone(), opening.commitment());
        evidence.classes.push(ReserveClass::Attested { name, commitment, signatures });
    }
    if evidence.classes.is_empty() { Err(EpochError::NoReserves) } else { Ok((evidence, openings)) }
}

/// Openings kept for the epoch, in order of their names.
pub fn openings(folder: &EpochFolder, context: &EpochContext) -> Result<Vec<ReserveOpening>, EpochError> {
    let mut openings = Vec::new();
    for path in files_ending(folder, ".opening")? {
        let bytes = files::read(&path, ReserveOpening::MAX_BYTES)?;
        let opening = ReserveOpening::decode(&bytes).map_err(|error| StoreError::new(&path, error))?;
        if opening.context != *context {
            return Err(StoreError::new(&path, "the opening is of another epoch").into());
        }
        openings.push(opening);
    }
    openings.sort_by(|a, b| a.class.cmp(&b.class));
    Ok(openings)
}

fn signatures(folder: &EpochFolder, class: &str) -> Result<Vec<AttestorSignature>, EpochError> {
    let prefix = format!("{}.", slug(class));
    let mut signatures = Vec::new();
    for path in files_ending(folder, ".signature")? {
        if !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix)) {
            continue;
        }
        let bytes = files::read(&path, 96)?;
        let (attestor, signature) = bytes.split_at_checked(32).unwrap_or_default();
        let damaged = |_| StoreError::new(&path, "expected 96 bytes");
        signatures.push(AttestorSignature {
            attestor: attestor.try_into().map_err(damaged)?,
            signature: signature.try_into().map_err(damaged)?,
        });
    }
    Ok(signatures)
}

/// A sealed epoch takes no more reserves: its attestation is out.
fn refuse_sealed(folder: &EpochFolder) -> Result<(), EpochError> {
    let path = folder.path("attestation.solv");
    if path.exists() {
        return Err(StoreError::new(&path, "the epoch is sealed; reserves go into the next one").into());
    }
    Ok(())
}

fn files_ending(folder: &EpochFolder, ending: &str) -> Result<Vec<PathBuf>, EpochError> {
    let root = path(folder, "")?;
    let failed = |error| StoreError::new(&root, error);
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(&root).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if name.ends_with(ending) && !name.starts_with('.') {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn class_path(folder: &EpochFolder, class: &str, ending: &str) -> Result<PathBuf, EpochError> {
    path(folder, &format!("{}.{ending}", slug(class)))
}

/// Hexadecimal of the name: distinct names never share files.
fn slug(class: &str) -> String {
    hex::encode(class)
}

fn path(folder: &EpochFolder, name: &str) -> Result<PathBuf, EpochError> {
    let root = folder.path("reserves");
    files::private_folder(&root)?;
    Ok(root.join(name))
}
