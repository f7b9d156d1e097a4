//! A picture in words.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::ImageReader;

use crate::tools::human_size;

/// Base64 that is looked at for a picture's width and height: they stand near the beginning.
const BEGINNING: usize = 256 * 1024;

/// `image: png 1200×800, 84 KB`
pub fn describe(mime_type: &str, base64: &str) -> String {
    let kind = mime_type.strip_prefix("image/").unwrap_or(mime_type);
    let padding = base64.len() - base64.trim_end_matches('=').len();
    let size = human_size((base64.len() / 4 * 3).saturating_sub(padding) as u64);
    match pixels(base64) {
        Some((width, height)) => format!("image: {kind} {width}×{height}, {size}"),
        None => format!("image: {kind}, {size}"),
    }
}

/// Width and height.
pub(super) fn pixels(base64: &str) -> Option<(u32, u32)> {
    let end = base64.len().min(BEGINNING) / 4 * 4;
    let start = STANDARD.decode(base64.get(..end)?).ok()?;
    let reader = ImageReader::new(Cursor::new(start));
    let pixels = reader.with_guessed_format().ok()?.into_dimensions().ok()?;
    Some(pixels).filter(|(width, height)| *width > 0 && *height > 0)
}
