//! Pictures as sixels: at most 256 colours, and strips of six rows of pixels.
//! <https://vt100.net/docs/vt3xx-gp/chapter14.html>

use std::collections::HashMap;
use std::fmt::Write;

use color_quant::NeuQuant;
use image::RgbaImage;

/// Colours of a picture, at most.
const MOST_COLORS: usize = 256;
/// Bytes of pixels that are enough to choose the colours by.
const SAMPLES: usize = 200_000;
/// Rows of pixels in a strip.
pub(super) const STRIP: usize = 6;

/// A picture in few colours.
#[derive(Debug)]
pub(super) struct Paletted {
    width: usize,
    colors: Vec<[u8; 3]>,
    /// The number of each pixel's colour; none where one sees through.
    pixels: Vec<Option<u8>>,
}

impl Paletted {
    /// With the colours that it has, or those that come closest.
    pub fn of(picture: &RgbaImage) -> Self {
        let (width, _) = picture.dimensions();
        let opaque = || picture.pixels().filter(|pixel| pixel.0[3] >= 128);
        let mut numbers: HashMap<[u8; 3], u8> = HashMap::new();
        let mut colors = Vec::new();
        let mut is_rich = false;
        for pixel in opaque() {
            let [red, green, blue, _] = pixel.0;
            let color = [red, green, blue];
            if numbers.contains_key(&color) {
                continue;
            }
            let Ok(number) = u8::try_from(colors.len()) else {
                is_rich = true;
                break;
            };
            numbers.insert(color, number);
            colors.push(color);
        }
        if is_rich {
            let seen: Vec<u8> = opaque().flat_map(|pixel| pixel.0).collect();
            // All pixels of a small picture, every tenth of a large one.
            let step = (seen.len() / SAMPLES).clamp(1, 10);
            let quantiser = NeuQuant::new(step as i32, MOST_COLORS, &seen);
            let found = quantiser.color_map_rgb();
            colors = found.as_chunks().0.to_vec();
            numbers.clear();
            for pixel in opaque() {
                let [red, green, blue, _] = pixel.0;
                numbers.entry([red, green, blue]).or_insert_with(|| {
                    let near = quantiser.index_of(&[red, green, blue, 255]);
                    u8::try_from(near).unwrap_or_default()
                });
            }
        }
        let number = |pixel: &image::Rgba<u8>| {
            let [red, green, blue, alpha] = pixel.0;
            let number = numbers.get(&[red, green, blue]).copied();
            number.filter(|_| alpha >= 128)
        };
        Paletted {
            width: width as usize,
            colors,
            pixels: picture.pixels().map(number).collect(),
        }
    }

    /// Bytes that this takes.
    pub fn weight(&self) -> usize {
        self.pixels.len() * size_of::<Option<u8>>()
    }

    /// So many rows of pixels from one on as sixels, in whole strips: a strip that is not whole would reach
    /// into the cells below.
    pub fn encode(&self, from: usize, rows: usize) -> String {
        let rows = (rows / STRIP).max(1) * STRIP;
        let (start, end) = (from * self.width, (from + rows) * self.width);
        let end = end.min(self.pixels.len());
        let pixels = self.pixels.get(start..end).unwrap_or_default();
        let mut out = String::with_capacity(pixels.len());
        // What has no pixel stays as it is.
        let _ = write!(out, "\x1bP0;1;0q\"1;1;{};{rows}", self.width);
        let mut is_used = [false; MOST_COLORS];
        for number in pixels.iter().flatten() {
            is_used[usize::from(*number)] = true;
        }
        let percent = |part: u8| (u32::from(part) * 100 + 127) / 255;
        for (number, [red, green, blue]) in self.colors.iter().enumerate() {
            if is_used.get(number) == Some(&true) {
                let (red, green, blue) = (percent(*red), percent(*green), percent(*blue));
                let _ = write!(out, "#{number};2;{red};{green};{blue}");
            }
        }
        let strips = pixels.chunks(self.width.max(1) * STRIP);
        for (at, strip) in strips.enumerate() {
            if at > 0 {
                out.push('-');
            }
            self.strip(strip, &mut out);
        }
        out.push_str("\x1b\\");
        out
    }

    /// One strip, a colour after the other.
    fn strip(&self, pixels: &[Option<u8>], out: &mut String) {
        let mut bits: Vec<Option<Vec<u8>>> = vec![None; MOST_COLORS];
        for (bit, row) in pixels.chunks(self.width.max(1)).enumerate() {
            for (x, number) in row.iter().enumerate() {
                let Some(number) = number else { continue };
                let columns = &mut bits[usize::from(*number)];
                let columns = columns.get_or_insert_with(|| vec![0; self.width]);
                columns[x] |= 1 << bit;
            }
        }
        let mut is_first = true;
        for (number, columns) in bits.iter().enumerate() {
            let Some(columns) = columns else { continue };
            if !std::mem::take(&mut is_first) {
                out.push('$');
            }
            let _ = write!(out, "#{number}");
            let end = columns.iter().rposition(|bits| *bits != 0);
            let columns = columns.get(..=end.unwrap_or_default()).unwrap_or_default();
            for run in columns.chunk_by(|one, other| one == other) {
                let sixel = char::from(b'?' + run[0]);
                match run.len() {
                    count @ 1..=3 => out.extend(std::iter::repeat_n(sixel, count)),
                    count => {
                        let _ = write!(out, "!{count}{sixel}");
                    }
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use image::Rgba;

    use super::*;

    /// The pixels that a terminal paints, as percents, by column and row.
    pub(in crate::tui) fn decode(sixels: &str) -> HashMap<(usize, usize), [u32; 3]> {
        let body = sixels.strip_prefix("\x1bP0;1;0q\"1;1;").unwrap();
        let body = body.strip_suffix("\x1b\\").unwrap();
        let mut rest = body.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        let numbers = |rest: &mut &str| -> Vec<u32> {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';');
            let (numbers, behind) = rest.split_at(end.unwrap_or(rest.len()));
            *rest = behind;
            numbers
                .split(';')
                .map(|part| part.parse().unwrap())
                .collect()
        };
        let (mut colors, mut pixels) = (HashMap::new(), HashMap::new());
        let (mut color, mut x, mut y, mut times) = (0, 0, 0, 1);
        while let Some(c) = rest.chars().next() {
            rest = &rest[1..];
            match c {
                '#' => {
                    let said = numbers(&mut rest);
                    color = said[0];
                    if let [_, 2, red, green, blue] = said[..] {
                        colors.insert(color, [red, green, blue]);
                    }
                }
                '!' => times = numbers(&mut rest)[0] as usize,
                '$' => x = 0,
                '-' => (x, y) = (0, y + STRIP),
                '?'..='~' => {
                    for _ in 0..std::mem::replace(&mut times, 1) {
                        for bit in (0..STRIP).filter(|bit| (c as u8 - b'?') >> bit & 1 == 1) {
                            pixels.insert((x, y + bit), colors[&color]);
                        }
                        x += 1;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        pixels
    }

    #[test]
    fn a_picture_of_few_colours_is_painted_as_it_is() {
        let mut picture = RgbaImage::from_pixel(20, 12, Rgba([255, 0, 0, 255]));
        picture.put_pixel(3, 7, Rgba([0, 51, 255, 255]));
        picture.put_pixel(19, 0, Rgba([9, 9, 9, 0]));
        let pixels = decode(&Paletted::of(&picture).encode(0, 12));
        assert_eq!(pixels.len(), 20 * 12 - 1, "one can be seen through");
        assert_eq!(pixels[&(3, 7)], [0, 20, 100]);
        assert_eq!(pixels[&(4, 7)], [100, 0, 0]);
        assert!(!pixels.contains_key(&(19, 0)));
    }

    #[test]
    fn a_part_is_cut_into_whole_strips() {
        let colors = |y: u32| Rgba([0, 0, y as u8 * 5, 255]);
        let picture = RgbaImage::from_fn(4, 40, |_, y| colors(y));
        let pixels = decode(&Paletted::of(&picture).encode(20, 17));
        assert_eq!(pixels.len(), 4 * 12);
        assert_eq!(pixels[&(0, 0)], [0, 0, 39], "begins at row 20");
    }

    #[test]
    fn many_colours_become_the_nearest() {
        let colors = |x: u32, y: u32| Rgba([x as u8 * 4, y as u8 * 4, 128, 255]);
        let picture = RgbaImage::from_fn(64, 60, colors);
        let pixels = decode(&Paletted::of(&picture).encode(0, 60));
        assert_eq!(pixels.len(), 64 * 60);
        let apart = pixels.iter().map(|((x, y), color)| {
            let wanted = picture.get_pixel(*x as u32, *y as u32).0;
            let apart = |at: usize| (u32::from(wanted[at]) * 100 / 255).abs_diff(color[at]);
            apart(0).max(apart(1)).max(apart(2))
        });
        let mean = f64::from(apart.sum::<u32>()) / f64::from(64 * 60);
        assert!(mean < 4.0, "{mean} percent");
    }
}
