//! Every fault of a ledger folder, with its exact place.

mod folder;

use folder::{ACCOUNTS, ASSETS, Folder};
use solventry::ledger::{AccountsForm, Fault, LedgerFile, ReadOptions, Warning};

const BTC_ADDRESS: &str = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4";

/// The only fault of `accounts.csv`, as `line:column: message`.
fn accounts(content: impl AsRef<[u8]>) -> String {
    Folder::new(ASSETS, content).only_fault(LedgerFile::Accounts)
}

fn assets(content: &str) -> String {
    Folder::new(content, ACCOUNTS).only_fault(LedgerFile::Assets)
}

fn reserves(rows: &str) -> String {
    let folder = Folder::new(ASSETS, ACCOUNTS);
    folder.write(LedgerFile::Reserves, format!("asset,chain,address,amount\n{rows}"));
    folder.only_fault(LedgerFile::Reserves)
}

#[track_caller]
fn starts(text: String, expected: &str) {
    assert!(text.starts_with(expected), "expected {expected:?}, came {text:?}");
}

#[test]
fn amounts_out_of_form() {
    for (amount, message) in [
        ("-1", "expected an amount of zero or more"),
        ("+1", "expected digits, came a plus sign"),
        ("1e5", "expected plain digits, came an exponent"),
        ("", "expected an amount, came an empty field"),
        ("1.", "expected a digit after the point"),
        (".5", "expected a digit before the point"),
        ("\"1,000\"", "expected digits and at most one point, came a separator"),
        ("1 000", "expected digits and at most one point, came a separator"),
        ("one", "expected a decimal number"),
    ] {
        let text = accounts(format!("account_id,asset,amount\neva,ETH,1\né,BTC,{amount}\n"));
        starts(text, &format!("3:7: {message}"));
        let wide = accounts(format!("account_id,ETH,BTC\neva,1,1\né,2,{amount}\n"));
        match amount {
            "" => assert_eq!(wide, "", "an empty cell of the wide form is zero"),
            _ => starts(wide, &format!("3:5: {message}")),
        }
    }
}

#[test]
fn amounts_out_of_range_come_with_advice() {
    let table = "symbol,decimals,min_coverage\nETH,18,10000\n";
    let folder = Folder::new(table, "account_id,asset,amount\na,ETH,18.4\nb,ETH,18.5\nc,ETH,120000.5\n");
    let report = folder.refused();
    let faults: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    starts(faults[0].clone(), "accounts.csv:3:7: expected an amount below 2^64 units of 10^-18 ETH");
    assert!(faults[0].ends_with("it fits with 17 decimals in assets.csv"));
    assert!(faults[1].starts_with("accounts.csv:4:7:") && faults[1].contains("14 decimals"));
    assert_eq!((report.advice[0].listed, report.advice[0].fits), (18, Some(14)));
    assert!(report.to_string().contains("list it with 14 decimals in assets.csv"));
    // Rounding up can be what leaves the range.
    let edge = "account_id,asset,amount\na,ETH,18.4467440737095516150\nb,ETH,18.4467440737095516151\n";
    starts(Folder::new(table, edge).only_fault(LedgerFile::Accounts), "3:7: expected an amount below 2^64");
}

#[test]
fn dust_is_rounded_up_and_refused_when_exact() {
    let folder = Folder::new(ASSETS, "account_id,asset,amount\na,BTC,0.000000001\nb,BTC,1.100000000\n");
    let read = folder.read().unwrap();
    assert_eq!(read.ledger.totals()[0].units(), 110_000_001);
    let dust = &read.report.dust[0];
    assert_eq!((dust.asset.as_str(), dust.rows, dust.amount.as_str()), ("BTC", 1, "0.000000009"));
    let report = folder.read_with(ReadOptions { exact: true }).unwrap_err();
    starts(
        report.problems[0].to_string(),
        "accounts.csv:2:7: expected at most 8 decimals for BTC, came more",
    );
    assert_eq!(report.problems.len(), 1);
}

#[test]
fn accounts_and_pairs_come_once() {
    let long = accounts("account_id,asset,amount\neva,BTC,1\nada,BTC,1\neva,ETH,1\neva,BTC,0\n");
    starts(long, "5:1: expected one row per account and asset, came the pair of line 2 again");
    let moved = accounts("asset,account_id,amount\nBTC,eva,1\nBTC,eva,0\n");
    starts(moved, "3:5: expected one row per account and asset, came the pair of line 2 again");
    let wide = accounts("account_id,BTC\n\"eva\",1\nada,1\neva,1\n");
    starts(wide, "4:1: expected one row per account, came the account of line 2 again");
}

#[test]
fn account_ids_out_of_form() {
    for (id, message) in [
        ("", "the account id is empty"),
        ("e\u{301}va", "not in Unicode normal form NFC"),
        (&"x".repeat(257), "the account id has 257 bytes"),
        ("eva\u{85}", "holds a control, invisible"),
        ("eva\u{200b}", "holds a control, invisible"),
        ("eva ", "begins or ends with white space"),
    ] {
        let text = accounts(format!("account_id,asset,amount\n{id},BTC,1\n"));
        assert!(text.starts_with("2:1: ") && text.contains(message), "{text}");
    }
}

#[test]
fn unknown_assets_are_echoed_safely() {
    starts(
        accounts("account_id,asset,amount\neva,btc,1\n"),
        "2:5: expected a symbol of assets.csv, came 'btc'; symbols are case-sensitive: write BTC",
    );
    let long = accounts(format!("account_id,asset,amount\neva,\u{202e}{},1\n", "D".repeat(60000)));
    starts(long, "2:5: expected a symbol of assets.csv, came a text of 60001 characters;");
    starts(accounts("account_id,BTC,DOGE\neva,1,1\n"), "1:16: expected a symbol of assets.csv, came 'DOGE'");
}

#[test]
fn bytes_that_are_no_text() {
    let header = "account_id,asset,amount\n";
    starts(
        accounts(format!("{header}eva,BTC,1\0\n")),
        "2:10: expected text, came a control character (byte 0)",
    );
    starts(
        accounts([header.as_bytes(), b"eva,BTC,\xff\n"].concat()),
        "2:9: expected UTF-8, came other bytes",
    );
    let utf16: Vec<u8> = "\u{feff}account_id,asset".encode_utf16().flat_map(u16::to_le_bytes).collect();
    starts(accounts(utf16), "1:1: expected UTF-8, came UTF-16");
    // A long line is skipped, and the lines after it are still read.
    let long = format!("{header}{}\neva,BTC,x\n", "z".repeat(10 << 20));
    let report = Folder::new(ASSETS, long).refused();
    let faults: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    starts(faults[0].clone(), "accounts.csv:2:1: expected a line of at most 65536 bytes");
    starts(faults[1].clone(), "accounts.csv:3:9: expected a decimal number");
    let wide = format!("account_id,BTC\neva,1\n{}\n", "z".repeat(10 << 20));
    starts(accounts(wide), "3:1: expected a line of at most 1048576 bytes");
}

#[test]
fn marks_line_ends_and_quotes_are_accepted() {
    let content = "\u{feff}account_id,asset,amount\r\n\"Lovelace, \"\"Ada\"\"\",BTC,1\r\n\r\néva,BTC,\"2\"";
    let read =
        Folder::new("\u{feff}symbol,decimals,min_coverage\r\nBTC,8,10000\r\n", content).read().unwrap();
    let ids: Vec<&str> = read.ledger.accounts().map(|account| account.id).collect();
    assert_eq!(ids, ["Lovelace, \"Ada\"", "éva"]);
}

#[test]
fn records_out_of_form() {
    let header = "account_id,asset,amount\n";
    starts(accounts(format!("{header}é,BTC\n")), "2:3: expected 3 fields as in the header, came 2");
    starts(accounts(format!("{header}é,BTC,1,000\n")), "2:9: expected 3 fields as in the header, came 4");
    starts(accounts(format!("{header}é,\"BTC,1\n")), "2:3: expected a closing quote on the same line");
    starts(accounts(format!("{header}é,\"BTC\"x,1\n")), "2:8: expected a comma after the closing quote");
    starts(accounts(format!("{header}é,B\"TC,1\n")), "2:4: expected no quote inside an unquoted field");
}

#[test]
fn headers_out_of_form() {
    starts(accounts(""), "expected a header line, came an empty file");
    starts(accounts("account_id,asset,amount\n"), "expected at least one row after the header");
    starts(accounts("account_id,BTC\r\n\r\n"), "expected at least one row after the header");
    starts(accounts("account_id;asset;amount\n"), "1:1: expected columns separated by commas");
    starts(accounts("account_id,asset,amount,note\n"), "1:25: expected the columns account_id,asset,amount");
    starts(
        accounts("account_id,asset,amount,asset\n"),
        "1:25: expected every column once, came 'asset' again",
    );
    starts(accounts("account_id,amount\n"), "1:1: expected the columns");
    starts(accounts("account,BTC\n"), "1:1: expected the columns");
    starts(accounts("account_id,BTC,BTC\neva,1,1\n"), "1:16: expected every column once, came 'BTC' again");
    starts(assets(""), "expected a header line, came an empty file");
    starts(assets("symbol,decimals,min_coverage\n"), "expected at least one row after the header");
}

#[test]
fn assets_out_of_form() {
    let header = "symbol,decimals,min_coverage,places\n";
    let btc = "BTC,8,10000,bitcoin/native/8\nETH,9,10000,ethereum/native/18\n";
    for (row, expected) in [
        ("BTC,8,10000,", "4:1: expected every symbol once, came BTC again (first in line 2)"),
        ("Ä,8,10000,", "4:1: expected a symbol of 1 to 32 visible ASCII characters"),
        ("X,31,10000,", "4:3: expected decimals from 0 to 30, came '31'"),
        ("X,+8,10000,", "4:3: expected decimals from 0 to 30, came '+8'"),
        ("X,8,100%,", "4:5: expected min_coverage in whole basis points from 1 to 1048575, came '100%'"),
        ("X,8,0,", "4:5: expected min_coverage"),
        (
            "X,8,10000,bitcoin/native/8",
            "4:11: expected every place with one asset, came bitcoin/native again (first",
        ),
        ("X,8,10000,bitcoin", "4:11: expected places such as"),
        ("X,8,10000,dogecoin/native/8", "4:11: expected a place on bitcoin, ethereum or solana"),
        ("X,8,10000,ethereum/0x00/8", "4:11: in the contract: expected an ethereum address"),
    ] {
        starts(assets(&format!("{header}{btc}{row}\n")), expected);
    }
    let many: String = (0..1030).map(|number| format!("T{number},8,10000,\n")).collect();
    starts(assets(&format!("{header}{many}")), "1024:1: expected at most 1022 assets");
}

#[test]
fn reserves_out_of_form() {
    for (row, expected) in [
        ("BTC,dogecoin,x,1", "2:5: expected one of the chains"),
        (
            "BTC,ethereum,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,1",
            "2:5: expected a chain where BTC lives",
        ),
        ("BTC,bitcoin,bc1qnope,1", "2:13: expected a bitcoin address"),
        (
            "BTC,bitcoin,tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx,1",
            "2:13: expected a bitcoin mainnet address",
        ),
        (
            &format!("BTC,bitcoin,{BTC_ADDRESS},1.000000001"),
            "2:56: expected at most 8 decimals, as many as BTC has",
        ),
        (&format!("BTC,bitcoin,{BTC_ADDRESS},-1"), "2:56: expected an amount of zero or more"),
        (&format!("DOGE,bitcoin,{BTC_ADDRESS},1"), "2:1: expected a symbol of assets.csv, came 'DOGE'"),
        (
            &format!("BTC,bitcoin,{BTC_ADDRESS},{}", 1u128 << 70),
            "2:13: expected a total of BTC below 2^96 units",
        ),
        (
            &format!("BTC,bitcoin,{BTC_ADDRESS},{}", "9".repeat(60)),
            "2:56: expected an amount below 2^128 chain units",
        ),
        (
            "USDC,ethereum,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,1",
            "2:6: expected one place of USDC on ethereum, came a chain with several; write ethereum/CONTRACT",
        ),
        ("ETH,ethereum,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD,1", "2:14: expected the EIP-55 checksum"),
        ("USDC,solana,abc,1", "2:13: expected a solana address"),
    ] {
        let text = reserves(&format!("{row}\n"));
        let text =
            if row.contains(&(1u128 << 70).to_string()) { text.replacen("2:56", "2:13", 1) } else { text };
        starts(text, expected);
    }
}

#[test]
fn one_address_in_two_spellings_is_a_duplicate() {
    let rows =
        format!("BTC,bitcoin,{BTC_ADDRESS},1\nETH,ethereum,0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,1\n");
    for (again, expected) in [
        (format!("BTC,bitcoin,{},2", BTC_ADDRESS.to_uppercase()), "4:13: "),
        ("ETH,ethereum,0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed,0".to_owned(), "4:14: "),
    ] {
        let text = reserves(&format!("{rows}{again}\n"));
        starts(
            text.clone(),
            &format!("{expected}expected every address once per asset, came the address of line"),
        );
    }
}

#[test]
fn all_faults_come_at_once_and_are_bounded() {
    let rows: String = (0..5000).map(|number| format!("customer-{number},BTC,-1\n")).collect();
    let folder =
        Folder::new("symbol,decimals,min_coverage\nBTC,8,x\n", format!("account_id,asset,amount\n{rows}"));
    folder.write(LedgerFile::Reserves, "asset,chain,address,amount\nBTC,bitcoin,x,1\n");
    let report = folder.refused();
    assert_eq!((report.problems.len(), report.further_problems), (1000, 4003));
    assert_eq!(report.problems[0].file, LedgerFile::Assets);
    assert!(!report.to_string().contains("customer-"), "ids stay out of reports");
    assert!(report.to_string().contains("4003 further errors"));
}

#[test]
fn missing_files_are_named() {
    let folder = Folder::new(ASSETS, ACCOUNTS);
    folder.remove(LedgerFile::Accounts);
    starts(folder.only_fault(LedgerFile::Accounts), "file not found");
    let folder = Folder::new(ASSETS, ACCOUNTS);
    folder.remove(LedgerFile::Assets);
    // Symbols of the other files are not reported as well.
    starts(folder.only_fault(LedgerFile::Assets), "file not found");
}

#[test]
fn warnings_name_what_is_odd() {
    let folder = Folder::new(
        "symbol,decimals,min_coverage,places\nBTC,8,10000,bitcoin/native/8\nETH,9,5000,ethereum/native/18\n\
         SOL,9,10000,solana/native/9\n",
        "account_id,asset,amount\neva,BTC,1\neva,ETH,0\neva,SOL,1\n",
    );
    assert_eq!(folder.read().unwrap().report.warnings.last(), Some(&Warning::NoReservesFile));
    folder.write(
        LedgerFile::Reserves,
        format!("asset,chain,address,amount,message,signature\nBTC,bitcoin,{BTC_ADDRESS},0.99999999,hi,\n"),
    );
    let report = folder.read().unwrap().report;
    let (btc, eth, sol) = ("BTC".to_owned(), "ETH".to_owned(), "SOL".to_owned());
    let expected = [
        Warning::ZeroAmounts { rows: 1 },
        Warning::UnusedSignatures { rows: 1 },
        Warning::LowMinimum { asset: eth, min_coverage_bps: 5000 },
        Warning::Short { asset: btc, min_coverage_bps: 10_000 },
        Warning::NoReserves { asset: sol },
    ];
    assert_eq!(report.warnings, expected);
    assert_eq!((report.form, report.accounts, report.holdings), (Some(AccountsForm::Long), 1, 2));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["warnings"][3]["kind"], "short");
}

#[test]
fn problems_serialize_with_their_place() {
    let report = Folder::new(ASSETS, "account_id,asset,amount\neva,BTC,1e5\n").refused();
    assert!(matches!(report.problems[0].fault, Fault::Amount(_)));
    let json = serde_json::to_value(&*report).unwrap();
    let problem = &json["problems"][0];
    assert_eq!(
        (&problem["file"], &problem["line"], &problem["column"]),
        (&"accounts.csv".into(), &2.into(), &9.into())
    );
}
