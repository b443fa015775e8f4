//! A payment and a transaction either say the same, or which field differs.

use solventry_chains::{Mismatch, Transfer};
use solventry_types::{Chain, Lane, Locator, Payment, Validity};

use crate::vectors::{bitcoin, both, solana};

/// The payment that the transfer carries out, at exactly its fee.
fn payment(transfer: &Transfer) -> Payment {
    Payment {
        vault: "treasury".into(),
        chain: transfer.chain(),
        locator: transfer.locator().clone(),
        destination: transfer.destination().to_vec(),
        amount: transfer.amount(),
        fee_cap: transfer.fee(),
        validity: Validity { from: 1, until: 2 },
        lane: Lane::Normal,
        nonce: [1; 16],
        proposer: [2; 32],
    }
}

#[test]
fn the_same_payment_matches() {
    for vectors in both() {
        for (vector, transfer) in vectors.transfers() {
            let mut payment = payment(&transfer);
            payment.validate().unwrap();
            assert_eq!(transfer.matches(&payment), Ok(()), "{}", vector.name);
            payment.fee_cap = u64::MAX;
            assert_eq!(transfer.matches(&payment), Ok(()), "{}", vector.name);
        }
    }
}

#[test]
fn each_field_that_differs_is_named() {
    for vectors in both() {
        for (_, transfer) in vectors.transfers() {
            let right = payment(&transfer);
            let refused = |change: fn(&mut Payment)| {
                let mut wrong = right.clone();
                change(&mut wrong);
                let error = transfer.matches(&wrong).unwrap_err();
                (wrong, error)
            };
            let chain = transfer.chain();

            let (wrong, error) = refused(|p| p.chain = Chain::Ethereum);
            assert_eq!(error, Mismatch::Chain { transaction: chain, payment: wrong.chain });

            let (wrong, error) = refused(|p| p.locator = Locator::Contract(vec![7; 32]));
            let transaction = transfer.locator().clone();
            assert_eq!(error, Mismatch::Asset { chain, transaction, payment: wrong.locator });

            let (wrong, error) = refused(|p| p.destination[10] ^= 1);
            let transaction = transfer.destination().to_vec();
            assert_eq!(error, Mismatch::Destination { chain, transaction, payment: wrong.destination });

            let changes: [fn(&mut Payment); 2] = [|p| p.amount = p.amount.wrapping_add(1), |p| p.amount -= 1];
            for change in changes {
                let (wrong, error) = refused(change);
                let transaction = transfer.amount();
                assert_eq!(error, Mismatch::Amount { transaction, payment: wrong.amount });
            }

            if transfer.fee() > 0 {
                let (wrong, error) = refused(|p| p.fee_cap -= 1);
                assert_eq!(error, Mismatch::Fee { fee: transfer.fee(), cap: wrong.fee_cap });
            }
        }
    }
}

#[test]
fn messages_show_addresses_as_people_write_them() {
    let vectors = bitcoin();
    let (_, transfer) = vectors.transfer("to p2wpkh");
    let mut other = payment(&transfer);
    other.destination[5] ^= 1;
    let text = transfer.matches(&other).unwrap_err().to_string();
    let address = "bc1q3z58l7nav7yldg9zlhay46tj2je08n4ltg6fjh";
    assert!(text.starts_with("the transaction pays another destination than the payment: "), "{text}");
    assert!(text.contains(&format!("{address}, not bc1q")), "{text}");

    let vectors = solana();
    let (_, transfer) = vectors.transfer("SPL, legacy");
    let other = Payment { locator: Locator::Native, ..payment(&transfer) };
    let text = transfer.matches(&other).unwrap_err().to_string();
    assert!(text.ends_with(", the payment says native"), "{text}");
}
