//! Golden files: what one version wrote, every later version verifies, for ever.
//!
//! `tests/vectors/v<format>/<name>/` holds `attestation.bin`, `anchors.json`, `inclusion.bin` and
//! `account.txt` (the id that the customer types). New ones are written, under the version of the
//! format, by
//!
//! ```text
//! cargo test --release -p solventry-tests --test it -- --ignored write_golden_files
//! ```
//!
//! Files of a released version are never written again. `headroom/` holds a headroom proof and the
//! same as snarkjs's JSON, which snarkjs itself accepted (`circuits/oracle/snarkjs.sh`).

use std::{
    fs,
    path::{Path, PathBuf},
};

use solventry_policy::PolicyVerifyingKey;
use solventry_protocol::{SigningEvidence, verify_signing};
use solventry_types::{AccountId, Attestation, InclusionFile};
use solventry_verifier::{Anchors, headroom::HeadroomFile, snarkjs, verify_attestation, verify_inclusion};

use crate::support::{
    evil_signing::complete,
    fixture::{Fixture, NOW, fixture},
    headroom::headroom,
    signing::desk,
};

/// Folder of the headroom proof of a version.
const HEADROOM: &str = "headroom";
/// Folder of the signing evidence of a version, with its attestation and anchors.
const SIGNING: &str = "signing";

#[test]
fn golden_files_verify() {
    let mut verified = 0;
    for version in folders(&vectors()) {
        for vector in folders(&version).iter().filter(|f| !f.ends_with(HEADROOM) && !f.ends_with(SIGNING)) {
            verify(vector);
            verified += 1;
        }
    }
    println!("{verified} golden attestations with inclusion verified");
    assert!(verified >= 2, "golden files are missing");
}

fn verify(folder: &Path) {
    let read = |name: &str| {
        fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{}/{name}: {error}", folder.display()))
    };
    let anchors = Anchors::from_json(&read("anchors.json")).unwrap();
    let bytes = read("attestation.bin");
    let verified = verify_attestation(&bytes, &anchors, NOW)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    assert_eq!(verified.attestation().encode(), bytes, "canonical");
    let id = String::from_utf8(read("account.txt")).unwrap();
    let id = AccountId::new(id.trim_end()).unwrap();
    let included = verify_inclusion(&read("inclusion.bin"), &verified, &id)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    assert_eq!(included.holdings().len(), 10);
}

/// See the head of this file.
#[test]
#[ignore = "writes the golden files of the current format"]
fn write_golden_files() {
    let fixture = fixture();
    let inclusion = fixture.inclusion(Fixture::CUSTOMER);
    for (name, attestation) in [("public", &fixture.public), ("attested", &fixture.attested)] {
        let folder = vectors().join(format!("v{}", Attestation::MAGIC.version)).join(name);
        fs::create_dir_all(&folder).unwrap();
        let inclusion = InclusionFile { attestation: attestation.digest(), ..inclusion.clone() };
        let id = format!("{}\n", fixture.account_id(Fixture::CUSTOMER).as_str());
        fs::write(folder.join("attestation.bin"), attestation.encode()).unwrap();
        fs::write(folder.join("inclusion.bin"), inclusion.encode()).unwrap();
        fs::write(folder.join("anchors.json"), fixture.anchors.to_json().unwrap()).unwrap();
        fs::write(folder.join("account.txt"), id).unwrap();
        verify(&folder);
    }
}

#[test]
fn golden_headroom_proofs_verify() {
    let folders: Vec<PathBuf> =
        folders(&vectors()).iter().map(|version| version.join(HEADROOM)).filter(|f| f.is_dir()).collect();
    folders.iter().for_each(|folder| verify_headroom(folder));
    println!("{} golden headroom proofs verified", folders.len());
    assert!(!folders.is_empty(), "golden files are missing");
}

fn verify_headroom(folder: &Path) {
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let bytes = read("proof.headroom");
    let file = HeadroomFile::decode(&bytes).unwrap();
    file.holds_alone().unwrap();
    assert_eq!((file.encode(), bytes.len()), (bytes, HeadroomFile::BYTES), "canonical");
    let json = ["proof.json", "public.json", "verification_key.json"].map(read);
    let written = snarkjs::export(&file);
    let written = [written.proof, written.public, written.verification_key].map(String::into_bytes);
    assert_eq!(written, json, "written as snarkjs writes it");
    assert_eq!(snarkjs::import(&json[0], &json[1], &json[2]), Ok(file), "and read back");
}

/// See the head of this file.
#[test]
#[ignore = "writes the golden headroom proof of the current format"]
fn write_golden_headroom() {
    let file = &headroom().honest;
    let folder = vectors().join(format!("v{}", HeadroomFile::MAGIC.version)).join(HEADROOM);
    fs::create_dir_all(&folder).unwrap();
    let json = snarkjs::export(file);
    fs::write(folder.join("proof.headroom"), file.encode()).unwrap();
    fs::write(folder.join("proof.json"), json.proof).unwrap();
    fs::write(folder.join("public.json"), json.public).unwrap();
    fs::write(folder.join("verification_key.json"), json.verification_key).unwrap();
    verify_headroom(&folder);
}

#[test]
fn golden_signing_evidence_verifies() {
    let folders: Vec<PathBuf> =
        folders(&vectors()).iter().map(|version| version.join(SIGNING)).filter(|f| f.is_dir()).collect();
    folders.iter().for_each(|folder| verify_evidence(folder));
    println!("{} golden signing evidence files verified", folders.len());
    assert!(!folders.is_empty(), "golden files are missing");
}

fn verify_evidence(folder: &Path) {
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let anchors = Anchors::from_json(&read("anchors.json")).unwrap();
    let attestation = verify_attestation(&read("attestation.bin"), &anchors, NOW).unwrap();
    let (bytes, key) = (read("evidence.bin"), PolicyVerifyingKey::generate().unwrap());
    let verified = verify_signing(&bytes, &attestation, &anchors, &key).unwrap();
    assert_eq!(verified.evidence().encode(), bytes, "canonical");
    assert_eq!(verified.missing(), vec![], "decided and signed");
}

/// See the head of this file.
#[test]
#[ignore = "writes the golden signing evidence of the current format"]
fn write_golden_signing_evidence() {
    let folder = vectors().join(format!("v{}", SigningEvidence::MAGIC.version)).join(SIGNING);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("attestation.bin"), desk().attestation.attestation().encode()).unwrap();
    fs::write(folder.join("anchors.json"), desk().anchors.to_json().unwrap()).unwrap();
    fs::write(folder.join("evidence.bin"), complete().encode()).unwrap();
    verify_evidence(&folder);
}

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).unwrap_or_else(|error| panic!("{}: {error}", parent.display()));
    let mut folders: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}
