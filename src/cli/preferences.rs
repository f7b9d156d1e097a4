//! What the person chose, for the terminal: read from and written to the files where it is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};
use tokio::sync::Notify;

use super::args::TuiMode;
use super::grounds::Grounds;
use super::terminal::{app_settings, habits, home};
use super::world::World;
use crate::ai::ThinkingLevel;
use crate::config::edit::{self, Privacy};
use crate::config::jsonc::Document;
use crate::config::keys::Keymap;
use crate::config::resolve::{self, ScopedModel};
use crate::config::settings::SETTINGS;
use crate::config::trust::{self, Decision};
use crate::session::Place;
use crate::tui::footer::short_path;
use crate::tui::markdown::Highlighter;
use crate::tui::preferences::{
    Change, Fresh, Held, Preferences, Reloaded, Source, Standing, Trust,
};

/// Settings that the tools or the system prompt are made with.
const OF_THE_PLACE: [&str; 4] = [
    "defaultTools",
    "images.autoResize",
    "shellCommandPrefix",
    "shellPath",
];

/// Settings of the terminal alone, single ones and groups: the conversation does not need to hear of them.
const OF_THE_TERMINAL: [&str; 18] = [
    "theme",
    "quietStartup",
    "doubleEscapeAction",
    "treeFilterMode",
    "hideThinkingBlock",
    "enabledModels",
    "externalEditor",
    "defaultProjectTrust",
    "tuiMode",
    "fullscreen",
    "editorPaddingX",
    "outputPad",
    "autocompleteMaxVisible",
    "terminal.",
    "markdown.",
    "timestamps",
    "collapseChangelog",
    "branchSummary.skipPrompt",
];

/// What the person chose, in their files.
pub(super) struct Chosen {
    pub grounds: Arc<Grounds>,
    /// Themes that hooks brought along.
    pub brought: Vec<String>,
    pub highlighter: Highlighter,
    /// Woken when something can be painted better.
    pub repaint: Arc<Notify>,
    /// What was in force when it was looked at last. Locked for a look.
    pub seen: Mutex<Seen>,
}

fn is_of_the_terminal(name: &str) -> bool {
    OF_THE_TERMINAL
        .iter()
        .any(|beginning| name.starts_with(beginning))
}

/// What is compared to say what a reload has changed.
#[derive(Default)]
pub(super) struct Seen {
    held: BTreeMap<String, Held>,
    keymap: Keymap,
    themes: Vec<String>,
    models: BTreeSet<String>,
    system: Option<String>,
    context: Vec<String>,
}

impl Chosen {
    /// Begins to compare with how things are now.
    pub fn begin(self, place: &Place) -> Self {
        let world = self.grounds.world();
        let (keymap, _) = world.keymap();
        let seen = self.look(&world, keymap, Some(place));
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        self
    }

    fn look(&self, world: &World, keymap: Keymap, place: Option<&Place>) -> Seen {
        let themes = world.themes(&self.grounds.args, &self.brought).0;
        let models = self.grounds.models.registry().available();
        let files = place.map(|place| &place.context_files[..]);
        let home = home(world);
        Seen {
            held: held(world, &self.grounds.args),
            keymap,
            themes: themes.names().map(str::to_owned).collect(),
            models: models.iter().map(|model| model.full_id()).collect(),
            system: place.map(|place| place.system.clone()),
            context: files
                .unwrap_or_default()
                .iter()
                .map(|file| short_path(file, home.as_deref()))
                .collect(),
        }
    }

    /// What holds now, after settings of these names have changed.
    fn fresh(&self, world: &World, changed: &dyn Fn(&str) -> bool) -> Fresh {
        let args = &self.grounds.args;
        let is_of_the_conversation = SETTINGS
            .iter()
            .any(|setting| changed(setting.name) && !is_of_the_terminal(setting.name));
        let renewal = is_of_the_conversation.then(|| Box::new(self.grounds.renewal()));
        Fresh {
            settings: app_settings(world, args, &self.brought, &self.highlighter, &self.repaint),
            redress: changed("theme") || changed("terminal.trueColor"),
            habits: habits(world),
            renewal,
            scope: None,
        }
    }

    fn scope(&self, world: &World) -> (Vec<ScopedModel>, Vec<String>) {
        let patterns = world.settings.enabled_models.clone().unwrap_or_default();
        resolve::scope(&self.grounds.models.registry(), &patterns)
    }
}

impl Preferences for Chosen {
    fn standing(&self) -> Standing {
        let world = self.grounds.world();
        let (themes, _) = world.themes(&self.grounds.args, &self.brought);
        let registry = self.grounds.models.registry();
        let patterns = world.settings.enabled_models.clone().unwrap_or_default();
        let means_nothing = |pattern: &String| {
            let (found, _) = resolve::scope(&registry, std::slice::from_ref(pattern));
            found.is_empty()
        };
        Standing {
            held: held(&world, &self.grounds.args),
            themes: std::iter::once("system")
                .chain(themes.names())
                .map(str::to_owned)
                .collect(),
            unmatched: patterns.into_iter().filter(means_nothing).collect(),
        }
    }

    fn set(&self, changes: &[Change]) -> Result<Fresh, String> {
        let mut world = self.grounds.world();
        let project = match world.trusted {
            true => Document::read(&world.paths.project_settings()).unwrap_or_default(),
            false => Document::default(),
        };
        let (theirs, own): (Vec<&Change>, Vec<&Change>) = changes
            .iter()
            .partition(|change| at(project.root(), &change.path).is_some());
        for (changes, file) in [
            (theirs, world.paths.project_settings()),
            (own, world.paths.settings()),
        ] {
            let paths: Vec<Vec<&str>> = changes
                .iter()
                .map(|change| change.path.iter().map(String::as_str).collect())
                .collect();
            let changes: Vec<(&[&str], Option<Value>)> = paths
                .iter()
                .zip(&changes)
                .map(|(path, change)| (path.as_slice(), change.value.clone()))
                .collect();
            if !changes.is_empty() {
                edit::set_all(&file, &changes, Privacy::Shared)
                    .map_err(|problem| problem.to_string())?;
            }
        }
        world.look_again(&self.grounds.args);
        self.grounds.put(world.clone());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.held = held(&world, &self.grounds.args);
        drop(seen);
        let names: Vec<String> = changes.iter().map(|change| change.path.join(".")).collect();
        let is_changed = |name: &str| names.iter().any(|changed| changed == name);
        let mut fresh = self.fresh(&world, &is_changed);
        if names
            .iter()
            .any(|name| OF_THE_PLACE.contains(&name.as_str()))
            && let Some(renewal) = &mut fresh.renewal
            && let Some(view) = self.grounds.living.get()
        {
            let place = self.grounds.place(&view().cwd, &mut Vec::new());
            renewal.place = Some(place.map_err(|error| error.to_string())?);
        }
        Ok(fresh)
    }

    fn reload(&self, cwd: &Path) -> Reloaded {
        let args = &self.grounds.args;
        let mut world = self.grounds.world();
        let patterns = world.settings.enabled_models.clone();
        let was_scope = self.scope(&world).0;
        let was_trusted = world.trusted;
        let mut problems = world.look_again(args);
        self.grounds.put(world.clone());
        let (keymap, wrong) = world.keymap();
        problems.extend(wrong.iter().map(ToString::to_string));
        problems.extend(world.theme(args, &self.brought).1);
        let wrong = self.grounds.models.reload();
        problems.extend(wrong.iter().map(ToString::to_string));
        let place = match self.grounds.place(cwd, &mut problems) {
            Ok(place) => Some(place),
            Err(error) => {
                problems.push(error.to_string());
                None
            }
        };
        let mut fresh = self.fresh(&world, &|_| true);
        if let Some(renewal) = &mut fresh.renewal {
            renewal.place.clone_from(&place);
        }
        // A scope that the person has put together since is left to them.
        let is_as_set = || {
            let view = self.grounds.living.get().map(|view| view());
            view.is_some_and(|view| named(&view.scope) == named(&was_scope))
        };
        if args.models.is_empty()
            && (patterns != world.settings.enabled_models || patterns.is_some() && is_as_set())
        {
            let (scope, wrong) = self.scope(&world);
            problems.extend(wrong);
            fresh.scope = Some(scope);
        }
        let now = self.look(&world, keymap, place.as_ref());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut news = seen.compare(&now);
        *seen = now;
        if was_trusted != world.trusted {
            let word = if world.trusted { "now" } else { "no longer" };
            news.insert(0, format!("this project is {word} trusted"));
        }
        Reloaded {
            fresh,
            news,
            problems,
        }
    }

    fn trust(&self) -> Trust {
        let world = self.grounds.world();
        Trust {
            folder: world.paths.cwd().to_path_buf(),
            protected: trust::protected(&world.paths),
            saved: trust::saved(&world.paths),
            in_force: world.trusted,
        }
    }

    fn decide(&self, decision: Decision) -> Result<(), String> {
        let mut world = self.grounds.world();
        let kept = trust::keep(&world.paths, decision);
        world.said = kept.map_err(|problem| problem.to_string())?;
        self.grounds.put(world);
        Ok(())
    }
}

/// What is in a scope.
fn named(scope: &[ScopedModel]) -> Vec<(String, Option<ThinkingLevel>)> {
    let each = scope.iter();
    each.map(|scoped| (scoped.model.full_id(), scoped.thinking))
        .collect()
}

impl Seen {
    /// What is different in `now`, in words.
    fn compare(&self, now: &Seen) -> Vec<String> {
        let mut news = Vec::new();
        let settings: Vec<&str> = SETTINGS
            .iter()
            .map(|setting| setting.name)
            .filter(|name| self.held.get(*name) != now.held.get(*name))
            .collect();
        if !settings.is_empty() {
            news.push(format!("settings: {}", settings.join(", ")));
        }
        let actions = Keymap::groups().iter().flat_map(|group| &group.actions);
        let keys: Vec<&str> = actions
            .map(|action| action.id.as_str())
            .filter(|id| self.keymap.action_keys(id) != now.keymap.action_keys(id))
            .collect();
        if !keys.is_empty() {
            news.push(format!("keys: {}", keys.join(", ")));
        }
        let differ = |what: &str, before: &[&String], after: &[&String]| {
            let added = after.iter().filter(|one| !before.contains(one));
            let gone = before.iter().filter(|one| !after.contains(one));
            let words: Vec<String> = added
                .map(|one| format!("+{one}"))
                .chain(gone.map(|one| format!("-{one}")))
                .collect();
            match words.len() {
                0 => None,
                count if count > MOST_NAMED => Some(format!("{what}: {count} changes")),
                _ => Some(format!("{what}: {}", words.join(", "))),
            }
        };
        fn listed<'a>(all: impl IntoIterator<Item = &'a String>) -> Vec<&'a String> {
            all.into_iter().collect()
        }
        let themes = (listed(&self.themes), listed(&now.themes));
        news.extend(differ("themes", &themes.0, &themes.1));
        let models = (listed(&self.models), listed(&now.models));
        news.extend(differ("models", &models.0, &models.1));
        let files = (listed(&self.context), listed(&now.context));
        match differ("context files", &files.0, &files.1) {
            Some(words) => news.push(words),
            None if self.system.is_some() && self.system != now.system => {
                news.push("what the model is told (context or prompt files)".into());
            }
            None => {}
        }
        news
    }
}

/// More names than these are counted.
const MOST_NAMED: usize = 6;

/// How every setting stands.
fn held(world: &World, args: &super::Args) -> BTreeMap<String, Held> {
    let user = Document::read(&world.paths.settings()).unwrap_or_default();
    let project = match world.trusted {
        true => Document::read(&world.paths.project_settings()).unwrap_or_default(),
        false => Document::default(),
    };
    let one = |setting: &crate::config::settings::Setting| {
        let path: Vec<String> = setting.name.split('.').map(str::to_owned).collect();
        let of = |path: &[String]| {
            let theirs = at(project.root(), path).filter(|_| !setting.user_only);
            let theirs = theirs.map(|value| (value, Source::Project));
            theirs.or_else(|| Some((at(user.root(), path)?, Source::User)))
        };
        let old = OLD_NAMES.iter().find(|(_, name)| *name == setting.name);
        let set = of(&path).or_else(|| of(&[old?.0.to_owned()]));
        let mut held = match set {
            Some((value, source)) => Held {
                value: Some(value.clone()),
                source,
            },
            None => Held {
                value: serde_json::from_str(setting.default).ok(),
                source: Source::Default,
            },
        };
        if let Some((value, what)) = of_this_run(setting.name, &held, world, args) {
            held = Held {
                value: Some(value),
                source: Source::Run(what.into()),
            };
        }
        (setting.name.to_owned(), held)
    };
    SETTINGS.iter().map(one).collect()
}

/// Names that settings of the panel had once; they count where the present ones are silent.
const OLD_NAMES: [(&str, &str); 1] = [("queueMode", "steeringMode")];

/// What a flag or a variable makes of a setting.
fn of_this_run(
    name: &str,
    held: &Held,
    world: &World,
    args: &super::Args,
) -> Option<(Value, &'static str)> {
    match name {
        "theme" => Some((Value::from(args.use_theme.clone()?), "--use-theme")),
        "tuiMode" => match args.tui_mode? {
            TuiMode::Fullscreen => Some((Value::from("fullscreen"), "--tui-mode")),
            TuiMode::Regular => Some((Value::from("regular"), "--tui-mode")),
        },
        "quietStartup" if args.verbose => Some((Value::from(false), "--verbose")),
        "enabledModels" if !args.models.is_empty() => {
            Some((Value::from(args.models.clone()), "--models"))
        }
        "externalEditor" if held.source == Source::Default => ["VISUAL", "EDITOR"]
            .into_iter()
            .find_map(|name| Some((Value::from(world.env.get(name)?), name))),
        _ => None,
    }
}

fn at<'a>(root: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let start = root.get(first)?;
    rest.iter()
        .try_fold(start, |value, step| value.as_object()?.get(step))
}
