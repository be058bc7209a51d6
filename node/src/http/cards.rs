//! Card numbers never enter: not as a token, not in a note, not in any body. They are refused
//! before anything else is done with the request, and stand in no log.

use super::body::escaped;
use serde_json::Value;

/// How many digits a card has.
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// In free text, where numbers have many meanings, fewer shapes count.
const DIGITS_IN_TEXT: std::ops::RangeInclusive<usize> = 14..=19;

/// A text that is nothing but a card number: 13 to 19 digits with a right Luhn sum, however they
/// are spaced.
pub(super) fn is_one(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|d| d - b'0').collect();
    let only_digits = text.bytes().all(|b| b.is_ascii_digit() || b == b' ' || b == b'-');
    only_digits && DIGITS.contains(&digits.len()) && luhn(&digits)
}

/// Whether a card number stands somewhere in these bytes: a run of digits in groups, apart from
/// other letters, that a card may begin with, with a right Luhn sum. Phone numbers begin with a
/// plus.
pub(super) fn stand_in(bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (digits, end) = run(bytes, at);
        let before = at.checked_sub(1).map_or(b' ', |before| bytes[before]);
        let after = bytes.get(end).copied().unwrap_or(b' ');
        let alone = !before.is_ascii_alphanumeric() && !b"+._".contains(&before);
        let alone = alone && !after.is_ascii_alphanumeric() && after != b'_';
        let begins = digits.first().is_some_and(|first| (2..=6).contains(first));
        if alone && begins && DIGITS_IN_TEXT.contains(&digits.len()) && luhn(&digits) {
            return true;
        }
        at = end;
    }
    false
}

/// Where the number stands in a JSON body, as a pointer; the whole of it, if that cannot be told.
pub(super) fn place(body: &[u8]) -> String {
    let parsed = serde_json::from_slice(body).ok();
    parsed.and_then(|value| within(&value)).unwrap_or_default()
}

fn within(value: &Value) -> Option<String> {
    let here = |found: bool| found.then(String::new);
    match value {
        Value::String(text) => here(stand_in(text.as_bytes())),
        Value::Number(number) => here(stand_in(number.to_string().as_bytes())),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(place, item)| Some(format!("/{place}{}", within(item)?)))
        }
        Value::Object(members) => members
            .iter()
            .find_map(|(name, member)| Some(format!("/{}{}", escaped(name), within(member)?))),
        Value::Null | Value::Bool(_) => None,
    }
}

/// The digits from here on, single spaces and dashes between them left out, and where they end.
fn run(bytes: &[u8], start: usize) -> (Vec<u8>, usize) {
    let (mut digits, mut at) = (Vec::new(), start);
    while let Some(byte) = bytes.get(at) {
        let next_is_digit = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        match byte {
            b'0'..=b'9' => digits.push(byte - b'0'),
            b' ' | b'-' if next_is_digit => {}
            _ => break,
        }
        at += 1;
    }
    (digits, at)
}

fn luhn(digits: &[u8]) -> bool {
    let doubled = |(place, digit): (usize, &u8)| match (place % 2, u32::from(*digit) * 2) {
        (0, _) => u32::from(*digit),
        (_, twice) if twice > 9 => twice - 9,
        (_, twice) => twice,
    };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>().is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_recognised() {
        assert!(is_one("4242 4242 4242 4242"));
        assert!(is_one("5555555555554444"));
        assert!(!is_one("4242424242424241"));
        assert!(!is_one("tok_4242424242424242"));
        assert!(!is_one("1234"));
    }

    #[test]
    fn and_told_where() {
        let body = br#"{"a":[1,{"b/c":"4242 4242 4242 4242"}]}"#;
        assert_eq!(place(body), "/a/1/b~1c");
        assert_eq!(place(b"4242 4242 4242 4242 {"), "");
    }

    #[test]
    fn wherever_they_stand() {
        for with in [
            r#"{"note":"my card is 4242 4242 4242 4242, thanks"}"#,
            r#"{"note":"5555-5555-5555-4444"}"#,
            r#"{"a":4242424242424242}"#,
            r#"{"lines":"378282246310005"}"#,
        ] {
            assert!(stand_in(with.as_bytes()), "{with}");
        }
        for without in [
            r#"{"phone":"+34600000001","other":"+4242424242424242"}"#,
            r#"{"id":"ord_4242424242424242abcdefghjk"}"#,
            r#"{"note":"4242 4242 4242 4241"}"#,
            r#"{"at_ms":1767225600000,"point":{"lat":43.5500000,"lng":-5.9200000}}"#,
            r#"{"ref":"4006381333931"}"#,
            r#"{"x":"tok_4242424242424242","y":0.4242424242424242}"#,
        ] {
            assert!(!stand_in(without.as_bytes()), "{without}");
        }
    }
}
