//! Whether the project is trusted: what it brings along, what was said of it, what can be said.

use std::path::Path;

use super::{Choice, Item, ListPanel};
use crate::config::trust::Decision;
use crate::tui::footer::short_path;
use crate::tui::preferences::Trust;

/// The panel of `/trust`.
pub fn trust(trust: &Trust, home: Option<&str>) -> ListPanel {
    let short = |path: &Path| short_path(path, home);
    let mut message = vec![short(&trust.folder)];
    message.push(match trust.protected.as_slice() {
        [] => "It brings nothing along that waits for trust.".into(),
        found => {
            let names: Vec<String> = found
                .iter()
                .map(|path| match path.strip_prefix(&trust.folder) {
                    Ok(below) => below.display().to_string(),
                    Err(_) => short(path),
                })
                .collect();
            format!("It brings along: {}", names.join(", "))
        }
    });
    message.push(match &trust.saved {
        None => "Nothing was decided.".into(),
        Some((decision, folder)) => {
            let word = if *decision { "trusted" } else { "not trusted" };
            match *folder == trust.folder {
                true => format!("Decided: {word}."),
                false => format!("Decided: {word}, by what holds for {}.", short(folder)),
            }
        }
    });
    message.push(match trust.in_force {
        true => "Now: its resources are used.".into(),
        false => "Now: its resources are not used.".into(),
    });
    let own = trust.saved.as_ref();
    let is_own = |decision: bool, folder: Option<&Path>| {
        own.is_some_and(|(said, of)| *said == decision && Some(of.as_path()) == folder)
    };
    let folder = Some(trust.folder.as_path());
    let above = trust.folder.parent();
    let item = |label: &str, detail: String, current: bool, decision| Item {
        label: label.into(),
        detail,
        current,
        choice: Choice::Trust(decision),
    };
    let mut items = vec![item(
        "Trust this folder",
        String::new(),
        is_own(true, folder),
        Decision::Trust,
    )];
    if let Some(above) = above {
        items.push(item(
            "Trust the folder above",
            short(above),
            is_own(true, Some(above)),
            Decision::TrustParent,
        ));
    }
    items.push(item(
        "Trust it in this run",
        String::new(),
        false,
        Decision::TrustNow,
    ));
    items.push(item(
        "Do not trust it",
        String::new(),
        is_own(false, folder),
        Decision::Distrust,
    ));
    if own.is_some_and(|(_, of)| Some(of.as_path()) == folder) {
        items.push(item(
            "Forget what was decided",
            String::new(),
            false,
            Decision::Forget,
        ));
    }
    ListPanel::new("Trust", "", items, "").saying(&message.join("\n"))
}
