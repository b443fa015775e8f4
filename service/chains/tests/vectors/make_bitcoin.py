"""Makes bitcoin.json and the Bitcoin files of service/samples/signing with embit.

Every expected field is computed here from what is put into a transaction, and every signature
hash by embit's own BIP-341 code: nothing comes from rust-bitcoin. Keys come from the BIP-39 test
mnemonic that BIP-86 publishes. Never send money to any of them.
"""

import hashlib
import json
from pathlib import Path

from embit import bip32, bip39, ec
from embit.psbt import PSBT, DerivationPath
from embit.script import Script, address_to_scriptpubkey, p2tr
from embit.transaction import SIGHASH, Transaction, TransactionInput, TransactionOutput

HERE = Path(__file__).parent
SAMPLES = HERE.parents[2] / "samples" / "signing"

MNEMONIC = "abandon " * 11 + "about"
ROOT = bip32.HDKey.from_seed(bip39.mnemonic_to_seed(MNEMONIC))

# The examples of BIP-173 and BIP-350, the first P2PKH output and the example of BIP-16's address
# form: one of each type.
DESTINATIONS = {
    "p2pkh": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "p2sh": "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
    "p2wpkh": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "p2wsh": "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3",
    "p2tr": "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
}


class Account:
    """One taproot account of the vault: m/86'/0'/0'/change/index."""

    def __init__(self, change, index):
        self.path = [86 + (1 << 31), 1 << 31, 1 << 31, change, index]
        self.key = ROOT.derive(self.path).key
        self.internal = self.key.get_public_key()
        self.script = p2tr(self.internal)
        self.address = self.script.address()

    def derivation(self):
        return ([], DerivationPath(ROOT.my_fingerprint, self.path))

    def sign(self, sighash):
        return self.key.taproot_tweak(b"").schnorr_sign(sighash).serialize()


ACCOUNTS = [Account(0, 0), Account(0, 1), Account(1, 0)]
assert ACCOUNTS[0].address == "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"
assert ACCOUNTS[1].address == "bc1p4qhjn9zdvkux4e44uhx8tc55attvtyu358kutcqkudyccelu0was9fqzwh"
assert ACCOUNTS[2].address == "bc1p3qkhfews2uk44qtvauqyr2ttdsw7svhkl9nkm9s9c3x4ax5h60wqwruhk7"


def script_of(address):
    return address_to_scriptpubkey(address)


def outpoint(label):
    """A transaction that does not exist: its id is a hash of its name."""
    return hashlib.sha256(b"solventry test outpoint " + label.encode()).digest()


def build(name, inputs, outputs, sighash=None, metadata=True, locktime=0, version=2, sequence=0xFFFFFFFD):
    """`inputs`: (account, satoshi) each; `outputs`: (account or address, satoshi) each.

    Returns the PSBT, its transaction, and the accounts and amounts that it spends.
    """
    # TransactionInput wants the id in display order.
    vin = [
        TransactionInput(outpoint(f"{name} {i}")[::-1], i, sequence=sequence) for i in range(len(inputs))
    ]
    to = lambda target: target.script if isinstance(target, Account) else script_of(target)
    vout = [TransactionOutput(value, to(target)) for target, value in outputs]
    psbt = PSBT(Transaction(version=version, vin=vin, vout=vout, locktime=locktime))
    for scope, (account, value) in zip(psbt.inputs, inputs):
        scope.witness_utxo = TransactionOutput(value, account.script)
        scope.sighash_type = sighash
        if metadata:
            scope.taproot_internal_key = account.internal
            scope.taproot_bip32_derivations[account.internal] = account.derivation()
    for scope, (target, _) in zip(psbt.outputs, outputs):
        if metadata and isinstance(target, Account):
            scope.taproot_internal_key = target.internal
            scope.taproot_bip32_derivations[target.internal] = target.derivation()
    return psbt


def vector(name, inputs, outputs, **options):
    psbt = build(name, inputs, outputs, **options)
    tx = psbt.tx
    external = [(target, value) for target, value in outputs if not isinstance(target, Account)]
    ((destination, amount),) = external
    total = sum(value for _, value in inputs)
    back = sum(value for target, value in outputs if isinstance(target, Account))
    kind = options.get("sighash") or SIGHASH.DEFAULT
    scripts = [account.script for account, _ in inputs]
    values = [value for _, value in inputs]
    sighashes = [tx.sighash_taproot(i, scripts, values, sighash=kind) for i in range(len(inputs))]
    keys = [vin.txid[::-1] + vin.vout.to_bytes(4, "little") for vin in tx.vin]
    return {
        "name": name,
        "psbt": psbt.to_string(),
        "destination": script_of(destination).data.hex(),
        "address": destination,
        "amount": amount,
        "fee": total - back - amount,
        "charged": total - back,
        "sighashes": [sighash.hex() for sighash in sighashes],
        "conflict_keys": [key.hex() for key in keys],
        "signatures": [account.sign(h).hex() for (account, _), h in zip(inputs, sighashes)],
    }


def vectors():
    first, second, change = ACCOUNTS
    p2wpkh = DESTINATIONS["p2wpkh"]
    yield vector("one input, change", [(first, 80_000_000)], [(p2wpkh, 50_000_000), (change, 29_999_000)])
    yield vector("one input, no change", [(first, 50_001_000)], [(p2wpkh, 50_000_000)])
    yield vector(
        "change before the destination", [(first, 80_000_000)], [(first, 29_999_000), (p2wpkh, 50_000_000)]
    )
    yield vector(
        "several change outputs",
        [(first, 30_000_000), (second, 30_000_000)],
        [(first, 1), (p2wpkh, 50_000_000), (change, 4_000_000), (second, 5_000_000), (change, 546)],
    )
    spread = [(ACCOUNTS[i % 3], 1_000_000 + i) for i in range(16)]
    yield vector("sixteen inputs", spread, [(p2wpkh, 15_000_000), (change, 900_000)])
    yield vector("sixteen inputs, no change", spread, [(p2wpkh, 15_990_000)], metadata=False)
    for kind, address in DESTINATIONS.items():
        yield vector(f"to {kind}", [(first, 70_000)], [(address, 60_000), (change, 9_500)])
    yield vector(
        "explicit SIGHASH_ALL",
        [(first, 80_000_000), (change, 1_000)],
        [(p2wpkh, 50_000_000), (change, 29_999_000)],
        sighash=SIGHASH.ALL,
    )
    yield vector(
        "explicit SIGHASH_DEFAULT",
        [(first, 80_000_000)],
        [(p2wpkh, 50_000_000), (change, 29_999_000)],
        sighash=SIGHASH.DEFAULT,
    )
    yield vector(
        "no wallet metadata",
        [(first, 80_000_000)],
        [(p2wpkh, 50_000_000), (change, 29_999_000)],
        metadata=False,
    )
    yield vector(
        "lock time is a height",
        [(first, 80_000_000)],
        [(p2wpkh, 50_000_000), (change, 29_999_000)],
        locktime=900_000,
        sequence=0xFFFFFFFE,
    )
    yield vector(
        "version 1", [(first, 80_000_000)], [(p2wpkh, 50_000_000), (change, 29_999_000)], version=1
    )
    yield vector("no fee", [(first, 1_000)], [(p2wpkh, 1_000)])
    yield vector(
        "all money there will be", [(first, 2_100_000_000_000_000)], [(p2wpkh, 2_099_999_999_999_999)]
    )


def samples():
    vault = ACCOUNTS[0]
    listed, unlisted = DESTINATIONS["p2wpkh"], DESTINATIONS["p2tr"]
    half, fee = 50_000_000, 1_000

    def paying(name, funds, *payments):
        spent = sum(value for _, value in payments)
        return build(name, [(vault, funds)], [*payments, (vault, funds - spent - fee)])

    yield "payment", paying("payment", 200_000_000, (listed, half))
    yield "payment-large", paying("payment-large", 5_000_000_000, (listed, 4_000_000_000))
    yield "payment-unlisted", paying("payment-unlisted", 200_000_000, (unlisted, half))
    yield (
        "payment-two-destinations",
        paying("payment-two-destinations", 200_000_000, (listed, half // 2), (unlisted, half // 2)),
    )


def check_embit():
    """embit's signature hashes are those of BIP-341's wallet test vectors.

    Types DEFAULT, ALL and NONE; SINGLE and ANYONECANPAY are not compared, since embit 0.8.0 writes
    the output and the whole input where BIP-341 wants a hash and the outpoint. No vector here is
    of those types.
    """
    case = json.loads((HERE / "bip341_key_path.json").read_text())
    tx = Transaction.from_string(case["raw_unsigned_tx"])
    scripts = [Script(bytes.fromhex(spent["script"])) for spent in case["spent"]]
    values = [spent["amount"] for spent in case["spent"]]
    inputs = [spend for spend in case["inputs"] if spend["hash_type"] <= SIGHASH.NONE]
    for spend in inputs:
        sighash = tx.sighash_taproot(spend["index"], scripts, values, sighash=spend["hash_type"])
        assert sighash.hex() == spend["sighash"], spend
    return len(inputs)


def main():
    print(f"{check_embit()} signature hashes of BIP-341")
    SAMPLES.mkdir(parents=True, exist_ok=True)
    for name, psbt in samples():
        (SAMPLES / f"{name}.psbt").write_text(psbt.to_string() + "\n")
    cases = list(vectors())
    file = {
        "made_by": "make_bitcoin.py with embit 0.8.0; published test keys, never send money there",
        "vault": [{"address": a.address, "script": a.script.data.hex()} for a in ACCOUNTS],
        "cases": cases,
    }
    (HERE / "bitcoin.json").write_text(json.dumps(file, indent=1) + "\n")
    print(f"{len(cases)} vectors")


if __name__ == "__main__":
    main()
