//! A file has one screenful of ideas: 500 lines without its tests. A line fits beside another.

use super::source::Source;
use super::tree::Tree;

const FILE_LINES: usize = 500;
const LINE_CHARS: usize = 100;

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let sources = tree.rust().filter(|source| !source.is_generated());
    sources.flat_map(|source| [file(source), lines(source)].concat()).collect()
}

fn file(source: &Source) -> Vec<String> {
    let lines = (1..=source.text.lines().count()).filter(|line| !source.in_test(*line)).count();
    let path = &source.path;
    let long = lines > FILE_LINES;
    let violation = || format!("{path}: {lines} lines without tests, at most {FILE_LINES}");
    long.then(violation).into_iter().collect()
}

fn lines(source: &Source) -> Vec<String> {
    let mut violations = Vec::new();
    for (index, (line, code)) in source.text.lines().zip(source.code.lines()).enumerate() {
        let (path, number) = (&source.path, index + 1);
        // What a test expects is a table as wide as it is; only its code is held to the rule.
        let length =
            if source.in_test(number) { code_chars(line, code) } else { line.chars().count() };
        // An address cannot be broken.
        if length > LINE_CHARS && !line.contains("://") {
            violations.push(format!("{path}:{number}: {length} characters, at most {LINE_CHARS}"));
        }
    }
    violations
}

/// The length of a line whose blanked strings count as one space each.
fn code_chars(line: &str, code: &str) -> usize {
    let indent = line.len() - line.trim_start().len();
    let parts: Vec<&str> = code.split_whitespace().collect();
    indent + parts.join(" ").len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_do_not_count_towards_the_length_of_a_file() {
        let short =
            format!("{}#[cfg(test)]\nmod t {{\n{}}}\n", "//\n".repeat(400), "//\n".repeat(400));
        let long = "//\n".repeat(501);
        let tree = Tree::of(&[("a/src/short.rs", &short), ("a/src/long.rs", &long)]);
        assert_eq!(check(&tree), ["a/src/long.rs: 501 lines without tests, at most 500"]);
    }

    #[test]
    fn a_long_line_is_found_by_its_characters_not_bytes() {
        let text = format!("// {}\n// {}\n", "é".repeat(97), "e".repeat(98));
        let tree = Tree::of(&[("a/src/lib.rs", &text)]);
        assert_eq!(check(&tree), ["a/src/lib.rs:2: 101 characters, at most 100"]);
    }

    #[test]
    fn an_expected_table_in_a_test_may_be_wide() {
        let table = format!("    \"{}\n{}\"; a();\n", "x".repeat(120), "x".repeat(120));
        let code = format!("    {}();\n", "x".repeat(120));
        let tree = Tree::of(&[("a/tests/it.rs", &table), ("a/tests/wide.rs", &code)]);
        assert_eq!(check(&tree).len(), 1);
    }
}
