//! Flowcharts: read, ranked in layers, drawn.

mod layout;
mod paint;
mod parse;
mod rank;

use super::canvas::Canvas;
use layout::{Layout, Refused};
use parse::Chart;

/// Columns of a node's text, from what reads best to what still may.
const TEXTS: [usize; 3] = [28, 18, 11];

/// The chart, if it is understood and fits.
pub(super) fn draw<'s>(lines: impl Iterator<Item = &'s str>, width: usize) -> Option<Canvas> {
    let chart = Chart::parse(lines)?;
    // Where the chart's own direction does not fit, the other may.
    for sideways in [chart.sideways, !chart.sideways] {
        for text in TEXTS {
            match Layout::new(&chart, sideways, text, width) {
                Ok(layout) if layout.width() <= width => {
                    return Some(paint::paint(&chart, &layout, width));
                }
                Err(Refused::TooMany) => return None,
                Ok(_) | Err(Refused::TooWide) => {}
            }
        }
    }
    None
}
