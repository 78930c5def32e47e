//! The colours of pages and mails, in the light and in the dark colour scheme.
//!
//! An operator sets a ground, an accent and a text colour for each scheme. The other colours follow from these three, so that every
//! text keeps the contrast that [WCAG 2.2](https://www.w3.org/TR/WCAG22/#contrast-minimum) asks for.

use std::fmt;

use serde::{Serialize, Serializer};

use super::colour::Colour;

/// The minimum contrast of text.
pub const MIN_TEXT_CONTRAST: f64 = 4.5;
/// The minimum contrast of the edges of fields and buttons
/// ([success criterion 1.4.11](https://www.w3.org/TR/WCAG22/#non-text-contrast)).
const MIN_EDGE_CONTRAST: f64 = 3.1;
/// How much of the text's colour the derived colours contain.
const RULE_SHARE: f64 = 0.13;
const SOFT_SHARE: f64 = 0.7;
const LEDE_SHARE: f64 = 0.88;

/// An opaque colour, as `0xrrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(u32);

impl Rgb {
    const BLACK: Self = Self(0);
    const WHITE: Self = Self(0xff_ffff);

    /// Parses `#rgb` or `#rrggbb`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        match (digits.len(), digits.bytes().all(|b| b.is_ascii_hexdigit())) {
            (6, true) => Some(Self(number)),
            (3, true) => {
                let [red, green, blue] = [number >> 8, number >> 4 & 0xf, number & 0xf].map(|digit| digit * 0x11);
                Some(Self(red << 16 | green << 8 | blue))
            }
            _ => None,
        }
    }

    /// WCAG 2.2's contrast ratio, from 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        Colour::opaque(self.0).contrast(Colour::opaque(other.0))
    }

    /// The colour between this one and `other`: `share` 0 is this one, 1 is `other`.
    fn mix(self, other: Self, share: f64) -> Self {
        let mixed = |shift: u32| {
            let [one, two] = [self.0, other.0].map(|colour| f64::from(colour >> shift & 0xff));
            let wanted = one + (two - one) * share;
            let nearest = (0..=0xff_u32).find(|channel| f64::from(*channel) + 0.5 > wanted);
            nearest.unwrap_or(0xff) << shift
        };
        Self(mixed(16) | mixed(8) | mixed(0))
    }

    fn is_light(self) -> bool {
        self.contrast(Self::BLACK) > self.contrast(Self::WHITE)
    }

    /// The first colour on the way from `from` to this one whose contrast with both grounds is at least `min`; this one if there is none.
    fn faded(self, from: Self, first_share: f64, grounds: [Self; 2], min: f64) -> Self {
        let mut share = first_share;
        while share < 1.0 {
            let colour = from.mix(self, share);
            if grounds.iter().all(|ground| colour.contrast(*ground) >= min) {
                return colour;
            }
            share += 0.02;
        }
        self
    }
}

/// `#rrggbb`, as style sheets write it.
impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

impl Serialize for Rgb {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The colours of one scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Palette {
    /// The ground of a page.
    pub ground: Rgb,
    /// The ground of boxes, and of the sheet of a mail.
    pub sheet: Rgb,
    pub(crate) text: Rgb,
    /// Text of less weight, such as times and sources.
    pub(crate) soft: Rgb,
    /// The text of a story below its headline.
    pub(crate) lede: Rgb,
    pub(crate) rule: Rgb,
    /// The edges of fields.
    pub(crate) edge: Rgb,
    /// Links, topics and marks.
    pub accent: Rgb,
    /// The ground of a button.
    pub(crate) press: Rgb,
    /// The text of a button.
    pub(crate) press_text: Rgb,
    /// Text that reports an error.
    pub(crate) alarm: Rgb,
}

/// The colours that an operator has set for a scheme.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChosenColours {
    /// The setting `ground` of the scheme.
    pub ground: Option<Rgb>,
    /// The setting `text` of the scheme.
    pub text: Option<Rgb>,
    /// The setting `accent` of the scheme.
    pub accent: Option<Rgb>,
}

/// Two colours that are too close to each other for reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LowContrast {
    /// What has the first colour: `text` or `accent`.
    pub name: &'static str,
    /// The colour of the text.
    pub colour: Rgb,
    /// The colour below it.
    pub ground: Rgb,
    /// Whether the ground is the one of boxes, which follows from the set one.
    pub is_sheet: bool,
    /// Their contrast ratio, from 1 to 21.
    pub ratio: f64,
}

impl Palette {
    /// The built-in colours of mails in the light scheme.
    pub const LIGHT: Self = Self {
        ground: Rgb(0xf4_f1ea),
        sheet: Rgb(0xff_fdf8),
        text: Rgb(0x1c_211e),
        soft: Rgb(0x5c_645e),
        lede: Rgb(0x33_3a35),
        rule: Rgb(0xdd_d7c8),
        edge: Rgb(0x8b_8f86),
        accent: Rgb(0x9a_4700),
        press: Rgb(0x1c_211e),
        press_text: Rgb(0xff_fdf8),
        alarm: Rgb(0xa1_1d1d),
    };
    /// The built-in colours of mails in the dark scheme.
    pub const DARK: Self = Self {
        ground: Rgb(0x0d_1211),
        sheet: Rgb(0x14_1a18),
        text: Rgb(0xeb_e7da),
        soft: Rgb(0x9c_a79f),
        lede: Rgb(0xcf_d0c6),
        rule: Rgb(0x2c_3632),
        edge: Rgb(0x5f_6b65),
        accent: Rgb(0xf0_ae55),
        press: Rgb(0xf0_ae55),
        press_text: Rgb(0x14_110a),
        alarm: Rgb(0xff_9d8f),
    };

    /// The palette with the chosen colours, and with others that fit to them.
    ///
    /// # Errors
    /// [`LowContrast`] if text could not be read.
    pub fn with(self, chosen: ChosenColours) -> Result<Self, LowContrast> {
        let mut palette = self;
        if chosen.ground.is_some() || chosen.text.is_some() {
            palette.set_ground(chosen.ground.unwrap_or(self.ground), chosen.text.unwrap_or(self.text));
        }
        if let Some(accent) = chosen.accent {
            palette.accent = accent;
            palette.press = accent;
            let candidates = [palette.sheet, palette.text, Rgb::WHITE, Rgb::BLACK];
            let readable = candidates
                .iter()
                .find(|text| text.contrast(accent) >= MIN_TEXT_CONTRAST);
            // White or black always has a contrast of at least 4.5.
            palette.press_text = *readable.unwrap_or(&Rgb::BLACK);
        } else if chosen.text.is_some() && self.press == self.text {
            palette.press = palette.text;
            palette.press_text = palette.sheet;
        }
        for (name, colour) in [("text", palette.text), ("accent", palette.accent)] {
            for (ground, is_sheet) in [(palette.ground, false), (palette.sheet, true)] {
                let ratio = colour.contrast(ground);
                if ratio < MIN_TEXT_CONTRAST {
                    return Err(LowContrast {
                        name,
                        colour,
                        ground,
                        is_sheet,
                        ratio,
                    });
                }
            }
        }
        Ok(palette)
    }

    fn set_ground(&mut self, ground: Rgb, text: Rgb) {
        let lighter = if ground.is_light() { 0.75 } else { 0.04 };
        let sheet = ground.mix(Rgb::WHITE, lighter);
        let grounds = [ground, sheet];
        *self = Self {
            ground,
            sheet,
            text,
            soft: text.faded(ground, SOFT_SHARE, grounds, MIN_TEXT_CONTRAST + 0.5),
            lede: text.faded(ground, LEDE_SHARE, grounds, MIN_TEXT_CONTRAST + 0.5),
            rule: ground.mix(text, RULE_SHARE),
            edge: text.faded(ground, 0.3, grounds, MIN_EDGE_CONTRAST),
            alarm: text.faded(self.alarm, 0.0, grounds, MIN_TEXT_CONTRAST),
            ..*self
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgb(text: &str) -> Rgb {
        Rgb::parse(text).expect("it is a colour")
    }

    #[test]
    fn a_colour_has_three_or_six_digits() {
        assert_eq!(rgb("#9a4700").to_string(), "#9a4700");
        assert_eq!(rgb("#ABC").to_string(), "#aabbcc");
        for wrong in [
            "", "#", "9a4700", "#12", "#1234", "#gg0000", "#+12345", "red", "#9a47001",
        ] {
            assert_eq!(Rgb::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_derived_text_can_be_read_on_both_grounds() {
        for (base, ground, text, accent) in [
            (Palette::LIGHT, "#ffffff", None, "#0b57d0"),
            (Palette::LIGHT, "#fff1e5", Some("#33302e"), "#0d7680"),
            (Palette::LIGHT, "#e6f0ea", Some("#004000"), "#8a0030"),
            (Palette::DARK, "#000000", None, "#7cc4ff"),
            (Palette::DARK, "#1b2a41", Some("#f0f4f8"), "#ffb454"),
            // A dark ground in the light scheme works with a light text.
            (Palette::LIGHT, "#101820", Some("#ffffff"), "#7cc4ff"),
        ] {
            let chosen = ChosenColours {
                ground: Some(rgb(ground)),
                text: text.map(rgb),
                accent: Some(rgb(accent)),
            };
            let palette = base.with(chosen).expect("the colours can be read");
            let texts = [palette.text, palette.soft, palette.lede, palette.accent, palette.alarm];
            for below in [palette.ground, palette.sheet] {
                for text in texts {
                    let ratio = text.contrast(below);
                    assert!(ratio >= MIN_TEXT_CONTRAST, "{ground}: {text} on {below}: {ratio}");
                }
                assert!(palette.edge.contrast(below) >= 3.0, "{ground}");
            }
            assert!(palette.press_text.contrast(palette.press) >= MIN_TEXT_CONTRAST);
        }
    }

    #[test]
    fn an_accent_alone_changes_no_other_text() {
        let chosen = ChosenColours {
            accent: Some(rgb("#0b57d0")),
            ..ChosenColours::default()
        };
        let palette = Palette::LIGHT.with(chosen).expect("the accent can be read");
        let expected = Palette {
            accent: rgb("#0b57d0"),
            press: rgb("#0b57d0"),
            ..Palette::LIGHT
        };
        assert_eq!(palette, expected);
        assert_eq!(Palette::DARK.with(ChosenColours::default()), Ok(Palette::DARK));
    }

    #[test]
    fn the_pair_that_cannot_be_read_is_named() {
        let chosen = ChosenColours {
            ground: Some(rgb("#ffffff")),
            accent: Some(rgb("#ffcc00")),
            text: None,
        };
        let fault = Palette::LIGHT.with(chosen).expect_err("yellow on white");
        assert_eq!(
            (fault.name, fault.colour, fault.ground),
            ("accent", rgb("#ffcc00"), rgb("#ffffff"))
        );
        assert!((fault.ratio - 1.51).abs() < 0.02, "{}", fault.ratio);
        let chosen = ChosenColours {
            ground: Some(rgb("#777777")),
            ..ChosenColours::default()
        };
        assert_eq!(Palette::LIGHT.with(chosen).expect_err("grey").name, "text");
    }
}
