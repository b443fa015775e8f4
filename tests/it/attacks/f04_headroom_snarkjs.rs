//! F4: snarkjs's JSON, bent.

use ark_bn254::{Fq, Fr};
use ark_ff::PrimeField;
use solventry_verifier::snarkjs::{self, SnarkjsError, SnarkjsFiles};

use crate::support::{
    headroom::headroom,
    outcome::{Outcome, attacks, names},
};

attacks![
    inputs_too_few_too_many_or_padded,
    input_plus_the_order,
    inputs_out_of_range,
    numbers_in_another_spelling,
    coordinate_plus_the_modulus,
    points_off_the_curve_or_outside_the_group,
    infinity_and_projective_points,
    pairing_altered,
    other_protocol_curve_or_count,
    fields_missing_unknown_or_repeated,
    too_large_or_no_json,
    degenerate_key,
];

fn honest() -> SnarkjsFiles {
    snarkjs::export(&headroom().honest)
}

fn import(files: &SnarkjsFiles) -> Result<(), SnarkjsError> {
    let [proof, public, key] = [&files.proof, &files.public, &files.verification_key].map(|f| f.as_bytes());
    snarkjs::import(proof, public, key)
        .map(|file| assert_eq!(file, headroom().honest, "not what was written"))
}

fn refused(change: impl FnOnce(&mut SnarkjsFiles), variant: &str, says: &str) -> Outcome {
    let mut files = honest();
    import(&files).map_err(|error| format!("honest: {error}"))?;
    change(&mut files);
    if files == honest() {
        return Err("nothing was changed".into());
    }
    match import(&files) {
        Ok(()) => Err("ACCEPTED".into()),
        Err(error) => names(&error, variant, says),
    }
}

fn public(inputs: &[String]) -> String {
    serde_json::to_string(inputs).unwrap()
}

fn inputs() -> Vec<String> {
    serde_json::from_str(&honest().public).unwrap()
}

/// A number replaced wherever it stands in a file.
fn replaced(text: &str, old: &str, new: &str) -> String {
    text.replace(&format!("\"{old}\""), &format!("\"{new}\""))
}

/// The first number of `pi_a` and the like.
fn number(text: &str, field: &str, index: usize) -> String {
    let (_, rest) = text.split_once(&format!("\"{field}\"")).unwrap();
    rest.split('"').filter(|part| part.bytes().all(|b| b.is_ascii_digit())).nth(index).unwrap().to_owned()
}

/// Source: Z3: ark-groth16 verifies a short or zero-padded list.
fn inputs_too_few_too_many_or_padded() -> Outcome {
    let lists = [inputs()[..4].to_vec(), [inputs(), vec!["0".into()]].concat(), vec![]];
    lists.into_iter().try_for_each(|list| {
        let says = "expected 5 public inputs";
        refused(|files| files.public = public(&list), "Count { file: \"public.json\"", says)
    })
}

/// Source: Z4: x + r is the same scalar to whoever reduces.
fn input_plus_the_order() -> Outcome {
    let mut list = inputs();
    let order = Fr::MODULUS;
    let mut sum = Fr::from(1u64).into_bigint();
    ark_ff::BigInteger::add_with_carry(&mut sum, &order);
    for (place, text) in [(4, sum.to_string()), (2, order.to_string())] {
        list[place] = text;
        refused(|files| files.public = public(&list), "Value { file: \"public.json\"", "below the modulus")?;
        list = inputs();
    }
    Ok(())
}

/// Source: a statement has an asset of 16 bits, an outflow of 96, halves of 128.
fn inputs_out_of_range() -> Outcome {
    let over = |bits: u32| (0..bits).fold(Fr::from(1u64), |sum, _| sum + sum).to_string();
    [
        (0, over(128), "Input(Context)"),
        (1, over(128), "Input(Context)"),
        (3, over(16), "Input(Asset)"),
        (3, "0".into(), "Input(Asset)"),
        (4, over(96), "Input(Outflow)"),
        (4, (-Fr::from(1u64)).to_string(), "Input(Outflow)"),
    ]
    .into_iter()
    .try_for_each(|(place, value, variant)| {
        let mut list = inputs();
        list[place] = value;
        refused(|files| files.public = public(&list), variant, "public.json")
    })
}

/// Source: Z4: one number, one spelling.
fn numbers_in_another_spelling() -> Outcome {
    let spell = [|n: &str| format!("0{n}"), |n: &str| format!("+{n}"), |n: &str| format!(" {n}")];
    spell.into_iter().try_for_each(|spell| {
        let mut list = inputs();
        list[4] = spell(&list[4]);
        refused(|files| files.public = public(&list), "Value {", "public input: expected")?;
        let x = number(&honest().proof, "pi_a", 0);
        refused(|files| files.proof = replaced(&files.proof, &x, &spell(&x)), "Value {", "pi_a: expected")
    })?;
    let bare = format!("[{}]", inputs().join(","));
    refused(|files| files.public = bare, "Json { file: \"public.json\"", "as snarkjs writes it")
}

/// Source: Z4.
fn coordinate_plus_the_modulus() -> Outcome {
    let p = Fq::MODULUS.to_string();
    for field in ["pi_a", "pi_b", "pi_c"] {
        let x = number(&honest().proof, field, 0);
        refused(|files| files.proof = replaced(&files.proof, &x, &p), "Value {", "below the modulus")?;
    }
    let x = number(&honest().verification_key, "vk_alpha_1", 0);
    let change = |files: &mut SnarkjsFiles| {
        files.verification_key = replaced(&files.verification_key, &x, &p);
    };
    refused(change, "Value { file: \"verification_key.json\"", "below the modulus")
}

/// Source: Z4: also the order c1, c0 of the EVM, which is another point or none.
fn points_off_the_curve_or_outside_the_group() -> Outcome {
    let not = "not a point of the prime-order group";
    for field in ["pi_a", "pi_b", "pi_c"] {
        let x = number(&honest().proof, field, 0);
        refused(|files| files.proof = replaced(&files.proof, &x, "5"), "Value {", not)?;
    }
    let [c0, c1] = [0, 1].map(|index| number(&honest().proof, "pi_b", index));
    let exchange = |text: &str| {
        let between = replaced(&replaced(text, &c0, "x"), &c1, &c0);
        replaced(&between, "x", &c1)
    };
    refused(|files| files.proof = exchange(&files.proof), "Value {", not)
}

/// Source: Z13.
fn infinity_and_projective_points() -> Outcome {
    let affine = "expected an affine point";
    let third = |text: &str, from: &str, to: &str| text.replacen(from, to, 1);
    refused(
        |files| files.proof = third(&files.proof, "\"1\"\n ]", "\"0\"\n ]"),
        "Value { file: \"proof.json\", field: \"pi_a\"",
        affine,
    )?;
    refused(
        |files| files.proof = third(&files.proof, "\"1\",\n   \"0\"", "\"2\",\n   \"0\""),
        "Value { file: \"proof.json\", field: \"pi_b\"",
        affine,
    )
}

/// Source: a verifier that trusts the precomputed pairing of the file verifies with another α, β.
fn pairing_altered() -> Outcome {
    (0..12).try_for_each(|index| {
        let old = number(&honest().verification_key, "vk_alphabeta_12", index);
        refused(
            |files| files.verification_key = replaced(&files.verification_key, &old, "1"),
            "Value { file: \"verification_key.json\", field: \"vk_alphabeta_12\"",
            "not the pairing",
        )
    })
}

/// Source: files of other tools.
fn other_protocol_curve_or_count() -> Outcome {
    for (old, new) in [("groth16", "plonk"), ("bn128", "bls12381")] {
        refused(|files| files.proof = replaced(&files.proof, old, new), "Kind {", "got another")?;
        let change = |files: &mut SnarkjsFiles| {
            files.verification_key = replaced(&files.verification_key, old, new);
        };
        refused(change, "Kind {", "got another")?;
    }
    ["4", "6", "0"].into_iter().try_for_each(|count| {
        refused(
            |files| {
                files.verification_key =
                    files.verification_key.replace("\"nPublic\": 5", &format!("\"nPublic\": {count}"));
            },
            "Count { file: \"verification_key.json\"",
            "nPublic",
        )
    })
}

/// Source: Z4.
fn fields_missing_unknown_or_repeated() -> Outcome {
    let json = "as snarkjs writes it";
    for (old, new) in [
        ("\"curve\": \"bn128\"", "\"curve\": \"bn128\", \"note\": \"1\""),
        ("\"curve\": \"bn128\"", "\"curve\": \"bn128\", \"curve\": \"bn128\""),
        (",\n \"curve\": \"bn128\"", ""),
    ] {
        refused(|files| files.proof = files.proof.replace(old, new), "Json { file: \"proof.json\"", json)?;
    }
    let ic = "Count { file: \"verification_key.json\", what: \"points in IC\"";
    refused(
        |files| {
            let (head, _) = files.verification_key.split_once("\"IC\"").unwrap();
            files.verification_key = format!("{head}\"IC\": []}}");
        },
        ic,
        "expected 6",
    )
}

/// Source: 05-threats: bounded before parsed.
fn too_large_or_no_json() -> Outcome {
    let large = format!("{}{}", honest().proof, " ".repeat(snarkjs::MAX_BYTES));
    refused(|files| files.proof = large, "TooLarge { file: \"proof.json\"", "at most 16384 bytes")?;
    for text in ["", "null", "[]", "[[[[[[", "{\"pi_a\": [", "\u{feff}{}"] {
        refused(|files| files.proof = text.into(), "Json { file: \"proof.json\"", "line")?;
        refused(|files| files.verification_key = text.into(), "Json { file: \"verification_key", "line")?;
    }
    refused(|files| files.proof += "{}", "Json { file: \"proof.json\"", "something else")
}

/// Source: Z14: the lint holds for imported keys as well.
fn degenerate_key() -> Outcome {
    let mut file = headroom().honest.clone();
    file.key.gamma_g2 = file.key.delta_g2;
    let key = snarkjs::export(&file).verification_key;
    refused(|files| files.verification_key = key, "Key(Degenerate {", "lets anyone forge")
}
