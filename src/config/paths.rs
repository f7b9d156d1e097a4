//! Where everything lives. The only place that knows the home directory and the `PI_*` variables: all
//! others are handed paths, or an [`Env`].

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use crate::ai::CacheRetention;

const AGENT_DIR: &str = "PI_CODING_AGENT_DIR";
/// The reference's viewer: it fetches the gist whose id follows.
const VIEWER: &str = "https://pi.dev/session/";
const SESSION_DIR: &str = "PI_CODING_AGENT_SESSION_DIR";

/// Environment variables, as a value. Its `Debug` shows names only: values may be secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Env(BTreeMap<String, String>);

impl Env {
    /// The variables of this process; those that are not Unicode are left out. Where `HOME` is not
    /// set, it is what the system's user database says.
    pub fn of_process() -> Self {
        let all = std::env::vars_os();
        let text = all.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let mut env = Env(text.collect());
        if env.get("HOME").is_none()
            && let Some(home) = std::env::home_dir()
        {
            env.0
                .insert("HOME".into(), home.to_string_lossy().into_owned());
        }
        env
    }

    /// The value of a variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// All names and values, for child processes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// `PI_OFFLINE`: nothing but model requests, and renewing the logins that they need, may use the network.
    pub fn offline(&self) -> bool {
        self.is_on("PI_OFFLINE")
    }

    /// The same with `PI_OFFLINE` in it, as `--offline` has it.
    pub fn taken_offline(mut self) -> Self {
        self.0.insert("PI_OFFLINE".into(), "1".into());
        self
    }

    /// `PI_LOG`: what to write to the log file; `None` for no log.
    pub fn log_filter(&self) -> Option<&str> {
        self.get("PI_LOG")
    }

    /// `PI_CACHE_RETENTION`: how long vendors should keep prompts cached.
    pub fn cache_retention(&self) -> CacheRetention {
        match self.get("PI_CACHE_RETENTION") {
            Some("long") => CacheRetention::Long,
            Some("none") => CacheRetention::None,
            _ => CacheRetention::Short,
        }
    }

    /// `PI_SHARE_VIEWER_URL`: where a shared session can be looked at, up to the gist's id.
    pub fn share_viewer_url(&self) -> &str {
        self.get("PI_SHARE_VIEWER_URL").unwrap_or(VIEWER)
    }

    /// `PI_CLEAR_ON_SHRINK` and its like: whether a variable says yes.
    pub fn is_on(&self, name: &str) -> bool {
        let yes = |value: &str| {
            value == "1" || value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("yes")
        };
        self.get(name).is_some_and(yes)
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        let variables = variables.into_iter();
        Env(variables
            .map(|(name, value)| (name.into(), value.into()))
            .collect())
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Where everything lives for one working directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    home: PathBuf,
    agent: PathBuf,
    cwd: PathBuf,
    sessions: Option<PathBuf>,
}

impl Paths {
    /// The paths of a working directory (absolute) in an environment.
    pub fn new(env: &Env, cwd: &Path) -> Self {
        let home = PathBuf::from(env.get("HOME").unwrap_or("/"));
        let mut paths = Paths {
            agent: home.join(".pi").join("agent"),
            cwd: cwd.to_path_buf(),
            sessions: None,
            home,
        };
        if let Some(dir) = env.get(AGENT_DIR) {
            paths.agent = paths.expand(dir);
        }
        paths.sessions = env.get(SESSION_DIR).map(|dir| paths.expand(dir));
        paths
    }

    /// A path that a person wrote, made absolute: `~` is the home directory, anything relative starts
    /// at the working directory.
    pub fn expand(&self, path: &str) -> PathBuf {
        self.expand_from(path, &self.cwd)
    }

    /// The same, with anything relative starting at `base`.
    pub fn expand_from(&self, path: &str, base: &Path) -> PathBuf {
        let full = match path.strip_prefix('~') {
            Some("") => self.home.clone(),
            Some(rest) if rest.starts_with('/') => self.home.join(rest.trim_start_matches('/')),
            _ => base.join(path),
        };
        // `.` steps would make two names of one place.
        full.components()
            .filter(|step| *step != Component::CurDir)
            .collect()
    }

    /// The home directory.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The working directory.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// The user's directory: `~/.pi/agent`, or `$PI_CODING_AGENT_DIR`.
    pub fn agent_dir(&self) -> &Path {
        &self.agent
    }

    /// The project's directory: `.pi`.
    pub fn project_dir(&self) -> PathBuf {
        self.cwd.join(".pi")
    }

    /// The user's `settings.json`.
    pub fn settings(&self) -> PathBuf {
        self.agent.join("settings.json")
    }

    /// The project's `settings.json`.
    pub fn project_settings(&self) -> PathBuf {
        self.project_dir().join("settings.json")
    }

    /// Credentials.
    pub fn auth(&self) -> PathBuf {
        self.agent.join("auth.json")
    }

    /// Custom providers and models.
    pub fn models(&self) -> PathBuf {
        self.agent.join("models.json")
    }

    /// The catalogues that were fetched after this version was made.
    pub fn models_store(&self) -> PathBuf {
        self.agent.join("models-store.json")
    }

    /// The user's keys.
    pub fn keybindings(&self) -> PathBuf {
        self.agent.join("keybindings.json")
    }

    /// Which projects are trusted.
    pub fn trust(&self) -> PathBuf {
        self.agent.join("trust.json")
    }

    /// The directory whose subdirectories hold sessions, one for each working directory.
    pub fn sessions(&self) -> PathBuf {
        self.agent.join("sessions")
    }

    /// The directory of what was typed and not sent.
    pub fn drafts(&self) -> PathBuf {
        self.agent.join("drafts")
    }

    /// The directory of what was sent, a file for each working directory.
    pub fn history(&self) -> PathBuf {
        self.agent.join("history")
    }

    /// The index of all sessions, which may be deleted at any time.
    pub fn sessions_index(&self) -> PathBuf {
        self.agent.join("sessions-index.sqlite")
    }

    /// What all sessions of the day have spent.
    pub fn budget(&self) -> PathBuf {
        self.agent.join("budget.json")
    }

    /// What local servers have said of their models; may be deleted at any time.
    pub fn local_models(&self) -> PathBuf {
        self.agent.join("local-models.json")
    }

    /// The one directory that holds all sessions instead, when one was chosen: by the flag, else by
    /// `PI_CODING_AGENT_SESSION_DIR`, else by the setting.
    pub fn session_dir(&self, flag: Option<&str>, setting: Option<&str>) -> Option<PathBuf> {
        let flag = flag.map(|dir| self.expand(dir));
        let setting = || setting.map(|dir| self.expand(dir));
        flag.or_else(|| self.sessions.clone()).or_else(setting)
    }

    /// The user's themes.
    pub fn themes(&self) -> PathBuf {
        self.agent.join("themes")
    }

    /// The project's themes.
    pub fn project_themes(&self) -> PathBuf {
        self.project_dir().join("themes")
    }

    /// The user's prompt templates.
    pub fn prompts(&self) -> PathBuf {
        self.agent.join("prompts")
    }

    /// The user's skills.
    pub fn skills(&self) -> PathBuf {
        self.agent.join("skills")
    }

    /// The user's system prompt.
    pub fn system_prompt(&self) -> PathBuf {
        self.agent.join("SYSTEM.md")
    }

    /// The project's system prompt.
    pub fn project_system_prompt(&self) -> PathBuf {
        self.project_dir().join("SYSTEM.md")
    }

    /// What the user adds to the system prompt.
    pub fn append_system_prompt(&self) -> PathBuf {
        self.agent.join("APPEND_SYSTEM.md")
    }

    /// What the project adds to the system prompt.
    pub fn project_append_system_prompt(&self) -> PathBuf {
        self.project_dir().join("APPEND_SYSTEM.md")
    }

    /// The debug report.
    pub fn debug_report(&self) -> PathBuf {
        self.agent.join("pi-debug.log")
    }

    /// The log file.
    pub fn log(&self) -> PathBuf {
        self.agent.join("pi.log")
    }
}
