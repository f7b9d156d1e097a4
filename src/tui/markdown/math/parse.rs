//! LaTeX, read once from left to right, as Unicode.

use super::scripts::{accent, accented, alphabet, closed, fraction, lowered, raised};
use super::symbols::{Stand, negated, symbol};

/// Deeper nesting is no formula that anybody reads. What a command is of counts as one, its braces as one.
const DEEPEST: usize = 48;
/// Nor is a longer text,
const LONGEST: usize = 4_000;
/// nor one that becomes longer than this.
const LONGEST_SHOWN: usize = 8 * LONGEST;

/// A formula without its dollars as text; lines where it has several. `None` when it is no LaTeX.
pub(in crate::tui::markdown) fn unicode(source: &str) -> Option<String> {
    if source.len() > LONGEST {
        return None;
    }
    let mut reader = Reader {
        rest: source.trim(),
        depth: 0,
        closed_up: false,
    };
    let text = reader.until(Stop::End)?;
    let lines = text.split('\n').map(tidy).filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// One space where there were several, none at the ends.
fn tidy(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ")
}

struct Reader<'s> {
    rest: &'s str,
    depth: usize,
    /// The space behind only ended a name.
    closed_up: bool,
}

/// What ends a run.
#[derive(Clone, Copy, PartialEq)]
enum Stop {
    End,
    Brace,
    Bracket,
    Environment,
}

impl<'s> Reader<'s> {
    /// Everything up to what ends it, which is taken too.
    fn until(&mut self, stop: Stop) -> Option<String> {
        self.deeper()?;
        let mut out = String::new();
        loop {
            let Some(char) = self.rest.chars().next() else {
                self.depth -= 1;
                return (stop == Stop::End).then_some(out);
            };
            match (char, stop) {
                ('}', Stop::Brace) | (']', Stop::Bracket) => {
                    self.skip(1);
                    self.depth -= 1;
                    return Some(out);
                }
                ('}', _) => return None,
                ('\\', Stop::Environment) if self.rest.starts_with("\\end{") => {
                    self.skip("\\end{".len());
                    self.skip(self.rest.find('}')? + 1);
                    self.depth -= 1;
                    return Some(out);
                }
                _ => self.piece(char, &mut out)?,
            }
            if out.len() > LONGEST_SHOWN {
                return None;
            }
            if std::mem::take(&mut self.closed_up) {
                self.skip_spaces();
            }
        }
    }

    fn deeper(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= DEEPEST).then_some(())
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn piece(&mut self, char: char, out: &mut String) -> Option<()> {
        match char {
            '\\' => return self.command(out),
            '{' => {
                self.skip(1);
                out.push_str(&self.until(Stop::Brace)?);
                return Some(());
            }
            '^' | '_' => {
                self.skip(1);
                let text = self.argument()?;
                let text = tidy(&text);
                while out.ends_with(' ') {
                    out.pop();
                }
                out.push_str(&match char {
                    '^' => raised(&text),
                    _ => lowered(&text),
                });
                // Words and what they are of stay apart.
                if self.rest.starts_with(char::is_alphanumeric) && out.ends_with(')') {
                    out.push(' ');
                }
                return Some(());
            }
            '&' => out.push(' '),
            '~' | '\n' | '\t' => out.push(' '),
            '\'' => out.push('′'),
            '%' => {
                let line = self.rest.find('\n').unwrap_or(self.rest.len());
                self.skip(line);
                return Some(());
            }
            '=' | '<' | '>' => {
                out.push(' ');
                out.push(char);
                out.push(' ');
            }
            char => out.push(char),
        }
        self.skip(char.len_utf8());
        Some(())
    }

    /// What a command or a script is of: a group, a command, a character.
    fn argument(&mut self) -> Option<String> {
        self.deeper()?;
        self.skip_spaces();
        let char = self.rest.chars().next()?;
        let mut out = String::new();
        match char {
            '}' | '^' | '_' | '&' => return None,
            '{' | '\\' => self.piece(char, &mut out)?,
            char => {
                out.push(char);
                self.skip(char.len_utf8());
            }
        }
        self.depth -= 1;
        self.closed_up = false;
        (out.len() <= LONGEST_SHOWN).then_some(out)
    }

    /// `{…}` as it stands there.
    fn raw(&mut self) -> Option<&'s str> {
        self.skip_spaces();
        let inside = self.rest.strip_prefix('{')?;
        let mut open = 1usize;
        for (at, char) in inside.char_indices() {
            match char {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            if open == 0 {
                self.rest = &inside[at + 1..];
                return Some(&inside[..at]);
            }
        }
        None
    }

    fn command(&mut self, out: &mut String) -> Option<()> {
        self.skip(1);
        let letters = self
            .rest
            .find(|char: char| !char.is_ascii_alphabetic())
            .unwrap_or(self.rest.len());
        if letters == 0 {
            let char = self.rest.chars().next()?;
            self.skip(char.len_utf8());
            match char {
                '\\' => {
                    // The space between lines may follow.
                    if self.rest.starts_with('[') {
                        self.skip(self.rest.find(']')? + 1);
                    }
                    out.push('\n');
                }
                ',' | ';' | ':' | ' ' | '>' => out.push(' '),
                '!' => {}
                '|' => out.push('‖'),
                '{' | '}' | '$' | '%' | '&' | '#' | '_' => out.push(char),
                char => {
                    out.push('\\');
                    out.push(char);
                }
            }
            return Some(());
        }
        let name = &self.rest[..letters];
        self.skip(letters);
        self.rest = self.rest.strip_prefix('*').unwrap_or(self.rest);
        self.named(name, out)
    }

    fn named(&mut self, name: &str, out: &mut String) -> Option<()> {
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => {
                let (above, below) = (self.argument()?, self.argument()?);
                out.push_str(&fraction(&tidy(&above), &tidy(&below)));
                if self.rest.starts_with(char::is_alphanumeric) {
                    out.push(' ');
                }
            }
            "binom" | "dbinom" => {
                let (above, below) = (self.argument()?, self.argument()?);
                out.push_str(&format!("C({}, {})", tidy(&above), tidy(&below)));
            }
            "sqrt" => self.root(out)?,
            "text" | "textrm" | "textbf" | "textit" | "texttt" | "mbox" | "mathrm" | "mathsf"
            | "mathit" | "mathtt" | "operatorname" => {
                let text = self.raw()?;
                // A word beside a word.
                if name.starts_with("operator") && out.ends_with(char::is_alphanumeric) {
                    out.push(' ');
                }
                out.push_str(text);
            }
            "left" | "right" | "middle" | "big" | "Big" | "bigg" | "Bigg" | "bigl" | "bigr"
            | "Bigl" | "Bigr" | "biggl" | "biggr" => {
                self.skip_spaces();
                self.rest = self.rest.strip_prefix('.').unwrap_or(self.rest);
            }
            "begin" => self.environment(out)?,
            "quad" | "qquad" | "enspace" | "thinspace" => out.push(' '),
            "displaystyle" | "textstyle" | "limits" | "nolimits" | "nonumber" | "notag" => {}
            "label" | "tag" => {
                self.raw()?;
            }
            "not" => {
                let of = self.argument()?;
                match negated(of.trim()) {
                    Some(sign) => out.push_str(&format!(" {sign} ")),
                    None => out.push_str(&accented(&of, '\u{338}', false)),
                }
            }
            "overset" | "stackrel" => {
                let (above, on) = (self.argument()?, self.argument()?);
                out.push_str(&format!("{}{}", on.trim_end(), raised(&tidy(&above))));
            }
            "underset" => {
                let (below, on) = (self.argument()?, self.argument()?);
                out.push_str(&format!("{}{}", on.trim_end(), lowered(&tidy(&below))));
            }
            "underbrace" | "overbrace" | "boxed" | "mathop" | "phantom" => {
                out.push_str(&self.argument()?);
            }
            "pmod" => {
                let of = self.argument()?;
                out.push_str(&format!(" (mod {})", tidy(&of)));
            }
            "bmod" => out.push_str(" mod "),
            name => self.sign(name, out)?,
        }
        Some(())
    }

    fn sign(&mut self, name: &str, out: &mut String) -> Option<()> {
        if let Some((mark, each)) = accent(name) {
            let of = self.argument()?;
            out.push_str(&accented(&of, mark, each));
            return Some(());
        }
        if alphabet(name, "").is_some() {
            let of = self.argument()?;
            out.push_str(&alphabet(name, &of)?);
            return Some(());
        }
        let Some((sign, stand)) = symbol(name) else {
            out.push('\\');
            out.push_str(name);
            // As it is typed, with what it is of.
            while self.rest.starts_with('{') {
                let of = self.raw()?;
                out.push_str(&format!("{{{of}}}"));
            }
            return Some(());
        };
        if stand == Stand::Apart {
            out.push_str(&format!(" {sign} "));
            return Some(());
        }
        if stand == Stand::Word && out.ends_with(char::is_alphanumeric) {
            out.push(' ');
        }
        out.push_str(sign);
        let next = self.rest.trim_start();
        let is_next = |more: &str| {
            next.starts_with(|char: char| char.is_alphanumeric() || more.contains(char))
        };
        match stand {
            Stand::Word if is_next("\\") => out.push(' '),
            Stand::Word => {}
            _ if is_next("^_(") => self.closed_up = true,
            _ => {}
        }
        Some(())
    }

    fn root(&mut self, out: &mut String) -> Option<()> {
        self.skip_spaces();
        let degree = match self.rest.strip_prefix('[') {
            Some(rest) => {
                self.rest = rest;
                tidy(&self.until(Stop::Bracket)?)
            }
            None => String::new(),
        };
        let of = self.argument()?;
        let sign = match degree.as_str() {
            "" | "2" => "√".to_owned(),
            "3" => "∛".to_owned(),
            "4" => "∜".to_owned(),
            degree => format!("{}√", raised(degree)),
        };
        out.push_str(&sign);
        out.push_str(&closed(&tidy(&of)));
        Some(())
    }

    /// `\begin{…}`: matrices in one row, lines of equations as lines.
    fn environment(&mut self, out: &mut String) -> Option<()> {
        let name = self.raw()?.trim_end_matches('*');
        if matches!(name, "array" | "alignat" | "tabular") {
            self.raw()?;
        }
        let inside = self.until(Stop::Environment)?;
        let lines = inside.split('\n').map(tidy).filter(|line| !line.is_empty());
        let lines: Vec<String> = lines.collect();
        let row = lines.join("; ");
        match name {
            "matrix" | "smallmatrix" | "array" => out.push_str(&format!("[{row}]")),
            "pmatrix" => out.push_str(&format!("({row})")),
            "bmatrix" => out.push_str(&format!("[{row}]")),
            "Bmatrix" => out.push_str(&format!("{{{row}}}")),
            "vmatrix" => out.push_str(&format!("|{row}|")),
            "Vmatrix" => out.push_str(&format!("‖{row}‖")),
            "cases" => out.push_str(&format!("{{ {row}")),
            _ => out.push_str(&lines.join("\n")),
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(source: &str, shown: &str) {
        assert_eq!(unicode(source).as_deref(), Some(shown), "{source}");
    }

    #[test]
    fn letters_scripts_and_signs() {
        reads(r"\alpha + \beta \leq \Gamma_{ij}^2", "α + β ≤ Γᵢⱼ²");
        reads(r"e^{i\pi} + 1 = 0", "e^(iπ) + 1 = 0");
        reads(r"x^{n+1}_0", "xⁿ⁺¹₀");
        reads(
            r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}",
            "∑ᵢ₌₁ⁿ i = (n(n+1))/2",
        );
        reads(r"\int_0^\infty f(x)\,dx", "∫₀^∞ f(x) dx");
        reads(r"A \not= B, x\notin\mathbb{R}", "A ≠ B, x ∉ ℝ");
        reads(r"\lim_{x \to 0} \sin x", "lim_(x → 0) sin x");
        reads(r"f'(x)", "f′(x)");
    }

    #[test]
    fn fractions_roots_accents_and_text() {
        reads(
            r"\frac12 + \frac{a}{b} + \frac{a+b}{c}",
            "½ + a/b + (a+b)/c",
        );
        reads(r"\sqrt{2} \sqrt[3]{x+1} \sqrt[n]{y}", "√2 ∛(x+1) ⁿ√y");
        reads(
            r"\hat{x} \vec v \overline{AB}",
            "x\u{302} v\u{20d7} A\u{304}B\u{304}",
        );
        reads(r"v_{\text{max}} \text{ if } x", "vₘₐₓ if x");
        reads(r"\left( \frac{1}{3} \right)", "( ⅓ )");
        reads(
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
            "(a b; c d)",
        );
        reads(
            r"\begin{aligned} a &= b \\ &= c \end{aligned}",
            "a = b\n= c",
        );
        reads(r"\mathcal{L}(\theta), \mathbf{x}", "ℒ(θ), 𝐱");
    }

    #[test]
    fn what_is_not_known_stays_as_typed() {
        reads(r"\foo{x^2} + \alpha", r"\foo{x^2} + α");
        for broken in ["{a", "a}", "x^", r"\frac{a}", r"\begin{x}", "", "_"] {
            assert_eq!(unicode(broken), None, "{broken}");
        }
        assert_eq!(unicode(&"{".repeat(3_000)), None);
    }

    #[test]
    fn a_mark_on_a_marked_character_is_one_mark_more() {
        // Doubled by each, this would be more than any memory holds.
        let source = format!("{} x", r"\bar".repeat(40));
        reads(&source, &format!("x{}", "\u{304}".repeat(40)));
        reads(r"\bar{\hat{a}b}", "a\u{302}\u{304}b\u{304}");
    }

    #[test]
    fn commands_of_commands_go_only_so_deep() {
        for nested in [r"\hat", r"\bar", r"\sqrt", r"\frac"] {
            let source = nested.repeat(900);
            let source = format!("{} x", &source[..source.len().min(LONGEST - 2)]);
            assert_eq!(unicode(&source), None, "{nested}");
        }
        let source = format!(r"{}x{}", r"\sqrt{".repeat(20), "}".repeat(20));
        assert!(unicode(&source).is_some(), "twenty roots are read");
    }

    #[test]
    fn a_short_source_does_not_become_a_long_formula() {
        let marked = |text: usize| {
            let (open, close) = (r"\overline{".repeat(20), "}".repeat(20));
            unicode(&format!("{open}{}{close}", "a".repeat(text)))
        };
        assert_eq!(marked(3_000), None);
        assert!(marked(300).is_some_and(|shown| shown.len() == 300 * 41));
    }
}
