#!/usr/bin/env bash
# Runs everything behind RESULTS.md and writes it to one Markdown file. On two quiet cores about
# a quarter of an hour, with FULL=1 (a million accounts, criterion on both profiles) over an hour.
#
#   benches/collect.sh [OUTPUT]      KEYS=folder for keys (500 MiB)   FULL=1
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

output=${1:-results.md}
keys=${KEYS:-${TMPDIR:-/tmp}/solventry-bench-keys}
accounts=10000,20000,100000
profiles=small
if [[ -n "${FULL:-}" ]]; then
    accounts=10000,20000,100000,1000000
    profiles="small standard"
fi

# heading TITLE: what runs, as the reader would type it.
heading() { printf '## `%s`\n\n' "$1"; }

whole_run() {
    heading "whole_run $*"
    cargo run --release --locked --quiet -p solventry-benches --bin whole_run -- --keys "$keys" "$@"
}

criterion() {
    heading "SOLVENTRY_BENCH_PROFILE=$1 cargo bench -p solventry-benches"
    echo '```'
    SOLVENTRY_BENCH_PROFILE=$1 SOLVENTRY_BENCH_KEYS=$keys \
        cargo bench --locked --quiet -p solventry-benches -- --noplot | grep -E 'bytes|time:|^[a-z]+/'
    printf '```\n\n'
}

{
    changed=$(git diff --quiet HEAD || echo " and uncommitted changes")
    echo "Commit $(git rev-parse --short HEAD)$changed, $(date -u +%F), $(getconf _NPROCESSORS_ONLN) cores," \
        "load $(cut -d' ' -f1 /proc/loadavg) at the start, $(rustc --version | cut -d' ' -f1,2)."
    echo
    # The peer once with a small proof and once with one of the size of a shard.
    whole_run --accounts 10000 --peer-log-rows 16 --no-phases --no-stock
    whole_run --accounts "$accounts" --peer-log-rows 20 --repeats 3
    for profile in $profiles; do
        criterion "$profile"
    done
    # Compiles tfhe: only when asked for.
    if [[ -n "${MARGIN:-}" ]]; then
        heading "solventry-margin-benches --full"
        cargo run --release --locked --quiet --bin solventry-margin-benches -p solventry-fhe-risk -p solventry-margin \
            -p solventry-margin-tests -p solventry-margin-benches -- --full
    fi
} | tee "$output"
