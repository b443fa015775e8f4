//! The committed vectors; `tests/vectors` has the programs that made them.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use solventry_chains::{Transfer, decode};
use solventry_types::VaultAccounts;

/// One chain's vectors.
pub struct Vectors {
    pub accounts: VaultAccounts,
    pub accepted: Vec<Vector>,
    pub refused: Vec<Vector>,
}

/// One transaction and what is expected of it.
pub struct Vector {
    pub name: String,
    pub bytes: Vec<u8>,
    pub fields: Value,
}

impl Vector {
    /// Bytes of a hexadecimal field.
    pub fn hex(&self, field: &str) -> Vec<u8> {
        hex(&self.fields[field])
    }

    /// Amounts may pass what JSON's numbers hold, and are text then.
    pub fn number(&self, field: &str) -> u64 {
        let value = &self.fields[field];
        value.as_u64().unwrap_or_else(|| value.as_str().unwrap().parse().unwrap())
    }

    pub fn text(&self, field: &str) -> &str {
        self.fields[field].as_str().unwrap()
    }

    /// The finished signatures that the other tool made.
    pub fn signatures(&self) -> Vec<[u8; 64]> {
        match self.fields["inputs"].as_array() {
            Some(inputs) => inputs.iter().map(|input| array(&input["signature"])).collect(),
            None => vec![array(&self.fields["signature"])],
        }
    }
}

impl Vectors {
    /// The accepted vectors, decoded.
    pub fn transfers(&self) -> impl Iterator<Item = (&Vector, Transfer)> {
        self.accepted.iter().map(|vector| {
            let transfer = decode(&vector.bytes, &self.accounts);
            (vector, transfer.unwrap_or_else(|error| panic!("{}: {error}", vector.name)))
        })
    }

    /// An accepted vector by name, decoded.
    pub fn transfer(&self, name: &str) -> (&Vector, Transfer) {
        self.transfers().find(|(vector, _)| vector.name == name).unwrap()
    }
}

pub fn bitcoin() -> Vectors {
    let file: Value = serde_json::from_str(include_str!("../vectors/bitcoin.json")).unwrap();
    let scripts = list(&file["scripts"]).iter().map(hex).collect();
    let (accepted, refused) = (vectors(&file["accepted"]), vectors(&file["refused"]));
    Vectors { accounts: VaultAccounts::Bitcoin { scripts }, accepted, refused }
}

pub fn solana() -> Vectors {
    let file: Value = serde_json::from_str(include_str!("../vectors/solana.json")).unwrap();
    let accounts = VaultAccounts::Solana {
        authority: array(&file["authority"]),
        nonce_accounts: list(&file["nonce_accounts"]).iter().map(array).collect(),
        token_accounts: list(&file["token_accounts"]).iter().map(array).collect(),
    };
    Vectors { accounts, accepted: vectors(&file["accepted"]), refused: vectors(&file["refused"]) }
}

pub fn both() -> [Vectors; 2] {
    [bitcoin(), solana()]
}

pub fn hex(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

pub fn array<const N: usize>(value: &Value) -> [u8; N] {
    hex(value).try_into().unwrap()
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn vectors(value: &Value) -> Vec<Vector> {
    let bytes = |fields: &Value| match fields["zeros"].as_u64() {
        Some(zeros) => vec![0; zeros as usize],
        None => {
            let text = fields["psbt"].as_str().or(fields["message"].as_str()).unwrap();
            STANDARD.decode(text).unwrap()
        }
    };
    let vector = |fields: &Value| Vector {
        name: fields["name"].as_str().unwrap().to_owned(),
        bytes: bytes(fields),
        fields: fields.clone(),
    };
    list(value).iter().map(vector).collect()
}
