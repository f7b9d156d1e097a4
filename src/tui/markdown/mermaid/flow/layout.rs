//! Where everything of a flowchart stands.
//!
//! In layers, as Sugiyama has it: every edge leads to a later layer; one that goes over several layers,
//! or has a text, is a chain of points; the order in a layer follows the neighbours' places. `along` is
//! the way of the edges and `across` the other: down and right, or right and down.

use super::parse::{Chart, Edge};
use super::rank::rank;
use crate::tui::markdown::mermaid::label;

/// More nodes and points of edges are not laid out: long edges are many points, and nobody follows them.
const MOST_ITEMS: usize = 1_500;

/// Everything's place.
pub(super) struct Layout {
    pub items: Vec<Item>,
    pub links: Vec<Piece>,
    pub sideways: bool,
}

/// Free columns between the layers of a chart that goes sideways.
const LAYERS_APART: usize = 3;

/// Why there is no layout.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It would have too many items, in whatever direction.
    TooMany,
    /// However it is ordered, it is wider than the room.
    TooWide,
}

/// A node, or a point of an edge.
pub(super) struct Item {
    pub kind: Kind,
    pub lines: Vec<String>,
    pub along: usize,
    pub across: usize,
    /// Its size in these directions.
    pub long: usize,
    pub wide: usize,
    layer: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Node(usize),
    /// A point of an edge, perhaps with its text.
    Point(usize),
}

/// A piece of an edge, from a layer to the next.
pub(super) struct Piece {
    pub edge: usize,
    pub from: usize,
    pub to: usize,
    /// Where it goes across; where the two ends do not lie in one line.
    pub bend: usize,
    /// It was turned round to keep the layers in order.
    pub reversed: bool,
}

impl Layout {
    /// The chart in no more columns than `room`, which only [`Layout::width`] tells in the end.
    pub fn new(chart: &Chart, sideways: bool, text: usize, room: usize) -> Result<Layout, Refused> {
        let (layers, reversed) = rank(chart);
        // With texts on edges, there are layers of them between those of the nodes.
        let step = match chart.edges.iter().any(|edge| !edge.text.is_empty()) {
            true => 2,
            false => 1,
        };
        let points = |edge: &Edge| {
            let span = layers[edge.from].abs_diff(layers[edge.to]) * step;
            span.saturating_sub(1)
        };
        let items = chart.nodes.len() + chart.edges.iter().map(points).sum::<usize>();
        if items > MOST_ITEMS {
            return Err(Refused::TooMany);
        }
        let mut layout = Layout {
            items: Vec::new(),
            links: Vec::new(),
            sideways,
        };
        for (number, node) in chart.nodes.iter().enumerate() {
            let lines = label::lines(&node.text, text);
            let size = (label::wide(&lines) + 4, lines.len() + 2);
            layout.add(Kind::Node(number), lines, size, layers[number] * step);
        }
        for (number, edge) in chart.edges.iter().enumerate() {
            if edge.from != edge.to {
                layout.route(chart, number, reversed[number], text);
            }
        }
        if layout.least_width() > room {
            return Err(Refused::TooWide);
        }
        let near = Near::of(&layout);
        layout.order(&near);
        layout.spread(&near);
        layout.stack(chart);
        Ok(layout)
    }

    /// The columns that it takes in any order.
    fn least_width(&self) -> usize {
        let layers = self.layers();
        let sizes = layers.iter().map(|layer| {
            let items = layer.iter().map(|item| &self.items[*item]);
            match self.sideways {
                true => items.map(|item| item.long).max().unwrap_or(0),
                false => {
                    let wide: usize = items.map(|item| item.wide).sum();
                    wide + self.gap() * layer.len().saturating_sub(1)
                }
            }
        });
        match self.sideways {
            true => sizes.sum::<usize>() + LAYERS_APART * layers.len().saturating_sub(1),
            false => sizes.max().unwrap_or(0),
        }
    }

    /// Free cells between the items of a layer.
    fn gap(&self) -> usize {
        if self.sideways { 1 } else { 2 }
    }

    /// The columns of it all.
    pub fn width(&self) -> usize {
        let end = |item: &Item| match self.sideways {
            true => item.along + item.long,
            false => item.across + item.wide,
        };
        self.items.iter().map(end).max().unwrap_or(0)
    }

    /// Where a piece of an edge leaves one item and comes to the other: in their middles, unless it goes
    /// against the way of the chart and there is room beside.
    pub fn ports(&self, piece: &Piece) -> (usize, usize) {
        let port = |item: usize| {
            let item = &self.items[item];
            let aside = piece.reversed && matches!(item.kind, Kind::Node(_)) && item.wide > 6;
            item.across + item.wide / 2 + if aside { 2 } else { 0 }
        };
        (port(piece.from), port(piece.to))
    }

    fn add(&mut self, kind: Kind, lines: Vec<String>, size: (usize, usize), layer: usize) -> usize {
        let (long, wide) = match self.sideways {
            true => size,
            false => (size.1, size.0),
        };
        self.items.push(Item {
            kind,
            lines,
            along: 0,
            across: 0,
            long,
            wide,
            layer,
        });
        self.items.len() - 1
    }

    /// The points of an edge and the pieces between them.
    fn route(&mut self, chart: &Chart, number: usize, reversed: bool, text: usize) {
        let edge = &chart.edges[number];
        let (first, last) = match reversed {
            true => (edge.to, edge.from),
            false => (edge.from, edge.to),
        };
        let (start, end) = (self.items[first].layer, self.items[last].layer);
        let middle = start + (end - start) / 2;
        let mut before = first;
        for layer in start + 1..end {
            let lines = match layer == middle.max(start + 1) && !edge.text.is_empty() {
                true => label::lines(&edge.text, text),
                false => Vec::new(),
            };
            let size = match (lines.is_empty(), self.sideways) {
                (true, _) => (1, 1),
                (false, true) => (label::wide(&lines) + 2, lines.len()),
                (false, false) => (label::wide(&lines), lines.len()),
            };
            let point = self.add(Kind::Point(number), lines, size, layer);
            self.link(number, before, point, reversed);
            before = point;
        }
        self.link(number, before, last, reversed);
    }

    fn link(&mut self, edge: usize, from: usize, to: usize, reversed: bool) {
        self.links.push(Piece {
            edge,
            from,
            to,
            bend: 0,
            reversed,
        });
    }

    fn layers(&self) -> Vec<Vec<usize>> {
        let count = self.items.iter().map(|item| item.layer + 1).max();
        let mut layers = vec![Vec::new(); count.unwrap_or(0)];
        for (number, item) in self.items.iter().enumerate() {
            layers[item.layer].push(number);
        }
        for layer in &mut layers {
            layer.sort_by_key(|item| self.items[*item].across);
        }
        layers
    }

    /// Orders every layer by where its neighbours are, so that few edges cross.
    fn order(&mut self, near: &Near) {
        for layer in self.layers() {
            for (place, item) in layer.into_iter().enumerate() {
                self.items[item].across = place;
            }
        }
        for round in 0..8 {
            let mut layers = self.layers();
            if round % 2 == 1 {
                layers.reverse();
            }
            for layer in layers {
                let mut wish: Vec<(f64, usize, usize)> = layer
                    .iter()
                    .map(|item| {
                        let place = self.items[*item].across;
                        let near = near.side(*item, round % 2 == 0);
                        let sum: usize = near.iter().map(|item| self.items[*item].across).sum();
                        let mean = match near.len() {
                            0 => place as f64,
                            count => sum as f64 / count as f64,
                        };
                        (mean, place, *item)
                    })
                    .collect();
                wish.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                for (place, (_, _, item)) in wish.into_iter().enumerate() {
                    self.items[item].across = place;
                }
            }
        }
    }

    /// Places within the layers: as near to the neighbours as the order allows.
    fn spread(&mut self, near: &Near) {
        let layers = self.layers();
        let gap = self.gap();
        let mut places = vec![0.0f64; self.items.len()];
        for layer in &layers {
            let mut at = 0.0;
            for item in layer {
                places[*item] = at;
                at += (self.items[*item].wide + gap) as f64;
            }
        }
        for round in 0..12 {
            let order: Vec<usize> = match round % 2 {
                0 => (0..layers.len()).collect(),
                _ => (0..layers.len()).rev().collect(),
            };
            for layer in order.into_iter().map(|layer| &layers[layer]) {
                let wish = |item: &usize| {
                    let near = near.side(*item, round % 2 == 0);
                    let middle = |item: usize| places[item] + (self.items[item].wide / 2) as f64;
                    let sum: f64 = near.iter().map(|other| middle(*other)).sum();
                    match near.len() {
                        0 => places[*item],
                        count => sum / count as f64 - (self.items[*item].wide / 2) as f64,
                    }
                };
                let wishes: Vec<f64> = layer.iter().map(wish).collect();
                let sizes: Vec<f64> = layer
                    .iter()
                    .map(|item| (self.items[*item].wide + gap) as f64)
                    .collect();
                for (item, place) in layer.iter().zip(apart(&wishes, &sizes)) {
                    places[*item] = place;
                }
            }
        }
        let least = places.iter().copied().fold(f64::INFINITY, f64::min);
        for (item, place) in self.items.iter_mut().zip(&places) {
            item.across = (place - least).round().max(0.0) as usize;
        }
        // Rounding may have brought neighbours too near.
        for layer in &layers {
            let mut free = 0;
            for item in layer {
                let item = &mut self.items[*item];
                item.across = item.across.max(free);
                free = item.across + item.wide + gap;
            }
        }
    }

    /// Places of the layers, one behind the other, with room for the lines that cross between them.
    fn stack(&mut self, chart: &Chart) {
        let layers = self.layers();
        let mut leaving = vec![Vec::new(); layers.len()];
        for (number, piece) in self.links.iter().enumerate() {
            leaving[self.items[piece.from].layer].push(number);
        }
        let mut at = 0;
        for (number, layer) in layers.iter().enumerate() {
            let long = layer.iter().map(|item| self.items[*item].long).max();
            let long = long.unwrap_or(0);
            for item in layer {
                let item = &mut self.items[*item];
                item.along = at + (long - item.long) / 2;
            }
            let end = at + long;
            let tracks = self.tracks(chart, &leaving[number], end);
            at = end + tracks + if self.sideways { LAYERS_APART } else { 1 };
        }
    }

    /// Gives what leaves each item of a layer a track to cross in; the rows or columns that it takes.
    fn tracks(&mut self, chart: &Chart, leaving: &[usize], end: usize) -> usize {
        let mut spans: Vec<(usize, usize, (usize, bool))> = Vec::new();
        let mut headed = false;
        for piece in leaving.iter().map(|piece| &self.links[*piece]) {
            let heads = chart.edges[piece.edge].heads;
            headed |= if piece.reversed { heads.0 } else { heads.1 }
                && matches!(self.items[piece.from].kind, Kind::Node(_));
            let (start, stop) = self.ports(piece);
            let (low, high, key) = (
                start.min(stop),
                start.max(stop),
                (piece.from, piece.reversed),
            );
            match spans.iter_mut().find(|(.., other)| *other == key) {
                Some(span) => (span.0, span.1) = (span.0.min(low), span.1.max(high)),
                None => spans.push((low, high, key)),
            }
        }
        spans.retain(|(low, high, _)| low < high);
        spans.sort_unstable();
        // A head that points back has a row of its own.
        let offset = usize::from(self.sideways || headed);
        let mut tracks: Vec<usize> = Vec::new();
        for (low, high, key) in spans {
            let free = tracks.iter().position(|end| *end < low);
            let track = free.unwrap_or(tracks.len());
            match tracks.get_mut(track) {
                Some(end) => *end = high,
                None => tracks.push(high),
            }
            for link in leaving {
                let link = &mut self.links[*link];
                if (link.from, link.reversed) == key {
                    link.bend = end + offset + track;
                }
            }
        }
        tracks.len() + usize::from(headed && !self.sideways)
    }
}

/// Every item's neighbours, in the order of the links.
struct Near {
    before: Vec<Vec<usize>>,
    behind: Vec<Vec<usize>>,
}

impl Near {
    fn of(layout: &Layout) -> Near {
        let mut near = Near {
            before: vec![Vec::new(); layout.items.len()],
            behind: vec![Vec::new(); layout.items.len()],
        };
        for link in &layout.links {
            near.before[link.to].push(link.from);
            near.behind[link.from].push(link.to);
        }
        near
    }

    /// The neighbours in the layer before, or behind.
    fn side(&self, item: usize, before: bool) -> &[usize] {
        match before {
            true => &self.before[item],
            false => &self.behind[item],
        }
    }
}

/// The places nearest to the wished ones that keep the order and the distances: isotonic regression.
fn apart(wishes: &[f64], sizes: &[f64]) -> Vec<f64> {
    let mut offset = 0.0;
    let mut pools: Vec<(f64, usize)> = Vec::new();
    let mut offsets = Vec::with_capacity(wishes.len());
    for (wish, size) in wishes.iter().zip(sizes) {
        offsets.push(offset);
        let (mut mean, mut count) = (wish - offset, 1);
        while let Some((before, of)) = pools.last().copied().filter(|(before, _)| *before > mean) {
            pools.pop();
            mean = (mean * count as f64 + before * of as f64) / (count + of) as f64;
            count += of;
        }
        pools.push((mean, count));
        offset += size;
    }
    let means = pools
        .into_iter()
        .flat_map(|(mean, count)| std::iter::repeat_n(mean, count));
    means
        .zip(offsets)
        .map(|(mean, offset)| mean + offset)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chain of nodes, and edges with a text from its first to its last.
    fn chain(nodes: usize, long_edges: usize) -> Chart {
        let mut lines = vec!["graph TD".to_owned()];
        lines.extend((1..nodes).map(|node| format!("n{}-->n{node}", node - 1)));
        lines.extend((0..long_edges).map(|_| format!("n0-->|t|n{}", nodes - 1)));
        Chart::parse(lines.iter().map(String::as_str)).expect("a chart")
    }

    #[test]
    fn a_chart_of_too_many_points_is_not_laid_out() {
        for sideways in [false, true] {
            let refused = Layout::new(&chain(79, 20), sideways, 28, usize::MAX);
            assert_eq!(refused.err(), Some(Refused::TooMany));
            let layout = Layout::new(&chain(79, 8), sideways, 28, usize::MAX);
            assert!(layout.is_ok_and(|layout| layout.items.len() <= MOST_ITEMS));
        }
    }

    #[test]
    fn a_chart_that_cannot_fit_is_not_ordered_and_one_that_fits_is() {
        for (nodes, long) in [(2, 1), (5, 9), (12, 3), (1, 0)] {
            for sideways in [false, true] {
                let chart = chain(nodes.max(2), long);
                let Ok(layout) = Layout::new(&chart, sideways, 28, usize::MAX) else {
                    panic!("no layout");
                };
                let (least, width) = (layout.least_width(), layout.width());
                assert!(least <= width, "{least} {width}");
                assert!(Layout::new(&chart, sideways, 28, width).is_ok());
                let refused = Layout::new(&chart, sideways, 28, least - 1);
                assert_eq!(refused.err(), Some(Refused::TooWide));
            }
        }
    }
}
