//! Tests of damaged, truncated and oversized documents.

use super::super::*;
use super::read;

#[test]
fn an_unpaired_surrogate_becomes_one_replacement_character() {
    let feed = read(
        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[{\"id\":\"1\",\"title\":\"cut \\ud83d\"},{\"id\":\"2\",\"title\":\"a\tb\"}]}",
    );
    let titles: Vec<_> = feed.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["cut \u{fffd}", "a b"]);
    assert_eq!(
        detect(b"{\"title\":\"cut \\ud83d\"}\n{\"title\":\"Two\"}"),
        Kind::JsonLines
    );
}

#[test]
fn a_json_feed_with_too_many_values_is_refused() {
    let items = "{},".repeat(200_000);
    let text = format!("{{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[{items}{{}}]}}");
    assert_eq!(parse(text.as_bytes(), None), Err(ParseError::TooLarge));
}

#[test]
fn server_messages_with_tags_before_the_feed_are_skipped() {
    let feed = "<rss version='2.0'><channel><title>F</title><item><title>One</title></item></channel></rss>";
    for junk in [
        "<br />\n<b>Warning</b>: foo() in <b>/x.php</b> on line <b>3</b><br />\n",
        "<br>\n<b>Notice</b>: x<p>y\n<?xml version='1.0'?>",
        "<!-- cached --><div>x</div>",
        "Warning: a < b\n<?xml version='1.0'?>\n",
    ] {
        assert_eq!(read(&format!("{junk}{feed}")).entries.len(), 1, "{junk}");
    }
    let page = "<html><body><svg><metadata><rdf:RDF xmlns:rdf='x'></rdf:RDF></metadata></svg><p>Hello</body></html>";
    assert_eq!(parse(page.as_bytes(), None), Err(ParseError::NotAFeed));
}

#[test]
fn the_rest_of_a_feed_survives_damaged_bytes() {
    let text = b"<?xml version='1.0' encoding='utf-8'?><rss><channel><item><title>Z\xc3\xbcrich und \xe6\x9d\xb1\xe4\xba\xac</title></item>\
        <item><title>cut \xe6</title></item></channel></rss>";
    let titles: Vec<_> = parse(text, None)
        .expect("a feed")
        .entries
        .into_iter()
        .map(|entry| entry.title)
        .collect();
    assert_eq!(titles, ["Zürich und 東京", "cut \u{fffd}"]);
    let json =
        b"{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Z\xc3\xbcrich \xc3\xb6\xff\",\"items\":[]}";
    assert_eq!(parse(json, None).expect("a feed").title, "Zürich ö\u{fffd}");
}

#[test]
fn a_truncated_document_is_reported() {
    let rss = "<rss version='2.0'><channel><title>T</title><item><title>One</title></item><item><title>Two</title></item></channel></rss>";
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>One</title></entry><entry><title>Two</title></entry></feed>";
    let json =
        r#"{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"One"},{"id":"2","title":"Two"}]}"#;
    for document in [rss, atom, json] {
        assert!(!read(document).ends_early, "{document}");
        let cut = read(&document[..document.find("Two").expect("the second entry")]);
        assert_eq!((cut.ends_early, cut.entries.len()), (true, 1), "{document}");
        assert_eq!(cut.entries[0].title, "One");
    }
    let after_the_first = read(&rss[..rss.find("<item><title>Two").expect("the second entry")]);
    assert_eq!((after_the_first.ends_early, after_the_first.entries.len()), (true, 1));
    assert!(!read(rss.trim_end_matches("</rss>")).ends_early, "nothing is missing");
    assert!(parse(&json.as_bytes()[..30], None).is_err());
}
