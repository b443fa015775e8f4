"""Makes solana.json and the Solana files of service/samples/signing with solders.

Messages are compiled and signed by solders; expected fields are what was put in. Keys are hashes
of the published texts below. Never send money to any of them.
"""

import base64
import hashlib
import json
from pathlib import Path

from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message, MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.system_program import (
    AdvanceNonceAccountParams,
    TransferParams,
    advance_nonce_account,
    transfer,
)
from solders.token import ID as TOKEN_PROGRAM
from solders.token.associated import get_associated_token_address

HERE = Path(__file__).parent
SAMPLES = HERE.parents[2] / "samples" / "signing"


def published(label):
    return hashlib.sha256(b"solventry test key, never send money there: " + label.encode()).digest()


def keypair(label):
    return Keypair.from_seed(published(label))


USDC = Pubkey.from_string("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v")
USDT = Pubkey.from_string("Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB")
VAULT = keypair("vault")
FEE_PAYER = keypair("fee payer")
NONCES = [keypair("nonce account 0").pubkey(), keypair("nonce account 1").pubkey()]
MINTS = {USDC: 6, USDT: 6}
TOKENS = {mint: get_associated_token_address(VAULT.pubkey(), mint) for mint in MINTS}
LISTED = keypair("listed destination").pubkey()
UNLISTED = keypair("unlisted destination").pubkey()


def nonce_value(label):
    """As on chain: SHA-256 of a prefix and a block hash."""
    return Hash(hashlib.sha256(b"DURABLE_NONCE" + published(label)).digest())


def transfer_checked(mint, destination, amount):
    data = bytes([12]) + amount.to_bytes(8, "little") + bytes([MINTS[mint]])
    accounts = [
        AccountMeta(TOKENS[mint], is_signer=False, is_writable=True),
        AccountMeta(mint, is_signer=False, is_writable=False),
        AccountMeta(destination, is_signer=False, is_writable=True),
        AccountMeta(VAULT.pubkey(), is_signer=True, is_writable=False),
    ]
    return Instruction(TOKEN_PROGRAM, data, accounts)


def system_transfer(destination, lamports):
    return transfer(TransferParams(from_pubkey=VAULT.pubkey(), to_pubkey=destination, lamports=lamports))


def build(name, instruction, nonce=0, payer=FEE_PAYER, version=None):
    advance = advance_nonce_account(
        AdvanceNonceAccountParams(nonce_pubkey=NONCES[nonce], authorized_pubkey=VAULT.pubkey())
    )
    instructions = [advance, instruction]
    if version == 0:
        return MessageV0.try_compile(payer.pubkey(), instructions, [], nonce_value(name))
    return Message.new_with_blockhash(instructions, payer.pubkey(), nonce_value(name))


def vector(name, mint, destination, amount, **options):
    instruction = (
        transfer_checked(mint, destination, amount) if mint else system_transfer(destination, amount)
    )
    message = build(name, instruction, **options)
    raw = to_bytes_versioned(message)
    return {
        "name": name,
        "message": base64.b64encode(raw).decode(),
        "mint": str(mint) if mint else None,
        "decimals": MINTS[mint] if mint else None,
        "destination": str(destination),
        "amount": amount,
        "fee": 10_000,
        "charged": amount,
        "fee_payer": str(options.get("payer", FEE_PAYER).pubkey()),
        "nonce_account": str(NONCES[options.get("nonce", 0)]),
        "nonce": str(nonce_value(name)),
        "conflict_keys": [bytes(NONCES[options.get("nonce", 0)]).hex()],
        "signatures": [bytes(VAULT.sign_message(raw)).hex()],
    }


def vectors():
    token = get_associated_token_address(LISTED, USDC)
    yield vector("native transfer", None, LISTED, 1_500_000_000)
    yield vector("native transfer of one lamport", None, LISTED, 1)
    yield vector("native transfer of the largest amount", None, LISTED, 2**64 - 1)
    yield vector("TransferChecked", USDC, token, 25_000_000_000)
    yield vector("TransferChecked of another mint", USDT, get_associated_token_address(LISTED, USDT), 7)
    yield vector("version 0, native transfer", None, LISTED, 1_500_000_000, version=0)
    yield vector("version 0, TransferChecked", USDC, token, 25_000_000_000, version=0)
    yield vector("the second nonce account", USDC, token, 3, nonce=1)
    yield vector("another fee payer", None, LISTED, 4, payer=keypair("another fee payer"))
    receiver = keypair("receiving fee payer")
    yield vector("the destination pays the fee", None, receiver.pubkey(), 5, payer=receiver)


def samples():
    token = get_associated_token_address(LISTED, USDC)
    yield "payment", build("payment", transfer_checked(USDC, token, 25_000_000_000))
    yield "payment-native", build("payment-native", system_transfer(LISTED, 1_500_000_000))
    unlisted = get_associated_token_address(UNLISTED, USDC)
    yield "payment-unlisted", build("payment-unlisted", transfer_checked(USDC, unlisted, 25_000_000_000))


def main():
    SAMPLES.mkdir(parents=True, exist_ok=True)
    for name, message in samples():
        text = base64.b64encode(to_bytes_versioned(message)).decode()
        (SAMPLES / f"{name}.solmsg").write_text(text + "\n")
    cases = list(vectors())
    file = {
        "made_by": "make_solana.py with solders 0.29.0; published test keys, never send money there",
        "authority": str(VAULT.pubkey()),
        "nonce_accounts": [str(key) for key in NONCES],
        "token_accounts": [str(key) for key in TOKENS.values()],
        "fee_payer": str(FEE_PAYER.pubkey()),
        "cases": cases,
    }
    (HERE / "solana.json").write_text(json.dumps(file, indent=1) + "\n")
    print(f"{len(cases)} vectors")
    print("destination", LISTED, token_of(LISTED), "unlisted", UNLISTED, token_of(UNLISTED))


def token_of(owner):
    return get_associated_token_address(owner, USDC)


if __name__ == "__main__":
    main()
