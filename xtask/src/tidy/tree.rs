//! The project's files: what git tracks or would track.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::source::Source;
use crate::run;

/// Where there is no git, these are not ours.
const NOT_OURS: &[&str] = &["target", "demo-data", "node_modules"];

#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: Vec<Source>,
}

impl Tree {
    pub(crate) fn read() -> Result<Self> {
        let root = run::root()?;
        let listed = run::output("git", &["ls-files", "-coz", "--exclude-standard"]);
        let mut paths: Vec<String> = match listed {
            Ok(list) => list.split_terminator('\0').map(str::to_owned).collect(),
            Err(_) => walk(&root, &root)?,
        };
        paths.sort();
        paths.dedup();
        // Not there: deleted and not yet committed. No text: a picture.
        let read =
            |path: String| fs::read_to_string(root.join(&path)).ok().map(|text| (path, text));
        Ok(Self::new(paths.into_iter().filter_map(read)))
    }

    pub(crate) fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let files = files.into_iter();
        let mut files: Vec<Source> = files.map(|(path, text)| Source::new(&path, &text)).collect();
        let modules: Vec<String> = files.iter().flat_map(Source::test_modules).collect();
        for file in &mut files {
            let inside = |module: &String| {
                let rest = file.path.strip_prefix(module.as_str());
                rest.is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
            };
            file.is_test |= modules.iter().any(inside);
        }
        Self { files }
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Source> {
        self.files.iter()
    }

    pub(crate) fn rust(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Source> {
        self.files.iter().find(|file| file.path == path)
    }
}

fn walk(root: &Path, folder: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()));
    for entry in entries? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !NOT_OURS.contains(&name.as_str()) && name != ".git" {
                paths.extend(walk(root, &path)?);
            }
        } else if let Ok(below) = path.strip_prefix(root) {
            paths.push(below.to_string_lossy().into_owned());
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_declared_under_cfg_test_is_a_test() {
        let tree = Tree::of(&[
            ("x/src/lib.rs", "#[cfg(test)]\nmod golden;\nmod log;\n"),
            ("x/src/golden.rs", ""),
            ("x/src/log.rs", ""),
        ]);
        let tests: Vec<bool> = tree.rust().map(|file| file.is_test).collect();
        assert_eq!(tests, [false, true, false]);
    }
}
