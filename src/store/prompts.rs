//! What was sent from a directory, kept to be sent again: a file of lines for each directory.
//!
//! Lines are only appended, each in one write, under a lock that is held for that long: several processes
//! may write at once. A file that has grown too long is written anew with its latest lines under the same
//! lock and takes the place of the old one. A line that is torn or damaged is passed over. What begins
//! with a blank is not kept, as in a shell.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{encode_cwd, lease};
use crate::ai::Millis;

/// Bytes after which a file is cut down, and to how many.
const LONGEST: u64 = 4 << 20;
const KEPT: u64 = 2 << 20;

/// A longer prompt is not kept: it is in its session.
const LONGEST_PROMPT: usize = 256 << 10;

/// How often the file may be exchanged by others while it is opened.
const TRIES: usize = 5;

/// The prompts of directories.
#[derive(Debug, Clone)]
pub struct Prompts {
    folder: PathBuf,
    is_kept: bool,
}

#[derive(Serialize, Deserialize)]
struct Line {
    time: Millis,
    /// Two directories may have one file: not every character can be in its name.
    cwd: String,
    text: String,
}

impl Prompts {
    /// Prompts in this folder. Touches nothing yet.
    pub fn new(folder: PathBuf) -> Self {
        Prompts {
            folder,
            is_kept: true,
        }
    }

    /// The same, but nothing is kept.
    pub fn read_only(self) -> Self {
        Prompts {
            is_kept: false,
            ..self
        }
    }

    /// Whether anything was ever kept for a directory.
    pub fn knows(&self, cwd: &Path) -> bool {
        self.file(cwd).exists()
    }

    /// The latest prompts of a directory, at most so many, oldest first.
    pub fn latest(&self, cwd: &Path, most: usize) -> Vec<String> {
        let Ok(bytes) = File::open(self.file(cwd)).and_then(|mut file| tail(&mut file, LONGEST))
        else {
            return Vec::new();
        };
        let cwd = cwd.to_string_lossy();
        let lines = bytes.split(|byte| *byte == b'\n').rev();
        let lines = lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok());
        let mut prompts: Vec<String> = lines
            .filter(|line| line.cwd == cwd)
            .map(|line| line.text)
            .take(most)
            .collect();
        prompts.reverse();
        prompts
    }

    /// Keeps prompts of a directory, in this order.
    pub fn keep(&self, cwd: &Path, time: Millis, texts: &[String]) -> io::Result<()> {
        let fits = |text: &&String| {
            let is_private = text.starts_with(' ') || text.trim().is_empty();
            !is_private && text.len() <= LONGEST_PROMPT
        };
        let mut bytes = Vec::new();
        for text in texts.iter().filter(fits) {
            let line = Line {
                time,
                cwd: cwd.to_string_lossy().into_owned(),
                text: text.clone(),
            };
            serde_json::to_writer(&mut bytes, &line)?;
            bytes.push(b'\n');
        }
        if bytes.is_empty() || !self.is_kept {
            return Ok(());
        }
        make_dir(&self.folder)?;
        let path = self.file(cwd);
        let mut file = open(&path)?;
        if is_torn(&mut file)? {
            bytes.insert(0, b'\n');
        }
        file.write_all(&bytes)?;
        if file.metadata()?.len() > LONGEST {
            shorten(&mut file, &path)?;
        }
        Ok(())
    }

    fn file(&self, cwd: &Path) -> PathBuf {
        self.folder.join(format!("{}.jsonl", encode_cwd(cwd)))
    }
}

/// The file, locked and still the one that has this name.
fn open(path: &Path) -> io::Result<File> {
    for _ in 0..TRIES {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        // Where there are no locks, an append is whole all the same.
        let _ = file.lock();
        if lease::is_same(&file, path) {
            return Ok(file);
        }
    }
    Err(io::Error::other("the file is exchanged all the time"))
}

/// Whether the last line was not written to its end.
fn is_torn(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// The whole lines among the last bytes.
fn tail(file: &mut File, most: u64) -> io::Result<Vec<u8>> {
    let start = file.metadata()?.len().saturating_sub(most);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    if start > 0 {
        let first = memchr::memchr(b'\n', &bytes).map_or(bytes.len(), |newline| newline + 1);
        bytes.drain(..first);
    }
    Ok(bytes)
}

/// Puts a file with the latest lines in the place of a long one, whose lock is held.
fn shorten(file: &mut File, path: &Path) -> io::Result<()> {
    let bytes = tail(file, KEPT)?;
    let neighbour = path.with_extension(format!("{}.new", Uuid::new_v4().simple()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(&neighbour)
        .and_then(|mut new| new.write_all(&bytes))
        .and_then(|()| fs::rename(&neighbour, path));
    if written.is_err() {
        let _ = fs::remove_file(&neighbour);
    }
    written
}

fn make_dir(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(prompts: &Prompts, cwd: &str, texts: &[&str]) {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        prompts.keep(Path::new(cwd), 1, &texts).unwrap();
    }

    fn latest(prompts: &Prompts, cwd: &str) -> Vec<String> {
        prompts.latest(Path::new(cwd), 100)
    }

    #[test]
    fn a_directory_has_its_own_prompts_the_latest_at_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let prompts = Prompts::new(dir.path().join("history"));
        assert!(!prompts.knows(Path::new("/a/b")));
        keep(&prompts, "/a/b", &["one\nof two lines"]);
        keep(&prompts, "/a/b", &["two"]);
        // The same file.
        keep(&prompts, "/a-b", &["other"]);
        assert_eq!(latest(&prompts, "/a/b"), ["one\nof two lines", "two"]);
        assert_eq!(latest(&prompts, "/a-b"), ["other"]);
        assert_eq!(prompts.latest(Path::new("/a/b"), 1), ["two"]);
        assert!(prompts.knows(Path::new("/a/b")));
        keep(&prompts.clone().read_only(), "/a/b", &["three"]);
        assert_eq!(latest(&prompts, "/a/b").len(), 2);
    }

    #[test]
    fn what_begins_with_a_blank_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let prompts = Prompts::new(dir.path().join("history"));
        keep(&prompts, "/a", &[" export KEY=secret", "\n", ""]);
        assert!(!dir.path().join("history").exists());
    }

    #[test]
    fn damage_costs_the_damaged_lines_alone() {
        let dir = tempfile::tempdir().unwrap();
        let prompts = Prompts::new(dir.path().to_path_buf());
        keep(&prompts, "/a", &["one", "two"]);
        let file = prompts.file(Path::new("/a"));
        let mut bytes = fs::read(&file).unwrap();
        bytes.truncate(bytes.len() - 4);
        bytes.splice(0..0, *b"\xff{\n{}\n");
        fs::write(&file, bytes).unwrap();
        keep(&prompts, "/a", &["three"]);
        assert_eq!(latest(&prompts, "/a"), ["one", "three"]);
    }

    #[test]
    fn a_long_file_keeps_its_latest_lines_while_many_write() {
        let dir = tempfile::tempdir().unwrap();
        let prompts = Prompts::new(dir.path().to_path_buf());
        let filler = "x".repeat(200 << 10);
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (prompts, filler) = (prompts.clone(), filler.clone());
                std::thread::spawn(move || {
                    for number in 0..10 {
                        keep(&prompts, "/a", &[&format!("{writer} {number} {filler}")]);
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        let file = prompts.file(Path::new("/a"));
        assert!(file.metadata().unwrap().len() <= LONGEST);
        let found = latest(&prompts, "/a");
        assert!(found.len() >= 9, "{}", found.len());
        // The last of at least one writer is there, and each one's are in its order.
        assert!(found.iter().any(|text| text.split(' ').nth(1) == Some("9")));
        for writer in 0..4 {
            let own = found.iter().filter_map(|text| {
                let (who, rest) = text.split_once(' ')?;
                let number = rest.split(' ').next()?.parse::<u32>().ok()?;
                (who == writer.to_string()).then_some(number)
            });
            assert!(own.collect::<Vec<_>>().is_sorted());
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn prompts_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let prompts = Prompts::new(dir.path().join("history"));
        keep(&prompts, "/a", &["secret"]);
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir.path().join("history")), 0o700);
        assert_eq!(mode(&prompts.file(Path::new("/a"))), 0o600);
    }
}
