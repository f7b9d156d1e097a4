//! The footer: where we are, what it has cost, how full the context is, who answers.

use std::path::Path;

use ratatui::text::{Line, Span};

use super::look::{Look, Token};
use super::markdown::sanitize_line;
use super::markdown::wrap::{row_width, truncate};
use crate::ai::ThinkingLevel;
use crate::session::View;

/// Beyond these parts of the window the figure warns, then alarms.
const FULL: (f64, f64) = (70.0, 90.0);

/// The footer's rows: one of place, one of figures and model. Neither is wider than `width`.
pub fn rows(
    view: &View,
    home: Option<&str>,
    branch: Option<&str>,
    width: usize,
    look: &Look,
) -> [Line<'static>; 2] {
    let margin = if width > 8 { " " } else { "" };
    let mut place = vec![Span::styled(
        format!("{margin}{}", short_path(&view.cwd, home)),
        look.fg(Token::Muted),
    )];
    if let Some(branch) = branch {
        place.push(Span::styled(
            format!(" ({})", sanitize_line(branch)),
            look.fg(Token::Dim),
        ));
    }
    if let Some(name) = &view.name {
        place.push(Span::styled(
            format!(" · {}", sanitize_line(name)),
            look.fg(Token::Muted),
        ));
    }
    let watching = view.watching.as_ref().map(|who| {
        let text = match width {
            0..60 => "watching ".to_owned(),
            _ => format!("watching · {} ", sanitize_line(who)),
        };
        Span::styled(text, look.fg(Token::Warning))
    });
    let watching = watching.into_iter().collect();
    let model = model(view, look);
    let room = width.saturating_sub(row_width(&model) + 1);
    // What does not fit goes: the cache first, then tokens, then money; how full the context is, last.
    let without = |gone| {
        let mut left = vec![Span::raw(margin.to_owned())];
        left.extend(figures(view, look, gone));
        left
    };
    let fitting = (0..ALL).map(without).find(|left| row_width(left) <= room);
    let left = fitting.unwrap_or_else(|| without(ALL));
    [line(place, watching, width), line(left, model, width)]
}

/// Kinds of figures, in the order in which they give way; the context never does.
const CACHE: usize = 0;
const TOKENS: usize = 1;
const COST: usize = 2;
const ALL: usize = 3;

/// The figures without the first `gone` kinds.
fn figures(view: &View, look: &Look, gone: usize) -> Vec<Span<'static>> {
    let usage = &view.usage;
    let mut parts = Vec::new();
    for (sign, tokens, kind) in [
        ("↑", usage.input, TOKENS),
        ("↓", usage.output, TOKENS),
        ("R", usage.cache_read, CACHE),
        ("W", usage.cache_write, CACHE),
    ] {
        if tokens > 0 {
            parts.push((format!("{sign}{}", short_count(tokens)), kind));
        }
    }
    if usage.cost.total > 0.0 || !parts.is_empty() {
        parts.push((format!("${:.3}", usage.cost.total), COST));
    }
    let kept = parts.into_iter().filter(|(_, kind)| *kind >= gone);
    let parts: Vec<String> = kept.map(|(text, _)| text).collect();
    let mut spans = Vec::new();
    if !parts.is_empty() {
        spans.push(Span::styled(
            format!("{} ", parts.join(" ")),
            look.fg(Token::Dim),
        ));
    }
    let window = view.model.context_window;
    if window > 0 && !view.demo {
        let (text, token) = match view.context_tokens {
            Some(tokens) => {
                let part = tokens as f64 * 100.0 / window as f64;
                let token = match part {
                    part if part > FULL.1 => Token::Error,
                    part if part > FULL.0 => Token::Warning,
                    _ => Token::Dim,
                };
                (format!("{part:.1}%/{}", short_count(window)), token)
            }
            None => (format!("?/{}", short_count(window)), Token::Dim),
        };
        spans.push(Span::styled(text, look.fg(token)));
    }
    spans
}

fn model(view: &View, look: &Look) -> Vec<Span<'static>> {
    if view.demo {
        let text = "demo, no model connected (/login) ";
        return vec![Span::styled(text, look.fg(Token::Warning))];
    }
    let mut spans = vec![
        Span::styled(
            format!("{}/", sanitize_line(&view.model.provider)),
            look.fg(Token::Dim),
        ),
        Span::styled(
            sanitize_line(&view.model.id).to_string(),
            look.fg(Token::Muted),
        ),
    ];
    if view.model.reasoning {
        let token = thinking_token(view.thinking);
        spans.push(Span::styled(" · ", look.fg(Token::Dim)));
        spans.push(Span::styled(
            format!("{} ", view.thinking.as_str()),
            look.fg(token),
        ));
    } else {
        spans.push(Span::raw(" "));
    }
    spans
}

/// The border colour of a thinking level.
pub fn thinking_token(level: ThinkingLevel) -> Token {
    match level {
        ThinkingLevel::Off => Token::ThinkingOff,
        ThinkingLevel::Minimal => Token::ThinkingMinimal,
        ThinkingLevel::Low => Token::ThinkingLow,
        ThinkingLevel::Medium => Token::ThinkingMedium,
        ThinkingLevel::High => Token::ThinkingHigh,
        ThinkingLevel::Xhigh => Token::ThinkingXhigh,
        ThinkingLevel::Max => Token::ThinkingMax,
    }
}

/// Left and right on one row; what does not fit is cut from the left part first.
fn line(left: Vec<Span<'static>>, right: Vec<Span<'static>>, width: usize) -> Line<'static> {
    let right = truncate(&right, width);
    let room = width - row_width(&right);
    let mut row = truncate(&left, room.saturating_sub(usize::from(!right.is_empty())));
    let gap = room.saturating_sub(row_width(&row));
    row.push(Span::raw(" ".repeat(gap)));
    row.extend(right);
    Line::from(row)
}

/// The path with `~` for the home directory.
pub fn short_path(path: &Path, home: Option<&str>) -> String {
    let short = home.and_then(|home| {
        let below = path.strip_prefix(home).ok()?;
        Some(if below.as_os_str().is_empty() {
            "~".to_owned()
        } else {
            format!("~/{}", below.display())
        })
    });
    sanitize_line(&short.unwrap_or_else(|| path.display().to_string())).to_string()
}

/// 950, 9.5k, 95k, 9.5M.
pub fn short_count(count: u64) -> String {
    let of = |unit: f64, name: &str| {
        let value = count as f64 / unit;
        if value < 10.0 {
            format!("{value:.1}{name}")
        } else {
            format!("{value:.0}{name}")
        }
    };
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => of(1e3, "k"),
        _ => of(1e6, "M"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_short_and_home_is_a_tilde() {
        let counts = [0, 999, 1000, 9_949, 12_345, 999_999, 1_500_000, 45_000_000];
        let short = counts.map(short_count);
        assert_eq!(
            short,
            ["0", "999", "1.0k", "9.9k", "12k", "1000k", "1.5M", "45M"]
        );
        assert_eq!(
            short_path(Path::new("/home/ada/x"), Some("/home/ada")),
            "~/x"
        );
        assert_eq!(short_path(Path::new("/home/ada"), Some("/home/ada")), "~");
        assert_eq!(
            short_path(Path::new("/home/adam"), Some("/home/ada")),
            "/home/adam"
        );
    }
}
