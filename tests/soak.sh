#!/usr/bin/env bash
# Long soaks: what CI samples, in full. Each is bounded; results go to one Markdown file.
#
#   tests/soak.sh [OUTPUT]      about four hours on two cores
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

output=${1:-soak-results.md}
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# soak TITLE SECONDS PACKAGE TEST: one ignored test under a time limit.
soak() {
    local begin=$SECONDS outcome=passed
    timeout "$2" cargo test --release --locked -p "$3" -- --ignored --nocapture --exact "$4" >"$log" 2>&1 ||
        outcome=FAILED
    # A name that no test has would pass without a word.
    grep -q '1 passed' "$log" || outcome=FAILED
    printf '| %s | %s | %d s | %s |\n' "$1" "$outcome" $((SECONDS - begin)) \
        "$(grep -E 'mutants|cells|survivors|flipped' "$log" | tr '\n' ' ' | cut -c1-160)"
}

# many TITLE SECONDS PACKAGES BINARY TEST VARIABLE NUMBER: a test of CI with a larger number.
many() {
    local begin=$SECONDS outcome=passed
    # shellcheck disable=SC2086 # several packages
    timeout "$2" env "$6=$7" cargo test --release --locked $3 --test "$4" -- --nocapture --exact "$5" \
        >"$log" 2>&1 || outcome=FAILED
    grep -q '1 passed' "$log" || outcome=FAILED
    # What to repeat.
    if [ "$outcome" = FAILED ]; then
        grep -E 'repeat with|Plan \{' "$log" | head -n 20 >&2 || true
    fi
    printf '| %s | %s | %d s | %s |\n' "$1" "$outcome" $((SECONDS - begin)) \
        "$(grep -E '^[0-9]+ (later rounds|records decided|runs|portfolios),' "$log" | tail -n 3 | tr '\n' ' ' | cut -c1-160)"
}

# The selection of README: another one compiles tfhe again.
margin="-p solventry-fhe-risk -p solventry-margin -p solventry-margin-tests -p solventry-margin-benches"
cargo test --release --locked -p solventry-policy -p solventry-signer --no-run --quiet
{
    echo "Commit $(git rev-parse --short HEAD), $(date -u +%F), $(getconf _NPROCESSORS_ONLN) cores."
    echo
    echo "| soak | outcome | time | figures |"
    echo "| --- | --- | --- | --- |"
    soak "policy circuit: two values in every assigned cell, both lanes" 5400 solventry-policy no_cell_at_all_can_change_alone
    soak "policy circuit: nine values in every cell outside of hashes" 3600 solventry-policy no_cell_outside_of_hashes_can_take_nine_other_values
    soak "policy proof: every bit flipped" 3600 solventry-policy no_bit_of_a_proof_can_be_flipped
    many "agreement: 5 000 seeded histories of a journal of ticks" 3600 "-p solventry-signer" simulation \
        no_fork_and_progress_after_healing_with_at_most_f_faulty SOLVENTRY_SEEDS 10000
    many "agreement: 5 000 seeded histories of the application" 3600 "-p solventry-signer" simulation \
        the_application_has_one_history_and_one_state_at_every_height SOLVENTRY_SEEDS 10000
    many "signer: kill -9 at seven points, 200 runs each" 3600 "-p solventry-signer" crashes \
        whatever_the_point_of_a_kill_nothing_is_lost_or_said_twice SOLVENTRY_CRASHES 200
    many "margin: 2 000 random portfolios, decrypted against clear" 14400 "$margin" margin \
        random::random_portfolios_are_exact SOLVENTRY_MARGIN_PORTFOLIOS 2000
} | tee "$output"
# The rows are printed in a subshell: only the file knows what failed.
if grep -q '| FAILED |' "$output"; then exit 1; fi
