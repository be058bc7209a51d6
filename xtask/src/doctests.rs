//! Whether anybody wrote a doc test: without one, a run of them costs time and says nothing.

use anyhow::Result;

use crate::tidy::source::Source;
use crate::tidy::tree::Tree;

pub(crate) fn any() -> Result<bool> {
    Ok(Tree::read()?.rust().any(has_doctest))
}

/// A fence in a doc comment that is code: no label, or one that rustdoc compiles.
fn has_doctest(source: &Source) -> bool {
    let docs = source.text.lines().map(str::trim_start);
    let docs = docs.filter_map(|line| line.strip_prefix("//!").or(line.strip_prefix("///")));
    let mut inside = false;
    for line in docs {
        let Some(label) = line.trim_start().strip_prefix("```") else { continue };
        if !inside && runs(label.trim()) {
            return true;
        }
        inside = !inside;
    }
    false
}

fn runs(label: &str) -> bool {
    let compiled = ["rust", "no_run", "should_panic", "compile_fail"];
    label.is_empty() || label.split(',').any(|part| compiled.contains(&part.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fences_with_code_count() {
        let has = |text: &str| has_doctest(&Source::new("a/src/lib.rs", text));
        assert!(has("/// ```\n/// assert!(true);\n/// ```\n"));
        assert!(has("//! ```rust,no_run\n//! f();\n//! ```\n"));
        assert!(!has("//! ```text\n//! a picture\n//! ```\n"));
        assert!(!has("// ```\n// no doc comment\n"));
    }
}
