//! A venue's folder: secret key, public key, evaluation key, reference string, and `venue.json`.

use std::path::{Path, PathBuf};

use solventry_fhe_risk::{
    client::{Crs, PublicKey},
    keys::{EvaluationKey, SecretKey},
    parameters,
    plan::{InputKind, Market},
    wire::{CrsEntry, Digest, Provenance, Venue, VenueError},
};

use crate::files::{self, Access, FileError};

/// What a venue decides when it makes its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVenue {
    /// Name.
    pub name: String,
    /// Family of risk arrays.
    pub family: String,
    /// Bits, and kind of inputs.
    pub market: Market,
    /// Most values of a list: two for each instrument, one for each collateral asset.
    pub list_limit: usize,
    /// Serve more than 16 scenarios.
    pub is_large: bool,
}

/// A folder.
#[derive(Debug, Clone)]
pub struct VenueFolder(PathBuf);

impl VenueFolder {
    /// At a path; nothing is read yet.
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Makes all keys, and writes what is known to all last.
    pub fn create(&self, new: &NewVenue) -> Result<Venue, FileError> {
        let mut venue = Venue {
            format: Default::default(),
            name: new.name.clone(),
            family: new.family.clone(),
            market: new.market,
            list_limit: new.list_limit,
            is_large: new.is_large,
            parameters: Digest(parameters::digest()),
            public_key: Digest([0; 32]),
            evaluation_key: Digest([0; 32]),
            crs: None,
        };
        let has_proofs = new.market.inputs == InputKind::Public;
        if has_proofs {
            venue.crs = Some(CrsEntry { digest: Digest([0; 32]), provenance: Provenance::Development });
        }
        let invalid = |error: VenueError| FileError::new(&self.path("venue.json"), error);
        venue.validate().map_err(invalid)?;
        files::private_folder(&self.0)?;
        for name in ["secret.key", "public.key", "evaluation.key", "crs", "venue.json"] {
            let path = self.path(name);
            if path.symlink_metadata().is_ok() && !self.path("venue.json").exists() {
                let problem = "left by a keygen that was interrupted; remove the folder and run it again";
                return Err(FileError::new(&path, problem));
            }
            files::refuse_existing(&path)?;
        }
        let secret = SecretKey::generate();
        let public = secret.public_key();
        venue.public_key =
            files::write_with(&self.path("public.key"), Access::Public, |writer| public.write_to(writer))?;
        files::write_with(&self.path("secret.key"), Access::Private, |writer| {
            secret.write_to(&venue.public_key, writer)
        })?;
        let evaluation = EvaluationKey::generate(&secret, new.is_large);
        venue.evaluation_key = files::write_with(&self.path("evaluation.key"), Access::Public, |writer| {
            evaluation.write_to(writer)
        })?;
        if has_proofs {
            venue.crs = Some(self.create_crs(new)?);
        }
        files::write(&self.path("venue.json"), Access::Public, venue.to_json().as_bytes())?;
        Ok(venue)
    }

    fn create_crs(&self, new: &NewVenue) -> Result<CrsEntry, FileError> {
        let (path, provenance) = (self.path("crs"), Provenance::Development);
        let Market { bits, value_bits, .. } = new.market;
        let crs =
            Crs::generate(new.list_limit, bits, value_bits).map_err(|error| FileError::new(&path, error))?;
        let digest = files::write_with(&path, Access::Public, |writer| crs.write_to(provenance, writer))?;
        Ok(CrsEntry { digest, provenance })
    }

    /// What the venue publishes of itself.
    pub fn venue(&self) -> Result<Venue, FileError> {
        let path = self.path("venue.json");
        Venue::from_json(&files::read(&path, Venue::MAX_BYTES)?).map_err(|error| FileError::new(&path, error))
    }

    /// The secret key, if it is the venue's.
    pub fn secret(&self, venue: &Venue) -> Result<SecretKey, FileError> {
        let path = self.path("secret.key");
        let file = files::open(&path)?;
        files::require_private(&path)?;
        let (key, public) = SecretKey::read_from(file).map_err(|error| FileError::new(&path, error))?;
        if public != venue.public_key {
            return Err(FileError::new(&path, "the secret key of another venue than that of venue.json"));
        }
        Ok(key)
    }

    /// The public key, if it is the venue's.
    pub fn public_key(&self, venue: &Venue) -> Result<PublicKey, FileError> {
        let path = self.path("public.key");
        let (key, digest) =
            PublicKey::read_from(files::open(&path)?).map_err(|error| FileError::new(&path, error))?;
        require_digest(&path, venue.public_key, digest)?;
        Ok(key)
    }

    /// The evaluation key, if it is the venue's.
    pub fn evaluation_key(&self, venue: &Venue) -> Result<EvaluationKey, FileError> {
        let path = self.path("evaluation.key");
        let (key, digest) =
            EvaluationKey::read_from(files::open(&path)?).map_err(|error| FileError::new(&path, error))?;
        require_digest(&path, venue.evaluation_key, digest)?;
        Ok(key)
    }

    /// The reference string, if the venue has one and this is it.
    pub fn crs(&self, venue: &Venue) -> Result<Option<Crs>, FileError> {
        let Some(entry) = venue.crs else { return Ok(None) };
        let path = self.path("crs");
        let (crs, provenance, digest) = Crs::read_from(files::open(&path)?, venue.market, venue.list_limit)
            .map_err(|error| FileError::new(&path, error))?;
        require_digest(&path, entry.digest, digest)?;
        if provenance != entry.provenance {
            return Err(FileError::new(&path, "its provenance is not the one that venue.json states"));
        }
        Ok(Some(crs))
    }

    /// A file of the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

fn require_digest(path: &Path, expected: Digest, got: Digest) -> Result<(), FileError> {
    if expected == got {
        return Ok(());
    }
    let problem = format!(
        "expected the file with digest {expected}, which venue.json names, got {got}; was it replaced?"
    );
    Err(FileError::new(path, problem))
}
