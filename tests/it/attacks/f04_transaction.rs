//! F4: what the transaction does besides what the payment says. Decoding itself is attacked in the
//! tests of solventry-chains; here each attack comes with people's signatures over it.

use bitcoin::{Amount, Psbt, ScriptBuf, psbt::PsbtSighashType};
use solventry_types::{Chain, Locator, VaultAccounts, reserves::ReserveClass};

use crate::support::{
    evil_signing::{accepted, refused, reproven, resign, resigned, restated},
    outcome::{Outcome, attacks},
    signing::{AMOUNT, FEE, desk, exchange, sibling},
    solana::{token_payment, token_payment_by},
    transactions::{keypair, psbt, psbt_of, script},
};

attacks![
    payment_of_another_vault,
    payment_on_another_chain,
    payment_of_another_asset,
    fee_payer_in_reserves,
    payment_to_another_destination,
    payment_of_another_amount,
    transaction_to_another_destination,
    transaction_of_another_amount,
    fee_above_its_cap,
    fee_above_the_policy,
    fee_cap_above_the_policy,
    second_external_output,
    change_to_a_foreign_script,
    change_to_a_sibling,
    vault_broken_into_pieces,
    nothing_to_the_outside,
    input_of_a_foreign_script,
    input_amount_understated,
    script_path_input,
    other_signature_hash_types,
    transaction_exchanged_for_an_equal_one,
    unlisted_destination,
    asset_outside_the_table,
    raw_bytes_of_another_kind,
];

/// Source: F4.
fn payment_of_another_vault() -> Outcome {
    let evidence = resigned(|e| e.payment.vault = "savings".into());
    refused(&evidence, 4, "OtherVault {", "of vault \"savings\"")
}

/// Source: F4.
fn payment_on_another_chain() -> Outcome {
    let evidence = resigned(|e| {
        e.payment.chain = Chain::Solana;
        e.payment.destination = vec![1; 32];
    });
    refused(&evidence, 4, "OtherVault {", "of vault \"treasury\" on solana")
}

/// Source: F4, wrong mint.
fn payment_of_another_asset() -> Outcome {
    let mut evidence = token_payment([0xc6; 32], 6);
    evidence.payment.locator = Locator::Contract(vec![0xc7; 32]);
    resign(&mut evidence);
    refused(&evidence, 4, "Payment(Asset {", "the transaction moves")?;
    evidence.payment.locator = Locator::Native;
    resign(&mut evidence);
    refused(&evidence, 4, "Payment(Asset {", "the transaction moves")
}

/// Source: 02-signing, chains: the fee payer is not a reserve account, nor another vault's.
fn fee_payer_in_reserves() -> Outcome {
    let reserve = desk().attestation.attestation().reserves.classes.iter().find_map(|class| match class {
        ReserveClass::Public(entries) => entries.iter().find(|entry| entry.chain == Chain::Solana),
        ReserveClass::Attested { .. } => None,
    });
    let reserve: [u8; 32] = reserve.unwrap().account.clone().try_into().unwrap();
    let evidence = token_payment_by(reserve, [0xc6; 32], 6);
    refused(&evidence, 8, "Charge(FeePayer", "pay fees from another account")?;
    let mut evidence = token_payment_by([0x5b; 32], [0xc6; 32], 6);
    evidence.vault.siblings = vec![vec![0x5b; 32]];
    resign(&mut evidence);
    refused(&evidence, 8, "Charge(FeePayer", "pay fees from another account")
}

/// Source: F4.
fn payment_to_another_destination() -> Outcome {
    let evidence = resigned(|e| e.payment.destination = sibling());
    refused(&evidence, 4, "Payment(Destination", "pays another destination")
}

/// Source: F4; by one unit.
fn payment_of_another_amount() -> Outcome {
    [AMOUNT - 1, AMOUNT + 1].into_iter().try_for_each(|amount| {
        refused(&resigned(|e| e.payment.amount = amount), 4, "Payment(Amount {", "the payment says")
    })
}

/// Source: F4: approved for one destination, made out to another.
fn transaction_to_another_destination() -> Outcome {
    let evidence = resigned(|e| e.transaction = psbt(&sibling(), AMOUNT, FEE));
    refused(&evidence, 4, "Payment(Destination", "pays another destination")
}

/// Source: F4.
fn transaction_of_another_amount() -> Outcome {
    let evidence = resigned(|e| e.transaction = psbt(&exchange(), AMOUNT + 1, FEE));
    refused(&evidence, 4, "Payment(Amount {", "pays 400001 chain units")
}

/// Source: F4, fee drained; to the unit.
fn fee_above_its_cap() -> Outcome {
    let paying = |fee| resigned(|e| e.transaction = psbt(&exchange(), AMOUNT, fee));
    refused(&paying(2_001), 4, "Payment(Fee { fee: 2001, cap: 2000", "above the payment's cap")?;
    // At the cap the statement differs from the proven one: fee and charged amount.
    refused(&paying(2_000), 9, "PolicyStatement { field: \"charged amount\"", "charged amount is not")
}

/// Source: F4: approvers agreed to any fee, the policy does not.
fn fee_above_the_policy() -> Outcome {
    let evidence = restated(|e| {
        e.payment.fee_cap = 5_001;
        e.transaction = psbt(&exchange(), AMOUNT, 5_001);
        e.headroom_statement.outflow = crate::support::evil_signing::total(405_001);
    });
    refused(&evidence, 10, "Policy(Proof", "does not hold")
}

/// Source: F4: the fee is small, but a cancellation may pay the cap and asks no rule.
fn fee_cap_above_the_policy() -> Outcome {
    let evidence = restated(|e| e.payment.fee_cap = 5_001);
    refused(&evidence, 10, "Policy(Proof", "does not hold")?;
    let hidden = resigned(|e| e.payment.fee_cap = 5_001);
    refused(&hidden, 9, "PolicyStatement { field: \"payment id", "payment id")
}

/// Source: F4, second output to a thief.
fn second_external_output() -> Outcome {
    let thief = [&[0x00, 0x14][..], &[0x66; 20]].concat();
    let evidence = resigned(|e| e.transaction = psbt_of(&[(&exchange(), AMOUNT), (&thief, 1)], FEE));
    refused(&evidence, 3, "Transaction(SecondDestination(1)", "second external destination")
}

/// The honest transaction, edited.
fn edited(change: impl Fn(&mut Psbt)) -> Vec<u8> {
    let mut psbt = Psbt::deserialize(&psbt(&exchange(), AMOUNT, FEE)).unwrap();
    change(&mut psbt);
    psbt.serialize()
}

/// Source: F4: change to a script that looks own.
fn change_to_a_foreign_script() -> Outcome {
    let foreign = ScriptBuf::from_bytes(script(&keypair(9)));
    let transaction = edited(|psbt| psbt.unsigned_tx.output[1].script_pubkey = foreign.clone());
    let evidence = resigned(|e| e.transaction = transaction);
    refused(&evidence, 3, "Transaction(SecondDestination(1)", "is it change to a script")
}

/// Source: F4: own scripts are this vault's, not its siblings'.
fn change_to_a_sibling() -> Outcome {
    let transaction =
        edited(|psbt| psbt.unsigned_tx.output[1].script_pubkey = ScriptBuf::from_bytes(sibling()));
    let evidence = resigned(|e| e.transaction = transaction);
    refused(&evidence, 3, "Transaction(SecondDestination(1)", "second external destination")
}

/// Source: F4: many small own outputs cost more to spend than they hold, and none is charged.
fn vault_broken_into_pieces() -> Outcome {
    let (listed, own) = (exchange(), script(&keypair(1)));
    let pieces = |count: usize| -> Vec<(&[u8], u64)> {
        let own = std::iter::repeat_n((own.as_slice(), 600), count);
        std::iter::once((listed.as_slice(), AMOUNT)).chain(own).collect()
    };
    accepted(&resigned(|e| e.transaction = psbt_of(&pieces(14), FEE)))?;
    let evidence = resigned(|e| e.transaction = psbt_of(&pieces(15), FEE));
    refused(&evidence, 3, "Transaction(Outputs { limit: 16, got: 17", "fewer pieces")
}

/// Source: F4.
fn nothing_to_the_outside() -> Outcome {
    let evidence = resigned(|e| e.transaction = psbt(&script(&keypair(1)), AMOUNT, FEE));
    refused(&evidence, 3, "Transaction(NoDestination", "goes back to the vault")
}

/// Source: F4: the vault signs for nobody else's coins.
fn input_of_a_foreign_script() -> Outcome {
    let foreign = ScriptBuf::from_bytes(script(&keypair(9)));
    let transaction =
        edited(|psbt| psbt.inputs[1].witness_utxo.as_mut().unwrap().script_pubkey = foreign.clone());
    let evidence = resigned(|e| e.transaction = transaction);
    refused(&evidence, 3, "Transaction(ForeignInput(1)", "own scripts")
}

/// Source: F4, fee drained: an understated input hides a fee from charge and cap; its signature
/// hash is of the understated amount (BIP-341), so what would be signed is worthless.
fn input_amount_understated() -> Outcome {
    let honest = resigned(|_| ());
    let lied = resigned(|e| {
        e.transaction = edited(|psbt| {
            psbt.inputs[0].witness_utxo.as_mut().unwrap().value -= Amount::from_sat(500);
        });
    });
    let decode = |e| crate::support::evil_signing::transfer(e);
    let signatures = crate::support::transactions::sign(&decode(&lied), &keypair(1));
    if decode(&honest).verify_signatures(&signatures).is_ok() {
        return Err("a signature over understated inputs is good for the real ones".into());
    }
    refused(&lied, 9, "PolicyStatement { field: \"charged amount\"", "charged amount is not")
}

/// Source: F4.
fn script_path_input() -> Outcome {
    let transaction = edited(|psbt| {
        psbt.inputs[0].tap_merkle_root = Some(bitcoin::hashes::Hash::from_byte_array([1; 32]));
    });
    let evidence = resigned(|e| e.transaction = transaction);
    refused(&evidence, 3, "Transaction(Field { place: \"input 0\", field: \"tap_merkle_root\"", "key path")
}

/// Source: F4: NONE, SINGLE and ANYONECANPAY leave outputs or inputs open.
fn other_signature_hash_types() -> Outcome {
    [2u32, 3, 0x81, 0x82, 0x83].into_iter().try_for_each(|kind| {
        let transaction = edited(|psbt| psbt.inputs[1].sighash_type = Some(PsbtSighashType::from_u32(kind)));
        let evidence = resigned(|e| e.transaction = transaction);
        refused(&evidence, 3, "Transaction(SighashType { input: 1", "sign the whole transaction")
    })
}

/// Source: 02-signing, intent: the payment may be made by another transaction of the same amount
/// and fee, and then it is that one's evidence; decided is one of them (record digest).
fn transaction_exchanged_for_an_equal_one() -> Outcome {
    let other = resigned(|e| e.transaction = edited(|psbt| psbt.unsigned_tx.output.swap(0, 1)));
    accepted(&other)?;
    let decided = crate::support::evil_signing::decided;
    let mut evidence = decided(desk().honest.clone(), crate::support::signing::TIME, &[0, 1, 2]);
    accepted(&evidence)?;
    evidence.transaction = other.transaction;
    refused(&evidence, 13, "Decision(Record {", "of another record")
}

/// Source: the issue: approvers agreed, the policy does not list it.
fn unlisted_destination() -> Outcome {
    let thief = [&[0x00, 0x14][..], &[0x66; 20]].concat();
    let evidence = restated(|e| {
        e.payment.destination = thief.clone();
        e.transaction = psbt(&thief, AMOUNT, FEE);
    });
    refused(&evidence, 10, "Policy(Proof", "does not hold")
}

/// Source: Z11: a coin that the attested table does not have, under a vault of that chain.
fn asset_outside_the_table() -> Outcome {
    let evidence = token_payment([0x77; 32], 6);
    refused(&evidence, 8, "Charge(UnknownAsset", "no asset of the attested table")?;
    let evidence = token_payment([0xc6; 32], 5);
    refused(&evidence, 8, "Charge(Decimals {", "says 6 decimals on solana, the transaction says 5")
}

/// Source: S6.
fn raw_bytes_of_another_kind() -> Outcome {
    let evidence = resigned(|e| e.transaction = vec![0x70; 40]);
    refused(&evidence, 3, "Transaction(Malformed {", "expected a PSBT")?;
    let evidence = resigned(|e| {
        e.vault.siblings.clear();
        e.vault.accounts = VaultAccounts::Solana {
            authority: [1; 32],
            nonce_accounts: vec![[2; 32]],
            token_accounts: vec![],
        };
    });
    refused(&evidence, 3, "Transaction(Malformed {", "expected a Solana message")?;
    accepted(&reproven(|_| ()))
}
