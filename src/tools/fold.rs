//! A text without the differences that models overlook, which still knows where everything was.

use std::ops::Range;

use memchr::memmem;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// A folded text: NFKC, quotes and dashes in ASCII, ordinary spaces, nothing at line ends.
pub(super) struct Fold {
    text: String,
    pieces: Vec<Piece>,
}

/// A stretch of the folded text and where it comes from. Nothing that was left out belongs to a piece.
struct Piece {
    folded: Range<usize>,
    original: Range<usize>,
    /// Whether both are the same, byte for byte; then it may be cut anywhere.
    same: bool,
}

impl Fold {
    pub(super) fn new(original: &str) -> Self {
        let mut fold = Fold {
            text: String::with_capacity(original.len()),
            pieces: Vec::new(),
        };
        let mut start = 0;
        for line in original.split_inclusive('\n') {
            let content = line.trim_end();
            if content.is_ascii() {
                fold.push(content, start..start + content.len());
            } else {
                for (at, cluster) in content.grapheme_indices(true) {
                    let at = start + at;
                    let plain: String = cluster.nfkc().map(plain).collect();
                    fold.push(&plain, at..at + cluster.len());
                }
            }
            if line.ends_with('\n') {
                let end = start + line.len();
                fold.push("\n", end - 1..end);
            }
            start += line.len();
        }
        // The pieces were cut where the original's characters end; equal neighbours are one.
        fold.join(original);
        fold
    }

    /// Where, in the original, `wanted` is, when both are folded.
    pub(super) fn find_all<'a>(&'a self, wanted: &str) -> impl Iterator<Item = Range<usize>> + 'a {
        let wanted = Fold::new(wanted).text;
        let places: Vec<usize> = match wanted.is_empty() {
            true => Vec::new(),
            false => memmem::find_iter(self.text.as_bytes(), &wanted).collect(),
        };
        let length = wanted.len();
        places
            .into_iter()
            .filter_map(move |at| self.original(at..at + length))
    }

    fn push(&mut self, folded: &str, original: Range<usize>) {
        if folded.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(folded);
        self.pieces.push(Piece {
            folded: start..self.text.len(),
            original,
            same: false,
        });
    }

    fn join(&mut self, original: &str) {
        let mut joined: Vec<Piece> = Vec::new();
        for mut piece in self.pieces.drain(..) {
            piece.same = self.text[piece.folded.clone()] == original[piece.original.clone()];
            match joined.last_mut() {
                Some(last)
                    if last.same && piece.same && last.original.end == piece.original.start =>
                {
                    last.folded.end = piece.folded.end;
                    last.original.end = piece.original.end;
                }
                _ => joined.push(piece),
            }
        }
        self.pieces = joined;
    }

    /// The original of a stretch; none when it begins or ends inside what folding has changed.
    fn original(&self, folded: Range<usize>) -> Option<Range<usize>> {
        let first = self.piece_at(folded.start)?;
        let last = self.piece_at(folded.end.checked_sub(1)?)?;
        let start = match first.same {
            true => first.original.start + (folded.start - first.folded.start),
            false if folded.start == first.folded.start => first.original.start,
            false => return None,
        };
        let end = match last.same {
            true => last.original.start + (folded.end - last.folded.start),
            false if folded.end == last.folded.end => last.original.end,
            false => return None,
        };
        Some(start..end)
    }

    fn piece_at(&self, at: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.folded.end <= at);
        self.pieces.get(after)
    }
}

fn plain(c: char) -> char {
    match c {
        '\u{2018}'..='\u{201b}' => '\'',
        '\u{201c}'..='\u{201f}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        c => c,
    }
}
