//! The book of dishes: `dishes.txt`, read once. It is part of the program, so it is right or a test
//! fails; the reader therefore says what is wrong with a line instead of guessing.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// All that sample menus are made of.
#[derive(Debug, Default)]
pub(crate) struct Book {
    /// By the name that sections use.
    pub(crate) choices: BTreeMap<String, Choice>,
    /// In the order of the file.
    pub(crate) cuisines: Vec<Cuisine>,
}

/// A question about a dish.
#[derive(Debug)]
pub(crate) struct Choice {
    pub(crate) title: String,
    pub(crate) min: u32,
    pub(crate) max: u32,
    /// Answers and what they add, in hundredths of the currency's unit.
    pub(crate) options: Vec<(String, i64)>,
}

/// What one kind of kitchen cooks.
#[derive(Debug)]
pub(crate) struct Cuisine {
    /// As OpenStreetMap spells it; the first is the one we call it by.
    pub(crate) names: Vec<String>,
    pub(crate) sections: Vec<Section>,
}

/// Dishes under one title.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) title: String,
    /// Names of choices.
    pub(crate) choices: Vec<String>,
    pub(crate) dishes: Vec<BookDish>,
}

/// One dish.
#[derive(Debug)]
pub(crate) struct BookDish {
    pub(crate) title: String,
    pub(crate) description: String,
    /// In hundredths of the currency's unit.
    pub(crate) price: i64,
}

/// The book that is part of the program.
pub(crate) fn book() -> &'static Book {
    static BOOK: OnceLock<Book> = OnceLock::new();
    BOOK.get_or_init(|| {
        read(include_str!("dishes.txt")).expect("the book of dishes is well-formed")
    })
}

impl Book {
    /// The cuisine that answers to this name.
    pub(crate) fn cuisine(&self, name: &str) -> Option<&Cuisine> {
        self.cuisines.iter().find(|cuisine| cuisine.names.iter().any(|known| known == name))
    }
}

/// What the lines that follow belong to.
enum Place {
    Nowhere,
    Choice(String),
    Cuisine,
}

fn read(text: &str) -> Result<Book, String> {
    let mut book = Book::default();
    let mut place = Place::Nowhere;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(';') {
            continue;
        }
        take(&mut book, &mut place, line)
            .ok_or_else(|| format!("line {}: not understood: {line}", number + 1))?;
    }
    Ok(book)
}

fn take(book: &mut Book, place: &mut Place, line: &str) -> Option<()> {
    if let Some(line) = line.strip_prefix("? ") {
        let (name, question) = line.split_once(": ")?;
        let (title, range) = question.rsplit_once(", ")?;
        let (min, max) = range.split_once('-')?;
        let (min, max) = (min.parse().ok()?, max.parse().ok()?);
        let choice = Choice { title: title.to_owned(), min, max, options: Vec::new() };
        book.choices.insert(name.to_owned(), choice);
        *place = Place::Choice(name.to_owned());
    } else if let Some(names) = line.strip_prefix("= ") {
        let names = names.split(", ").map(str::to_owned).collect();
        book.cuisines.push(Cuisine { names, sections: Vec::new() });
        *place = Place::Cuisine;
    } else if let Some(line) = line.strip_prefix("# ") {
        let (title, choices) = line.split_once(": ").unwrap_or((line, ""));
        let choices = choices.split(", ").filter(|name| !name.is_empty());
        let choices: Vec<String> = choices.map(str::to_owned).collect();
        if !choices.iter().all(|name| book.choices.contains_key(name)) {
            return None;
        }
        let section = Section { title: title.to_owned(), choices, dishes: Vec::new() };
        book.cuisines.last_mut()?.sections.push(section);
    } else {
        let fields: Vec<&str> = line.split(" | ").collect();
        match (&*place, fields.as_slice()) {
            (Place::Choice(name), [title, price]) => {
                let option = ((*title).to_owned(), price.parse().ok()?);
                book.choices.get_mut(name)?.options.push(option);
            }
            (Place::Cuisine, [title, description, price]) => {
                let (title, description) = ((*title).to_owned(), (*description).to_owned());
                let dish = BookDish { title, description, price: price.parse().ok()? };
                book.cuisines.last_mut()?.sections.last_mut()?.dishes.push(dish);
            }
            (Place::Nowhere | Place::Choice(_) | Place::Cuisine, _) => return None,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_book_is_sound() {
        let book = book();
        let mut names = BTreeSet::new();
        for cuisine in &book.cuisines {
            for name in &cuisine.names {
                assert!(names.insert(name), "{name} stands twice");
            }
            let mut titles = BTreeSet::new();
            for section in &cuisine.sections {
                assert!(!section.dishes.is_empty(), "{} is empty", section.title);
                for dish in &section.dishes {
                    assert!(titles.insert(&dish.title), "{} stands twice", dish.title);
                    assert!((100..5_000).contains(&dish.price), "{}: {}", dish.title, dish.price);
                }
            }
        }
        for choice in book.choices.values() {
            let answers = u32::try_from(choice.options.len()).unwrap();
            assert!(choice.min <= choice.max && choice.max <= answers, "{}", choice.title);
        }
        let kitchens = book.cuisines.len() - ["any", "sweets", "drinks"].len();
        assert!(kitchens >= 20, "{kitchens} cuisines");
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = read("= pizza\n# Pizza: size\n").unwrap_err();
        assert_eq!(error, "line 2: not understood: # Pizza: size");
    }
}
