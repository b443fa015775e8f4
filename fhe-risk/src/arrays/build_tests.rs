use super::*;
use crate::arrays::{forecast::Forecast, scenario::SCENARIOS};

const MARKET: &str = include_str!("../../samples/market.toml");
const PRICES: &[u8] = include_bytes!("../../samples/prices.csv");

fn built(market: &str) -> Result<Built, BuildError> {
    build(&MarketConfig::read(market.as_bytes()).unwrap(), &PriceHistory::read(PRICES).unwrap())
}

/// The sample with one piece of text exchanged.
fn with(from: &str, to: &str) -> Result<Built, BuildError> {
    assert!(MARKET.contains(from), "{from}");
    built(&MARKET.replacen(from, to, 1))
}

/// The fixture is the work of an independent program: pandas 3.1 (gaps, averages), scipy 1.17
/// (GARCH by Nelder-Mead, normal distribution, implied volatility by Brent), numpy 2.4 (HAR by
/// `lstsq`). No entry lies nearer than 0.007 quanta to where it would round otherwise.
#[test]
fn the_sample_equals_that_of_an_independent_program() {
    let expected = RiskArrays::read(include_bytes!("../../tests/data/sample-arrays.json")).unwrap();
    let built = built(MARKET).unwrap();
    assert_eq!(built.arrays.content(), expected.content());
    assert_eq!(built.arrays.scenarios(), SCENARIOS);
    assert_eq!(built.as_of.to_string(), "2025-12-01");
    assert!((built.loss.per_lot() - 19.853_829_893_433_158).abs() < 1e-6);
    let ranges: Vec<_> = built.ranges.iter().map(|(column, range)| (column.as_str(), range.range)).collect();
    let known = [
        ("COIN", 8_313.839_002_559_46),
        ("CRUDE", 7.319_561_489_680_3),
        ("GRAIN", 0.222_390_280_051_763_26),
        ("INDEX", 205.594_888_732_437_1),
        ("METAL", 70.186_442_819_454_07),
    ];
    for ((column, range), (expected_column, expected)) in ranges.into_iter().zip(known) {
        assert!(column == expected_column && (range / expected - 1.0).abs() < 1e-11, "{column} {range}");
    }
}

#[test]
fn forecasts_raise_and_never_lower() {
    let plain = with("forecasts = [\"garch\", \"har\"]", "").unwrap();
    let raised = built(MARKET).unwrap();
    for (column, range) in &raised.ranges {
        let [garch, har] = [Forecast::Garch, Forecast::Har].map(|which| {
            range
                .forecasts
                .iter()
                .find(|(forecast, _)| *forecast == which)
                .map(|(_, volatility)| *volatility)
                .unwrap()
        });
        let before = plain.ranges[column].range;
        let more = garch.max(har) > range.volatility.applied;
        assert!(if more { range.range > before } else { range.range == before }, "{column}");
        assert_eq!(more, column == "GRAIN");
    }
}

#[test]
fn parameters_reach_the_ranges() {
    let plain = built(MARKET).unwrap().ranges["CRUDE"].range;
    let range = |from, to| with(from, to).unwrap().ranges["CRUDE"].range;
    assert!((range("multiplier = 3.0", "multiplier = 4.5") / plain - 1.5).abs() < 1e-9);
    assert!((range("floor = 0.01", "floor = 0.5") - 0.5 * 78.86).abs() < 1e-9);
    assert!(range("stressed_weight = 0.25", "stressed_weight = 1.0") > 1.2 * plain);
    assert!((range("horizon_days = 2", "horizon_days = 8") / plain - 2.0).abs() < 1e-9);
    let wide = with("entry_bits = 9", "entry_bits = 16").unwrap();
    assert_eq!(wide.arrays.content().quantum.to_string(), "0.2");
}

#[test]
fn a_long_history_gives_its_own_ten_year_volatility() {
    let first: Date = "2010-01-01".parse().unwrap();
    let market = "family = 'f'\ncurrency = 'USD'\nepoch = 1\nvalid_from = 1\nvalid_until = 2\n\
                  [[instrument]]\nkind = 'spot'\nname = 'A'\nprices = 'A'\nlot = 1";
    let ten_year = |days: i32| {
        // Wild at first, then calm: the average of ten years is above today's.
        let price = |day: i32| {
            if day % 2 == 0 {
                100.0
            } else if day < 1500 {
                103.0
            } else {
                101.0
            }
        };
        let rows = (0..days).map(|day| format!("{},{}\n", first.plus(day), price(day)));
        let history =
            PriceHistory::read(("date,A\n".to_owned() + &rows.collect::<String>()).as_bytes()).unwrap();
        let built = build(&MarketConfig::read(market.as_bytes()).unwrap(), &history).unwrap();
        built.ranges["A"].volatility.ten_year
    };
    assert_eq!(ten_year(3652), None);
    let (wild, calm) = (1.03f64.ln().powi(2), 1.01f64.ln().powi(2));
    // 3 653 days have 3 652 returns, the first 1 500 to or from a wild price.
    let expected = ((1500.0 * wild + 2152.0 * calm) / 3652.0).sqrt();
    assert!((ten_year(3653).unwrap() - expected).abs() < 1e-12, "{:?} {expected}", ten_year(3653));
    assert!(ten_year(4000).unwrap() < expected);
}

#[test]
fn a_quote_gives_the_volatility_that_explains_it() {
    let by_quote = built(MARKET).unwrap();
    let by_volatility = with("quote = 93.5", "volatility = 0.14477483101208985").unwrap();
    assert_eq!(by_quote.arrays, by_volatility.arrays);
}

#[test]
fn what_cannot_be_built_is_refused_with_name_and_advice() {
    let expect = |from: &str, to: &str, part: &str| {
        let message = with(from, to).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    };
    expect(
        "prices = \"METAL\"",
        "prices = \"TIN\"",
        "METAL-FUT refers to the prices of TIN, the history has INDEX, COIN,",
    );
    expect("[given.COIN]", "[given.TIN]", "given refers to the prices of TIN");
    expect("lot = 1000\n", "lot = 0\n", "CRUDE-FUT: lot is 0, expected units in one lot, above 0");
    expect("lot = 0.1\n", "lot = nan\n", "COIN: lot is NaN");
    expect("expiry = \"2025-12-26\"", "expiry = \"2025-12-01\"", "option COIN-C-55000 expired on 2025-12-01");
    expect("volatility = 0.15", "", "option INDEX-C-4700: give either its volatility or its quote");
    expect("volatility = 0.15", "volatility = 0.15\nquote = 3", "give either its volatility or its quote");
    expect("volatility = 0.15", "volatility = 15", "volatility is 15, expected above 0 and at most 10");
    expect(
        "quote = 93.5",
        "quote = 4600",
        "no volatility explains the quote 4600 at the futures price 4615.16",
    );
    expect("strike = 4700", "strike = 0", "strike is 0, expected above 0");
    expect(
        "volatility_move = 0.3",
        "volatility_move = 1.0",
        "volatility_move is 1, expected at least 0 and below 1",
    );
    expect("rate = 0.04", "rate = 4", "rate is 4, expected -1 to 1");
    expect(
        "ten_year_volatility = 0.0105",
        "ten_year_volatility = 1.05",
        "prices of INDEX: the parameter ten_year_volatility",
    );
    expect("seed_returns = 60", "seed_returns = 499", "499 returns, but 500 are needed");
    expect("haircut_bps = 2500", "haircut_bps = 10001", "haircut 10001 bps");
    expect("lot = 0.1\n", "lot = 1.0\n", "one lot of COIN counts 1902 quanta of 20 after the haircut");
    expect("name = \"COIN-C-55000\"", "name = \"COIN\"", "instrument 5 and 8 are both named COIN");
    expect("valid_until = 2082758400", "valid_until = 1", "expected the end after the start");
}

#[test]
fn what_the_configuration_does_not_know_is_refused() {
    let expect = |from: &str, to: &str, part: &str| {
        let message = MarketConfig::read(MARKET.replacen(from, to, 1).as_bytes()).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    };
    expect("epoch = 1", "epoch = 1\nseed = 2", "unknown field `seed`");
    expect("floor = 0.01", "flor = 0.01", "unknown field `flor`");
    expect("lot = 100\n", "lot = 100\nstrike = 1\n", "unknown field `strike`");
    expect("haircut_bps = 0", "haircut = 0", "unknown field `haircut`");
    expect("kind = \"spot\"", "kind = \"swap\"", "unknown variant `swap`");
    expect("\"garch\"", "\"arch\"", "unknown variant `arch`");
    expect("expiry = \"2025-12-26\"", "expiry = \"2025-12-32\"", "expected a date from");
    expect("epoch = 1", "epoch = -1", "epoch");
    let large = MarketConfig::read(&vec![b'#'; (1 << 20) + 1]).unwrap_err().to_string();
    assert!(large.contains("1048577 bytes"), "{large}");
}

#[test]
fn the_report_shows_quantum_loss_and_digest() {
    let built = built(MARKET).unwrap();
    let report = built.to_string();
    assert!(report.contains("8 instruments, 16 scenarios, 3 collateral assets, quantum 20 USD"), "{report}");
    assert!(report.contains("at most 19.85 USD per lot and leg"), "{report}");
    assert!(report.ends_with(&hex::encode(built.arrays.digest())), "{report}");
}
