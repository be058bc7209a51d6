//! Request bodies: JSON of one shape, with a pointer to what is wrong with it.

use super::cards;
use super::error::Fail;
use crate::vault::Vault;
use api::codes::Code;
use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::{HeaderMap, header};
use domain::sealed::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest `Idempotency-Key`, in bytes.
const KEY_BYTES: usize = 255;

/// A JSON body.
#[derive(Clone, Debug)]
pub(crate) struct Json<T>(pub T);

/// A JSON body that is parsed by its handler, which may know several shapes.
#[derive(Clone, Debug)]
pub(crate) struct Unparsed(pub Bytes);

/// A JSON body that creates something, with the caller's key and the digest of what was said.
#[derive(Clone, Debug)]
pub(crate) struct Keyed<T> {
    /// What was said.
    pub body: T,
    /// The caller's `Idempotency-Key`, if they sent one.
    pub key: Option<String>,
    /// Equal for equal requests, whatever the order of their members.
    pub request: Digest,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Fail;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fail> {
        let bytes = read(request, state).await?;
        parse(&bytes).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for Unparsed {
    type Rejection = Fail;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fail> {
        read(request, state).await.map(Self)
    }
}

impl<S, T> FromRequest<S> for Keyed<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Serialize,
    Vault: FromRef<S>,
{
    type Rejection = Fail;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fail> {
        let key = idempotency_key(request.headers())?;
        let bytes = read(request, state).await?;
        let body: T = parse(&bytes)?;
        // Written again from its shape: one spelling, whatever the order and spacing it came in.
        let canonical = serde_json::to_vec(&body)
            .map_err(|error| Fail::internal("writing a request again", &error))?;
        Ok(Self { body, key, request: Vault::from_ref(state).digest(&canonical) })
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Fail> {
    let kind = request.headers().get(header::CONTENT_TYPE).map(|kind| kind.to_str());
    match kind {
        // No word about the type is taken as JSON: so do most tools.
        None => {}
        Some(Ok(kind)) if is_json(kind) => {}
        Some(_) => {
            return Err(Fail::because(Code::MediaTypeUnsupported, "send application/json"));
        }
    }
    Bytes::from_request(request, state).await.map_err(|refused| {
        if refused.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            Fail::because(Code::TooLarge, "the body is larger than this route takes")
        } else {
            Fail::because(Code::BodyMalformed, "the body could not be read to its end")
        }
    })
}

fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// The caller's `Idempotency-Key`, if they sent one.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Fail> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    let bare = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    let plain = bare.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if bare.is_empty() || bare.len() > KEY_BYTES || !plain {
        let rule = "1 to 255 printable ASCII characters, bare or in quotes";
        return Err(Fail::field(Code::ParamInvalid, "Idempotency-Key", rule));
    }
    Ok(Some(bare.to_owned()))
}

/// Parses a body of a known shape, which is always an object: serde would take a list of the
/// members' values for one.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fail> {
    if let Some(place) = cards::place(bytes) {
        let rule = "holds what looks like a card number; those must never be sent here";
        return Err(Fail::field(Code::FieldInvalid, place, rule));
    }
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(Fail::field(Code::FieldInvalid, "", "is a JSON object, not a list"));
    }
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let pointer = pointer(error.path());
        refusal(pointer, error.inner())
    })?;
    from.end()
        .map_err(|_| Fail::because(Code::BodyMalformed, "something follows the JSON value"))?;
    Ok(parsed)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&escaped(key));
            }
            // The variant of a tagged value is no place in the document.
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// A member's name as a JSON pointer has it.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// serde says in words what happened; the words of the two structural cases are stable.
fn refusal(pointer: String, error: &serde_json::Error) -> Fail {
    use serde_json::error::Category;
    match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => {
            let place = format!("line {}, column {}", error.line(), error.column());
            Fail::because(Code::BodyMalformed, format!("the body is not JSON: {place}"))
        }
        Category::Data => {
            let full = error.to_string();
            let said = full.rsplit_once(" at line ").map_or(full.as_str(), |(said, _)| said);
            let quoted = escaped(said.split('`').nth(1).unwrap_or_default());
            if said.starts_with("unknown field") {
                let pointer = if pointer.ends_with(&format!("/{quoted}")) {
                    pointer
                } else {
                    format!("{pointer}/{quoted}")
                };
                Fail::field(Code::FieldUnknown, pointer, "this route knows no such member")
            } else if said.starts_with("missing field") {
                Fail::field(Code::FieldInvalid, format!("{pointer}/{quoted}"), "is required")
            } else {
                Fail::field(Code::FieldInvalid, pointer, said)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Outer {
        lines: Vec<Inner>,
        note: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Inner {
        quantity: u32,
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let bodies = [
            "",
            "{",
            "[1,",
            r#"{"lines":[]} x"#,
            r#"{"lines":[{"quantity":"two"}]}"#,
            r#"{"lines":[{"quantity":-1}]}"#,
            r#"{"lines":[{}]}"#,
            r#"{"lines":[],"price":1}"#,
            r#"{"lines":[{"quantity":1,"a/b":1}]}"#,
            "3",
        ];
        let mut said = String::new();
        for body in bodies {
            let fail = parse::<Outer>(body.as_bytes()).unwrap_err();
            let problem = fail.problem("/x", "r");
            let at = problem.errors.first().map_or("-", |error| error.pointer.as_str());
            said.push_str(&format!("{body:34} {} {at}\n", problem.code));
        }
        expect![[r#"
                                               body_malformed -
            {                                  body_malformed -
            [1,                                field_invalid 
            {"lines":[]} x                     body_malformed -
            {"lines":[{"quantity":"two"}]}     field_invalid /lines/0/quantity
            {"lines":[{"quantity":-1}]}        field_invalid /lines/0/quantity
            {"lines":[{}]}                     field_invalid /lines/0/quantity
            {"lines":[],"price":1}             field_unknown /price
            {"lines":[{"quantity":1,"a/b":1}]} field_unknown /lines/0/a~1b
            3                                  field_invalid 
        "#]]
        .assert_eq(&said);
    }
}
