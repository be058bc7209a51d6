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
    let numbered = source.text.lines().enumerate();
    // An address cannot be broken.
    let long = numbered.filter(|(_, line)| chars(line) > LINE_CHARS && !line.contains("://"));
    let violation = |(index, line): (usize, &str)| {
        let (path, chars, number) = (&source.path, chars(line), index + 1);
        format!("{path}:{number}: {chars} characters, at most {LINE_CHARS}")
    };
    long.map(violation).collect()
}

fn chars(line: &str) -> usize {
    line.chars().count()
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
}
