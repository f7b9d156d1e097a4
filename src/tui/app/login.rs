//! Connecting a provider and forgetting its key: the lists, the key, what can be chosen afterwards.
//!
//! The key goes from the panel into the request and nowhere else. Every step back leads to the one before.

use std::sync::Arc;

use super::{App, local};
use crate::ai::{Model, catalog};
use crate::config::resolve;
use crate::session::{Command, Level};
use crate::tui::footer::short_count;
use crate::tui::keyring::{Answer, Held, Provider, Purpose, Request, Secret, Way};
use crate::tui::look::Token;
use crate::tui::msg::{Asked, Effect};
use crate::tui::panels::{Choice, Item, ListPanel, SecretPanel, Start, TextPanel};

impl App {
    /// `/login`: asks who there is; what followed the command is typed already.
    pub(super) fn log_in(&mut self, typed: &str) -> Vec<Effect> {
        ask(Request::Providers(Purpose::Connect(first_word(typed))))
    }

    /// `/logout`, as above.
    pub(super) fn log_out(&mut self, typed: &str) -> Vec<Effect> {
        ask(Request::Providers(Purpose::Forget(first_word(typed))))
    }

    /// What the keyring answers.
    pub(super) fn hear_keys(&mut self, answer: Answer) -> Vec<Effect> {
        match answer {
            Answer::Providers(purpose, providers) => {
                self.providers = providers;
                match purpose {
                    Purpose::Connect(typed) => self.list_providers(&typed),
                    Purpose::Forget(typed) => self.list_keys(&typed),
                }
                Vec::new()
            }
            Answer::Stored(provider, Ok(())) => {
                let name = self.name_of(&provider);
                self.flash(Level::Info, format!("the key for {name} is stored"));
                vec![Effect::Send(Command::Models, Asked::Connected(provider))]
            }
            Answer::Stored(provider, Err(why)) => {
                let name = self.name_of(&provider);
                let text = format!("The key for {name} was not stored: {why}");
                self.notice(Level::Error, &text);
                Vec::new()
            }
            Answer::Forgotten(provider, left) => {
                self.forgotten(&provider, left);
                Vec::new()
            }
        }
    }

    /// Something was chosen on the way.
    pub(super) fn connect(&mut self, choice: Choice) -> Vec<Effect> {
        match choice {
            Choice::Start(Start::Connect) => return self.log_in(""),
            Choice::Start(Start::Local) => return local::ask(Asked::LocalStart),
            Choice::Start(Start::Demo) => {
                let text = "try: list the files here · read README.md · run git status";
                self.flash(Level::Info, text);
            }
            Choice::Providers => self.list_providers(""),
            Choice::Provider(id) => self.ask_provider(&id),
            Choice::WithoutAccount(id) => self.ask_key(&id),
            Choice::LogIn(id, method) => return self.begin_login(id, method),
            Choice::StopLogin => {
                self.list_providers("");
                return vec![Effect::StopLogin];
            }
            Choice::Key(provider, key) => return ask(store(provider, key)),
            Choice::Held(id) => self.ask_forget(&id),
            Choice::Forget(id) => return ask(Request::Forget(id)),
            _ => {}
        }
        Vec::new()
    }

    /// A provider's key is there: its models, the one to begin with first.
    pub(super) fn offer_models(&mut self, provider: &str, models: &[Arc<Model>]) {
        let name = self.name_of(provider);
        let mut models: Vec<&Arc<Model>> = models
            .iter()
            .filter(|model| model.provider == provider)
            .collect();
        if models.is_empty() {
            let text = format!(
                "{name} is connected, but pi knows no model of it; models.json can name some."
            );
            self.notice(Level::Warning, &text);
            return;
        }
        let first = catalog::facts(provider).map(|facts| facts.default_model.as_str());
        models.sort_by_key(|model| Some(model.id.as_str()) != first);
        let now = &self.view.model;
        let items = models.into_iter().map(|model| Item {
            label: model.id.clone(),
            detail: short_count(model.context_window),
            current: model.provider == now.provider && model.id == now.id,
            choice: Choice::Model {
                provider: model.provider.clone(),
                id: model.id.clone(),
            },
        });
        let title = format!("{name} is connected: which model answers?");
        self.open(ListPanel::new(&title, "", items.collect(), ""));
    }

    fn list_providers(&mut self, typed: &str) {
        if let Some(id) = self.named(typed) {
            return self.ask_provider(&id);
        }
        let items = self.providers.iter().map(|provider| {
            let held = match &provider.held {
                Held::Nothing => String::new(),
                held => format!("✓ {}", place(held)),
            };
            Item {
                label: provider.name.clone(),
                detail: match held.is_empty() {
                    true => provider.id.clone(),
                    false => format!("{held} · {}", provider.id),
                },
                current: false,
                choice: Choice::Provider(provider.id.clone()),
            }
        });
        let empty = "there are no providers";
        let items: Vec<Item> = items.collect();
        let list = ListPanel::new("Connect a provider", empty, items.clone(), typed);
        let list = match list.selected() {
            Some(_) => list,
            // Not repeated: it may be a key in the wrong place.
            None if !typed.is_empty() => {
                let (items, meant) = self.as_meant(items, typed);
                let message = format!("There is no provider of that name.{meant} Here are all:");
                ListPanel::new("Connect a provider", empty, items, "").saying(&message)
            }
            None => list,
        };
        self.open(list);
    }

    fn ask_provider(&mut self, id: &str) {
        let Some(provider) = self.provider(id).cloned() else {
            return;
        };
        if !self.ask_way(&provider) {
            self.ask_key(id);
        }
    }

    fn ask_key(&mut self, id: &str) {
        let Some(provider) = self.provider(id) else {
            return;
        };
        let name = provider.name.clone();
        match &provider.way {
            Way::Key => {
                let about = match &provider.held {
                    Held::Stored | Held::Login => {
                        "It takes the place of what is stored in auth.json, which you alone can read."
                    }
                    _ => "It is stored in auth.json, which you alone can read.",
                };
                let panel = SecretPanel::new(id, &name, about);
                self.open(panel);
            }
            // The list of ways has it all.
            Way::Account => {}
            Way::Told(lines) => {
                let lines = lines.iter().map(|line| (line.clone(), Token::Text));
                let panel = TextPanel::new(&format!("How to connect {name}"), lines.collect());
                self.open(panel);
            }
        }
    }

    fn list_keys(&mut self, typed: &str) {
        if let Some(id) = self.named(typed) {
            if self
                .provider(&id)
                .is_some_and(|it| it.held == Held::Nothing)
            {
                let name = self.name_of(&id);
                return self.flash(Level::Info, format!("{name} is not connected"));
            }
            return self.ask_forget(&id);
        }
        let is_held = |provider: &&Provider| provider.held != Held::Nothing;
        let items = self.providers.iter().filter(is_held).map(|provider| Item {
            label: provider.name.clone(),
            detail: format!("{} · {}", place(&provider.held), provider.id),
            current: false,
            choice: Choice::Held(provider.id.clone()),
        });
        let empty = "no provider is connected; /login connects one";
        let items: Vec<Item> = items.collect();
        let list = ListPanel::new("Forget a key", empty, items.clone(), typed);
        let list = match list.selected() {
            None if !typed.is_empty() && !items.is_empty() => {
                let (items, meant) = self.as_meant(items, typed);
                let message = format!("No provider of that name is connected.{meant} These are:");
                ListPanel::new("Forget a key", empty, items, "").saying(&message)
            }
            _ => list,
        };
        self.open(list);
    }

    fn ask_forget(&mut self, id: &str) {
        let Some(provider) = self.provider(id) else {
            return;
        };
        let name = provider.name.clone();
        let text = match &provider.held {
            Held::Stored | Held::Login => {
                let item = |label: &str, detail: &str, choice| Item {
                    label: label.into(),
                    detail: detail.into(),
                    current: false,
                    choice,
                };
                let items = vec![
                    item(
                        "Forget it",
                        "takes it out of auth.json",
                        Choice::Forget(id.into()),
                    ),
                    item("Keep it", "", Choice::Nothing),
                ];
                let title = match provider.held {
                    Held::Login => format!("Log out of {name}?"),
                    _ => format!("Forget the key for {name}?"),
                };
                return self.open(ListPanel::new(&title, "", items, ""));
            }
            Held::Environment(variable) => format!(
                "{name}: its key is in the environment, which pi cannot change. Unset {variable} and start pi again."
            ),
            Held::Ambient(what) => {
                format!("{name}: it is connected by {what}, which pi cannot change.")
            }
            Held::Models => format!("{name}: take its apiKey out of models.json."),
            Held::Flag => format!("{name}: its key came with --api-key, for this run only."),
            Held::Nothing => return,
        };
        self.notice(Level::Info, &text);
    }

    fn forgotten(&mut self, id: &str, left: Result<Held, String>) {
        let name = self.name_of(id);
        let is_in_use = self.view.model.provider == id;
        match left {
            Err(why) => {
                let text = format!("The key for {name} was not forgotten: {why}");
                self.notice(Level::Error, &text);
            }
            Ok(Held::Nothing) if is_in_use => {
                let text = format!(
                    "the key for {name} is forgotten: {} cannot answer any more",
                    self.view.model.id
                );
                self.flash(Level::Warning, text);
            }
            Ok(Held::Nothing) => {
                self.flash(Level::Info, format!("the key for {name} is forgotten"));
            }
            Ok(held) => {
                let text = format!(
                    "forgotten; the key for {name} comes from {} now",
                    place(&held)
                );
                self.flash(Level::Info, text);
            }
        }
    }

    /// The provider that is meant by exactly this: its id, an id that it had, or its name.
    fn named(&self, typed: &str) -> Option<String> {
        let id = catalog::present_id(typed);
        let is_it =
            |it: &&Provider| it.id.eq_ignore_ascii_case(id) || it.name.eq_ignore_ascii_case(typed);
        self.providers.iter().find(is_it).map(|it| it.id.clone())
    }

    /// These entries, that first whose name is most like what was typed, and words about it.
    fn as_meant(&self, mut items: Vec<Item>, typed: &str) -> (Vec<Item>, String) {
        let id_of = |item: &Item| match &item.choice {
            Choice::Provider(id) | Choice::Held(id) => Some(id.clone()),
            _ => None,
        };
        let ids: Vec<String> = items.iter().filter_map(id_of).collect();
        let Some(meant) = resolve::meant(typed, ids.iter().map(String::as_str)) else {
            return (items, String::new());
        };
        items.sort_by_key(|item| id_of(item).is_none_or(|id| id != meant));
        (items, format!(" Did you mean {meant}?"))
    }

    fn provider(&self, id: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.id == id)
    }

    pub(super) fn name_of(&self, id: &str) -> String {
        let provider = self.provider(id);
        provider.map_or_else(|| id.to_owned(), |provider| provider.name.clone())
    }
}

/// One word: what may stand behind it is a key in the wrong place.
fn first_word(typed: &str) -> String {
    let word = typed.split_whitespace().next();
    word.unwrap_or_default().to_owned()
}

fn ask(request: Request) -> Vec<Effect> {
    vec![Effect::Keys(request)]
}

fn store(provider: String, key: Secret) -> Request {
    Request::Store(provider, key)
}

/// Where a key is.
fn place(held: &Held) -> &str {
    match held {
        Held::Nothing => "nowhere",
        Held::Stored => "auth.json",
        Held::Login => "auth.json (a login)",
        Held::Environment(variable) => variable,
        Held::Ambient(what) => what,
        Held::Models => "models.json",
        Held::Flag => "--api-key",
    }
}
