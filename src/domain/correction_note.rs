//! The note of a correction for which nobody wrote one: it names the changed fields, and readers see it in their language.

use super::states::ArticleField;
use crate::words::Words;

const START: &str = "changed: ";
const SEPARATOR: &str = ", ";

/// `headline, text`.
pub(crate) fn field_names(fields: &[ArticleField]) -> String {
    let names: Vec<_> = fields.iter().map(|field| field.as_str()).collect();
    names.join(SEPARATOR)
}

/// The note to store.
pub(crate) fn note_of(fields: &[ArticleField]) -> String {
    format!("{START}{}", field_names(fields))
}

/// A stored note for readers. One that somebody wrote is shown as it is.
pub(crate) fn shown_note(note: String, words: &Words) -> String {
    let Some(fields) = changed_fields(&note) else {
        return note;
    };
    let names: Vec<String> = fields
        .into_iter()
        .map(|field| match field {
            ArticleField::Headline => words.corrected_headline(),
            ArticleField::Address => words.corrected_address(),
            ArticleField::Summary => words.corrected_summary(),
            ArticleField::Text => words.corrected_text(),
            ArticleField::Authors => words.corrected_authors(),
            ArticleField::Category => words.corrected_category(),
            ArticleField::Language => words.corrected_language(),
            ArticleField::Source => words.corrected_source(),
            ArticleField::Date => words.corrected_date(),
            ArticleField::Picture => words.corrected_picture(),
        })
        .collect();
    words.corrected_fields(names.join(&words.list_separator()))
}

fn changed_fields(note: &str) -> Option<Vec<ArticleField>> {
    let names = note.strip_prefix(START)?.split(SEPARATOR);
    names.map(|name| name.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_note_that_nobody_wrote_names_fields() {
        assert_eq!(
            changed_fields(&note_of(ArticleField::ALL)).as_deref(),
            Some(ArticleField::ALL)
        );
        for written in [
            "",
            "changed: the name of the harbour",
            "headline",
            "The mast is 40 m high.",
        ] {
            assert_eq!(changed_fields(written), None, "{written}");
        }
    }
}
