//! All themes that can be chosen: the two that pi brings along, the user's, and those named on the
//! command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::parse::Theme;
use super::system::{SYSTEM, Surroundings};
use crate::config::paths::Env;
use crate::config::problem::Problem;

const DARK: &str = include_str!("../../../themes/dark.json");
const LIGHT: &str = include_str!("../../../themes/light.json");

/// What the terminal's background is like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Appearance {
    /// Light text on a dark ground, and when nothing is known.
    #[default]
    Dark,
    /// Dark text on a light ground.
    Light,
}

impl Appearance {
    /// What the environment says: many terminals tell their colours in `COLORFGBG`, as
    /// `foreground;background`.
    pub fn guess(env: &Env) -> Option<Self> {
        let (_, background) = env.get("COLORFGBG")?.rsplit_once(';')?;
        match background.parse::<u8>().ok()? {
            0..=6 | 8 => Some(Appearance::Dark),
            7 | 9..=15 => Some(Appearance::Light),
            _ => None,
        }
    }
}

/// The themes that can be chosen, by name.
#[derive(Debug, Clone)]
pub struct Themes(Vec<Arc<Theme>>);

impl Themes {
    /// The themes that pi brings along: `dark` and `light`.
    pub fn embedded() -> Self {
        // A test holds that both parse.
        let theme = |name, text| Theme::parse(text).unwrap_or_else(|_| Theme::plain(name));
        Themes(vec![
            Arc::new(theme("dark", DARK)),
            Arc::new(theme("light", LIGHT)),
        ])
    }

    /// Those and what lies at `paths`, each a theme file or a directory of them; a path that does not
    /// exist is passed over when `optional` says so. A bad file, and a name that is taken, is reported
    /// and left out.
    pub fn load(paths: &[ThemePath]) -> (Self, Vec<Problem>) {
        let mut themes = Self::embedded();
        let mut problems = Vec::new();
        for path in paths {
            for file in files_at(path) {
                match Theme::read(&file) {
                    Ok(theme) => match themes.find(&theme.name) {
                        Some(_) => {
                            let message =
                                format!("a theme named \"{}\" is there already", theme.name);
                            problems.push(Problem::new(&file, message));
                        }
                        None => themes.0.push(Arc::new(theme)),
                    },
                    Err(problem) => problems.push(problem),
                }
            }
        }
        (themes, problems)
    }

    /// The theme of that name.
    pub fn find(&self, name: &str) -> Option<Arc<Theme>> {
        self.0.iter().find(|theme| theme.name == name).cloned()
    }

    /// All names, pi's own first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|theme| theme.name.as_str())
    }

    /// Puts a theme in the place of the one of its name, as when its file was written anew.
    pub fn replace(&mut self, theme: Theme) {
        match self.0.iter_mut().find(|known| known.name == theme.name) {
            Some(place) => *place = Arc::new(theme),
            None => self.0.push(Arc::new(theme)),
        }
    }

    /// The theme that the `theme` setting means: a name, or `light/dark` names of which the terminal's
    /// appearance picks one; `system` is made of the terminal's colours. Without a setting, and with a name that
    /// does not exist (the name is then returned too), the embedded theme of that appearance.
    pub fn choose(
        &self,
        setting: Option<&str>,
        around: &Surroundings,
    ) -> (Arc<Theme>, Option<String>) {
        let own = match around.appearance {
            Appearance::Dark => "dark",
            Appearance::Light => "light",
        };
        let pair = setting.and_then(|pair| pair.split_once('/'));
        let wanted = match (pair, around.appearance) {
            (Some((light, _)), Appearance::Light) => light,
            (Some((_, dark)), Appearance::Dark) => dark,
            (None, _) => setting.unwrap_or(own),
        };
        if wanted == SYSTEM {
            return (Arc::new(Theme::system(around)), None);
        }
        match self.find(wanted) {
            Some(theme) => (theme, None),
            None => {
                let fallback = self
                    .find(own)
                    .unwrap_or_else(|| Arc::new(Theme::plain(own)));
                (fallback, Some(wanted.to_owned()))
            }
        }
    }
}

/// Where themes may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemePath {
    /// A theme file or a directory of them.
    pub path: PathBuf,
    /// Whether it is fine that it does not exist.
    pub optional: bool,
}

fn files_at(place: &ThemePath) -> Vec<PathBuf> {
    let path = &place.path;
    if path.is_dir() {
        return json_files(path);
    }
    if place.optional && !path.exists() {
        return Vec::new();
    }
    vec![path.clone()]
}

fn json_files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::super::{Color, Token};
    use super::*;

    fn contrast(one: Color, other: Color) -> f64 {
        let rgb = |color: Color| color.to_rgb().unwrap();
        super::super::shade::contrast(rgb(one), rgb(other))
    }

    #[test]
    fn text_stands_out_from_every_ground_it_is_shown_on() {
        let borders = [
            Token::Border,
            Token::BorderAccent,
            Token::BorderMuted,
            Token::MdCodeBlockBorder,
            Token::MdQuoteBorder,
            Token::MdHr,
            Token::ThinkingOff,
            Token::ThinkingMinimal,
            Token::ThinkingLow,
            Token::ThinkingMedium,
            Token::ThinkingHigh,
            Token::ThinkingXhigh,
            Token::ThinkingMax,
            Token::BashMode,
            Token::ScrollbarTrack,
            Token::ScrollbarThumb,
            Token::SearchMatchText,
        ];
        let grounds = [
            Token::SelectedBg,
            Token::UserMessageBg,
            Token::CustomMessageBg,
            Token::ToolPendingBg,
            Token::ToolSuccessBg,
            Token::ToolErrorBg,
        ];
        for (source, pages) in [
            (DARK, ["#000000", "#1e1e1e"]),
            (LIGHT, ["#ffffff", "#f5f5f0"]),
        ] {
            let theme = Theme::parse(source).unwrap();
            let mut behind: Vec<Color> = pages.map(|page| Color::from_hex(page).unwrap()).to_vec();
            behind.extend(grounds.map(|token| theme.color(token)));
            let is_text = |token: &&Token| {
                !borders.contains(token)
                    && !grounds.contains(token)
                    && **token != Token::SearchMatchBg
            };
            for token in Token::ALL.iter().filter(is_text) {
                let color = theme.color(*token);
                if color == Color::Default {
                    continue;
                }
                for ground in &behind {
                    let ratio = contrast(color, *ground);
                    assert!(
                        ratio >= 4.5,
                        "{} {}: {ratio:.2} on {ground:?}",
                        theme.name,
                        token.name()
                    );
                }
            }
            let (found, ground) = (
                theme.color(Token::SearchMatchText),
                theme.color(Token::SearchMatchBg),
            );
            assert!(contrast(found, ground) >= 4.5, "{}", theme.name);
        }
    }

    #[test]
    fn both_embedded_themes_are_themselves() {
        let themes = Themes::embedded();
        assert_eq!(themes.names().collect::<Vec<_>>(), ["dark", "light"]);
        let dark = themes.find("dark").unwrap();
        assert_ne!(*dark, Theme::plain("dark"));
        assert_ne!(*themes.find("light").unwrap(), Theme::plain("light"));
        assert_eq!(Token::ALL.len(), 56);
        assert_eq!(
            Token::ALL
                .iter()
                .filter(|token| token.fallback().is_none())
                .count(),
            51
        );
    }
}
