//! What cargo knows about the workspace, from `cargo metadata`: the parts xtask asks about.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run;

#[derive(Debug)]
pub(crate) struct Metadata(Value);

/// A dependency as a workspace member declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) dev: bool,
}

impl Metadata {
    /// The whole graph, for this machine's platform only: the others need not be downloaded.
    pub(crate) fn resolved() -> Result<Self> {
        let host = run::output("rustc", &["--print", "host-tuple"])?;
        Self::read(&["--filter-platform", host.trim()])
    }

    /// The members and what they declare; needs no network at all.
    pub(crate) fn members_only() -> Result<Self> {
        Self::read(&["--no-deps"])
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        Ok(Self(serde_json::from_str(text).context("cargo metadata printed no JSON")?))
    }

    fn read(more: &[&str]) -> Result<Self> {
        let args = [&["metadata", "--format-version", "1"], more].concat();
        Self::parse(&run::output(&run::cargo_path(), &args)?)
    }

    pub(crate) fn target_directory(&self) -> Result<PathBuf> {
        let path = self.0["target_directory"].as_str();
        path.map(PathBuf::from).context("cargo metadata names no target directory")
    }

    /// Each member of the workspace with the dependencies it declares.
    pub(crate) fn members(&self) -> Vec<(String, Vec<Dependency>)> {
        let packages = list(&self.0["packages"]).iter();
        let local = packages.filter(|package| package["source"].is_null());
        local.map(|package| (string(&package["name"]), dependencies(package))).collect()
    }

    /// The version and the unpacked folder of a package in the graph; `None` if nobody uses it.
    pub(crate) fn package(&self, name: &str) -> Result<Option<(String, PathBuf)>> {
        let mut found = list(&self.0["packages"]).iter().filter(|package| package["name"] == name);
        let Some(package) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            bail!("more than one version of {name} in the graph");
        }
        let manifest = PathBuf::from(string(&package["manifest_path"]));
        let folder = manifest.parent().map(Path::to_owned).context("a manifest without folder")?;
        Ok(Some((string(&package["version"]), folder)))
    }

    /// The features that the graph switches on for a package.
    pub(crate) fn features(&self, name: &str) -> Vec<String> {
        let packages = list(&self.0["packages"]);
        let id = packages.iter().find(|package| package["name"] == name).map(|found| &found["id"]);
        let nodes = list(&self.0["resolve"]["nodes"]);
        let node = nodes.iter().find(|node| Some(&node["id"]) == id);
        node.map(|node| list(&node["features"]).iter().map(string).collect()).unwrap_or_default()
    }
}

fn dependencies(package: &Value) -> Vec<Dependency> {
    let declared = list(&package["dependencies"]).iter();
    let read = |declared: &Value| Dependency {
        name: string(&declared["name"]),
        dev: declared["kind"] == "dev",
    };
    declared.map(read).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAPH: &str = r#"{
        "target_directory": "/t",
        "packages": [
            {"id": "r", "name": "rock", "version": "1.0.0+8", "source": "registry",
             "manifest_path": "/c/rock/Cargo.toml", "dependencies": []},
            {"id": "s", "name": "storage", "version": "0.0.0", "source": null,
             "manifest_path": "/w/storage/Cargo.toml",
             "dependencies": [{"name": "rock", "kind": null}, {"name": "dice", "kind": "dev"}]}
        ],
        "resolve": {"nodes": [{"id": "r", "features": ["lz4"]}]}
    }"#;

    #[test]
    fn finds_a_package_its_folder_and_its_features() {
        let metadata = Metadata::parse(GRAPH).expect("the fixture is JSON");
        let found = metadata.package("rock").expect("one version only");
        assert_eq!(found, Some(("1.0.0+8".to_owned(), PathBuf::from("/c/rock"))));
        assert_eq!(metadata.features("rock"), ["lz4"]);
        assert_eq!(metadata.package("absent").expect("no version at all"), None);
    }

    #[test]
    fn members_are_the_packages_without_a_source() {
        let members = Metadata::parse(GRAPH).expect("the fixture is JSON").members();
        let dependency = |name: &str, dev| Dependency { name: name.to_owned(), dev };
        let declared = vec![dependency("rock", false), dependency("dice", true)];
        assert_eq!(members, [("storage".to_owned(), declared)]);
    }
}
