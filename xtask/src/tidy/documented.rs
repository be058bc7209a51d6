//! What an operator meets has a page: every error code and every config key.
//!
//! The rules are data. A rule whose source does not exist yet is skipped, with a word.

use super::tree::Tree;

struct Rule {
    what: &'static str,
    /// The files that define the names.
    defined_in: &'static [&'static str],
    names: fn(&str) -> Vec<String>,
    /// The page that must mention each; none where the defining file is the page itself, and
    /// `names` finds only what it leaves unexplained.
    documented_in: Option<&'static str>,
}

const RULES: &[Rule] = &[
    Rule {
        what: "error code",
        defined_in: &["api/src/codes.rs"],
        names: codes,
        documented_in: Some("docs/error-codes.md"),
    },
    Rule {
        what: "config key",
        defined_in: &["cluster-config/reference.toml", "cluster-config/directory.toml"],
        names: uncommented_keys,
        documented_in: None,
    },
];

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    RULES.iter().flat_map(|rule| check_rule(tree, rule)).collect()
}

fn check_rule(tree: &Tree, rule: &Rule) -> Vec<String> {
    let what = rule.what;
    let mut violations = Vec::new();
    for defined_in in rule.defined_in {
        let Some(source) = tree.get(defined_in) else {
            eprintln!("xtask: tidy skips `{what}`: {defined_in} is not there");
            continue;
        };
        let mut names = (rule.names)(&source.text);
        if let Some(page) = rule.documented_in {
            let page = tree.get(page).map(|page| page.text.as_str()).unwrap_or_default();
            names.retain(|name| !page.contains(&format!("`{name}`")));
        }
        let place = rule.documented_in.unwrap_or(defined_in);
        let violation = |name| format!("{place}: {what} `{name}` is not documented");
        violations.extend(names.into_iter().map(violation));
    }
    violations
}

/// The rows of the table of codes: `OrderUnknown "order_unknown" 404 false`.
fn codes(text: &str) -> Vec<String> {
    let code = |line: &str| {
        let mut words = line.split_whitespace();
        let named = words.next()?.starts_with(|first: char| first.is_ascii_uppercase());
        let code = words.next()?.strip_prefix('"')?.strip_suffix('"')?;
        let status = words.next()?.parse::<u16>().is_ok();
        (named && status).then(|| code.to_owned())
    };
    text.lines().filter_map(code).collect()
}

/// Keys with neither a comment above their block nor one behind the value.
fn uncommented_keys(text: &str) -> Vec<String> {
    let mut commented = false;
    let mut keys = Vec::new();
    for line in text.lines().map(str::trim) {
        match line.split_once('=') {
            _ if line.starts_with('#') => commented = true,
            Some((key, value)) if is_key(key.trim()) => {
                if !commented && !value.contains('#') {
                    keys.push(key.trim().to_owned());
                }
                commented = false;
            }
            // A table's header keeps the comment above it for itself.
            _ => commented = false,
        }
    }
    keys
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_without_a_page_is_found() {
        let tree = Tree::of(&[
            ("api/src/codes.rs", "A \"order_unknown\" 404 false\nB \"banned\" 403 false\n"),
            ("docs/error-codes.md", "## `order_unknown`\n"),
        ]);
        assert_eq!(check(&tree), ["docs/error-codes.md: error code `banned` is not documented"]);
    }

    #[test]
    fn a_key_without_a_comment_is_found() {
        let text = "# The node.\n[node]\n# Where.\nlisten = \"a\"\nid = 1 # which\nbare = 2\n";
        let tree = Tree::of(&[("cluster-config/reference.toml", text)]);
        let expected = "cluster-config/reference.toml: config key `bare` is not documented";
        assert_eq!(check(&tree), [expected]);
    }
}
