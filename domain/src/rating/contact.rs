//! Finds contact data in what people write, so that it is not shown to everybody.
//!
//! Rather too strict than too lax: what is held back is read by an operator, what was shown is out
//! in the world.

/// Digits in a row that make a telephone number.
const PLAIN_DIGITS: usize = 7;
/// The same where spaces and the like stand between them; a date has fewer.
const SPACED_DIGITS: usize = 9;
/// Endings of names in the net that people write without anything in front of them.
const ENDINGS: [&str; 24] = [
    "app", "at", "be", "biz", "br", "ch", "com", "de", "dev", "es", "eu", "fr", "info", "io", "it",
    "me", "net", "nl", "org", "pt", "ru", "shop", "site", "uk",
];
/// What nobody writes who speaks of food.
const MARKS: [&str; 6] = ["http:", "https:", "www.", "wa.me", "t.me", "(at)"];

/// Whether a text holds a telephone number, an address for mail, a name to write to, or a link.
pub fn holds_contact(text: &str) -> bool {
    let small = text.to_lowercase();
    MARKS.iter().any(|mark| small.contains(mark))
        || has_number(text)
        || has_address(&small)
        || has_name_in_the_net(&small)
}

/// Enough digits, with nothing between them but what people put there.
fn has_number(text: &str) -> bool {
    let (mut digits, mut plain, mut spaced, mut between) = (0, 0, false, 0);
    for letter in text.chars() {
        if letter.is_numeric() {
            (digits, plain, between) = (digits + 1, plain + 1, 0);
            let enough = if spaced { SPACED_DIGITS } else { PLAIN_DIGITS };
            if digits >= enough || plain >= PLAIN_DIGITS {
                return true;
            }
        } else if matches!(letter, ' ' | '-' | '.' | '/' | '(' | ')' | '_' | '\u{a0}')
            && between < 2
            && digits > 0
        {
            (plain, spaced, between) = (0, true, between + 1);
        } else {
            (digits, plain, spaced, between) = (0, 0, false, 0);
        }
    }
    false
}

/// `name@host`, or `@name`.
fn has_address(text: &str) -> bool {
    let mut behind = text.split('@').skip(1);
    behind.any(|rest| rest.chars().next().is_some_and(char::is_alphanumeric))
}

/// A word, a dot and one of the endings, as in `pizza.com/menu`.
fn has_name_in_the_net(text: &str) -> bool {
    let words = text.split(|letter: char| letter.is_whitespace() || "/,;:!?()".contains(letter));
    words.into_iter().any(|word| {
        let word = word.trim_end_matches('.');
        let parts = word.rsplit_once('.');
        parts.is_some_and(|(name, ending)| {
            name.ends_with(char::is_alphanumeric) && ENDINGS.contains(&ending)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contact_data_is_found() {
        for text in [
            "call 912345678",
            "+351 912 345 678",
            "91-23-45-678 now",
            "(22) 208.12.34 5",
            "٩١٢٣٤٥٦٧٨",
            "mail me at ann@example.org",
            "write to @carl_rides",
            "ann (at) example",
            "HTTPS://Example.org",
            "see www.example",
            "order at pizza.com/menu.",
            "it was better at pizza.pt",
            "t.me/carl",
        ] {
            assert!(holds_contact(text), "{text}");
        }
    }

    #[test]
    fn what_people_say_of_food_is_not() {
        for text in [
            "",
            "Good.Fast.Warm",
            "2 of 3 were cold, 10/10 otherwise",
            "ordered on 12.03.2026, came at 18:30",
            "waited 45 minutes for 1 tea (3.50 EUR)",
            "5 stars... would order again.",
            "me.",
            "@ the door in 20 minutes",
            "no. 12, order 123456",
        ] {
            assert!(!holds_contact(text), "{text}");
        }
    }
}
