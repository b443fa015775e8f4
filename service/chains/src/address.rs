//! Addresses as people write them, and the canonical bytes behind them.

use std::str::FromStr;

use bitcoin::{Address, Network, ScriptBuf, address::NetworkUnchecked};
use sha3::{Digest, Keccak256};
use solventry_types::{AssetTable, Chain, Locator, Place};

/// Why text is not an address. Addresses of reserves are public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// No Bitcoin address.
    #[error(
        "expected a bitcoin address (1..., 3... or bc1...), came other text or a wrong checksum; copy it again"
    )]
    Bitcoin,
    /// An address of another network.
    #[error("expected a bitcoin mainnet address, came one of a test network")]
    BitcoinNetwork,
    /// A witness program that is no canonical account here.
    #[error("expected a bitcoin address with an output script of 22 to 42 bytes, came another")]
    BitcoinScript,
    /// No Ethereum address.
    #[error("expected an ethereum address, 0x and 40 hexadecimal digits, came other text")]
    Ethereum,
    /// Mixed case that EIP-55 does not give.
    #[error("expected the EIP-55 checksum in the case of the letters, came another; copy the address again")]
    EthereumChecksum,
    /// A chain added to the types and not here.
    #[error("expected a chain with known addresses, came another")]
    Unsupported,
    /// No Solana address.
    #[error("expected a solana address, 32 bytes in base58, came other text")]
    Solana,
}

/// Why text is not a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// Not three parts.
    #[error(
        "expected places such as ethereum/native/18 or ethereum/0x.../6, separated by ';', came another form"
    )]
    Form,
    /// An unknown chain.
    #[error(
        "expected a place on bitcoin, ethereum or solana, came another chain; attest reserves that lie elsewhere"
    )]
    Chain,
    /// Bitcoin has no contracts.
    #[error("expected bitcoin/native, came a contract; bitcoin has none")]
    BitcoinContract,
    /// A contract out of form.
    #[error("in the contract: {0}")]
    Contract(AddressError),
    /// Decimals out of range.
    #[error(
        "expected decimals from 0 to {} at the end of the place, came another text",
        AssetTable::MAX_DECIMALS
    )]
    Decimals,
}

/// Canonical account bytes of an address: output script, 20 bytes, 32 bytes.
pub fn parse_address(chain: Chain, text: &str) -> Result<Vec<u8>, AddressError> {
    match chain {
        Chain::Bitcoin => bitcoin_script(text),
        Chain::Solana => solana_key(text),
        Chain::Ethereum => ethereum_address(text),
        _ => Err(AddressError::Unsupported),
    }
}

/// The usual spelling of canonical account bytes; `None` if they have none.
pub fn address_text(chain: Chain, account: &[u8]) -> Option<String> {
    if !chain.accepts_account(account) {
        return None;
    }
    match chain {
        Chain::Bitcoin => {
            let script = ScriptBuf::from_bytes(account.to_vec());
            Address::from_script(&script, Network::Bitcoin).ok().map(|address| address.to_string())
        }
        Chain::Ethereum => Some(checksummed(account)),
        Chain::Solana => Some(bs58::encode(account).into_string()),
        _ => None,
    }
}

/// The usual spelling of account bytes, hexadecimal digits if they have none.
pub fn account_text(chain: Chain, account: &[u8]) -> String {
    address_text(chain, account).unwrap_or_else(|| hex::encode(account))
}

/// Reads `chain/native/DECIMALS` or `chain/CONTRACT/DECIMALS`.
pub fn parse_place(text: &str) -> Result<Place, PlaceError> {
    let (rest, decimals) = text.rsplit_once('/').ok_or(PlaceError::Form)?;
    let (chain, locator) = rest.split_once('/').ok_or(PlaceError::Form)?;
    let chain = Chain::from_name(chain).ok_or(PlaceError::Chain)?;
    let locator = parse_locator(chain, locator)?;
    let decimals = whole_number(decimals)
        .and_then(|number| u8::try_from(number).ok())
        .filter(|decimals| *decimals <= AssetTable::MAX_DECIMALS)
        .ok_or(PlaceError::Decimals)?;
    Ok(Place { chain, locator, decimals })
}

/// Reads `native` or a contract.
pub fn parse_locator(chain: Chain, text: &str) -> Result<Locator, PlaceError> {
    match (chain, text) {
        (_, "native") => Ok(Locator::Native),
        (Chain::Bitcoin, _) => Err(PlaceError::BitcoinContract),
        _ => parse_address(chain, text).map(Locator::Contract).map_err(PlaceError::Contract),
    }
}

/// Digits only, no sign: `u32::from_str` would take `+1`.
pub fn whole_number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The usual spelling of a locator.
pub fn locator_text(chain: Chain, locator: &Locator) -> String {
    match locator {
        Locator::Native => "native".to_owned(),
        Locator::Contract(bytes) => account_text(chain, bytes),
    }
}

fn bitcoin_script(text: &str) -> Result<Vec<u8>, AddressError> {
    // Bech32 has at most 90 characters, base58 fewer.
    if text.len() > 90 {
        return Err(AddressError::Bitcoin);
    }
    let address = Address::<NetworkUnchecked>::from_str(text).map_err(|_| AddressError::Bitcoin)?;
    let address = address.require_network(Network::Bitcoin).map_err(|_| AddressError::BitcoinNetwork)?;
    let script = address.script_pubkey().into_bytes();
    if Chain::Bitcoin.accepts_account(&script) { Ok(script) } else { Err(AddressError::BitcoinScript) }
}

fn ethereum_address(text: &str) -> Result<Vec<u8>, AddressError> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 40).ok_or(AddressError::Ethereum)?;
    let bytes = hex::decode(digits).map_err(|_| AddressError::Ethereum)?;
    let letter = |test: fn(&u8) -> bool| digits.as_bytes().iter().any(test);
    let mixed = letter(u8::is_ascii_lowercase) && letter(u8::is_ascii_uppercase);
    if mixed && checksummed(&bytes) != text {
        return Err(AddressError::EthereumChecksum);
    }
    Ok(bytes)
}

/// EIP-55: a letter is upper-case where the digit of Keccak-256(lower-case digits) is 8 or more.
fn checksummed(account: &[u8]) -> String {
    let digits = hex::encode(account);
    let digest = hex::encode(Keccak256::digest(digits.as_bytes()));
    let cased = digits.chars().zip(digest.chars()).map(|(digit, by)| match by {
        '0'..='7' => digit,
        _ => digit.to_ascii_uppercase(),
    });
    std::iter::once('0').chain(std::iter::once('x')).chain(cased).collect()
}

fn solana_key(text: &str) -> Result<Vec<u8>, AddressError> {
    // 32 bytes are 32 to 44 digits; base58 takes quadratic time, so look at the length first.
    if !(32..=44).contains(&text.len()) {
        return Err(AddressError::Solana);
    }
    let bytes = bs58::decode(text).into_vec().map_err(|_| AddressError::Solana)?;
    if bytes.len() == 32 { Ok(bytes) } else { Err(AddressError::Solana) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_addresses_have_known_bytes() {
        // BIP-173's P2WPKH example and the first P2PKH output; EIP-55's first example.
        let witness = "0014751e76e8199196d454941c45d1b3a323f1433bd6";
        for spelling in
            ["bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"]
        {
            assert_eq!(parse_address(Chain::Bitcoin, spelling).map(hex::encode), Ok(witness.to_owned()));
        }
        let genesis = parse_address(Chain::Bitcoin, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa").map(hex::encode);
        assert_eq!(genesis.as_deref(), Ok("76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac"));
        let ether = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        let bytes = parse_address(Chain::Ethereum, ether).unwrap();
        assert_eq!(address_text(Chain::Ethereum, &bytes).as_deref(), Some(ether));
        assert_eq!(parse_address(Chain::Ethereum, &ether.to_lowercase()), Ok(bytes));
        let mint = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v";
        let bytes = parse_address(Chain::Solana, mint).unwrap();
        assert_eq!(address_text(Chain::Solana, &bytes).as_deref(), Some(mint));
    }

    #[test]
    fn broken_addresses_are_refused() {
        for (chain, text, error) in [
            (Chain::Bitcoin, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", AddressError::Bitcoin),
            (Chain::Bitcoin, "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", AddressError::BitcoinNetwork),
            (Chain::Bitcoin, "bc1pw5dgrnzv", AddressError::Bitcoin),
            (Chain::Bitcoin, "", AddressError::Bitcoin),
            (Chain::Ethereum, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", AddressError::EthereumChecksum),
            (Chain::Ethereum, "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", AddressError::Ethereum),
            (Chain::Ethereum, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA", AddressError::Ethereum),
            (Chain::Solana, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", AddressError::Solana),
            (Chain::Solana, "1111111111111111111111111111111", AddressError::Solana),
        ] {
            assert_eq!(parse_address(chain, text), Err(error), "{text}");
        }
    }

    #[test]
    fn places_have_three_parts() {
        let native = Place { chain: Chain::Bitcoin, locator: Locator::Native, decimals: 8 };
        assert_eq!(parse_place("bitcoin/native/8"), Ok(native));
        for (text, error) in [
            ("bitcoin", PlaceError::Form),
            ("bitcoin/8", PlaceError::Form),
            ("dogecoin/native/8", PlaceError::Chain),
            ("bitcoin/native/+8", PlaceError::Decimals),
            ("bitcoin/native/31", PlaceError::Decimals),
            ("bitcoin/0x00/8", PlaceError::BitcoinContract),
            ("ethereum/0x00/8", PlaceError::Contract(AddressError::Ethereum)),
        ] {
            assert_eq!(parse_place(text), Err(error), "{text}");
        }
    }
}
