//! What a node says of a folder, a group or a passphrase that is not what it should be.

use std::{fs, net::TcpListener};

use super::{
    super::binaries::Desk,
    office::{Coin, EXCHANGE, Office},
};

const BTC: Coin = Coin { symbol: "BTC", chain: "bitcoin", decimals: 8, destination: EXCHANGE };

/// Damages a file, has node 1 refuse to start, and puts the file back.
struct Damage<'a> {
    office: &'a Office,
}

impl Damage<'_> {
    #[track_caller]
    fn refused(&self, name: &str, change: impl FnOnce(&mut Vec<u8>), expected: &[&str]) {
        let path = self.office.desk.path(name);
        let whole = fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        change(&mut damaged);
        fs::write(&path, damaged).unwrap();
        let said = self.office.nodes.refuses(&self.office.desk, 1);
        fs::write(&path, whole).unwrap();
        expected.iter().for_each(|text| assert!(said.contains(text), "expected {text:?} in {said}"));
    }

    #[track_caller]
    fn refused_without(&self, name: &str, expected: &[&str]) {
        let (path, aside) = (self.office.desk.path(name), self.office.desk.path("aside"));
        fs::rename(&path, &aside).unwrap();
        let said = self.office.nodes.refuses(&self.office.desk, 1);
        fs::rename(&aside, &path).unwrap();
        expected.iter().for_each(|text| assert!(said.contains(text), "expected {text:?} in {said}"));
    }
}

#[test]
fn damaged_folders_are_named_and_nothing_listens() {
    let mut office = Office::with_key(Desk::prepared(), 4, BTC);
    office.begin(&format!("--address {}", office.address));
    office.nodes.stop(1);
    let share = fs::read_dir(office.desk.path("N1/shares")).unwrap().next().unwrap().unwrap().file_name();
    let share = format!("N1/shares/{}", share.to_str().unwrap());
    let damage = Damage { office: &office };

    damage.refused("passphrase", |bytes| bytes[0] ^= 1, &["identity.sealed", "passphrase"]);
    damage.refused("passphrase", |bytes| bytes.truncate(7), &["8 to 1024 bytes"]);
    damage.refused_without("passphrase", &["passphrase"]);
    damage.refused("N1/identity.sealed", |bytes| *bytes.last_mut().unwrap() ^= 1, &["identity.sealed"]);
    damage.refused("N1/identity.sealed", Vec::clear, &["identity.sealed"]);
    damage.refused("N1/card.node", |bytes| bytes.truncate(40), &["card.node"]);

    for place in [0, 40, 150] {
        damage.refused(&share, |bytes| bytes[place] ^= 1, &[&share, "treasury"]);
    }
    damage.refused(&share, |bytes| bytes.truncate(60), &[&share]);
    damage.refused(&share, |bytes| bytes.push(0), &[&share]);
    damage.refused_without(&share, &["no key share", "treasury"]);

    let genesis = fs::metadata(office.desk.path("N1/genesis.solv")).unwrap().len() as usize;
    for place in [0, 8, genesis / 2, genesis - 1] {
        damage.refused("N1/genesis.solv", |bytes| bytes[place] ^= 1, &["genesis"]);
    }
    damage.refused("N1/genesis.solv", |bytes| bytes.truncate(genesis - 1), &["genesis.solv"]);
    damage.refused("N1/genesis.solv", Vec::clear, &["genesis.solv"]);

    damage.refused_without("N1/genesis.solv", &["genesis.solv", "though a journal is there"]);

    for keep in [100, 5_000, 60_000] {
        damage.refused("N1/journal.redb", |bytes| bytes.truncate(keep), &["journal.redb"]);
    }
    damage.refused("N1/journal.redb", |bytes| bytes[..64].fill(7), &["journal.redb"]);

    damage.refused("group", |bytes| bytes.truncate(100), &["group"]);
    damage.refused("group", Vec::clear, &["group"]);
    other_group(&office);
    taken_port(&office);

    office.nodes.start(&office.desk, 1);
    office.until(4, "running");
}

/// Somebody else listens where the agreement engine would.
fn taken_port(office: &Office) {
    let card = office.desk.read("N1/card.node");
    let card = String::from_utf8_lossy(&card);
    let port = card.split("/tcp/").nth(1).unwrap();
    let port: u16 = port.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
    let other = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let said = office.nodes.refuses(&office.desk, 1);
    drop(other);
    assert!(said.contains("cannot listen on") && said.contains(&port.to_string()), "{said}");
}

/// A group of four in which node 5 has node 1's place.
fn other_group(office: &Office) {
    let desk = &office.desk;
    desk.signer(
        "init N5 --name node-5 --provider p --region r --jurisdiction j --link 127.0.0.1:9005 --peer 127.0.0.1:9105 \
         --passphrase-file passphrase",
    )
    .expect(0);
    let whole = desk.read("group");
    fs::remove_file(desk.path("group")).unwrap();
    desk.solventry("signers group N2/card.node N3/card.node N4/card.node N5/card.node --out group").expect(0);
    let said = office.nodes.refuses(desk, 1);
    assert!(said.contains("does not list this node"), "{said}");
    desk.write("group", whole);
    let init = "init N6 --name x --provider p --region r --jurisdiction j --passphrase-file passphrase";
    desk.signer(&format!("{init} --link 1 --peer 2")).expect(2);
    let twice = desk.signer(&format!("{init} --link 127.0.0.1:9006 --peer 127.0.0.1:9006"));
    assert!(twice.expect(2).err.contains("two different ports"));
}
