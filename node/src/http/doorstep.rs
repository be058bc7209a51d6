//! At the customer's door: pictures that show something, and attempts to reach somebody.

use super::body::Json;
use super::error::Answer;
use super::params;
use super::steps::Steps;
use api::codes::Code;
use api::deliveries as shape;
use api::problem::Problem;
use api::wire::Done;
use axum::extract::Path;
use axum::response::IntoResponse;
use domain::Command;
use domain::delivery::LogContact;
use domain::ids::OrderId;

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
