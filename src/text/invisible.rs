//! Characters that show nothing, or that change how the text around them is ordered.
//!
//! Most of them are removed from one-line texts: a name of them alone would be empty on a page, and two headlines could differ by one of
//! them alone. Three kinds are needed in some places, and stay there: joiners, which choose the form of letters and combine emoji;
//! variation selectors, which choose the form of the character before them; and the tags that make a flag of 🏴.

use icu_properties::props::{
    BinaryProperty as _, CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, EmojiModifier,
    EnumeratedProperty as _, ExtendedPictographic, Ideographic, IndicSyllabicCategory, JoiningType, Script,
};

const NON_JOINER: char = '\u{200c}';
const JOINER: char = '\u{200d}';
/// The emoji whose tags name a region: 🏴 followed by `gbsct` and [`TAG_END`] is the flag of Scotland.
const FLAG: char = '\u{1f3f4}';
const TAG_END: char = '\u{e007f}';

/// Whether a character has a width and no ink: the Hangul fillers for whole syllables, and the braille pattern without dots. They are
/// letters and a symbol, but readers see a space.
pub(crate) const fn is_blank(c: char) -> bool {
    matches!(c, '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

/// Whether a character shows nothing by itself: those that Unicode calls
/// [default ignorable](https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point), interlinear annotation, and a musical symbol
/// that is empty. Among them are the controls for the direction of writing.
pub(crate) fn is_invisible(c: char) -> bool {
    !c.is_ascii() && (DefaultIgnorableCodePoint::for_char(c) || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{1d159}'))
}

/// The characters of a text, each with whether it belongs there. One that does not is invisible, and nothing before it needs it.
pub(crate) fn marked(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut context = Context::default();
    text.char_indices().map(move |(at, c)| {
        let after = text.get(at + c.len_utf8()..).unwrap_or_default();
        (c, context.belongs(c, after))
    })
}

/// The text before a character.
#[derive(Default)]
struct Context {
    /// The last visible character; `None` at the beginning of a word.
    visible: Option<char>,
    /// The last invisible character that belongs to it.
    invisible: Option<char>,
}

impl Context {
    /// Whether `c` belongs after this text and before `after`.
    fn belongs(&mut self, c: char, after: &str) -> bool {
        if !is_invisible(c) || is_blank(c) {
            self.visible = Some(c).filter(|c| !c.is_whitespace() && !c.is_control() && !is_blank(*c));
            self.invisible = None;
            return true;
        }
        let belongs = self
            .visible
            .is_some_and(|base| belongs_after(c, base, self.invisible, after));
        if belongs {
            self.invisible = Some(c);
        }
        belongs
    }
}

/// Whether an invisible character belongs after a visible one. `previous` is the invisible character between them.
fn belongs_after(c: char, base: char, previous: Option<char>, after: &str) -> bool {
    match c {
        JOINER if is_emoji_base(base) => {
            previous.is_none_or(is_selector) && after.starts_with(ExtendedPictographic::for_char)
        }
        JOINER | NON_JOINER => previous.is_none_or(is_selector) && has_joining_forms(base),
        // The grapheme joiner keeps two marks of one letter in their order.
        '\u{34f}' => previous.is_none() && is_mark(base) && after.starts_with(is_mark),
        '\u{fe0e}' | '\u{fe0f}' => previous.is_none() && Emoji::for_char(base),
        // Variants of symbols and letters, and the zero with a stroke.
        '\u{fe00}'..='\u{fe0d}' => previous.is_none() && (base == '0' || !base.is_ascii()),
        '\u{e0100}'..='\u{e01ef}' => previous.is_none() && Ideographic::for_char(base),
        '\u{180b}'..='\u{180f}' => previous.is_none() && Script::for_char(base) == Script::Mongolian,
        '\u{e0020}'..=TAG_END => {
            let is_tag = |c: char| matches!(c, '\u{e0020}'..='\u{e007e}');
            let follows_tag = previous.is_some_and(is_tag);
            base == FLAG
                && if c == TAG_END {
                    follows_tag
                } else {
                    (previous.is_none() || follows_tag) && after.trim_start_matches(is_tag).starts_with(TAG_END)
                }
        }
        _ => false,
    }
}

const fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}' | '\u{180f}')
}

fn is_emoji_base(c: char) -> bool {
    ExtendedPictographic::for_char(c) || EmojiModifier::for_char(c)
}

/// Whether a joiner after the character can change how it is written: letters that join, such as Arabic ones, and those of the scripts
/// of India and its neighbours. Marks between such letters count too.
fn has_joining_forms(c: char) -> bool {
    let is_joined = JoiningType::for_char(c) != JoiningType::NonJoining;
    is_joined
        || Script::for_char(c) != Script::Common && IndicSyllabicCategory::for_char(c) != IndicSyllabicCategory::Other
}

fn is_mark(c: char) -> bool {
    CanonicalCombiningClass::for_char(c) != CanonicalCombiningClass::NotReordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> String {
        marked(text).filter_map(|(c, belongs)| belongs.then_some(c)).collect()
    }

    #[test]
    fn what_a_script_or_an_emoji_needs_stays() {
        for text in [
            "plain text, żółć, новости",
            // Persian, Arabic with a vowel sign, and an abbreviation that ends in a joiner.
            "می\u{200c}خواهم",
            "كِ\u{200c}تاب",
            "۱۴۰۰ ه\u{200d}",
            // Hindi, Malayalam, Bengali and Sinhala.
            "क्\u{200d}ष",
            "ന്\u{200d}",
            "র\u{200d}্য",
            "ශ්\u{200d}රී",
            // A family, a heart on fire, a pilot with a skin tone, a rainbow flag, a keycap, and text style.
            "👩\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}\u{200d}🔥",
            "👩🏽\u{200d}✈\u{fe0f}",
            "🏳\u{fe0f}\u{200d}🌈",
            "1\u{fe0f}\u{20e3}",
            "©\u{fe0e}",
            // Scotland.
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            // A Japanese name with a variant of its first letter, Mongolian, and a mathematical variant.
            "葛\u{e0100}城",
            "ᠮᠣᠩ\u{180b}ᠭᠣᠯ",
            "∩\u{fe00}",
            // Two marks of a Hebrew letter.
            "ל\u{5b7}\u{34f}\u{5b4}",
        ] {
            assert_eq!(kept(text), text, "{}", text.escape_unicode());
        }
    }

    #[test]
    fn what_nothing_needs_is_removed() {
        for (text, expected) in [
            ("so\u{ad}ft", "soft"),
            ("a\u{200b}b\u{2060}c\u{feff}", "abc"),
            ("Da\u{200d}ily\u{200c}", "Daily"),
            ("a\u{e0041}\u{e0100}\u{fe0f}\u{fe00}b", "ab"),
            ("\u{202e}evil\u{2066}", "evil"),
            ("\u{200d}\u{200c}\u{fe0f}", ""),
            ("\u{115f}\u{1160}\u{17b4}\u{180e}\u{34f}\u{1d159}\u{1bca0}", ""),
            // Each joiner and selector once.
            ("می\u{200c}\u{200c}\u{200d}خواهم", "می\u{200c}خواهم"),
            ("😀\u{fe0f}\u{fe01}\u{fe02}\u{e0120}!", "😀\u{fe0f}!"),
            // An emoji that joins nothing, and a flag without an end.
            ("👩\u{200d} x", "👩 x"),
            ("🏴\u{e0067}\u{e0062} x", "🏴 x"),
            ("x\u{e0067}\u{e007f}", "x"),
            ("क\n\u{200d}", "क\n"),
        ] {
            assert_eq!(kept(text), expected, "{}", text.escape_unicode());
        }
    }
}
