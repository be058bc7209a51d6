//! A function fits on a screen: 70 lines. Those that do not are listed, and the list only shrinks.

use super::source::{Source, closing_brace, line_of, words};
use super::tree::Tree;

const LINES: usize = 70;

/// Lines of `path name lines`: functions that were too long when the rule came, and how long.
const LIST: &str = "xtask/src/tidy/functions.allow";

pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let list = tree.get(LIST).map(|list| list.text.as_str()).unwrap_or_default();
    let mut allowed: Vec<(&str, &str, usize)> = list.lines().filter_map(entry).collect();
    let mut violations = Vec::new();
    for source in tree.rust().filter(|source| !source.is_generated()) {
        for (line, name, lines) in functions(source).into_iter().filter(|found| found.2 > LINES) {
            let path = &source.path;
            let known = allowed.iter().position(|&(at, called, _)| at == path && called == name);
            match known.map(|known| allowed.swap_remove(known).2) {
                Some(before) if lines == before => {}
                Some(before) if lines < before => violations.push(format!(
                    "{path}:{line}: `{name}` shrank to {lines} lines: say so in {LIST}"
                )),
                Some(before) => violations
                    .push(format!("{path}:{line}: `{name}` grew from {before} to {lines} lines")),
                None => violations
                    .push(format!("{path}:{line}: `{name}` has {lines} lines, at most {LINES}")),
            }
        }
    }
    // What remains is short now or gone.
    violations.extend(allowed.iter().map(|(path, name, _)| {
        format!("{path}: `{name}` is no longer too long: remove it from {LIST}")
    }));
    violations
}

fn entry(line: &str) -> Option<(&str, &str, usize)> {
    let mut parts = line.split_whitespace();
    let path = parts.next().filter(|path| !path.starts_with('#'))?;
    Some((path, parts.next()?, parts.next()?.parse().ok()?))
}

/// Line, name and length of every function outside tests, from `fn` to its closing brace.
fn functions(source: &Source) -> Vec<(usize, String, usize)> {
    let code = &source.code;
    let mut found = Vec::new();
    for at in words(code, "fn") {
        let name = code[at + 2..].trim_start();
        let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let line = line_of(code, at);
        // Without a name it is a type: `fn(u8) -> u8`.
        if name.is_empty() || source.in_test(line) {
            continue;
        }
        let end = body(code, at).and_then(|open| closing_brace(code, open));
        if let Some(end) = end {
            found.push((line, name, line_of(code, end) - line + 1));
        }
    }
    found
}

/// The brace that opens the body; none for a declaration in a trait.
fn body(code: &str, at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(at) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.checked_sub(1)?,
            b'{' if depth == 0 => return Some(at),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str, lines: usize) -> String {
        format!("fn {name}(a: [u8; 4]) {{\n{}}}\n", "    a();\n".repeat(lines - 2))
    }

    fn found(text: &str, list: &str) -> Vec<String> {
        check(&Tree::of(&[("a/src/lib.rs", text), (LIST, list)]))
    }

    #[test]
    fn a_function_may_have_seventy_lines() {
        assert!(found(&function("short", 70), "").is_empty());
        let violations = found(&function("long", 71), "");
        assert_eq!(violations, ["a/src/lib.rs:1: `long` has 71 lines, at most 70"]);
    }

    #[test]
    fn a_listed_function_may_stay_and_only_shrink() {
        let list = "# why\na/src/lib.rs long 80\n";
        assert!(found(&function("long", 80), list).is_empty());
        assert!(found(&function("long", 81), list)[0].contains("grew from 80 to 81"));
        assert!(found(&function("long", 75), list)[0].contains("shrank to 75"));
        assert!(found(&function("long", 20), list)[0].contains("remove it"));
    }

    #[test]
    fn declarations_types_and_tests_are_no_functions() {
        let test = format!("#[cfg(test)]\nmod t {{\n{}}}\n", function("long", 90));
        let text = format!("trait A {{ fn a(&self) -> u8; }}\ntype F = fn(u8) -> u8;\n{test}");
        assert!(functions(&Source::new("a/src/lib.rs", &text)).is_empty());
    }
}
