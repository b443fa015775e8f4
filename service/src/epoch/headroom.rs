//! Headroom of a sealed epoch, one proof per transaction.

use solventry_prover::{
    headroom::{HeadroomKeys, HeadroomSecrets, prove_headroom},
    seal::self_check,
};
use solventry_types::{AssetId, AssetTable, Attestation, Total, amount::decimal};
use solventry_verifier::{VerifiedAttestation, headroom::HeadroomFile};

use super::{EpochError, reserves};
use crate::{
    ledger::DecimalText,
    store::{StoreError, epoch_folder::EpochFolder},
};

/// Proves that `outflow` (a decimal number of whole coins) of the asset with this symbol may have
/// left since the snapshot of a sealed epoch.
pub fn headroom(
    folder: &EpochFolder,
    keys: &HeadroomKeys,
    symbol: &str,
    outflow: &str,
) -> Result<HeadroomFile, EpochError> {
    let (_, context) = folder.begun()?;
    let (asset, outflow) = amount(&context.assets, symbol, outflow)?;
    headroom_of(folder, &sealed(folder)?, keys, asset, outflow)
}

/// The attestation that an epoch sealed, verified.
pub fn sealed(folder: &EpochFolder) -> Result<VerifiedAttestation, EpochError> {
    let (_, context) = folder.begun()?;
    let bytes = folder.sealed()?.ok_or(EpochError::NotSealed { epoch: context.epoch })?;
    let path = folder.path("attestation.solv");
    let damaged = |error: &dyn std::fmt::Display| {
        StoreError::new(&path, format!("the sealed attestation is damaged: {error}"))
    };
    let attestation = Attestation::decode(&bytes).map_err(|error| damaged(&error))?;
    let verified = self_check(&attestation).map_err(|error| damaged(&error))?;
    if attestation.context != context {
        return Err(EpochError::OtherAttestation { got: attestation.context.epoch });
    }
    Ok(verified)
}

/// Headroom of an asset of the epoch's table, in listed units; `attestation` is what [`sealed`]
/// gave.
pub fn headroom_of(
    folder: &EpochFolder,
    attestation: &VerifiedAttestation,
    keys: &HeadroomKeys,
    asset: AssetId,
    outflow: Total,
) -> Result<HeadroomFile, EpochError> {
    let (state, context) = folder.begun()?;
    let liabilities = state.totals().map_err(|error| StoreError::new(&folder.path("state"), error))?;
    let openings = reserves::openings(folder, &context)?;
    let secrets = HeadroomSecrets::new(attestation.attestation(), &liabilities, &openings, &state.secret())?;
    Ok(prove_headroom(keys, &secrets, asset, outflow)?)
}

/// The asset of a table and an exact number of its listed units.
fn amount(assets: &AssetTable, symbol: &str, text: &str) -> Result<(AssetId, Total), EpochError> {
    let index = assets.assets().iter().position(|asset| asset.symbol == symbol);
    let symbols = || assets.assets().iter().map(|asset| asset.symbol.as_str()).collect::<Vec<_>>().join(", ");
    let unknown = || EpochError::UnknownAsset { symbol: symbol.to_owned(), symbols: symbols() };
    let index = index.ok_or_else(unknown)?;
    let (asset, listed) = AssetId::from_index(index).zip(assets.assets().get(index)).ok_or_else(unknown)?;
    let outflow = |problem: String| EpochError::Outflow { symbol: symbol.to_owned(), problem };
    let number = DecimalText::parse(text).map_err(|error| outflow(error.to_string()))?;
    let decimals = listed.decimals;
    if number.decimals() > decimals {
        let problem = format!(
            "expected at most {decimals} decimals, came {}; round up to the listed unit, as the outflow is charged",
            number.decimals()
        );
        return Err(outflow(problem));
    }
    let most = (1u128 << Total::BITS).wrapping_sub(1);
    let total = number.exact_units(decimals).and_then(|units| Total::from_units(units).ok());
    let total = total.ok_or_else(|| outflow(format!("expected at most {}", decimal(most, decimals))))?;
    Ok((asset, total))
}

#[cfg(test)]
mod tests {
    use solventry_types::Asset;

    use super::*;

    #[test]
    fn an_outflow_is_exact_and_of_a_listed_asset() {
        let asset = |symbol: &str, decimals| Asset {
            symbol: symbol.into(),
            decimals,
            min_coverage_bps: 10_000,
            places: vec![],
        };
        let table = AssetTable::new(vec![asset("BTC", 8), asset("JPY", 0)]).unwrap();
        let read = |symbol, text| {
            amount(&table, symbol, text)
                .map(|(asset, total)| (asset.get(), total.units()))
                .map_err(|error| error.to_string())
        };
        assert_eq!(read("BTC", "1.50"), Ok((1, 150_000_000)));
        assert_eq!(read("JPY", "7"), Ok((2, 7)));
        assert_eq!(read("BTC", "792281625142643375935.43950335").map(|(_, units)| units), Ok((1 << 96) - 1));
        for (symbol, text, says) in [
            ("ETH", "1", "expected one of: BTC, JPY"),
            ("btc", "1", "expected one of: BTC, JPY"),
            ("JPY", "1.5", "expected at most 0 decimals, came 1"),
            ("BTC", "792281625142643375935.43950336", "expected at most 792281625142643375935.43950335"),
            ("BTC", "-1", "negative"),
            ("BTC", "1,5", "separator"),
        ] {
            let error = read(symbol, text).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
