//! The sample transactions are what their README says.

use std::{borrow::Cow, path::Path};

use solventry_chains::{Transfer, address::parse_address, decode, from_text_or_binary};
use solventry_types::{Chain, VaultAccounts};

use crate::vectors::both;

const VAULT: &str = "bc1pvr2ard7dhhg6ym9xlnj93u2m82zed8yp6ng789m0pynpqq0w2paqtracx3";
const LISTED: &str = "bc1q3z58l7nav7yldg9zlhay46tj2je08n4ltg6fjh";
const UNLISTED: &str = "bc1pmr9hy0pctul8s7sqj4mgu7peavw2v927j8q5eskmz6qruv7cc5vqc46f8p";

fn read(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/signing");
    std::fs::read(folder.join(name)).unwrap()
}

fn sample(name: &str) -> Transfer {
    let scripts = vec![parse_address(Chain::Bitcoin, VAULT).unwrap()];
    let file = read(name);
    decode(&from_text_or_binary(&file), &VaultAccounts::Bitcoin { scripts }).unwrap()
}

#[test]
fn samples_pay_what_the_readme_says() {
    let readme = String::from_utf8(read("README.md")).unwrap();
    for (name, address, amount) in [
        ("payment.psbt", LISTED, 50_000_000),
        ("payment-large.psbt", LISTED, 4_000_000_000),
        ("payment-unlisted.psbt", UNLISTED, 50_000_000),
    ] {
        let transfer = sample(name);
        assert_eq!(transfer.destination(), parse_address(Chain::Bitcoin, address).unwrap());
        assert_eq!((transfer.amount(), transfer.fee()), (amount, 1_000));
        assert_eq!(transfer.charged(), amount + 1_000);
        for text in [name, address, VAULT] {
            assert!(readme.contains(text), "{text}");
        }
    }
}

#[test]
fn a_file_is_base64_with_white_space_around_it_or_binary() {
    let text = read("payment.psbt");
    let bytes = from_text_or_binary(&text).into_owned();
    assert!(bytes.starts_with(b"psbt\xff"));
    let inner = text.trim_ascii();
    for around in [&inner.to_vec(), &[b" \r\n\t", inner, b"\n\n"].concat()] {
        assert_eq!(from_text_or_binary(around), bytes);
    }
    let (half, rest) = inner.split_at(40);
    let unpadded = inner.strip_suffix(b"=").unwrap_or(&inner[..inner.len() - 1]);
    for broken in [&[half, b"\n", rest].concat(), &[half, b"-", rest].concat(), &unpadded.to_vec(), &vec![]] {
        assert!(matches!(from_text_or_binary(broken), Cow::Borrowed(same) if same == broken));
    }
}

#[test]
fn no_binary_transaction_is_taken_for_text() {
    for vectors in both() {
        for vector in &vectors.accepted {
            assert!(matches!(from_text_or_binary(&vector.bytes), Cow::Borrowed(_)), "{}", vector.name);
        }
    }
}
