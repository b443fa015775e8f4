//! Seven nodes of which five sign a taproot vault's payments: losses, returns and an old disk.

use std::{collections::BTreeSet, fs, path::Path};

use bitcoin::{
    Address, Network, Psbt, ScriptBuf, Transaction, TxOut, XOnlyPublicKey, consensus,
    hashes::Hash,
    secp256k1::{Message, Secp256k1, schnorr},
    sighash::{Prevouts, SighashCache, TapSighashType},
};
use solventry_chains::from_text_or_binary;
use solventry_signer::node::Folder;

use super::{
    super::binaries::Desk,
    nodes::PASSPHRASE,
    office::{Coin, EXCHANGE, Office, SALT},
};

const BTC: Coin = Coin { symbol: "BTC", chain: "bitcoin", decimals: 8, destination: EXCHANGE };

#[test]
fn seven_nodes_sign_while_five_run_and_take_an_old_disk_back() {
    let mut office = Office::with_key(Desk::prepared(), 7, BTC);
    office.begin(&format!("--address {}", office.address));
    office.nodes.stop(7);
    copy(&office.desk.path("N7"), &office.desk.path("N7.old"));
    office.nodes.start(&office.desk, 7);
    office.until(7, "running");
    office.activate(6);

    office.pay("first", EXCHANGE, "0.5_BTC");
    office.sign("first", "").expect(0);
    spends(&office, "first", 50_000_000);
    office.audit("first");
    no_core(&office);

    // n − t nodes down: two coordinators sign at once.
    office.nodes.kill(1);
    office.nodes.kill(2);
    office.pay("second", EXCHANGE, "0.25_BTC");
    office.pay("third", EXCHANGE, "0.75_BTC");
    std::thread::scope(|scope| {
        let office = &office;
        for name in ["second", "third"] {
            scope.spawn(move || office.sign(name, "").expect(0));
        }
    });
    spends(&office, "second", 25_000_000);
    spends(&office, "third", 75_000_000);

    // One more down: nothing is signed, and the command says what it lacks.
    office.nodes.kill(3);
    office.pay("fourth", EXCHANGE, "1_BTC");
    let refused = office.sign("fourth", "--patience 5");
    assert_ne!(refused.code, 0, "{refused:?}");
    refused.says("node-1").says("node-2").says("node-3");
    assert!(!office.desk.path("fourth.sign").exists());

    // A disk from before all that, among too few: the node waits. With enough it learns first.
    office.nodes.stop(7);
    fs::remove_dir_all(office.desk.path("N7")).unwrap();
    fs::rename(office.desk.path("N7.old"), office.desk.path("N7")).unwrap();
    let before = log(&office, 7).len();
    office.nodes.start(&office.desk, 7);
    std::thread::sleep(std::time::Duration::from_secs(2));
    let said = log(&office, 7).split_off(before);
    assert!(said.contains("waiting for peers") && !said.contains("running"), "{said}");
    office.nodes.start(&office.desk, 3);
    // It voted for the fourth payment before, which its disk does not know: it may not vote again.
    office.until(1, "quarantined");
    office.until(4, "running");
    let said = log(&office, 7).split_off(before);
    assert!(said.contains("caught up") && !said.contains("running"), "{said}");

    // The lost nodes come back, the same command goes on where it was, and the height is decided.
    office.nodes.start_all(&office.desk);
    office.until(6, "running");
    office.sign("fourth", "").expect(0);
    spends(&office, "fourth", 100_000_000);
    office.until(7, "running");
    let heights: BTreeSet<u64> = office.status().into_iter().map(|(_, height)| height).collect();
    assert!(heights.first().unwrap() + 1 >= *heights.last().unwrap(), "{heights:?}");
    office.sign("fourth", "").expect(1).says("exists");
    nothing_secret(&office);
}

/// The finished transaction of a payment pays `satoshi` out of the group's key, and its witness
/// holds libsecp256k1's check over the hash of BIP-341.
fn spends(office: &Office, name: &str, satoshi: u64) {
    office.desk.solventry(&format!("payment finish {name}.sign --out {name}.raw")).expect(0);
    let raw = String::from_utf8(office.desk.read(&format!("{name}.raw"))).unwrap();
    let transaction: Transaction = consensus::encode::deserialize_hex(raw.trim()).unwrap();
    let psbt = Psbt::deserialize(&from_text_or_binary(&office.desk.read(&format!("{name}.tx")))).unwrap();
    assert_eq!(transaction.compute_txid(), psbt.unsigned_tx.compute_txid());
    let own: Address =
        office.address.parse::<Address<_>>().unwrap().require_network(Network::Bitcoin).unwrap();
    let prevouts: Vec<TxOut> = psbt.inputs.iter().map(|input| input.witness_utxo.clone().unwrap()).collect();
    let exchange: Address =
        EXCHANGE.parse::<Address<_>>().unwrap().require_network(Network::Bitcoin).unwrap();
    assert_eq!(transaction.output[0].script_pubkey, exchange.script_pubkey());
    assert_eq!(transaction.output[0].value.to_sat(), satoshi);
    for (input, prevout) in prevouts.iter().enumerate() {
        assert_eq!(prevout.script_pubkey, own.script_pubkey());
        let mut cache = SighashCache::new(&transaction);
        let hash = cache
            .taproot_key_spend_signature_hash(input, &Prevouts::All(&prevouts), TapSighashType::Default)
            .unwrap();
        let [item]: [&[u8]; 1] =
            transaction.input[input].witness.iter().collect::<Vec<_>>().try_into().unwrap();
        let key = output_key(&prevout.script_pubkey);
        let message = Message::from_digest(hash.to_byte_array());
        let signature = schnorr::Signature::from_slice(item).unwrap();
        Secp256k1::verification_only().verify_schnorr(&signature, &message, &key).unwrap();
    }
}

fn output_key(script: &ScriptBuf) -> XOnlyPublicKey {
    XOnlyPublicKey::from_slice(&script.as_bytes()[2..]).unwrap()
}

/// No node may leave its memory on a disk.
fn no_core(office: &Office) {
    let limits = fs::read_to_string(format!("/proc/{}/limits", office.nodes.process(1))).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
}

/// Neither passphrase nor policy nor the keys of coordinator and nodes stand in anything that nodes keep or say.
fn nothing_secret(office: &Office) {
    let coordinator = office.desk.read("coordinator.key");
    let salt = hex::decode(SALT).unwrap();
    let known: [&[u8]; 5] =
        [PASSPHRASE.as_bytes(), SALT.as_bytes(), &salt, coordinator.trim_ascii(), b"per_payment"];
    let mut searched = 0;
    for number in 1..=7 {
        let folder = office.desk.path(&format!("N{number}"));
        let (_, own, _) = Folder::open(&folder, PASSPHRASE.as_bytes()).unwrap();
        let own = [own.identity.to_bytes(), *own.link.secret(), *own.peer];
        let own = own.into_iter().flat_map(|secret| [secret.to_vec(), hex::encode(secret).into_bytes()]);
        let secrets: Vec<_> = own.chain(known.map(<[u8]>::to_vec)).collect();
        let mut files = vec![];
        walk(&office.desk.path(&format!("N{number}")), &mut files);
        files.extend(["log", "out"].map(|ending| office.desk.path(&format!("N{number}.{ending}"))));
        for file in files {
            let bytes = fs::read(&file).unwrap();
            searched += bytes.len();
            for secret in &secrets {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_slice());
                assert!(!found, "{}", file.display());
            }
        }
    }
    assert!(searched > 1 << 20, "journals and logs are there: {searched} bytes");
}

fn log(office: &Office, number: usize) -> String {
    String::from_utf8(office.desk.read(&format!("N{number}.log"))).unwrap()
}

fn walk(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { walk(&path, files) } else { files.push(path) }
    }
}

/// Copies a folder as a backup would.
fn copy(from: &Path, to: &Path) {
    let mut files = vec![];
    walk(from, &mut files);
    for file in files {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
}
