//! Which protocol the terminal has for pictures: said by a person, or found out.

use crate::tui::abilities::Abilities;

/// How a picture is told to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Kitty's, with cells that stand for the picture. The terminal moves it as it moves text.
    Kitty,
    /// iTerm2's files in line (OSC 1337), drawn over blank cells.
    Iterm2,
    /// Sixels, drawn over blank cells.
    Sixel,
}

/// How the protocol is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// This one, whatever the terminal is.
    Said(Protocol),
    /// What the terminal turns out to have. Where another program stands between, such as screen, only what
    /// that one announces.
    Found {
        /// Whether there is one.
        between: bool,
    },
}

impl Protocol {
    /// The protocol whose cells have this character.
    pub(super) fn of(placeholder: char) -> Option<Self> {
        match placeholder {
            '\u{10eeee}' => Some(Protocol::Kitty),
            '\u{10eeef}' => Some(Protocol::Iterm2),
            '\u{10eef0}' => Some(Protocol::Sixel),
            _ => None,
        }
    }

    /// The character of the cells that stand for a picture. Kitty's is its protocol's.
    pub(super) fn placeholder(self) -> char {
        match self {
            Protocol::Kitty => '\u{10eeee}',
            Protocol::Iterm2 => '\u{10eeef}',
            Protocol::Sixel => '\u{10eef0}',
        }
    }
}

impl Way {
    /// The protocol, as far as the terminal is known.
    pub(super) fn protocol(self, known: &Abilities) -> Option<Protocol> {
        const KITTY: [&str; 2] = ["kitty", "ghostty"];
        const ITERM2: [&str; 3] = ["iTerm", "WezTerm", "mintty"];
        let is_one = |names: &[&str]| names.iter().any(|name| known.is_called(name));
        let by_sixel = known.sixel.then_some(Protocol::Sixel);
        match self {
            Way::Said(protocol) => Some(protocol),
            Way::Found { between } if between || known.tmux => by_sixel,
            Way::Found { .. } if is_one(&KITTY) => Some(Protocol::Kitty),
            Way::Found { .. } if is_one(&ITERM2) => Some(Protocol::Iterm2),
            // It announces sixels once pictures are allowed in its settings, and then has both.
            Way::Found { .. } if is_one(&["vscode"]) => by_sixel.and(Some(Protocol::Iterm2)),
            Way::Found { .. } => by_sixel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Env;
    use crate::tui::abilities::Answer;

    fn found(env: &[(&str, &str)], answers: &[Answer]) -> Option<Protocol> {
        let mut known = Abilities::of(&env.iter().copied().collect::<Env>());
        for answer in answers {
            known.learn(answer);
        }
        Way::Found { between: false }.protocol(&known)
    }

    #[test]
    fn the_terminal_is_known_by_its_variables() {
        assert_eq!(
            found(&[("TERM", "xterm-kitty")], &[]),
            Some(Protocol::Kitty)
        );
        for program in ["iTerm.app", "WezTerm", "mintty"] {
            let env = [("TERM", "xterm-256color"), ("TERM_PROGRAM", program)];
            assert_eq!(found(&env, &[]), Some(Protocol::Iterm2), "{program}");
        }
        assert_eq!(found(&[("TERM", "xterm-256color")], &[]), None);
    }

    #[test]
    fn the_terminal_is_known_by_its_answers() {
        let xterm = [("TERM", "xterm-256color")];
        let sixel = Answer::Attributes { sixel: true };
        assert_eq!(
            found(&xterm, std::slice::from_ref(&sixel)),
            Some(Protocol::Sixel)
        );
        assert_eq!(found(&xterm, &[Answer::Attributes { sixel: false }]), None);
        let name = Answer::Name("WezTerm 20240203".into());
        assert_eq!(
            found(&xterm, &[name, sixel.clone()]),
            Some(Protocol::Iterm2)
        );
        let code = [("TERM", "xterm-256color"), ("TERM_PROGRAM", "vscode")];
        assert_eq!(found(&code, &[]), None, "until it says that it may");
        assert_eq!(found(&code, &[sixel]), Some(Protocol::Iterm2));
    }

    #[test]
    fn inside_tmux_only_what_tmux_announces_counts() {
        let inside = [
            ("TERM", "tmux-256color"),
            ("TMUX", "/tmp/tmux-0/default,1,0"),
            ("KITTY_WINDOW_ID", "1"),
        ];
        assert_eq!(found(&inside, &[]), None);
        let sixel = Answer::Attributes { sixel: true };
        assert_eq!(found(&inside, &[sixel]), Some(Protocol::Sixel));
        let known = Abilities::of(&[("TERM_PROGRAM", "iTerm.app")].into_iter().collect());
        assert_eq!(Way::Found { between: true }.protocol(&known), None);
        assert_eq!(
            Way::Said(Protocol::Kitty).protocol(&known),
            Some(Protocol::Kitty)
        );
    }
}
