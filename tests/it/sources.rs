//! Rules on the source files themselves: lints inherited, no `unsafe`, bounded length.

use std::fs;
use std::path::{Path, PathBuf};

use crate::workspace::{members, root};

/// Members that may hold `unsafe` code, and so carry lints of their own.
const UNSAFE_ALLOWED: &[&str] = &["prover/kernel"];

/// Files read well at 200 to 250 lines; past this one they are two files.
const MAX_LINES: usize = 400;

#[test]
fn every_member_inherits_the_workspace_lints() {
    for member in members().iter().filter(|member| !UNSAFE_ALLOWED.contains(&member.path.as_str())) {
        let manifest = fs::read_to_string(root().join(&member.path).join("Cargo.toml")).unwrap();
        assert!(inherits_lints(&manifest), "{} lacks `[lints] workspace = true`", member.name);
    }
}

#[test]
fn workspace_lints_forbid_unsafe_code_and_unchecked_methods() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for lint in ["unsafe_code = \"forbid\"", "disallowed_methods = \"deny\""] {
        assert!(manifest.lines().any(|line| line.trim() == lint), "the root manifest lacks {lint}");
    }
}

#[test]
fn no_unsafe_outside_the_kernel() {
    let sources = sources();
    let allowed: Vec<PathBuf> = UNSAFE_ALLOWED.iter().map(|path| root().join(path)).collect();
    let fenced = sources.iter().filter(|file| !allowed.iter().any(|path| file.starts_with(path)));
    let found: Vec<&PathBuf> = fenced.filter(|file| read(file).lines().any(opens_unsafe_code)).collect();
    assert!(found.is_empty(), "unsafe code in {found:?}");
}

#[test]
fn no_source_file_is_too_long() {
    let long: Vec<(PathBuf, usize)> = sources()
        .into_iter()
        .map(|file| (file.clone(), read(&file).lines().count()))
        .filter(|&(_, lines)| lines > MAX_LINES)
        .collect();
    assert!(long.is_empty(), "over {MAX_LINES} lines: {long:?}");
}

#[test]
fn rules_tell_good_from_bad() {
    let keyword = concat!("un", "safe");
    for tail in [" {", " fn f() {", " impl Send for X {}", " trait T {", " extern \"C\" {", "(no_mangle)]"] {
        assert!(opens_unsafe_code(&format!("    let x = {keyword}{tail}")), "{tail}");
    }
    for line in
        [format!("// {keyword} {{"), format!("#![forbid({keyword}_code)]"), format!("is_{keyword}(x)")]
    {
        assert!(!opens_unsafe_code(&line), "{line}");
    }
    assert!(inherits_lints("[package]\nname = \"x\"\n\n[lints]\nworkspace = true\n"));
    assert!(!inherits_lints("[package]\nname = \"x\"\n[lints.rust]\nunsafe_code = \"allow\"\n"));
    assert!(!inherits_lints("[lints]\n\n[dependencies]\nworkspace = true\n"));
}

fn inherits_lints(manifest: &str) -> bool {
    manifest
        .lines()
        .skip_while(|line| line.trim() != "[lints]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .any(|line| line.trim() == "workspace = true")
}

/// Whether a line, formatted by rustfmt, opens a block, item or attribute with the keyword.
/// Comments are cut off; the compiler's own lint is the authority, this names the file.
fn opens_unsafe_code(line: &str) -> bool {
    let keyword = concat!("un", "safe");
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices(keyword).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + keyword.len()..]);
        let starts_a_word = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let opens = ["{", "fn ", "impl", "trait ", "extern ", "("];
        starts_a_word && opens.iter().any(|next| after.trim_start().starts_with(next))
    })
}

/// Every Rust file under the root, build outputs and hidden folders aside.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![root()];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !is_skipped(&path) {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(found.iter().any(|file| file.ends_with("tests/it/sources.rs")), "the walk misses this file");
    found
}

fn is_skipped(directory: &Path) -> bool {
    let hidden =
        directory.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with('.'));
    hidden || directory.join("CACHEDIR.TAG").exists()
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}
