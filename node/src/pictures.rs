//! Pictures: whatever a phone uploads becomes a few small JPEG files, upright, and without a word
//! about who took it and where.
//!
//! A small file can claim to be a huge picture, so its size is read before it is unpacked, and only
//! few are unpacked at a time, away from the threads that answer requests.

use crate::vault::{SealError, Vault};
use domain::ids::{AccountId, OrderId};
use domain::image::{Image, ImageHash, PutImage, Variant};
use domain::limits::IMAGE_BYTES;
use domain::sealed::Sealed;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use sha2::{Digest as _, Sha256};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// The largest upload, in bytes.
pub(crate) const UPLOAD_BYTES: usize = 8 << 20;
/// The largest picture: what phones take, and not what only a scanner or an attacker makes.
const PIXELS: u64 = 25_000_000;
/// The longest side, in pixels.
const SIDE: u32 = 16_384;
/// What one picture may take of memory while it is unpacked, in bytes.
const UNPACKED_BYTES: u64 = 160 << 20;
/// Pictures that are unpacked at a time.
const AT_ONCE: usize = 2;
/// How long an upload waits for its turn.
const TURN_WITHIN: Duration = Duration::from_secs(4);
/// What the widest variant is tried at, until all of them together are small enough.
const QUALITIES: [u8; 4] = [82, 70, 55, 40];

/// Where pictures are made ready. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Pictures {
    turns: Arc<Semaphore>,
}

/// Why an upload was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PictureError {
    /// Neither JPEG nor PNG nor WebP, or a damaged one.
    #[error("this is no JPEG, PNG or WebP picture that can be read")]
    Unreadable,
    /// Too many pixels, or too much in it to be told in few bytes.
    #[error("a picture has at most 25 million pixels, and at most 16384 on a side")]
    TooLarge,
    /// Too many are being made ready already.
    #[error("other pictures are being made ready")]
    Busy,
    /// It cannot be closed.
    #[error(transparent)]
    Closed(#[from] SealError),
    /// The thread that unpacked it is gone.
    #[error("unpacking a picture has failed")]
    Failed(#[source] tokio::task::JoinError),
}

/// Who may see a picture.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SeenBy {
    /// It is of a dish, or a kitchen's door.
    Everybody,
    /// It is closed with the key of whoever uploads it.
    Owner,
    /// It shows that an order came to somebody, whose key closes it: with them it goes.
    Customer(AccountId, OrderId),
}

/// A JPEG at one width.
struct Ready {
    width: u32,
    bytes: Vec<u8>,
}

impl Pictures {
    /// With nothing to do yet.
    pub(crate) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The wish to keep an upload. A private one is closed for whom it concerns, and its name
    /// tells nobody what is in it.
    ///
    /// # Errors
    /// If it is no picture, too large, or if too many are waiting.
    pub(crate) async fn wish(
        &self,
        vault: &Vault,
        owner: AccountId,
        upload: bytes::Bytes,
        seen_by: SeenBy,
    ) -> Result<PutImage, PictureError> {
        let closed_for = match seen_by {
            SeenBy::Everybody => None,
            SeenBy::Owner => Some(owner),
            SeenBy::Customer(customer, _) => Some(customer),
        };
        let hash = name(vault, owner, &upload, seen_by);
        let turn = tokio::time::timeout(TURN_WITHIN, Arc::clone(&self.turns).acquire_owned());
        let Ok(Ok(turn)) = turn.await else {
            return Err(PictureError::Busy);
        };
        let ready = tokio::task::spawn_blocking(move || {
            let ready = make_ready(&upload);
            // Kept until here, also if whoever asked has gone.
            drop(turn);
            ready
        });
        let ready = ready.await.map_err(PictureError::Failed)??;
        let variant = |ready: Ready| {
            let bytes = match closed_for {
                Some(whom) => vault.seal_bytes(whom, &ready.bytes)?,
                None => Sealed(ready.bytes),
            };
            Ok(Variant { width: ready.width, extension: "jpg".to_owned(), bytes })
        };
        let variants = ready.into_iter().map(variant).collect::<Result<_, SealError>>()?;
        let private = closed_for.is_some();
        let closed_for = closed_for.filter(|whom| *whom != owner);
        Ok(PutImage { hash, private, closed_for, variants })
    }
}

/// The file of a picture that fits a width best: the widest that is not wider, or the narrowest
/// there is. Opened, if it is private: whoever calls this has asked whether it may be seen.
pub(crate) fn file(vault: &Vault, image: &Image, width: u32) -> Option<Vec<u8>> {
    let fits = image.variants.iter().rev().find(|variant| variant.width <= width);
    let variant = fits.or(image.variants.first())?;
    if image.private {
        return vault.open_bytes(image.keyed_to(), &variant.bytes);
    }
    Some(variant.bytes.0.clone())
}

/// The name that an upload has, the same each time.
pub(crate) fn name(vault: &Vault, owner: AccountId, upload: &[u8], seen_by: SeenBy) -> ImageHash {
    match seen_by {
        // What is in it.
        SeenBy::Everybody => first_half(Sha256::digest(upload).into()),
        SeenBy::Owner => secret_name(vault, &[&owner.0], upload),
        // Of each order another one, so that it can be dropped with that.
        SeenBy::Customer(_, order_id) => secret_name(vault, &[&owner.0, &order_id.0], upload),
    }
}

/// The name of a private one: nobody can ask whether somebody else has this picture.
fn secret_name(vault: &Vault, of: &[&[u8; 16]], upload: &[u8]) -> ImageHash {
    let content: [u8; 32] = Sha256::digest(upload).into();
    let mut told = b"private picture".to_vec();
    of.iter().for_each(|id| told.extend_from_slice(*id));
    told.extend_from_slice(&content);
    first_half(vault.digest(&told).0)
}

fn first_half(digest: [u8; 32]) -> ImageHash {
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    ImageHash(half)
}

/// Unpacks an upload and makes its widths, at the best quality at which they are few enough bytes.
fn make_ready(upload: &[u8]) -> Result<Vec<Ready>, PictureError> {
    let pictures = widths(unpack(upload)?);
    for quality in QUALITIES {
        let mut ready = Vec::with_capacity(pictures.len());
        for picture in &pictures {
            let mut bytes = Vec::new();
            JpegEncoder::new_with_quality(&mut bytes, quality)
                .encode_image(picture)
                .map_err(|_| PictureError::Unreadable)?;
            ready.push(Ready { width: picture.width(), bytes });
        }
        // Closing a file adds a few bytes to it.
        let bytes: usize = ready.iter().map(|ready| ready.bytes.len() + 64).sum();
        if bytes <= IMAGE_BYTES {
            return Ok(ready);
        }
    }
    Err(PictureError::TooLarge)
}

fn unpack(upload: &[u8]) -> Result<DynamicImage, PictureError> {
    let format = image::guess_format(upload).map_err(|_| PictureError::Unreadable)?;
    let known = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP];
    if !known.contains(&format) {
        return Err(PictureError::Unreadable);
    }
    let mut reader = ImageReader::with_format(Cursor::new(upload), format);
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(UNPACKED_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(PictureError::Unreadable);
    }
    if u64::from(width) * u64::from(height) > PIXELS {
        return Err(PictureError::TooLarge);
    }
    // A picture whose orientation cannot be read is shown as it lies.
    let orientation = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    Ok(picture)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only one of them is about size")]
fn refusal(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooLarge,
        _ => PictureError::Unreadable,
    }
}

/// From narrow to wide, each made of the next wider one; never wider than it came.
fn widths(picture: DynamicImage) -> Vec<RgbImage> {
    let mut made: Vec<RgbImage> = Vec::with_capacity(api::images::WIDTHS.len());
    let own = picture.width();
    let mut wanted: Vec<u32> = api::images::WIDTHS.into_iter().filter(|w| *w < own).collect();
    if wanted.len() < api::images::WIDTHS.len() {
        wanted.push(own);
    }
    let mut widest = picture;
    for width in wanted.into_iter().rev() {
        if width < widest.width() {
            let height = u64::from(widest.height()) * u64::from(width);
            let height = (height / u64::from(widest.width())).max(1);
            let height = u32::try_from(height).unwrap_or(SIDE);
            widest = widest.resize_exact(width, height, FilterType::CatmullRom);
        }
        let flat = on_white(&widest);
        widest = DynamicImage::ImageRgb8(flat.clone());
        made.insert(0, flat);
    }
    made
}

/// A JPEG has no holes: what can be seen through shows white.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let picture = picture.to_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let over = |colour: u8| {
            let mixed = u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from(mixed / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([over(red), over(green), over(blue)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, Rgba, RgbaImage};

    /// Red to the left, blue to the right.
    fn flag(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, _| {
            if x < width / 2 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) }
        })
    }

    fn jpeg(picture: &RgbImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(picture).unwrap();
        bytes
    }

    /// The same with a note of the camera: turn it a quarter to the right.
    fn turned(jpeg: &[u8]) -> Vec<u8> {
        let mut note =
            b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        note.extend_from_slice(b"GPS 43.55,-5.92");
        let length = u16::try_from(note.len() + 2).unwrap().to_be_bytes();
        let mut bytes = jpeg[..2].to_vec();
        bytes.extend_from_slice(&[0xff, 0xe1]);
        bytes.extend_from_slice(&length);
        bytes.extend_from_slice(&note);
        bytes.extend_from_slice(&jpeg[2..]);
        bytes
    }

    fn sizes(upload: &[u8]) -> Vec<(u32, u32)> {
        let ready = make_ready(upload).unwrap();
        let size = |ready: &Ready| {
            let picture = image::load_from_memory(&ready.bytes).unwrap();
            assert_eq!(picture.width(), ready.width);
            (picture.width(), picture.height())
        };
        ready.iter().map(size).collect()
    }

    #[test]
    fn widths_are_made_and_nothing_is_blown_up() {
        assert_eq!(sizes(&jpeg(&flag(1600, 800))), [(320, 160), (640, 320), (1280, 640)]);
        assert_eq!(sizes(&jpeg(&flag(1280, 640))), [(320, 160), (640, 320), (1280, 640)]);
        assert_eq!(sizes(&jpeg(&flag(500, 300))), [(320, 192), (500, 300)]);
        assert_eq!(sizes(&jpeg(&flag(40, 20))), [(40, 20)]);
        assert_eq!(sizes(&jpeg(&flag(2000, 1))), [(320, 1), (640, 1), (1280, 1)]);
    }

    #[test]
    fn what_the_camera_noted_is_followed_and_forgotten() {
        let upload = turned(&jpeg(&flag(400, 200)));
        assert_eq!(sizes(&upload), [(200, 400)]);
        let ready = make_ready(&upload).unwrap();
        let picture = image::load_from_memory(&ready[0].bytes).unwrap().to_rgb8();
        assert!(picture.get_pixel(100, 20).0[0] > 200, "red has come to the top");
        assert!(picture.get_pixel(100, 380).0[2] > 200, "blue to the bottom");
        for word in [&b"Exif"[..], b"GPS"] {
            assert!(upload.windows(word.len()).any(|part| part == word));
            assert!(!ready[0].bytes.windows(word.len()).any(|part| part == word));
        }
    }

    #[test]
    fn three_formats_and_what_can_be_seen_through_is_white() {
        let clear = RgbaImage::from_pixel(64, 64, Rgba([10, 20, 30, 0]));
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let mut upload = Cursor::new(Vec::new());
            DynamicImage::ImageRgba8(clear.clone()).write_to(&mut upload, format).unwrap();
            let ready = make_ready(upload.get_ref()).unwrap();
            let picture = image::load_from_memory(&ready[0].bytes).unwrap().to_rgb8();
            assert!(picture.get_pixel(30, 30).0.iter().all(|colour| *colour > 250), "{format:?}");
        }
    }

    #[test]
    fn a_small_file_that_claims_to_be_huge_is_not_unpacked() {
        let mut upload = jpeg(&flag(64, 64));
        let start = upload.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        for (height, width) in [(16_000_u16, 16_000_u16), (65_000, 65_000), (20_000, 10)] {
            upload[start + 5..start + 7].copy_from_slice(&height.to_be_bytes());
            upload[start + 7..start + 9].copy_from_slice(&width.to_be_bytes());
            assert!(matches!(make_ready(&upload), Err(PictureError::TooLarge)), "{height}");
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let whole = jpeg(&flag(400, 200));
        let mut noise = whole.clone();
        noise[2..40].fill(7);
        let uploads = [&b""[..], b"hello", b"GIF89a\x01\0\x01\0", b"<svg/>", &whole[..20], &noise];
        for upload in uploads {
            assert!(matches!(make_ready(upload), Err(PictureError::Unreadable)));
        }
    }

    #[tokio::test]
    async fn a_private_picture_is_closed_and_has_a_name_of_its_own() {
        let (alice, bob) = (AccountId([1; 16]), AccountId([2; 16]));
        let dir = tempfile::tempdir().unwrap();
        let vault = crate::vault::of_people(dir.path(), &[alice, bob]);
        let pictures = Pictures::new();
        let upload = bytes::Bytes::from(jpeg(&flag(700, 300)));
        let open = pictures.wish(&vault, alice, upload.clone(), SeenBy::Everybody).await.unwrap();
        let closed = pictures.wish(&vault, alice, upload.clone(), SeenBy::Owner).await.unwrap();
        let of_bob = pictures.wish(&vault, bob, upload.clone(), SeenBy::Owner).await.unwrap();
        assert_eq!(open.hash.0[..], Sha256::digest(&upload)[..16]);
        assert_ne!(closed.hash, open.hash);
        assert_ne!(closed.hash, of_bob.hash);
        let again = pictures.wish(&vault, alice, upload.clone(), SeenBy::Owner).await.unwrap();
        assert_eq!(again.hash, closed.hash, "the same upload is the same picture");
        let kept = |wish: PutImage, owner| Image {
            hash: wish.hash,
            owner,
            private: wish.private,
            closed_for: wish.closed_for,
            variants: wish.variants,
            revision: 1,
        };
        let (open, closed) = (kept(open, alice), kept(closed, alice));
        assert_ne!(open.variants[0].bytes, closed.variants[0].bytes);
        for (asked, width) in [(1, 320), (320, 320), (639, 320), (640, 640), (1280, 700)] {
            let seen = file(&vault, &closed, asked).unwrap();
            assert_eq!(Some(&seen), file(&vault, &open, asked).as_ref());
            assert_eq!(image::load_from_memory(&seen).unwrap().width(), width);
        }
        let stolen = Image { owner: bob, ..closed };
        assert_eq!(file(&vault, &stolen, 320), None);

        let shown = |order: u8| SeenBy::Customer(bob, OrderId([order; 16]));
        let of_bobs_door = pictures.wish(&vault, alice, upload.clone(), shown(1)).await.unwrap();
        assert_ne!(of_bobs_door.hash, again.hash);
        let another_time = pictures.wish(&vault, alice, upload, shown(2)).await.unwrap();
        assert_ne!(of_bobs_door.hash, another_time.hash);
        let of_bobs_door = kept(of_bobs_door, alice);
        assert!(file(&vault, &of_bobs_door, 320).is_some());
        let not_alices = Image { closed_for: None, ..of_bobs_door };
        assert_eq!(file(&vault, &not_alices, 320), None, "bob's key alone opens it");
    }
}
