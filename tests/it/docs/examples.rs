//! What the examples show is read without a complaint.

use std::fs;

use pi::ai::Clock;
use pi::config::{Env, Paths, Registry, Settings, Sources, Theme};

use super::{page, root};

/// The paths of an agent directory.
fn paths(agent_dir: &std::path::Path) -> Paths {
    let env: Env = [("PI_CODING_AGENT_DIR", agent_dir.to_str().unwrap())]
        .into_iter()
        .collect();
    Paths::new(&env, root())
}

/// How many models a `models.json` brings, once it has been read without a complaint.
fn models(agent_dir: &std::path::Path) -> usize {
    let env = Env::default();
    let sources = Sources::new(&paths(agent_dir), env, Clock::fixed(0));
    let (registry, problems) = Registry::load(sources);
    assert_eq!(problems, vec![]);
    registry.available().len()
}

#[test]
fn the_example_files_are_read_without_a_complaint() {
    let examples = root().join("examples");
    assert_eq!(models(&examples), 5);
    let (settings, problems) = Settings::load(&paths(&examples), false);
    assert_eq!(problems, vec![]);
    assert_ne!(settings, Settings::default());
    let theme = Theme::read(&examples.join("theme.json")).unwrap();
    assert_eq!(theme.name, "harbour");
}

#[test]
fn the_models_files_of_the_pages_are_read_without_a_complaint() {
    let mut found = 0;
    for name in [
        "docs/local-models.md",
        "docs/models.md",
        "docs/providers.md",
    ] {
        let page = page(name);
        for block in page.split("```json").skip(1) {
            let json = block.split_once('\n').unwrap().1;
            let json = json.split("```").next().unwrap();
            if json.contains("\"providers\"") {
                let dir = tempfile::tempdir().unwrap();
                fs::write(dir.path().join("models.json"), json).unwrap();
                models(dir.path());
                found += 1;
            }
        }
    }
    assert!(found >= 3, "only {found} were found");
}
