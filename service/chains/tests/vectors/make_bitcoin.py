#!/usr/bin/env python3
"""Writes bitcoin.json and the files of service/samples/signing.

Made with embit 0.8.0 (https://github.com/diybitcoinhardware/embit), a Bitcoin library that shares no
code with rust-bitcoin:

    pip install embit==0.8.0
    python3 make_bitcoin.py

Before anything is written, embit's BIP-341 signature hashes are compared with those of the BIP's own
wallet test vectors. All keys are published here; never send coins to them.
"""

import base64
import hashlib
import json
from pathlib import Path

from embit import bip32, ec, script
from embit.psbt import PSBT, DerivationPath
from embit.transaction import Transaction, TransactionInput, TransactionOutput

HERE = Path(__file__).parent
SAMPLES = HERE.parents[2] / "samples" / "signing"
DEFAULT, ALL = 0, 1
RBF = 0xFFFFFFFD


def key(label):
    return ec.PrivateKey(hashlib.sha256(f"solventry test key: {label}".encode()).digest())


def taproot(label):
    return script.p2tr(key(label).get_public_key())


def txid(label):
    return hashlib.sha256(f"solventry test transaction: {label}".encode()).digest()


VAULT = ["vault 0", "vault 1"]
OWN = [taproot(label) for label in VAULT]
PAYEE = key("payee").get_public_key()
DESTINATIONS = {
    "p2wpkh": script.p2wpkh(PAYEE),
    "p2tr": script.p2tr(PAYEE),
    "p2pkh": script.p2pkh(PAYEE),
    "p2sh": script.p2sh(script.p2wpkh(PAYEE)),
    "p2wsh": script.p2wsh(script.multisig(2, [key(str(i)).get_public_key() for i in range(3)])),
}
PAY = DESTINATIONS["p2wpkh"]


def build(inputs, outputs, version=2, locktime=0, sequence=RBF, types=None):
    """inputs: (label of the outpoint, script, sats); outputs: (script, sats)."""
    vin = [TransactionInput(txid(label), i % 3, sequence=sequence) for i, (label, _, _) in enumerate(inputs)]
    vout = [TransactionOutput(sats, to) for to, sats in outputs]
    psbt = PSBT(Transaction(version=version, vin=vin, vout=vout, locktime=locktime))
    for i, (field, (_, spent, sats)) in enumerate(zip(psbt.inputs, inputs)):
        field.witness_utxo = TransactionOutput(sats, spent)
        field.sighash_type = types[i] if types else None
    return psbt


def encode(psbt):
    return psbt.serialize() if isinstance(psbt, PSBT) else psbt


def accepted(name, psbt):
    """The vector, every expected value computed from embit's objects."""
    tx = psbt.tx
    spent = [field.witness_utxo for field in psbt.inputs]
    external = [out for out in tx.vout if out.script_pubkey not in OWN]
    assert len(external) == 1, name
    paid_in = sum(out.value for out in spent)
    inputs = []
    for i, (vin, field) in enumerate(zip(tx.vin, psbt.inputs)):
        kind = field.sighash_type or DEFAULT
        sighash = tx.sighash_taproot(
            i, script_pubkeys=[out.script_pubkey for out in spent], values=[out.value for out in spent], sighash=kind
        )
        signer = key(VAULT[OWN.index(spent[i].script_pubkey)]).taproot_tweak(b"")
        inputs.append(
            {
                "outpoint": (bytes(reversed(vin.txid)) + vin.vout.to_bytes(4, "little")).hex(),
                "key": spent[i].script_pubkey.data[2:].hex(),
                "type": kind,
                "sighash": sighash.hex(),
                "signature": signer.schnorr_sign(sighash).serialize().hex(),
            }
        )
    return {
        "name": name,
        "psbt": base64.b64encode(encode(psbt)).decode(),
        "destination": external[0].script_pubkey.data.hex(),
        "amount": external[0].value,
        "charged": paid_in - sum(out.value for out in tx.vout if out.script_pubkey in OWN),
        "fee": paid_in - sum(out.value for out in tx.vout),
        "inputs": inputs,
    }


def plain(**options):
    """One input, a payment, change."""
    return build([("a", OWN[0], 100_000)], [(PAY, 60_000), (OWN[0], 39_000)], **options)


def with_metadata():
    """What wallets write for their own use."""
    psbt = plain()
    public = key(VAULT[0]).get_public_key()
    path = DerivationPath(b"\x01\x02\x03\x04", bip32.parse_path("m/86h/0h/0h/0/7"))
    for scope in (psbt.inputs[0], psbt.outputs[1]):
        scope.taproot_internal_key = public
        scope.taproot_bip32_derivations[public] = ([], path)
    psbt.outputs[0].bip32_derivations[PAYEE] = path
    return psbt


def golden():
    sixteen = [(f"in {i}", OWN[i % 2], 1_000_000 + i) for i in range(16)]
    both_changes = [(OWN[1], 700), (DESTINATIONS["p2tr"], 15_000_000), (OWN[0], 900_000)]
    two = [("a", OWN[0], 50_000), ("b", OWN[1], 70_000)]
    yield "one input, no change", build([("a", OWN[0], 100_000)], [(PAY, 99_000)])
    yield "one input, change", plain()
    yield "16 inputs of two scripts, two changes", build(sixteen, both_changes)
    for name, to in DESTINATIONS.items():
        yield f"to {name}", build(two, [(OWN[1], 19_500), (to, 100_000)])
    yield "type DEFAULT written out", plain(types=[DEFAULT])
    yield "type ALL", plain(types=[ALL])
    yield "types DEFAULT and ALL", build(two, [(PAY, 100_000), (OWN[0], 18_000)], types=[None, ALL])
    yield "version 1", plain(version=1)
    yield "final sequence numbers", plain(sequence=0xFFFFFFFF)
    yield "neither final nor replaceable", plain(sequence=0xFFFFFFFE)
    yield "wallet metadata", with_metadata()
    yield "no fee", build([("a", OWN[0], 60_000)], [(PAY, 60_000)])
    yield "all of 21 million bitcoin", build([("a", OWN[0], 2_100_000_000_000_000)], [(PAY, 2_099_999_999_999_000)])


def with_input(field, value):
    """embit writes unknown fields after the known ones, as they are."""
    psbt = plain()
    psbt.inputs[0].unknown = {field: value}
    return psbt


def with_output(field, value):
    psbt = plain()
    psbt.outputs[0].unknown = {field: value}
    return psbt


def with_global(field, value):
    psbt = plain()
    psbt.unknown = {field: value}
    return psbt


def witness(*items):
    return bytes([len(items)]) + b"".join(bytes([len(item)]) + item for item in items)


def without_utxo():
    psbt = plain()
    psbt.inputs[0].witness_utxo = None
    return psbt


def repeated():
    psbt = build([("a", OWN[0], 60_000), ("a", OWN[0], 60_000)], [(PAY, 100_000)])
    psbt.inputs[1].vout = psbt.inputs[0].vout
    return psbt


def replaced(whole, old, new):
    assert whole.count(old) == 1
    return whole.replace(old, new)


def swapped():
    """The input's two fields in the other order."""
    psbt = plain(types=[ALL])
    utxo = b"\x01\x01" + bytes([8 + 1 + 34]) + psbt.inputs[0].witness_utxo.serialize()
    kind = b"\x01\x03\x04\x01\x00\x00\x00"
    return replaced(psbt.serialize(), utxo + kind, kind + utxo)


def refused():
    one = [("a", OWN[0], 100_000)]
    foreign = taproot("somebody")
    second = (
        "output {} pays a second external destination; expected exactly one, all others to the vault's own scripts"
        " (is it change to a script that the vault does not list?)"
    )
    field = "{}: field {} is not allowed; {}"
    key_path = "only the key path of taproot is spent"
    unsigned = "submit the transaction unsigned"
    alone = "remove it; a taproot key-path spend needs witness_utxo alone"
    kind = (
        "input 0: signature hash type {:#04x} is not allowed; expected DEFAULT (0) or ALL (1), which sign the whole"
        " transaction"
    )
    canonical = (
        "expected a PSBT (version 0) in canonical form, but encoding it again gives other bytes; write it again with a"
        " tool that keeps keys in order and adds nothing"
    )
    malformed = "expected a PSBT (version 0), the bytes do not parse as one: "
    address = "output {} is not to a standard address; expected a p2pkh, p2sh, p2wpkh, p2wsh or p2tr script"
    nothing = "the destination receives nothing; expected at least 1 unit"
    over = "an amount or sum is above 21 million bitcoin"
    lock = "lock time {} is not allowed; expected 0, or the transaction could wait beyond the payment's validity"
    sequence = (
        "input 0: sequence number {:#010x} is not allowed; expected 0xffffffff, 0xfffffffe or 0xfffffffd"
        " (replaceable), which lock nothing"
    )
    version = "transaction version {} is not allowed; expected 2 (or 1, which means the same here)"

    yield "second external output", build(one, [(PAY, 1), (OWN[0], 2), (foreign, 3)]), second.format(2)
    yield "same destination twice", build(one, [(PAY, 1), (PAY, 2)]), second.format(1)
    yield "change to a foreign script", build(one, [(PAY, 60_000), (foreign, 39_000)]), second.format(1)
    yield "data output", build(one, [(PAY, 1), (script.Script(b"\x6a\x01\x00"), 0)]), second.format(1)
    yield "to a data output", build(one, [(script.Script(b"\x6a\x01\x00"), 1)]), address.format(0)
    yield "to an anchor", build(one, [(script.Script(b"\x51\x02\x4e\x73"), 1)]), address.format(0)
    yield "to an empty script", build(one, [(script.Script(b""), 1)]), address.format(0)
    bare = script.Script(b"\x21" + PAYEE.sec() + b"\xac")
    yield "to a bare key", build(one, [(OWN[0], 1), (bare, 1)]), address.format(1)
    yield "nothing paid", build(one, [(PAY, 0), (OWN[0], 9)]), nothing
    back = "all that is paid goes back to the vault; expected exactly one external destination"
    yield "only own outputs", build(one, [(OWN[0], 9), (OWN[1], 9)]), back
    yield "no outputs", build(one, []), back
    yield "outputs above inputs", build(one, [(PAY, 100_001)]), "outputs exceed inputs"
    yield "change above inputs", build(one, [(PAY, 1), (OWN[0], 100_000)]), "outputs exceed inputs"
    yield "input above 21 million", build([("a", OWN[0], 2_100_000_000_000_001)], [(PAY, 1)]), over
    half = 1_100_000_000_000_000
    yield "inputs above 21 million", build([("a", OWN[0], half), ("b", OWN[0], half)], [(PAY, 1)]), over
    yield "output above 21 million", build(one, [(PAY, 2_100_000_000_000_001)]), over
    yield "amounts that overflow", build(one, [(PAY, 2**64 - 1), (OWN[0], 100_000)]), over

    leaf = bytes([0xC0]) + PAYEE.xonly()
    script_path = {
        "tap_scripts": (b"\x15" + leaf, b"\x51\xc0"),
        "tap_script_sigs": (b"\x14" + PAYEE.xonly() + bytes(32), bytes(64)),
        "tap_merkle_root": (b"\x18", bytes(32)),
    }
    for name, (number, value) in script_path.items():
        yield f"script path: {name}", with_input(number, value), field.format("input 0", name, key_path)
    der = key("payee").sign(bytes(32)).serialize() + b"\x01"
    signed = {
        "tap_key_sig": (b"\x13", bytes(64)),
        "partial_sigs": (b"\x02" + PAYEE.sec(), der),
        "final_script_sig": (b"\x07", b"\x51"),
        "final_script_witness": (b"\x08", witness(bytes(64))),
    }
    for name, (number, value) in signed.items():
        yield f"signed: {name}", with_input(number, value), field.format("input 0", name, unsigned)
    annex = "input 0 has an annex; expected a plain taproot key-path spend"
    yield "annex", with_input(b"\x08", witness(bytes(64), b"\x50annex")), annex
    whole = Transaction(vin=[TransactionInput(txid("x"), 0)], vout=[TransactionOutput(100_000, OWN[0])])
    spends = build(one, [(PAY, 1)])
    spends.inputs[0].txid = whole.txid()
    spends.inputs[0].non_witness_utxo = whole
    yield "non_witness_utxo", spends, field.format("input 0", "non_witness_utxo", alone)
    foreign_fields = {
        "redeem_script": (b"\x04", b"\x51"),
        "witness_script": (b"\x05", b"\x51"),
        "ripemd160_preimages": (b"\x0a" + hashlib.new("ripemd160", b"x").digest(), b"x"),
        "sha256_preimages": (b"\x0b" + hashlib.sha256(b"x").digest(), b"x"),
        "hash160_preimages": (
            b"\x0c" + hashlib.new("ripemd160", hashlib.sha256(b"x").digest()).digest(),
            b"x",
        ),
        "hash256_preimages": (b"\x0d" + hashlib.sha256(hashlib.sha256(b"x").digest()).digest(), b"x"),
        "proprietary": (b"\xfc\x03abc\x00", b"x"),
        "unknown": (b"\xf0", b"x"),
    }
    for name, (number, value) in foreign_fields.items():
        yield f"input field: {name}", with_input(number, value), field.format("input 0", name, alone)
    yield "no witness_utxo", without_utxo(), "input 0: field witness_utxo is missing; add the output that the input spends"
    output_fields = {
        "redeem_script": (b"\x00", b"\x51"),
        "witness_script": (b"\x01", b"\x51"),
        "tap_tree": (b"\x06", b"\x00\xc0\x01\x51"),
        "proprietary": (b"\xfc\x03abc\x00", b"x"),
        "unknown": (b"\xf0", b"x"),
    }
    for name, (number, value) in output_fields.items():
        yield f"output field: {name}", with_output(number, value), field.format("output 0", name, "remove it")
    root = bip32.HDKey.from_seed(bytes(16)).to_public()
    xpub = with_global(b"\x01" + root.serialize(), b"\x01\x02\x03\x04")
    yield "global field: xpub", xpub, field.format("psbt", "xpub", "remove it")
    yield "global field: proprietary", with_global(b"\xfc\x03abc\x00", b"x"), field.format("psbt", "proprietary", "remove it")
    yield "global field: unknown", with_global(b"\xf0", b"x"), field.format("psbt", "unknown", "remove it")

    for value in (0x02, 0x03, 0x04, 0x81, 0x82, 0x83, 0x100):
        yield f"signature hash type {value:#04x}", plain(types=[value]), kind.format(value)

    many = [(f"in {i}", OWN[0], 1_000_000) for i in range(17)]
    yield "17 inputs", build(many, [(PAY, 1)]), "expected 1 to 16 inputs, got 17"
    yield "no inputs", build([], [(PAY, 1), (OWN[0], 1)]), "expected 1 to 16 inputs, got 0"
    yield "an outpoint twice", repeated(), "input 1 spends an outpoint that an earlier input spends"
    not_own = "input {} does not spend one of the vault's own scripts"
    yield "foreign input", build([("a", OWN[0], 9), ("b", foreign, 9)], [(PAY, 1)]), not_own.format(1)
    wpkh = script.p2wpkh(key(VAULT[0]).get_public_key())
    yield "own key, other script", build([("a", wpkh, 9)], [(PAY, 1)]), not_own.format(0)

    yield "lock by height", plain(locktime=900_000), lock.format(900_000)
    yield "lock by height, final", plain(locktime=1, sequence=0xFFFFFFFF), lock.format(1)
    yield "lock by time", plain(locktime=1_900_000_000), lock.format(1_900_000_000)
    # embit takes 0 for "not given".
    zero = replaced(plain().serialize(), RBF.to_bytes(4, "little"), bytes(4))
    yield "sequence number 0x00000000", zero, sequence.format(0)
    for value in (10, 0x0040_0001, 0x8000_0000, 0xFFFF_FFFC):
        yield f"sequence number {value:#010x}", plain(sequence=value), sequence.format(value)
    zero = replaced(plain().serialize(), b"\x02\x00\x00\x00\x01", b"\x00\x00\x00\x00\x01")
    yield "version 0", zero, version.format(0)
    yield "version 3", plain(version=3), version.format(3)

    good = plain().serialize()
    yield "fields in another order", swapped(), canonical
    yield "a byte after the end", good + b"\x00", canonical
    yield "version 0 written out", with_global(b"\xfb", bytes(4)), canonical
    yield "PSBT version 2", with_global(b"\xfb", b"\x02\x00\x00\x00"), malformed + "*"
    yield "last byte missing", good[:-1], malformed + "*"
    yield "a bare transaction", plain().tx.serialize(), malformed + "*"
    yield "nothing", b"", malformed + "*"
    yield "over the limit", bytes(65_537), "expected at most 65536 bytes, got 65537; is it another file?"


# BIP-341, wallet-test-vectors.json, keyPathSpending: the inputs whose types sign everything.
BIP341 = {
    "source": "https://github.com/bitcoin/bips/blob/master/bip-0341/wallet-test-vectors.json",
    "transaction": "02000000097de20cbff686da83a54981d2b9bab3586f4ca7e48f57f5b55963115f3b334e9c010000000000000000d7b7cab57b1393ace2d064f4d4a2cb8af6def61273e127517d44759b6dafdd990000000000fffffffff8e1f583384333689228c5d28eac13366be082dc57441760d957275419a418420000000000fffffffff0689180aa63b30cb162a73c6d2a38b7eeda2a83ece74310fda0843ad604853b0100000000feffffffaa5202bdf6d8ccd2ee0f0202afbbb7461d9264a25e5bfd3c5a52ee1239e0ba6c0000000000feffffff956149bdc66faa968eb2be2d2faa29718acbfe3941215893a2a3446d32acd050000000000000000000e664b9773b88c09c32cb70a2a3e4da0ced63b7ba3b22f848531bbb1d5d5f4c94010000000000000000e9aa6b8e6c9de67619e6a3924ae25696bb7b694bb677a632a74ef7eadfd4eabf0000000000ffffffffa778eb6a263dc090464cd125c466b5a99667720b1c110468831d058aa1b82af10100000000ffffffff0200ca9a3b000000001976a91406afd46bcdfd22ef94ac122aa11f241244a37ecc88ac807840cb0000000020ac9a87f5594be208f8532db38cff670c450ed2fea8fcdefcc9a663f78bab962b0065cd1d",
    "spent": [
        ["512053a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343", 420000000],
        ["5120147c9c57132f6e7ecddba9800bb0c4449251c92a1e60371ee77557b6620f3ea3", 462000000],
        ["76a914751e76e8199196d454941c45d1b3a323f1433bd688ac", 294000000],
        ["5120e4d810fd50586274face62b8a807eb9719cef49c04177cc6b76a9a4251d5450e", 504000000],
        ["512091b64d5324723a985170e4dc5a0f84c041804f2cd12660fa5dec09fc21783605", 630000000],
        ["00147dd65592d0ab2fe0d0257d571abf032cd9db93dc", 378000000],
        ["512075169f4001aa68f15bbed28b218df1d0a62cbbcf1188c6665110c293c907b831", 672000000],
        ["5120712447206d7a5238acc7ff53fbe94a3b64539ad291c7cdbc490b7577e4b17df5", 546000000],
        ["512077e30a5522dd9f894c3f8b8bd4c4b2cf82ca7da8a3ea6a239655c39c050ab220", 588000000],
    ],
    "inputs": [
        {
            "index": 3,
            "type": 1,
            "sighash": "bf013ea93474aa67815b1b6cc441d23b64fa310911d991e713cd34c7f5d46669",
            "signature": "ff45f742a876139946a149ab4d9185574b98dc919d2eb6754f8abaa59d18b025637a3aa043b91817739554f4ed2026cf8022dbd83e351ce1fabc272841d2510a",
        },
        {
            "index": 4,
            "type": 0,
            "sighash": "4f900a0bae3f1446fd48490c2958b5a023228f01661cda3496a11da502a7f7ef",
            "signature": "b4010dd48a617db09926f729e79c33ae0b4e94b79f04a1ae93ede6315eb3669de185a17d2b0ac9ee09fd4c64b678a0b61a0a86fa888a273c8511be83bfd6810f",
        },
    ],
}


def check_bip341():
    tx = Transaction.parse(bytes.fromhex(BIP341["transaction"]))
    scripts = [script.Script(bytes.fromhex(spent)) for spent, _ in BIP341["spent"]]
    values = [sats for _, sats in BIP341["spent"]]
    for case in BIP341["inputs"]:
        got = tx.sighash_taproot(case["index"], script_pubkeys=scripts, values=values, sighash=case["type"])
        assert got.hex() == case["sighash"], case
        public = ec.PublicKey.from_xonly(scripts[case["index"]].data[2:])
        assert public.schnorr_verify(ec.SchnorrSig.parse(bytes.fromhex(case["signature"])), got), case


def one_per_line(value):
    """JSON with one vector per line, so that changes show."""
    lists = {name: item for name, item in value.items() if isinstance(item, list)}
    rest = {name: item for name, item in value.items() if name not in lists}
    lines = [f"{json.dumps(name)}: {json.dumps(item)}" for name, item in rest.items()]
    for name, items in lists.items():
        lines.append(f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(item) for item in items) + "\n]")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def write_vectors():
    vectors = {
        "tool": "embit 0.8.0",
        "bip341": BIP341,
        "scripts": sorted(own.data.hex() for own in OWN),
        "accepted": [accepted(name, psbt) for name, psbt in golden()],
        "refused": [
            # Over the limit: so many zeros.
            {"name": name, "psbt": base64.b64encode(encode(psbt)).decode(), "error": error}
            if len(encode(psbt)) < 65_536
            else {"name": name, "zeros": len(encode(psbt)), "error": error}
            for name, psbt, error in refused()
        ],
    }
    (HERE / "bitcoin.json").write_text(one_per_line(vectors))
    print(f"{len(vectors['accepted'])} accepted, {len(vectors['refused'])} refused")


def write_samples():
    vault, listed, unlisted = taproot("sample vault"), PAY, DESTINATIONS["p2tr"]
    held = [("sample 0", vault, 35_000_000), ("sample 1", vault, 90_000_000)]
    much = [("sample 2", vault, 4_500_000_000)]
    fee = 1_000
    SAMPLES.mkdir(exist_ok=True)
    for name, inputs, to, sats in [
        ("payment", held, listed, 50_000_000),
        ("payment-large", much, listed, 4_000_000_000),
        ("payment-unlisted", held, unlisted, 50_000_000),
    ]:
        change = sum(value for _, _, value in inputs) - sats - fee
        psbt = build(inputs, [(to, sats), (vault, change)])
        text = base64.b64encode(psbt.serialize()).decode()
        (SAMPLES / f"{name}.psbt").write_text(text + "\n")
    for name, own in [("vault", vault), ("listed", listed), ("unlisted", unlisted)]:
        print(name, own.address())


if __name__ == "__main__":
    check_bip341()
    write_vectors()
    write_samples()
