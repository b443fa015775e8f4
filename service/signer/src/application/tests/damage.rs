//! A journal file that something else has altered: an error that says so, or nothing lost; never a panic.

use std::{fs, panic::catch_unwind, path::Path};

use crate::application::{RedbStore, Store, Table, Write};

const TABLES: [Table; 3] = [Table::Meta, Table::Decided, Table::Nonces];

type Rows = Vec<(Table, Vec<u8>, Vec<u8>)>;

/// A closed file of about 100 kB in several batches, and what it holds.
fn sample(path: &Path) -> Rows {
    let mut store = RedbStore::open(path).unwrap();
    for batch in 0..20u8 {
        let rows = (0..10u8).map(|row| {
            let table = TABLES[usize::from(row) % TABLES.len()];
            Write::Put(table, vec![batch, row], vec![batch ^ row; 400])
        });
        store.write(&rows.collect::<Vec<_>>()).unwrap();
    }
    rows(&store).unwrap()
}

fn rows(store: &RedbStore) -> Result<Rows, crate::application::StoreError> {
    let mut rows = vec![];
    for table in TABLES {
        store.scan(table, &mut |key, value| {
            rows.push((table, key.to_vec(), value.to_vec()));
            Ok(())
        })?;
    }
    Ok(rows)
}

/// Opens an altered copy and reads all of it; whether it was refused.
fn refused(path: &Path, bytes: &[u8], expected: &Rows, what: &str) -> bool {
    fs::write(path, bytes).unwrap();
    let opened = catch_unwind(|| match RedbStore::open(path) {
        Err(error) => Err(error.to_string()),
        Ok(store) => Ok(rows(&store).unwrap()),
    });
    match opened.unwrap_or_else(|_| panic!("{what}: it panicked")) {
        Err(error) => {
            assert!(error.contains("damaged"), "{what}: {error}");
            true
        }
        Ok(found) => {
            assert!(&found == expected, "{what}: other rows");
            false
        }
    }
}

#[test]
fn a_damaged_file_is_refused_or_holds_what_it_held() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, copy) = (folder.path().join("whole"), folder.path().join("copy"));
    let expected = sample(&whole);
    let bytes = fs::read(&whole).unwrap();
    assert!(!refused(&copy, &bytes, &expected, "untouched"));
    for keep in [1, 9, 100, 320, 4_095, 4_096, 5_000, 60_000, bytes.len() / 2, bytes.len() - 1] {
        let keep = keep.min(bytes.len() - 1);
        assert!(refused(&copy, &bytes[..keep], &expected, &format!("{keep} bytes left")));
    }
    let mut caught = 0;
    let places = (0..320).step_by(7).chain((320..bytes.len()).step_by(bytes.len() / 150));
    for place in places {
        let mut altered = bytes.clone();
        altered[place] ^= 0x55;
        caught += usize::from(refused(&copy, &altered, &expected, &format!("byte {place}")));
    }
    assert!(caught > 10, "{caught} of the altered files are refused");
    for range in [0..64, 64..128, 128..512, 4_096..8_192] {
        let mut altered = bytes.clone();
        altered[range.clone()].fill(7);
        refused(&copy, &altered, &expected, &format!("bytes {range:?}"));
    }
}

#[test]
fn a_file_in_use_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let _first = RedbStore::open(&path).unwrap();
    let error = RedbStore::open(&path).unwrap_err().to_string();
    assert!(error.contains("another process has it open"), "{error}");
}
