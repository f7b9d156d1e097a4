//! Whatever comes from outside, no cell holds what could steer the terminal: `Screen::paint` checks.

use pi::session::{Event, Level, Question, Reply, Stats};
use pi::tui::msg::{Asked, Msg};
use serde_json::json;

use crate::support::screen::{Screen, model, settings, view};
use crate::transcript::stage::user;

/// Clears the screen, sets the title, rings, goes up, turns the text around.
const EVIL: &str = "a\x1b[2Jb\x1b]0;title\x07c\u{9b}31md\re\x08f\u{202e}g\u{0}h";

#[test]
fn nothing_steers_the_terminal() {
    let mut view = view(vec![user(EVIL)]);
    view.name = Some(EVIL.into());
    view.cwd = format!("/home/me/{EVIL}").into();
    view.context_files = vec![format!("/x/{EVIL}").into()];
    view.steering = vec![EVIL.into()];
    view.model = model(EVIL).into();
    let mut settings = settings();
    settings.quiet = false;
    settings.warnings = vec![EVIL.into()];
    let mut screen = Screen::with(view, settings, 60, 40);
    screen.tell(Msg::Branch(Some(EVIL.into())));
    screen.run(EVIL);
    screen.stream(EVIL);
    screen.paint();
    screen.tool("bash", json!({"command": EVIL}), EVIL);
    screen.paint();
    screen.tool(EVIL, json!({"path": EVIL, EVIL: EVIL}), EVIL);
    screen.paint();
    screen.event(Event::Notice {
        level: Level::Error,
        text: EVIL.into(),
    });
    screen.paint();
    screen.refuse(Asked::Prompt(EVIL.into()), EVIL);
    screen.paint();
    screen.event(Event::InfoChanged {
        name: Some(EVIL.into()),
    });
    screen.paint();
    screen.event(Event::ShellStart {
        line: EVIL.into(),
        excluded: false,
    });
    screen.paint();
    screen.tell(Msg::Edited(Err(EVIL.into())));
    screen.paint();
    screen.paste(EVIL);
    screen.paint();
    screen.press("ctrl+u");
    screen.paste(&format!("/{EVIL}"));
    screen.press("enter");
    screen.paint();
}

#[test]
fn no_panel_steers_the_terminal() {
    let mut screen = Screen::new(50, 24);
    let stats = Stats {
        name: Some(EVIL.into()),
        file: Some(EVIL.into()),
        ..Stats::default()
    };
    screen.reply(Asked::Stats, Reply::Stats(Box::new(stats)));
    screen.paint();
    screen.press("escape");
    screen.reply(Asked::Models, Reply::Models(vec![model(EVIL).into()]));
    screen.paint();
    screen.paste(EVIL);
    screen.paint();
    screen.press("escape");
    let evil = || EVIL.to_owned();
    for question in [
        Question::Confirm {
            title: evil(),
            message: evil(),
        },
        Question::Select {
            title: evil(),
            options: vec![evil()],
        },
        Question::Input {
            title: evil(),
            placeholder: evil(),
        },
        Question::Editor {
            title: evil(),
            prefill: evil(),
        },
    ] {
        screen.event(Event::Ask {
            id: 1,
            question,
            timeout: None,
        });
        screen.paint();
        screen.press("escape");
    }
}
