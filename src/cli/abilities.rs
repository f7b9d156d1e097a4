//! What the terminal can show besides text: said by a setting, by a variable, or by its name. Nothing
//! is asked of it here; how it shows pictures may turn out later.

use std::sync::Arc;

use super::world::World;
use crate::config::Env;
use crate::config::settings::{Images, Switch};
use crate::tui::links::Linker;
use crate::tui::markdown::Manner;
use crate::tui::pictures::{Pictures, Protocol, Way};

/// How text is drawn on this terminal, apart from its colours.
/// `on_ready` is called from another thread when there is more to paint.
pub(super) fn manner(
    world: &World,
    home: Option<String>,
    on_ready: impl Fn() + Send + Sync + 'static,
) -> Manner {
    let settings = &world.settings;
    let way = way(&world.env, settings.terminal.images);
    let way = way.filter(|_| settings.terminal.show_images);
    let linked = shows_links(&world.env, settings.terminal.hyperlinks);
    Manner {
        code_indent: settings.code_block_indent.clone(),
        mermaid: settings.mermaid,
        pictures: way.map(|way| {
            let columns = usize::from(settings.terminal.image_width_cells);
            Pictures::new(columns, way, Arc::new(on_ready))
        }),
        linker: linked.then(|| Linker {
            cwd: world.paths.cwd().to_path_buf(),
            home,
            host: host(&world.env),
        }),
    }
}

/// Whether links are shown as links: the setting, else `PI_HYPERLINKS`, else where the terminal is known
/// for it. One that drops them would hide where they lead.
fn shows_links(env: &Env, setting: Switch) -> bool {
    match (setting, env.get("PI_HYPERLINKS")) {
        (Switch::On, _) | (Switch::Auto, Some("1")) => true,
        (Switch::Off, _) | (Switch::Auto, Some("0")) => false,
        (Switch::Auto, _) => is_known_for_links(env),
    }
}

fn is_known_for_links(env: &Env) -> bool {
    let lower = |name: &str| env.get(name).unwrap_or_default().to_ascii_lowercase();
    let (term, program) = (lower("TERM"), lower("TERM_PROGRAM"));
    let is_set = |name: &str| env.get(name).is_some_and(|value| !value.is_empty());
    let number = |name: &str| env.get(name).and_then(|value| value.parse::<u32>().ok());
    // These stand between, and pass links on only where they were told to.
    if is_set("TMUX") || term.starts_with("tmux") || term.starts_with("screen") {
        return false;
    }
    if term == "dumb" || lower("TERMINAL_EMULATOR").contains("jetbrains") {
        return false;
    }
    let programs = [
        "kitty",
        "ghostty",
        "wezterm",
        "iterm.app",
        "vscode",
        "alacritty",
        "rio",
        "tabby",
        "hyper",
        "contour",
        "rex",
        "orca",
    ];
    let terms = [
        "kitty",
        "ghostty",
        "wezterm",
        "alacritty",
        "foot",
        "rio",
        "contour",
    ];
    let marks = [
        "KITTY_WINDOW_ID",
        "GHOSTTY_RESOURCES_DIR",
        "WEZTERM_PANE",
        "ITERM_SESSION_ID",
        "ALACRITTY_WINDOW_ID",
        "WT_SESSION",
    ];
    programs.contains(&program.as_str())
        || terms.iter().any(|name| term.contains(name))
        || marks.iter().any(|name| is_set(name))
        || number("VTE_VERSION").is_some_and(|version| version >= 5_000)
        || number("KONSOLE_VERSION").is_some_and(|version| version >= 201_200)
}

/// How pictures are shown: as the setting says, else `PI_IMAGE_PROTOCOL`, else as the terminal turns out.
fn way(env: &Env, setting: Images) -> Option<Way> {
    let said = match (setting, env.get("PI_IMAGE_PROTOCOL")) {
        (Images::Off, _) | (Images::Auto, Some("none")) => return None,
        (Images::Kitty, _) | (Images::Auto, Some("kitty")) => Some(Protocol::Kitty),
        (Images::Iterm2, _) | (Images::Auto, Some("iterm2")) => Some(Protocol::Iterm2),
        (Images::Sixel, _) | (Images::Auto, Some("sixel")) => Some(Protocol::Sixel),
        (Images::Auto, _) => None,
    };
    let term = env.get("TERM").unwrap_or_default();
    // What tmux is known by, the terminal's abilities know.
    let between = term.starts_with("screen") || env.get("STY").is_some();
    Some(said.map_or(Way::Found { between }, Way::Said))
}

/// This machine's name, when the terminal is on another one.
fn host(env: &Env) -> String {
    let is_remote = ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"]
        .iter()
        .any(|name| env.get(name).is_some());
    if !is_remote {
        return String::new();
    }
    let read = |path| std::fs::read_to_string(path).ok();
    let name = env.get("HOSTNAME").map(str::to_owned);
    let name = name.or_else(|| read("/proc/sys/kernel/hostname"));
    let name = name.or_else(|| read("/etc/hostname")).unwrap_or_default();
    let name = name.trim();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    match name.bytes().all(is_name) {
        true => name.to_owned(),
        false => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(setting: Switch, env: &[(&str, &str)]) -> bool {
        let env: Env = env.iter().copied().collect();
        shows_links(&env, setting)
    }

    #[test]
    fn links_are_shown_where_the_terminal_is_known_for_them() {
        assert!(shown(Switch::Auto, &[("TERM", "xterm-kitty")]));
        assert!(shown(Switch::Auto, &[("TERM_PROGRAM", "iTerm.app")]));
        assert!(shown(Switch::Auto, &[("VTE_VERSION", "7200")]));
        assert!(!shown(Switch::Auto, &[("VTE_VERSION", "4900")]));
        assert!(!shown(Switch::Auto, &[("TERM", "xterm-256color")]));
        let inside = [("TERM", "tmux-256color"), ("KITTY_WINDOW_ID", "1")];
        assert!(!shown(Switch::Auto, &inside));
    }

    #[test]
    fn the_setting_comes_before_the_variable_and_that_before_the_name() {
        let kitty = ("TERM", "xterm-kitty");
        assert!(!shown(Switch::Auto, &[kitty, ("PI_HYPERLINKS", "0")]));
        assert!(shown(Switch::Auto, &[("PI_HYPERLINKS", "1")]));
        assert!(shown(Switch::Auto, &[kitty, ("PI_HYPERLINKS", "auto")]));
        assert!(shown(Switch::On, &[("PI_HYPERLINKS", "0")]));
        assert!(!shown(Switch::Off, &[kitty]));
    }

    #[test]
    fn how_pictures_are_shown_is_said_by_the_setting_else_by_the_variable() {
        let way = |setting, env: &[(&str, &str)]| way(&env.iter().copied().collect(), setting);
        let sixel = ("PI_IMAGE_PROTOCOL", "sixel");
        let said = |protocol| Some(Way::Said(protocol));
        let found = |between| Some(Way::Found { between });
        assert_eq!(way(Images::Iterm2, &[sixel]), said(Protocol::Iterm2));
        assert_eq!(way(Images::Kitty, &[sixel]), said(Protocol::Kitty));
        assert_eq!(way(Images::Off, &[sixel]), None);
        assert_eq!(way(Images::Auto, &[sixel]), said(Protocol::Sixel));
        assert_eq!(way(Images::Auto, &[("PI_IMAGE_PROTOCOL", "none")]), None);
        assert_eq!(way(Images::Auto, &[]), found(false));
        assert_eq!(
            way(Images::Auto, &[("TERM", "screen-256color")]),
            found(true)
        );
        assert_eq!(
            way(Images::Sixel, &[("TERM", "tmux")]),
            said(Protocol::Sixel)
        );
    }
}
