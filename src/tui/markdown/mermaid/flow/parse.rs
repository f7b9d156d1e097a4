//! A flowchart's source: nodes, edges, groups.

use std::collections::HashMap;

use crate::tui::markdown::mermaid::canvas::Weight;

/// More is not drawn.
const MOST_NODES: usize = 80;
const MOST_EDGES: usize = 160;

/// A flowchart.
#[derive(Default)]
pub(super) struct Chart {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    pub groups: Vec<Group>,
    /// From left to right rather than downwards.
    pub sideways: bool,
    names: HashMap<String, usize>,
    /// The groups that are open.
    open: Vec<usize>,
}

/// A box and what is in it.
pub(super) struct Node {
    pub text: String,
    pub shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Square,
    Round,
    Pointed,
}

/// A line between two nodes.
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    pub text: String,
    pub weight: Weight,
    /// Whether it has a head where it ends, and where it begins.
    pub heads: (bool, bool),
    /// Only keeps its nodes in order.
    pub hidden: bool,
}

/// A subgraph: its title and its nodes.
pub(super) struct Group {
    pub title: String,
    pub nodes: Vec<usize>,
}

impl Chart {
    pub fn parse<'s>(lines: impl Iterator<Item = &'s str>) -> Option<Chart> {
        let mut chart = Chart::default();
        let statements = lines.flat_map(|line| split_outside_quotes(line, ';'));
        for (at, statement) in statements.enumerate() {
            let statement = statement.trim();
            if at == 0 {
                chart.head(statement)?;
            } else if !statement.is_empty() {
                chart.statement(statement)?;
            }
        }
        let reversed = chart.edges.iter().all(|edge| edge.from == edge.to);
        (!chart.nodes.is_empty() && chart.open.is_empty() && !(reversed && chart.nodes.len() > 12))
            .then_some(chart)
    }

    fn head(&mut self, line: &str) -> Option<()> {
        let direction = line.split_whitespace().nth(1).unwrap_or("TD");
        self.sideways = match direction {
            "TD" | "TB" | "BT" => false,
            "LR" | "RL" => true,
            _ => return None,
        };
        Some(())
    }

    fn statement(&mut self, line: &str) -> Option<()> {
        let first = line.split_whitespace().next()?;
        match first {
            "classDef" | "class" | "style" | "linkStyle" | "click" | "direction" | "accTitle:"
            | "accDescr:" => Some(()),
            "subgraph" => {
                let rest = line["subgraph".len()..].trim();
                let title = match rest.split_once('[') {
                    Some((_, title)) => title.trim_end_matches(']'),
                    None => rest,
                };
                self.open.push(self.groups.len());
                self.groups.push(Group {
                    title: title.trim().trim_matches('"').to_owned(),
                    nodes: Vec::new(),
                });
                Some(())
            }
            "end" => self.open.pop().map(|_| ()),
            _ => self.chain(line),
        }
    }

    /// `A & B -->|text| C --> D`
    fn chain(&mut self, line: &str) -> Option<()> {
        let mut rest = line;
        let mut from = self.nodes(&mut rest)?;
        while !rest.trim().is_empty() {
            let arrow = arrow(&mut rest)?;
            let to = self.nodes(&mut rest)?;
            if self.edges.len() + from.len() * to.len() > MOST_EDGES {
                return None;
            }
            for (from, to) in from
                .iter()
                .flat_map(|from| to.iter().map(move |to| (*from, *to)))
            {
                self.edges.push(Edge {
                    from,
                    to,
                    text: arrow.text.clone(),
                    weight: arrow.weight,
                    heads: arrow.heads,
                    hidden: arrow.hidden,
                });
            }
            from = to;
        }
        Some(())
    }

    /// `A & B`, each once.
    fn nodes(&mut self, rest: &mut &str) -> Option<Vec<usize>> {
        let mut nodes = vec![self.node(rest)?];
        while let Some(more) = rest.trim_start().strip_prefix('&') {
            *rest = more;
            let node = self.node(rest)?;
            if !nodes.contains(&node) {
                nodes.push(node);
            }
        }
        Some(nodes)
    }

    fn node(&mut self, rest: &mut &str) -> Option<usize> {
        let text = rest.trim_start();
        let mut end = text.len();
        for (at, char) in text.char_indices() {
            let is_dash = char == '-' || char == '.';
            let inside = is_dash
                && text[at + 1..].starts_with(|next: char| next.is_alphanumeric())
                && text[..at].ends_with(char::is_alphanumeric);
            if !(char.is_alphanumeric() || char == '_' || inside) {
                end = at;
                break;
            }
        }
        let (name, behind) = text.split_at(end);
        if name.is_empty() {
            return None;
        }
        *rest = behind;
        let shaped = shape(rest)?;
        if let Some(class) = rest.strip_prefix(":::") {
            let end = class.find(|char: char| !(char.is_alphanumeric() || char == '_'));
            *rest = &class[end.unwrap_or(class.len())..];
        }
        let number = match self.names.get(name) {
            Some(number) => *number,
            None => {
                self.nodes.push(Node {
                    text: name.to_owned(),
                    shape: Shape::Square,
                });
                self.names.insert(name.to_owned(), self.nodes.len() - 1);
                self.nodes.len() - 1
            }
        };
        if let Some(group) = self.open.last() {
            let nodes = &mut self.groups[*group].nodes;
            if !nodes.contains(&number) {
                nodes.push(number);
            }
        }
        if let Some((text, shape)) = shaped {
            self.nodes[number] = Node {
                text: text.to_owned(),
                shape,
            };
        }
        (self.nodes.len() <= MOST_NODES).then_some(number)
    }
}

/// The text in a node's brackets; `Some(None)` when it has none.
#[expect(
    clippy::option_option,
    reason = "no brackets is fine, open brackets are not"
)]
fn shape<'s>(rest: &mut &'s str) -> Option<Option<(&'s str, Shape)>> {
    const SHAPES: [(&str, &str, Shape); 14] = [
        ("(((", ")))", Shape::Round),
        ("((", "))", Shape::Round),
        ("([", "])", Shape::Round),
        ("[[", "]]", Shape::Square),
        ("[(", ")]", Shape::Round),
        ("[/", "/]", Shape::Square),
        ("[\\", "\\]", Shape::Square),
        ("[/", "\\]", Shape::Square),
        ("[\\", "/]", Shape::Square),
        ("{{", "}}", Shape::Pointed),
        ("[", "]", Shape::Square),
        ("(", ")", Shape::Round),
        ("{", "}", Shape::Pointed),
        (">", "]", Shape::Square),
    ];
    let mut opened = false;
    for (open, close, shape) in SHAPES {
        let Some(inside) = rest.strip_prefix(open) else {
            continue;
        };
        opened = true;
        let from = match inside.trim_start().strip_prefix('"') {
            Some(quoted) => {
                let start = inside.len() - quoted.len();
                start + quoted.find('"')? + 1
            }
            None => 0,
        };
        if let Some(end) = inside[from..].find(close) {
            *rest = &inside[from + end + close.len()..];
            return Some(Some((&inside[..from + end], shape)));
        }
    }
    (!opened).then_some(None)
}

struct Arrow {
    text: String,
    weight: Weight,
    heads: (bool, bool),
    hidden: bool,
}

/// `-->`, `---`, `-.->`, `==>`, `<-->`, `--x`, `--o`, `~~~`, with its text behind or in the middle.
fn arrow(rest: &mut &str) -> Option<Arrow> {
    let text = rest.trim_start();
    let (back, text) = match text.strip_prefix('<') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let first = text.chars().next()?;
    let weight = match (first, text.as_bytes().get(1)?) {
        ('-', b'.') => Weight::Dotted,
        ('-', b'-') | ('~', b'~') => Weight::Light,
        ('=', b'=') => Weight::Heavy,
        _ => return None,
    };
    let is_stroke = |char: char| matches!(char, '-' | '.' | '=' | '~');
    let end = text.find(|char| !is_stroke(char)).unwrap_or(text.len());
    let strokes = &text[..end];
    let mut behind = &text[end..];
    let mut arrow = Arrow {
        text: String::new(),
        weight,
        heads: (false, back),
        hidden: first == '~',
    };
    if let Some(more) = head(behind) {
        arrow.heads.0 = true;
        behind = more;
    } else if strokes.len() == 2 {
        // The text stands in the middle: `-- text -->`.
        let closing = match weight {
            Weight::Light => "--",
            Weight::Dotted => ".-",
            Weight::Heavy => "==",
        };
        let middle = behind.find(closing)?;
        arrow.text = behind[..middle].trim().to_owned();
        let tail = &behind[middle..];
        let end = tail.find(|char| !is_stroke(char)).unwrap_or(tail.len());
        behind = &tail[end..];
        if let Some(more) = head(behind) {
            arrow.heads.0 = true;
            behind = more;
        }
    }
    if let Some(label) = behind.trim_start().strip_prefix('|') {
        let (label, more) = label.split_once('|')?;
        arrow.text = label.trim().to_owned();
        behind = more;
    }
    *rest = behind;
    Some(arrow)
}

fn head(text: &str) -> Option<&str> {
    let more = text.strip_prefix(['>', 'x', 'o'])?;
    let is_head = text.starts_with('>') || more.starts_with([' ', '|']);
    is_head.then_some(more)
}

fn split_outside_quotes(line: &str, mark: char) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut quoted) = (0, false);
    for (at, char) in line.char_indices() {
        match char {
            '"' => quoted = !quoted,
            char if char == mark && !quoted => {
                pieces.push(&line[start..at]);
                start = at + char.len_utf8();
            }
            _ => {}
        }
    }
    pieces.push(&line[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_edge_of_a_row_of_nodes_is_there_once() {
        let many = |name: &str| vec![name; 4_900].join("&");
        let line = format!("{} --> {}", many("A"), many("B"));
        let chart = Chart::parse(["graph TD", &line].into_iter()).expect("a chart");
        assert_eq!((chart.nodes.len(), chart.edges.len()), (2, 1));
    }

    #[test]
    fn more_edges_than_are_drawn_are_not_even_made() {
        let row = |name: &str| {
            let names: Vec<String> = (0..MOST_NODES / 2).map(|n| format!("{name}{n}")).collect();
            names.join(" & ")
        };
        let mut chart = Chart::default();
        assert!(chart.statement("A & B --> C & D --> E").is_some());
        assert_eq!(chart.edges.len(), 6);
        assert!(
            chart
                .statement(&format!("{} --> {}", row("a"), row("a")))
                .is_none()
        );
        assert_eq!(chart.edges.len(), 6);
    }
}
