//! A Rust file as the checks see it: its text, the same without comments and strings, and which
//! of its lines are tests.
//!
//! This is no parser. It knows just enough of the language that a brace in a string or a name in
//! a comment does not fool a check.

use std::ops::Range;

#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text with the contents of comments, strings and characters blanked, line by line.
    pub(crate) code: String,
    /// The whole file is test code, or a table of it.
    pub(crate) is_test: bool,
    test_lines: Vec<Range<usize>>,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let code = blank(text);
        let test_lines = test_items(&code).0;
        let is_test = path.split('/').any(|part| part == "tests" || part == "tests.rs");
        Self { path: path.to_owned(), text: text.to_owned(), code, is_test, test_lines }
    }

    pub(crate) fn is_generated(&self) -> bool {
        self.text.lines().take(5).any(|line| line.starts_with("//") && line.contains("@generated"))
    }

    /// Whether the line, counted from 1, only exists in tests.
    pub(crate) fn in_test(&self, line: usize) -> bool {
        self.is_test || self.test_lines.iter().any(|range| range.contains(&line))
    }

    /// The files that `#[cfg(test)] mod name;` in this one makes tests, without their ending.
    pub(crate) fn test_modules(&self) -> Vec<String> {
        let (folder, file) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        let stem = file.trim_end_matches(".rs");
        let folder = match stem {
            "lib" | "main" | "mod" => folder.to_owned(),
            _ => format!("{folder}/{stem}"),
        };
        test_items(&self.code).1.into_iter().map(|name| format!("{folder}/{name}")).collect()
    }

    /// An exception somebody wrote down, with a reason: on the line itself or right above it.
    pub(crate) fn allows(&self, line: usize, check: &str) -> bool {
        let mark = format!("// tidy: allow({check})");
        let near = self.text.lines().skip(line.saturating_sub(2)).take(line.min(2));
        near.filter_map(|line| line.split_once(&mark)).any(|(_, why)| why.trim().len() > 8)
    }
}

/// Lines from 1, as editors count.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// The place after the brace that closes the one at `open`.
pub(crate) fn closing_brace(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.checked_sub(1)?,
            _ => continue,
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// Where the word stands by itself.
pub(crate) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let bytes = code.as_bytes();
        !part(at.checked_sub(1).and_then(|before| bytes.get(before)))
            && !part(bytes.get(at + word.len()))
    })
}

/// Items under `#[cfg(test)]`: the lines of those with a body, the names of modules elsewhere.
fn test_items(code: &str) -> (Vec<Range<usize>>, Vec<String>) {
    let (mut lines, mut modules) = (Vec::new(), Vec::new());
    for mark in ["#[cfg(test)]", "#[cfg(all(test"] {
        for (at, _) in code.match_indices(mark) {
            let Some(end) = code[at..].find(['{', ';']).map(|end| at + end) else { continue };
            if code.as_bytes()[end] == b';' {
                let item = code[at..end].rsplit(']').next().unwrap_or_default();
                let name = item.trim().rsplit_once("mod ").map(|(_, name)| name.trim().to_owned());
                modules.extend(name);
            } else if let Some(close) = closing_brace(code, end) {
                lines.push(line_of(code, at)..line_of(code, close) + 1);
            }
        }
    }
    (lines, modules)
}

/// Blanks what is not code. Every byte becomes one byte, so places stay what they were.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let end = at + token(&bytes[at..], at.checked_sub(1).map(|before| bytes[before]));
        if end - at == 1 {
            code.push(if bytes[at].is_ascii() { bytes[at] } else { b' ' });
        } else {
            let blanked =
                bytes[at..end].iter().map(|&byte| if byte == b'\n' { byte } else { b' ' });
            code.extend(blanked);
        }
        at = end;
    }
    String::from_utf8(code).expect("only ASCII was written")
}

/// The length of the comment, string or character that starts here; 1 for plain code.
fn token(rest: &[u8], before: Option<u8>) -> usize {
    let length = match rest {
        [b'/', b'/', ..] => rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => quoted(rest, b'"'),
        [b'r', b'"' | b'#', ..] if !before.is_some_and(names) => raw_string(rest),
        [b'b', b'r', b'"' | b'#', ..] if !before.is_some_and(names) => 1 + raw_string(&rest[1..]),
        // A character, not a lifetime: `'a'` and `'\n'` end with a quote, `'a` does not.
        [b'\'', b'\\', ..] => quoted(rest, b'\''),
        [b'\'', first, ..] => {
            let width =
                1 + (1..4).take_while(|&n| rest.get(1 + n).is_some_and(|b| b >> 6 == 2)).count();
            let width = if first.is_ascii() { 1 } else { width };
            if rest.get(1 + width) == Some(&b'\'') { 2 + width } else { 1 }
        }
        _ => 1,
    };
    length.clamp(1, rest.len())
}

fn names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at + 1 < rest.len() {
        match &rest[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

fn raw_string(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 1; // a raw identifier: r#type
    }
    let end = [&b"\""[..], &vec![b'#'; hashes]].concat();
    let start = 2 + hashes;
    let found = rest[start..].windows(end.len()).position(|window| window == end);
    found.map_or(rest.len(), |at| start + at + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_characters_are_blank_and_lifetimes_are_not() {
        let text = "let a = \"{\"; // }\nlet b = '{'; /* { /* */ } */ f::<'a>('\\'', r#\"{\"# );";
        let code = blank(text);
        assert_eq!(code.len(), text.len());
        assert!(!code.contains('{') && !code.contains('}'));
        assert!(code.contains("f::<'a>(") && code.ends_with(");"));
        assert_eq!(blank("'é'; r#type"), "    ; r#type");
    }

    #[test]
    fn test_modules_are_known_by_their_lines() {
        let text = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        let source = Source::new("x/src/a.rs", text);
        let in_test: Vec<bool> = (1..=7).map(|line| source.in_test(line)).collect();
        assert_eq!(in_test, [false, false, true, true, true, true, false]);
    }

    #[test]
    fn a_test_module_in_another_file_is_named_by_its_path() {
        let text = "#[cfg(test)]\n#[path_is_default]\nmod golden;\n";
        assert_eq!(Source::new("x/src/lib.rs", text).test_modules(), ["x/src/golden"]);
        assert_eq!(Source::new("x/src/log.rs", text).test_modules(), ["x/src/log/golden"]);
    }

    #[test]
    fn an_exception_needs_a_reason() {
        let source = |line: &str| Source::new("a.rs", &format!("{line}\nsleep(1);\n"));
        assert!(source("// tidy: allow(sleep) polls a process we cannot await").allows(2, "sleep"));
        assert!(!source("// tidy: allow(sleep)").allows(2, "sleep"));
        assert!(!source("// tidy: allow(names) for a good reason").allows(2, "sleep"));
    }

    #[test]
    fn words_stand_alone() {
        assert_eq!(words("fn fnord() { a_fn(); fn_b }", "fn").collect::<Vec<_>>(), [0]);
    }
}
