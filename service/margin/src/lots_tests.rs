use solventry_fhe_risk::{
    arrays::file::{Collateral, Content, Format, Instrument},
    plan::InputKind,
};

use super::*;

fn arrays() -> RiskArrays {
    let instrument = |name: &str| Instrument { name: name.into(), long: vec![5, -4], short: vec![-4, 5] };
    let content = Content {
        format: Format::V1,
        family: "sample".into(),
        currency: "USD".into(),
        quantum: "1".parse().unwrap(),
        look_ahead_days: 1,
        epoch: 3,
        valid_from: 10,
        valid_until: 20,
        instruments: vec![instrument("A"), instrument("B")],
        collateral: vec![Collateral { name: "USD".into(), factor: 7 }],
    };
    RiskArrays::new(content).unwrap()
}

const MARKET: Market = Market { bits: 20, value_bits: 8, inputs: InputKind::Secret };

#[test]
fn both_forms_give_the_same_legs() {
    let json = br#"{"positions": {"B": -3, "A": 255}, "collateral": {"USD": 9}}"#;
    let table = b"kind,name,lots\nposition,A,255\r\nposition,B,-3\n\ncollateral,USD,9\n";
    let lots = Lots::read(json).unwrap();
    assert_eq!(Lots::read(table).unwrap(), lots);
    for text in [json.as_slice(), table] {
        assert_eq!(Lots::read(&[b"\xef\xbb\xbf", text].concat()).unwrap(), lots, "with a byte order mark");
    }
    assert_eq!(format!("{lots:?}"), "Lots { positions: Names(2), collateral: Names(1) }");
    let legs = lots.legs(&arrays(), MARKET).unwrap();
    assert_eq!((legs.legs, legs.collateral), (vec![255, 0, 0, 3], vec![9]));
    let nothing = Lots::read(br#"{"positions": {}}"#).unwrap().legs(&arrays(), MARKET).unwrap();
    assert_eq!((nothing.legs, nothing.collateral), (vec![0; 4], vec![0]));
}

#[test]
fn errors_name_the_instrument_or_the_line() {
    let refused = |text: &str, part: &str| {
        let legs = Lots::read(text.as_bytes()).and_then(|lots| lots.legs(&arrays(), MARKET));
        let error = legs.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    };
    refused(r#"{"positions": {"A": 256}}"#, "A: expected at most 255 lots at this venue (8 bits), got more");
    refused(r#"{"positions": {"A": -9223372036854775808}}"#, "got more");
    refused(r#"{"positions": {"C": 1}}"#, "no instrument \"C\"; expected one of A, B");
    refused(r#"{"positions": {}, "collateral": {"EUR": 1}}"#, "no collateral asset \"EUR\"");
    refused(r#"{"positions": {"A": 1, "A": 2}}"#, "\"A\" stands twice");
    refused(r#"{"positions": {"A": 1.5}}"#, "JSON");
    refused(r#"{"position": {}}"#, "unknown field");
    refused("", "line 1");
    refused("kind,name,lots\nposition,A", "line 2: expected three cells");
    refused("kind,name,lots\nposition,A,1,2", "three cells");
    refused("kind,name,lots\nposition,A,x", "whole number");
    refused("kind,name,lots\ncollateral,USD,-1", "not negative");
    refused("kind,name,lots\nposition,A,1\nposition,A,1", "line 3: expected every name once");
    refused("kind,name,lots\nstock,A,1", "the kind position or collateral");
}
