//! Raised and lowered text, fractions, accents and alphabets, as far as Unicode has them.

use unicode_segmentation::UnicodeSegmentation;

/// Raised text; `^(…)` where a character of it cannot be raised.
pub(super) fn raised(text: &str) -> String {
    script(text, '^', |char| {
        Some(match char {
            '0' => '⁰',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            '4'..='9' => shifted('⁴', char, '4')?,
            '+' => '⁺',
            '-' | '−' => '⁻',
            '=' => '⁼',
            '(' => '⁽',
            ')' => '⁾',
            '\'' | '′' => '′',
            '*' | '∗' => '*',
            '∘' => '°',
            'T' => 'ᵀ',
            'a' => 'ᵃ',
            'b' => 'ᵇ',
            'c' => 'ᶜ',
            'd' => 'ᵈ',
            'e' => 'ᵉ',
            'f' => 'ᶠ',
            'g' => 'ᵍ',
            'h' => 'ʰ',
            'i' => 'ⁱ',
            'j' => 'ʲ',
            'k' => 'ᵏ',
            'l' => 'ˡ',
            'm' => 'ᵐ',
            'n' => 'ⁿ',
            'o' => 'ᵒ',
            'p' => 'ᵖ',
            'r' => 'ʳ',
            's' => 'ˢ',
            't' => 'ᵗ',
            'u' => 'ᵘ',
            'v' => 'ᵛ',
            'w' => 'ʷ',
            'x' => 'ˣ',
            'y' => 'ʸ',
            'z' => 'ᶻ',
            'α' => 'ᵅ',
            'β' => 'ᵝ',
            'γ' => 'ᵞ',
            'δ' => 'ᵟ',
            'θ' => 'ᶿ',
            'φ' => 'ᵠ',
            _ => return None,
        })
    })
}

/// Lowered text; `_(…)` where a character of it cannot be lowered.
pub(super) fn lowered(text: &str) -> String {
    script(text, '_', |char| {
        Some(match char {
            '0'..='9' => shifted('₀', char, '0')?,
            '+' => '₊',
            '-' | '−' => '₋',
            '=' => '₌',
            '(' => '₍',
            ')' => '₎',
            'a' => 'ₐ',
            'e' => 'ₑ',
            'h' => 'ₕ',
            'i' => 'ᵢ',
            'j' => 'ⱼ',
            'k' => 'ₖ',
            'l' => 'ₗ',
            'm' => 'ₘ',
            'n' => 'ₙ',
            'o' => 'ₒ',
            'p' => 'ₚ',
            'r' => 'ᵣ',
            's' => 'ₛ',
            't' => 'ₜ',
            'u' => 'ᵤ',
            'v' => 'ᵥ',
            'x' => 'ₓ',
            'β' => 'ᵦ',
            'γ' => 'ᵧ',
            'ρ' => 'ᵨ',
            'φ' => 'ᵩ',
            'χ' => 'ᵪ',
            _ => return None,
        })
    })
}

fn script(text: &str, mark: char, map: impl Fn(char) -> Option<char>) -> String {
    let text = text.trim();
    let tight: String = text.chars().filter(|char| *char != ' ').collect();
    if let Some(mapped) = tight.chars().map(map).collect::<Option<String>>() {
        return mapped;
    }
    match text.chars().nth(1) {
        None => format!("{mark}{text}"),
        Some(_) => format!("{mark}({text})"),
    }
}

fn shifted(to: char, char: char, from: char) -> Option<char> {
    char::from_u32(u32::from(to) + u32::from(char).checked_sub(u32::from(from))?)
}

/// One above the other, in one row.
pub(super) fn fraction(above: &str, below: &str) -> String {
    let (above, below) = (above.trim(), below.trim());
    let known = [
        ("1", "2", "½"),
        ("1", "3", "⅓"),
        ("2", "3", "⅔"),
        ("1", "4", "¼"),
        ("3", "4", "¾"),
        ("1", "5", "⅕"),
        ("1", "6", "⅙"),
        ("1", "8", "⅛"),
        ("3", "8", "⅜"),
        ("5", "8", "⅝"),
        ("7", "8", "⅞"),
    ];
    let known = known.iter().find(|(a, b, _)| (*a, *b) == (above, below));
    match known {
        Some((_, _, sign)) => (*sign).to_owned(),
        None => format!("{}/{}", closed(above), closed(below)),
    }
}

/// The text, in brackets where it would otherwise fall apart.
pub(super) fn closed(text: &str) -> String {
    let is_part = |char: char| char.is_alphanumeric() || "′.,°∞∂∇ℝℂℕℤℚ⁰¹²³⁴⁵⁶⁷⁸⁹".contains(char);
    let in_brackets =
        text.starts_with('(') && text.ends_with(')') && text.matches('(').count() == 1;
    match in_brackets || text.chars().all(is_part) || text.chars().count() <= 1 {
        true => text.to_owned(),
        false => format!("({text})"),
    }
}

/// The mark above or below, and whether it goes with every character.
pub(super) fn accent(name: &str) -> Option<(char, bool)> {
    Some(match name {
        "hat" | "widehat" => ('\u{302}', false),
        "tilde" | "widetilde" => ('\u{303}', false),
        "bar" | "overline" => ('\u{304}', true),
        "vec" | "overrightarrow" => ('\u{20d7}', false),
        "dot" => ('\u{307}', false),
        "ddot" => ('\u{308}', false),
        "check" => ('\u{30c}', false),
        "breve" => ('\u{306}', false),
        "acute" => ('\u{301}', false),
        "grave" => ('\u{300}', false),
        "mathring" => ('\u{30a}', false),
        "underline" => ('\u{332}', true),
        _ => return None,
    })
}

/// The text with the mark on it: on what reads as one character, marks that it has already included.
pub(super) fn accented(text: &str, mark: char, each: bool) -> String {
    let mut out = String::new();
    for (at, unit) in text.trim().graphemes(true).enumerate() {
        out.push_str(unit);
        if (each || at == 0) && !unit.starts_with(char::is_whitespace) {
            out.push(mark);
        }
    }
    out
}

/// The text in another alphabet.
pub(super) fn alphabet(name: &str, text: &str) -> Option<String> {
    let map: fn(char) -> char = match name {
        "mathbb" => |char| match char {
            'C' => 'ℂ',
            'H' => 'ℍ',
            'N' => 'ℕ',
            'P' => 'ℙ',
            'Q' => 'ℚ',
            'R' => 'ℝ',
            'Z' => 'ℤ',
            '1' => '𝟙',
            char => in_block(char, '𝔸', '𝕒'),
        },
        "mathcal" | "mathscr" => |char| match char {
            'B' => 'ℬ',
            'E' => 'ℰ',
            'F' => 'ℱ',
            'H' => 'ℋ',
            'I' => 'ℐ',
            'L' => 'ℒ',
            'M' => 'ℳ',
            'R' => 'ℛ',
            'e' => 'ℯ',
            'g' => 'ℊ',
            'o' => 'ℴ',
            char => in_block(char, '𝒜', '𝒶'),
        },
        "mathfrak" => |char| match char {
            'C' => 'ℭ',
            'H' => 'ℌ',
            'I' => 'ℑ',
            'R' => 'ℜ',
            'Z' => 'ℨ',
            char => in_block(char, '𝔄', '𝔞'),
        },
        "mathbf" | "boldsymbol" | "bm" => |char| in_block(char, '𝐀', '𝐚'),
        _ => return None,
    };
    Some(text.chars().map(map).collect())
}

fn in_block(char: char, upper: char, lower: char) -> char {
    let found = match char {
        'A'..='Z' => shifted(upper, char, 'A'),
        'a'..='z' => shifted(lower, char, 'a'),
        _ => None,
    };
    found.unwrap_or(char)
}
