//! How many colours the terminal shows, as far as the environment and the settings say.

use crate::config::Env;
use crate::config::settings::Switch;
use crate::tui::look::Depth;

/// How many colours, and whether that is a guess that the terminal's own word may better.
pub(super) fn depth(env: &Env, true_color: Switch) -> (Depth, bool) {
    let term = env.get("TERM").unwrap_or_default();
    if env.get("NO_COLOR").is_some() || term == "dumb" {
        return (Depth::None, false);
    }
    let forced = match true_color {
        Switch::On => Some(true),
        Switch::Off => Some(false),
        Switch::Auto => match env.get("PI_TRUE_COLOR") {
            Some("1") => Some(true),
            Some("0") => Some(false),
            _ => None,
        },
    };
    let says_true = || matches!(env.get("COLORTERM"), Some("truecolor" | "24bit")) || is_rich(term);
    if forced.unwrap_or_else(says_true) {
        return (Depth::Truecolor, false);
    }
    if term.is_empty() || is_plain(term) {
        return (Depth::Sixteen, false);
    }
    (Depth::Indexed, forced.is_none())
}

/// Terminals that are known to have the 16 colours alone.
fn is_plain(term: &str) -> bool {
    matches!(
        term,
        "linux" | "xterm" | "screen" | "vt100" | "vt220" | "ansi" | "cons25"
    )
}

/// Terminals that are known to have 24 bits; over ssh `TERM` is all that is left of them.
fn is_rich(term: &str) -> bool {
    let names = [
        "kitty",
        "ghostty",
        "alacritty",
        "foot",
        "wezterm",
        "contour",
    ];
    let name = term.strip_prefix("xterm-").unwrap_or(term);
    term.ends_with("-direct") || names.iter().any(|known| name.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)], setting: Switch) -> (Depth, bool) {
        depth(&variables.iter().copied().collect(), setting)
    }

    #[test]
    fn the_setting_wins_over_the_variables_and_those_over_the_terminals_kind() {
        let term = ("TERM", "xterm-256color");
        assert_eq!(of(&[term], Switch::Auto), (Depth::Indexed, true));
        assert_eq!(of(&[term], Switch::On), (Depth::Truecolor, false));
        let forced = [term, ("PI_TRUE_COLOR", "1")];
        assert_eq!(of(&forced, Switch::Auto), (Depth::Truecolor, false));
        assert_eq!(of(&forced, Switch::Off), (Depth::Indexed, false));
        let refused = [("TERM", "xterm-kitty"), ("PI_TRUE_COLOR", "0")];
        assert_eq!(of(&refused, Switch::Auto), (Depth::Indexed, false));
        let told = [term, ("COLORTERM", "truecolor")];
        assert_eq!(of(&told, Switch::Auto), (Depth::Truecolor, false));
    }

    #[test]
    fn the_kind_of_terminal_says_the_rest() {
        for (term, wanted) in [
            ("xterm-kitty", Depth::Truecolor),
            ("xterm-direct", Depth::Truecolor),
            ("tmux-256color", Depth::Indexed),
            ("xterm", Depth::Sixteen),
            ("linux", Depth::Sixteen),
            ("dumb", Depth::None),
        ] {
            assert_eq!(of(&[("TERM", term)], Switch::Auto).0, wanted, "{term}");
        }
        let without = [("TERM", "xterm-kitty"), ("NO_COLOR", "1")];
        assert_eq!(of(&without, Switch::On), (Depth::None, false));
    }
}
