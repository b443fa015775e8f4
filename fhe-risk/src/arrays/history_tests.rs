use proptest::prelude::*;

use super::*;

fn read(csv: &str) -> Result<PriceHistory, HistoryError> {
    PriceHistory::read(csv.as_bytes())
}

fn message(csv: &str) -> String {
    read(csv).unwrap_err().to_string()
}

#[test]
fn prices_stand_by_instrument_and_date() {
    let history = read("date,BTC,GOLD\n2024-01-02,45012.5,2063.10\n2024-01-05,42845,0.5\n").unwrap();
    assert_eq!(history.instruments(), ["BTC", "GOLD"]);
    assert_eq!(history.dates()[1].to_string(), "2024-01-05");
    assert_eq!(history.prices("BTC").unwrap(), [45012.5, 42845.0]);
    assert_eq!(history.prices("GOLD").unwrap(), [2063.10, 0.5]);
    assert_eq!(history.prices("EUR"), None);
}

#[test]
fn returns_are_logarithmic() {
    // numpy 2.4: np.diff(np.log([100, 110, 99]))
    let returns = log_returns(&[100.0, 110.0, 99.0]);
    for (got, expected) in returns.iter().zip([0.095_310_179_804_324_87, -0.105_360_515_657_826_28]) {
        assert!((got - expected).abs() < 1e-15);
    }
    assert_eq!(returns.len(), 2);
    assert!(log_returns(&[1.0]).is_empty());
}

#[test]
fn a_price_carries_forward_over_three_rows_and_no_more() {
    let rows = "date,A\n2024-01-01,7\n2024-01-02,\n2024-01-03,\n2024-01-04,\n";
    assert_eq!(
        read(&format!("{rows}2024-01-05,9\n")).unwrap().prices("A").unwrap(),
        [7.0, 7.0, 7.0, 7.0, 9.0]
    );
    // The count starts again at the next price.
    let twice = format!("{rows}2024-01-05,9\n2024-01-06,\n2024-01-07,\n2024-01-08,\n");
    assert_eq!(read(&twice).unwrap().prices("A").unwrap()[5..], [9.0, 9.0, 9.0]);
    let long = message(&format!("{rows}2024-01-05,\n"));
    assert!(long.starts_with("line 6, column 2 (A): no price for 4 rows; a gap has at most 3"), "{long}");
    let first = message("date,A,B\n2024-01-01,7,\n2024-01-02,7,1\n");
    assert!(first.starts_with("line 2, column 3 (B): no price for 1 rows"), "{first}");
}

#[test]
fn a_bad_file_is_refused_with_line_and_column() {
    let expect = |csv: &str, part: &str| assert!(message(csv).contains(part), "{csv:?}: {}", message(csv));
    expect("", "expected the header `date`, got \"\"");
    expect("Date,A\n", "got \"Date\"");
    expect("date\n2024-01-01\n", "0 instruments, expected 1 to 64");
    expect("date,A,A\n", "column 3: the instrument name \"A\": another column has it too");
    expect("date,A B\n", "column 2: the instrument name \"A B\": a name is made of");
    expect("date,A\n2024-01-01,1\n", "1 rows of prices, expected 2 to 20000");
    expect("date,A\n2024-01-01,1\n2024-01-02,1,2\n", "line 3: 3 cells, the header has 2");
    expect("date,A\n2024-01-01\n", "line 2: 1 cells, the header has 2");
    expect(
        "date,A\n2024-02-30,1\n",
        "line 2, column 1: expected a date such as 2024-01-31, got \"2024-02-30\"",
    );
    expect(
        "date,A\n2024-01-02,1\n2024-01-02,1\n",
        "line 3: the date 2024-01-02 does not come after 2024-01-02",
    );
    expect("date,A\n2024-01-02,1\n\n2024-01-01,1\n", "line 4: the date 2024-01-01 does not come after");
    for price in [
        "0",
        "0.00",
        "-1",
        "+1",
        "1e3",
        "nan",
        "inf",
        ".5",
        "5.",
        "1 000",
        "\"1,5\"",
        "0x1",
        "1234567890123456789012345",
    ] {
        expect(&format!("date,A\n2024-01-01,{price}\n"), "line 2, column 2 (A): expected a positive decimal");
    }
    let broken = PriceHistory::read(b"date,A\n2024-01-01,\xff\n").unwrap_err();
    assert!(matches!(broken, HistoryError::Csv(_)), "{broken}");
}

#[test]
fn a_byte_order_mark_and_quotes_are_read() {
    let history = read("\u{feff}date,\"A\"\r\n2024-01-01,\"1.5\"\r\n2024-01-02,2\r\n").unwrap();
    assert_eq!(history.prices("A").unwrap(), [1.5, 2.0]);
}

#[test]
fn sizes_are_bounded() {
    let columns =
        |count: usize| (0..count).fold("date".to_owned(), |header, column| format!("{header},I{column}"));
    assert!(message(&columns(65)).contains("65 instruments, expected 1 to 64"));
    assert!(message(&columns(64)).contains("0 rows of prices"));
    let first: Date = "1900-01-01".parse().unwrap();
    let rows = |count: i32| {
        let dates = (0..count).map(|row| first.plus(row).to_string());
        dates.fold("date,A\n".to_owned(), |csv, date| csv + &date + ",1\n")
    };
    assert_eq!(read(&rows(20_000)).unwrap().dates().len(), MAX_ROWS);
    assert!(message(&rows(20_001)).contains("20001 rows of prices, expected"));
    let large = PriceHistory::read(&vec![b'x'; MAX_BYTES + 1]).unwrap_err();
    assert!(matches!(large, HistoryError::TooLarge { .. }));
}

proptest! {
    #[test]
    fn reading_takes_any_text(text in "(date,A\n)?[-0-9a-z,.\"\n]{0,60}") {
        if let Ok(history) = read(&text) {
            prop_assert!(history.dates().is_sorted());
            prop_assert!(history.prices("A").is_none_or(|prices| prices.iter().all(|price| *price > 0.0)));
        }
    }
}
