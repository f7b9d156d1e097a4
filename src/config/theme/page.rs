//! A theme's colours for exported pages.

use super::color::Color;
use super::parse::Theme;
use super::token::Token;
use crate::store::export::{Colors, Palette, Rgb};

impl Theme {
    /// The colours of an exported page: this theme for the kind of room that it is made for, pi's own
    /// for the other. Where a theme leaves a colour to the terminal, pi's own is taken.
    pub fn page_colors(&self) -> Colors {
        let rgb = |token| self.color(token).to_rgb();
        // The person's messages have a ground in every theme; it tells light from dark.
        let ground = self.export[0].and_then(Color::to_rgb);
        let ground = ground.or_else(|| rgb(Token::UserMessageBg));
        let base = match ground.is_some_and(Rgb::is_light) {
            true => Palette::LIGHT,
            false => Palette::DARK,
        };
        let of = |token, otherwise| rgb(token).unwrap_or(otherwise);
        let [page, card, info] = self.export.map(|color| color.and_then(Color::to_rgb));
        Colors::default().with(Palette {
            page: page.unwrap_or(base.page),
            card: card.unwrap_or(base.card),
            info: info.unwrap_or_else(|| of(Token::CustomMessageBg, base.info)),
            user: of(Token::UserMessageBg, base.user),
            failed: of(Token::ToolErrorBg, base.failed),
            text: of(Token::Text, base.text),
            muted: of(Token::Muted, base.muted),
            line: of(Token::BorderMuted, base.line),
            accent: of(Token::Accent, base.accent),
            link: of(Token::MdLink, base.link),
            heading: of(Token::MdHeading, base.heading),
            error: of(Token::Error, base.error),
            added: of(Token::ToolDiffAdded, base.added),
            label: of(Token::CustomMessageLabel, base.label),
            found: of(Token::SearchMatchBg, base.found),
            found_text: of(Token::SearchMatchText, base.found_text),
            comment: of(Token::SyntaxComment, base.comment),
            keyword: of(Token::SyntaxKeyword, base.keyword),
            string: of(Token::SyntaxString, base.string),
            number: of(Token::SyntaxNumber, base.number),
            kind: of(Token::SyntaxType, base.kind),
            function: of(Token::SyntaxFunction, base.function),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Themes;

    #[test]
    fn a_theme_colours_the_room_that_it_is_made_for() {
        let themes = Themes::embedded();
        for (name, is_light) in [("dark", false), ("light", true)] {
            let theme = themes.find(name).unwrap();
            let colors = theme.page_colors();
            assert!(colors.light.page.is_light() && !colors.dark.page.is_light());
            let own = if is_light { colors.light } else { colors.dark };
            assert_eq!(Some(own.accent), theme.color(Token::Accent).to_rgb());
            assert_eq!(Some(own.page), theme.export[0].and_then(Color::to_rgb));
        }
    }
}
