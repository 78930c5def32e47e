//! Font stacks.

use crate::config::value::Setting;

/// The generic families of [CSS Fonts 4](https://www.w3.org/TR/css-fonts-4/#generic-font-families) that every browser knows.
const GENERIC: [&str; 9] = [
    "serif",
    "sans-serif",
    "monospace",
    "cursive",
    "fantasy",
    "system-ui",
    "ui-serif",
    "ui-sans-serif",
    "ui-monospace",
];

/// Names of fonts on readers' devices, in the order in which they are tried. The last one is a generic family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FontStack(Vec<String>);

impl FontStack {
    /// In CSS, with single quotes: style attributes are in double quotes.
    pub(super) fn css(&self) -> String {
        let names = self.0.iter().map(|name| {
            let is_word = name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
            if is_word { name.clone() } else { format!("'{name}'") }
        });
        names.collect::<Vec<_>>().join(", ")
    }
}

impl Setting for FontStack {
    const ALLOWED: &'static str =
        "names of fonts with commas between them, the last one a generic family such as serif, sans-serif or monospace";

    fn read(text: &str) -> Option<Self> {
        let names = text
            .split(',')
            .map(|name| name.trim().trim_matches(['"', '\'']).trim().to_owned());
        let names: Vec<String> = names.collect();
        let is_name = |name: &String| {
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.');
            !name.is_empty()
                && name.len() <= 60
                && name.starts_with(|c: char| c.is_alphabetic() || c == '-')
                && name.chars().all(is_part)
        };
        let ends_generic = names.last().is_some_and(|name| GENERIC.contains(&name.as_str()));
        (ends_generic && names.len() <= 20 && names.iter().all(is_name)).then_some(Self(names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_several_words_are_quoted() {
        let css = |text| FontStack::read(text).map(|stack| stack.css());
        assert_eq!(
            css("Avenir Next, \"Segoe UI\", 'Noto Sans', Arial, sans-serif").as_deref(),
            Some("'Avenir Next', 'Segoe UI', 'Noto Sans', Arial, sans-serif")
        );
        assert_eq!(css("游明朝, serif").as_deref(), Some("'游明朝', serif"));
    }

    #[test]
    fn nothing_but_names_is_a_font_stack() {
        for wrong in [
            "",
            "Arial",
            "Arial, sans",
            "serif;color:red",
            "a, , serif",
            "url(x), serif",
            "A</style>, serif",
            "A'B, serif",
            "{}, serif",
        ] {
            assert_eq!(FontStack::read(wrong), None, "{wrong}");
        }
    }
}
