//! One thing of a menu changes and the rest stays, as RFC 7396 merges documents.

use super::error::{Answer, Fail};
use super::menu_input::{Parts, category_again, dish_again, group_again};
use api::codes::Code;
use api::menus as shape;
use domain::Command;
use domain::ids::DishId;
use domain::menu::{Category, Dish, EditMenu, OptionGroup, PutMenu};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use storage::MenuGraph;

/// A command that changes what a patch names, made from the menu as it is; and the names of its
/// parts in the patch, for mistakes that the log finds.
#[derive(Debug)]
pub(super) struct Merged {
    pub(super) command: Command,
    pub(super) dish_ids: Vec<DishId>,
    dishes: Vec<String>,
    groups: Vec<String>,
    categories: Vec<String>,
}

/// The parts that a patch names, as they will be; those that go are `None`.
struct Changed {
    dishes: Vec<(String, DishId, Option<Dish>)>,
    groups: Vec<(String, domain::ids::OptionGroupId, Option<OptionGroup>)>,
    categories: Vec<(String, domain::ids::CategoryId, Option<Category>)>,
}

/// Merges a patch into a menu.
pub(super) fn merged(parts: Parts, graph: &MenuGraph, patch: &shape::MenuPatch) -> Answer<Merged> {
    let changed = changed(parts, graph, patch)?;
    let goes = changed.dishes.iter().any(|(.., dish)| dish.is_none())
        || changed.groups.iter().any(|(.., group)| group.is_none());
    let dish_ids = changed.dishes.iter().map(|(_, id, _)| *id).collect();
    if goes || !changed.categories.is_empty() {
        return Ok(Merged { dish_ids, ..replaced(parts, graph, changed) });
    }
    let (dishes, groups): (Vec<_>, Vec<_>) = (changed.dishes, changed.groups);
    let names = |key: &String| key.clone();
    Ok(Merged {
        dish_ids,
        dishes: dishes.iter().map(|(key, ..)| names(key)).collect(),
        groups: groups.iter().map(|(key, ..)| names(key)).collect(),
        categories: Vec::new(),
        command: Command::EditMenu(Box::new(EditMenu {
            restaurant_id: parts.id,
            if_version: Some(graph.menu.version),
            dishes: dishes.into_iter().filter_map(|(.., dish)| dish).collect(),
            option_groups: groups.into_iter().filter_map(|(.., group)| group).collect(),
            // Nothing is new: nothing goes there.
            category_id: parts.category_id("more"),
        })),
    })
}

fn changed(parts: Parts, graph: &MenuGraph, patch: &shape::MenuPatch) -> Answer<Changed> {
    let mut changed = Changed { dishes: Vec::new(), groups: Vec::new(), categories: Vec::new() };
    for (key, change) in &patch.dishes {
        let at = format!("/dishes/{}", escaped(key));
        let id = parts.dish_id(key);
        let found = graph.dishes.iter().find(|dish| dish.id == id);
        let before = found.ok_or_else(|| unknown(&at, "dish"))?;
        let after = merge_one(&at, &dish_again(before), change)?;
        let after = after.map(|dish: shape::DishInput| {
            let kept = dish.dish_id == Some(id);
            kept.then_some(dish).ok_or_else(|| fixed(&at, "dish_id"))
        });
        let after = after.transpose()?.map(|dish| parts.dish(dish, &at)).transpose()?;
        changed.dishes.push((key.clone(), id, after));
    }
    for (key, change) in &patch.option_groups {
        let at = format!("/option_groups/{}", escaped(key));
        let id = parts.group_id(key);
        let found = graph.option_groups.iter().find(|group| group.id == id);
        let before = found.ok_or_else(|| unknown(&at, "option group"))?;
        let after = merge_one(&at, &group_again(before), change)?;
        let after = after.map(|group: shape::OptionGroupInput| {
            let kept = group.option_group_id == Some(id);
            kept.then_some(group).ok_or_else(|| fixed(&at, "option_group_id"))
        });
        let after = after.transpose()?.map(|group| parts.group(group, &at)).transpose()?;
        changed.groups.push((key.clone(), id, after));
    }
    for (key, change) in &patch.categories {
        let at = format!("/categories/{}", escaped(key));
        let id = parts.category_id(key);
        let found = graph.menu.categories.iter().find(|category| category.id == id);
        let before = found.ok_or_else(|| unknown(&at, "category"))?;
        let after = merge_one(&at, &category_again(before), change)?;
        let after = after.map(|category: shape::CategoryInput| {
            let kept = category.category_id == Some(id);
            kept.then_some(category).ok_or_else(|| fixed(&at, "category_id"))
        });
        let after = after.transpose()?.map(|category| parts.category(category, &at)).transpose()?;
        changed.categories.push((key.clone(), id, after));
    }
    Ok(changed)
}

/// The whole menu with the changes in it: what goes can only be left out of a whole.
fn replaced(parts: Parts, graph: &MenuGraph, changed: Changed) -> Merged {
    let goes: Vec<DishId> =
        changed.dishes.iter().filter(|(.., dish)| dish.is_none()).map(|(_, id, _)| *id).collect();
    let dishes = take_over(&graph.dishes, changed.dishes, |dish| dish.id);
    let groups = take_over(&graph.option_groups, changed.groups, |group| group.id);
    let before: Vec<Arc<Category>> =
        graph.menu.categories.iter().map(|category| Arc::new(category.clone())).collect();
    let mut categories = take_over(&before, changed.categories, |category| category.id);
    for (_, category) in &mut categories {
        category.dish_ids.retain(|id| !goes.contains(id));
    }
    let (dish_names, dishes): (Vec<_>, Vec<_>) = dishes.into_iter().unzip();
    let (group_names, option_groups): (Vec<_>, Vec<_>) = groups.into_iter().unzip();
    let (category_names, categories): (Vec<_>, Vec<_>) = categories.into_iter().unzip();
    let if_version = Some(graph.menu.version);
    let wish = PutMenu { restaurant_id: parts.id, if_version, categories, dishes, option_groups };
    Merged {
        command: Command::PutMenu(Box::new(wish)),
        dish_ids: Vec::new(),
        dishes: dish_names,
        groups: group_names,
        categories: category_names,
    }
}

/// The parts in their old order, each with its name: changed, as it was, or left out.
fn take_over<T: Clone, Id: Copy + Eq + ToString>(
    before: &[Arc<T>],
    mut changed: Vec<(String, Id, Option<T>)>,
    id_of: impl Fn(&T) -> Id,
) -> Vec<(String, T)> {
    let mut after = Vec::with_capacity(before.len());
    for part in before {
        let id = id_of(part);
        match changed.iter().position(|(_, changed, _)| *changed == id) {
            Some(place) => {
                let (key, _, part) = changed.swap_remove(place);
                after.extend(part.map(|part| (key, part)));
            }
            None => after.push((id.to_string(), T::clone(part))),
        }
    }
    after
}

impl Merged {
    /// A mistake of the command, named by its place in the patch.
    pub(super) fn named(&self, fail: Fail) -> Fail {
        fail.repoint(|pointer| {
            let mut steps = pointer.strip_prefix('/')?.splitn(3, '/');
            let list = steps.next()?;
            let keys = match list {
                "dishes" => &self.dishes,
                "option_groups" => &self.groups,
                "categories" => &self.categories,
                _ => return None,
            };
            let key = keys.get(steps.next()?.parse::<usize>().ok()?)?;
            let rest = steps.next().map(|rest| format!("/{rest}")).unwrap_or_default();
            Some(format!("/{list}/{}{rest}", escaped(key)))
        })
    }
}

/// One part with its change in it; nothing if it goes.
fn merge_one<T: Serialize + DeserializeOwned>(
    at: &str,
    before: &T,
    change: &Value,
) -> Answer<Option<T>> {
    match change {
        Value::Null => return Ok(None),
        Value::Object(_) => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(Fail::field(Code::FieldInvalid, at, "is an object, or null"));
        }
    }
    let failed = |error: serde_json::Error| Fail::internal("merging a menu", &error);
    let mut whole = serde_json::to_value(before).map_err(failed)?;
    merge(&mut whole, change);
    let bytes = serde_json::to_vec(&whole).map_err(failed)?;
    super::body::parse(&bytes).map(Some).map_err(|fail| fail.under(at))
}

/// RFC 7396. A body is parsed no deeper than its reader goes, so this is not either.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(target) = target.as_object_mut() else { return };
    for (key, change) in changes {
        if change.is_null() {
            target.remove(key);
        } else {
            merge(target.entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}

fn unknown(at: &str, what: &str) -> Fail {
    let rule = format!("is no {what} of this menu; POST adds what is new");
    Fail::field(Code::FieldInvalid, at, rule)
}

fn fixed(at: &str, member: &str) -> Fail {
    Fail::field(Code::FieldInvalid, format!("{at}/{member}"), "cannot be changed")
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The table of RFC 7396, appendix A.
    #[test]
    fn merges_as_the_rfc_says() {
        let cases = [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a":"b"}), json!(["c"]), json!(["c"])),
            (json!({"a":"foo"}), json!(null), json!(null)),
            (json!({"a":"foo"}), json!("bar"), json!("bar")),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!([1, 2]), json!({"a":"b","c":null}), json!({"a":"b"})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ];
        for (mut target, patch, expected) in cases {
            let told = format!("{target} with {patch}");
            merge(&mut target, &patch);
            assert_eq!(target, expected, "{told}");
        }
    }
}
