//! Models to choose from: all of them or those that cycling goes round, with what there is to know of the
//! selected one.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::roll::{Roll, Rolled, hint, say, with_right};
use super::{Choice, Panel, Step, dismisses, frame};
use crate::ai::local::{Kind, Server, Trouble};
use crate::ai::{Model, demo};
use crate::config::resolve::ScopedModel;
use crate::config::{KeyChord, Keymap};
use crate::tui::footer::short_count;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::mouse::Mouse;
use crate::tui::preferences::{Answer, Request, Standing};

/// Models to choose from.
pub struct ModelsPanel {
    roll: Roll,
    all: Vec<Arc<Model>>,
    scope: Vec<Arc<Model>>,
    /// Whether those of the scope alone are shown.
    is_scoped: bool,
    /// `provider/id` of the one that answers.
    current: String,
    /// That one, where it is at a server that may not answer now.
    local: Option<Arc<Model>>,
    /// Why servers that were asked have no models.
    troubles: Vec<(Server, Trouble)>,
    /// The same of the default.
    default: Option<String>,
    wishes: Vec<Request>,
    keys: Keys,
}

/// The names of keys.
struct Keys {
    tab: String,
    save: String,
    confirm: String,
    cancel: String,
}

impl ModelsPanel {
    /// All models and those of the scope, with this typed already; the current one is selected.
    pub fn new(
        all: &[Arc<Model>],
        scope: &[ScopedModel],
        current: &Model,
        keymap: &Keymap,
        filter: &str,
    ) -> Self {
        let key = |id: &str| {
            let keys = keymap.describe(id);
            keys.split('/').next().unwrap_or_default().to_owned()
        };
        let mut panel = ModelsPanel {
            roll: Roll::new(filter),
            all: all.to_vec(),
            scope: scope.iter().map(|scoped| scoped.model.clone()).collect(),
            is_scoped: !scope.is_empty(),
            current: current.full_id(),
            local: Kind::of(&current.provider).map(|_| Arc::new(current.clone())),
            troubles: Vec::new(),
            default: None,
            wishes: vec![Request::Standing],
            keys: Keys {
                tab: key("tui.input.tab"),
                save: key("app.models.save"),
                confirm: key("tui.select.confirm"),
                cancel: key("tui.select.cancel"),
            },
        };
        panel.keep_current();
        panel.sort();
        panel.search();
        panel.select_current();
        panel
    }

    /// Whether none is called like what is typed.
    pub fn is_empty(&self) -> bool {
        self.selected().is_none()
    }

    /// The one that answers belongs in the list, also while its server is gone.
    fn keep_current(&mut self) {
        let is_missing = |model: &&Arc<Model>| {
            let id = model.full_id();
            self.all.iter().all(|known| known.full_id() != id)
        };
        let missing = self.local.as_ref().filter(is_missing).cloned();
        self.all.extend(missing);
    }

    /// Why the server of a model does not offer it now.
    fn trouble(&self, model: &Model) -> Option<&(Server, Trouble)> {
        let is_it = |(server, _): &&(Server, Trouble)| server.base_url() == model.base_url;
        self.troubles.iter().find(is_it)
    }

    /// The current one, the default, then by provider.
    fn sort(&mut self) {
        let (current, default) = (&self.current, &self.default);
        self.all.sort_by_key(|model| {
            let id = model.full_id();
            let is_default = default.as_ref() == Some(&id);
            (id != *current, !is_default, model.provider.clone())
        });
    }

    /// Brings what has come into order; what was selected stays so.
    fn arrange(&mut self, selected: Option<String>) {
        self.sort();
        self.search();
        let mut models = self.models().iter();
        let at = models.position(|model| Some(model.full_id()) == selected);
        self.roll.select(at.unwrap_or(0));
    }

    fn models(&self) -> &[Arc<Model>] {
        match self.is_scoped {
            true => &self.scope,
            false => &self.all,
        }
    }

    fn search(&mut self) {
        let default = self.default.clone();
        let text = |model: &Arc<Model>| {
            let id = model.full_id();
            let mark = if default.as_ref() == Some(&id) {
                " default"
            } else {
                ""
            };
            format!("{} {id} {}{mark}", model.id, model.name)
        };
        let texts: Vec<String> = self.models().iter().map(text).collect();
        self.roll.search(texts.into_iter());
    }

    fn select_current(&mut self) {
        if self.roll.filter.trim().is_empty() {
            let current = &self.current;
            let at = self
                .models()
                .iter()
                .position(|one| one.full_id() == *current);
            self.roll.select(at.unwrap_or(0));
        }
    }

    fn selected(&self) -> Option<&Arc<Model>> {
        self.roll.selected().and_then(|at| self.models().get(at))
    }

    fn choose(&self, is_kept: bool) -> Step {
        let Some(model) = self.selected() else {
            return Step::Stay;
        };
        let (provider, id) = (model.provider.clone(), model.id.clone());
        Step::Choose(match is_kept {
            true => Choice::KeepModel { provider, id },
            false => Choice::Model { provider, id },
        })
    }

    fn is_unconnected(&self) -> bool {
        self.all
            .iter()
            .all(|model| model.provider == demo::PROVIDER)
    }

    fn row(&self, at: usize, is_selected: bool, width: usize, look: &Look) -> Line<'static> {
        let model = &self.models()[at];
        let id = model.full_id();
        let style = if is_selected {
            look.bold(Token::Accent)
        } else {
            look.fg(Token::Text)
        };
        let mut left = vec![
            Span::styled(
                if is_selected { "› " } else { "  " },
                look.fg(Token::Accent),
            ),
            Span::styled(sanitize_line(&model.id).to_string(), style),
        ];
        if id == self.current {
            left.push(Span::styled(" ✓", look.fg(Token::Success)));
        }
        if self.default.as_ref() == Some(&id) {
            left.push(Span::styled(" · default", look.fg(Token::Muted)));
        }
        let provider = sanitize_line(&model.provider);
        let tools = if model.takes_tools() {
            ""
        } else {
            " · no tools"
        };
        let right = match self.trouble(model) {
            Some((_, Trouble::Empty)) => format!("{provider} · gone"),
            Some(_) => format!("{provider} · does not answer"),
            None => format!("{provider}{tools} · {}", short_count(model.context_window)),
        };
        with_right(left, vec![Span::styled(right, look.fg(Token::Dim))], width)
    }

    /// What there is to know of the selected one.
    fn words(&self) -> String {
        let Some(model) = self.selected() else {
            return String::new();
        };
        match self.trouble(model) {
            Some((server, Trouble::Nobody)) => {
                let (name, start) = (server.kind.name(), server.kind.start());
                return format!(
                    "{name} at {} does not answer; {start} starts it",
                    server.url
                );
            }
            Some((server, why)) => return why.tell(server),
            None => {}
        }
        let mut words = vec![model.name.clone()];
        let price = &model.cost;
        words.push(match price.input == 0.0 && price.output == 0.0 {
            true if Kind::of(&model.provider).is_some() => "runs locally".into(),
            true => "no price known".into(),
            false => format!("${} in, ${} out per million", price.input, price.output),
        });
        words.push(format!(
            "{} in, {} out",
            short_count(model.context_window),
            short_count(model.max_tokens)
        ));
        if !model.takes_tools() {
            words.push("no tools".into());
        }
        if model.reasoning {
            words.push("thinks".into());
        }
        if model.reads_images() {
            words.push("sees".into());
        }
        words.join(" · ")
    }
}

impl Panel for ModelsPanel {
    fn height(&self, _width: u16) -> u16 {
        let most = self.all.len().max(self.scope.len());
        u16::try_from(most.clamp(1, 14) + 4).unwrap_or(u16::MAX)
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let count = format!("{}/{}", self.roll.shown().len(), self.models().len());
        let keys = [
            (self.keys.confirm.as_str(), "chooses"),
            (self.keys.cancel.as_str(), "closes"),
            (self.keys.save.as_str(), "makes it the default"),
        ];
        let below = hint(usize::from(area.width), &count, &keys);
        let inside = frame(area, buffer, look, "Choose a model", &below);
        if inside.is_empty() {
            return None;
        }
        let words = u16::from(inside.height >= 3);
        let list = Rect {
            height: inside.height - words,
            ..inside
        };
        let place = Rect {
            y: list.bottom(),
            height: words,
            ..inside
        };
        match self.is_unconnected() {
            true => {
                let text = "no model is connected; /login connects one";
                say(text, Token::Warning, place, buffer, look);
            }
            false => say(&self.words(), Token::Muted, place, buffer, look),
        }
        let tabs = match self.scope.is_empty() {
            true => Vec::new(),
            false => {
                let token = |is_it| if is_it { Token::Accent } else { Token::Dim };
                vec![
                    Span::styled("all", look.fg(token(!self.is_scoped))),
                    Span::styled(" | ", look.fg(Token::Dim)),
                    Span::styled("scoped", look.fg(token(self.is_scoped))),
                    Span::styled(format!(" ({})", self.keys.tab), look.fg(Token::Dim)),
                ]
            }
        };
        let mut roll = std::mem::replace(&mut self.roll, Roll::new(""));
        let width = usize::from(list.width);
        let caret = roll.draw((area, list), buffer, look, tabs, |at, is_selected| {
            self.row(at, is_selected, width, look)
        });
        self.roll = roll;
        if self.roll.shown().is_empty() {
            let below = Rect {
                y: list.y + 1,
                height: list.height.saturating_sub(1),
                ..list
            };
            let text = match self.models().is_empty() {
                true => "there is nothing to choose from",
                false => "nothing matches; backspace widens",
            };
            say(text, Token::Muted, below, buffer, look);
        }
        caret
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        let is = |id: &str| keymap.matches(id, chord);
        if dismisses(chord, keymap) {
            return Step::Dismiss;
        }
        if is("tui.select.confirm") {
            return self.choose(false);
        }
        if is("app.models.save") {
            return self.choose(true);
        }
        if is("tui.input.tab") {
            if !self.scope.is_empty() {
                self.is_scoped = !self.is_scoped;
                self.search();
                self.select_current();
            }
        } else if self.roll.key(chord, keymap) == Rolled::Typed {
            self.search();
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str) {
        self.roll.paste(text);
        self.search();
    }

    fn mouse(&mut self, mouse: Mouse) -> Step {
        match self.roll.mouse(mouse) {
            Some(_) => self.choose(false),
            None => Step::Stay,
        }
    }

    fn scroll(&mut self, rows: i32) {
        self.roll.go(isize::try_from(rows).unwrap_or(0));
    }

    fn wishes(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.wishes)
    }

    fn learn(&mut self, answer: &Answer) {
        if let Answer::Standing(standing) = answer {
            self.default = default_of(standing);
            let selected = self.selected().map(|model| model.full_id());
            self.arrange(selected);
        }
    }

    fn offer(&mut self, models: &[Arc<Model>], troubles: &[(Server, Trouble)]) {
        self.troubles = troubles.to_vec();
        let selected = self.selected().map(|model| model.full_id());
        let before = std::mem::replace(&mut self.all, models.to_vec());
        self.keep_current();
        self.sort();
        if self.all != before {
            self.arrange(selected);
        }
    }
}

/// `provider/id` of the default model.
fn default_of(standing: &Standing) -> Option<String> {
    let text = |name: &str| standing.held.get(name)?.value.as_ref()?.as_str();
    let (provider, id) = text("defaultProvider").zip(text("defaultModel"))?;
    Some(format!("{provider}/{id}"))
}
