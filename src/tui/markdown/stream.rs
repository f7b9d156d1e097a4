//! Markdown that grows: a stable region that is drawn once, and a tail that may still change.
//!
//! ```text
//!  source   ├── frozen blocks ──┤├ open block ┤├ unfinished line
//!  rows     ├── stable ─────────┤├ tail: drawn anew when the source has grown
//! ```
//! The tail is one top-level block, so that drawing a stream costs time linear in its size for text made
//! of blocks; the lines of an open code fence are stable one by one. The rows of a finished stream are
//! those of its whole text, however it was chunked.

use ratatui::text::Line;

use super::Ink;
use super::blocks::{Block, Kind, Scanner};
use super::code::{self, Code};
use super::mermaid;
use super::render::{self, Definitions};
use super::wrap::Row;
use crate::config::settings::Mermaid;

/// Markdown that grows, and its rows at the width last asked for.
#[derive(Clone, Default)]
pub struct MarkdownStream {
    source: String,
    /// How much of the source the scanner has read: whole lines.
    scanned: usize,
    scanner: Scanner,
    /// The blocks so far and where they begin; the last one is open.
    blocks: Vec<(usize, Block)>,
    finished: bool,
    drawn: Option<Drawn>,
}

/// What is drawn, and for what.
#[derive(Clone)]
struct Drawn {
    key: Key,
    rows: Vec<Line<'static>>,
    /// So many rows stay as they are.
    stable: usize,
    /// So many blocks are in them.
    blocks: usize,
    /// The open code fence and how much of the source is in the stable rows.
    code: Option<(Code, usize)>,
    definitions: Definitions,
    /// The source's length when the tail was drawn.
    length: usize,
    finished: bool,
}

#[derive(Clone, Copy, PartialEq)]
struct Key {
    width: usize,
    look: u64,
    base: ratatui::style::Style,
    highlighted: bool,
    manner: u64,
}

/// The rows of a whole text.
pub fn render(text: &str, width: usize, ink: &Ink<'_>) -> Vec<Line<'static>> {
    let mut stream = MarkdownStream::default();
    stream.push(text);
    stream.finish();
    stream.rows(width, ink);
    stream.drawn.map(|drawn| drawn.rows).unwrap_or_default()
}

impl MarkdownStream {
    /// A stream that holds all of `text` already.
    pub fn whole(text: &str) -> Self {
        let mut stream = MarkdownStream::default();
        stream.push(text);
        stream.finish();
        stream
    }

    /// Adds the next piece.
    pub fn push(&mut self, piece: &str) {
        self.source.push_str(piece);
        while let Some(end) = self
            .source
            .get(self.scanned..)
            .and_then(|rest| rest.find('\n'))
        {
            self.scan(self.scanned + end);
            self.scanned += end + 1;
        }
    }

    /// No more will come: the last line is whole.
    pub fn finish(&mut self) {
        if !self.finished && self.scanned < self.source.len() {
            self.scan(self.source.len());
            self.scanned = self.source.len();
        }
        self.finished = true;
    }

    /// All text so far.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether there is nothing to see.
    pub fn is_blank(&self) -> bool {
        self.source.trim().is_empty()
    }

    /// Forgets the rows; they are drawn again when they are asked for.
    pub fn evict(&mut self) {
        self.drawn = None;
    }

    /// The rows at this width. What was drawn before at the same width is not drawn again.
    pub fn rows(&mut self, width: usize, ink: &Ink<'_>) -> &[Line<'static>] {
        let key = Key {
            width: width.max(1),
            look: ink.look.revision(),
            base: ink.base,
            highlighted: ink.highlighter.is_ready(),
            manner: ink.manner.revision(),
        };
        let mut drawn = match self.drawn.take() {
            Some(drawn) if drawn.key == key => drawn,
            _ => Drawn::new(key),
        };
        if drawn.length != self.source.len() || drawn.finished != self.finished {
            self.draw(&mut drawn, ink);
        }
        &self.drawn.insert(drawn).rows
    }

    /// Whether no more will come.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// How many of the rows drawn last stay, whatever comes.
    pub fn steady(&self) -> usize {
        self.drawn.as_ref().map_or(0, |drawn| drawn.stable)
    }

    /// The rows drawn last.
    pub fn drawn(&self) -> &[Line<'static>] {
        self.drawn.as_ref().map_or(&[], |drawn| &drawn.rows)
    }

    fn scan(&mut self, end: usize) {
        let line = self.source.get(self.scanned..end).unwrap_or_default();
        if let Some(block) = self.scanner.line(line.trim_end_matches('\r')) {
            self.blocks.push((self.scanned, block));
        }
    }

    fn draw(&self, drawn: &mut Drawn, ink: &Ink<'_>) {
        drawn.rows.truncate(drawn.stable);
        let frozen = match self.finished {
            true => self.blocks.len(),
            false => self.blocks.len().saturating_sub(1),
        };
        while drawn.blocks < frozen {
            let source = self.block_source(drawn.blocks);
            let (start, block) = self.blocks[drawn.blocks];
            drawn.block(start, source, block, ink);
            render::define(source, &mut drawn.definitions);
            drawn.code = None;
            drawn.stable = drawn.rows.len();
            drawn.blocks += 1;
        }
        if !self.finished {
            self.draw_tail(drawn, ink);
        }
        drawn.length = self.source.len();
        drawn.finished = self.finished;
    }

    /// The open block, and what the unfinished line would begin if it ended here.
    fn draw_tail(&self, drawn: &mut Drawn, ink: &Ink<'_>) {
        let unfinished = self.source.get(self.scanned..).unwrap_or_default();
        let mut scanner = self.scanner.clone();
        let begun = (!unfinished.is_empty())
            .then(|| scanner.line(unfinished))
            .flatten();
        if let Some((start, block)) = self.blocks.last() {
            let end = match begun {
                Some(_) => self.scanned,
                None => self.source.len(),
            };
            let source = self.source.get(*start..end).unwrap_or_default();
            if is_diagram(source, *block, ink) {
                drawn.open_diagram(source, *block, ink);
            } else if let Kind::Fence(_) = block.kind {
                drawn.open_fence(*start, source, *block, self.scanned, ink);
            } else {
                drawn.block(*start, source, *block, ink);
            }
        }
        // The first line of a fence draws nothing.
        if let Some(block) = begun.filter(|block| !matches!(block.kind, Kind::Fence(_))) {
            drawn.block(self.scanned, unfinished, block, ink);
        }
    }

    fn block_source(&self, at: usize) -> &str {
        let start = self.blocks[at].0;
        let end = self
            .blocks
            .get(at + 1)
            .map_or(self.source.len(), |next| next.0);
        self.source.get(start..end).unwrap_or_default()
    }
}

impl Drawn {
    fn new(key: Key) -> Self {
        Drawn {
            key,
            rows: Vec::new(),
            stable: 0,
            blocks: 0,
            code: None,
            definitions: Definitions::new(),
            length: usize::MAX,
            finished: false,
        }
    }

    /// Draws a block to its end.
    fn block(&mut self, start: usize, source: &str, block: Block, ink: &Ink<'_>) {
        match block.kind {
            Kind::Fence(_) if is_diagram(source, block, ink) => {
                self.rows.truncate(self.stable);
                let drawn = mermaid::draw(inside(source, block), self.key.width, ink);
                let rows = drawn.unwrap_or_else(|| self.diagram_code(source, block, ink));
                self.append(rows, block.gap);
            }
            Kind::Fence(_) => {
                self.open_fence(start, source, block, start + source.len(), ink);
            }
            kind => {
                let number = match kind {
                    Kind::Item(item) => item.number,
                    _ => None,
                };
                let rows = render::block(source, number, &self.definitions, self.key.width, ink);
                self.append(rows, block.gap);
            }
        }
    }

    /// Draws a code fence: its lines up to `scanned` for good, the rest as it is now.
    fn open_fence(
        &mut self,
        start: usize,
        source: &str,
        block: Block,
        scanned: usize,
        ink: &Ink<'_>,
    ) {
        let Kind::Fence(fence) = block.kind else {
            return;
        };
        let opening = source.find('\n').map_or(source.len(), |end| end + 1);
        let (mut code, mut at) = match self.code.take() {
            Some(open) => open,
            None => {
                if block.gap && !self.rows.is_empty() {
                    self.rows.push(Line::default());
                    self.stable = self.rows.len();
                }
                let info = source.get(..opening).unwrap_or_default();
                let info = info.trim().trim_start_matches(['`', '~']);
                (Code::new(info, ink), start + opening)
            }
        };
        let end = start + source.len();
        while at < end {
            let rest = source.get(at - start..).unwrap_or_default();
            let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let line = rest.get(..length).unwrap_or_default();
            if fence.is_closed_by(line) {
                // The rest is the blank lines behind the block.
                at = if at + length <= scanned {
                    usize::MAX
                } else {
                    at
                };
                break;
            }
            if at + length <= scanned {
                self.code_line(&mut code, line, fence.indent, ink);
                at += length;
                self.stable = self.rows.len();
            } else {
                self.code = Some((code.clone(), at));
                self.code_line(&mut code, line, fence.indent, ink);
                return;
            }
        }
        self.code = Some((code, at));
    }

    /// Draws a diagram that still grows, or its code until there is something to draw.
    fn open_diagram(&mut self, source: &str, block: Block, ink: &Ink<'_>) {
        let lines = source.rfind('\n').map_or("", |end| &source[..end]);
        let drawn = match ink.manner.mermaid {
            Mermaid::Streaming => mermaid::draw(inside(lines, block), self.key.width, ink),
            Mermaid::Final | Mermaid::Off => None,
        };
        let rows = drawn.unwrap_or_else(|| self.diagram_code(source, block, ink));
        self.append(rows, block.gap);
    }

    fn diagram_code(&self, source: &str, block: Block, ink: &Ink<'_>) -> Vec<Row> {
        code::rows(inside(source, block), "mermaid", self.key.width, ink)
    }

    fn code_line(&mut self, code: &mut Code, line: &str, indent: usize, ink: &Ink<'_>) {
        let line = line.trim_end_matches(['\n', '\r']);
        let spaces = line
            .bytes()
            .take(indent)
            .take_while(|byte| *byte == b' ')
            .count();
        let line = line.get(spaces..).unwrap_or_default();
        let rows = code.line(line, self.key.width, ink);
        self.append(rows, false);
    }

    fn append(&mut self, rows: Vec<Row>, gap: bool) {
        if rows.is_empty() {
            return;
        }
        if gap && !self.rows.is_empty() {
            self.rows.push(Line::default());
        }
        self.rows.extend(code::lines(rows));
    }
}

/// Whether a block is a diagram that may be drawn.
fn is_diagram(source: &str, block: Block, ink: &Ink<'_>) -> bool {
    let Kind::Fence(_) = block.kind else {
        return false;
    };
    let first = source.lines().next().unwrap_or_default();
    let info = first.trim().trim_start_matches(['`', '~']);
    mermaid::is_meant(info)
        && ink.manner.mermaid != Mermaid::Off
        && source.len() <= mermaid::LONGEST
}

/// What is between the fences.
fn inside(source: &str, block: Block) -> &str {
    let Kind::Fence(fence) = block.kind else {
        return source;
    };
    let Some((_, inside)) = source.split_once('\n') else {
        return "";
    };
    let mut length = 0;
    for line in inside.split_inclusive('\n') {
        if fence.is_closed_by(line) {
            break;
        }
        length += line.len();
    }
    &inside[..length]
}

#[cfg(test)]
mod tests;
