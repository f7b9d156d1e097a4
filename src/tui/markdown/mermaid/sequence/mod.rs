//! Sequence diagrams: read, then drawn with a column for everyone who takes part.

mod paint;
mod parse;

use super::canvas::Canvas;
use parse::Scene;

/// Columns of a message's text, from what reads best to what still may.
const TEXTS: [usize; 4] = [48, 28, 18, 10];

/// The diagram, if it is understood and fits.
pub(super) fn draw<'s>(lines: impl Iterator<Item = &'s str>, width: usize) -> Option<Canvas> {
    let scene = Scene::parse(lines)?;
    let mut drawn = TEXTS.iter().map(|text| paint::paint(&scene, *text));
    drawn.find(|canvas| canvas.width() <= width)
}
