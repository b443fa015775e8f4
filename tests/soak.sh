#!/usr/bin/env bash
# Long soaks: what CI samples, in full. Each is bounded; results go to one Markdown file.
#
#   tests/soak.sh [OUTPUT]      about an hour on two cores
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

output=${1:-soak-results.md}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0

# soak TITLE SECONDS PACKAGE TEST: one ignored test under a time limit.
soak() {
    local begin=$SECONDS outcome=passed
    if ! timeout "$2" cargo test --release --locked -p "$3" -- --ignored --nocapture --exact "$4" >"$log" 2>&1; then
        outcome=FAILED
        failed=1
    fi
    # A name that no test has would pass without a word.
    grep -q '1 passed' "$log" || { outcome=FAILED; failed=1; }
    printf '| %s | %s | %d s | %s |\n' "$1" "$outcome" $((SECONDS - begin)) \
        "$(grep -E 'mutants|cells|survivors|flipped' "$log" | tr '\n' ' ' | cut -c1-160)"
}

cargo test --release --locked -p solventry-policy --no-run --quiet
{
    echo "Commit $(git rev-parse --short HEAD), $(date -u +%F), $(getconf _NPROCESSORS_ONLN) cores."
    echo
    echo "| soak | outcome | time | figures |"
    echo "| --- | --- | --- | --- |"
    soak "policy circuit: two values in every assigned cell, both lanes" 5400 solventry-policy no_cell_at_all_can_change_alone
    soak "policy circuit: nine values in every cell outside of hashes" 3600 solventry-policy no_cell_outside_of_hashes_can_take_nine_other_values
    soak "policy proof: every bit flipped" 3600 solventry-policy no_bit_of_a_proof_can_be_flipped
} | tee "$output"
exit "$failed"
