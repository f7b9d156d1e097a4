//! All keys, by what they do: type to search. What this terminal cannot send is marked.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

use super::{Panel, Step, dismisses, frame};
use crate::config::{KeyChord, KeyName, Keymap};
use crate::tui::abilities::Keyboard;
use crate::tui::editor::typed;
use crate::tui::look::{Look, Token};
use crate::tui::markdown::sanitize_line;
use crate::tui::markdown::wrap::{text_width, truncate, wrap_words};

/// Columns that keys get at most.
const KEYS: usize = 26;

/// All keys.
pub struct HotkeysPanel {
    groups: Vec<Group>,
    keyboard: Keyboard,
    filter: String,
    first: usize,
    page: usize,
    count: usize,
}

struct Group {
    title: String,
    actions: Vec<Action>,
}

struct Action {
    /// With whether the terminal can send each.
    keys: Vec<(String, bool)>,
    does: String,
    /// What is searched.
    words: String,
}

impl HotkeysPanel {
    /// The keys of `keymap` on this keyboard.
    pub fn new(keymap: &Keymap, keyboard: Keyboard) -> Self {
        let action = |action: &crate::config::keys::Action, title: &str| {
            let chords = keymap.action_keys(&action.id).iter();
            let keys: Vec<(String, bool)> = chords
                .map(|chord| (chord.to_string(), can_send(*chord, keyboard)))
                .collect();
            let named: Vec<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
            let words = format!("{} {} {} {title}", named.join(" "), action.does, action.id);
            Action {
                does: action.does.clone(),
                words: words.to_lowercase(),
                keys,
            }
        };
        let groups = Keymap::groups().iter().map(|group| Group {
            title: group.title.clone(),
            actions: group
                .actions
                .iter()
                .map(|it| action(it, &group.title))
                .collect(),
        });
        HotkeysPanel {
            groups: groups.collect(),
            keyboard,
            filter: String::new(),
            first: 0,
            page: 1,
            count: 0,
        }
    }

    /// The groups with the actions that have every word that is typed.
    fn found(&self) -> Vec<(&str, Vec<&Action>)> {
        let filter = self.filter.to_lowercase();
        let has = |action: &&Action| {
            let mut words = filter.split_whitespace();
            words.all(|word| action.words.contains(word))
        };
        let each = self.groups.iter().map(|group| {
            let actions: Vec<&Action> = group.actions.iter().filter(has).collect();
            (group.title.as_str(), actions)
        });
        each.filter(|(_, actions)| !actions.is_empty()).collect()
    }

    fn rows(&self, width: usize, look: &Look) -> Vec<Line<'static>> {
        let mut rows = Vec::new();
        let found = self.found();
        let keys = KEYS.min(width * 2 / 5);
        for (title, actions) in &found {
            if !rows.is_empty() {
                rows.push(Line::default());
            }
            let title = [Span::styled(
                (*title).to_owned(),
                look.bold(Token::MdHeading),
            )];
            rows.push(truncate(&title, width).into());
            for action in actions {
                action.rows(keys, width, look, &mut rows);
            }
        }
        let muted = |text: &str| Span::styled(text.to_owned(), look.fg(Token::Muted));
        if found.is_empty() {
            return wrapped(muted("nothing matches; backspace widens"), width);
        }
        let is_lacking = found.iter().any(|(_, actions)| {
            let mut keys = actions.iter().flat_map(|action| &action.keys);
            keys.any(|(_, can)| !can)
        });
        rows.push(Line::default());
        if is_lacking {
            let text = match self.keyboard {
                Keyboard::Unknown => {
                    "✗ an old terminal cannot send it; this one did not say what it can"
                }
                _ => "✗ this terminal cannot send it (docs/keybindings.md says what to do)",
            };
            rows.extend(wrapped(Span::styled(text, look.fg(Token::Warning)), width));
        }
        let own = "Your own keys: keybindings.json in the agent directory, see docs/keybindings.md";
        rows.extend(wrapped(muted(own), width));
        rows
    }

    fn go(&mut self, by: isize) {
        let last = self.count.saturating_sub(self.page);
        self.first = self.first.saturating_add_signed(by).min(last);
    }
}

impl Action {
    /// The keys to the left, what they do to the right, in as many rows as they need.
    fn rows(&self, keys: usize, width: usize, look: &Look, rows: &mut Vec<Line<'static>>) {
        let mut left: Vec<Span<'static>> = Vec::new();
        for (key, can) in &self.keys {
            if !left.is_empty() {
                left.push(Span::styled(" / ", look.fg(Token::Dim)));
            }
            match can {
                true => left.push(Span::styled(key.clone(), look.fg(Token::Accent))),
                false => left.push(Span::styled(format!("{key} ✗"), look.fg(Token::Warning))),
            }
        }
        if left.is_empty() {
            left.push(Span::styled("–", look.fg(Token::Dim)));
        }
        let does = [Span::styled(self.does.clone(), look.fg(Token::Text))];
        let indent = 2.min(width);
        let room = width.saturating_sub(indent + keys + 1).max(1);
        let left = wrap_words(&left, keys.max(1));
        let right = wrap_words(&does, room);
        let count = left.len().max(right.len());
        let (mut left, mut right) = (left.into_iter(), right.into_iter());
        for _ in 0..count {
            let mut row = vec![Span::raw(" ".repeat(indent))];
            let keys_here = left.next().unwrap_or_default();
            let used: usize = keys_here.iter().map(|span| text_width(&span.content)).sum();
            row.extend(keys_here);
            row.push(Span::raw(" ".repeat((keys + 1).saturating_sub(used))));
            row.extend(right.next().unwrap_or_default());
            rows.push(truncate(&row, width).into());
        }
    }
}

/// Whether a key arrives as itself. A terminal that has not answered is taken to be an old one.
fn can_send(chord: KeyChord, keyboard: Keyboard) -> bool {
    let sends = keyboard
        .sends(chord)
        .or_else(|| Keyboard::Legacy.sends(chord));
    sends.unwrap_or(true)
}

/// In words.
fn name(keyboard: Keyboard) -> &'static str {
    match keyboard {
        Keyboard::Legacy => "old encoding",
        Keyboard::ModifyOtherKeys => "modifyOtherKeys",
        Keyboard::Kitty => "kitty protocol",
        Keyboard::Unknown => "terminal not known",
    }
}

fn wrapped(span: Span<'static>, width: usize) -> Vec<Line<'static>> {
    let rows = wrap_words(&[span], width.max(1));
    rows.into_iter().map(Line::from).collect()
}

impl Panel for HotkeysPanel {
    fn height(&self, _width: u16) -> u16 {
        24
    }

    fn draw(&mut self, area: Rect, buffer: &mut Buffer, look: &Look) -> Option<Position> {
        let title = format!("Keys · {}", name(self.keyboard));
        let count: usize = self.found().iter().map(|(_, actions)| actions.len()).sum();
        let hint = format!("{count} · type to search · escape closes");
        let inside = frame(area, buffer, look, &title, &hint);
        if inside.is_empty() {
            return None;
        }
        let width = usize::from(inside.width);
        let typed = [
            Span::styled("/ ", look.fg(Token::Dim)),
            Span::styled(
                sanitize_line(&self.filter).into_owned(),
                look.fg(Token::Text),
            ),
        ];
        let head = Rect {
            height: 1,
            ..inside
        };
        Line::from(truncate(&typed, width)).render(head, buffer);
        let rows = self.rows(width, look);
        self.page = usize::from(inside.height - 1).max(1);
        self.count = rows.len();
        self.go(0);
        for (y, row) in (inside.y + 1..inside.bottom()).zip(rows.into_iter().skip(self.first)) {
            let place = Rect {
                y,
                height: 1,
                ..inside
            };
            row.render(place, buffer);
        }
        let used = u16::try_from(2 + text_width(&self.filter)).unwrap_or(u16::MAX);
        Some(Position {
            x: inside.x + used.min(inside.width - 1),
            y: inside.y,
        })
    }

    fn key(&mut self, chord: KeyChord, keymap: &Keymap) -> Step {
        let is = |id: &str| keymap.matches(id, chord);
        let page = isize::try_from(self.page).unwrap_or(1);
        match () {
            () if dismisses(chord, keymap) || is("tui.select.confirm") => return Step::Dismiss,
            () if is("tui.select.up") => self.go(-1),
            () if is("tui.select.down") => self.go(1),
            () if is("tui.select.pageUp") => self.go(-page),
            () if is("tui.select.pageDown") => self.go(page),
            () if chord == KeyChord::plain(KeyName::Home) => self.go(isize::MIN),
            () if chord == KeyChord::plain(KeyName::End) => self.go(isize::MAX),
            () if is("tui.editor.deleteCharBackward") => {
                self.filter.pop();
                self.first = 0;
            }
            () if is("tui.editor.deleteToLineStart") || is("tui.editor.deleteWordBackward") => {
                self.filter.clear();
                self.first = 0;
            }
            () => {
                if let Some(text) = typed(chord) {
                    self.filter.push_str(&text);
                    self.first = 0;
                }
            }
        }
        Step::Stay
    }

    fn paste(&mut self, text: &str) {
        self.filter.push_str(sanitize_line(text).trim());
        self.first = 0;
    }

    fn scroll(&mut self, rows: i32) {
        self.go(isize::try_from(rows).unwrap_or(0));
    }
}
