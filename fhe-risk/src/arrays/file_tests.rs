use proptest::prelude::*;

use super::*;

fn content() -> Content {
    let instrument = |name: &str, long: [i64; 3], short: [i64; 3]| Instrument {
        name: name.to_owned(),
        long: long.to_vec(),
        short: short.to_vec(),
    };
    let asset = |name: &str, factor| Collateral { name: name.to_owned(), factor };
    Content {
        format: Format::V1,
        family: "sample".to_owned(),
        currency: "USD".to_owned(),
        quantum: "20".parse().unwrap(),
        look_ahead_days: 2,
        epoch: 7,
        valid_from: 1_700_000_000,
        valid_until: 1_700_086_400,
        instruments: vec![
            instrument("INDEX-FUT", [0, 167, -166], [0, -166, 167]),
            instrument("INDEX-C-410", [31, -63, 117], [-30, 64, -117]),
        ],
        collateral: vec![asset("USD", 50), asset("BTC", 480)],
    }
}

fn refused(change: impl FnOnce(&mut Content)) -> String {
    let mut content = content();
    change(&mut content);
    RiskArrays::new(content).unwrap_err().to_string()
}

#[test]
fn the_file_reads_back_and_white_space_is_not_in_the_digest() {
    let arrays = RiskArrays::new(content()).unwrap();
    let json = arrays.to_json();
    assert_eq!(RiskArrays::read(json.as_bytes()).unwrap(), arrays);
    let compact = serde_json::to_vec(arrays.content()).unwrap();
    assert_ne!(compact, json.as_bytes());
    assert_eq!(RiskArrays::read(&compact).unwrap().digest(), arrays.digest());
    assert_eq!(arrays.scenarios(), 3);
}

/// Computed by 20 lines of Python's hashlib from the description of the encoding.
#[test]
fn the_digest_is_pinned() {
    let digest = hex::encode(RiskArrays::new(content()).unwrap().digest());
    assert_eq!(digest, "ad4c3a4a9573e2d15c52ad8f1d16ac27d58c7f96aaf9246b8f3f2ecd0fb70c85");
}

#[test]
fn every_field_is_in_the_digest() {
    let changes: [fn(&mut Content); 13] = [
        |content| content.family.push('x'),
        |content| content.currency = "EUR".to_owned(),
        |content| content.quantum = "2".parse().unwrap(),
        |content| content.look_ahead_days = 1,
        |content| content.epoch = 8,
        |content| content.valid_from += 1,
        |content| content.valid_until += 1,
        |content| content.instruments.swap(0, 1),
        |content| content.instruments[0].name.push('x'),
        |content| content.instruments[1].long[2] += 1,
        |content| content.instruments[1].short[0] += 1,
        |content| content.collateral.truncate(1),
        |content| content.collateral[1].factor -= 1,
    ];
    let mut digests = vec![RiskArrays::new(content()).unwrap().digest()];
    for change in changes {
        let mut content = content();
        change(&mut content);
        digests.push(RiskArrays::new(content).unwrap().digest());
    }
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), changes.len() + 1);
}

#[test]
fn a_bad_file_is_refused_with_place_and_reason() {
    let expect = |message: String, part: &str| assert!(message.contains(part), "{message}");
    expect(refused(|content| content.instruments.clear()), "0 instruments; a file has 1 to 128");
    expect(refused(|content| content.instruments[0].long.clear()), "0 scenarios; a file has 1 to 64");
    expect(refused(|content| content.instruments[0].long = vec![0; 65]), "65 scenarios");
    expect(
        refused(|content| content.instruments[1].short.truncate(2)),
        "short array of INDEX-C-410 has 2 scenarios",
    );
    expect(
        refused(|content| content.instruments[1].name = "INDEX-FUT".to_owned()),
        "instrument 1 and 2 are both named",
    );
    expect(refused(|content| content.collateral[1].name = "USD".to_owned()), "collateral asset 1 and 2");
    expect(
        refused(|content| content.collateral[0].name = "US D".to_owned()),
        "collateral asset 1 has the name \"US D\"",
    );
    expect(refused(|content| content.family.clear()), "family 1 has the name \"\": a name has 1 to 32 bytes");
    expect(refused(|content| content.instruments[0].long[1] = 1 << 31), "scenario 2 is 2147483648 quanta");
    expect(
        refused(|content| content.instruments[0].short[0] = i64::MIN),
        "the short loss of INDEX-FUT in scenario 1",
    );
    expect(refused(|content| content.instruments[1].long[0] = 29), "long loss 29 and short loss -30");
    expect(refused(|content| content.collateral[0].factor = 1 << 31), "one lot of USD counts 2147483648");
    expect(refused(|content| content.valid_until = content.valid_from), "expected the end after the start");
    let many =
        |count: usize| (0..count).map(|index| Collateral { name: index.to_string(), factor: 1 }).collect();
    expect(refused(|content| content.collateral = many(65)), "65 collateral assets");
    assert!(RiskArrays::new(Content { collateral: many(64), ..content() }).is_ok());
}

#[test]
fn what_the_format_does_not_know_is_refused() {
    let json = RiskArrays::new(content()).unwrap().to_json();
    let with = |from: &str, to: &str| {
        let changed = json.replacen(from, to, 1);
        assert_ne!(changed, json);
        RiskArrays::read(changed.as_bytes()).unwrap_err().to_string()
    };
    assert!(with("\"epoch\": 7", "\"epoch\": 7, \"note\": 1").contains("unknown field `note`"));
    assert!(with("\"epoch\": 7", "\"epoch\": 7, \"epoch\": 7").contains("duplicate field `epoch`"));
    assert!(with("\"epoch\": 7", "\"epoch\": -7").contains("line 7"));
    assert!(with("\"factor\": 50", "\"factor\": 50, \"lot\": 1").contains("unknown field `lot`"));
    assert!(with("arrays-v1", "arrays-v2").contains("unknown variant `solventry-risk-arrays-v2`"));
    assert!(with("\"quantum\": \"20\"", "\"quantum\": \"20.0\"").contains("no quantum"));
    assert!(with("\"quantum\": \"20\"", "\"quantum\": 20").contains("invalid type"));
    assert!(with("-166", "-166.0").contains("expected i64"));
    let trailing = RiskArrays::read(format!("{json}{{}}").as_bytes()).unwrap_err().to_string();
    assert!(trailing.contains("trailing characters"), "{trailing}");
    let large = RiskArrays::read(&vec![b' '; MAX_FILE_BYTES + 1]).unwrap_err();
    assert!(matches!(large, FileError::TooLarge { got: 4_194_305, .. }));
}

#[test]
fn the_end_of_validity_is_outside() {
    let arrays = RiskArrays::new(content()).unwrap();
    assert!(arrays.valid_at(1_700_000_000) && arrays.valid_at(1_700_086_399));
    assert!(!arrays.valid_at(1_699_999_999) && !arrays.valid_at(1_700_086_400));
}

proptest! {
    #[test]
    fn reading_takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(RiskArrays::read(&bytes).is_err());
    }

    #[test]
    fn a_mutated_file_is_refused_or_reads_back_as_itself(at in 0usize..800, byte in 32u8..127) {
        let mut json = RiskArrays::new(content()).unwrap().to_json().into_bytes();
        let at = at % json.len();
        json[at] = byte;
        if let Ok(arrays) = RiskArrays::read(&json) {
            prop_assert_eq!(RiskArrays::read(arrays.to_json().as_bytes()).unwrap().digest(), arrays.digest());
        }
    }
}
