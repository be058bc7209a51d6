//! JSON values as EDN, the notation of Clojure.

use serde_json::Value;
use std::fmt::Write as _;

/// Appends a value.
pub(super) fn value(value: &Value, to: &mut String) {
    match value {
        Value::Null => to.push_str("nil"),
        Value::Bool(yes) => {
            let _ = write!(to, "{yes}");
        }
        Value::Number(number) => {
            let _ = write!(to, "{number}");
            // Clojure reads larger ones only if they say that they are.
            if number.as_i64().is_none() && number.is_u64() {
                to.push('N');
            }
        }
        Value::String(text) => string(text, to),
        Value::Array(items) => list(items.iter(), to, self::value),
        Value::Object(members) => {
            to.push('{');
            for (place, (name, member)) in members.iter().enumerate() {
                if place > 0 {
                    to.push_str(", ");
                }
                string(name, to);
                to.push(' ');
                self::value(member, to);
            }
            to.push('}');
        }
    }
}

/// Appends a vector.
pub(super) fn list<T>(
    items: impl Iterator<Item = T>,
    to: &mut String,
    mut item: impl FnMut(T, &mut String),
) {
    to.push('[');
    for (place, one) in items.enumerate() {
        if place > 0 {
            to.push(' ');
        }
        item(one, to);
    }
    to.push(']');
}

/// Appends a string with its quotes. EDN knows fewer escapes than JSON, and `\u` of four digits.
fn string(text: &str, to: &mut String) {
    to.push('"');
    for letter in text.chars() {
        match letter {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            '\t' => to.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(to, "\\u{:04x}", u32::from(control));
            }
            plain => to.push(plain),
        }
    }
    to.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_json_says_edn_says() {
        let said = |json: Value| {
            let mut text = String::new();
            value(&json, &mut text);
            text
        };
        let nasty = json!("q\"b\\n\n\t\r\u{1}\u{7f}ü]");
        assert_eq!(said(nasty), "\"q\\\"b\\\\n\\n\\t\\r\\u0001\\u007fü]\"");
        let nested = json!([null, true, -7, 1.5, u64::MAX, {"a b": ["x"], "c": {}}]);
        let expected = r#"[nil true -7 1.5 18446744073709551615N {"a b" ["x"], "c" {}}]"#;
        assert_eq!(said(nested), expected);
    }
}
