//! Settings, credentials, models.json, keys, themes: real files.

mod ambient;
mod auth;
mod bedrock;
mod keys;
mod models;
mod paths;
mod secrets;
mod settings;
mod theme;
mod trust;

use std::fs;
use std::path::{Path, PathBuf};

use pi::ai::Clock;
use pi::config::{Env, Paths, Problem, Registry, Sources};
use tempfile::TempDir;

/// A temporary home with a project in it.
struct Home {
    dir: TempDir,
    env: Env,
}

impl Home {
    fn new() -> Self {
        Self::with_env(&[])
    }

    fn with_env(variables: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().to_str().unwrap().to_owned();
        let path = std::env::var("PATH").unwrap_or_default();
        let own = [("HOME".to_owned(), home), ("PATH".to_owned(), path)];
        let given = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let env = own.into_iter().chain(given).collect();
        fs::create_dir_all(dir.path().join("work")).unwrap();
        Home { dir, env }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn paths(&self) -> Paths {
        Paths::new(&self.env, &self.path("work"))
    }

    /// Writes a file, given from the home directory.
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        file
    }

    fn registry(&self) -> (Registry, Vec<String>) {
        let clock = Clock::fixed(1_000);
        let (registry, problems) =
            Registry::load(Sources::new(&self.paths(), self.env.clone(), clock));
        (registry, self.said(&problems))
    }

    /// Problems in words, with file names from the home directory.
    fn said(&self, problems: &[Problem]) -> Vec<String> {
        let prefix = format!("{}/", self.dir.path().display());
        problems
            .iter()
            .map(|problem| problem.to_string().replace(&prefix, ""))
            .collect()
    }
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}
