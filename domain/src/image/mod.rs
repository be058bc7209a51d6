//! Pictures: of dishes and doors for everybody, of proofs and complaints closed.

pub(crate) mod put;

pub use put::PutImage;

use crate::ids::AccountId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A picture's name: the first 16 bytes of the SHA-256 of what was uploaded, so that the same
/// picture is the same name, and a new one is a new address that no cache must forget.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ImageHash(pub [u8; 16]);

/// The text is not 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a picture's name has 32 hexadecimal digits")]
pub struct ImageHashError;

impl fmt::Display for ImageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ImageHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ImageHash {
    type Err = ImageHashError;

    fn from_str(text: &str) -> Result<Self, ImageHashError> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ImageHashError);
        }
        u128::from_str_radix(text, 16).map(|n| Self(n.to_be_bytes())).map_err(|_| ImageHashError)
    }
}

impl TryFrom<String> for ImageHash {
    type Error = ImageHashError;

    fn try_from(text: String) -> Result<Self, ImageHashError> {
        text.parse()
    }
}

impl From<ImageHash> for String {
    fn from(hash: ImageHash) -> Self {
        hash.to_string()
    }
}

/// A picture in all its widths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Its name.
    pub hash: ImageHash,
    /// Who uploaded it first.
    pub owner: AccountId,
    /// Whether only those whom it concerns may see it: its bytes are closed then.
    pub private: bool,
    /// Whose key closes it, if not its owner's: what a courier shows of a door is about whoever
    /// lives there, and goes with them.
    #[serde(default)]
    pub closed_for: Option<AccountId>,
    /// From narrow to wide.
    pub variants: Vec<Variant>,
    /// The entry that wrote it.
    pub revision: u64,
}

impl Image {
    /// Whose key opens it, if it is private.
    pub fn keyed_to(&self) -> AccountId {
        self.closed_for.unwrap_or(self.owner)
    }
}

/// A picture at one width.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// In pixels.
    pub width: u32,
    /// `jpg`, `png` or `webp`.
    pub extension: String,
    /// The file, closed if the picture is private.
    pub bytes: crate::sealed::Sealed,
}

impl fmt::Debug for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} ({} bytes)", self.width, self.extension, self.bytes.0.len())
    }
}
