//! The allowed arrows between crates, as ARCHITECTURE.md gives them.
//!
//! Names and places are fixed, arrows are a list: whatever the table does not allow is refused.
//! A crate that nothing needs yet may be absent.

use std::collections::BTreeSet;

use crate::workspace::{Dependency, Member, members};

/// What is known of one crate.
struct Rule {
    path: &'static str,
    name: &'static str,
    /// Members it may depend on, by name, at run or build time.
    may_use: &'static [&'static str],
    /// May link tfhe, directly or through a member; never built by default.
    fhe: bool,
}

const TYPES: &str = "solventry-types";
const SOLVENCY: &str = "solventry-solvency";
const POLICY: &str = "solventry-policy";
const PROVER: &str = "solventry-prover";
const KERNEL: &str = "solventry-kernel";
const VERIFIER: &str = "solventry-verifier";
const EVIDENCE: &str = "solventry-evidence";
const VERIFY: &str = "solventry-verify";
const FHE_RISK: &str = "solventry-fhe-risk";
const SERVICE: &str = "solventry";
const CHAINS: &str = "solventry-chains";
const PROTOCOL: &str = "solventry-protocol";
const SIGNER: &str = "solventry-signer";
const THRESHOLD: &str = "solventry-threshold";
const LINK: &str = "solventry-link";
const MARGIN: &str = "solventry-margin";

/// Everything but the packages that link tfhe, and the test and benchmark packages themselves.
const ALL_BUT_FHE: &[&str] = &[
    TYPES, SOLVENCY, POLICY, PROVER, KERNEL, VERIFIER, EVIDENCE, VERIFY, SERVICE, CHAINS, PROTOCOL,
    THRESHOLD, LINK, SIGNER,
];

/// Everything that runs in the operator's process; the signer and the margin engine are others.
const OPERATOR: &[&str] =
    &[TYPES, SOLVENCY, POLICY, PROVER, KERNEL, VERIFIER, EVIDENCE, VERIFY, CHAINS, PROTOCOL, THRESHOLD, LINK];

#[rustfmt::skip]
const RULES: &[Rule] = &[
    rule("circuits/types", TYPES, &[]),
    rule("circuits/solvency", SOLVENCY, &[TYPES]),
    rule("circuits/policy", POLICY, &[TYPES]),
    rule("prover", PROVER, &[TYPES, SOLVENCY, KERNEL, VERIFIER]),
    rule("prover/kernel", KERNEL, &[]),
    rule("verifier", VERIFIER, &[TYPES]),
    rule("verifier/evidence", EVIDENCE, &[TYPES, VERIFIER]),
    rule("verifier/cli", VERIFY, &[VERIFIER, EVIDENCE, POLICY, CHAINS, PROTOCOL, TYPES]),
    rule("service", SERVICE, OPERATOR),
    rule("service/chains", CHAINS, &[TYPES]),
    rule("service/protocol", PROTOCOL, &[TYPES, CHAINS, POLICY, VERIFIER]),
    rule("service/threshold", THRESHOLD, &[TYPES]),
    rule("service/link", LINK, &[]),
    rule("service/signer", SIGNER, &[VERIFIER, POLICY, CHAINS, PROTOCOL, THRESHOLD, LINK, TYPES]),
    rule("benches", "solventry-benches", ALL_BUT_FHE),
    rule("tests", "solventry-tests", ALL_BUT_FHE),
    fhe("fhe-risk", FHE_RISK, &[]),
    fhe("service/margin", MARGIN, &[FHE_RISK, TYPES]),
    fhe("benches/margin", "solventry-margin-benches", &[FHE_RISK, MARGIN, TYPES]),
    fhe("tests/margin", "solventry-margin-tests", &[FHE_RISK, MARGIN, TYPES]),
];

const fn rule(path: &'static str, name: &'static str, may_use: &'static [&'static str]) -> Rule {
    Rule { path, name, may_use, fhe: false }
}

const fn fhe(path: &'static str, name: &'static str, may_use: &'static [&'static str]) -> Rule {
    Rule { path, name, may_use, fhe: true }
}

/// All that the vocabulary crate may take from outside. `unicode-normalization` is there because
/// an account id must be in NFC, and that rule belongs to its type.
const TYPES_MAY_USE: &[&str] = &[
    "ark-bn254",
    "ark-ec",
    "ark-ff",
    "ark-poly",
    "ark-serialize",
    "ark-std",
    "hmac",
    "light-poseidon",
    "sha2",
    "sha3",
    "thiserror",
    "unicode-normalization",
    "zeroize",
];

#[derive(Debug, PartialEq, Eq)]
enum Violation {
    UnknownMember { path: String, name: String },
    WrongName { path: String, name: String, expected: &'static str },
    Arrow { from: String, to: String },
    ForeignInTypes(String),
    Tfhe { from: String, to: String },
    Default { name: String, expected: bool },
}

/// Every breach of the rules; empty when the workspace obeys.
fn violations(members: &[Member]) -> Vec<Violation> {
    let ours: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    members.iter().flat_map(|member| member_violations(member, &ours)).collect()
}

fn member_violations(member: &Member, ours: &BTreeSet<&str>) -> Vec<Violation> {
    let (path, name) = (member.path.clone(), member.name.clone());
    let Some(rule) = RULES.iter().find(|rule| rule.path == member.path) else {
        return vec![Violation::UnknownMember { path, name }];
    };
    let mut found = Vec::new();
    if rule.name != member.name {
        found.push(Violation::WrongName { path, name: name.clone(), expected: rule.name });
    }
    if member.default == rule.fhe {
        found.push(Violation::Default { name, expected: !rule.fhe });
    }
    found
        .extend(member.dependencies.iter().filter_map(|used| dependency_violation(member, rule, used, ours)));
    found
}

/// Development dependencies are free, save for tfhe: it must not be built by `cargo test` either.
fn dependency_violation(
    member: &Member,
    rule: &Rule,
    used: &Dependency,
    ours: &BTreeSet<&str>,
) -> Option<Violation> {
    let (from, to) = (member.name.clone(), used.package.clone());
    let is_ours = ours.contains(to.as_str());
    if links_tfhe(&to) && !rule.fhe {
        Some(Violation::Tfhe { from, to })
    } else if used.dev {
        None
    } else if is_ours {
        (!rule.may_use.contains(&to.as_str())).then_some(Violation::Arrow { from, to })
    } else {
        (rule.name == TYPES && !TYPES_MAY_USE.contains(&to.as_str())).then_some(Violation::ForeignInTypes(to))
    }
}

fn links_tfhe(package: &str) -> bool {
    package == "tfhe"
        || package.starts_with("tfhe-")
        || RULES.iter().any(|rule| rule.fhe && rule.name == package)
}

#[test]
fn workspace_obeys_the_architecture() {
    let members = members();
    assert!(members.iter().any(|member| member.name == TYPES), "cargo metadata lists no {TYPES}");
    assert_eq!(violations(&members), []);
}

#[test]
fn table_is_consistent() {
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    let paths: BTreeSet<&str> = RULES.iter().map(|rule| rule.path).collect();
    assert_eq!((names.len(), paths.len()), (RULES.len(), RULES.len()), "a name or a path stands twice");
    let targets = RULES.iter().flat_map(|rule| rule.may_use);
    assert_eq!(targets.copied().filter(|used| !names.contains(used)).collect::<Vec<_>>(), [""; 0]);
}

mod refused {
    use super::*;

    /// A workspace in which `name` stands at `path` beside a lawful types, prover and verifier.
    fn with(path: &str, name: &str, dependencies: &[(&str, bool)]) -> Vec<Member> {
        let others = [("circuits/types", TYPES), ("prover", PROVER), ("verifier", VERIFIER)];
        let others = others.into_iter().filter(|(other, _)| *other != path);
        let mut members: Vec<Member> = others.map(|(path, name)| member(path, name, &[])).collect();
        members.push(member(path, name, dependencies));
        members
    }

    fn member(path: &str, name: &str, dependencies: &[(&str, bool)]) -> Member {
        let dependencies =
            dependencies.iter().map(|&(package, dev)| Dependency { package: package.to_owned(), dev });
        Member {
            name: name.to_owned(),
            path: path.to_owned(),
            default: true,
            dependencies: dependencies.collect(),
        }
    }

    fn tfhe(from: &str, to: &str) -> Violation {
        Violation::Tfhe { from: from.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn forbidden_arrow() {
        assert_eq!(violations(&with("verifier", VERIFIER, &[(TYPES, false), ("sha2", false)])), []);
        assert_eq!(
            violations(&with("verifier", VERIFIER, &[(PROVER, false)])),
            [Violation::Arrow { from: VERIFIER.to_owned(), to: PROVER.to_owned() }]
        );
        assert_eq!(violations(&with("verifier", VERIFIER, &[(PROVER, true)])), []);
    }

    #[test]
    fn foreign_crate_in_types() {
        assert_eq!(violations(&with("circuits/types", TYPES, &[("zeroize", false), ("proptest", true)])), []);
        assert_eq!(
            violations(&with("circuits/types", TYPES, &[("serde", false)])),
            [Violation::ForeignInTypes("serde".to_owned())]
        );
    }

    #[test]
    fn tfhe_even_for_tests() {
        for package in ["tfhe", "tfhe-zk-pok", FHE_RISK, MARGIN] {
            for dev in [false, true] {
                assert_eq!(
                    violations(&with("service", SERVICE, &[(package, dev)])),
                    [tfhe(SERVICE, package)]
                );
            }
        }
    }

    #[test]
    fn unknown_member() {
        let (path, name) = ("service/utils".to_owned(), "solventry-utils".to_owned());
        assert_eq!(violations(&with(&path, &name, &[])), [Violation::UnknownMember { path, name }]);
    }

    #[test]
    fn wrong_name() {
        let (path, name) = ("verifier".to_owned(), "verifier".to_owned());
        let expected = VERIFIER;
        assert_eq!(violations(&with(&path, &name, &[])), [Violation::WrongName { path, name, expected }]);
    }

    #[test]
    fn wrong_default_members() {
        let name = FHE_RISK.to_owned();
        assert_eq!(
            violations(&with("fhe-risk", FHE_RISK, &[("tfhe", false)])),
            [Violation::Default { name, expected: false }]
        );
        let mut members = with("verifier", VERIFIER, &[]);
        members.iter_mut().for_each(|member| member.default = member.name != TYPES);
        assert_eq!(violations(&members), [Violation::Default { name: TYPES.to_owned(), expected: true }]);
    }
}
