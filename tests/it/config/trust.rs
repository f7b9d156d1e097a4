//! Which projects are trusted.

use pi::config::settings::DefaultTrust::{Always, Ask, Never};
use pi::config::{Trust, trust};

use super::{Home, read};

#[test]
fn a_project_with_nothing_to_protect_needs_no_decision() {
    let home = Home::new();
    assert_eq!(trust::decide(&home.paths(), None, Ask).0, Trust::Trusted);
    home.write("work/.pi/notes.txt", "");
    assert_eq!(trust::decide(&home.paths(), None, Never).0, Trust::Trusted);
}

#[test]
fn a_project_with_settings_skills_or_the_like_waits_for_one() {
    for file in [
        "work/.pi/settings.json",
        "work/.pi/skills/a/SKILL.md",
        "work/.agents/skills/a/SKILL.md",
    ] {
        let home = Home::new();
        home.write(file, "{}");
        let paths = home.paths();
        assert_eq!(trust::decide(&paths, None, Ask).0, Trust::Ask, "{file}");
        assert_eq!(trust::decide(&paths, None, Always).0, Trust::Trusted);
        assert_eq!(trust::decide(&paths, None, Never).0, Trust::Untrusted);
        assert_eq!(trust::decide(&paths, Some(true), Never).0, Trust::Trusted);
        assert_eq!(
            trust::decide(&paths, Some(false), Always).0,
            Trust::Untrusted
        );
    }
}

#[test]
fn the_users_own_skills_are_nobodys_project() {
    let home = Home::new();
    home.write(".agents/skills/a/SKILL.md", "");
    assert!(!trust::has_protected(&home.paths()));
}

#[test]
fn the_nearest_saved_decision_counts_and_can_be_forgotten() {
    let home = Home::new();
    home.write("work/.pi/settings.json", "{}");
    let paths = home.paths();
    trust::save(&paths, home.dir.path(), Some(true)).unwrap();
    assert_eq!(trust::decide(&paths, None, Never).0, Trust::Trusted);
    trust::save(&paths, paths.cwd(), Some(false)).unwrap();
    assert_eq!(trust::decide(&paths, None, Always).0, Trust::Untrusted);
    trust::save(&paths, paths.cwd(), None).unwrap();
    assert_eq!(trust::decide(&paths, None, Never).0, Trust::Trusted);
    let saved: serde_json::Value = serde_json::from_str(&read(&paths.trust())).unwrap();
    let folder = home.dir.path().canonicalize().unwrap();
    assert_eq!(saved, serde_json::json!({ folder.to_str().unwrap(): true }));
}

#[test]
fn a_decision_that_cannot_be_read_is_no_yes() {
    let home = Home::new();
    home.write("work/.pi/settings.json", "{}");
    home.write(".pi/agent/trust.json", "{ nonsense");
    let (trust, problem) = trust::decide(&home.paths(), None, Ask);
    assert_eq!(trust, Trust::Ask);
    assert!(problem.unwrap().to_string().contains("not valid JSON"));
}
