//! Searches the documentation: a few hundred sections in memory, so no database is needed.

use super::library::{LIBRARY, Page, Section};
use crate::text::search::{SearchQuery, TextPart};

/// The most results of a search.
const MAX_HITS: usize = 30;
/// The most characters of a section's text in a result.
const SNIPPET_CHARS: usize = 240;

/// A section that a search found.
#[derive(Debug)]
pub(super) struct Hit {
    pub(super) href: String,
    pub(super) page: &'static str,
    pub(super) heading: Vec<TextPart>,
    pub(super) snippet: Vec<TextPart>,
}

/// The sections that have every word of the query, the best first; `None` if the query has no word.
pub(super) fn search(typed: &str) -> Option<Vec<Hit>> {
    let query = SearchQuery::parse(typed)?;
    let sections = LIBRARY
        .pages()
        .flat_map(|page| page.sections.iter().map(move |section| (page, section)));
    let mut found: Vec<_> = sections
        .filter_map(|(page, section)| Some((query.score(&section.words)?, page, section)))
        .collect();
    // The sort is stable: of two equally good sections, the one that comes first in the navigation.
    found.sort_by_key(|(score, _, _)| std::cmp::Reverse(*score));
    let hits = found.into_iter().take(MAX_HITS);
    Some(hits.map(|(_, page, section)| hit(&query, page, section)).collect())
}

fn hit(query: &SearchQuery, page: &'static Page, section: &'static Section) -> Hit {
    Hit {
        href: format!("/docs/{}#{}", page.name, section.anchor),
        page: &page.title,
        heading: query.parts(&section.heading),
        snippet: query.parts(&query.snippet(&section.text, SNIPPET_CHARS)),
    }
}

#[cfg(test)]
mod tests {
    use super::search;

    #[test]
    fn the_section_about_a_word_comes_first() {
        let hits = search("dkim KEY").expect("the query has words");
        assert!(hits.len() > 1, "{hits:?}");
        let best = hits[0]
            .heading
            .iter()
            .map(|part| part.text.as_str())
            .collect::<String>();
        assert!(hits.iter().all(|hit| hit.href.starts_with("/docs/")), "{best}");
        assert!(search("?!").is_none());
        assert!(search("xylophone dkim").is_some_and(|hits| hits.is_empty()));
    }
}
