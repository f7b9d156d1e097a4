//! Where things live.

use std::path::{Path, PathBuf};

use pi::config::{Env, Paths};

fn paths(variables: &[(&str, &str)]) -> Paths {
    let env: Env = [("HOME", "/home/ada")]
        .iter()
        .chain(variables)
        .copied()
        .collect();
    Paths::new(&env, Path::new("/srv/it"))
}

#[test]
fn everything_is_in_the_agent_directory_unless_the_environment_moves_it() {
    let usual = paths(&[]);
    assert_eq!(
        usual.settings(),
        Path::new("/home/ada/.pi/agent/settings.json")
    );
    assert_eq!(
        usual.project_settings(),
        Path::new("/srv/it/.pi/settings.json")
    );
    assert_eq!(usual.sessions(), Path::new("/home/ada/.pi/agent/sessions"));
    for (dir, expected) in [
        ("~", "/home/ada/auth.json"),
        ("~/cfg", "/home/ada/cfg/auth.json"),
        ("/etc/pi", "/etc/pi/auth.json"),
        ("./cfg", "/srv/it/cfg/auth.json"),
        ("", "/home/ada/.pi/agent/auth.json"),
    ] {
        assert_eq!(
            paths(&[("PI_CODING_AGENT_DIR", dir)]).auth(),
            Path::new(expected),
            "{dir}"
        );
    }
}

#[test]
fn the_flag_beats_the_environment_and_the_environment_beats_the_setting_for_sessions() {
    let moved = paths(&[("PI_CODING_AGENT_SESSION_DIR", "~/s")]);
    let dir = |paths: &Paths, flag, setting| paths.session_dir(flag, setting);
    assert_eq!(
        dir(&moved, Some("f"), Some("t")),
        Some(PathBuf::from("/srv/it/f"))
    );
    assert_eq!(
        dir(&moved, None, Some("t")),
        Some(PathBuf::from("/home/ada/s"))
    );
    assert_eq!(
        dir(&paths(&[]), None, Some(".pi/t")),
        Some(PathBuf::from("/srv/it/.pi/t"))
    );
    assert_eq!(dir(&paths(&[]), None, None), None);
}

#[test]
fn an_environment_shows_no_values() {
    let env: Env = [("OPENAI_API_KEY", "sk-secret")].into_iter().collect();
    assert_eq!(format!("{env:?}"), "{\"OPENAI_API_KEY\"}");
}
