//! What an operator meets has a page: every error code and every config key.
//!
//! The rules are data. A rule whose source does not exist yet is skipped, with a word.

use super::tree::Tree;

struct Rule {
    what: &'static str,
    /// The file, or the first of them that exists, which defines the names.
    defined_in: &'static [&'static str],
    names: fn(&str) -> Vec<String>,
    documented_in: &'static str,
    /// How the page must mention it.
    documented: fn(&str, &str) -> bool,
}

const RULES: &[Rule] = &[
    Rule {
        what: "error code",
        defined_in: &["api/src/code.rs", "api/src/codes.rs", "api/src/error.rs"],
        names: quoted_names,
        documented_in: "docs/error-codes.md",
        documented: |page, code| page.contains(&format!("`{code}`")),
    },
    Rule {
        what: "config key",
        defined_in: &["cluster-config/reference.toml", "cluster-config/src/reference.toml"],
        names: uncommented_keys,
        // The reference is the page: a key without a comment names itself as undocumented.
        documented_in: "",
        documented: |_, _| false,
    },
];

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    RULES.iter().flat_map(|rule| check_rule(tree, rule)).collect()
}

fn check_rule(tree: &Tree, rule: &Rule) -> Vec<String> {
    let what = rule.what;
    let Some(source) = rule.defined_in.iter().find_map(|path| tree.get(path)) else {
        eprintln!("xtask: tidy skips the rule `{what}`: {} is not there", rule.defined_in[0]);
        return Vec::new();
    };
    let code = source.text.split("#[cfg(test)]").next().unwrap_or_default();
    let names = (rule.names)(code);
    let page = tree.get(rule.documented_in).map(|page| page.text.as_str()).unwrap_or_default();
    let missing = names.iter().filter(|name| !(rule.documented)(page, name));
    let place = if rule.documented_in.is_empty() { &source.path } else { rule.documented_in };
    missing.map(|name| format!("{place}: {what} `{name}` is not documented")).collect()
}

/// Codes are the only strings of lower case and underscores in the file that defines them.
fn quoted_names(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let strings = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    let mut names: Vec<String> = strings.filter(|text| is_code(text)).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

fn is_code(text: &str) -> bool {
    text.contains('_')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
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
            ("api/src/code.rs", "Self::A => \"order_unknown\",\nSelf::B => \"id_reused\",\n"),
            ("docs/error-codes.md", "## `order_unknown`\n"),
        ]);
        assert_eq!(check(&tree), ["docs/error-codes.md: error code `id_reused` is not documented"]);
    }

    #[test]
    fn a_key_without_a_comment_is_found() {
        let text = "# The node.\n[node]\n# Where.\nlisten = \"a\"\nid = 1 # which\nbare = 2\n";
        let tree = Tree::of(&[("cluster-config/reference.toml", text)]);
        let expected = "cluster-config/reference.toml: config key `bare` is not documented";
        assert_eq!(check(&tree), [expected]);
    }
}
