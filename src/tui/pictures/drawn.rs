//! Pictures that are drawn over blank cells: made for the cells that they take, on another thread, and kept
//! for as long as there is room. One table for the process, as for kitty's.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use super::art::Art;
use super::cells::Pixels;
use super::protocol::Protocol;
use super::table::{MOST_BYTES, Size, revise};

#[derive(Default)]
struct Table {
    numbers: HashMap<Key, u32>,
    pictures: HashMap<u32, Picture>,
    last: u32,
}

/// A picture for these cells.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    base64: u64,
    protocol: Protocol,
    size: Size,
    cell: Pixels,
}

struct Picture {
    key: Key,
    /// None while it is made, or when it cannot be.
    art: Option<Arc<Art>>,
}

/// Locked for one look or one entry.
static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);

fn table() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of a picture that can be drawn. One that cannot yet is made ready on another thread, which
/// then calls `on_ready`.
pub(super) fn ready(
    base64: &str,
    protocol: Protocol,
    (size, cell): (Size, Pixels),
    on_ready: &Arc<dyn Fn() + Send + Sync>,
) -> Option<u32> {
    let mut hasher = DefaultHasher::new();
    base64.hash(&mut hasher);
    let key = Key {
        base64: hasher.finish(),
        protocol,
        size,
        cell,
    };
    let mut table = table();
    if let Some(number) = table.numbers.get(&key) {
        let picture = table.pictures.get(number)?;
        return picture.art.is_some().then_some(*number);
    }
    let number = table.add(key);
    let (base64, on_ready) = (base64.to_owned(), on_ready.clone());
    std::thread::spawn(move || {
        if let Some(art) = Art::of(&base64, protocol, size, cell) {
            self::table().finish(number, art);
            revise();
            on_ready();
        }
    });
    None
}

/// The columns and rows of a picture.
pub(super) fn size(number: u32) -> Option<Size> {
    Some(table().pictures.get(&number)?.key.size)
}

/// What draws these rows of a picture, the cursor being where their top left corner is to be.
pub(super) fn drawing(number: u32, rows: Range<usize>) -> Option<String> {
    let found = table().pictures.get(&number).map(|picture| {
        let art = picture.art.clone();
        (art, picture.key.size, picture.key.cell)
    });
    let (art, size, cell) = found?;
    art?.draw(rows, size, cell)
}

impl Table {
    fn add(&mut self, key: Key) -> u32 {
        // A colour has 24 bits.
        self.last = (self.last % 0xff_ffff) + 1;
        self.numbers.insert(key, self.last);
        self.pictures.insert(self.last, Picture { key, art: None });
        self.last
    }

    fn finish(&mut self, number: u32, art: Art) {
        if let Some(picture) = self.pictures.get_mut(&number) {
            picture.art = Some(Arc::new(art));
        }
        self.shrink(number);
    }

    /// Old pictures give way to this one. Where they stand they are made again when the rows are.
    fn shrink(&mut self, newest: u32) {
        let weight = |picture: &Picture| picture.art.as_ref().map_or(0, |art| art.weight());
        let mut bytes: usize = self.pictures.values().map(weight).sum();
        while bytes > MOST_BYTES {
            let made = self.pictures.iter().filter(|(_, one)| one.art.is_some());
            let oldest = made.map(|(number, _)| *number).min();
            let Some(oldest) = oldest.filter(|oldest| *oldest != newest) else {
                return;
            };
            if let Some(picture) = self.pictures.remove(&oldest) {
                bytes -= weight(&picture);
                self.numbers.remove(&picture.key);
            }
        }
    }
}
