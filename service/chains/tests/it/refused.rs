//! Every refused form has its own words.

use solventry_chains::{DecodeError, decode};

use crate::vectors::{Vectors, bitcoin, both, solana};

/// Where another library's words follow, the expected text ends in `*`.
fn wrong_answers(vectors: &Vectors) -> Vec<String> {
    let answer = |bytes| match decode(bytes, &vectors.accounts) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    };
    let wrong = vectors.refused.iter().filter_map(|vector| {
        let (expected, got) = (vector.text("error"), answer(&vector.bytes));
        let right = match expected.strip_suffix('*') {
            Some(beginning) => got.starts_with(beginning),
            None => got == expected,
        };
        (!right).then(|| format!("{}:\n  expected {expected}\n  got      {got}", vector.name))
    });
    wrong.collect()
}

#[test]
fn bitcoin_refusals() {
    assert_eq!(wrong_answers(&bitcoin()).join("\n"), "");
}

#[test]
fn solana_refusals() {
    assert_eq!(wrong_answers(&solana()).join("\n"), "");
}

#[test]
fn a_transaction_of_the_other_chain_is_refused() {
    let [first, second] = both();
    for (vectors, accounts) in [(&first, &second.accounts), (&second, &first.accounts)] {
        for vector in &vectors.accepted {
            let error = decode(&vector.bytes, accounts).unwrap_err();
            let kind = matches!(error, DecodeError::Malformed { .. } | DecodeError::TooLarge { .. });
            assert!(kind, "{}: {error}", vector.name);
        }
    }
}
