use solventry_fhe_risk::arrays::file::{Content, Format, Instrument};

use super::*;

fn arrays(epoch: u64) -> RiskArrays {
    RiskArrays::new(Content {
        format: Format::V1,
        family: "sample".into(),
        currency: "USD".into(),
        quantum: "1".parse().unwrap(),
        look_ahead_days: 1,
        epoch,
        valid_from: 10,
        valid_until: 20,
        instruments: vec![Instrument { name: "A".into(), long: vec![5, -4], short: vec![-4, 5] }],
        collateral: vec![],
    })
    .unwrap()
}

#[test]
fn a_file_that_cannot_be_used_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("0.json"), "no arrays").unwrap();
    std::fs::create_dir(path("1.json")).unwrap();
    std::fs::write(path("2.json"), arrays(1).to_json()).unwrap();
    let shelf = Shelf::new(vec![folder.path().into()]).unwrap();
    assert!(shelf.find(&Digest(arrays(1).digest())).is_some());
    std::fs::write(path("3.json"), arrays(2).to_json()).unwrap();
    assert!(shelf.find(&Digest(arrays(2).digest())).is_some());
    std::fs::write(path("4.json"), arrays(3).to_json()).unwrap();
    assert!(shelf.find(&Digest(arrays(3).digest())).is_none(), "not twice within a second");
    std::thread::sleep(PAUSE);
    assert!(shelf.find(&Digest(arrays(3).digest())).is_some());
    assert_eq!(shelf.count(), 3);
}

#[test]
fn a_file_that_is_named_must_be_valid_and_of_too_many_the_last_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: String| folder.path().join(name);
    assert!(Shelf::new(vec![path("none.json".into())]).is_err());
    for epoch in 0..=MAX_FILES {
        std::fs::write(path(format!("{epoch:03}.json")), arrays(epoch as u64).to_json()).unwrap();
    }
    let shelf = Shelf::new(vec![folder.path().into()]).unwrap();
    assert_eq!(shelf.count(), MAX_FILES);
    assert!(shelf.find(&Digest(arrays(MAX_FILES as u64).digest())).is_some());
    assert!(shelf.find(&Digest(arrays(0).digest())).is_none());
}
