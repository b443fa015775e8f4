//! The workspace as cargo describes it, reduced to what the rules look at.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A member of the workspace.
#[derive(Debug, Clone)]
pub struct Member {
    pub name: String,
    /// Directory relative to the root, with forward slashes.
    pub path: String,
    /// Built by a bare `cargo build` or `cargo test`.
    pub default: bool,
    pub dependencies: Vec<Dependency>,
}

/// A declared dependency, optional or not.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// The package's own name, whatever it is renamed to.
    pub package: String,
    /// Needed by the tests only.
    pub dev: bool,
}

/// The directory that holds the root `Cargo.toml`.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every member, from `cargo metadata`.
pub fn members() -> Vec<Member> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let defaults = array(&metadata, "workspace_default_members");
    array(&metadata, "packages").iter().map(|package| member(package, defaults)).collect()
}

fn member(package: &Value, defaults: &[Value]) -> Member {
    let manifest = PathBuf::from(text(package, "manifest_path"));
    let directory = manifest.parent().unwrap().strip_prefix(root()).expect("members lie under the root");
    Member {
        name: text(package, "name").to_owned(),
        path: directory.to_str().unwrap().replace('\\', "/"),
        default: defaults.contains(&package["id"]),
        dependencies: array(package, "dependencies").iter().map(dependency).collect(),
    }
}

fn dependency(dependency: &Value) -> Dependency {
    Dependency {
        package: text(dependency, "name").to_owned(),
        dev: dependency["kind"].as_str() == Some("dev"), // null: normal; also "build"
    }
}

fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("cargo metadata has no list {key}"))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("cargo metadata has no text {key}"))
}
