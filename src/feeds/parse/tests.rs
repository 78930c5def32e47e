//! Each format in its usual and its damaged forms.

use super::*;

fn read(text: &str) -> Feed {
    parse(
        text.as_bytes(),
        Url::parse("https://news.example/feeds/all.xml").ok().as_ref(),
    )
    .expect("a feed")
}

#[test]
fn rss_is_read_with_its_modules() {
    let feed = read(
        r#"<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
        xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>All &amp;amp; sundry</title>
        <link>https://news.example/</link><language>de</language><item><guid isPermaLink="false">n1</guid>
        <title>Ban &lt;i&gt;lifted&lt;/i&gt;</title><link>../a?x=1</link><dc:creator>Ada</dc:creator>
        <author>b@news.example (Bob)</author><category>World</category><pubDate>Thu, 01 Jan 2026 10:00:00 +0100</pubDate>
        <description>&lt;p&gt;Short.&lt;/p&gt;</description>
        <content:encoded><![CDATA[<p>Long <a href="/b">b</a></p>]]></content:encoded></item></channel></rss>"#,
    );
    assert_eq!((feed.format.as_str(), feed.title.as_str()), ("rss2.0", "All & sundry"));
    assert_eq!(feed.site_url.as_deref(), Some("https://news.example/"));
    let entry = &feed.entries[0];
    assert_eq!((entry.id.as_deref(), entry.title.as_str()), (Some("n1"), "Ban lifted"));
    assert_eq!(entry.url.as_deref(), Some("https://news.example/a?x=1"));
    assert_eq!(
        entry.published.map(|date| date.to_rfc3339()).as_deref(),
        Some("2026-01-01T09:00:00+00:00")
    );
    assert_eq!(
        (entry.summary.as_str(), &entry.authors[..]),
        ("Short.", &["Ada".to_owned(), "Bob".to_owned()][..])
    );
    assert!(
        entry.content_html.contains("https://news.example/b"),
        "{}",
        entry.content_html
    );
    assert_eq!(
        (entry.category.as_deref(), entry.language.as_deref()),
        (Some("World"), Some("de"))
    );
}

#[test]
fn atom_text_is_taken_as_its_type_says() {
    let feed = read(
        r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/x/" xml:lang="en"><title>F</title>
        <author><name>Ada</name><email>a@news.example</email></author>
        <entry><id>urn:1</id><title type="text">a &lt;b&gt; &amp;amp; c</title><link href="one"/>
        <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">1 &lt; 2 <b>x</b></div></content></entry>
        <entry><id>https://news.example/two</id><title type="html">a &amp;lt; b</title><updated>2026-01-01</updated>
        <summary>plain &lt;i&gt;</summary></entry></feed>"#,
    );
    assert_eq!(feed.format, "atom");
    let (one, two) = (&feed.entries[0], &feed.entries[1]);
    assert_eq!(
        (one.title.as_str(), one.url.as_deref()),
        ("a <b> &amp; c", Some("https://news.example/x/one"))
    );
    assert_eq!(one.content_html, "<div>1 &lt; 2 <b>x</b></div>");
    assert_eq!(
        (one.summary.as_str(), &one.authors[..]),
        ("1 < 2 x", &["Ada".to_owned()][..])
    );
    assert_eq!((two.title.as_str(), two.summary.as_str()), ("a < b", "plain <i>"));
    assert_eq!(two.url.as_deref(), Some("https://news.example/two"));
    assert_eq!((one.published, two.published.is_some()), (None, true));
}

#[test]
fn json_feeds_are_read_whatever_types_their_values_have() {
    let feed = read(
        r#"{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [
        {"id": 7, "url": "/seven", "content_text": "Hello <world>", "authors": [{"name": "Ada"}], "tags": ["t"]},
        {"id": "8", "title": 8, "external_url": "https://other.example/", "content_html": "<b>x</b>"}, "nonsense"]}"#,
    );
    assert_eq!((feed.format.as_str(), feed.entries.len()), ("json", 2));
    assert_eq!(feed.entries[0].url.as_deref(), Some("https://news.example/seven"));
    assert_eq!(
        (feed.entries[0].id.as_deref(), feed.entries[0].title.as_str()),
        (Some("7"), "Hello <world>")
    );
    assert_eq!(feed.entries[1].url.as_deref(), Some("https://other.example/"));
}

#[test]
fn what_is_missing_is_made_up_only_for_display() {
    let feed = read(
        "<rss version='2.0'><channel><item><description>A story. With more.</description></item>
        <item><link>https://news.example/b</link></item><item><guid isPermaLink='false'>x</guid></item></channel></rss>",
    );
    let titles: Vec<&str> = feed.entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(titles, ["A story. With more.", "https://news.example/b", ""]);
    assert!(
        feed.entries
            .iter()
            .all(|entry| entry.own_title.is_empty() && entry.published.is_none())
    );
    let json = serde_json::to_value(&feed.entries[0]).expect("plain data");
    let expected = serde_json::json!({"id": null, "title": "", "url": null, "published": null,
        "summary": "A story. With more.", "authors": []});
    assert_eq!(json, expected);
}

#[test]
fn links_that_are_no_web_addresses_are_never_followed() {
    let feed = read(
        "<rss version='2.0'><channel><item><link>javascript:alert(1)</link></item>
        <item><guid>urn:x:1</guid></item></channel></rss>",
    );
    assert!(feed.entries.iter().all(|entry| entry.url.is_none()));
}

#[test]
fn junk_before_and_damage_behind_leave_the_whole_entries() {
    let text = "\u{feff}\nWarning: x\n<?xml version='1.0'?><rss version='2.0'><channel><item><title>1</title></item>
        <item><title>R&D &bogus; &eacute;</title><b></i></item><item><title>cut of";
    let titles: Vec<String> = read(text).entries.into_iter().map(|entry| entry.title).collect();
    assert_eq!(titles, ["1", "R&D &bogus; é"]);
}

#[test]
fn charsets_are_found_by_mark_shape_and_declaration() {
    let text = "<?xml version='1.0' encoding='CHARSET'?><rss><channel><title>Zürich</title></channel></rss>";
    let latin: Vec<u8> = text.replace("CHARSET", "iso-8859-1").chars().map(|c| c as u8).collect();
    let wide: Vec<u8> = text
        .replace("CHARSET", "utf-16")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let marked = [b"\xff\xfe".to_vec(), wide.clone()].concat();
    let wrong = text.replace("CHARSET", "utf-16").into_bytes();
    let undeclared: Vec<u8> = text.replace("CHARSET", "utf-8").chars().map(|c| c as u8).collect();
    for bytes in [latin, wide, marked, wrong, undeclared] {
        assert_eq!(parse(&bytes, None).expect("a feed").title, "Zürich");
    }
}

#[test]
fn what_is_no_feed_is_refused_with_a_reason() {
    for (text, expected) in [
        ("", ParseError::Empty),
        (" \n", ParseError::Empty),
        (
            "<!DOCTYPE html><html><body>Not found</body></html>",
            ParseError::NotAFeed,
        ),
        ("hello", ParseError::NotAFeed),
        ("{\"a\": 1}", ParseError::NotAFeed),
        ("<<<<", ParseError::NotAFeed),
    ] {
        assert_eq!(parse(text.as_bytes(), None), Err(expected), "{text}");
    }
    assert!(matches!(parse(b"{\"items\": [", None), Err(ParseError::Json(_))));
    assert!(matches!(
        parse("[".repeat(9_000).as_bytes(), None),
        Err(ParseError::NotAFeed)
    ));
    assert!(matches!(
        parse("{\"items\":".repeat(9_000).as_bytes(), None),
        Err(ParseError::Json(_))
    ));
}

#[test]
fn files_are_told_apart_by_their_beginning() {
    for (text, kind) in [
        ("\u{feff} <rss/>", Kind::Xml),
        (
            "{\"version\": \"https://jsonfeed.org/version/1\",\n \"items\": []}",
            Kind::JsonFeed,
        ),
        ("{\"items\": []}", Kind::JsonFeed),
        ("{\"title\": \"a\"}\n{\"title\": \"b\"}", Kind::JsonLines),
        ("\n{\"title\": \"a\"}", Kind::JsonLines),
        ("", Kind::Empty),
        ("plain", Kind::Unknown),
    ] {
        assert_eq!(detect(text.as_bytes()), kind, "{text}");
    }
}
