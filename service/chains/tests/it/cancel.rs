//! Transactions that give a payment up: they spend its anchor and pay nobody.

use bitcoin::Psbt;
use solventry_chains::{DecodeError, Transfer, decode, decode_cancel};

use crate::{
    forms_bitcoin, forms_solana,
    message::{Message, advance, coins, names, stranger},
    vectors::{bitcoin, solana},
};

/// The honest payment without its payment: all change.
fn all_change() -> Psbt {
    let mut psbt = forms_bitcoin::honest();
    psbt.unsigned_tx.output.remove(0);
    psbt.outputs.remove(0);
    psbt
}

/// The honest message without its transfer.
fn only_advance() -> Message {
    let n = names();
    Message {
        writable_signers: vec![n.payer],
        readonly_signers: vec![n.vault],
        writable: vec![n.nonce],
        instructions: vec![advance()],
        ..coins()
    }
}

fn pays_nobody(transfer: &Transfer) {
    assert_eq!((transfer.destination(), transfer.amount()), (&[][..], 0));
}

#[test]
fn a_psbt_of_change_alone_spends_the_anchor_and_charges_the_fee() {
    let paid = decode(&forms_bitcoin::honest().serialize(), &bitcoin().accounts).unwrap();
    let psbt = all_change();
    let cancel = decode_cancel(&psbt.serialize(), &bitcoin().accounts).unwrap();
    pays_nobody(&cancel);
    let held = psbt.inputs[0].witness_utxo.as_ref().unwrap().value - psbt.unsigned_tx.output[0].value;
    assert_eq!((cancel.charged(), cancel.fee()), (held.to_sat(), held.to_sat()));
    assert_eq!((cancel.anchor(), cancel.conflict_keys()), (paid.anchor(), paid.conflict_keys()));
    assert_ne!(cancel.messages().next(), paid.messages().next());
    assert_eq!(decode(&psbt.serialize(), &bitcoin().accounts), Err(DecodeError::NoDestination));
}

#[test]
fn a_psbt_that_pays_somebody_is_no_cancellation() {
    let refused = decode_cancel(&forms_bitcoin::honest().serialize(), &bitcoin().accounts);
    assert_eq!(refused, Err(DecodeError::NotOwn(0)));
    // Every other rule of payments holds as well.
    let mut locked = all_change();
    locked.unsigned_tx.lock_time = bitcoin::absolute::LockTime::from_consensus(7);
    let refused = decode_cancel(&locked.serialize(), &bitcoin().accounts);
    assert_eq!(refused, Err(DecodeError::LockTime(7)));
}

#[test]
fn a_message_that_only_advances_the_nonce_moves_nothing() {
    let accounts = solana().accounts;
    let paid = decode(&coins().bytes(), &accounts).unwrap();
    for message in [only_advance(), only_advance().version_0()] {
        let cancel = decode_cancel(&message.bytes(), &accounts).unwrap();
        pays_nobody(&cancel);
        assert_eq!((cancel.charged(), cancel.fee()), (0, 10_000));
        assert_eq!((cancel.anchor(), cancel.conflict_keys()), (paid.anchor(), paid.conflict_keys()));
        assert_eq!(decode(&message.bytes(), &accounts), Err(DecodeError::Instructions(1)));
    }
}

#[test]
fn a_message_that_does_more_or_uses_other_rights_is_no_cancellation() {
    let refused = |change: &dyn Fn(&mut Message)| {
        let mut message = only_advance();
        change(&mut message);
        decode_cancel(&message.bytes(), &solana().accounts).unwrap_err()
    };
    assert_eq!(decode_cancel(&coins().bytes(), &solana().accounts), Err(DecodeError::CancelInstructions(2)));
    assert_eq!(refused(&|m| m.instructions.clear()), DecodeError::CancelInstructions(0));
    assert_eq!(refused(&|m| m.instructions[0].data[0] = 5), DecodeError::MissingAdvanceNonce);
    assert_eq!(
        refused(&|m| m.writable.push(stranger(1))),
        forms_solana::account(3, "no instruction uses it; leave it out")
    );
    // The vault may not pay the fee, and need not be writable for it.
    let vault = names().vault;
    assert_eq!(
        refused(&|m| {
            m.writable_signers.push(vault);
            m.readonly_signers.clear();
        }),
        forms_solana::account(1, "it is writable, which nothing needs")
    );
}
