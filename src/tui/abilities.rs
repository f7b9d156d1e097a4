//! What is known of the terminal: from the environment at once, from its answers as they come.
//!
//! A plain value. Whoever asks the terminal is `screen`; whoever is told is the app, by
//! [`Msg::Answer`](super::msg::Msg::Answer). Nothing waits for an answer: what is not known is `None`, and
//! everything works without it.

use std::time::Duration;

pub use super::keyboard::Keyboard;
use super::outside::Channel;
use crate::config::{Appearance, Env, Surroundings};

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

/// Something that the terminal said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The kitty keyboard protocol is spoken, with these flags set.
    KittyKeyboard(u32),
    /// xterm's modifyOtherKeys is at this level.
    ModifyOtherKeys(u32),
    /// The device's attributes, whose answer comes after all others: whoever has not answered by then
    /// never will. Whether pictures can be sent as sixels.
    Attributes {
        /// The terminal shows sixels.
        sixel: bool,
    },
    /// Its name and version.
    Name(String),
    /// The colour of text.
    Foreground(Rgb),
    /// The colour behind text.
    Background(Rgb),
    /// The colour of one of the first sixteen.
    Palette(u8, Rgb),
    /// Whether frames can be shown whole (mode 2026).
    Synchronized(bool),
    /// The width and height of a cell in pixels.
    CellSize(u16, u16),
    /// What goes on is wanted to be told (OSC 7501).
    Watched,
    /// The desktop is light or dark now; also told later, whenever that changes.
    Scheme(Appearance),
}

/// What is known of the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Abilities {
    /// Which keys arrive distinguishable.
    pub keyboard: Keyboard,
    /// The colour of text.
    pub foreground: Option<Rgb>,
    /// The colour behind text.
    pub background: Option<Rgb>,
    /// The first sixteen colours.
    pub palette: [Option<Rgb>; 16],
    /// What the terminal says of the desktop.
    pub scheme: Option<Appearance>,
    /// What `COLORFGBG` says of the background.
    pub guess: Option<Appearance>,
    /// Whether frames are shown whole.
    pub synchronized: Option<bool>,
    /// The width and height of a cell in pixels.
    pub cell_size: Option<(u16, u16)>,
    /// Whether pictures can be sent as sixels.
    pub sixel: bool,
    /// Whether somebody watches what goes on (OSC 7501), once that is known.
    pub watched: Option<bool>,
    /// The terminal's name: its own word, else the environment's. Inside tmux the one outside, if known.
    pub name: Option<String>,
    /// Inside tmux.
    pub tmux: bool,
    /// On another machine than the terminal.
    pub ssh: bool,
    /// How long after an escape the rest of a key may come, where the person has said it.
    pub escape: Option<Duration>,
    /// The terminal is not to be asked: it would show the questions.
    pub is_mute: bool,
    /// The end of the answers has come.
    pub has_answered: bool,
}

/// Variables that terminals leave behind, also inside tmux, and whose they are.
const TRACES: [(&str, &str); 7] = [
    ("KITTY_WINDOW_ID", "kitty"),
    ("WEZTERM_PANE", "WezTerm"),
    ("GHOSTTY_RESOURCES_DIR", "ghostty"),
    ("ITERM_SESSION_ID", "iTerm2"),
    ("WT_SESSION", "Windows Terminal"),
    ("KONSOLE_VERSION", "Konsole"),
    ("VTE_VERSION", "VTE"),
];

/// How many milliseconds an escape alone is waited upon.
const ESCAPE: &str = "PI_TUI_ESC_TIMEOUT";

/// Longer than this, the Escape key would seem dead.
const LONGEST_ESCAPE: Duration = Duration::from_secs(5);

impl Abilities {
    /// What the environment tells.
    pub fn of(env: &Env) -> Self {
        let term = env.get("TERM").unwrap_or_default();
        let tmux = env.get("TMUX").is_some() || term.starts_with("tmux");
        let own = env.get("TERM_PROGRAM").filter(|name| *name != "tmux");
        let trace = || {
            let found = TRACES.iter().find(|(name, _)| env.get(name).is_some());
            found.map(|(_, terminal)| *terminal)
        };
        let by_term = || match term {
            "xterm-kitty" => Some("kitty"),
            "xterm-ghostty" => Some("ghostty"),
            "foot" | "foot-extra" => Some("foot"),
            "alacritty" => Some("Alacritty"),
            _ => None,
        };
        let name = own.or_else(|| env.get("LC_TERMINAL"));
        let name = name.or_else(trace).or_else(by_term);
        Abilities {
            name: name.map(str::to_owned),
            tmux,
            ssh: env.get("SSH_TTY").or(env.get("SSH_CONNECTION")).is_some(),
            guess: Appearance::guess(env),
            watched: match env.get("PI_PROGRAM_STATUS") {
                Some("1") => Some(true),
                Some("0") => Some(false),
                _ => None,
            },
            escape: env.get(ESCAPE).and_then(|time| {
                let time = time.trim().parse().ok().filter(|time| *time > 0)?;
                Some(Duration::from_millis(time).min(LONGEST_ESCAPE))
            }),
            is_mute: matches!(term, "" | "dumb" | "linux" | "unknown"),
            ..Abilities::default()
        }
    }

    /// Takes an answer; whether it was news.
    pub fn learn(&mut self, answer: &Answer) -> bool {
        let before = self.clone();
        match answer {
            Answer::KittyKeyboard(_) => self.keyboard = Keyboard::Kitty,
            Answer::ModifyOtherKeys(level) => {
                if *level > 0 && self.keyboard != Keyboard::Kitty {
                    self.keyboard = Keyboard::ModifyOtherKeys;
                }
            }
            Answer::Attributes { sixel } => {
                self.has_answered = true;
                self.sixel = *sixel;
                if self.keyboard == Keyboard::Unknown {
                    self.keyboard = Keyboard::Legacy;
                }
            }
            Answer::Name(name) if name.starts_with("tmux") => self.tmux = true,
            Answer::Name(name) => self.name = Some(name.clone()),
            Answer::Foreground(color) => self.foreground = Some(*color),
            Answer::Background(color) => self.background = Some(*color),
            Answer::Palette(index, color) => {
                if let Some(place) = self.palette.get_mut(usize::from(*index)) {
                    *place = Some(*color);
                }
            }
            Answer::Synchronized(is_so) => self.synchronized = Some(*is_so),
            Answer::CellSize(width, height) => self.cell_size = Some((*width, *height)),
            Answer::Watched => {
                self.watched.get_or_insert(true);
            }
            Answer::Scheme(scheme) => self.scheme = Some(*scheme),
        }
        *self != before
    }

    /// How long after an escape the rest of a key may come: over the network keys come in pieces.
    pub fn patience(&self) -> Duration {
        let usual = if self.ssh { 100 } else { 25 };
        self.escape.unwrap_or(Duration::from_millis(usual))
    }

    /// Light or dark: by the background, else by what the terminal says of the desktop, else by
    /// `COLORFGBG`, else dark.
    pub fn appearance(&self) -> Appearance {
        let by_ground = self.background.map(|ground| match is_light(ground) {
            true => Appearance::Light,
            false => Appearance::Dark,
        });
        by_ground.or(self.scheme).or(self.guess).unwrap_or_default()
    }

    /// What a theme can be made of.
    pub fn surroundings(&self) -> Surroundings {
        let color = |(red, green, blue): Rgb| crate::store::export::Rgb(red, green, blue);
        Surroundings {
            appearance: self.appearance(),
            foreground: self.foreground.map(color),
            background: self.background.map(color),
            palette: self.palette.map(|entry| entry.map(color)),
        }
    }

    /// Whether the terminal is one that is known to have 24 bits of colour, whatever `TERM` says.
    pub fn is_rich(&self) -> bool {
        const RICH: [&str; 10] = [
            "kitty",
            "foot",
            "ghostty",
            "WezTerm",
            "iTerm",
            "Alacritty",
            "contour",
            "vscode",
            "Windows Terminal",
            "Konsole",
        ];
        !self.tmux && RICH.iter().any(|name| self.is_called(name))
    }

    /// How it brings notices to the desktop.
    pub fn channel(&self) -> Channel {
        let is_one = |names: &[&str]| names.iter().any(|name| self.is_called(name));
        match () {
            () if is_one(&["kitty"]) => Channel::Osc99,
            () if is_one(&["iTerm", "WezTerm", "ghostty"]) => Channel::Osc9,
            () if is_one(&["foot", "rxvt", "contour"]) => Channel::Osc777,
            () => Channel::Bell,
        }
    }

    /// Whether its name begins so, whatever the case.
    pub fn is_called(&self, beginning: &str) -> bool {
        let name = self.name.as_deref().unwrap_or_default();
        let start = name.get(..beginning.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(beginning))
    }
}

/// Whether dark text reads better on it than light text.
fn is_light((red, green, blue): Rgb) -> bool {
    let weighed = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    weighed > 128 * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(variables: &[(&str, &str)]) -> Env {
        variables.iter().copied().collect()
    }

    #[test]
    fn the_environment_names_the_terminal_also_inside_tmux_and_ssh() {
        let inside = Abilities::of(&env(&[
            ("TERM", "tmux-256color"),
            ("TMUX", "/tmp/tmux-0/default,1,0"),
            ("TERM_PROGRAM", "tmux"),
            ("KITTY_WINDOW_ID", "1"),
            ("SSH_TTY", "/dev/pts/1"),
        ]));
        assert!(inside.tmux && inside.ssh && inside.is_called("Kitty"));
        assert!(!inside.is_mute);
        assert!(Abilities::of(&env(&[("TERM", "dumb")])).is_mute);
        assert!(Abilities::of(&env(&[])).is_mute);
    }

    #[test]
    fn keys_come_slower_over_ssh_and_the_person_has_the_last_word() {
        let patience = |variables: &[_]| Abilities::of(&env(variables)).patience().as_millis();
        let ssh = ("SSH_TTY", "/dev/pts/1");
        assert_eq!(patience(&[]), 25);
        assert_eq!(patience(&[ssh]), 100);
        assert_eq!(patience(&[ssh, (ESCAPE, "400")]), 400);
        assert_eq!(patience(&[(ESCAPE, "0")]), 25);
        assert_eq!(patience(&[(ESCAPE, "soon")]), 25);
        assert_eq!(patience(&[(ESCAPE, "99999999")]), 5000);
    }

    #[test]
    fn what_was_not_answered_by_the_end_never_will_be() {
        let mut plain = Abilities::default();
        assert!(plain.learn(&Answer::Attributes { sixel: true }));
        assert_eq!(plain.keyboard, Keyboard::Legacy);
        assert!(!plain.learn(&Answer::Attributes { sixel: true }));
        let mut kitty = Abilities::default();
        kitty.learn(&Answer::KittyKeyboard(5));
        kitty.learn(&Answer::ModifyOtherKeys(2));
        kitty.learn(&Answer::Attributes { sixel: false });
        assert_eq!(kitty.keyboard, Keyboard::Kitty);
        let mut xterm = Abilities::default();
        xterm.learn(&Answer::ModifyOtherKeys(2));
        xterm.learn(&Answer::Attributes { sixel: false });
        assert_eq!(xterm.keyboard, Keyboard::ModifyOtherKeys);
    }

    #[test]
    fn light_or_dark_is_known_best_by_the_ground_itself() {
        let mut terminal = Abilities::of(&env(&[("COLORFGBG", "0;15")]));
        assert_eq!(terminal.appearance(), Appearance::Light);
        terminal.learn(&Answer::Scheme(Appearance::Dark));
        assert_eq!(terminal.appearance(), Appearance::Dark);
        terminal.learn(&Answer::Background((250, 250, 240)));
        assert_eq!(terminal.appearance(), Appearance::Light);
        assert_eq!(Abilities::default().appearance(), Appearance::Dark);
    }
}
