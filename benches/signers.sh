#!/usr/bin/env bash
# Payments through groups of signer nodes on this machine, as separate processes: seconds from
# submission to decision and to signatures, with and without proving, payments a second, and memory of a node.
#
#   cargo build --release && benches/signers.sh [PAYMENTS]      (default 40 for each group)
set -euo pipefail

count=${1:-40}
readonly TOGETHER=4
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/target/release
bin=${CARGO_TARGET_DIR:-${bin%/release}}/release
solventry() { "$bin/solventry" "$@"; }
samples=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/service/samples/signing
root=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$root"' EXIT
cd "$root"

solventry keys setup --profile small --insecure-dev --out K >/dev/null
for who in proposer approver1 approver2 observer; do solventry keys signing --out $who.key > $who.pub; done
public() { sed -n 's/^public key: //p' "$1.pub"; }
(umask 077; head -c 32 /dev/urandom | base64 > passphrase)

# group NODES: a group, its key, its journal, a policy, an epoch; in a folder of its own.
group() {
    local nodes=$1 i
    pids=()
    mkdir "$root/$nodes" && cd "$root/$nodes"
    for i in $(seq "$nodes"); do
        "$bin/solventry-signer" init "N$i" --name "node-$i" --provider "p$i" --region "r$i" --jurisdiction "j$i" \
            --link "127.0.0.1:$((29000 + nodes * 10 + i))" --peer "127.0.0.1:$((29200 + nodes * 10 + i))" \
            --passphrase-file ../passphrase >/dev/null
    done
    solventry signers key --out coordinator.key > coordinator.pub
    solventry signers group N*/card.node --coordinator "$(sed -n 's/^link key: //p' coordinator.pub)=treasury" --out group >/dev/null
    for i in $(seq "$nodes"); do
        "$bin/solventry-signer" run "N$i" --group group --passphrase-file ../passphrase > "N$i.out" 2> "N$i.log" &
        pids+=($!)
    done
    until [[ $(cat N*.out | grep -c listening) == "$nodes" ]]; do sleep 0.5; done
    solventry signers dkg --group group --key coordinator.key --vault treasury --chain bitcoin --out key > dkg.txt
    local address; address=$(grep -o 'bc1p[a-z0-9]*' dkg.txt | head -1)
    cp ../*.pub ../*.key .
    solventry vault new V --name treasury --chain bitcoin --address "$address" --proposer "$(public proposer)" \
        --approver "$(public approver1)" --approver "$(public approver2)" >/dev/null
    solventry ledger generate --accounts 600 --assets 8 --mean-holdings 3 --seed 7 --out L >/dev/null
    echo "BTC,bitcoin,$address,100,," >> L/reserves.csv
    solventry prove --ledger L --keys ../K --entity Example --epoch 1 --secrets S --out epoch.solv \
        --snapshot-block "bitcoin:850000:$(printf '%064d' 42)" >/dev/null 2>&1
    solventry signers genesis --group group --anchors ../K/anchors.json --vault V --observer "$(public observer)" \
        --observer-quorum 1 --allow-dev-setup --out genesis >/dev/null
    solventry signers start --genesis genesis --key coordinator.key >/dev/null
    until solventry signers status --genesis genesis --key coordinator.key >/dev/null 2>&1; do sleep 0.5; done
    (umask 077; sed -e '/^# Collateral/,$d' -e 's/^cooldown = .*/cooldown = "0 seconds"/' -e 's/^payments_per_day = .*/payments_per_day = 1000/' \
        "$samples/policy.toml" > V/policy.toml)
    solventry policy root V/policy.toml --write >/dev/null 2>&1
    solventry change --vault V --key approver1.key --out change.record >/dev/null
    solventry submit --record change.record --genesis genesis --key coordinator.key >/dev/null
    solventry observe epoch --attestation epoch.solv --genesis genesis --key observer.key --out epoch.record >/dev/null
    solventry submit --record epoch.record --genesis genesis --key coordinator.key >/dev/null
}

# propose NAME
propose() {
    solventry payment example --vault V --to bc1q3z58l7nav7yldg9zlhay46tj2je08n4ltg6fjh --amount "0.01 BTC" --out "$1.psbt" >/dev/null
    solventry payment propose --tx "$1.psbt" --vault V --key proposer.key --out "$1.pay" >/dev/null
    solventry approve "$1.pay" --vault V --key approver1.key >/dev/null
}

# sign NAME
sign() {
    solventry sign --tx "$1.psbt" --payment "$1.pay" --vault V --epoch 1 --secrets S --keys ../K --genesis genesis \
        --group-key key --key coordinator.key --out "$1.sign" > "$1.txt"
}

# payments: one after the other; the times that `sign` prints behind each step.
payments() {
    local i
    for i in $(seq "$count"); do
        propose "$i"
        sign "$i"
        awk '
            /proofs made/ { proven = $1 } /^ *[0-9.]+ s  decided/ { decided = $1 } /^ *[0-9.]+ s  signed/ { signed = $1 }
            END { printf "%.2f %.2f %.2f\n", decided - proven, signed - proven, signed }' "$i.txt" >> times
    done
}

# together: payments of one vault by several coordinators at once, of which all but one must prove anew
# whenever another is decided first; payments a second.
together() {
    local i begin signing=()
    for i in $(seq "$TOGETHER"); do propose "t$i"; done
    begin=$EPOCHREALTIME
    for i in $(seq "$TOGETHER"); do sign "t$i" & signing+=($!); done
    wait "${signing[@]}"
    awk -v n="$TOGETHER" -v begin="$begin" -v end="$EPOCHREALTIME" 'BEGIN { printf "%.2f", n / (end - begin) }'
}

quantiles() { # COLUMN
    sort -n -k"$1","$1" times | awk -v c="$1" '{ v[NR] = $c } END { printf "%5.2f s median, %5.2f s at most 99 in 100", v[int((NR + 1) / 2)], v[int(NR * 0.99 + 0.999)] }'
}

for nodes in 4 7; do
    group "$nodes"
    payments
    echo "$((2 * (nodes - 1) / 3 + 1)) of $nodes nodes, $count payments one after the other"
    echo "  proofs to decision:    $(quantiles 1)"
    echo "  proofs to signature:   $(quantiles 2)"
    echo "  payment to signature:  $(quantiles 3) (with sums, both proofs and their check)"
    echo "  one after the other:   $(awk '{ all += $3 } END { printf "%.2f", NR / all }' times) payments a second"
    echo "  $TOGETHER at once:             $(together) payments a second"
    echo "  memory of a node:      $(for pid in "${pids[@]}"; do awk '/VmHWM/ { print $2 }' "/proc/$pid/status"; done | sort -n | tail -1) KiB at most"
    kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null || true
    cd "$root"
done
