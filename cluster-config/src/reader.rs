//! Reads TOML key by key and goes on after a mistake. What the text does not say, the reference
//! says: so the reference is the only place where a default stands.

use crate::problem::{Problem, Problems};
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

/// A file's text and its folder, from the root: a configuration that is written down again means
/// the same files, wherever it is read then.
///
/// # Errors
/// The file cannot be read.
pub(crate) fn opened(path: &Path) -> Result<(String, PathBuf), Problems> {
    let unreadable = |source| Problems::Unreadable { path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let mut folder = std::path::absolute(path).map_err(unreadable)?;
    folder.pop();
    Ok((text, folder))
}

/// One text being read, and what was wrong with it so far.
pub(crate) struct Document {
    lines: BTreeMap<String, usize>,
    problems: RefCell<Vec<Problem>>,
}

impl Document {
    /// Reads a text: what `read` makes of it, or everything that it and the text had wrong.
    pub(crate) fn read<T>(
        text: &str,
        reference: &str,
        read: impl FnOnce(&Document, &mut Section<'_, '_>) -> Option<T>,
    ) -> Result<T, Problems> {
        let (root, errors) = DeTable::parse_recoverable(text);
        let root = root.into_inner();
        let defaults = DeTable::parse(reference).expect("the reference is TOML").into_inner();
        let starts = line_starts(text);
        let mut document = Self { lines: BTreeMap::new(), problems: RefCell::default() };
        note_lines(&root, "", &starts, &mut document.lines);
        if !errors.is_empty() {
            let not_toml = errors.iter().map(|error| Problem {
                line: error.span().map(|span| line_of(&starts, span.start)),
                key: String::new(),
                what: error.message().to_owned(),
            });
            // Half a text would only make follow-up mistakes: these come first, alone.
            let mut problems: Vec<_> = not_toml.collect();
            problems.sort_by_key(|problem| problem.line);
            return Err(Problems::Wrong(problems));
        }
        let mut section =
            Section { document: &document, path: String::new(), given: root, defaults };
        let value = read(&document, &mut section);
        section.end();
        let mut problems = document.problems.into_inner();
        problems.sort_by_key(|problem| (problem.line.is_none(), problem.line));
        match value {
            Some(value) if problems.is_empty() => Ok(value),
            _ => Err(Problems::Wrong(problems)),
        }
    }

    /// Notes that the value of a key is wrong.
    pub(crate) fn wrong(&self, key: &str, what: impl Into<String>) {
        let line = self.lines.get(key).copied();
        self.problems.borrow_mut().push(Problem { line, key: key.to_owned(), what: what.into() });
    }
}

/// One table of the text with the defaults for it. Every key that is taken out was known.
pub(crate) struct Section<'d, 't> {
    document: &'d Document,
    path: String,
    given: DeTable<'t>,
    defaults: DeTable<'t>,
}

impl<'d, 't> Section<'d, 't> {
    /// The value of a key, given or by default. Nothing if there is neither or it is wrong.
    pub(crate) fn optional<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        let default = self.defaults.remove(key);
        let value = self.given.remove(key).or(default)?;
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.wrong(key, error.message());
                None
            }
        }
    }

    /// The same for a key that must be there.
    pub(crate) fn required<T: DeserializeOwned>(&mut self, key: &str) -> Option<T> {
        if !self.given.contains_key(key) && !self.defaults.contains_key(key) {
            self.wrong(key, "required");
            return None;
        }
        self.optional(key)
    }

    /// The same for a value that must also pass a test.
    pub(crate) fn checked<T: DeserializeOwned>(
        &mut self,
        key: &str,
        good: impl FnOnce(&T) -> bool,
        what: &str,
    ) -> Option<T> {
        let value = self.required(key)?;
        if good(&value) {
            return Some(value);
        }
        self.wrong(key, what);
        None
    }

    /// The same for a text.
    pub(crate) fn text(
        &mut self,
        key: &str,
        good: impl FnOnce(&str) -> bool,
        what: &str,
    ) -> Option<String> {
        self.checked(key, |text: &String| good(text), what)
    }

    /// Whether the text gives a key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.given.contains_key(key)
    }

    /// Drops the defaults for everything but one table, where only that is read.
    pub(crate) fn forget_other_defaults(&mut self, key: &str) {
        let default = self.defaults.remove_entry(key);
        self.defaults = default.into_iter().collect();
    }

    /// Reads the table under a key; one that is left out is made of defaults.
    pub(crate) fn section<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Section<'d, 't>) -> Option<T>,
    ) -> Option<T> {
        let defaults = self.defaults.remove(key).map(Spanned::into_inner);
        let defaults = match defaults {
            Some(DeValue::Table(table)) => table,
            _ => DeTable::new(),
        };
        let given = match self.given.remove(key).map(Spanned::into_inner) {
            None => DeTable::new(),
            Some(DeValue::Table(table)) => table,
            Some(other) => {
                self.wrong(key, format!("a table is expected, not {}", other.type_str()));
                return None;
            }
        };
        self.read_table(self.path_of(key), given, defaults, read)
    }

    /// Reads each table of an array of tables.
    pub(crate) fn tables<T>(
        &mut self,
        key: &str,
        mut read: impl FnMut(&mut Section<'d, 't>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.defaults.remove(key);
        let items = match self.given.remove(key).map(Spanned::into_inner) {
            None => return Some(Vec::new()),
            Some(DeValue::Array(items)) => items,
            Some(other) => {
                self.wrong(key, format!("tables are expected, not {}", other.type_str()));
                return None;
            }
        };
        let mut all = Vec::new();
        for (n, item) in items.into_iter().enumerate() {
            let path = format!("{}[{n}]", self.path_of(key));
            let item = item.into_inner();
            let kind = item.type_str();
            if let DeValue::Table(table) = item {
                all.push(self.read_table(path, table, DeTable::new(), &mut read));
            } else {
                self.document.wrong(&path, format!("a table is expected, not {kind}"));
                all.push(None);
            }
        }
        all.into_iter().collect()
    }

    /// Notes that the value of a key in this table is wrong.
    pub(crate) fn wrong(&self, key: &str, what: impl Into<String>) {
        self.document.wrong(&self.path_of(key), what);
    }

    fn read_table<T>(
        &self,
        path: String,
        given: DeTable<'t>,
        defaults: DeTable<'t>,
        read: impl FnOnce(&mut Section<'d, 't>) -> Option<T>,
    ) -> Option<T> {
        let mut section = Section { document: self.document, path, given, defaults };
        let value = read(&mut section);
        section.end();
        value
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// What nobody asked for, nobody knows.
    fn end(&self) {
        for key in self.given.keys() {
            self.wrong(key.get_ref(), "unknown key");
        }
        debug_assert!(self.defaults.is_empty(), "in the reference alone: {:?}", self.defaults);
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

fn line_of(starts: &[usize], at: usize) -> usize {
    starts.partition_point(|start| *start <= at)
}

fn note_lines(
    table: &DeTable<'_>,
    path: &str,
    starts: &[usize],
    lines: &mut BTreeMap<String, usize>,
) {
    for (key, value) in table {
        let name = key.get_ref();
        let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
        lines.insert(path.clone(), line_of(starts, key.span().start));
        note_value(value, &path, starts, lines);
    }
}

fn note_value(
    value: &Spanned<DeValue<'_>>,
    path: &str,
    starts: &[usize],
    lines: &mut BTreeMap<String, usize>,
) {
    match value.get_ref() {
        DeValue::Table(table) => note_lines(table, path, starts, lines),
        DeValue::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                let path = format!("{path}[{n}]");
                lines.insert(path.clone(), line_of(starts, item.span().start));
                note_value(item, &path, starts, lines);
            }
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {}
    }
}
