//! Tests wait for an index or an event, not for time: a sleep is too long on a fast machine and
//! too short on a slow one.
//!
//! Where nothing can be awaited, as with another process, say so on the line above:
//! `// tidy: allow(sleep) and the reason`.

use super::source::{line_of, words};
use super::tree::Tree;

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let mut violations = Vec::new();
    for source in tree.rust() {
        for at in words(&source.code, "sleep") {
            let line = line_of(&source.code, at);
            let called = source.code[at + "sleep".len()..].starts_with('(');
            if called && source.in_test(line) && !source.allows(line, "sleep") {
                let path = &source.path;
                violations.push(format!("{path}:{line}: a test waits for an event, not for time"));
            }
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_in_a_test_is_found() {
        let test = "#[cfg(test)]\nmod t {\n    fn f() { thread::sleep(d); }\n}\n";
        let tree = Tree::of(&[
            ("a/tests/it.rs", "fn f() {\n    tokio::time::sleep(d).await;\n}\n"),
            ("a/src/lib.rs", test),
        ]);
        assert_eq!(check(&tree).len(), 2);
    }

    #[test]
    fn elsewhere_or_with_a_reason_it_is_not() {
        let tree = Tree::of(&[
            ("a/src/lib.rs", "fn f() { thread::sleep(d); }\n"),
            ("a/tests/it.rs", "// tidy: allow(sleep) the child has no ready signal\nsleep(d);\n"),
            ("a/tests/text.rs", "// sleep(d)\nlet a = \"sleep(d)\"; sleep_until(t); asleep(d);\n"),
        ]);
        assert!(check(&tree).is_empty());
    }
}
