//! Where a Markdown text may be cut: at its top-level blocks, found line by line.
//!
//! Promises that the cuts depend on the whole lines read so far and on nothing else, so that text cut
//! while it streams is cut like text read at once. A list is cut at its items, each of which knows its
//! number and whether a blank line stands before it. What the blocks mean is left to the parser: a
//! cut is made only where CommonMark would begin a new block.

/// A block that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    /// What it is, as far as cutting needs to know.
    pub kind: Kind,
    /// Whether an empty row stands before it.
    pub gap: bool,
}

/// What a block is, as far as cutting needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A paragraph, a table, indented code: whatever a blank line ends.
    Text,
    /// One line by itself: a heading or a rule.
    Line,
    /// A quote.
    Quote,
    /// A code fence.
    Fence(Fence),
    /// One item of a list.
    Item(Item),
    /// HTML that ends behind this text, blank lines or not.
    Html(&'static str),
    /// A formula on lines of its own that ends behind this text, or at a blank line.
    Math(&'static str),
}

/// The opening of a code fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fence {
    mark: u8,
    length: usize,
    /// Spaces before it, taken off every line of code.
    pub indent: usize,
}

/// The marker of a list item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Item {
    /// Its place in an ordered list.
    pub number: Option<u64>,
    delimiter: u8,
    /// The column that the item's own text starts in.
    content: usize,
}

/// Reads lines and says where blocks begin.
#[derive(Debug, Clone, Default)]
pub(super) struct Scanner {
    open: Option<Kind>,
    last: Option<Kind>,
    blank: bool,
}

impl Scanner {
    /// Takes the next line, without its line end. Answers with the block that begins there, if one
    /// does; otherwise the line belongs to the block before.
    pub fn line(&mut self, line: &str) -> Option<Block> {
        if line.trim().is_empty() {
            self.blank = true;
            if matches!(self.open, Some(Kind::Text | Kind::Quote | Kind::Math(_))) {
                self.open = None;
            }
            return None;
        }
        let begun = match self.open {
            Some(open) => self.follows(open, line),
            None => Some(classify(line)),
        };
        let block = begun.map(|kind| self.begin(kind, line));
        self.blank = false;
        block
    }

    /// Whether `line`, behind an open block, begins another.
    fn follows(&mut self, open: Kind, line: &str) -> Option<Kind> {
        let next = classify(line);
        match open {
            Kind::Fence(fence) => {
                if fence.is_closed_by(line) {
                    self.open = None;
                }
                None
            }
            Kind::Math(end) => {
                if line.contains(end) {
                    self.open = None;
                }
                None
            }
            Kind::Html(end) => {
                if contains_ignoring_case(line, end) {
                    self.open = None;
                }
                None
            }
            Kind::Line => Some(next),
            Kind::Text if is_underline(line) => {
                self.open = None;
                None
            }
            Kind::Quote if next == Kind::Quote => None,
            Kind::Item(item) if indent(line) >= item.content => None,
            Kind::Item(_) if self.blank || matches!(next, Kind::Item(_)) => Some(next),
            Kind::Text | Kind::Quote | Kind::Item(_) => interrupts(next, line).then_some(next),
        }
    }

    fn begin(&mut self, mut kind: Kind, line: &str) -> Block {
        if let (Kind::Item(item), Some(Kind::Item(before))) = (&mut kind, self.last)
            && item.delimiter == before.delimiter
            && let Some(number) = before.number
        {
            item.number = Some(number.saturating_add(1));
        }
        let snug = matches!(
            (self.last, kind),
            (Some(Kind::Text | Kind::Item(_)), Kind::Item(_))
        );
        let block = Block {
            kind,
            gap: self.last.is_some() && (self.blank || !snug),
        };
        self.last = Some(kind);
        self.open = match kind {
            Kind::Html(end) if contains_ignoring_case(line, end) => None,
            Kind::Math(end) if line.trim().get(2..).is_some_and(|line| line.contains(end)) => None,
            kind => Some(kind),
        };
        block
    }
}

impl Fence {
    /// Whether this line ends the code.
    pub fn is_closed_by(&self, line: &str) -> bool {
        let text = line.trim();
        indent(line) < 4 && text.len() >= self.length && text.bytes().all(|byte| byte == self.mark)
    }
}

/// What a line would begin.
fn classify(line: &str) -> Kind {
    let indent = indent(line);
    let text = line.trim();
    if indent >= 4 {
        return Kind::Text;
    }
    match text.as_bytes().first() {
        Some(b'#') if is_heading(text) => Kind::Line,
        Some(b'>') => Kind::Quote,
        Some(b'`' | b'~') => fence(text, indent).map_or(Kind::Text, Kind::Fence),
        Some(b'*' | b'-' | b'_') if is_rule(text) => Kind::Line,
        Some(b'*' | b'-' | b'+' | b'0'..=b'9') => item(text, indent).map_or(Kind::Text, Kind::Item),
        Some(b'<') => html_end(text).map_or(Kind::Text, Kind::Html),
        Some(b'$' | b'\\') => math_end(text).map_or(Kind::Text, Kind::Math),
        _ => Kind::Text,
    }
}

/// Whether such a line ends a paragraph without a blank line between.
fn interrupts(kind: Kind, line: &str) -> bool {
    match kind {
        Kind::Text => false,
        Kind::Line | Kind::Quote | Kind::Fence(_) | Kind::Html(_) | Kind::Math(_) => true,
        Kind::Item(item) => {
            item.number.is_none_or(|number| number == 1) && line.trim().contains(' ')
        }
    }
}

/// Columns of white space at the start.
fn indent(line: &str) -> usize {
    let mut column = 0;
    for byte in line.bytes() {
        match byte {
            b' ' => column += 1,
            b'\t' => column += 4 - column % 4,
            _ => break,
        }
    }
    column
}

fn is_heading(text: &str) -> bool {
    let level = text.bytes().take_while(|byte| *byte == b'#').count();
    level <= 6 && matches!(text.as_bytes().get(level), None | Some(b' ' | b'\t'))
}

fn is_rule(text: &str) -> bool {
    let Some(mark) = text.bytes().next() else {
        return false;
    };
    let marks = text.bytes().filter(|byte| *byte == mark).count();
    marks >= 3
        && text
            .bytes()
            .all(|byte| byte == mark || byte == b' ' || byte == b'\t')
}

/// A line of `=` or `-` that makes the paragraph above it a heading.
fn is_underline(line: &str) -> bool {
    let text = line.trim();
    indent(line) < 4
        && (text.bytes().all(|byte| byte == b'=') || text.bytes().all(|byte| byte == b'-'))
}

fn fence(text: &str, indent: usize) -> Option<Fence> {
    let mark = *text.as_bytes().first()?;
    let length = text.bytes().take_while(|byte| *byte == mark).count();
    let info = text.get(length..)?;
    let is_fence = length >= 3 && !(mark == b'`' && info.contains('`'));
    is_fence.then_some(Fence {
        mark,
        length,
        indent,
    })
}

fn item(text: &str, indent: usize) -> Option<Item> {
    let bytes = text.as_bytes();
    let digits = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let marker = match digits {
        0 => 1,
        1..=9 if matches!(bytes.get(digits), Some(b'.' | b')')) => digits + 1,
        _ => return None,
    };
    let spaces = match bytes.get(marker) {
        None => 1,
        Some(b' ' | b'\t') => {
            let rest = text.get(marker..)?;
            let wide = self::indent(rest);
            // Five or more: the item starts with indented code.
            if wide > 4 { 1 } else { wide }
        }
        Some(_) => return None,
    };
    Some(Item {
        number: text.get(..digits).and_then(|number| number.parse().ok()),
        delimiter: bytes[marker - 1],
        content: indent + marker + spaces,
    })
}

/// For HTML that blank lines do not end: the text that does.
fn html_end(text: &str) -> Option<&'static str> {
    const ENDS: [(&str, &str); 8] = [
        ("<!--", "-->"),
        ("<?", "?>"),
        ("<![CDATA[", "]]>"),
        ("<script", "</script>"),
        ("<pre", "</pre>"),
        ("<style", "</style>"),
        ("<textarea", "</textarea>"),
        ("<!", ">"),
    ];
    let starts = |open: &str| {
        text.get(..open.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(open))
    };
    let (open, end) = ENDS.into_iter().find(|(open, _)| starts(open))?;
    let next = text.as_bytes().get(open.len());
    let is_tag = open.as_bytes()[1].is_ascii_alphabetic();
    (!is_tag || matches!(next, None | Some(b' ' | b'\t' | b'>'))).then_some(end)
}

/// For a line that a formula on lines of its own begins with: what ends it.
fn math_end(text: &str) -> Option<&'static str> {
    let (rest, end) = match (text.strip_prefix("$$"), text.strip_prefix("\\[")) {
        (Some(rest), _) => (rest, "$$"),
        (_, Some(rest)) => (rest, "\\]"),
        _ => return None,
    };
    match rest.find(end) {
        None => Some(end),
        Some(at) => (at + end.len() == rest.trim_end().len()).then_some(end),
    }
}

fn contains_ignoring_case(line: &str, needle: &str) -> bool {
    line.as_bytes()
        .windows(needle.len())
        .any(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with `|` before every block that begins without a gap and `‖` before those with one.
    fn cuts(text: &str) -> String {
        let mut scanner = Scanner::default();
        let mut out = String::new();
        for line in text.lines() {
            match scanner.line(line) {
                Some(Block { gap: true, .. }) => out.push('‖'),
                Some(Block { gap: false, .. }) => out.push('|'),
                None => {}
            }
            out.push_str(line);
            out.push('/');
        }
        out
    }

    #[test]
    fn paragraphs_end_at_blank_lines_and_before_other_blocks() {
        assert_eq!(cuts("a\nb\n\nc\n# d\ne"), "|a/b//‖c/‖# d/‖e/");
        assert_eq!(
            cuts("a\n---\nb"),
            "|a/---/‖b/",
            "an underline makes a heading"
        );
        assert_eq!(
            cuts("a | b\n---|---\n1 | 2\n\nx"),
            "|a | b/---|---/1 | 2//‖x/"
        );
    }

    #[test]
    fn fences_run_to_their_end() {
        assert_eq!(cuts("```rs\n\n# no\n```\nx"), "|```rs//# no/```/‖x/");
        assert_eq!(cuts("~~~\n```\n\ny"), "|~~~/```//y/");
    }

    #[test]
    fn lists_are_cut_at_their_items() {
        assert_eq!(
            cuts("- a\n  - b\nlazy\n- c\n\n- d\n\ne"),
            "|- a/  - b/lazy/|- c//‖- d//‖e/"
        );
        assert_eq!(cuts("x:\n1. a\n\n   b\n2. c"), "|x:/|1. a//   b/|2. c/");
        assert_eq!(cuts("see\n2024. no"), "|see/2024. no/");
    }

    #[test]
    fn html_that_blank_lines_do_not_end_stays_whole() {
        assert_eq!(cuts("<!-- a\n\nb -->\nc"), "|<!-- a//b -->/‖c/");
        assert_eq!(
            cuts("<PRE>\n\nx</Pre>\n> q\n>\n> r"),
            "|<PRE>//x</Pre>/‖> q/>/> r/"
        );
    }

    #[test]
    fn formulas_on_lines_of_their_own_are_blocks() {
        assert_eq!(
            cuts("so\n$$\na\n- b\n$$\nx\n\\[ c \\]\ny"),
            "|so/‖$$/a/- b/$$/‖x/‖\\[ c \\]/‖y/"
        );
        assert_eq!(
            cuts("$$a$$ is\nb\n\n$$ open\n\nc"),
            "|$$a$$ is/b//‖$$ open//‖c/"
        );
    }

    #[test]
    fn items_count_on_from_the_first() {
        let mut scanner = Scanner::default();
        let numbers: Vec<_> = ["3. a", "3. b", "", "1. c"]
            .iter()
            .filter_map(|line| scanner.line(line))
            .map(|block| match block.kind {
                Kind::Item(item) => item.number,
                _ => None,
            })
            .collect();
        assert_eq!(numbers, [Some(3), Some(4), Some(5)]);
    }
}
