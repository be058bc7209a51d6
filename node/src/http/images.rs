//! Pictures: taken from people, and shown under addresses that never change what they show.

use super::auth::{Caller, Person};
use super::error::{Answer, Fail};
use super::menus::is_known;
use super::params::{self, Params};
use super::reading::Reads;
use super::writing::Log;
use crate::pictures::{self, PictureError, Pictures, SeenBy};
use crate::vault::Vault;
use api::codes::Code;
use api::images as shape;
use api::problem::Problem;
use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Command;
use domain::account::OperatorRole;
use domain::image::{Image, ImageHash};
use serde::Deserialize;
use std::sync::Arc;

/// What an upload says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Upload {
    #[serde(default)]
    private: bool,
}

/// The bytes of a picture, of one of the three types.
#[derive(Debug)]
pub(super) struct RawPicture(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for RawPicture {
    type Rejection = Fail;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fail> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let known = ["image/jpeg", "image/png", "image/webp"];
        if !known.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            let rule = "send the picture itself as image/jpeg, image/png or image/webp";
            return Err(Fail::because(Code::MediaTypeUnsupported, rule));
        }
        Bytes::from_request(request, state).await.map(Self).map_err(|refused| {
            if refused.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Fail::because(Code::TooLarge, "a picture has at most 8 MiB")
            } else {
                Fail::because(Code::BodyMalformed, "the body could not be read to its end")
            }
        })
    }
}

impl From<PictureError> for Fail {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::Unreadable => {
                Self::because(Code::MediaTypeUnsupported, error.to_string())
            }
            PictureError::TooLarge => Self::because(Code::TooLarge, error.to_string()),
            PictureError::Busy => {
                Self::because(Code::Shedding, error.to_string()).retry_after_ms(1_000)
            }
            PictureError::Closed(error) => error.into(),
            PictureError::Failed(error) => Self::internal("unpacking a picture", &error),
        }
    }
}

/// Upload a picture
///
/// The picture itself is the body: JPEG, PNG or WebP, up to 8 MiB and 25 million pixels. It is kept
/// upright, without what the camera wrote into it, in widths of 320, 640 and 1280 pixels. The same
/// picture again is the same name. A private one is for a claim, is shown to those whom that
/// concerns, and never under `/img`. What shows a door goes to
/// `/delivery/{id}/order/{order_id}/proof`.
#[utoipa::path(post, path = "/images", tag = "images", security(("bearer" = [])),
    params(("private" = Option<bool>, Query, description = "For a claim")),
    request_body(content = Vec<u8>, content_type = "image/jpeg"),
    responses((status = 201, body = shape::PictureTaken, description = "Kept"),
        (status = 413, body = Problem, description = "Too many bytes or pixels"),
        (status = 415, body = Problem, description = "No picture that can be read"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn upload(
    State(vault): State<Vault>,
    State(pictures): State<Pictures>,
    person: Person,
    log: Log,
    Params(asked): Params<Upload>,
    RawPicture(bytes): RawPicture,
) -> Answer<impl IntoResponse> {
    let (caller, private) = (person.caller, asked.private);
    let seen_by = if private { SeenBy::Owner } else { SeenBy::Everybody };
    let wish = pictures.wish(&vault, caller.account_id(), bytes, seen_by).await?;
    let hash = wish.hash;
    let done = log.propose(caller.actor(), Command::PutImage(Box::new(wish))).await?;
    let picture = (!private).then(|| shape::Picture::of(hash));
    let answer = axum::Json(shape::PictureTaken { hash, private, picture });
    Ok((StatusCode::CREATED, done, answer))
}

/// A picture
///
/// `{hash}-{width}.jpg` with a width of 320, 640 or 1280. Never changes: keep it as long as you
/// like.
#[utoipa::path(get, path = "/img/{name}", tag = "images",
    params(("name" = String, Path, description = "{hash}-{width}.jpg",
        example = "8f14e45fceea167a5a36dedd4bea2543-640.jpg")),
    responses((status = 200, body = Vec<u8>, content_type = "image/jpeg", description = "It"),
        (status = 304, description = "You have it"),
        (status = 404, body = Problem, description = "There is none, or it is private")))]
pub(super) async fn show(
    State(vault): State<Vault>,
    reads: Reads,
    headers: HeaderMap,
    Path(name): Path<String>,
) -> Answer<Response> {
    let unknown = || Fail::new(Code::ImageUnknown);
    let (hash, width) = parse(&name).ok_or_else(unknown)?;
    let tag = format!("\"{hash}-{width}\"");
    let image = found(&reads, hash).await?.filter(|image| !image.private).ok_or_else(unknown)?;
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    if !is_known(&headers, &tag) {
        let file = pictures::file(&vault, &image, width).ok_or_else(unknown)?;
        response = jpeg(file);
    }
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, forever);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// How wide a private picture is wanted.
#[derive(Debug, Deserialize)]
pub(super) struct Wide {
    pub(super) width: Option<u32>,
}

/// A private picture, for who uploaded it
///
/// And for operators. Others see it where it belongs: at the delivery or the claim.
#[utoipa::path(get, path = "/images/{hash}", tag = "images", security(("bearer" = [])),
    params(("hash" = String, Path, description = "From the upload"),
        ("width" = Option<u32>, Query, description = "At most so many pixels; 1280 if absent")),
    responses((status = 200, body = Vec<u8>, content_type = "image/jpeg", description = "It"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn show_to_owner(
    State(vault): State<Vault>,
    person: Person,
    reads: Reads,
    Params(asked): Params<Wide>,
    Path(hash): Path<String>,
) -> Answer<Response> {
    let hash: ImageHash = params::id(&hash, Code::ImageUnknown)?;
    let operator = person.account.operator >= Some(OperatorRole::Support);
    let image = found(&reads, hash).await?;
    let image = image.filter(|image| operator || is_own(&person.caller, image));
    closed(&vault, image.as_deref(), asked.width)
}

fn is_own(caller: &Caller, image: &Image) -> bool {
    image.owner == caller.account_id()
}

/// A picture that is nobody else's business: whoever calls this has asked whether it may be seen.
///
/// # Errors
/// `image_unknown` if there is none, or if it does not open.
pub(super) fn closed(vault: &Vault, image: Option<&Image>, width: Option<u32>) -> Answer<Response> {
    let width = width.unwrap_or(u32::MAX);
    let file = image.and_then(|image| pictures::file(vault, image, width));
    let mut response = jpeg(file.ok_or_else(|| Fail::new(Code::ImageUnknown))?);
    let never = HeaderValue::from_static("private, no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    Ok(response)
}

/// A picture by its name; one that this replica does not know yet is asked of the log.
async fn found(reads: &Reads, hash: ImageHash) -> Answer<Option<Arc<Image>>> {
    if let Some(image) = reads.browsing().await?.view.image(hash)? {
        return Ok(Some(image));
    }
    Ok(reads.newest().await?.view.image(hash)?)
}

fn parse(name: &str) -> Option<(ImageHash, u32)> {
    let (hash, width) = name.strip_suffix(".jpg")?.split_once('-')?;
    let width = width.parse().ok().filter(|width| shape::WIDTHS.contains(width))?;
    let hash: ImageHash = hash.parse().ok()?;
    // One spelling: a cache holds each picture once.
    (name == format!("{hash}-{width}.jpg")).then_some((hash, width))
}

fn jpeg(file: Vec<u8>) -> Response {
    let nosniff = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    ([(header::CONTENT_TYPE, "image/jpeg"), nosniff], file).into_response()
}
