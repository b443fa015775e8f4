//! F4 at the nodes: an epoch that comes too early, and one that numbers the assets otherwise.

use solventry_protocol::{Record, SigningEvidence, rebuild};
use solventry_prover::headroom::prove_headroom;
use solventry_types::{AssetId, Locator};

use crate::support::{
    evil_signing::{claims, resigned, total, transfer},
    orders::{FEE, Order},
    outcome::{Outcome, attacks},
    renumbered::{SNAPSHOT, renumbered},
    signers::{COORDINATOR, Nodes, activate_of, expect, payment, reason, signed},
    signing::{AMOUNT, TIME, desk, exchange, sibling},
    transactions::{psbt, psbt_of},
};

attacks![snapshot_in_the_future, observer_alone, asset_renumbered, fields_of_the_transaction];

fn next() -> Record {
    Record::Activate(activate_of(renumbered().attestation.attestation(), desk().genesis.digest()))
}

/// Source: 02-signing, EpochActivate; to the second.
fn snapshot_in_the_future() -> Outcome {
    let mut nodes = Nodes::ready();
    nodes.refuse(SNAPSHOT - 1, &next(), &reason("SnapshotTime {", None))?;
    nodes.decide_at(SNAPSHOT, &next())
}

/// Source: 02-signing: k of m observers; nodes are none.
fn observer_alone() -> Outcome {
    let mut nodes = Nodes::ready();
    let Record::Activate(good) = next() else { unreachable!() };
    let mut alone = good.clone();
    alone.observations.truncate(1);
    nodes.refuse(SNAPSHOT, &Record::Activate(alone), &reason("Quorum { who: \"observers\"", None))?;
    let mut by_nodes = good;
    let digest = renumbered().attestation.digest();
    let message = solventry_protocol::record::epoch_message(desk().genesis.digest(), digest);
    by_nodes.observations = signed(&desk().signers.iter().collect::<Vec<_>>(), message);
    nodes.refuse(SNAPSHOT, &Record::Activate(by_nodes), &reason("UnknownSigner { number: 1 }", None))
}

/// Source: issue, "asset table renumbered": bitcoin is asset 2 now. Neither the proofs of before
/// nor those of what is asset 1 now are good, and what was paid before still counts.
fn asset_renumbered() -> Outcome {
    let mut nodes = Nodes::ready();
    nodes.decide(&payment(&Order::new(1, &[1]).evidence()))?;
    nodes.decide_at(SNAPSHOT, &next())?;
    let (order, time) = (Order::new(2, &[2]), SNAPSHOT + 60);
    let old = order.evidence();
    nodes.refuse(time, &payment(&old), &reason("OtherEpoch {", 6))?;

    let named = SigningEvidence { attestation: renumbered().attestation.digest(), ..old };
    let field = |name| reason(&format!("Evidence {{ source: HeadroomStatement {{ field: \"{name}\""), 7);
    nodes.refuse(time, &payment(&named), &field("epoch context"))?;

    let charge =
        rebuild::charge(&transfer(&named), named.payment.fee_cap, &named.vault, &renumbered().attestation)
            .map_err(|error| error.to_string())?;
    if charge.id != AssetId::new(2).unwrap() {
        return Err(format!("bitcoin is asset {:?}", charge.id));
    }
    let mut restated = named.clone();
    let claims = claims(&named);
    restated.headroom_statement = rebuild::headroom_statement(&renumbered().attestation, &charge, &claims);
    nodes.refuse(time, &payment(&restated), &reason("Evidence { source: Headroom(Invalid", 7))?;

    let prove = |asset| {
        let asset = AssetId::new(asset).unwrap();
        prove_headroom(&desk().headroom_keys, &renumbered().headroom, asset, claims.outflow).unwrap()
    };
    let with = |asset| {
        let made = prove(asset);
        SigningEvidence { headroom_statement: made.statement, headroom_proof: made.proof, ..named.clone() }
    };
    nodes.refuse(time, &payment(&with(1)), &field("asset id"))?;
    let mut forgetful = with(2);
    forgetful.policy_statement.spent = [total(0); 4];
    nodes.refuse(time, &payment(&forgetful), &reason("Claim { what: \"sum of 1 h\"", 7))?;
    nodes.decide_at(time, &payment(&with(2)))
}

/// Source: F4: one field at a time, people's signatures over it.
fn fields_of_the_transaction() -> Outcome {
    let mut nodes = Nodes::ready();
    let thief = [&[0x00, 0x14][..], &[0x66; 20]].concat();
    let (listed, own_looking) = (exchange(), sibling());
    let cases = [
        (psbt_of(&[(&listed, AMOUNT), (&thief, 1)], FEE), "Transaction(SecondDestination(1)"),
        (psbt_of(&[(&listed, AMOUNT), (&own_looking, 1)], FEE), "Transaction(SecondDestination(1)"),
        (psbt(&thief, AMOUNT, FEE), "Mismatch(Destination"),
        (psbt(&listed, AMOUNT + 1, FEE), "Mismatch(Amount {"),
        (psbt(&listed, AMOUNT, 2_001), "Mismatch(Fee {"),
    ];
    for (transaction, variant) in cases {
        let evidence = resigned(|e| e.transaction = transaction);
        nodes.refuse(TIME, &payment(&evidence), &reason(variant, 2))?;
    }
    let token = resigned(|e| e.payment.locator = Locator::Contract(vec![0xc6; 32]));
    // Bitcoin has no contracts: such a payment is no record, so no log names it.
    for (number, app) in nodes.apps.iter_mut().enumerate() {
        let refusal = app.submit(&payment(&token).encode(), COORDINATOR, TIME).err();
        expect(number, refusal.ok_or("ACCEPTED")?, &reason("Format(Invalid { what: \"contract\"", 2))?;
    }
    Ok(())
}
