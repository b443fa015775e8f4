#!/usr/bin/env bash
# Checks our headroom files with snarkjs itself: a test oracle, never shipped (GPL-3.0).
#
#   npm install --prefix DIR snarkjs        # anywhere outside this repository
#   circuits/oracle/snarkjs.sh DIR [FOLDER]
#
# FOLDER holds proof.json, public.json and verification_key.json, by default the golden ones.
# snarkjs must accept them, must compute the same vk_alphabeta_12, would write the same bytes, and
# must refuse every altered number.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
modules="$(cd "${1:?usage: snarkjs.sh DIR_WITH_SNARKJS [FOLDER]}" && pwd)/node_modules"
folder="$(cd "${2:-$here/../../tests/vectors/v1/headroom}" && pwd)"
[[ -d "$modules/snarkjs" ]] || {
    echo "expected snarkjs in $modules; run: npm install --prefix $1 snarkjs" >&2
    exit 2
}
NODE_PATH="$modules" exec node "$here/snarkjs.js" "$folder"
