//! Names on disk: the folder of a project's sessions and the file of one session.

use std::path::{Path, PathBuf};

use super::time;

/// The folder name of a working directory: `/home/me/app` is `--home-me-app--`.
pub fn encode_cwd(cwd: &Path) -> String {
    let text = cwd.to_string_lossy();
    let text = text.strip_prefix(['/', '\\']).unwrap_or(&text);
    format!("--{}--", text.replace(['/', '\\', ':'], "-"))
}

/// Where the sessions of `cwd` are, below the folder of all sessions.
pub fn project_dir(sessions: &Path, cwd: &Path) -> PathBuf {
    sessions.join(encode_cwd(cwd))
}

/// The file name of a session that was begun at `timestamp`.
pub(super) fn file_name(timestamp: &str, id: &str) -> String {
    format!("{}_{id}.jsonl", timestamp.replace([':', '.'], "-"))
}

/// The id in a file name of the usual shape; a timestamp there has always 24 characters.
pub(super) fn id_in_name(path: &Path) -> Option<&str> {
    let stem = path.file_name()?.to_str()?.strip_suffix(".jsonl")?;
    let (timestamp, id) = (stem.get(..24)?, stem.get(24..)?);
    timestamp.ends_with('Z').then(|| id.strip_prefix('_'))?
}

/// The time in a file name of the usual shape, as a header has it.
pub(super) fn time_in_name(path: &Path) -> Option<String> {
    id_in_name(path)?;
    let time = path.file_name()?.to_str()?.get(..24)?;
    let (date, clock) = time.split_once('T')?;
    let [hours, minutes, seconds, millis] = clock.split('-').collect::<Vec<_>>()[..] else {
        return None;
    };
    let time = format!("{date}T{hours}:{minutes}:{seconds}.{millis}");
    time::parse(time.as_bytes()).map(|_| time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_as_the_reference_names_them() {
        let name = |cwd: &str| encode_cwd(Path::new(cwd));
        assert_eq!(name("/home/me/app"), "--home-me-app--");
        assert_eq!(name("C:\\Users\\me"), "--C--Users-me--");
        assert_eq!(name("\\\\host\\share"), "---host-share--");
        assert_eq!(name("/"), "----");
    }

    #[test]
    fn id_and_time_are_found_again_in_the_file_name() {
        let name = file_name("2024-12-03T14:00:00.000Z", "my_id");
        assert_eq!(name, "2024-12-03T14-00-00-000Z_my_id.jsonl");
        assert_eq!(id_in_name(Path::new(&name)), Some("my_id"));
        let time = time_in_name(Path::new(&name));
        assert_eq!(time.as_deref(), Some("2024-12-03T14:00:00.000Z"));
        let odd = format!("{}_id.jsonl", "T---------------------Z");
        assert_eq!(time_in_name(Path::new(&odd)), None);
        assert_eq!(id_in_name(Path::new("my_notes.jsonl")), None);
    }
}
