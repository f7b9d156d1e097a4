//! A value that a person wrote where a secret is wanted: the secret itself, the name of an environment
//! variable, text with `$NAME` or `${NAME}` in it, or `!command` whose output is the secret. Neither its
//! `Debug` nor its errors show the text.

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;
use tokio::io::AsyncReadExt;
use tokio::process::{ChildStdout, Command};

use super::paths::Env;

/// How long a command may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// What is in the pipe of a command that has ended is read so long; what it left running may hold it
/// open for ever.
const GRACE: Duration = Duration::from_millis(100);
/// How much of a command's output is read: no secret is longer.
const OUTPUT_LIMIT: u64 = 64 * 1024;

/// A value that has to be resolved before use.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct ConfigValue(String);

/// Why a value could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ValueError {
    /// A variable that it names has no value.
    #[error("the environment variable {0} is not set")]
    Unset(String),
    /// The same, where what looks like a name may well be a part of the secret.
    #[error("an environment variable that it names is not set ($$ stands for a dollar sign)")]
    UnsetWithin,
    /// The command could not be started.
    #[error("its command could not be started: {0}")]
    Start(String),
    /// The command took too long.
    #[error("its command did not finish within {} seconds", COMMAND_TIMEOUT.as_secs())]
    Timeout,
    /// The command failed.
    #[error("its command failed ({0})")]
    Failed(String),
    /// The command printed nothing.
    #[error("its command printed nothing")]
    Silent,
}

/// What commands printed, kept while the process lives. Shared by its clones; the mutex is held for a
/// look-up only.
#[derive(Clone, Default)]
pub struct CommandCache(Arc<Mutex<HashMap<String, String>>>);

impl ConfigValue {
    /// A value as it stands in a file.
    pub fn new(text: impl Into<String>) -> Self {
        ConfigValue(text.into())
    }

    /// A secret that a person typed. As in the reference, `!command` and the name of a variable, `$NAME` or
    /// `${NAME}`, mean what they mean in a file; anything else is the secret itself, dollar signs and all.
    pub fn typed(text: &str) -> Self {
        ConfigValue(match text.starts_with('!') || names_one(text) {
            true => text.to_owned(),
            false => text.replace('$', "$$"),
        })
    }

    /// The text as it stands in the file; mind that it may be the secret.
    pub fn as_written(&self) -> &str {
        &self.0
    }

    /// Whether a command has to run.
    pub fn is_command(&self) -> bool {
        self.0.starts_with('!')
    }

    /// Whether it can be expected to resolve; commands are believed, not run.
    pub fn is_configured(&self, env: &Env) -> bool {
        self.is_command()
            || self
                .without_command(env)
                .is_ok_and(|value| !value.is_empty())
    }

    /// That a variable which it names is not set, if so.
    pub fn unset_variable(&self, env: &Env) -> Option<ValueError> {
        match self.is_command() {
            true => None,
            false => self.without_command(env).err(),
        }
    }

    /// The value. A command runs anew each time.
    pub async fn resolve(&self, env: &Env) -> Result<String, ValueError> {
        match self.0.strip_prefix('!') {
            Some(command) => run(command, env).await,
            None => self.without_command(env),
        }
    }

    /// The value. A command that has succeeded before does not run again.
    pub async fn resolve_once(
        &self,
        env: &Env,
        cache: &CommandCache,
    ) -> Result<String, ValueError> {
        if !self.is_command() {
            return self.without_command(env);
        }
        if let Some(known) = cache.lock().get(&self.0) {
            return Ok(known.clone());
        }
        let value = self.resolve(env).await?;
        cache.lock().insert(self.0.clone(), value.clone());
        Ok(value)
    }

    /// The value, when no command has to run for it.
    pub fn resolve_quietly(&self, env: &Env) -> Option<String> {
        match self.is_command() {
            true => None,
            false => self.without_command(env).ok(),
        }
    }

    fn without_command(&self, env: &Env) -> Result<String, ValueError> {
        match env.get(&self.0) {
            Some(value) => Ok(value.to_owned()),
            None => fill(&self.0, env),
        }
    }
}

impl CommandCache {
    /// What has been printed so far.
    pub fn values(&self) -> Vec<String> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ConfigValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfigValue(…)")
    }
}

impl fmt::Debug for CommandCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommandCache(…)")
    }
}

/// Replaces `$NAME` and `${NAME}`; `$$` is a dollar sign, `$!` an exclamation mark, and a dollar sign
/// before anything else is itself.
fn fill(text: &str, env: &Env) -> Result<String, ValueError> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        if let Some(escaped) = after.chars().next().filter(|c| matches!(c, '$' | '!')) {
            filled.push(escaped);
            rest = &after[escaped.len_utf8()..];
            continue;
        }
        let braced = after
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'));
        let (name, behind) = match braced {
            Some((name, behind)) if name_length(name) == name.len() => (name, behind),
            _ => after.split_at(name_length(after)),
        };
        if name.is_empty() {
            filled.push('$');
        } else {
            let is_meant = braced.is_some() || stands_alone(before, behind);
            let value = env.get(name).ok_or_else(|| match is_meant {
                true => ValueError::Unset(name.to_owned()),
                false => ValueError::UnsetWithin,
            })?;
            filled.push_str(value);
        }
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Whether a name with nothing but blanks around it is surely one.
fn stands_alone(before: &str, behind: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_none_or(char::is_whitespace);
    is_edge(before.chars().next_back()) && is_edge(behind.chars().next())
}

/// Whether this is a variable's name and nothing else, as people write such names.
fn names_one(text: &str) -> bool {
    let Some(name) = text.strip_prefix('$') else {
        return false;
    };
    let inner = name.strip_prefix('{').map(|name| name.strip_suffix('}'));
    let name = inner.unwrap_or(Some(name)).unwrap_or_default();
    let is_capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    !name.is_empty() && name_length(name) == name.len() && name.chars().all(is_capital)
}

/// How many bytes at the start of `text` are a variable's name.
fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.find(|c| !is_name(c)).unwrap_or(text.len())
}

async fn run(line: &str, env: &Env) -> Result<String, ValueError> {
    let start = |error: std::io::Error| ValueError::Start(error.to_string());
    let mut command = shell(line);
    command.env_clear().envs(env.iter());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command.spawn().map_err(start)?;
    let mut group = Group(child.id());
    let mut output = Vec::new();
    let pipe = child.stdout.take();
    let work = async {
        let mut reading = pin!(all(pipe, &mut output));
        tokio::select! {
            biased;
            read = &mut reading => {
                read.map_err(start)?;
                child.wait().await.map_err(start)
            }
            status = child.wait() => {
                if let Ok(read) = tokio::time::timeout(GRACE, reading).await {
                    read.map_err(start)?;
                }
                status.map_err(start)
            }
        }
    };
    let finished = tokio::time::timeout(COMMAND_TIMEOUT, work).await;
    let status = finished.map_err(|_| ValueError::Timeout)??;
    // It ended by itself: what it left running (an agent, a daemon) is its own affair.
    group.0 = None;
    if !status.success() {
        return Err(ValueError::Failed(status.to_string()));
    }
    let value = String::from_utf8_lossy(&output).trim().to_owned();
    if value.is_empty() {
        Err(ValueError::Silent)
    } else {
        Ok(value)
    }
}

/// Reads to the end, or to the limit; what came before this is dropped counts.
async fn all(pipe: Option<ChildStdout>, bytes: &mut Vec<u8>) -> std::io::Result<()> {
    if let Some(pipe) = pipe {
        let mut pipe = pipe.take(OUTPUT_LIMIT);
        while pipe.read_buf(bytes).await? > 0 {}
    }
    Ok(())
}

#[cfg(unix)]
fn shell(line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line);
    command
}

#[cfg(not(unix))]
fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.arg("/C").arg(line);
    command
}

/// The process group of a command that has not ended, killed when this goes: with the time limit, and
/// when whoever waited for it stops waiting.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(id) = self.0.and_then(|id| i32::try_from(id).ok()) {
            // SAFETY: kill has no memory effects. The command has not been waited for, so its id is
            // still its own.
            unsafe { libc::kill(-id, libc::SIGKILL) };
        }
    }
}
