//! What all sessions of a day have spent, in one small file that all processes add to.
//!
//! `{"day": "2026-11-21", "usd": 1.25, "tokens": 41200, "seconds": 340.5}`: of one day only; the first
//! addition of another day begins anew. The file is changed under its own lock, which the system takes
//! back from whoever dies.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::budget::Sums;
use super::problem::Problem;

/// How long to wait for another process in all, and between two tries.
const PATIENCE: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_millis(2);
/// No file of ours is longer.
const MAX_SIZE: u64 = 4096;

/// The file, and which day it is.
pub struct DayBook {
    file: PathBuf,
    today: Box<dyn Fn() -> String + Send + Sync>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Page {
    day: String,
    usd: f64,
    tokens: u64,
    seconds: f64,
}

impl DayBook {
    /// A book in `file`; `today` names the day.
    pub fn new(file: PathBuf, today: impl Fn() -> String + Send + Sync + 'static) -> Self {
        DayBook {
            file,
            today: Box::new(today),
        }
    }

    /// Adds to today's sums and returns them. Blocks for as long as another process holds the lock, at
    /// most half a second.
    pub fn add(&self, spent: Sums) -> Result<Sums, Problem> {
        self.change(spent)
            .map_err(|error| Problem::new(&self.file, format!("cannot be written: {error}")))
    }

    fn change(&self, spent: Sums) -> io::Result<Sums> {
        if let Some(directory) = self.file.parent() {
            std::fs::create_dir_all(directory)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&self.file)?;
        lock(&file)?;
        let mut text = String::new();
        // What cannot be read counts as an empty page.
        let _ = (&mut file).take(MAX_SIZE).read_to_string(&mut text);
        let today = (self.today)();
        // Who died before cutting the file to its new length has left the old end behind the line.
        let line = text.lines().next().unwrap_or_default();
        let page: Page = serde_json::from_str(line).unwrap_or_default();
        let mut sums = Sums::default();
        if page.day == today {
            sums = Sums {
                usd: page.usd.max(0.0),
                tokens: page.tokens,
                time: Duration::try_from_secs_f64(page.seconds).unwrap_or_default(),
            };
        }
        if spent == Sums::default() {
            return Ok(sums);
        }
        sums.add(&spent);
        let page = Page {
            day: today,
            usd: sums.usd,
            tokens: sums.tokens,
            seconds: sums.time.as_secs_f64(),
        };
        let mut line = serde_json::to_vec(&page)?;
        line.push(b'\n');
        file.seek(SeekFrom::Start(0))?;
        // One write of a few bytes: nobody who dies leaves half of it.
        file.write_all(&line)?;
        file.set_len(line.len() as u64)?;
        Ok(sums)
    }
}

fn lock(file: &File) -> io::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            // Some network file systems have no locks.
            Err(TryLockError::Error(_)) => return Ok(()),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "another process holds its lock",
                ));
            }
            Err(TryLockError::WouldBlock) => sleep(PAUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn tokens(tokens: u64) -> Sums {
        Sums {
            usd: 0.25,
            tokens,
            time: Duration::from_millis(1500),
        }
    }

    #[test]
    fn a_day_adds_up_and_the_next_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("agent/budget.json");
        let day = Arc::new(AtomicU32::new(21));
        let today = day.clone();
        let now = move || format!("2026-11-{}", today.load(Ordering::Relaxed));
        let book = DayBook::new(file.clone(), now);
        assert_eq!(book.add(Sums::default()).unwrap(), Sums::default());
        book.add(tokens(5)).unwrap();
        let sums = book.add(tokens(7)).unwrap();
        assert_eq!((sums.usd, sums.tokens), (0.5, 12));
        assert_eq!(sums.time, Duration::from_secs(3));
        assert_eq!(book.add(Sums::default()).unwrap(), sums);
        day.store(22, Ordering::Relaxed);
        assert_eq!(book.add(tokens(3)).unwrap(), tokens(3));
        std::fs::write(
            &file,
            "\u{0}{not json at all, and longer than a page would be",
        )
        .unwrap();
        assert_eq!(book.add(tokens(4)).unwrap(), tokens(4));
    }

    #[test]
    fn the_end_of_a_longer_page_behind_the_page_does_not_cost_the_day() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("budget.json");
        let book = DayBook::new(file.clone(), || "today".into());
        book.add(tokens(5)).unwrap();
        let page = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{page}0.5}}\n")).unwrap();
        assert_eq!(book.add(tokens(7)).unwrap().tokens, 12);
    }

    #[test]
    fn many_at_once_lose_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let book = || DayBook::new(dir.path().join("budget.json"), || "today".into());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let book = book();
                    for _ in 0..25 {
                        book.add(tokens(1)).unwrap();
                    }
                });
            }
        });
        assert_eq!(book().add(Sums::default()).unwrap().tokens, 100);
    }
}
