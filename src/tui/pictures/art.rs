//! A picture made for its cells: as large as they are, and in the form that its protocol sends.

use std::io::Cursor;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{GenericImageView, ImageFormat, RgbaImage, imageops};

use super::cells::Pixels;
use super::protocol::Protocol;
use super::sixel::{Paletted, STRIP};
use super::table::Size;

/// Where a picture for iTerm2 has no more pixels than this, it has twice as many in each direction: cells
/// may be told in points, of which screens have several pixels.
const FINE: u32 = 1_000_000;

/// What is kept of a picture.
#[derive(Debug)]
pub(super) enum Art {
    /// To be sent as sixels.
    Sixels(Paletted),
    /// To be sent as a file: a PNG in base64.
    File(String),
}

impl Art {
    /// The picture in so many columns and rows of such cells; none when it is no picture.
    pub fn of(base64: &str, protocol: Protocol, size: Size, cell: Pixels) -> Option<Art> {
        let picture = image::load_from_memory(&STANDARD.decode(base64).ok()?).ok()?;
        let (columns, rows) = (u32::try_from(size.0).ok()?, u32::try_from(size.1).ok()?);
        let (mut width, mut height) = (columns * cell.0, rows * cell.1);
        let mut room = (width, height);
        match protocol {
            Protocol::Sixel => {
                let strip = STRIP as u32;
                room.1 = (height / strip).max(1) * strip;
            }
            _ if picture.width() > width && width * height <= FINE => {
                (width, height) = (width * 2, height * 2);
                room = (width, height);
            }
            _ => {}
        }
        let fitted = match picture.width() > room.0 || picture.height() > room.1 {
            true => picture.thumbnail(room.0, room.1),
            false => picture,
        };
        let mut canvas = RgbaImage::new(width, height);
        imageops::replace(&mut canvas, &fitted.to_rgba8(), 0, 0);
        match protocol {
            Protocol::Sixel => Some(Art::Sixels(Paletted::of(&canvas))),
            _ => Some(Art::File(file(&canvas)?)),
        }
    }

    /// Bytes that this takes.
    pub fn weight(&self) -> usize {
        match self {
            Art::Sixels(picture) => picture.weight(),
            Art::File(png) => png.len(),
        }
    }

    /// What draws these of its rows.
    pub fn draw(&self, rows: Range<usize>, size: Size, cell: Pixels) -> Option<String> {
        match self {
            Art::Sixels(picture) => {
                let height = cell.1 as usize;
                Some(picture.encode(rows.start * height, rows.len() * height))
            }
            Art::File(png) if rows == (0..size.1) => Some(in_line(png, size)),
            Art::File(png) => Some(in_line(&cut(png, &rows, size.1)?, (size.0, rows.len()))),
        }
    }
}

/// A PNG in base64.
fn file(picture: &RgbaImage) -> Option<String> {
    let mut png = Cursor::new(Vec::new());
    let (fast, filter) = (CompressionType::Fast, FilterType::Adaptive);
    let encoder = PngEncoder::new_with_quality(&mut png, fast, filter);
    picture.write_with_encoder(encoder).ok()?;
    Some(STANDARD.encode(png.into_inner()))
}

/// These of all its rows.
fn cut(png: &str, rows: &Range<usize>, all: usize) -> Option<String> {
    let png = STANDARD.decode(png).ok()?;
    let whole = image::load_from_memory_with_format(&png, ImageFormat::Png).ok()?;
    let (width, height) = whole.dimensions();
    let row = height / u32::try_from(all.max(1)).ok()?;
    let from = u32::try_from(rows.start).ok()? * row;
    let height = u32::try_from(rows.len()).ok()? * row;
    file(&whole.crop_imm(0, from, width, height).to_rgba8())
}

/// iTerm2's picture in line, as wide and high as its cells are.
/// <https://iterm2.com/documentation-images.html>
fn in_line(png: &str, (columns, rows): Size) -> String {
    let padding = png.len() - png.trim_end_matches('=').len();
    let bytes = png.len() / 4 * 3 - padding;
    let place = format!("width={columns};height={rows};preserveAspectRatio=0;doNotMoveCursor=1");
    format!("\x1b]1337;File=inline=1;size={bytes};{place}:{png}\x07")
}
