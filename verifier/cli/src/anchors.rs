//! `solventry-verify anchors new`.

use solventry_verifier::{
    Anchors,
    anchors::{Attestors, FORMAT, Hex},
};

use crate::{
    args::AnchorsCommand,
    files,
    outcome::{Failure, Outcome},
};

/// Writes the anchors file.
pub fn run(command: AnchorsCommand) -> Result<(Outcome, String), (Failure, bool)> {
    let AnchorsCommand::New {
        entity_key,
        verifying_keys,
        headroom_keys,
        vaults,
        entity,
        attestors,
        quorum,
        classes,
        least_coverage,
        least_epoch,
        max_age,
        out,
    } = command;
    let write = || {
        let keys = attestors.iter().map(|key| bytes("--attestor", key)).collect::<Result<Vec<_>, _>>()?;
        let digests = |option: &str, list: &[String]| -> Result<Vec<_>, Failure> {
            list.iter().map(|digest| bytes(option, digest)).collect()
        };
        let anchors = Anchors {
            format: FORMAT.into(),
            entity: entity.clone(),
            entity_key: bytes("--entity-key", &entity_key)?,
            verifying_keys: digests("--verifying-keys", &verifying_keys)?,
            headroom_keys: digests("--headroom-key", &headroom_keys)?,
            vaults: digests("--vault", &vaults)?,
            attestors: Attestors {
                quorum: quorum.unwrap_or(keys.len()),
                keys,
                classes: Some(classes.clone()).filter(|classes| !classes.is_empty()),
            },
            least_coverage_bps: least_coverage,
            least_epoch,
            max_age_seconds: max_age,
        };
        let json = anchors.to_json().map_err(|error| Failure::Input(error.to_string()))?;
        files::write_new(&out, json.as_bytes())
    };
    write().map_err(|failure| (failure, false))?;
    Ok((Outcome::Valid, format!("wrote {}\n", out.display())))
}

fn bytes(option: &str, text: &str) -> Result<Hex<32>, Failure> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| {
        Failure::Input(format!("{option}: expected 64 hexadecimal digits, got {} characters", text.len()))
    })?;
    Ok(Hex(bytes))
}
