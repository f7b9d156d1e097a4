//! Settings as a face is told of them, without files.

use std::collections::BTreeMap;

use pi::config::settings::SETTINGS;
use pi::session::Renewal;
use pi::tui::app::Settings;
use pi::tui::preferences::{Answer, Fresh, Habits, Held, Source, Standing};
use pi::tui::run::Farewell;
use serde_json::Value;

/// All settings at their defaults.
pub fn standing() -> Standing {
    let held = |default: &str| Held {
        value: serde_json::from_str(default).ok(),
        source: Source::Default,
    };
    let all = SETTINGS.iter();
    Standing {
        held: all
            .map(|setting| (setting.name.to_owned(), held(setting.default)))
            .collect::<BTreeMap<_, _>>(),
        themes: vec!["dark".into(), "light".into(), "mine".into()],
        unmatched: Vec::new(),
    }
}

/// The same with some of them set by somebody.
pub fn standing_with(set: &[(&str, Value, Source)]) -> Answer {
    let mut standing = standing();
    for (name, value, source) in set {
        let held = Held {
            value: Some(value.clone()),
            source: source.clone(),
        };
        standing.held.insert((*name).to_owned(), held);
    }
    Answer::Standing(Box::new(standing))
}

/// What such settings come to.
pub fn fresh(settings: Settings) -> Fresh {
    Fresh {
        settings,
        redress: false,
        habits: Habits {
            editor: None,
            farewell: Farewell::Transcript,
            wheel: None,
        },
        renewal: None::<Box<Renewal>>,
        scope: None,
    }
}
