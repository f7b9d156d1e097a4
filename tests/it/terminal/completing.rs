//! Files, paths and arguments in the popup above the editor, on real folders.

use std::fs;
use std::path::Path;

use pi::session::Reply;
use pi::tui::completion::Finder;
use pi::tui::mouse::{Button, MouseAct};
use pi::tui::msg::{Asked, Effect, Msg};

use crate::support::screen::{Screen, model, settings, view};

/// A screen, a folder, and whoever looks for files in it.
struct Desk {
    screen: Screen,
    finder: Finder,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn over(files: &[&str], columns: u16, rows: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let mut view = view(Vec::new());
        view.cwd = folder.path().to_path_buf();
        let mut settings = settings();
        settings.home = Some(folder.path().join("home").display().to_string());
        Desk {
            screen: Screen::with(view, settings, columns, rows),
            finder: Finder::default(),
            _folder: folder,
        }
    }

    fn root(&self) -> &Path {
        self._folder.path()
    }

    /// Tells a message and does what is asked for with files; what else is asked for.
    fn tell(&mut self, msg: Msg) -> Vec<String> {
        let mut others = Vec::new();
        for effect in self.screen.app.update(msg, self.screen.now) {
            let lookup = match effect {
                Effect::Find(lookup) => lookup,
                Effect::Remember(_) => continue,
                other => {
                    others.push(format!("{other:?}"));
                    continue;
                }
            };
            let mut found = Vec::new();
            self.finder.answer(&lookup, |answer| found.push(answer));
            for answer in found {
                others.extend(self.tell(Msg::Found(answer)));
            }
        }
        others
    }

    fn press(&mut self, keys: &str) -> Vec<String> {
        let keys = keys.split_whitespace();
        keys.flat_map(|key| self.tell(Msg::Key(key.parse().unwrap())))
            .collect()
    }

    fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            let key = match c {
                ' ' => "space".to_owned(),
                c if c.is_uppercase() => format!("shift+{c}"),
                c => c.to_string(),
            };
            assert_eq!(self.press(&key), [""; 0]);
        }
    }

    fn draft(&self) -> String {
        self.screen.app.draft()
    }

    /// The rows of the popup.
    fn popup(&mut self) -> Vec<String> {
        let text = self.screen.text();
        let rows = text
            .lines()
            .filter(|row| row.starts_with(" › ") || row.starts_with("   "));
        rows.map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect()
    }
}

#[test]
fn a_file_is_attached_by_a_part_of_its_name() {
    let mut desk = Desk::over(&["src/main.rs", "src/mail/box.rs", "readme.md"], 60, 16);
    desk.type_text("look at @");
    assert_eq!(
        desk.popup(),
        [
            "› src/",
            "readme.md",
            "mail/ src/",
            "main.rs src/",
            "box.rs src/mail/"
        ]
    );
    desk.type_text("mai");
    assert_eq!(
        desk.popup(),
        ["› mail/ src/", "main.rs src/", "box.rs src/mail/"]
    );
    assert_eq!(desk.press("down enter"), [""; 0]);
    assert_eq!(desk.draft(), "look at @src/main.rs ");
    assert_eq!(desk.popup(), [""; 0]);
    desk.type_text("x");
    assert_eq!(desk.popup(), [""; 0]);
}

#[test]
fn tab_goes_on_into_a_folder_and_enter_stays_there() {
    let mut desk = Desk::over(&["my docs/plan one.md", "zoo"], 60, 16);
    desk.type_text("@my");
    desk.press("tab");
    assert_eq!(desk.draft(), "@\"my docs/\"");
    assert_eq!(desk.popup(), ["› plan one.md my docs/"]);
    desk.press("tab");
    assert_eq!(desk.draft(), "@\"my docs/plan one.md\" ");
    desk.type_text("@zo");
    desk.press("tab");
    assert_eq!(desk.draft(), "@\"my docs/plan one.md\" @zoo ");

    let mut desk = Desk::over(&["src/a"], 60, 16);
    desk.type_text("@s");
    desk.press("enter");
    assert_eq!(desk.draft(), "@src/");
    assert_eq!(desk.popup(), [""; 0]);
    assert_eq!(desk.press("enter").len(), 1, "it is sent");
}

#[test]
fn escape_closes_the_popup_until_something_is_typed() {
    let mut desk = Desk::over(&["one", "two"], 60, 16);
    desk.type_text("@");
    assert_eq!(desk.popup().len(), 2);
    assert_eq!(desk.press("escape"), [""; 0]);
    assert_eq!(desk.popup(), [""; 0]);
    desk.press("left right");
    assert_eq!(desk.popup(), [""; 0]);
    desk.type_text("t");
    assert_eq!(desk.popup(), ["› two"]);
    desk.press("backspace backspace");
    assert_eq!(desk.popup(), [""; 0]);
}

#[test]
fn an_address_and_a_shell_line_offer_no_files() {
    let mut desk = Desk::over(&["one"], 60, 16);
    desk.type_text("me@o");
    assert_eq!(desk.popup(), [""; 0]);
    desk.press("ctrl+u");
    desk.type_text("!git log @");
    assert_eq!(desk.popup(), [""; 0]);
}

#[test]
fn tab_completes_paths_by_how_they_begin() {
    let mut desk = Desk::over(
        &["source/a.rs", "source/b.rs", "home/notes", "other"],
        60,
        16,
    );
    desk.type_text("see sou");
    // The only one is taken at once.
    desk.press("tab");
    assert_eq!(desk.draft(), "see source/");
    desk.press("tab");
    assert_eq!(desk.popup(), ["› a.rs", "b.rs"]);
    desk.type_text("b");
    assert_eq!(desk.popup(), ["› b.rs"]);
    desk.press("enter");
    assert_eq!(desk.draft(), "see source/b.rs");
    desk.type_text(" ./oth");
    desk.press("tab");
    assert_eq!(desk.draft(), "see source/b.rs ./other");
    desk.type_text(" ~/n");
    desk.press("tab");
    assert_eq!(desk.draft(), "see source/b.rs ./other ~/notes");
    let root = desk.root().display().to_string();
    desk.press("ctrl+u");
    desk.type_text(&format!("{root}/oth"));
    // At the very beginning a slash begins a command, a path with more of them does not.
    desk.press("tab");
    assert_eq!(desk.draft(), format!("{root}/other"));
}

#[test]
fn a_path_in_a_shell_line_is_quoted_for_the_shell() {
    let mut desk = Desk::over(&["$(touch x) it's", "my folder/a file"], 60, 16);
    desk.type_text("!cat $");
    desk.press("tab");
    assert_eq!(desk.draft(), r"!cat '$(touch x) it'\''s'");
    desk.press("ctrl+u");
    desk.type_text("!my");
    desk.press("tab");
    assert_eq!(desk.draft(), "!'my folder/'");
    desk.press("tab");
    assert_eq!(desk.draft(), "!'my folder/a file'");
}

#[test]
fn nothing_to_complete_leaves_the_text_alone() {
    let mut desk = Desk::over(&["one"], 60, 16);
    desk.type_text("words");
    assert_eq!(desk.press("tab"), [""; 0]);
    assert_eq!(desk.draft(), "words");
    assert_eq!(desk.press("enter").len(), 1, "it is sent");
}

#[test]
fn an_answer_that_comes_late_changes_nothing() {
    let mut desk = Desk::over(&["alpha", "beta"], 60, 16);
    let now = desk.screen.now;
    let find = |desk: &mut Desk, key: &str| {
        let msg = Msg::Key(key.parse().unwrap());
        let effects = desk.screen.app.update(msg, now);
        let [Effect::Find(lookup)] = effects.as_slice() else {
            panic!("{effects:?}");
        };
        lookup.clone()
    };
    let first = find(&mut desk, "@");
    let second = find(&mut desk, "b");
    let mut found = Vec::new();
    desk.finder.answer(&first, |answer| found.push(answer));
    for answer in found.drain(..) {
        desk.screen.tell(Msg::Found(answer));
    }
    assert_eq!(desk.popup(), [""; 0]);
    desk.finder.answer(&second, |answer| found.push(answer));
    for answer in found {
        desk.screen.tell(Msg::Found(answer));
    }
    assert_eq!(desk.popup(), ["› beta"]);
    // What no longer fits cannot be taken while the answer is awaited.
    find(&mut desk, "x");
    assert_eq!(desk.popup(), [""; 0]);
}

#[test]
fn the_popup_scrolls_pages_and_takes_clicks_on_a_small_screen() {
    let files: Vec<String> = (0..30).map(|at| format!("file{at:02}")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let mut desk = Desk::over(&files, 40, 12);
    desk.type_text("@file");
    let rows = desk.popup();
    // Of 12 rows the transcript keeps three, the editor has three and the footer two.
    assert_eq!(rows, ["› file00", "file01", "file02", "file03 (1/30)"]);
    desk.press("pageDown");
    assert_eq!(desk.popup()[3], "› file04 (5/30)");
    desk.press("up up up up up");
    assert_eq!(desk.popup()[3], "› file29 (30/30)");
    desk.press("pageUp");
    assert_eq!(desk.popup()[0], "› file25");
    let place = desk.screen.place_of("file27");
    let now = desk.screen.now;
    desk.screen.mouse(MouseAct::Press(Button::Left), place);
    assert_eq!(desk.draft(), "@file27 ");
    assert_eq!(desk.screen.app.update(Msg::Tick, now).len(), 0);
    // A click beside it is none of it.
    desk.screen.mouse(MouseAct::Press(Button::Left), place);
    assert_eq!(desk.draft(), "@file27 ");
}

#[test]
fn what_follows_model_and_thinking_is_offered_once_it_is_begun() {
    let mut desk = Desk::over(&[], 60, 16);
    desk.type_text("/mod");
    desk.press("tab");
    assert_eq!(desk.draft(), "/model ");
    assert_eq!(desk.popup(), [""; 0], "enter may be all that is wanted");
    let asked = desk.press("l");
    assert_eq!(asked, ["Send(Models, Completion)"]);
    let models = ["little", "large"].map(|id| std::sync::Arc::new(model(id)));
    desk.screen
        .reply(Asked::Completion, Reply::Models(models.to_vec()));
    assert_eq!(desk.popup().len(), 2);
    desk.type_text("it");
    assert_eq!(desk.popup(), ["› little acme"]);
    assert_eq!(desk.press("enter"), [""; 0]);
    assert_eq!(desk.draft(), "/model acme/little");
    assert_eq!(desk.press("enter"), ["Send(Models, Models)"]);

    desk.type_text("/thinking ");
    assert!(desk.popup().contains(&"high".to_owned()));
    desk.type_text("high");
    // It stands there whole: enter is for the command.
    assert_eq!(desk.press("enter"), ["Send(SetThinking(High), Nothing)"]);
}

#[test]
fn a_file_to_import_is_offered() {
    let mut desk = Desk::over(&["old.jsonl", "sub/x"], 60, 16);
    desk.type_text("/import o");
    assert_eq!(desk.popup(), ["› old.jsonl"]);
    desk.press("enter");
    assert_eq!(desk.draft(), "/import old.jsonl");
}

#[test]
fn what_is_pasted_opens_nothing() {
    let mut desk = Desk::over(&["one"], 60, 16);
    desk.tell(Msg::Paste("see @on".into()));
    assert_eq!(desk.popup(), [""; 0]);
    desk.type_text("e");
    assert_eq!(desk.popup(), ["› one"]);
}
