//! Filling in what a text leaves open, as people of a language write it.

use super::texts::text;
use domain::calendar::{LocalDate, local_minute};
use domain::ids::OrderId;
use domain::money::Money;
use domain::notice::NoticeKind;
use domain::time::Timestamp;

/// Letters of a restaurant's name that fit into a short message.
const NAME_LETTERS: usize = 30;
/// Letters of an order's short number.
const NUMBER_LETTERS: usize = 4;

/// A language that texts are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    En,
    De,
    Es,
    Pt,
    Fr,
}

impl Language {
    #[cfg(test)]
    const ALL: [Self; 5] = [Self::En, Self::De, Self::Es, Self::Pt, Self::Fr];

    /// The first of these BCP 47 tags that texts are written in; English if none is.
    pub(crate) fn first_of<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        tags.into_iter().find_map(Self::of).unwrap_or(Self::En)
    }

    fn of(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        Some(match language.to_ascii_lowercase().as_str() {
            "en" => Self::En,
            "de" => Self::De,
            "es" => Self::Es,
            "pt" => Self::Pt,
            "fr" => Self::Fr,
            _ => return None,
        })
    }
}

/// What texts leave open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blanks {
    /// The order's short number.
    pub number: String,
    /// As it stands over the door.
    pub restaurant: String,
    /// Money, with its currency's code.
    pub amount: Option<(Money, String)>,
    /// A time of day in the city.
    pub time: String,
}

/// The whole text.
pub(crate) fn filled(kind: NoticeKind, language: Language, blanks: &Blanks) -> String {
    let restaurant = short_name(&blanks.restaurant);
    let amount = match &blanks.amount {
        Some((money, currency)) => written(*money, currency, language),
        None => String::new(),
    };
    let mut out = String::new();
    let mut rest = text(kind, language);
    // Piece by piece: a name that looks like a place to be filled stays a name.
    while let Some((before, after)) = rest.split_once('{') {
        let Some((place, after)) = after.split_once('}') else { break };
        out += before;
        out += match place {
            "number" => &blanks.number,
            "restaurant" => &restaurant,
            "amount" => &amount,
            "time" => &blanks.time,
            _ => "",
        };
        rest = after;
    }
    out + rest
}

/// What people call an order: the end of its id, which differs most.
pub(crate) fn short_number(id: OrderId) -> String {
    let text = id.to_string().to_uppercase();
    text.chars().skip(text.len() - NUMBER_LETTERS).collect()
}

fn short_name(name: &str) -> String {
    if name.chars().count() <= NAME_LETTERS {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(NAME_LETTERS - 1).collect();
    short.truncate(short.trim_end().len());
    short + "…"
}

/// Hours and minutes in a time zone with an IANA name, with the date where it is not today's.
pub(crate) fn time_of_day(at: Timestamp, now: Timestamp, time_zone: &str) -> String {
    let minute = local_minute(at, time_zone);
    let time = format!("{:02}:{:02}", minute / 60, minute % 60);
    let day = LocalDate::of(at, time_zone);
    match day.filter(|day| Some(*day) != LocalDate::of(now, time_zone)) {
        Some(day) => format!("{day} {time}"),
        None => time,
    }
}

/// An amount as it is written in a language.
fn written(money: Money, currency: &str, language: Language) -> String {
    let decimals = match currency {
        "JPY" | "KRW" | "CLP" | "ISK" | "VND" | "PYG" | "XAF" | "XOF" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        _ => 2,
    };
    let sign = if money.0 < 0 { "-" } else { "" };
    let digits = format!("{:0width$}", money.0.unsigned_abs(), width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let (point, comma) = match language {
        Language::En => (".", ","),
        Language::De | Language::Es | Language::Pt => (",", "."),
        Language::Fr => (",", " "),
    };
    let point = if decimals == 0 { "" } else { point };
    let number = format!("{}{point}{part}", grouped(whole, comma));
    let symbol = match currency {
        "EUR" => Some("€"),
        "USD" => Some("$"),
        "GBP" => Some("£"),
        "BRL" => Some("R$"),
        "JPY" => Some("¥"),
        _ => None,
    };
    let shown = match (language, symbol) {
        (Language::En, Some(symbol)) => format!("{symbol}{number}"),
        (Language::En, None) => format!("{currency} {number}"),
        (Language::Pt, Some("R$")) => format!("R$ {number}"),
        (Language::De | Language::Es | Language::Pt | Language::Fr, symbol) => {
            format!("{number} {}", symbol.unwrap_or(currency))
        }
    };
    format!("{sign}{shown}")
}

fn grouped(whole: &str, comma: &str) -> String {
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            out += comma;
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blanks() -> Blanks {
        Blanks {
            number: "K7P2".to_owned(),
            restaurant: "Restaurante Casa Marisol do Porto Velho".to_owned(),
            amount: Some((Money(1_234_567), "EUR".to_owned())),
            time: "2026-12-24 22:45".to_owned(),
        }
    }

    #[test]
    fn every_kind_is_said_in_every_language_and_is_short() {
        for kind in NoticeKind::ALL {
            let places = |language| {
                let text = text(*kind, language);
                let mut places: Vec<_> = text.split('{').skip(1).collect();
                places.iter_mut().for_each(|place| *place = place.split('}').next().unwrap());
                places.sort_unstable();
                places.iter().map(|place| (*place).to_owned()).collect::<Vec<_>>()
            };
            for language in Language::ALL {
                let said = filled(*kind, language, &blanks());
                let name = kind.name();
                assert!(!said.contains(['{', '}']), "{name} in {language:?}: {said}");
                assert!(said.chars().count() <= 140, "{name} in {language:?}: {said}");
                for place in places(language) {
                    let known = ["amount", "number", "restaurant", "time"];
                    assert!(known.contains(&place.as_str()), "{name} in {language:?}: {place}");
                }
            }
            // What an answer depends on is said to everybody.
            for language in Language::ALL {
                let said: Vec<_> = places(language);
                for place in ["amount", "number"] {
                    let english = places(Language::En).iter().any(|known| known == place);
                    assert_eq!(said.iter().any(|known| known == place), english, "{kind:?}");
                }
            }
        }
    }

    #[test]
    fn a_name_stays_a_name() {
        let restaurant = "{amount} & Sons".to_owned();
        let said = filled(NoticeKind::OrderReady, Language::En, &Blanks { restaurant, ..blanks() });
        assert_eq!(said, "Order K7P2 waits for you at {amount} & Sons.");
        assert_eq!(
            short_name("Restaurante Casa Marisol do Porto"),
            "Restaurante Casa Marisol do P…"
        );
    }

    #[test]
    fn amounts_are_written_as_people_write_them() {
        let all = |money, currency: &str| {
            Language::ALL.map(|language| written(Money(money), currency, language)).join(" | ")
        };
        expect_test::expect![[r#"
            €12.50 | 12,50 € | 12,50 € | 12,50 € | 12,50 €
            -€0.05 | -0,05 € | -0,05 € | -0,05 € | -0,05 €
            $1,234,567.89 | 1.234.567,89 $ | 1.234.567,89 $ | 1.234.567,89 $ | 1 234 567,89 $
            R$12.00 | 12,00 R$ | 12,00 R$ | R$ 12,00 | 12,00 R$
            ¥1,200 | 1.200 ¥ | 1.200 ¥ | 1.200 ¥ | 1 200 ¥
            CHF 7.00 | 7,00 CHF | 7,00 CHF | 7,00 CHF | 7,00 CHF
        "#]]
        .assert_eq(&format!(
            "{}\n{}\n{}\n{}\n{}\n{}\n",
            all(1_250, "EUR"),
            all(-5, "EUR"),
            all(123_456_789, "USD"),
            all(1_200, "BRL"),
            all(1_200, "JPY"),
            all(700, "CHF")
        ));
    }

    #[test]
    fn a_time_of_another_day_has_its_date() {
        let now: Timestamp = "2026-03-02T22:30:00Z".parse().unwrap();
        let said = |minutes: i64| time_of_day(now.plus_ms(minutes * 60_000), now, "Europe/Madrid");
        assert_eq!([said(0), said(29), said(30)], ["23:30", "23:59", "2026-03-03 00:00"]);
    }

    #[test]
    fn languages_fall_back() {
        let of = |tags: &[&str]| Language::first_of(tags.iter().copied());
        assert_eq!(of(&["pt-BR", "de"]), Language::Pt);
        assert_eq!(of(&["eu", "es-ES"]), Language::Es);
        assert_eq!(of(&["eu"]), Language::En);
        assert_eq!(of(&[]), Language::En);
    }
}
