//! `/export` and `/share`.

use pi::session::Reply;
use pi::store::export::Report;
use pi::tui::msg::Asked;

use crate::support::screen::Screen;

#[test]
fn an_export_goes_where_it_is_told_and_says_where_it_went() {
    let mut screen = Screen::new(70, 16);
    for (typed, path) in [
        ("/export deep/talk.md", r#"Some("deep/talk.md")"#),
        ("/export \"my talk.html\"", r#"Some("my talk.html")"#),
        ("/export ", "None"),
    ] {
        screen.type_text(typed);
        let sent = format!("Export {{ path: {path}, redact: true }} -> Export");
        assert_eq!(screen.press("enter"), [sent]);
        assert_eq!(screen.app.draft(), "");
    }
    let report = Report {
        path: Some("/proj/deep/talk.md".into()),
        masked: 2,
        ..Report::default()
    };
    screen.reply(Asked::Export, Reply::Exported(report));
    assert!(screen.shows("Exported to: /proj/deep/talk.md (secrets masked: 2)"));
    screen.refuse(Asked::Export, "cannot write /x: no");
    assert!(screen.shows("cannot write /x: no"));
}

#[test]
fn sharing_shows_both_addresses_and_escape_stops_it() {
    let mut screen = Screen::new(70, 16);
    screen.type_text("/share ");
    assert_eq!(screen.press("enter"), ["Share { redact: true } -> Share"]);
    assert!(screen.shows("creating a secret gist"));
    assert_eq!(screen.press("escape"), ["Abort"]);
    let shared = Reply::Shared {
        gist: "https://gist.github.com/ada/0123".into(),
        viewer: "https://viewer.example/#0123".into(),
    };
    screen.reply(Asked::Share, shared);
    assert!(screen.shows("Shared: https://viewer.example/#0123"));
    assert!(screen.shows("Gist: https://gist.github.com/ada/0123"));
    assert_eq!(screen.press("escape"), [""; 0]);
}
