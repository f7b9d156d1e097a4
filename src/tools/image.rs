//! Pictures for the model: told by their content, turned upright and made small enough for any vendor
//! when they are not already; smaller still where the model's own limits say so.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::ai::model::ImageResize;

/// Pixels on either side.
const MAX_SIDE: u32 = 2000;
/// Bytes of base64, under the 5 MB that vendors allow.
const MAX_ENCODED: usize = 4_718_592;
/// Memory that decoding may take: a hostile picture can claim to be any size.
const MAX_DECODED: u64 = 512 * 1024 * 1024;
/// Tried first, and after it those below.
const QUALITY: u8 = 80;
const QUALITIES: [u8; 4] = [85, 70, 55, 40];

/// A picture ready to send.
pub struct Picture {
    pub base64: String,
    pub mime_type: &'static str,
    /// Width and height in the file and as sent, when they differ.
    pub resized: Option<((u32, u32), (u32, u32))>,
}

/// The type of the picture that begins with `start`, if it is one that models take.
pub fn mime_type(start: &[u8]) -> Option<&'static str> {
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
pub fn unchanged(bytes: &[u8], mime_type: &'static str) -> Picture {
    Picture {
        base64: STANDARD.encode(bytes),
        mime_type,
        resized: None,
    }
}

/// How small a picture has to be.
#[derive(Debug, Clone, Copy)]
struct Frame {
    width: u32,
    height: u32,
    /// Of its base64, which stays below.
    encoded: usize,
    quality: u8,
}

impl Frame {
    fn of(resize: Option<ImageResize>) -> Self {
        let resize = resize.unwrap_or_default();
        let bytes = resize
            .max_bytes
            .map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        Frame {
            width: resize.max_width.unwrap_or(MAX_SIDE).max(1),
            height: resize.max_height.unwrap_or(MAX_SIDE).max(1),
            encoded: bytes.unwrap_or(MAX_ENCODED),
            quality: resize.jpeg_quality.unwrap_or(QUALITY).clamp(1, 100),
        }
    }
}

/// The picture, smaller if it must be: as `resize` says, and where that says nothing as most models
/// want it. `None` when it is damaged or cannot be made small enough: a picture that a vendor refuses
/// would spoil every later request of the conversation.
pub fn fitted(
    bytes: &[u8],
    mime_type: &'static str,
    resize: Option<ImageResize>,
) -> Option<Picture> {
    let frame = Frame::of(resize);
    let picture = decode(bytes, mime_type)?;
    let size @ (width, height) = (picture.width(), picture.height());
    let encoded = bytes.len().div_ceil(3) * 4;
    if width <= frame.width && height <= frame.height && encoded < frame.encoded {
        return Some(unchanged(bytes, mime_type));
    }
    let mut target = within(size, frame);
    loop {
        let smaller = picture.resize_exact(target.0, target.1, FilterType::Lanczos3);
        if let Some((base64, mime_type)) = encode(&smaller, frame) {
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

/// The size with the same proportions that fits.
fn within((width, height): (u32, u32), frame: Frame) -> (u32, u32) {
    let scale = |length: u32, most: u32| f64::from(most) / f64::from(length.max(1));
    let scale = scale(width, frame.width).min(scale(height, frame.height));
    if scale >= 1.0 {
        return (width, height);
    }
    let scaled =
        |length: u32, most: u32| ((f64::from(length) * scale).round() as u32).clamp(1, most);
    (scaled(width, frame.width), scaled(height, frame.height))
}

fn three_quarters(length: u32) -> u32 {
    (u64::from(length) * 3 / 4).max(1) as u32
}

/// Without loss if that is small enough, else as a JPEG that is.
fn encode(picture: &DynamicImage, frame: Frame) -> Option<(String, &'static str)> {
    let mut png = Cursor::new(Vec::new());
    if picture.write_to(&mut png, ImageFormat::Png).is_ok() {
        let base64 = STANDARD.encode(png.into_inner());
        if base64.len() < frame.encoded {
            return Some((base64, "image/png"));
        }
    }
    let opaque = DynamicImage::ImageRgb8(picture.to_rgb8());
    let qualities = std::iter::once(frame.quality).chain(QUALITIES);
    qualities.into_iter().find_map(|quality| {
        let mut jpeg = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, quality);
        opaque.write_with_encoder(encoder).ok()?;
        let base64 = STANDARD.encode(&jpeg);
        (base64.len() < frame.encoded).then_some((base64, "image/jpeg"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(width: u32, height: u32) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let pixels = (0..width * height * 3).map(|_| next()).collect();
        let picture = image::RgbImage::from_raw(width, height, pixels).unwrap();
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).unwrap();
        png.into_inner()
    }

    #[test]
    fn a_picture_is_brought_below_the_bytes_that_a_model_takes() {
        let bytes = noise(120, 80);
        for (max_bytes, mime_type, size) in [
            (1 << 20, "image/png", None),
            (12_000, "image/jpeg", Some((120, 80))),
        ] {
            let resize = ImageResize {
                max_bytes: Some(max_bytes),
                ..ImageResize::default()
            };
            let picture = fitted(&bytes, "image/png", Some(resize)).unwrap();
            assert!((picture.base64.len() as u64) < max_bytes);
            assert_eq!(picture.mime_type, mime_type);
            assert_eq!(picture.resized.map(|(_, shown)| shown), size);
        }
        let nothing = ImageResize {
            max_bytes: Some(1),
            ..ImageResize::default()
        };
        assert!(fitted(&bytes, "image/png", Some(nothing)).is_none());
    }

    #[test]
    fn both_sides_fit_and_keep_their_proportions() {
        let frame = |max_width, max_height| {
            Frame::of(Some(ImageResize {
                max_width,
                max_height,
                ..ImageResize::default()
            }))
        };
        assert_eq!(within((400, 100), frame(Some(100), Some(50))), (100, 25));
        assert_eq!(within((100, 200), frame(Some(100), Some(50))), (25, 50));
        assert_eq!(within((90, 40), frame(Some(100), Some(50))), (90, 40));
        assert_eq!(within((5000, 1), frame(None, None)), (2000, 1));
        assert_eq!(within((1, 1), frame(Some(0), Some(0))), (1, 1));
    }
}
