//! Examples for every body in the API's document, put together from the examples of its fields: so
//! that a field is described once, and no route is without an example or has a stale one.

use domain::ids::*;
use serde_json::{Map, Value, json};

/// How deep shapes nest; a shape that contains itself ends here.
const DEPTH: usize = 12;
/// Words in one language.
const WORDS: &str = "Ramen";
/// Where a field says nothing of itself.
const PLACEHOLDER: &str = "text";

/// Gives each request and each answer of the document an example, where it has none of its own.
/// A field that nothing is known about is [`PLACEHOLDER`], which a test looks for.
pub(super) fn add(document: &mut Value) {
    let whole = document.clone();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (_, methods) in paths.into_iter().flatten() {
        for (_, route) in methods.as_object_mut().into_iter().flatten() {
            let Some(route) = route.as_object_mut() else { continue };
            if let Some(body) = route.get_mut("requestBody") {
                fill(&whole, body);
            }
            let answers = route.get_mut("responses").and_then(Value::as_object_mut);
            for (_, answer) in answers.into_iter().flatten() {
                fill(&whole, answer);
            }
        }
    }
}

fn fill(whole: &Value, body: &mut Value) {
    let contents = body.get_mut("content").and_then(Value::as_object_mut);
    for (media, content) in contents.into_iter().flatten() {
        let Some(content) = content.as_object_mut() else { continue };
        let has_one = content.contains_key("example") || content.contains_key("examples");
        if has_one || !media.ends_with("json") {
            continue;
        }
        if let Some(schema) = content.get("schema") {
            let example = Sketch { whole }.of(schema, "", 0);
            content.insert("example".to_owned(), example);
        }
    }
}

/// Puts examples together.
#[derive(Clone, Copy)]
struct Sketch<'a> {
    whole: &'a Value,
}

impl Sketch<'_> {
    /// An example of a schema; `name` says which field it is, which is enough for ids.
    fn of(self, schema: &Value, name: &str, depth: usize) -> Value {
        if depth > DEPTH {
            return Value::Null;
        }
        if let Some(given) = given(schema) {
            return given;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let found = self.whole.pointer(reference.trim_start_matches('#'));
            return found.map_or(Value::Null, |found| self.of(found, name, depth + 1));
        }
        for several in ["oneOf", "anyOf"] {
            if let Some(choices) = schema.get(several).and_then(Value::as_array) {
                let some = choices.iter().find(|choice| choice["type"] != "null");
                return some.map_or(Value::Null, |some| self.of(some, name, depth + 1));
            }
        }
        if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
            let parts = parts.iter().map(|part| self.of(part, name, depth + 1));
            let members = parts.filter_map(|part| part.as_object().cloned()).flatten();
            return Value::Object(members.collect());
        }
        match type_of(schema) {
            "object" => self.object(schema, depth),
            "array" => {
                let one = name.trim_end_matches('s');
                let item = schema.get("items");
                item.map_or(json!([]), |item| json!([self.of(item, one, depth + 1)]))
            }
            "integer" => schema.get("minimum").cloned().unwrap_or(json!(1)),
            "number" => json!(1.5),
            "boolean" => json!(true),
            "string" => text(schema, name),
            _ => Value::Null,
        }
    }

    fn object(self, schema: &Value, depth: usize) -> Value {
        let mut members = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            members.insert(name.clone(), self.of(property, name, depth + 1));
        }
        let others = schema.get("additionalProperties").filter(|others| others.is_object());
        if let Some(others) = others {
            // What has free names is words by language; what is not says so itself.
            let words = type_of(others) == "string";
            let other = if words { json!(WORDS) } else { self.of(others, "", depth + 1) };
            members.insert("en".to_owned(), other);
        }
        Value::Object(members)
    }
}

fn text(schema: &Value, name: &str) -> Value {
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => json!("2026-03-02T18:30:00.000Z"),
        Some("date") => json!("2026-12-24"),
        Some(_) | None => json!(id(name).unwrap_or_else(|| PLACEHOLDER.to_owned())),
    }
}

/// The example that a schema has itself.
fn given(schema: &Value) -> Option<Value> {
    if let Some(example) = schema.get("example").or(schema.get("const")) {
        return Some(example.clone());
    }
    let first = |key: &str| schema.get(key)?.as_array()?.first().cloned();
    first("examples").or_else(|| first("enum"))
}

/// The type of a schema, of which null may be one.
fn type_of(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(name) => name,
        Value::Array(names) => {
            names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            if schema.get("properties").is_some() { "object" } else { "" }
        }
    }
}

/// An id as the field of this name has one.
fn id(name: &str) -> Option<String> {
    macro_rules! ids {
        ($($suffix:literal $id:ident,)*) => {
            $(if name.ends_with($suffix) {
                return Some($id::derive(CityNumber(1), &[b"example"]).to_string());
            })*
        };
    }
    ids! {
        "account_id" AccountId, "customer_id" AccountId, "actor" AccountId,
        "address_id" AddressId, "payment_method_id" PaymentMethodId,
        "restaurant_id" RestaurantId, "dish_id" DishId, "option_group_id" OptionGroupId,
        "option_id" OptionId, "category_id" CategoryId, "quote_id" QuoteId, "order_id" OrderId,
        "payment_id" PaymentId, "refund_id" RefundId, "delivery_id" DeliveryId,
        "offer_id" OfferId, "courier_id" CourierId, "session_id" SessionId,
        "rating_id" RatingId, "closing_id" ClosingId, "coupon_id" CouponId, "zone_id" ZoneId,
        "claim_id" ClaimId, "case_id" CaseId, "by" AccountId,
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_put_together_from_its_fields() {
        let mut document = json!({
            "paths": {"/a": {"post": {
                "requestBody": {"content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/A"}}}},
                "responses": {"200": {"content": {"application/json": {
                    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/A"}}}}}}
            }}},
            "components": {"schemas": {"A": {"type": "object", "properties": {
                "order_ids": {"type": "array", "items": {"type": "string"}},
                "at": {"type": ["string", "null"], "format": "date-time"},
                "count": {"type": "integer", "minimum": 3},
                "state": {"type": "string", "enum": ["open", "busy"]},
                "name": {"type": "string"},
            }}}},
        });
        add(&mut document);
        let example = &document["paths"]["/a"]["post"]["requestBody"]["content"];
        let example = &example["application/json"]["example"];
        assert_eq!(example["count"], 3);
        assert_eq!((&example["state"], &example["name"]), (&json!("open"), &json!("text")));
        assert!(example["order_ids"][0].as_str().unwrap().parse::<OrderId>().is_ok());
        let answers = &document["paths"]["/a"]["post"]["responses"]["200"]["content"];
        assert_eq!(answers["application/json"]["example"][0], *example);
    }
}
