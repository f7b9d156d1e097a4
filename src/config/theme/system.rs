//! The theme `system`: the terminal's own colours. What the terminal does not tell is pi's own; when it tells
//! nothing, its sixteen colours are named and it paints them as it likes.

use super::color::Color;
use super::parse::Theme;
use super::shade::{READABLE, contrast, extreme, least, mix, readable};
use super::shelf::Appearance;
use super::token::Token;
use crate::store::export::Rgb;

/// The theme's name, which no file can have.
pub const SYSTEM: &str = "system";

/// What the terminal tells of its colours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Light or dark, as far as that is known.
    pub appearance: Appearance,
    /// The colour of text.
    pub foreground: Option<Rgb>,
    /// The colour behind it.
    pub background: Option<Rgb>,
    /// The first sixteen colours.
    pub palette: [Option<Rgb>; 16],
}

/// The hues that themes need, and where terminals have them.
#[derive(Clone, Copy)]
enum Hue {
    Red = 1,
    Green = 2,
    Yellow = 3,
    Blue = 4,
    Magenta = 5,
    Cyan = 6,
}

/// What a colour is made of.
#[derive(Clone, Copy)]
enum Mark {
    /// The terminal's own text.
    Text,
    /// Text that recedes by this share of the ground.
    Pale(f64),
    /// A line of this share of the text.
    Line(f64),
    /// A hue, strong enough to be read.
    Of(Hue),
    /// The ground with this share of the text.
    Panel(f64),
    /// The ground with this share of a hue.
    Tinted(Hue, f64),
    /// Behind a match.
    Found,
    /// A match.
    FoundText,
}

impl Theme {
    /// The theme `system` in these surroundings.
    pub fn system(around: &Surroundings) -> Self {
        let color = match around.background {
            Some(ground) => {
                let scene = Scene::new(ground, around);
                Box::new(move |mark| scene.color(mark)) as Box<dyn Fn(Mark) -> Color>
            }
            None => Box::new(by_number),
        };
        let colors = Token::ALL.iter().map(|token| color(mark(*token)));
        Self::of(SYSTEM, colors.collect())
    }
}

fn mark(token: Token) -> Mark {
    use Hue::{Blue, Cyan, Green, Magenta, Red, Yellow};
    match token {
        Token::Text
        | Token::UserMessageText
        | Token::CustomMessageText
        | Token::ToolTitle
        | Token::MdCodeBlock => Mark::Text,
        Token::Muted
        | Token::ThinkingText
        | Token::ToolOutput
        | Token::MdQuote
        | Token::ToolDiffContext
        | Token::SyntaxPunctuation => Mark::Pale(0.25),
        Token::Dim | Token::MdLinkUrl | Token::SyntaxComment => Mark::Pale(0.4),
        Token::Border
        | Token::MdCodeBlockBorder
        | Token::MdQuoteBorder
        | Token::MdHr
        | Token::ThinkingMinimal => Mark::Line(0.4),
        Token::BorderMuted | Token::ThinkingOff | Token::ScrollbarTrack => Mark::Line(0.25),
        Token::ScrollbarThumb => Mark::Line(0.6),
        Token::Accent
        | Token::BorderAccent
        | Token::MdCode
        | Token::MdListBullet
        | Token::SyntaxType
        | Token::ThinkingMedium => Mark::Of(Cyan),
        Token::Success | Token::ToolDiffAdded | Token::SyntaxString | Token::BashMode => {
            Mark::Of(Green)
        }
        Token::Error | Token::ToolDiffRemoved | Token::SyntaxOperator | Token::ThinkingMax => {
            Mark::Of(Red)
        }
        Token::Warning | Token::MdHeading | Token::SyntaxNumber | Token::ThinkingXhigh => {
            Mark::Of(Yellow)
        }
        Token::MdLink | Token::SyntaxFunction | Token::ThinkingLow => Mark::Of(Blue),
        Token::CustomMessageLabel | Token::SyntaxKeyword | Token::ThinkingHigh => Mark::Of(Magenta),
        Token::SyntaxVariable => Mark::Text,
        Token::SelectedBg => Mark::Panel(0.14),
        Token::UserMessageBg => Mark::Panel(0.07),
        Token::ToolPendingBg => Mark::Panel(0.04),
        Token::CustomMessageBg => Mark::Tinted(Magenta, 0.1),
        Token::ToolSuccessBg => Mark::Tinted(Green, 0.08),
        Token::ToolErrorBg => Mark::Tinted(Red, 0.1),
        Token::SearchMatchBg => Mark::Found,
        Token::SearchMatchText => Mark::FoundText,
    }
}

/// The terminal's own colours by their numbers: whoever does not tell its colours paints them itself.
fn by_number(mark: Mark) -> Color {
    match mark {
        Mark::Of(hue) => Color::Indexed(hue as u8),
        Mark::Pale(_) | Mark::Line(_) => Color::Faint,
        // Without a ground of its own, what is selected or found is reversed.
        Mark::Text | Mark::Panel(_) | Mark::Tinted(..) | Mark::Found | Mark::FoundText => {
            Color::Default
        }
    }
}

/// A ground that is known, and what stands on it.
struct Scene {
    ground: Rgb,
    text: Rgb,
    /// What panels are mixed with.
    toward: Rgb,
    /// The terminal's text can be read on every panel, so it is left to the terminal.
    is_own_text: bool,
    hues: [Rgb; 7],
    /// How much of their colour panels have.
    strength: f64,
    panels: Vec<Rgb>,
}

impl Scene {
    fn new(ground: Rgb, around: &Surroundings) -> Self {
        let end = extreme(&[ground]);
        let own = around
            .foreground
            .filter(|own| contrast(*own, ground) >= READABLE);
        let hues = own_hues(end == Rgb(0, 0, 0));
        let hue = |index: usize| around.palette.get(index).copied().flatten();
        let hues = std::array::from_fn(|index| hue(index).unwrap_or(hues[index]));
        let mut scene = Scene {
            ground,
            text: own.unwrap_or(end),
            toward: own.unwrap_or(end),
            is_own_text: false,
            hues,
            strength: 1.0,
            panels: Vec::new(),
        };
        // On a ground of middling brightness, panels take contrast that text needs.
        for strength in [1.0, 0.6, 0.3, 0.0] {
            scene.strength = strength;
            scene.panels = scene.panels();
            if least(extreme(&scene.panels), &scene.panels) >= READABLE {
                break;
            }
        }
        scene.is_own_text = own.is_some_and(|own| least(own, &scene.panels) >= READABLE);
        scene.text = readable(scene.text, &scene.panels, READABLE);
        scene
    }

    /// Every ground that text stands on.
    fn panels(&self) -> Vec<Rgb> {
        let panels = Token::ALL.iter().filter_map(|token| match mark(*token) {
            ground @ (Mark::Panel(_) | Mark::Tinted(..)) => Some(self.panel(ground)),
            _ => None,
        });
        panels.chain([self.ground]).collect()
    }

    fn panel(&self, mark: Mark) -> Rgb {
        match mark {
            Mark::Panel(share) => mix(self.ground, self.toward, share * self.strength),
            Mark::Tinted(hue, share) => {
                mix(self.ground, self.hues[hue as usize], share * self.strength)
            }
            _ => self.ground,
        }
    }

    fn found(&self) -> Rgb {
        readable(self.hues[Hue::Yellow as usize], &[self.ground], 3.0)
    }

    fn color(&self, mark: Mark) -> Color {
        let color = match mark {
            Mark::Text if self.is_own_text => return Color::Default,
            Mark::Text => self.text,
            Mark::Pale(share) => {
                readable(mix(self.text, self.ground, share), &self.panels, READABLE)
            }
            Mark::Line(share) => mix(self.ground, self.text, share),
            Mark::Of(hue) => readable(self.hues[hue as usize], &self.panels, READABLE),
            Mark::Panel(_) | Mark::Tinted(..) => self.panel(mark),
            Mark::Found => self.found(),
            Mark::FoundText => extreme(&[self.found()]),
        };
        Color::Rgb(color.0, color.1, color.2)
    }
}

/// pi's own hues, for terminals that tell their ground alone.
fn own_hues(on_light: bool) -> [Rgb; 7] {
    let themes = super::shelf::Themes::embedded();
    let theme = themes.find(if on_light { "light" } else { "dark" });
    let of = |token: Token| {
        let color = theme.as_ref().and_then(|theme| theme.color(token).to_rgb());
        color.unwrap_or(Rgb(128, 128, 128))
    };
    [
        of(Token::Muted),
        of(Token::Error),
        of(Token::Success),
        of(Token::Warning),
        of(Token::MdLink),
        of(Token::CustomMessageLabel),
        of(Token::Accent),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GROUNDS: [Token; 6] = [
        Token::SelectedBg,
        Token::UserMessageBg,
        Token::CustomMessageBg,
        Token::ToolPendingBg,
        Token::ToolSuccessBg,
        Token::ToolErrorBg,
    ];

    fn rgb() -> impl Strategy<Value = Rgb> {
        any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Rgb(r, g, b))
    }

    proptest! {
        #[test]
        fn whatever_the_terminals_colours_text_is_read_on_every_panel(
            ground in rgb(),
            foreground in proptest::option::of(rgb()),
            palette in proptest::array::uniform16(proptest::option::of(rgb())),
        ) {
            let around = Surroundings {
                appearance: Appearance::Dark,
                foreground,
                background: Some(ground),
                palette,
            };
            let theme = Theme::system(&around);
            let of = |token: Token| theme.color(token).to_rgb();
            let mut grounds = vec![ground];
            grounds.extend(GROUNDS.iter().filter_map(|token| of(*token)));
            for token in Token::ALL {
                if !matches!(mark(*token), Mark::Text | Mark::Pale(_) | Mark::Of(_)) {
                    continue;
                }
                let color = of(*token).or(foreground).unwrap();
                let ratio = least(color, &grounds);
                prop_assert!(ratio >= 4.49, "{}: {ratio:.2}", token.name());
            }
            let found = contrast(of(Token::SearchMatchText).unwrap(), of(Token::SearchMatchBg).unwrap());
            prop_assert!(found >= 4.49, "{found:.2}");
        }
    }

    #[test]
    fn hues_are_the_terminals_where_it_tells_them() {
        let mut around = Surroundings {
            background: Some(Rgb(40, 42, 54)),
            foreground: Some(Rgb(248, 248, 242)),
            ..Surroundings::default()
        };
        let own = Theme::system(&around).color(Token::Error);
        around.palette[1] = Some(Rgb(255, 200, 220));
        let theirs = Theme::system(&around);
        assert_eq!(theirs.color(Token::Error), Color::Rgb(255, 200, 220));
        assert_ne!(own, theirs.color(Token::Error));
        assert_eq!(theirs.color(Token::Text), Color::Default);
    }

    #[test]
    fn a_terminal_that_tells_nothing_paints_its_sixteen_itself() {
        let theme = Theme::system(&Surroundings::default());
        assert_eq!(theme.color(Token::Error), Color::Indexed(1));
        assert_eq!(theme.color(Token::Muted), Color::Faint);
        assert_eq!(theme.color(Token::UserMessageBg), Color::Default);
    }
}
