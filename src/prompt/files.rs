//! The instructions that people leave for agents in files: AGENTS.md or CLAUDE.md, the global one
//! first, then from the root of the file system down to the working directory.

use std::fs;
use std::path::{Path, PathBuf};

/// The names looked for, in this order; one file a directory.
const NAMES: [&str; 4] = ["AGENTS.md", "AGENTS.MD", "CLAUDE.md", "CLAUDE.MD"];

/// A file larger than this is no instruction but an accident; it is reported and left out.
const MAX_BYTES: u64 = 1024 * 1024;

/// A file that the model is told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextFile {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// What it says.
    pub content: String,
}

/// The files that were found, and in words those that could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContextFiles {
    /// In the order in which the model is told.
    pub files: Vec<ContextFile>,
    /// One sentence a file.
    pub warnings: Vec<String>,
}

/// Looks in `agent_dir` and in `cwd` and all directories above it.
pub fn find_context_files(agent_dir: &Path, cwd: &Path) -> ContextFiles {
    let mut found = ContextFiles::default();
    let mut directories: Vec<&Path> = cwd.ancestors().collect();
    directories.push(agent_dir);
    for directory in directories.into_iter().rev() {
        let Some(path) = NAMES
            .iter()
            .map(|name| directory.join(name))
            .find(|path| path.is_file())
        else {
            continue;
        };
        if found.files.iter().any(|file| file.path == path) {
            continue;
        }
        match read_text(&path) {
            Ok(content) => found.files.push(ContextFile { path, content }),
            Err(why) => found
                .warnings
                .push(format!("could not read {}: {why}", path.display())),
        }
    }
    found
}

/// The text of `argument` when it names a file, else `argument` itself.
pub fn text_or_file(argument: &str) -> Result<String, String> {
    let path = Path::new(argument);
    // A prompt is often longer than any path may be, or has line breaks: then it is no path.
    if argument.len() < 4096 && !argument.contains('\n') && path.is_file() {
        return read_text(path).map_err(|why| format!("could not read {}: {why}", path.display()));
    }
    Ok(argument.to_owned())
}

/// The first of `paths` that is a file, read.
pub fn first_file(paths: &[PathBuf]) -> Result<Option<String>, String> {
    match paths.iter().find(|path| path.is_file()) {
        None => Ok(None),
        Some(path) => read_text(path)
            .map(Some)
            .map_err(|why| format!("could not read {}: {why}", path.display())),
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let size = fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > MAX_BYTES {
        return Err(format!(
            "it is {size} bytes long, and instructions may have {MAX_BYTES}"
        ));
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_first_then_from_the_root_down_one_a_directory() {
        let home = tempfile::tempdir().unwrap();
        let agent = home.path().join("agent");
        let inner = home.path().join("project/inner");
        fs::create_dir_all(&agent).unwrap();
        fs::create_dir_all(&inner).unwrap();
        fs::write(agent.join("AGENTS.md"), "global").unwrap();
        fs::write(home.path().join("project/CLAUDE.md"), "outer").unwrap();
        fs::write(inner.join("AGENTS.md"), "inner").unwrap();
        fs::write(inner.join("CLAUDE.md"), "not this one").unwrap();

        let found = find_context_files(&agent, &inner);
        let texts: Vec<&str> = found
            .files
            .iter()
            .map(|file| file.content.as_str())
            .collect();
        assert_eq!(texts, ["global", "outer", "inner"]);
        assert!(found.warnings.is_empty());
    }

    #[test]
    fn a_flag_takes_a_text_or_a_file() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("prompt.md");
        fs::write(&file, "from the file").unwrap();
        assert_eq!(
            text_or_file(&file.display().to_string()),
            Ok("from the file".into())
        );
        assert_eq!(
            text_or_file("You are a pirate."),
            Ok("You are a pirate.".into())
        );
    }
}
