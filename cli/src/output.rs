//! The one place that writes to stdout: data, for people or for scripts. All else goes to stderr.

use crate::exit::Exit;
use api::wire::Money;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use serde::de::value::{Error as NotAWord, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use std::io::{self, Write};

/// Where data goes, and in which form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    /// JSON for scripts, or tables for people.
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether it is for scripts.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// A value for scripts, or what people read of it.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub(crate) fn value(
        self,
        value: &impl Serialize,
        people: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        let text = if self.json { serde_json::to_string_pretty(value)? + "\n" } else { people() };
        self.write(&text)
    }

    /// A text that is the same for both.
    ///
    /// # Errors
    /// Stdout cannot be written.
    pub(crate) fn text(self, text: &str) -> anyhow::Result<Exit> {
        self.write(text)?;
        Ok(Exit::Yes)
    }

    fn write(self, text: &str) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            // `fdctl ... | head` has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }
}

/// A table for people; "none" where there are no rows.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.map(str::to_uppercase));
    let mut is_empty = true;
    for row in rows {
        is_empty = false;
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    if is_empty { "none\n".to_owned() } else { table.trim_fmt() + "\n" }
}

/// What is known of one thing, a line each.
pub(crate) fn facts(known: Vec<(&str, String)>) -> String {
    known.into_iter().map(|(what, value)| format!("{what:<11} {value}\n")).collect()
}

/// Bytes as people compare them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stands in a cell without a value.
pub(crate) fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// In minor units: how many make a whole one is the currency's business, and not known here.
pub(crate) fn amount(money: &Money) -> String {
    format!("{} {}", money.amount, money.currency)
}

/// The word that the API uses for a state, a reason or a kind.
pub(crate) fn name(thing: &impl Serialize) -> String {
    match serde_json::to_value(thing) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => "?".to_owned(),
    }
}

/// The thing that a word of the API stands for.
///
/// # Errors
/// Names the words that there are.
pub(crate) fn word<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let words: StrDeserializer<'_, NotAWord> = text.into_deserializer();
    T::deserialize(words).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn tables_are_plain() {
        let rows = [["1".to_owned(), or_dash(Some(7))], ["20".to_owned(), or_dash(None::<u8>)]];
        expect![[r#"
             ID  LAG
             1   7
             20  -
        "#]]
        .assert_eq(&table(["id", "lag"], rows));
        assert_eq!(table(["id"], []), "none\n");
    }

    #[test]
    fn reasons_are_words() {
        use domain::order::CancelReason;
        assert_eq!(word("too_slow"), Ok(CancelReason::TooSlow));
        assert_eq!(name(&CancelReason::TooSlow), "too_slow");
        assert!(word::<CancelReason>("boredom").unwrap_err().contains("customer_changed_mind"));
    }
}
