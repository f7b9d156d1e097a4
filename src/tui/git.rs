//! Which branch a directory is on: read from git's own files, without a process.

use std::fs;
use std::path::{Path, PathBuf};

/// The branch, or the first digits of the commit when there is none; `None` outside a repository.
pub fn branch_of(directory: &Path) -> Option<String> {
    let git = directory
        .ancestors()
        .map(|above| above.join(".git"))
        .find(|git| git.exists())?;
    let head = fs::read_to_string(folder_of(&git)?.join("HEAD")).ok()?;
    let head = head.trim();
    let branch = match head.strip_prefix("ref: refs/heads/") {
        Some(branch) => branch,
        None => head.get(..7)?,
    };
    Some(
        branch
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect(),
    )
}

/// `.git` itself, or where it points to in a worktree or submodule.
fn folder_of(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_path_buf());
    }
    let text = fs::read_to_string(git).ok()?;
    let target = Path::new(text.trim().strip_prefix("gitdir:")?.trim());
    Some(git.parent()?.join(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_a_detached_head_and_a_worktree() {
        let home = tempfile::tempdir().unwrap();
        let project = home.path().join("project");
        fs::create_dir_all(project.join(".git/worktrees/side")).unwrap();
        fs::create_dir_all(project.join("src")).unwrap();
        fs::write(project.join(".git/HEAD"), "ref: refs/heads/feature/x\n").unwrap();
        assert_eq!(
            branch_of(&project.join("src")).as_deref(),
            Some("feature/x")
        );
        fs::write(project.join(".git/HEAD"), "0123456789abcdef\n").unwrap();
        assert_eq!(branch_of(&project).as_deref(), Some("0123456"));
        let side = home.path().join("side");
        fs::create_dir(&side).unwrap();
        fs::write(
            side.join(".git"),
            "gitdir: ../project/.git/worktrees/side\n",
        )
        .unwrap();
        fs::write(
            project.join(".git/worktrees/side/HEAD"),
            "ref: refs/heads/side\n",
        )
        .unwrap();
        assert_eq!(branch_of(&side).as_deref(), Some("side"));
        assert_eq!(branch_of(home.path()), None);
    }
}
