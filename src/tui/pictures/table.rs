//! Pictures by number, and what the terminal has of them.
//!
//! One table for the process: a number stands in a colour, where nothing can go along that says whose
//! it is. Old pictures give way to new ones.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Cursor;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::describe::pixels;

/// Base64 kept at once.
pub(super) const MOST_BYTES: usize = 48 * 1024 * 1024;
/// Larger pictures are not decoded to be shown.
const MOST_PIXELS: u64 = 40_000_000;

/// Columns and rows.
pub(super) type Size = (usize, usize);

#[derive(Default)]
struct Table {
    /// Numbers by what is shown.
    numbers: HashMap<u64, u32>,
    pictures: HashMap<u32, Picture>,
    last: u32,
}

struct Picture {
    key: u64,
    pixels: (u32, u32),
    /// A PNG; none while it is made, or when it cannot be.
    png: Option<Arc<str>>,
    /// Where it stands, and the size that the terminal knows of.
    size: Size,
    sent: Option<Size>,
}

/// What the terminal is to be told.
pub(super) enum Tell {
    Picture(Arc<str>, Size),
    Size(Size),
}

/// Locked for one look or one entry.
static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);
static REVISION: AtomicU64 = AtomicU64::new(0);

fn table() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number that grows when a picture can be shown that could not before.
pub fn revision() -> u64 {
    REVISION.load(Ordering::Relaxed)
}

/// There is something to paint that there was not.
pub(super) fn revise() {
    REVISION.fetch_add(1, Ordering::Relaxed);
}

/// The terminal may have lost what it was sent.
pub fn forget_sent() {
    for picture in table().pictures.values_mut() {
        picture.sent = None;
    }
}

/// Whether this can be base64 of a picture that is not too large to keep.
pub(super) fn is_base64(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    text.len() <= MOST_BYTES / 4 && text.bytes().all(is_part)
}

/// Whether a picture of this size is decoded to be shown.
pub(super) fn is_decodable((width, height): (u32, u32)) -> bool {
    u64::from(width) * u64::from(height) <= MOST_PIXELS
}

/// The size and number of a picture that can be shown. One that is no PNG is made into one, on another
/// thread, which then calls `on_ready`.
pub(super) fn ready(
    base64: &str,
    on_ready: &Arc<dyn Fn() + Send + Sync>,
) -> Option<((u32, u32), u32)> {
    let mut hasher = DefaultHasher::new();
    base64.hash(&mut hasher);
    let key = hasher.finish();
    let mut table = table();
    if let Some(number) = table.numbers.get(&key) {
        let picture = table.pictures.get(number)?;
        picture.png.as_ref()?;
        return Some((picture.pixels, *number));
    }
    if !is_base64(base64) {
        return None;
    }
    let pixels = pixels(base64)?;
    let is_png = base64.starts_with("iVBORw0KGgo");
    let number = table.add(key, pixels, is_png.then(|| base64.into()));
    if is_png {
        return Some((pixels, number));
    }
    if is_decodable(pixels) {
        let (base64, on_ready) = (base64.to_owned(), on_ready.clone());
        std::thread::spawn(move || {
            if let Some(png) = as_png(&base64) {
                self::table().finish(number, png);
                revise();
                on_ready();
            }
        });
    }
    None
}

/// The picture stands somewhere in this size.
pub(super) fn place(number: u32, size: Size) {
    if let Some(picture) = table().pictures.get_mut(&number) {
        picture.size = size;
    }
}

/// What the terminal is to be told before the picture is there, if anything; it is told then.
pub(super) fn untold(number: u32) -> Option<Tell> {
    let mut table = table();
    let picture = table.pictures.get_mut(&number)?;
    let before = picture.sent.replace(picture.size);
    match before {
        Some(size) if size == picture.size => None,
        Some(_) => Some(Tell::Size(picture.size)),
        None => Some(Tell::Picture(picture.png.clone()?, picture.size)),
    }
}

impl Table {
    fn add(&mut self, key: u64, pixels: (u32, u32), png: Option<Arc<str>>) -> u32 {
        // A colour has 24 bits.
        self.last = (self.last % 0xff_ffff) + 1;
        let picture = Picture {
            key,
            pixels,
            png,
            size: (1, 1),
            sent: None,
        };
        self.numbers.insert(key, self.last);
        self.pictures.insert(self.last, picture);
        self.shrink();
        self.last
    }

    fn finish(&mut self, number: u32, png: String) {
        if let Some(picture) = self.pictures.get_mut(&number) {
            picture.png = Some(png.into());
        }
        self.shrink();
    }

    fn shrink(&mut self) {
        let size = |picture: &Picture| picture.png.as_ref().map_or(0, |png| png.len());
        let mut bytes: usize = self.pictures.values().map(size).sum();
        while bytes > MOST_BYTES {
            let Some(oldest) = self.pictures.keys().min().copied() else {
                return;
            };
            if let Some(picture) = self.pictures.remove(&oldest) {
                bytes -= size(&picture);
                self.numbers.remove(&picture.key);
            }
        }
    }
}

fn as_png(base64: &str) -> Option<String> {
    let picture = image::load_from_memory(&STANDARD.decode(base64).ok()?).ok()?;
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).ok()?;
    Some(STANDARD.encode(png.into_inner()))
}
