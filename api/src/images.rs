//! Pictures.

use domain::image::ImageHash;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Widths at which a picture is kept, in pixels. One that was narrower is not blown up: a wider
/// address then shows it as it is.
pub const WIDTHS: [u32; 3] = [320, 640, 1280];

/// A picture for everybody. Its addresses never change what they show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Picture {
    #[schema(value_type = String, example = "8f14e45fceea167a5a36dedd4bea2543")]
    pub hash: ImageHash,
    /// From narrow to wide; relative to any node.
    pub urls: Vec<PictureUrl>,
}

/// A picture at one width.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct PictureUrl {
    /// At most so many pixels.
    #[schema(example = 640)]
    pub width: u32,
    #[schema(example = "/img/8f14e45fceea167a5a36dedd4bea2543-640.jpg")]
    pub url: String,
}

impl Picture {
    /// Where a picture is to be found, if it is not private.
    pub fn of(hash: ImageHash) -> Self {
        let url = |width| PictureUrl { width, url: format!("/img/{hash}-{width}.jpg") };
        Self { hash, urls: WIDTHS.map(url).into() }
    }
}

/// The answer to `POST /v1/images`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct PictureTaken {
    /// What to call it in menus and claims.
    #[schema(value_type = String, example = "8f14e45fceea167a5a36dedd4bea2543")]
    pub hash: ImageHash,
    /// Whether only those whom it concerns may see it.
    pub private: bool,
    /// Nothing if it is private.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}
