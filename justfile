# The commands of daily work; the same as in `.ci/run`.

# list the recipes
default:
    @just --list

# everything that a change must pass
ci:
    .ci/run

# all tests but those of margin
test:
    cargo test --release --locked

# packages that link tfhe, always in this selection
margin := "-p solventry-fhe-risk -p solventry-margin -p solventry-margin-tests -p solventry-margin-benches"

# tests of margin on encrypted positions (compiles tfhe)
test-margin:
    cargo test --release --locked {{margin}}

# the whole flow on made-up accounts
demo:
    cargo run --release --locked --bin solventry -- demo

# everything behind benches/RESULTS.md: whole runs, peers, criterion (about a quarter of an hour)
bench:
    benches/collect.sh

# long soaks (about an hour on two cores); writes soak-results.md
soak:
    tests/soak.sh

# rewrite the sources in the project's format
fmt:
    cargo fmt

# format and lints, as CI checks them
lint:
    cargo fmt --check
    cargo clippy --release --all-targets --locked -- -D warnings

# lints of the margin packages
lint-margin:
    cargo clippy --release --all-targets --locked {{margin}} -- -D warnings

# documentation, without warnings
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --locked

# dependency policy (needs cargo-deny)
deny:
    cargo deny --locked check bans licenses sources

# known vulnerabilities and abandoned crates (needs cargo-deny, and fetches a git repository)
advisories:
    cargo deny --locked check advisories
