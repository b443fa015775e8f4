// The checks of snarkjs.sh.
"use strict";
const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");

const modules = process.env.NODE_PATH;
const snarkjs = require(path.join(modules, "snarkjs"));
// The copy of ffjavascript that snarkjs itself uses.
const { utils, buildBn128 } = createRequire(require.resolve(path.join(modules, "snarkjs")))("ffjavascript");

const folder = process.argv[2];
const texts = Object.fromEntries(
    ["proof", "public", "verification_key"].map((name) => [
        name,
        fs.readFileSync(path.join(folder, `${name}.json`), "utf8"),
    ]),
);
const parsed = () => Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, JSON.parse(text)]));
const failures = [];
const expect = (holds, what) => {
    console.log(`${holds ? "ok  " : "FAIL"} ${what}`);
    if (!holds) failures.push(what);
};

/** Whether snarkjs accepts; an exception is a refusal. */
async function accepts({ proof, public: inputs, verification_key: key }) {
    try {
        return await snarkjs.groth16.verify(key, inputs, proof);
    } catch {
        return false;
    }
}

/** Every number in a value, third coordinates aside, as a way to replace it by the next one. */
function alterations(value, found = [], change = () => {}) {
    if (typeof value === "string" && /^[0-9]+$/.test(value)) {
        found.push(() => change((BigInt(value) + 1n).toString()));
    } else if (Array.isArray(value)) {
        const coordinates = value.length === 3 ? value.slice(0, 2) : value;
        coordinates.forEach((item, index) => alterations(item, found, (next) => (value[index] = next)));
    }
    return found;
}

async function main() {
    expect(await accepts(parsed()), "snarkjs accepts the proof");
    for (const [name, text] of Object.entries(texts)) {
        expect(JSON.stringify(JSON.parse(text), null, 1) === text, `${name}.json has the bytes that snarkjs writes`);
    }

    const curve = await buildBn128();
    const key = utils.unstringifyBigInts(parsed().verification_key);
    const pairing = curve.pairing(curve.G1.fromObject(key.vk_alpha_1), curve.G2.fromObject(key.vk_beta_2));
    const computed = utils.stringifyBigInts(curve.Gt.toObject(pairing));
    expect(
        JSON.stringify(computed) === JSON.stringify(parsed().verification_key.vk_alphabeta_12),
        "vk_alphabeta_12 is what snarkjs computes",
    );

    // snarkjs itself does not read vk_alphabeta_12, nor the third coordinates of IC.
    for (const [file, fields] of [
        ["public", [null]],
        ["proof", ["pi_a", "pi_b", "pi_c"]],
        ["verification_key", ["vk_alpha_1", "vk_beta_2", "vk_gamma_2", "vk_delta_2", "IC"]],
    ]) {
        for (const field of fields) {
            const at = (all) => (field === null ? all[file] : all[file][field]);
            const count = alterations(at(parsed())).length;
            let accepted = 0;
            for (let index = 0; index < count; index++) {
                const altered = parsed();
                alterations(at(altered))[index]();
                accepted += (await accepts(altered)) ? 1 : 0;
            }
            expect(accepted === 0, `${file}${field === null ? "" : "." + field}: ${count} altered numbers refused`);
        }
    }
    await curve.terminate();
    process.exit(failures.length === 0 ? 0 : 1);
}

main();
