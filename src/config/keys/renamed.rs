//! The names that actions had before they were grouped under `tui.` and `app.`; files that use them
//! are still read.

/// The present id of an action, given an old one.
pub(super) fn present_id(old: &str) -> Option<String> {
    let id = match old {
        "cursorUp" | "cursorDown" | "cursorLeft" | "cursorRight" | "cursorWordLeft"
        | "cursorWordRight" | "cursorLineStart" | "cursorLineEnd" | "jumpForward"
        | "jumpBackward" | "pageUp" | "pageDown" | "deleteCharBackward" | "deleteCharForward"
        | "deleteWordBackward" | "deleteWordForward" | "deleteToLineStart" | "deleteToLineEnd"
        | "yank" | "yankPop" | "undo" => return Some(format!("tui.editor.{old}")),
        "newLine" | "submit" | "tab" | "copy" => return Some(format!("tui.input.{old}")),
        "interrupt" | "clear" | "exit" | "suspend" => return Some(format!("app.{old}")),
        "tree" | "fork" | "resume" => return Some(format!("app.session.{old}")),
        "followUp" | "dequeue" => return Some(format!("app.message.{old}")),
        "selectUp" => "tui.select.up",
        "selectDown" => "tui.select.down",
        "selectPageUp" => "tui.select.pageUp",
        "selectPageDown" => "tui.select.pageDown",
        "selectConfirm" => "tui.select.confirm",
        "selectCancel" => "tui.select.cancel",
        "cycleThinkingLevel" => "app.thinking.cycle",
        "toggleThinking" => "app.thinking.toggle",
        "cycleModelForward" => "app.model.cycleForward",
        "cycleModelBackward" => "app.model.cycleBackward",
        "selectModel" => "app.model.select",
        "expandTools" => "app.tools.expand",
        "externalEditor" => "app.editor.external",
        "pasteImage" => "app.clipboard.pasteImage",
        "newSession" => "app.session.new",
        "toggleSessionNamedFilter" => "app.session.toggleNamedFilter",
        "toggleSessionPath" => "app.session.togglePath",
        "toggleSessionSort" => "app.session.toggleSort",
        "renameSession" => "app.session.rename",
        "deleteSession" => "app.session.delete",
        "deleteSessionNoninvasive" => "app.session.deleteNoninvasive",
        "treeFoldOrUp" => "app.tree.foldOrUp",
        "treeUnfoldOrDown" => "app.tree.unfoldOrDown",
        "treeEditLabel" => "app.tree.editLabel",
        "treeToggleLabelTimestamp" => "app.tree.toggleLabelTimestamp",
        _ => return None,
    };
    Some(id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_old_name_leads_to_an_action_that_exists() {
        let known = |id: &str| {
            let mut actions = super::super::table::groups()
                .iter()
                .flat_map(|g| &g.actions);
            actions.any(|action| action.id == id)
        };
        for old in [
            "cursorUp",
            "undo",
            "copy",
            "suspend",
            "resume",
            "dequeue",
            "selectCancel",
            "pasteImage",
        ] {
            let id = present_id(old).unwrap();
            assert!(known(&id), "{old} became {id}");
        }
        assert_eq!(present_id("app.clear"), None);
    }
}
