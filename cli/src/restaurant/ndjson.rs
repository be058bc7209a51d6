//! Our own format of an import: one restaurant a line, as JSON.
//!
//! ```json
//! {"ref": "casa-marisol", "restaurant": {"name": "..", "position": .., "hours": ..}, "menu": {..}}
//! ```
//!
//! `ref` is the writer's own key, from which the id follows (or `restaurant_id` names it); the
//! members of `restaurant` and `menu` are those of the API. Without a `menu` one is made up that
//! fits the cuisines. Every line is judged before the first one is sent.

use super::import::Entry;
use crate::menu_sample;
use api::menus::MenuInput;
use api::restaurants::Profile;
use domain::ids::{CityNumber, RestaurantId};
use domain::limits::{
    AMOUNT, CUISINES, DISH_GROUPS, GROUP_OPTIONS, MENU_CATEGORIES, MENU_DISHES, MENU_GROUPS,
    NAME_LETTERS, RANGES_PER_DAY,
};
use domain::position::Position;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub(super) own_ref: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) restaurant_id: Option<RestaurantId>,
    pub(super) restaurant: Profile,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) menu: Option<MenuInput>,
}

/// Something wrong in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// From 1.
    pub(super) line: usize,
    pub(super) what: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// # Errors
/// Everything that is wrong, in the order of lines.
pub(super) fn read(
    text: &str,
    city: CityNumber,
    price_percent: u32,
) -> Result<Vec<Entry>, Vec<Wrong>> {
    let (mut entries, mut wrong, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match entry(line, city, price_percent) {
            Ok(entry) if !seen.insert(entry.id) => {
                wrong.push(Wrong { line: number + 1, what: "stands there twice".to_owned() });
            }
            Ok(entry) => entries.push(entry),
            Err(all) => {
                wrong.extend(all.into_iter().map(|what| Wrong { line: number + 1, what }));
            }
        }
    }
    if wrong.is_empty() { Ok(entries) } else { Err(wrong) }
}

fn entry(text: &str, city: CityNumber, price_percent: u32) -> Result<Entry, Vec<String>> {
    let line: Line = serde_json::from_str(text).map_err(|error| vec![in_a_line(&error)])?;
    let Line { own_ref, restaurant_id, restaurant: mut profile, menu } = line;
    let mut wrong = Vec::new();
    let id = match (restaurant_id, own_ref) {
        (Some(id), None) if id.city() == city => Some(id),
        (Some(id), None) => {
            wrong.push(format!("/restaurant_id: {id} is one of city {}", id.city().0));
            None
        }
        (None, Some(own)) => Some(RestaurantId::derive(city, &[b"ref", own.as_bytes()])),
        (Some(_), Some(_)) | (None, None) => {
            wrong.push("/ref: either this or restaurant_id".to_owned());
            None
        }
    };
    check_profile(&profile, &mut wrong);
    if let Some(menu) = &menu {
        check_menu(menu, &mut wrong);
    }
    let Some(id) = id.filter(|_| wrong.is_empty()) else { return Err(wrong) };
    let menu = menu.unwrap_or_else(|| {
        profile.sample = true;
        menu_sample::menu(id, &profile.cuisines, price_percent)
    });
    Ok(Entry { id, profile, menu })
}

/// Without the line and with the column: each text is one line.
fn in_a_line(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    let what = what.split(", expected one of").next().unwrap_or_default();
    format!("column {}: {what}", error.column())
}

/// Whether `ok`, else a complaint.
fn demand(wrong: &mut Vec<String>, ok: bool, pointer: impl fmt::Display, rule: &str) {
    if !ok {
        wrong.push(format!("{pointer}: {rule}"));
    }
}

fn check_profile(profile: &Profile, wrong: &mut Vec<String>) {
    let letters = |text: &str, least| (least..=NAME_LETTERS).contains(&text.chars().count());
    demand(wrong, letters(&profile.name, 1), "/restaurant/name", "1 to 200 letters");
    demand(wrong, letters(&profile.address, 0), "/restaurant/address", "up to 200 letters");
    let on_earth = Position::try_from(profile.position).is_ok();
    demand(wrong, on_earth, "/restaurant/position", "a place on earth");
    let cuisines = &profile.cuisines;
    let good = cuisines.len() <= CUISINES && cuisines.iter().all(|c| letters(c, 1));
    demand(wrong, good, "/restaurant/cuisines", "up to 12, each of 1 to 200 letters");
    match profile.hours.to_domain() {
        Err(error) => wrong.push(format!("/restaurant/hours/{error}")),
        Ok(week) => {
            let few = week.0.iter().all(|day| day.len() <= RANGES_PER_DAY);
            demand(wrong, few, "/restaurant/hours", "up to 6 ranges a day");
        }
    }
    for (name, amount) in [("delivery_fee", profile.delivery_fee), ("minimum", profile.minimum)] {
        let good = (0..=AMOUNT).contains(&amount);
        demand(wrong, good, format_args!("/restaurant/{name}"), "not below 0, and not that much");
    }
    let minutes = (1..=180).contains(&profile.preparation_minutes);
    demand(wrong, minutes, "/restaurant/preparation_minutes", "1 to 180");
}

/// What the city would refuse, and keys that name nothing, which it would refuse less clearly.
fn check_menu(menu: &MenuInput, wrong: &mut Vec<String>) {
    let MenuInput { categories, dishes, option_groups } = menu;
    let few = categories.len() <= MENU_CATEGORIES
        && dishes.len() <= MENU_DISHES
        && option_groups.len() <= MENU_GROUPS;
    demand(wrong, few, "/menu", "up to 500 categories, 5000 dishes and 2000 option groups");

    let mut keys = BTreeSet::new();
    for (n, dish) in dishes.iter().enumerate() {
        let at = format!("/menu/dishes/{n}");
        let key = dish.own_ref.as_deref();
        demand(wrong, key.is_some(), format_args!("{at}/ref"), "required in an import");
        let new = key.is_none_or(|key| keys.insert(key));
        demand(wrong, new, format_args!("{at}/ref"), "another dish has it");
        let good = (0..=AMOUNT).contains(&dish.price);
        demand(wrong, good, format_args!("{at}/price"), "not below 0, and not that much");
        demand(
            wrong,
            !dish.title.is_empty(),
            format_args!("{at}/title"),
            "in one language at least",
        );
        let few = dish.option_groups.len() <= DISH_GROUPS;
        demand(wrong, few, format_args!("{at}/option_groups"), "up to 50");
        for name in &dish.option_groups {
            let known = option_groups.iter().any(|group| group.own_ref.as_ref() == Some(name));
            demand(
                wrong,
                known,
                format_args!("{at}/option_groups"),
                &format!("there is no {name}"),
            );
        }
    }
    for (n, category) in categories.iter().enumerate() {
        for key in &category.dishes {
            let known = keys.contains(key.as_str());
            let at = format_args!("/menu/categories/{n}/dishes");
            demand(wrong, known, at, &format!("there is no {key}"));
        }
    }
    for (n, group) in option_groups.iter().enumerate() {
        let at = format!("/menu/option_groups/{n}");
        let few = (1..=GROUP_OPTIONS).contains(&group.options.len());
        demand(wrong, few, format_args!("{at}/options"), "1 to 100");
        let good = group.min <= group.max && group.max as usize <= group.options.len();
        demand(wrong, good, format_args!("{at}/max"), "from min to the number of options");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(lines: &[&str], expected: Expect) {
        let out = match read(&lines.join("\n"), CityNumber(1), 100) {
            Ok(entries) => entries
                .iter()
                .map(|Entry { profile, menu, .. }| {
                    let (dishes, sample) = (menu.dishes.len(), profile.sample);
                    format!("{}: {dishes} dishes, sample {sample}\n", profile.name)
                })
                .collect(),
            Err(wrong) => wrong.iter().map(|wrong| format!("{wrong}\n")).collect::<String>(),
        };
        expected.assert_eq(&out);
    }

    /// A line with this much after the profile's closing brace.
    fn line(own_ref: &str, more: &str) -> String {
        let profile = concat!(
            r#"{"name":"A","position":{"lat":1,"lng":2},"address":"","#,
            r#""hours":{"monday":["10:00-22:00"]},"cuisines":["pizza"]}"#,
        );
        format!(r#"{{"ref":"{own_ref}","restaurant":{profile}{more}}}"#)
    }

    #[test]
    fn lines_become_restaurants() {
        let menu = r#","menu":{
            "categories":[{"ref":"c","title":{"en":"All"},"dishes":["d"]}],
            "dishes":[{"ref":"d","title":{"en":"D"},"price":100,"option_groups":["g"]}],
            "option_groups":[{"ref":"g","title":{"en":"G"},"max":1,"options":[
                {"ref":"o","title":{"en":"O"}}]}]}"#;
        check(
            &[&line("a", ""), "", &line("b", &menu.replace('\n', ""))],
            expect![[r#"
            A: 27 dishes, sample true
            A: 1 dishes, sample false
        "#]],
        );
    }

    #[test]
    fn everything_wrong_is_named_with_its_line() {
        let plain = line("a", "");
        let menu = r#","menu":{
            "categories":[{"ref":"c","title":{},"dishes":["none"]}],
            "dishes":[{"ref":"d","title":{},"price":-1,"option_groups":["g"]},
                {"ref":"d","title":{"en":"D"},"price":1}]}"#;
        check(
            &[
                "{",
                &plain,
                &plain,
                r#"{"ref":"x"}"#,
                &plain.replace("\"ref\"", "\"key\""),
                &plain.replace("10:00", "tenish").replace("\"lat\":1", "\"lat\":100"),
                &plain.replace(r#""ref":"a","#, ""),
                &line("b", &menu.replace('\n', "")),
            ],
            expect![[r#"
                line 1: column 1: EOF while parsing an object
                line 3: stands there twice
                line 4: column 11: missing field `restaurant`
                line 5: column 6: unknown field `key`
                line 6: /restaurant/position: a place on earth
                line 6: /restaurant/hours/monday/0: a range looks like 11:30-15:00
                line 7: /ref: either this or restaurant_id
                line 8: /menu/dishes/0/price: not below 0, and not that much
                line 8: /menu/dishes/0/title: in one language at least
                line 8: /menu/dishes/0/option_groups: there is no g
                line 8: /menu/dishes/1/ref: another dish has it
                line 8: /menu/categories/0/dishes: there is no none
            "#]],
        );
    }
}
