#!/usr/bin/env node
// Writes solana.json with Solana's JavaScript libraries, which share no code with the Rust ones:
//
//     npm install @solana/web3.js@1.98.4 @solana/spl-token@0.4.14
//     node make_solana.mjs
//
// All keys are published here; never send coins to them.

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// From the folder that the program is run in, where the libraries are.
const require = createRequire(join(process.cwd(), "package.json"));
const web3 = require("@solana/web3.js");
const token = require("@solana/spl-token");
const { ed25519 } = require("@noble/curves/ed25519");

const { AddressLookupTableAccount, ComputeBudgetProgram, Keypair, MessageV0, NONCE_ACCOUNT_LENGTH, PublicKey, SystemProgram } = web3;
const { TransactionInstruction, TransactionMessage } = web3;
const { SYSVAR_RECENT_BLOCKHASHES_PUBKEY: SYSVAR, SYSVAR_RENT_PUBKEY: RENT } = web3;
const { TOKEN_PROGRAM_ID: TOKEN, TOKEN_2022_PROGRAM_ID: TOKEN_2022 } = token;

const pair = (label) => Keypair.fromSeed(createHash("sha256").update(`solventry test key: ${label}`).digest());
const address = (label) => pair(label).publicKey;

const vault = pair("vault");
const authority = vault.publicKey;
const payer = address("fee payer");
const nonces = [address("nonce 0"), address("nonce 1")];
const tokens = [address("token account 0"), address("token account 1")];
const mint = address("mint");
const payee = address("payee");
// The value of the nonce account, where a blockhash would stand.
const blockhash = address("nonce value").toBase58();

const advance = (change = {}) =>
  SystemProgram.nonceAdvance({ noncePubkey: nonces[0], authorizedPubkey: authority, ...change });
const coins = (change = {}) =>
  SystemProgram.transfer({ fromPubkey: authority, toPubkey: payee, lamports: 1_500_000_000, ...change });
const checked = ({ source = tokens[0], of = mint, to = payee, owner = authority, amount = 25_000_000n, decimals = 6, cosigners = [], program = TOKEN } = {}) =>
  token.createTransferCheckedInstruction(source, of, to, owner, amount, decimals, cosigners, program);

/** The instruction with other data, or other accounts. */
const altered = (instruction, { data = instruction.data, keys = instruction.keys, programId = instruction.programId }) =>
  new TransactionInstruction({ data: Buffer.from(data), keys, programId });
/** The instruction with the rights of one account changed. */
const rights = (instruction, index, change) =>
  altered(instruction, { keys: instruction.keys.map((key, i) => (i === index ? { ...key, ...change } : key)) });

const message = (instructions, feePayer = payer) =>
  new TransactionMessage({ payerKey: feePayer, recentBlockhash: blockhash, instructions });
const legacy = (...instructions) => Buffer.from(message(instructions).compileToLegacyMessage().serialize());
const v0 = (...instructions) => Buffer.from(message(instructions).compileToV0Message().serialize());
const paidBy = (feePayer, ...instructions) => Buffer.from(message(instructions, feePayer).compileToLegacyMessage().serialize());

function accepted(name, bytes, expected) {
  const { nonce = nonces[0], contract = null, decimals = null, destination = payee, amount } = expected;
  return {
    name,
    message: bytes.toString("base64"),
    destination: hex(destination),
    contract: contract && hex(contract),
    decimals,
    amount: amount.toString(),
    fee: 10_000,
    nonce: hex(nonce),
    nonce_value: hex(new PublicKey(blockhash)),
    key: hex(authority),
    signature: Buffer.from(ed25519.sign(bytes, vault.secretKey.slice(0, 32))).toString("hex"),
  };
}

const hex = (key) => Buffer.from(key.toBytes()).toString("hex");

function golden() {
  const native = { amount: 1_500_000_000 };
  const spl = { amount: 25_000_000, contract: mint, decimals: 6 };
  const most = (1n << 64n) - 1n;
  return [
    accepted("native, legacy", legacy(advance(), coins()), native),
    accepted("native, version 0", v0(advance(), coins()), native),
    accepted("SPL, legacy", legacy(advance(), checked()), spl),
    accepted("SPL, version 0 without tables", v0(advance(), checked()), spl),
    accepted("second nonce account", legacy(advance({ noncePubkey: nonces[1] }), coins()), { ...native, nonce: nonces[1] }),
    accepted("second token account", legacy(advance(), checked({ source: tokens[1] })), spl),
    accepted("one lamport", legacy(advance(), coins({ lamports: 1 })), { amount: 1 }),
    accepted("largest amount", legacy(advance(), checked({ amount: most, decimals: 0 })), { ...spl, amount: most, decimals: 0 }),
    accepted("to the fee payer", legacy(advance(), coins({ toPubkey: payer })), { ...native, destination: payer }),
  ];
}

/** A version 0 message whose destination stands in a table. */
function withTable() {
  const state = { deactivationSlot: 2n ** 64n - 1n, lastExtendedSlot: 0, lastExtendedSlotStartIndex: 0, addresses: [payee] };
  const table = new AddressLookupTableAccount({ key: address("table"), state });
  const compiled = message([advance(), coins()]).compileToV0Message([table]);
  if (compiled.addressTableLookups.length !== 1) throw new Error("no lookup");
  return Buffer.from(compiled.serialize());
}

/** A legacy message with a last account of no rights. */
function withAccount(key) {
  const compiled = message([advance(), coins()]).compileToV0Message();
  const header = { ...compiled.header, numReadonlyUnsignedAccounts: compiled.header.numReadonlyUnsignedAccounts + 1 };
  const accounts = { ...compiled, header, staticAccountKeys: [...compiled.staticAccountKeys, key] };
  return Buffer.from(
    new MessageV0({ ...accounts, recentBlockhash: blockhash, compiledInstructions: compiled.compiledInstructions, addressTableLookups: [] }).serialize(),
  );
}

function refused() {
  const good = legacy(advance(), coins());
  const goodV0 = v0(advance(), coins());
  const nonce = (problem) =>
    `instruction 0: ${problem}; expected AdvanceNonceAccount on a nonce account of the vault, with the vault as authority`;
  const transfer = (problem) =>
    `instruction 1: ${problem}; expected one system Transfer or one SPL TransferChecked out of the vault`;
  const missing =
    "instruction 0 is not AdvanceNonceAccount; a transaction without durable nonce expires before a quorum has signed it: put it first";
  const count = (got) => `expected 2 instructions, AdvanceNonceAccount and one transfer, got ${got}`;
  const feePayer =
    "the fee payer is an account of the vault; expected an account outside of it, so that fees never leave reserves";
  const back = "all that is paid goes back to the vault; expected exactly one external destination";
  const withoutMint = "instruction 1 is an SPL Transfer, which does not name the mint; use TransferChecked";
  const token2022 =
    "instruction 1 is of the Token-2022 program, whose mints can take fees and call other programs; only SPL Token is supported";
  const signers = (got) => `expected 2 signers, the fee payer and the vault's authority, got ${got}`;
  const account = (index, problem) => `account ${index}: ${problem}`;
  const malformed = "expected a Solana message (a transaction without its signatures), the bytes do not parse as one: *";
  const version = "expected a legacy message or one of version 0, got version byte *";
  const special = transfer("its destination is a program, a sysvar or the mint");
  const unsigned = { isSigner: false };
  const writable = { isWritable: true };
  const readonly = { isWritable: false };
  const stranger = address("stranger");
  const limit = ComputeBudgetProgram.setComputeUnitLimit({ units: 10_000 });
  const price = ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1_000_000 });
  const memo = new TransactionInstruction({
    keys: [],
    data: Buffer.from("hello"),
    programId: new PublicKey("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"),
  });
  // A compact-u16 may not have a zero last byte: 2 instructions as 0x82 0x00.
  const at = 4 + good[3] * 32 + 32;
  const padded = Buffer.concat([good.subarray(0, at), Buffer.from([0x82, 0x00]), good.subarray(at + 1)]);

  return [
    ["no AdvanceNonce", legacy(coins()), missing],
    ["no instruction", legacy(), count(0)],
    ["AdvanceNonce alone", legacy(advance()), count(1)],
    ["two transfers", legacy(coins(), coins()), missing],
    ["AdvanceNonce last", legacy(coins(), advance()), missing],
    ["AdvanceNonce twice", legacy(advance(), advance()), transfer("it is another system instruction than Transfer")],
    ["AdvanceNonce with more data", legacy(altered(advance(), { data: [4, 0, 0, 0, 0] }), coins()), missing],
    ["AdvanceNonce with less data", legacy(altered(advance(), { data: [4, 0, 0] }), coins()), missing],
    ["AdvanceNonce of another program", legacy(altered(advance(), { programId: stranger }), coins()), missing],
    ["two transfers after AdvanceNonce", legacy(advance(), coins(), coins()), count(3)],
    ["compute limit", legacy(advance(), limit, coins()), count(3)],
    ["priority fee last", legacy(advance(), coins(), price), count(3)],
    ["priority fee first", legacy(price, advance(), coins()), missing],
    ["priority fee for the transfer", legacy(advance(), price), transfer("it is of another program")],
    ["memo", legacy(advance(), coins(), memo), count(3)],

    ["foreign nonce account", legacy(advance({ noncePubkey: stranger }), coins()), nonce("it advances a nonce account that is not the vault's")],
    ["foreign nonce authority", legacy(advance({ authorizedPubkey: stranger }), coins()), nonce("its authority is not the vault")],
    ["fee payer as nonce authority", legacy(advance({ authorizedPubkey: payer }), coins()), nonce("its authority is not the vault")],
    ["another sysvar", legacy(altered(advance(), { keys: [advance().keys[0], { ...advance().keys[1], pubkey: RENT }, advance().keys[2]] }), coins()), nonce("its second account is not the recent-blockhashes sysvar")],
    ["AdvanceNonce with 4 accounts", legacy(altered(advance(), { keys: [...advance().keys, advance().keys[1]] }), coins()), nonce("it has other than 3 accounts")],
    ["AdvanceNonce with 2 accounts", legacy(altered(advance(), { keys: advance().keys.slice(0, 2) }), coins()), nonce("it has other than 3 accounts")],

    ["SPL Transfer without mint", legacy(advance(), token.createTransferInstruction(tokens[0], payee, authority, 5n)), withoutMint],
    ["Token-2022", legacy(advance(), checked({ program: TOKEN_2022 })), token2022],
    ["SPL Approve", legacy(advance(), token.createApproveInstruction(tokens[0], payee, authority, 5n)), transfer("it is another token instruction than TransferChecked")],
    ["SPL Burn", legacy(advance(), token.createBurnCheckedInstruction(tokens[0], mint, authority, 5n, 6)), transfer("it is another token instruction than TransferChecked")],
    ["SPL CloseAccount", legacy(advance(), token.createCloseAccountInstruction(tokens[0], payee, authority)), transfer("it is another token instruction than TransferChecked")],
    ["SPL SetAuthority", legacy(advance(), token.createSetAuthorityInstruction(tokens[0], authority, token.AuthorityType.AccountOwner, payee)), transfer("it is another token instruction than TransferChecked")],
    ["SPL with cosigner", legacy(advance(), checked({ cosigners: [stranger] })), transfer("it has other than 4 accounts")],
    ["SPL out of a foreign account", legacy(advance(), checked({ source: stranger })), transfer("it draws on a token account that is not the vault's")],
    ["SPL with another authority", legacy(advance(), checked({ owner: stranger })), transfer("its authority is not the vault")],
    ["SPL data too long", legacy(advance(), altered(checked(), { data: [...checked().data, 0] })), transfer("its data has the wrong length")],
    ["SPL data too short", legacy(advance(), altered(checked(), { data: checked().data.subarray(0, 9) })), transfer("its data has the wrong length")],
    ["SPL without data", legacy(advance(), altered(checked(), { data: [] })), transfer("it is another token instruction than TransferChecked")],
    ["SPL to itself", legacy(advance(), checked({ to: tokens[0] })), back],
    ["SPL to another own account", legacy(advance(), checked({ to: tokens[1] })), back],
    ["SPL to the authority", legacy(advance(), checked({ to: authority })), back],
    ["SPL to the mint", legacy(advance(), checked({ to: mint })), special],
    ["SPL of nothing", legacy(advance(), checked({ amount: 0n })), "the destination receives nothing; expected at least 1 unit"],

    ["coins out of another account", legacy(advance(), coins({ fromPubkey: stranger })), transfer("it does not pay out of the vault")],
    ["coins out of the fee payer", legacy(advance(), coins({ fromPubkey: payer })), transfer("it does not pay out of the vault")],
    ["coins to the vault", legacy(advance(), coins({ toPubkey: authority })), back],
    ["coins to the nonce account", legacy(advance(), coins({ toPubkey: nonces[0] })), back],
    ["coins to another own nonce account", legacy(advance(), coins({ toPubkey: nonces[1] })), back],
    ["coins to an own token account", legacy(advance(), coins({ toPubkey: tokens[0] })), back],
    ["coins to a program", legacy(advance(), coins({ toPubkey: SystemProgram.programId })), special],
    ["coins to a sysvar", legacy(advance(), coins({ toPubkey: SYSVAR })), special],
    ["no coins", legacy(advance(), coins({ lamports: 0 })), "the destination receives nothing; expected at least 1 unit"],
    ["coins data too long", legacy(advance(), altered(coins(), { data: [...coins().data, 0] })), transfer("its data has the wrong length")],
    ["coins data too short", legacy(advance(), altered(coins(), { data: coins().data.subarray(0, 11) })), transfer("its data has the wrong length")],
    ["coins with a third account", legacy(advance(), altered(coins(), { keys: [...coins().keys, coins().keys[1]] })), transfer("it has other than 2 accounts")],
    ["new account", legacy(advance(), SystemProgram.createAccount({ fromPubkey: authority, newAccountPubkey: stranger, lamports: 5, space: NONCE_ACCOUNT_LENGTH, programId: TOKEN })), transfer("it is another system instruction than Transfer")],
    ["withdrawal from the nonce account", legacy(advance(), SystemProgram.nonceWithdraw({ noncePubkey: nonces[0], authorizedPubkey: authority, toPubkey: payee, lamports: 5 })), transfer("it is another system instruction than Transfer")],
    ["new nonce authority", legacy(advance(), SystemProgram.nonceAuthorize({ noncePubkey: nonces[0], authorizedPubkey: authority, newAuthorizedPubkey: payee })), transfer("it is another system instruction than Transfer")],
    ["another program", legacy(advance(), altered(coins(), { programId: stranger })), transfer("it is of another program")],

    ["vault pays the fee", paidBy(authority, advance(), coins()), feePayer],
    ["own token account pays the fee", paidBy(tokens[0], advance(), coins()), feePayer],
    ["own nonce account pays the fee", paidBy(nonces[1], advance(), coins()), feePayer],
    ["authority does not sign", legacy(rights(advance(), 2, unsigned), rights(coins(), 0, unsigned)), signers(1)],
    ["a third signer", legacy(advance(), rights(coins(), 1, { isSigner: true })), signers(3)],
    ["another signer for the vault", legacy(rights(advance(), 2, unsigned), rights(rights(coins(), 0, unsigned), 1, { isSigner: true })), account(1, "it signs, but is neither fee payer nor the vault's authority")],
    ["read-only nonce account", legacy(rights(advance(), 0, readonly), coins()), account(4, "it must be writable")],
    ["read-only destination", legacy(advance(), rights(coins(), 1, readonly)), account(5, "it must be writable")],
    ["writable sysvar", legacy(rights(advance(), 1, writable), coins()), account(3, "it is writable, which nothing needs")],
    ["writable mint", legacy(advance(), rights(checked(), 1, writable)), account(4, "it is writable, which nothing needs")],
    ["writable authority of tokens", legacy(advance(), rights(checked(), 3, writable)), account(1, "it is writable, which nothing needs")],
    ["unused account", withAccount(stranger), account(6, "no instruction uses it; leave it out")],
    ["repeated account", withAccount(SYSVAR), account(6, "it occurs twice in the message")],

    ["lookup table", withTable(), "the message looks accounts up in address tables; write every account into the message"],
    ["version 1", Buffer.concat([Buffer.from([0x81]), goodV0.subarray(1)]), version],
    ["version 127", Buffer.concat([Buffer.from([0xff]), goodV0.subarray(1)]), version],
    ["with its signatures", Buffer.concat([Buffer.from([2]), Buffer.alloc(128), good]), malformed],
    ["a byte after the end", Buffer.concat([good, Buffer.from([0])]), malformed],
    ["last byte missing", good.subarray(0, -1), malformed],
    ["padded count", padded, malformed],
    ["account out of range", Buffer.concat([good.subarray(0, at + 1), Buffer.from([99]), good.subarray(at + 2)]), malformed],
    ["nothing", Buffer.alloc(0), malformed],
    ["over the limit", Buffer.alloc(1104), "expected at most 1103 bytes, got 1104; is it another file?"],
  ].map(([name, bytes, error]) => ({ name, message: bytes.toString("base64"), error }));
}

const vectors = {
  authority: hex(authority),
  nonce_accounts: nonces.map(hex).sort(),
  token_accounts: tokens.map(hex).sort(),
  accepted: golden(),
  refused: refused(),
};
const lines = Object.entries(vectors).map(([name, value]) =>
  Array.isArray(value)
    ? `${JSON.stringify(name)}: [\n${value.map((item) => JSON.stringify(item)).join(",\n")}\n]`
    : `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
);
const tool = `"tool": "@solana/web3.js 1.98.4, @solana/spl-token 0.4.14"`;
writeFileSync(new URL("solana.json", import.meta.url), `{\n${[tool, ...lines].join(",\n")}\n}\n`);
console.log(`${vectors.accepted.length} accepted, ${vectors.refused.length} refused`);
