//! Names that say nothing: a drawer called `utils` fills up, and nobody finds anything in it.

use super::source::{line_of, words};
use super::tree::Tree;

const FILES: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc"];
const SUFFIXES: &[&str] = &["Manager", "Service", "Impl"];

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    for source in tree.rust() {
        let path = &source.path;
        let mut parts = path.trim_end_matches(".rs").split('/');
        if let Some(part) = parts.find(|part| FILES.contains(part)) {
            violations.push(format!("{path}: `{part}` says nothing, name what is inside"));
        }
        for keyword in ["struct", "enum", "trait", "type"] {
            for at in words(&source.code, keyword) {
                let name = source.code[at + keyword.len()..].trim_start();
                let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next();
                let name = name.unwrap_or_default();
                let line = line_of(&source.code, at);
                let suffix = SUFFIXES.iter().find(|suffix| name.ends_with(*suffix));
                if let Some(suffix) = suffix.filter(|_| !source.allows(line, "names")) {
                    violations.push(format!("{path}:{line}: `{name}`: no type is a {suffix}"));
                }
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawers_and_empty_words_are_found() {
        let tree = Tree::of(&[
            ("node/src/utils.rs", ""),
            ("node/src/common/x.rs", ""),
            ("node/src/orders.rs", "pub struct OrderService;\npub(crate) enum CityManager {}\n"),
        ]);
        assert_eq!(check(&tree).len(), 4);
    }

    #[test]
    fn uses_comments_and_ordinary_names_are_not() {
        let text =
            "use tower::Service; // struct FooImpl\nstruct Serviced;\nimpl Service for A {}\n";
        assert!(check(&Tree::of(&[("node/src/a.rs", text)])).is_empty());
    }
}
