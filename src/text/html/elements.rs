//! The HTML elements, in one table: what the sanitiser, the tokenizer and the headline reader need to know about each.

/// The sanitiser keeps the element. Elements without this are removed; their content stays unless they are [`REMOVED`].
pub(super) const KEPT: u16 = 1;
/// The sanitiser removes the element together with its content.
pub(super) const REMOVED: u16 = 1 << 1;
/// Readers never see its text. `annotation`, `annotation-xml`, `desc` and `metadata` belong to `MathML` and SVG and can contain
/// tags; the content of the others is raw text.
pub(super) const HIDDEN: u16 = 1 << 2;
/// It begins and ends a line of text. `text` is an SVG label.
pub(super) const BLOCK: u16 = 1 << 3;
/// It has no content and no end tag.
pub(super) const VOID: u16 = 1 << 4;
/// Its end tag is optional, because the next element of its kind ends it. So a long run of them is not deeply nested.
pub(super) const OPTIONAL_END: u16 = 1 << 5;
/// A [formatting element](https://html.spec.whatwg.org/multipage/parsing.html#formatting): the tree builder opens it again in each
/// following block until its end tag.
pub(super) const FORMATTING: u16 = 1 << 6;
/// It limits the [scope](https://html.spec.whatwg.org/multipage/parsing.html#has-an-element-in-scope) of end tags: an end tag inside
/// it does not close an element outside.
pub(super) const SCOPE: u16 = 1 << 7;
/// The tree builder never ignores its start tag, so a text node before it ends there.
pub(super) const SPLITS_TEXT: u16 = 1 << 8;
/// Its content follows other parsing rules, so counting open elements from tags alone is unreliable.
pub(super) const OTHER_RULES: u16 = 1 << 9;
/// It occurs as markup in headlines.
pub(super) const IN_TITLES: u16 = 1 << 10;
/// In a headline it is markup only with attributes: a headline about the element names it without attributes.
pub(super) const IN_TITLES_WITH_ATTRIBUTES: u16 = 1 << 11;

/// Names in ascending order, so that [`has`] can search by halves.
#[rustfmt::skip]
const ELEMENTS: &[(&str, u16)] = &[
    ("a", KEPT | FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("abbr", KEPT | IN_TITLES),
    ("acronym", IN_TITLES),
    ("address", KEPT | BLOCK),
    ("annotation", HIDDEN),
    ("annotation-xml", HIDDEN),
    ("applet", REMOVED | SCOPE),
    ("area", VOID),
    ("article", KEPT | BLOCK | IN_TITLES_WITH_ATTRIBUTES),
    ("aside", KEPT | BLOCK | IN_TITLES_WITH_ATTRIBUTES),
    ("audio", IN_TITLES_WITH_ATTRIBUTES),
    ("b", KEPT | FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("base", VOID | IN_TITLES_WITH_ATTRIBUTES),
    ("basefont", VOID),
    ("bdi", KEPT | IN_TITLES),
    ("bdo", KEPT | IN_TITLES),
    ("bgsound", VOID),
    ("big", FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("blockquote", KEPT | BLOCK | SPLITS_TEXT | IN_TITLES),
    ("body", OPTIONAL_END),
    ("br", KEPT | BLOCK | VOID | SPLITS_TEXT | IN_TITLES),
    ("button", REMOVED | SCOPE | IN_TITLES_WITH_ATTRIBUTES),
    ("caption", KEPT | OPTIONAL_END),
    ("center", IN_TITLES),
    ("cite", KEPT | IN_TITLES),
    ("code", KEPT | FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("col", KEPT | VOID),
    ("colgroup", KEPT | OPTIONAL_END),
    ("datalist", REMOVED),
    ("dd", KEPT | BLOCK | OPTIONAL_END),
    ("del", KEPT | IN_TITLES),
    ("desc", HIDDEN),
    ("details", IN_TITLES_WITH_ATTRIBUTES),
    ("dfn", KEPT | IN_TITLES),
    ("div", KEPT | BLOCK | SPLITS_TEXT | IN_TITLES),
    ("dl", KEPT | BLOCK),
    ("dt", KEPT | BLOCK | OPTIONAL_END),
    ("em", KEPT | FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("embed", REMOVED | VOID | IN_TITLES_WITH_ATTRIBUTES),
    ("figcaption", KEPT | BLOCK | IN_TITLES_WITH_ATTRIBUTES),
    ("figure", KEPT | BLOCK | IN_TITLES_WITH_ATTRIBUTES),
    ("font", FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("footer", KEPT | BLOCK | IN_TITLES_WITH_ATTRIBUTES),
    ("form", IN_TITLES_WITH_ATTRIBUTES),
    ("frame", VOID),
    ("frameset", REMOVED | OTHER_RULES),
    ("h1", KEPT | BLOCK | SPLITS_TEXT | IN_TITLES),
    ("h2", KEPT | BLOCK | SPLITS_TEXT | IN_TITLES),
    ("h3", KEPT | BLOCK | SPLITS_TEXT | IN_TITLES),
    ("h4", KEPT | BLOCK | SPLITS_TEXT | IN_TITLES),
    ("h5", KEPT | BLOCK | IN_TITLES),
    ("h6", KEPT | BLOCK | IN_TITLES),
    ("head", REMOVED | OPTIONAL_END),
    ("header", KEPT | BLOCK | IN_TITLES_WITH_ATTRIBUTES),
    ("hr", KEPT | BLOCK | VOID | IN_TITLES),
    ("html", OPTIONAL_END),
    ("i", KEPT | FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("iframe", REMOVED | HIDDEN | IN_TITLES_WITH_ATTRIBUTES),
    ("image", VOID),
    ("img", KEPT | VOID | SPLITS_TEXT | IN_TITLES_WITH_ATTRIBUTES),
    ("input", VOID | IN_TITLES_WITH_ATTRIBUTES),
    ("ins", KEPT | IN_TITLES),
    ("kbd", KEPT | IN_TITLES),
    ("keygen", VOID),
    ("label", IN_TITLES_WITH_ATTRIBUTES),
    ("li", KEPT | BLOCK | OPTIONAL_END | SPLITS_TEXT | IN_TITLES),
    ("link", VOID | IN_TITLES_WITH_ATTRIBUTES),
    ("main", IN_TITLES_WITH_ATTRIBUTES),
    ("mark", KEPT | IN_TITLES),
    ("marquee", SCOPE),
    ("math", REMOVED | SCOPE | OTHER_RULES | IN_TITLES_WITH_ATTRIBUTES),
    ("meta", VOID | IN_TITLES_WITH_ATTRIBUTES),
    ("metadata", HIDDEN),
    ("nav", IN_TITLES_WITH_ATTRIBUTES),
    ("nobr", FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("noembed", REMOVED | HIDDEN),
    ("noframes", REMOVED | HIDDEN),
    ("noscript", REMOVED | HIDDEN),
    ("object", REMOVED | SCOPE | IN_TITLES_WITH_ATTRIBUTES),
    ("ol", KEPT | BLOCK | SPLITS_TEXT | IN_TITLES),
    ("optgroup", OPTIONAL_END),
    ("option", OPTIONAL_END | IN_TITLES_WITH_ATTRIBUTES),
    ("p", KEPT | BLOCK | OPTIONAL_END | SPLITS_TEXT | IN_TITLES),
    ("param", VOID | IN_TITLES_WITH_ATTRIBUTES),
    ("picture", IN_TITLES_WITH_ATTRIBUTES),
    ("pre", KEPT | BLOCK | IN_TITLES),
    ("q", KEPT | IN_TITLES),
    ("rb", OPTIONAL_END),
    ("rp", KEPT | OPTIONAL_END | IN_TITLES),
    ("rt", KEPT | OPTIONAL_END | IN_TITLES),
    ("rtc", OPTIONAL_END),
    ("ruby", KEPT | IN_TITLES),
    ("s", KEPT | FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("samp", KEPT | IN_TITLES),
    ("script", REMOVED | HIDDEN | IN_TITLES),
    ("section", KEPT | BLOCK | IN_TITLES_WITH_ATTRIBUTES),
    ("select", REMOVED | SCOPE | OTHER_RULES | IN_TITLES_WITH_ATTRIBUTES),
    ("small", KEPT | FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("source", VOID | IN_TITLES_WITH_ATTRIBUTES),
    ("span", KEPT | SPLITS_TEXT | IN_TITLES),
    ("strike", FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("strong", KEPT | FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("style", REMOVED | HIDDEN | IN_TITLES),
    ("sub", KEPT | IN_TITLES),
    ("summary", IN_TITLES_WITH_ATTRIBUTES),
    ("sup", KEPT | IN_TITLES),
    ("svg", REMOVED | SCOPE | OTHER_RULES | IN_TITLES_WITH_ATTRIBUTES),
    ("table", KEPT | BLOCK | SCOPE | IN_TITLES_WITH_ATTRIBUTES),
    ("tbody", KEPT | OPTIONAL_END | IN_TITLES_WITH_ATTRIBUTES),
    ("td", KEPT | BLOCK | OPTIONAL_END | IN_TITLES_WITH_ATTRIBUTES),
    ("template", REMOVED | SCOPE | OTHER_RULES),
    ("text", BLOCK),
    ("textarea", REMOVED | IN_TITLES_WITH_ATTRIBUTES),
    ("tfoot", KEPT | OPTIONAL_END | IN_TITLES_WITH_ATTRIBUTES),
    ("th", KEPT | BLOCK | OPTIONAL_END | IN_TITLES_WITH_ATTRIBUTES),
    ("thead", KEPT | OPTIONAL_END | IN_TITLES_WITH_ATTRIBUTES),
    ("time", KEPT | IN_TITLES_WITH_ATTRIBUTES),
    ("title", REMOVED | HIDDEN),
    ("tr", KEPT | BLOCK | OPTIONAL_END | IN_TITLES_WITH_ATTRIBUTES),
    ("track", VOID | IN_TITLES_WITH_ATTRIBUTES),
    ("tt", FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("u", KEPT | FORMATTING | SPLITS_TEXT | IN_TITLES),
    ("ul", KEPT | BLOCK | SPLITS_TEXT | IN_TITLES),
    ("var", KEPT | IN_TITLES),
    ("video", IN_TITLES_WITH_ATTRIBUTES),
    ("wbr", KEPT | VOID | IN_TITLES),
    ("xmp", REMOVED),
];

/// Whether the element with this lower-case name has any of these properties. Unknown elements have none.
pub(super) fn has(name: &str, properties: u16) -> bool {
    ELEMENTS
        .binary_search_by_key(&name, |(known, _)| known)
        .ok()
        .and_then(|at| ELEMENTS.get(at))
        .is_some_and(|(_, known)| known & properties != 0)
}

/// The names of all elements that have any of these properties.
pub(super) fn all_with(properties: u16) -> impl Iterator<Item = &'static str> {
    let with = ELEMENTS.iter().filter(move |(_, known)| known & properties != 0);
    with.map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_each_element_once() {
        assert!(ELEMENTS.is_sorted_by(|(one, _), (next, _)| one < next));
    }

    #[test]
    fn no_element_is_both_kept_and_removed() {
        assert_eq!(all_with(KEPT).find(|name| has(name, REMOVED)), None);
        assert!(has("br", VOID) && has("script", REMOVED) && !has("my-element", KEPT | REMOVED));
    }
}
