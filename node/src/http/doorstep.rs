//! At the customer's door: pictures that show something, and attempts to reach somebody.

use super::auth::Person;
use super::body::Json;
use super::error::{Answer, Fail};
use super::images::{self, RawPicture, Wide};
use super::orders::visible;
use super::params::{self, Params};
use super::reading::{Read, Reads};
use super::render::Eyes;
use super::steps::Steps;
use crate::pictures::{self, Pictures, SeenBy};
use crate::vault::Vault;
use api::codes::Code;
use api::deliveries as shape;
use api::problem::Problem;
use api::wire::Done;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::Command;
use domain::delivery::{AttachProof, LogContact, Proven};
use domain::ids::{DeliveryId, OrderId};
use domain::image::ImageHash;
use serde::Deserialize;

/// What an upload says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    kind: shape::ProofKind,
    fence: Option<u32>,
}

/// You rang, called or wrote
///
/// Two attempts and 8 minutes at the door, and the customer counts as absent.
#[utoipa::path(post, path = "/delivery/{id}/order/{order_id}/contact", tag = "couriers",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_.. or me"),
        ("order_id" = String, Path, description = "ord_..")),
    request_body = shape::ContactRequest,
    responses((status = 200, body = Done, description = "Taken down, once"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn contact(
    steps: Steps,
    Path(path): Path<(String, String)>,
    Json(body): Json<shape::ContactRequest>,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&path.1, Code::OrderUnknown)?;
    let event_id = steps.event(&body.event_id)?;
    let courier_id = steps.courier.courier_id;
    let wish = LogContact { courier_id, order_id, fence: body.fence, event_id };
    let done = steps.log.propose(steps.courier.caller.actor(), Command::LogContact(wish)).await?;
    Ok((done, axum::Json(Done { index: done.index })))
}

/// A picture that shows it
///
/// A photo of the food at its door, or a signature: the picture itself is the body, JPEG, PNG or
/// WebP. From the pick-up to the last step. Kept for those whom it concerns; another one of the
/// same kind takes its place.
#[utoipa::path(post, path = "/delivery/{id}/order/{order_id}/proof", tag = "couriers",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "cou_.. or me"),
        ("order_id" = String, Path, description = "ord_.."),
        ("kind" = shape::ProofKind, Query, description = "photo or signature"),
        ("fence" = Option<u32>, Query,
            description = "From the assignment; the current one if absent")),
    request_body(content = Vec<u8>, content_type = "image/jpeg"),
    responses((status = 200, body = shape::ProofTaken, description = "Kept, and shown with it"),
        (status = 413, body = Problem, description = "Too many bytes or pixels"),
        (status = 415, body = Problem, description = "No picture that can be read"),
        (status = "default", body = Problem, description = "Refused")))]
pub(super) async fn proof(
    State(pictures): State<Pictures>,
    steps: Steps,
    Path(path): Path<(String, String)>,
    Params(said): Params<Shown>,
    RawPicture(bytes): RawPicture,
) -> Answer<impl IntoResponse> {
    let order_id: OrderId = params::id(&path.1, Code::OrderUnknown)?;
    let courier_id = steps.courier.courier_id;
    let Read { view, .. } = steps.reads.newest().await?;
    let delivery = view.delivery(DeliveryId::of(order_id))?;
    let delivery = delivery.ok_or_else(|| Fail::new(Code::OrderUnknown))?;
    let caller = &steps.courier.caller;
    let seen_by = SeenBy::Customer(delivery.customer_id, order_id);
    let hash = pictures::name(&steps.vault, caller.account_id(), &bytes, seen_by);
    let (photo, signature) = match said.kind {
        shape::ProofKind::Photo => (Some(hash), None),
        shape::ProofKind::Signature => (None, Some(hash)),
    };
    let proven = delivery.proven;
    // What was shown already is said again, whatever has happened since.
    if photo.or(proven.photo) != proven.photo || signature.or(proven.signature) != proven.signature
    {
        // Asked before as well: no picture is unpacked and kept of a delivery that is over.
        delivery.may_show(courier_id, said.fence)?;
        let wish = pictures.wish(&steps.vault, caller.account_id(), bytes, seen_by).await?;
        steps.log.propose(caller.actor(), Command::PutImage(Box::new(wish))).await?;
    }
    let wish = AttachProof { courier_id, order_id, fence: said.fence, photo, signature };
    let done = steps.log.propose(caller.actor(), Command::AttachProof(wish)).await?;
    Ok((done, axum::Json(shape::ProofTaken { index: done.index, hash })))
}

/// What shows that an order came
///
/// For its customer, the courier who has it or brought it, and operators; not for its restaurant.
#[utoipa::path(get, path = "/order/{order_id}/proof/{kind}", tag = "orders",
    security(("bearer" = [])),
    params(("order_id" = String, Path, description = "ord_.."),
        ("kind" = String, Path, description = "photo or signature", example = "photo"),
        ("width" = Option<u32>, Query, description = "At most so many pixels; 1280 if absent")),
    responses((status = 200, body = Vec<u8>, content_type = "image/jpeg", description = "It"),
        (status = "default", body = Problem, description = "There is none, or not for you")))]
pub(super) async fn shown(
    State(vault): State<Vault>,
    person: Person,
    reads: Reads,
    Path((order_id, kind)): Path<(String, String)>,
    Params(asked): Params<Wide>,
) -> Answer<Response> {
    let Read { view, .. } = reads.current().await?;
    let (order, eyes) = visible(&view, &person.account, &order_id)?;
    match eyes {
        Eyes::Customer | Eyes::Operator | Eyes::Courier => {}
        Eyes::Kitchen => {
            return Err(Fail::because(Code::Forbidden, "what is at a door is not the kitchen's"));
        }
    }
    let delivery = view.delivery(DeliveryId::of(order.id))?;
    let hash = delivery.and_then(|delivery| named(&kind, &delivery.proven));
    let image = hash.map(|hash| view.image(hash)).transpose()?.flatten();
    images::closed(&vault, image.as_deref(), asked.width)
}

fn named(kind: &str, proven: &Proven) -> Option<ImageHash> {
    match kind {
        "photo" => proven.photo,
        "signature" => proven.signature,
        _ => None,
    }
}
