//! The values that are put into messages.

use std::borrow::Cow;

use super::language::Language;

/// The beginning and the end of a part whose direction differs from the text around it
/// ([UAX 9](https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates)).
const ISOLATE: [char; 2] = ['\u{2068}', '\u{2069}'];

/// A value in a message.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    Count(u64),
}

/// A text, such as a name.
pub(crate) trait Text {
    fn value(&self, language: Language) -> Value<'_>;
}

/// A number of things. Messages can select plural forms by it.
pub(crate) trait Count {
    fn value(&self, language: Language) -> Value<'_>;
}

/// The number of an issue or a status. It is written without separators, and nothing is counted with it.
pub(crate) trait Number {
    fn value(&self, language: Language) -> Value<'_>;
}

impl<T: AsRef<str>> Text for T {
    fn value(&self, language: Language) -> Value<'_> {
        Value::Text(isolated(self.as_ref(), language.is_rtl()))
    }
}

impl Count for usize {
    fn value(&self, _: Language) -> Value<'_> {
        Value::Count(u64::try_from(*self).unwrap_or(u64::MAX))
    }
}

impl Count for u64 {
    fn value(&self, _: Language) -> Value<'_> {
        Value::Count(*self)
    }
}

impl Number for i64 {
    fn value(&self, _: Language) -> Value<'_> {
        Value::Text(self.to_string().into())
    }
}

impl Number for u16 {
    fn value(&self, _: Language) -> Value<'_> {
        Value::Text(self.to_string().into())
    }
}

// Templates pass references, also to references.
impl<T: Count> Count for &T {
    fn value(&self, language: Language) -> Value<'_> {
        T::value(self, language)
    }
}

impl<T: Number> Number for &T {
    fn value(&self, language: Language) -> Value<'_> {
        T::value(self, language)
    }
}

/// Isolates a text if some of it runs against the direction of the message, so that the punctuation around it stays in place. Marks around
/// every value would be in every subject, title and attribute.
pub(crate) fn isolated(text: &str, in_rtl: bool) -> Cow<'_, str> {
    let runs_against = |c: char| {
        if in_rtl {
            c.is_alphabetic() && !is_rtl(c)
        } else {
            is_rtl(c)
        }
    };
    if !text.contains(runs_against) {
        return Cow::Borrowed(text);
    }
    let [begin, end] = ISOLATE;
    Cow::Owned(format!("{begin}{text}{end}"))
}

/// Whether a character belongs to the blocks of scripts that run from right to left: Hebrew, Arabic, Syriac and their relatives.
const fn is_rtl(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{1_0800}'..='\u{1_0fff}' | '\u{1_e800}'..='\u{1_efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_text_against_the_direction_is_isolated() {
        assert_eq!(isolated("Parish News", false), "Parish News");
        assert_eq!(isolated("12:30", true), "12:30");
        assert_eq!(isolated("الجريدة", true), "الجريدة");
        assert_eq!(isolated("الجريدة", false), "\u{2068}الجريدة\u{2069}");
        assert_eq!(isolated("C++ Weekly", true), "\u{2068}C++ Weekly\u{2069}");
    }
}
