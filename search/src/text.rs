//! From what people write to the words that are compared: the same for menus and for questions.

use unicode_normalization::UnicodeNormalization;

/// Letters of a question that are read.
pub const MAX_LETTERS: usize = 128;
/// Words of a question that are read.
pub const MAX_WORDS: usize = 8;
/// Letters of one word; longer ones are cut, in menus and questions alike.
const MAX_WORD_LETTERS: usize = 40;

/// The words of a text, joined by single spaces: compatible forms made one (NFKC), lower case,
/// accents off.
///
/// ```
/// assert_eq!(search::normalise("  Crème-Brûlée & CAFÉ №5 "), "creme brulee cafe no5");
/// ```
pub fn normalise(text: &str) -> String {
    words(text, usize::MAX).collect::<Vec<_>>().join(" ")
}

/// The words of a question, no more than are read.
pub(crate) fn question(text: &str) -> Vec<String> {
    words(text, MAX_LETTERS).take(MAX_WORDS).collect()
}

/// The first letters of a text, normalised for the index.
pub(crate) fn indexed(text: &str, max_letters: usize) -> String {
    words(text, max_letters).collect::<Vec<_>>().join(" ")
}

fn words(text: &str, max_letters: usize) -> impl Iterator<Item = String> {
    let cut: String = text.chars().take(max_letters).collect();
    // Lower case comes before accents are cut off: "İ" becomes an i with a dot above.
    let lower: String = cut.nfkc().flat_map(char::to_lowercase).collect();
    // Put together again at the end: Korean syllables and the voiced signs of Japanese are letters.
    let plain: String =
        lower.nfd().filter(|c| !is_left_out(*c)).flat_map(spelled_plainly).nfc().collect();
    split(&plain).into_iter()
}

/// Marks that people leave out when they type: Latin, Greek and Cyrillic accents, the points of
/// Hebrew and Arabic. Elsewhere, as in Thai, a mark is a vowel and stays.
fn is_left_out(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Letters that Unicode does not take apart, but people do.
fn spelled_plainly(letter: char) -> impl Iterator<Item = char> {
    let (first, second) = match letter {
        'ß' => ('s', Some('s')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'þ' => ('t', Some('h')),
        'ø' => ('o', None),
        'ł' => ('l', None),
        'đ' | 'ð' => ('d', None),
        'ħ' => ('h', None),
        'ı' => ('i', None),
        'ŋ' => ('n', None),
        other => (other, None),
    };
    std::iter::once(first).chain(second)
}

fn split(plain: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut letters = plain.chars().peekable();
    while let Some(letter) = letters.next() {
        if is_written_without_spaces(letter) {
            // Each sign is a word: "and" over them finds what they spell.
            end(&mut words, &mut word);
            words.push(letter.to_string());
        } else if letter.is_alphanumeric() || is_mark(letter) {
            word.push(letter);
        } else if matches!(letter, '\'' | '’') && is_possessive(&word, &letters) {
            // "Domino's" is what people type as "dominos".
        } else {
            end(&mut words, &mut word);
        }
    }
    end(&mut words, &mut word);
    words
}

/// Behind an apostrophe: an s that ends the word.
fn is_possessive(before: &str, after: &std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut after = after.clone();
    !before.is_empty()
        && after.next() == Some('s')
        && after.next().is_none_or(|letter| !letter.is_alphanumeric())
}

fn end(words: &mut Vec<String>, word: &mut String) {
    if word.chars().count() > MAX_WORD_LETTERS {
        *word = word.chars().take(MAX_WORD_LETTERS).collect();
    }
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// A mark that was not left out belongs to the letter before it.
fn is_mark(letter: char) -> bool {
    unicode_normalization::char::is_combining_mark(letter)
}

/// Han, Hiragana and Katakana.
fn is_written_without_spaces(letter: char) -> bool {
    matches!(letter,
        '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    #[test]
    fn what_people_write() {
        let mut table = String::new();
        for text in [
            "Pastéis de Bacalhau",
            "  FISH & CHIPS!! ",
            "Domino's Pizza / d'Avó",
            "McDonald’s",
            "Smørrebrød, Żurek, Straße",
            "İSKENDER ığdır",
            "ﬁnest ①② ＰＩＺＺＡ",
            "牛肉ラーメン ramen",
            "ข้าวผัด 김치찌개 がんばる",
            "کَبَاب عِرَاقِيّ",
            "e\u{301}clair = éclair",
            "7-Up 0.5l",
            "AND (name:* OR \"x\")~2",
            "🍕🍕",
            "",
        ] {
            table += &format!("{text:?} -> {:?}\n", normalise(text));
        }
        expect![[r#"
            "Pastéis de Bacalhau" -> "pasteis de bacalhau"
            "  FISH & CHIPS!! " -> "fish chips"
            "Domino's Pizza / d'Avó" -> "dominos pizza d avo"
            "McDonald’s" -> "mcdonalds"
            "Smørrebrød, Żurek, Straße" -> "smorrebrod zurek strasse"
            "İSKENDER ığdır" -> "iskender igdir"
            "ﬁnest ①② ＰＩＺＺＡ" -> "finest 12 pizza"
            "牛肉ラーメン ramen" -> "牛 肉 ラ ー メ ン ramen"
            "ข\u{e49}าวผ\u{e31}ด 김치찌개 がんばる" -> "ข\u{e49}าวผ\u{e31}ด 김치찌개 が ん ば る"
            "ک\u{64e}ب\u{64e}اب ع\u{650}ر\u{64e}اق\u{650}ي\u{651}" -> "کباب عراقي"
            "e\u{301}clair = éclair" -> "eclair eclair"
            "7-Up 0.5l" -> "7 up 0 5l"
            "AND (name:* OR \"x\")~2" -> "and name or x 2"
            "🍕🍕" -> ""
            "" -> ""
        "#]]
        .assert_eq(&table);
    }

    #[test]
    fn a_question_has_limits() {
        assert_eq!(question("a b c d e f g h i j").len(), MAX_WORDS);
        assert_eq!(question(&"x".repeat(10_000)), ["x".repeat(MAX_WORD_LETTERS)]);
        assert_eq!(question(&"é ".repeat(10_000)).len(), MAX_WORDS);
    }

    proptest! {
        #[test]
        fn normal_text_stays_as_it_is(text in "\\PC{0,60}") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }
    }
}
