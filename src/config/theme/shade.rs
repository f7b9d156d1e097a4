//! Colours against each other: how well one is read on another (WCAG's contrast), and the same hue made
//! lighter or darker until it is. Hues are kept in OKLab: <https://bottosson.github.io/posts/oklab/>.

use crate::store::export::Rgb;

/// The least contrast at which text is easily read.
pub(super) const READABLE: f64 = 4.5;

/// How many steps there are between a colour and black or white.
const STEPS: u32 = 64;

/// WCAG's contrast ratio: 1 to 21.
pub(super) fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The least contrast of a colour on any of the grounds.
pub(super) fn least(color: Rgb, grounds: &[Rgb]) -> f64 {
    let each = grounds.iter().map(|ground| contrast(color, *ground));
    each.fold(f64::INFINITY, f64::min)
}

/// `share` of `other` in `color`.
pub(super) fn mix(color: Rgb, other: Rgb, share: f64) -> Rgb {
    let channel = |from: u8, to: u8| {
        let value = f64::from(from) + (f64::from(to) - f64::from(from)) * share;
        value.round().clamp(0.0, 255.0) as u8
    };
    Rgb(
        channel(color.0, other.0),
        channel(color.1, other.1),
        channel(color.2, other.2),
    )
}

/// Black or white, whichever is read better on all of the grounds.
pub(super) fn extreme(grounds: &[Rgb]) -> Rgb {
    let (black, white) = (Rgb(0, 0, 0), Rgb(255, 255, 255));
    match least(black, grounds) > least(white, grounds) {
        true => black,
        false => white,
    }
}

/// The hue of `color`, as light or dark as it has to be to reach `wanted` on all of the grounds; black or white
/// where no shade of it does.
pub(super) fn readable(color: Rgb, grounds: &[Rgb], wanted: f64) -> Rgb {
    let end = extreme(grounds);
    let [lightness, a, b] = to_oklab(color);
    let target = if end == Rgb(0, 0, 0) { 0.0 } else { 1.0 };
    let shades = (0..=STEPS).map(|step| {
        let share = f64::from(step) / f64::from(STEPS);
        let lightness = lightness + (target - lightness) * share;
        within_gamut(lightness, a, b)
    });
    let mut shades = std::iter::once(color).chain(shades);
    shades
        .find(|shade| least(*shade, grounds) >= wanted)
        .unwrap_or(end)
}

/// WCAG's relative luminance.
fn luminance(Rgb(red, green, blue): Rgb) -> f64 {
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

fn gamma(value: f64) -> f64 {
    if value <= 0.003_130_8 {
        value * 12.92
    } else {
        1.055 * value.powf(1.0 / 2.4) - 0.055
    }
}

fn to_oklab(Rgb(red, green, blue): Rgb) -> [f64; 3] {
    let (r, g, b) = (linear(red), linear(green), linear(blue));
    let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
    let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
    let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
    [
        0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
        1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s,
        0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s,
    ]
}

/// The channels of a colour, which are beyond 0 to 1 where the screen does not have it.
fn from_oklab(lightness: f64, a: f64, b: f64) -> [f64; 3] {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    [
        gamma(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
        gamma(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
        gamma(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s),
    ]
}

/// The colour, paler where the screen does not have it as strong.
fn within_gamut(lightness: f64, a: f64, b: f64) -> Rgb {
    let is_in = |channels: &[f64; 3]| {
        channels
            .iter()
            .all(|value| (-0.001..=1.001).contains(value))
    };
    let paler = (0..=20).map(|step| 1.0 - f64::from(step) / 20.0);
    let mut colors = paler.map(|share| from_oklab(lightness, a * share, b * share));
    let [red, green, blue] = colors.find(is_in).unwrap_or([lightness; 3]);
    let channel = |value: f64| (value * 255.0).round().clamp(0.0, 255.0) as u8;
    Rgb(channel(red), channel(green), channel(blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shade_keeps_its_hue_and_is_read_on_every_ground() {
        let grounds = [Rgb(30, 30, 46), Rgb(50, 50, 70)];
        let blue = readable(Rgb(0, 0, 180), &grounds, READABLE);
        assert!(least(blue, &grounds) >= READABLE, "{blue:?}");
        assert!(blue.2 > blue.0 && blue.2 > blue.1, "{blue:?}");
        // What is read already stays as it is.
        let pink = Rgb(245, 194, 231);
        assert_eq!(readable(pink, &grounds, READABLE), pink);
        let red = readable(Rgb(255, 90, 90), &[Rgb(255, 255, 255)], READABLE);
        assert!(contrast(red, Rgb(255, 255, 255)) >= READABLE);
        assert!(red.0 > red.1 && red.0 > red.2, "{red:?}");
    }

    #[test]
    fn colours_survive_the_way_there_and_back() {
        for color in [
            Rgb(0, 0, 0),
            Rgb(255, 255, 255),
            Rgb(18, 200, 90),
            Rgb(255, 0, 255),
        ] {
            let [lightness, a, b] = to_oklab(color);
            let back = within_gamut(lightness, a, b);
            let off = |x: u8, y: u8| x.abs_diff(y);
            assert!(
                off(back.0, color.0) <= 1 && off(back.1, color.1) <= 1 && off(back.2, color.2) <= 1,
                "{color:?} {back:?}"
            );
        }
    }
}
