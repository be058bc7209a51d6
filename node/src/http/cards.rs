//! Card numbers never enter: not as a token, not in a note, not in any body. They are refused
//! before anything else is done with the request, and stand in no log.

use super::body::escaped;
use serde_json::Value;
use std::ops::Range;

/// How many digits a card has.
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// In free text, where numbers have many meanings, fewer shapes count.
const DIGITS_IN_TEXT: std::ops::RangeInclusive<usize> = 14..=19;
/// Letters between two groups of one number.
const GAP: usize = 3;

/// A text that is nothing but a card number: 13 to 19 digits with a right Luhn sum, however they
/// are spaced.
pub(super) fn is_one(text: &str) -> bool {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|d| d - b'0').collect();
    let only_digits = text.chars().all(|c| c.is_ascii_digit() || separates(c));
    only_digits && DIGITS.contains(&digits.len()) && luhn(&digits)
}

/// Where a card number stands in a JSON body, as a pointer; the whole of it, if that cannot be
/// told. The strings are looked at as they will be read: an escape hides no digit.
pub(super) fn place(body: &[u8]) -> Option<String> {
    // Most bodies have no digits to speak of, and are parsed once.
    if body.iter().filter(|byte| byte.is_ascii_digit()).count() < *DIGITS.start() {
        return None;
    }
    match serde_json::from_slice(body) {
        Ok(value) => within(&value),
        Err(_) => stand_in(&String::from_utf8_lossy(body)).then(String::new),
    }
}

fn within(value: &Value) -> Option<String> {
    let here = |found: bool| found.then(String::new);
    match value {
        Value::String(text) => here(stand_in(text)),
        // A fraction is no card, however long it is.
        Value::Number(number) => here(!number.is_f64() && stand_in(&number.to_string())),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(place, item)| Some(format!("/{place}{}", within(item)?)))
        }
        // Where a name is the number, it is not said again.
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            if stand_in(name) {
                return Some(String::new());
            }
            Some(format!("/{}{}", escaped(name), within(member)?))
        }),
        Value::Null | Value::Bool(_) => None,
    }
}

/// Whether a card number stands somewhere in this text, apart from other letters. Either all digits
/// of a run are one, spaced like numbers of any kind; or some groups of it are, which then must
/// look like a card of a known issuer: the rest is when it expires, or what stands on its back.
fn stand_in(text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let run = Run::at(&text, at);
        if run.is_card() || run.has_card() {
            return true;
        }
        at = run.end();
    }
    false
}

/// Groups of digits with nothing but a few separators between them.
struct Run<'a> {
    text: &'a [char],
    groups: Vec<Range<usize>>,
}

impl<'a> Run<'a> {
    fn at(text: &'a [char], start: usize) -> Self {
        let digits_from = |from: usize| {
            let digits = text[from..].iter().take_while(|c| c.is_ascii_digit());
            from..from + digits.count()
        };
        let mut groups = vec![digits_from(start)];
        let mut end = groups[0].end;
        loop {
            let gap = text[end..].iter().take_while(|c| separates(**c)).count();
            let next = digits_from(end + gap);
            if gap > GAP || next.is_empty() {
                return Self { text, groups };
            }
            end = next.end;
            groups.push(next);
        }
    }

    fn end(&self) -> usize {
        self.groups.last().map_or(0, |group| group.end)
    }

    fn digits(&self, groups: &[Range<usize>]) -> Vec<u8> {
        let all = groups.iter().flat_map(|group| &self.text[group.clone()]);
        all.map(|digit| u8::try_from(digit.to_digit(10).unwrap_or(0)).unwrap_or(0)).collect()
    }

    /// The letter in front of a place.
    fn before(&self, at: usize) -> char {
        at.checked_sub(1).map_or(' ', |before| self.text[before])
    }

    fn ends_apart(&self, at: usize) -> bool {
        let after = self.text.get(at).copied().unwrap_or(' ');
        !after.is_alphanumeric() && after != '_'
    }

    /// All of it, with at most one blank or dash between two groups. Phone numbers begin with a
    /// plus.
    fn is_card(&self) -> bool {
        // A dot ends such a number, as it ends a sentence.
        let plain = |gap: &[char]| matches!(gap, [' ' | '-']);
        let mut runs = self.groups.chunk_by(|one, two| plain(&self.text[one.end..two.start]));
        runs.any(|groups| {
            let (from, to) = (groups[0].start, groups[groups.len() - 1].end);
            let before = self.before(from);
            let apart = !before.is_alphanumeric() && !"+._".contains(before) && self.ends_apart(to);
            let digits = self.digits(groups);
            let begins = digits.first().is_some_and(|first| (2..=6).contains(first));
            apart && begins && DIGITS_IN_TEXT.contains(&digits.len()) && luhn(&digits)
        })
    }

    fn has_card(&self) -> bool {
        let count = self.groups.len();
        (0..count).any(|first| {
            let longest = count.min(first + DIGITS.end());
            (first + 1..=longest).any(|end| self.is_window(first..end))
        })
    }

    fn is_window(&self, window: Range<usize>) -> bool {
        let groups = &self.groups[window];
        let lengths: Vec<usize> = groups.iter().map(Range::len).collect();
        let total: usize = lengths.iter().sum();
        if !DIGITS.contains(&total) || !is_spaced_like_a_card(&lengths) {
            return false;
        }
        let (from, to) = (groups[0].start, groups[groups.len() - 1].end);
        let before = self.before(from);
        // Behind a dot stand the decimals of what is before it.
        let decimals = before == '.' && self.before(from - 1).is_ascii_digit();
        let named = before.is_alphanumeric() || before == '_';
        // A phone number has up to 15 digits, and may be spaced like this.
        let phone = self.before(self.groups[0].start) == '+' && total < 16;
        // Thirteen digits in one are an article's number, unless it stands in a sentence.
        let article = lengths == [13] && !self.text.iter().any(|c| c.is_alphabetic());
        if named || before == '+' || phone || decimals || article || !self.ends_apart(to) {
            return false;
        }
        let digits = self.digits(groups);
        is_issued(&digits) && luhn(&digits)
    }
}

/// In one, or as they are printed.
fn is_spaced_like_a_card(lengths: &[usize]) -> bool {
    match lengths {
        [_] | [4, 6, 4 | 5] | [4, 3, 3, 3] | [4, 4, 5] | [8, 8] => true,
        [before @ .., last] => {
            before.len() >= 3 && before.iter().all(|group| *group == 4) && (1..=4).contains(last)
        }
        [] => false,
    }
}

/// Whether an issuer has numbers that begin like this and are as long.
fn is_issued(digits: &[u8]) -> bool {
    let four = digits.iter().take(4).fold(0, |number, digit| number * 10 + u32::from(*digit));
    matches!(
        (four, digits.len()),
        (4000..=4999, 13 | 16 | 19)
            | (5100..=5599 | 2221..=2720, 16)
            | (3400..=3499 | 3700..=3799, 15)
            | (3000..=3059 | 3600..=3699 | 3800..=3999, 14..=19)
            | (6011 | 6440..=6599 | 3528..=3589 | 6200..=6299, 16..=19)
            | (5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763, 13..=19)
    )
}

/// What stands between the groups of a number: blanks of any width, dashes of any length, dots.
fn separates(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '-' | '.' | '\u{b7}' | '\u{200b}'..='\u{200d}')
        || matches!(letter, '\u{2010}'..='\u{2015}' | '\u{2060}' | '\u{2212}' | '\u{feff}')
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
        assert_eq!(place(body).as_deref(), Some("/a/1/b~1c"));
        assert_eq!(place(b"4242 4242 4242 4242 {").as_deref(), Some(""));
        assert_eq!(place(br#"{"4242 4242 4242 4242":1}"#).as_deref(), Some(""));
    }

    #[test]
    fn wherever_they_stand() {
        for with in [
            r#"{"note":"my card is 4242 4242 4242 4242, thanks"}"#,
            r#"{"note":"5555-5555-5555-4444"}"#,
            r#"{"a":4242424242424242}"#,
            r#"{"lines":"378282246310005"}"#,
            r#"{"a":"4242 4242 4242 4242 12/26"}"#,
            r#"{"a":"4242 4242 4242 4242 123"}"#,
            r#"{"a":"4242424242424242 12 26 123"}"#,
            r#"{"a":"flat 2 4242 4242 4242 4242"}"#,
            r#"{"a":"3782 822463 10005 12/26 1234"}"#,
            r#"{"a":"charge 4222222222222 please"}"#,
            r#"{"a":"4222 222 222 222"}"#,
            r#"{"a":"4242.4242.4242.4242"}"#,
            r#"{"a":"4242  4242  4242  4242"}"#,
            r#"{"a":"4242 \t4242\n4242 4242"}"#,
            "{\"a\":\"4242\u{a0}4242\u{202f}4242\u{2013}4242\"}",
            r#"{"a":"\u0034242 4242 4242 424\u0032"}"#,
            r#"{"a":"call +34 600 000 001, 4242 4242 4242 4242"}"#,
        ] {
            assert!(place(with.as_bytes()).is_some(), "{with}");
        }
        for without in [
            r#"{"phone":"+34600000001","other":"+4242424242424242"}"#,
            r#"{"id":"ord_4242424242424242abcdefghjk"}"#,
            r#"{"note":"4242 4242 4242 4241"}"#,
            r#"{"at_ms":1767225600000,"point":{"lat":43.5500000,"lng":-5.9200000}}"#,
            r#"{"ref":"4006381333931"}"#,
            r#"{"ref":"4222222222222"}"#,
            r#"{"at":1764484800123,"note":"1764484800123 or 4222222222221"}"#,
            r#"{"at":"2026-11-30 06:43:09.123456","until":"2026.11.30 06.43"}"#,
            r#"{"phone":"+34 600 00 00 01","also":"+4222 222 222 222","old":"0034 600 000 001"}"#,
            r#"{"address":"10.100.200.255 and 192.168.100.200","x":"43.5550000000, -5.9120000000"}"#,
            r#"{"x":0.4242424242424242,"y":"0.4242424242424242"}"#,
            r#"{"note":"order 1234567890123456 of 2026","n":"9999888877776666"}"#,
            r#"{"note":"4242 4242 4242","more":"2 x 12 and 3 x 4 for 2026 or 2027"}"#,
            r#"{"x":"tok_4242424242424242","y":0.4242424242424242}"#,
        ] {
            assert_eq!(place(without.as_bytes()), None, "{without}");
        }
    }
}
