//! Parses CSS colours, and computes their contrast.

/// A colour of sRGB, 0 to 255 a channel, with its opacity from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Colour {
    /// Red, green and blue.
    channels: [f64; 3],
    alpha: f64,
}

/// The colour names that mails use. The other 130 are not evaluated.
const NAMES: [(&str, u32); 18] = [
    ("black", 0x00_0000),
    ("white", 0xff_ffff),
    ("gray", 0x80_8080),
    ("grey", 0x80_8080),
    ("silver", 0xc0_c0c0),
    ("red", 0xff_0000),
    ("maroon", 0x80_0000),
    ("yellow", 0xff_ff00),
    ("olive", 0x80_8000),
    ("lime", 0x00_ff00),
    ("green", 0x00_8000),
    ("aqua", 0x00_ffff),
    ("teal", 0x00_8080),
    ("blue", 0x00_00ff),
    ("navy", 0x00_0080),
    ("fuchsia", 0xff_00ff),
    ("purple", 0x80_0080),
    ("orange", 0xff_a500),
];

impl Colour {
    /// An opaque colour, as `0xrrggbb`.
    #[must_use]
    pub fn opaque(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self {
            channels: [red, green, blue].map(f64::from),
            alpha: 1.0,
        }
    }

    /// Parses `#rgb`, `#rrggbb`, either with an opacity, `rgb(…)`, `rgba(…)`, `transparent` or a common name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text == "transparent" {
            let alpha = 0.0;
            return Some(Self {
                alpha,
                ..Self::opaque(0)
            });
        }
        if let Some(hex) = text.strip_prefix('#') {
            return Self::from_hex(hex);
        }
        if let Some((_, rgb)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Some(Self::opaque(*rgb));
        }
        let inside = text.strip_prefix("rgba(").or_else(|| text.strip_prefix("rgb("))?;
        let inside = inside.strip_suffix(')')?;
        let parts = inside.split([',', '/', ' ']).filter(|part| !part.is_empty());
        let parts: Vec<&str> = parts.collect();
        let (channels, alpha) = match parts[..] {
            [red, green, blue] => ([red, green, blue], "1"),
            [red, green, blue, alpha] => ([red, green, blue], alpha),
            _ => return None,
        };
        let share = |text: &str, whole: f64| match text.strip_suffix('%') {
            Some(percent) => percent.parse().map(|share: f64| share / 100.0 * whole),
            None => text.parse(),
        };
        let mut read = [0.0; 3];
        for (channel, text) in read.iter_mut().zip(channels) {
            *channel = share(text, 255.0).ok()?.clamp(0.0, 255.0);
        }
        Some(Self {
            channels: read,
            alpha: share(alpha, 1.0).ok()?.clamp(0.0, 1.0),
        })
    }

    fn from_hex(hex: &str) -> Option<Self> {
        let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
        let digits = digits?;
        let pairs: Vec<u32> = match digits.len() {
            3 | 4 => digits.iter().map(|digit| digit * 17).collect(),
            6 | 8 => digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect(),
            _ => return None,
        };
        let alpha = pairs.get(3).map_or(1.0, |alpha| f64::from(*alpha) / 255.0);
        Some(Self {
            channels: [pairs[0], pairs[1], pairs[2]].map(f64::from),
            alpha,
        })
    }

    /// Whether its opacity is 1.
    #[must_use]
    pub fn is_opaque(self) -> bool {
        self.alpha >= 1.0
    }

    /// The colour that results on an opaque background.
    #[must_use]
    pub fn over(self, background: Self) -> Self {
        let mut channels = self.channels;
        for (channel, below) in channels.iter_mut().zip(background.channels) {
            *channel = below + (*channel - below) * self.alpha;
        }
        Self { channels, alpha: 1.0 }
    }

    /// WCAG 2.2's contrast ratio of two opaque colours, from 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// WCAG 2.2's relative luminance.
    fn luminance(self) -> f64 {
        let linear = self.channels.map(|channel| {
            let share = channel / 255.0;
            if share <= 0.04045 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    /// The colour as `#rrggbb`.
    #[must_use]
    pub fn hex(self) -> String {
        let nearest = |channel: f64| (0..=u8::MAX).find(|byte| f64::from(*byte) + 0.5 > channel);
        let bytes = self.channels.map(|channel| nearest(channel).unwrap_or(u8::MAX));
        format!("#{:02x}{:02x}{:02x}", bytes[0], bytes[1], bytes[2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(one: &str, two: &str) -> f64 {
        let read = |text| Colour::parse(text).expect("a colour");
        (read(one).over(read(two)).contrast(read(two)) * 100.0).round() / 100.0
    }

    #[test]
    fn contrast_ratios_match_wcag() {
        for (one, two, expected) in [
            ("#000", "white", 21.0),
            ("#777777", "#fff", 4.48),
            ("#767676", "#ffffff", 4.54),
            ("rgb(255, 0, 0)", "#ffffff", 4.0),
            ("rgba(0,0,0,.5)", "white", 3.98),
            ("#0000", "white", 1.0),
        ] {
            assert!(
                (ratio(one, two) - expected).abs() < 0.04,
                "{one} on {two}: {}",
                ratio(one, two)
            );
        }
    }

    #[test]
    fn an_invalid_colour_is_not_parsed() {
        for text in [
            "",
            "#12345",
            "#gg0000",
            "rgb(1,2)",
            "rgb(a,b,c)",
            "var(--text)",
            "inherit",
        ] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
        assert_eq!(Colour::parse("#9A4700").expect("a colour").hex(), "#9a4700");
    }
}
