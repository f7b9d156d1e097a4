//! What the command line finds: directories, settings, trust; and what is wrong with them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Args, CliError, is_interactive, local, log};
use crate::ai::http::Proxies;
use crate::ai::{Clock, providers};
use crate::config::{
    Appearance, Env, Keymap, LocalModels, Paths, Platform, Problem, Registry, Renewals, Settings,
    Sources, Surroundings, Theme, ThemePath, Themes, Trust, trust,
};
use crate::tools::sanitize;

/// Where pi is, and what was chosen for it.
#[derive(Clone)]
pub(super) struct World {
    pub env: Env,
    pub paths: Paths,
    pub settings: Settings,
    pub trusted: bool,
    /// Whether the person is to be asked about the project.
    pub undecided: bool,
    /// What they said of it for this run.
    pub said: Option<bool>,
    pub clock: Clock,
    /// Renews logins, for as long as the process lives.
    pub renewals: Renewals,
    /// Said at the start: broken files, an undecided project.
    pub warnings: Vec<String>,
    /// What local servers have said, once they were asked.
    pub local: Option<LocalModels>,
    /// Whether all kinds of them were asked.
    pub asked_all: bool,
    /// Models and credentials that were read to know whom to ask, for the start.
    pub read: Option<(Registry, Vec<Problem>)>,
}

impl World {
    /// Looks around in this process's environment and directory.
    pub fn look(args: &Args) -> Result<Self, CliError> {
        let cwd = std::env::current_dir().map_err(|error| {
            CliError::files(format!("the working directory cannot be used: {error}"))
                .hint("it may have been removed; cd to one that exists")
        })?;
        Self::look_from(args, cwd)
    }

    /// Looks around as if `cwd` were the working directory.
    pub fn look_from(args: &Args, cwd: PathBuf) -> Result<Self, CliError> {
        let env = match args.offline {
            true => Env::of_process().taken_offline(),
            false => Env::of_process(),
        };
        let paths = Paths::new(&env, &cwd);
        let mut warnings = Vec::new();
        if let Some(filter) = env.log_filter()
            && let Err(why) = log::start(filter, &paths.log())
        {
            warnings.push(why);
        }
        let mut world = World {
            env,
            paths,
            settings: Settings::default(),
            trusted: false,
            undecided: false,
            said: None,
            clock: crate::system_clock(),
            renewals: Renewals::default(),
            warnings,
            local: None,
            asked_all: false,
            read: None,
        };
        let found = world.look_again(args);
        world.warnings.extend(found);
        Ok(world)
    }

    /// Reads trust and settings again. Returns what the person should know.
    pub fn look_again(&mut self, args: &Args) -> Vec<String> {
        let paths = &self.paths;
        let mut warnings = Vec::new();
        // The person's own file says what to do with projects; a project cannot vouch for itself.
        let (own, problems) = Settings::load(paths, false);
        let said = approval(args).or(self.said);
        let (trust, problem) = trust::decide(paths, said, own.default_project_trust);
        warnings.extend(problem.iter().map(Problem::to_string));
        let trusted = trust == Trust::Trusted;
        let undecided = trust == Trust::Ask;
        if undecided {
            warnings.push(format!(
                "{} has settings or other resources that are not used, since this project is not trusted; --approve uses them for one run",
                paths.project_dir().display()
            ));
        }
        let (settings, problems) = if trusted {
            Settings::load(paths, true)
        } else {
            (own, problems)
        };
        warnings.extend(problems.iter().map(Problem::to_string));
        self.settings = settings;
        self.trusted = trusted;
        self.undecided = undecided;
        warnings
    }

    /// All models and credentials.
    pub fn registry(&self) -> (Registry, Vec<Problem>) {
        let sources = Sources::new(&self.paths, self.env.clone(), self.clock.clone());
        let (mut registry, problems) = Registry::load(Sources {
            speaks: providers::is_spoken,
            renewals: self.renewals.clone(),
            ..sources
        });
        match &self.local {
            Some(local) => registry.set_local(local.clone()),
            None => local::recall(self, &mut registry),
        }
        (registry, problems)
    }

    /// The keys.
    pub fn keymap(&self) -> (Keymap, Vec<Problem>) {
        Keymap::load_on(&self.paths.keybindings(), Platform::of(&self.env))
    }

    /// The colours, as far as they are known before the terminal was asked.
    pub fn theme(&self, args: &Args, brought: &[String]) -> (Arc<Theme>, Vec<String>) {
        let (themes, mut warnings) = self.themes(args, brought);
        let around = Surroundings {
            appearance: Appearance::guess(&self.env).unwrap_or_default(),
            ..Surroundings::default()
        };
        let (theme, unknown) = themes.choose(self.wanted_theme(args), &around);
        warnings.extend(unknown.map(|name| {
            let names: Vec<&str> = themes.names().collect();
            format!("there is no theme {name:?}; there are {}", names.join(", "))
        }));
        (theme, warnings)
    }

    /// Which theme is wanted: for this run, else by the setting.
    pub fn wanted_theme<'a>(&'a self, args: &'a Args) -> Option<&'a str> {
        args.use_theme.as_deref().or(self.settings.theme.as_deref())
    }

    /// All themes that can be chosen, and what is wrong with others.
    pub fn themes(&self, args: &Args, brought: &[String]) -> (Themes, Vec<String>) {
        let optional = |path| ThemePath {
            path,
            optional: true,
        };
        let mut places = Vec::new();
        if !args.no_themes {
            places.push(optional(self.paths.themes()));
            if self.trusted {
                places.push(optional(self.paths.project_themes()));
            }
        }
        let brought = brought.iter().map(|path| self.paths.expand(path));
        places.extend(brought.map(optional));
        let named = args.theme.iter().map(|path| self.paths.cwd().join(path));
        places.extend(named.map(|path| ThemePath {
            path,
            optional: false,
        }));
        let (themes, problems) = Themes::load(&places);
        (themes, problems.iter().map(Problem::to_string).collect())
    }

    /// Where requests go through: the setting, else the environment.
    pub fn proxies(&self) -> Proxies {
        let variable = |upper: &str| {
            let lower = upper.to_lowercase();
            self.env
                .get(upper)
                .or(self.env.get(&lower))
                .map(str::to_owned)
        };
        let setting = self.settings.http_proxy.clone();
        Proxies {
            http: setting.clone().or_else(|| variable("HTTP_PROXY")),
            https: setting.or_else(|| variable("HTTPS_PROXY")),
            all: variable("ALL_PROXY"),
            none: variable("NO_PROXY"),
            loopback: false,
            is_setting: self.settings.http_proxy.is_some(),
        }
    }

    /// Where this program's documentation is: beside the sources that it was built from, or beside the
    /// binary.
    pub fn docs(&self) -> Option<PathBuf> {
        let beside = |binary: PathBuf| -> Option<PathBuf> {
            let near = binary.parent()?;
            let places = [
                near.join("docs"),
                near.join("../share/doc/pi"),
                near.join("../../docs"),
            ];
            places
                .into_iter()
                .find(|docs| docs.join("usage.md").is_file())
        };
        let docs = beside(std::env::current_exe().ok()?)?;
        docs.canonicalize()
            .ok()
            .filter(|docs| docs.is_absolute() && docs != Path::new("/"))
    }
}

/// `--approve`, `--no-approve`, or neither.
fn approval(args: &Args) -> Option<bool> {
    match (args.approve, args.no_approve) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// Says on standard error what is wrong with files.
pub(super) fn report(problems: &[Problem]) {
    warn(problems);
}

/// Says on standard error what the person should know.
pub(super) fn warn(warnings: &[impl ToString]) {
    let mut err = io::stderr().lock();
    for warning in warnings {
        // There is nowhere else to say that standard error is gone.
        let _ = writeln!(err, "warning: {}", sanitize(&warning.to_string()));
    }
}

impl World {
    /// Whether the warnings go to the screen rather than to standard error.
    pub fn report_unless_interactive(&mut self, args: &Args) {
        if is_interactive(args) {
            return;
        }
        let mut err = io::stderr().lock();
        for warning in self.warnings.drain(..) {
            let _ = writeln!(err, "warning: {}", sanitize(&warning));
        }
    }
}
