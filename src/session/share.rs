//! Sharing: the page, uploaded as a secret gist by GitHub's own program. pi has no credentials for it
//! and asks for none; what is uploaded is deleted here right after.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::command::Reply;
use super::document::Source;
use crate::tools::{Exit, ShellCommand, ShellReport, Workspace, run_shell};

/// How long `gh` may take to say who is logged in, and to upload.
const PATIENCE: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(300)];

/// Uploads the conversation.
pub(super) async fn share(
    source: &Source,
    workspace: &dyn Workspace,
    redact: bool,
    stop: CancellationToken,
) -> Reply {
    match upload(source, workspace, redact, stop).await {
        Ok(gist) => {
            let id = gist.rsplit('/').next().unwrap_or_default();
            let viewer = format!("{}#{id}", source.exports.viewer);
            Reply::Shared { gist, viewer }
        }
        Err(why) => Reply::Refused(why),
    }
}

async fn upload(
    source: &Source,
    workspace: &dyn Workspace,
    redact: bool,
    stop: CancellationToken,
) -> Result<String, String> {
    let [to_ask, to_upload] = PATIENCE;
    let asked = run(workspace, "gh auth status".into(), to_ask, &stop).await?;
    match asked.exit {
        Exit::Code(0) => {}
        Exit::Code(126 | 127) => {
            return Err(
                "sharing needs GitHub's program gh, which is not installed: see https://cli.github.com"
                    .into(),
            );
        }
        Exit::Stopped => return Err("sharing was stopped".into()),
        Exit::TimedOut => return Err("gh does not answer; try `gh auth status`".into()),
        _ => return Err("gh is not logged in: run `gh auth login` first".into()),
    }
    let page = Page::reserve(&source.exports.temporary)
        .map_err(|error| format!("cannot make a file for the upload: {error}"))?;
    source.write(page.file(), redact).await?;
    let line = format!("gh gist create --public=false {}", quoted(&page.file()));
    let created = run(workspace, line, to_upload, &stop).await?;
    match created.exit {
        Exit::Code(0) => {
            address(&created.output).ok_or_else(|| "gh has not said where the gist is".to_owned())
        }
        Exit::Stopped => Err("sharing was stopped".into()),
        Exit::TimedOut => Err("gh took too long to create the gist".into()),
        _ => {
            let output = created.output.trim();
            let why = output.lines().last().unwrap_or("it did not say why");
            Err(format!("gh could not create the gist: {why}"))
        }
    }
}

async fn run(
    workspace: &dyn Workspace,
    line: String,
    timeout: Duration,
    stop: &CancellationToken,
) -> Result<ShellReport, String> {
    let command = ShellCommand {
        line,
        timeout: Some(timeout),
        // Nobody sits there to answer it.
        env: vec![("GH_PROMPT_DISABLED".into(), "1".into())],
    };
    let report = run_shell(workspace, command, stop.clone(), |_| {}).await;
    report.map_err(|error| format!("gh could not be started: {error}"))
}

/// The last address that was printed.
fn address(output: &str) -> Option<String> {
    let mut words = output.split_whitespace().rev();
    let address = words.find(|word| word.starts_with("https://"))?;
    Some(address.trim_end_matches('/').to_owned())
}

fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    format!("'{}'", path.replace('\'', "'\\''"))
}

/// The page in a private directory of its own, gone when this is dropped. Its name is what the gist's
/// file will be called.
struct Page(PathBuf);

impl Page {
    fn reserve(temporary: &Path) -> io::Result<Self> {
        let name = format!("pi-share-{}", uuid::Uuid::new_v4().simple());
        let directory = temporary.join(name);
        fs::DirBuilder::new().mode(0o700).create(&directory)?;
        let page = Page(directory);
        // There before its content is, so that it is private from the start.
        let mut options = fs::OpenOptions::new();
        std::os::unix::fs::OpenOptionsExt::mode(options.write(true).create_new(true), 0o600)
            .open(page.file())?;
        Ok(page)
    }

    fn file(&self) -> PathBuf {
        self.0.join("session.html")
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // When it cannot be removed, it is private all the same.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_among_what_gh_says() {
        let output = "- Creating gist session.html\n✓ Created secret gist session.html\nhttps://gist.github.com/ada/0123abcd\n";
        assert_eq!(
            address(output).as_deref(),
            Some("https://gist.github.com/ada/0123abcd")
        );
        assert_eq!(address("no address"), None);
    }

    #[test]
    fn a_page_is_private_and_goes_with_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let temporary = tempfile::tempdir().unwrap();
        let page = Page::reserve(temporary.path()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&page.0), mode(&page.file())), (0o700, 0o600));
        drop(page);
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
    }
}
