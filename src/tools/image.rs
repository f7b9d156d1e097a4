//! Pictures for the model: told by their content, turned upright and made small enough for any vendor
//! when they are not already.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// Pixels on the longer side.
const MAX_SIDE: u32 = 2000;
/// Bytes of base64, under the 5 MB that vendors allow.
const MAX_ENCODED: usize = 4_718_592;
/// Memory that decoding may take: a hostile picture can claim to be any size.
const MAX_DECODED: u64 = 512 * 1024 * 1024;
const QUALITIES: [u8; 5] = [80, 85, 70, 55, 40];

/// A picture ready to send.
pub(super) struct Picture {
    pub base64: String,
    pub mime_type: &'static str,
    /// Width and height in the file and as sent, when they differ.
    pub resized: Option<((u32, u32), (u32, u32))>,
}

/// The type of the picture that begins with `start`, if it is one that models take.
pub(super) fn mime_type(start: &[u8]) -> Option<&'static str> {
    match start {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some("image/webp"),
        _ => None,
    }
}

/// The picture as it is.
pub(super) fn unchanged(bytes: &[u8], mime_type: &'static str) -> Picture {
    Picture {
        base64: STANDARD.encode(bytes),
        mime_type,
        resized: None,
    }
}

/// The picture, smaller if it must be. `None` when it is damaged or cannot be made small enough: a
/// picture that a vendor refuses would spoil every later request of the conversation.
pub(super) fn fitted(bytes: &[u8], mime_type: &'static str) -> Option<Picture> {
    let picture = decode(bytes, mime_type)?;
    let size @ (width, height) = (picture.width(), picture.height());
    let encoded = bytes.len().div_ceil(3) * 4;
    if width <= MAX_SIDE && height <= MAX_SIDE && encoded < MAX_ENCODED {
        return Some(unchanged(bytes, mime_type));
    }
    let mut target = within(size, MAX_SIDE);
    loop {
        let smaller = picture.resize_exact(target.0, target.1, FilterType::Lanczos3);
        if let Some((base64, mime_type)) = encode(&smaller) {
            return Some(Picture {
                base64,
                mime_type,
                resized: Some((size, target)),
            });
        }
        if target == (1, 1) {
            return None;
        }
        target = (three_quarters(target.0), three_quarters(target.1));
    }
}

fn decode(bytes: &[u8], mime_type: &str) -> Option<DynamicImage> {
    let format = ImageFormat::from_mime_type(mime_type)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let orientation = decoder.orientation().ok()?;
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(picture)
}

fn within((width, height): (u32, u32), side: u32) -> (u32, u32) {
    let longer = width.max(height).max(1);
    if longer <= side {
        return (width, height);
    }
    let scaled = |length: u32| {
        let length = f64::from(length) * f64::from(side) / f64::from(longer);
        (length.round() as u32).max(1)
    };
    (scaled(width), scaled(height))
}

fn three_quarters(length: u32) -> u32 {
    (u64::from(length) * 3 / 4).max(1) as u32
}

/// Without loss if that is small enough, else as a JPEG that is.
fn encode(picture: &DynamicImage) -> Option<(String, &'static str)> {
    let mut png = Cursor::new(Vec::new());
    if picture.write_to(&mut png, ImageFormat::Png).is_ok() {
        let base64 = STANDARD.encode(png.into_inner());
        if base64.len() < MAX_ENCODED {
            return Some((base64, "image/png"));
        }
    }
    let opaque = DynamicImage::ImageRgb8(picture.to_rgb8());
    QUALITIES.iter().find_map(|&quality| {
        let mut jpeg = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, quality);
        opaque.write_with_encoder(encoder).ok()?;
        let base64 = STANDARD.encode(&jpeg);
        (base64.len() < MAX_ENCODED).then_some((base64, "image/jpeg"))
    })
}
