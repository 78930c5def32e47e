//! Tests of each format, valid and damaged.

mod damaged;

use super::*;

fn read(text: &str) -> Feed {
    parse(
        text.as_bytes(),
        Url::parse("https://news.example/feeds/all.xml").ok().as_ref(),
    )
    .expect("a feed")
}

#[test]
fn rss_is_parsed_with_its_modules() {
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
fn the_type_of_atom_text_decides_whether_it_is_markup() {
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
fn json_feed_values_of_wrong_types_are_ignored() {
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
fn missing_fields_are_replaced_only_for_display() {
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
fn links_other_than_http_are_not_used_as_addresses() {
    let feed = read(
        "<rss version='2.0'><channel><item><link>javascript:alert(1)</link></item>
        <item><guid>urn:x:1</guid></item></channel></rss>",
    );
    assert!(feed.entries.iter().all(|entry| entry.url.is_none()));
}

#[test]
fn complete_entries_survive_junk_before_and_damage_after_them() {
    let text = "\u{feff}\nWarning: x\n<?xml version='1.0'?><rss version='2.0'><channel><item><title>1</title></item>
        <item><title>R&D &bogus; &eacute;</title><b></i></item><item><title>cut of";
    let titles: Vec<String> = read(text).entries.into_iter().map(|entry| entry.title).collect();
    assert_eq!(titles, ["1", "R&D &bogus; é"]);
}

#[test]
fn the_charset_is_found_by_byte_order_mark_pattern_and_declaration() {
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
fn other_documents_are_refused_with_a_reason() {
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
fn the_format_of_a_file_is_recognised_by_its_beginning() {
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

fn item(inside: &str) -> Entry {
    let feed = format!(
        "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/' xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'\
         ><channel><title>F</title><link>https://site.example/blog/</link><item>{inside}</item></channel></rss>"
    );
    read(&feed).entries.remove(0)
}

#[test]
fn a_default_namespace_on_the_root_of_rss_is_ignored() {
    for space in [
        "http://www.w3.org/2005/Atom",
        "http://search.yahoo.com/mrss/",
        "http://www.itunes.com/dtds/podcast-1.0.dtd",
    ] {
        for frame in ["rss", "channel", "item"] {
            let text = "<rss version='2.0'><channel><title>F</title><item><title>AT&amp;amp;T</title><link>https://a.example/1</link>\
                <guid isPermaLink='false'>g1</guid><pubDate>Mon, 23 Nov 2026 06:00:00 GMT</pubDate>\
                <description>Words.</description></item></channel></rss>";
            let feed = read(&text.replacen(&format!("<{frame}"), &format!("<{frame} xmlns='{space}'"), 1));
            let entry = &feed.entries[0];
            assert_eq!(
                (feed.format.as_str(), entry.id.as_deref()),
                ("rss2.0", Some("g1")),
                "{frame} {space}"
            );
            assert_eq!((entry.title.as_str(), entry.summary.as_str()), ("AT&T", "Words."));
            assert_eq!(
                (entry.url.as_deref(), entry.published.is_some()),
                (Some("https://a.example/1"), true)
            );
        }
    }
    let atom = item("<title>t</title><content xmlns='http://www.w3.org/2005/Atom' type='text'>a &lt;b&gt;</content>");
    assert_eq!(atom.summary, "a <b>");
}

#[test]
fn an_atom_feed_without_its_namespace_is_parsed() {
    let feed = read(
        "<feed><title>F</title><entry><id>urn:1</id><title>One</title><link href='/1'/><content type='html'>&lt;p&gt;Words.&lt;/p&gt;\
         </content><updated>2026-11-23T06:00:00Z</updated></entry></feed>",
    );
    let entry = &feed.entries[0];
    assert_eq!(
        (
            entry.url.as_deref(),
            entry.content_html.as_str(),
            entry.published.is_some()
        ),
        (Some("https://news.example/1"), "<p>Words.</p>", true)
    );
}

#[test]
fn media_rss_text_replaces_a_missing_title_and_summary() {
    let film = "<media:title>A film</media:title><media:description>What the film tells.</media:description>";
    for inside in [film.to_owned(), format!("<media:group>{film}</media:group><summary/>")] {
        let entry = item(&inside);
        assert_eq!(
            (entry.own_title.as_str(), entry.summary.as_str()),
            ("A film", "What the film tells.")
        );
    }
    assert_eq!(item(&format!("<description>Own.</description>{film}")).summary, "Own.");
    let typed = |kind: &str| {
        item(&format!(
            "<media:description type='{kind}'>a &lt;b&gt;c&lt;/b&gt; &amp;lt;</media:description>"
        ))
        .summary
    };
    assert_eq!(typed("html"), "a c <");
    let plain = item("<media:description>Vec&lt;T&gt; &amp;amp;</media:description>");
    assert_eq!(plain.summary, "Vec<T> &amp;");
}

#[test]
fn tags_in_titles_are_text_unless_they_are_markup() {
    let entry = item("<title>When to use &lt;video&gt; and Option&lt;T&gt;</title><category>Vec&lt;T&gt;</category>");
    assert_eq!(entry.title, "When to use <video> and Option<T>");
    assert_eq!(entry.category.as_deref(), Some("Vec<T>"));
    let entry = item("<title><![CDATA[<b>Now</b>: <img src='https://x.example/p'> caf&eacute; &amp; more]]></title>");
    assert_eq!(entry.title, "Now: café & more");
}

#[test]
fn references_are_decoded_in_text_and_in_attributes() {
    let feed = read(
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><entry><id>u:1</id><title>Caf&eacute; &ndash; open &#55357;&#56832;</title>\
         <link href='https://a.example/?a=1&amp;b=&eacute;&c=3'/><summary>don&#146;t &bogus;</summary></entry></feed>",
    );
    let entry = &feed.entries[0];
    assert_eq!(
        (entry.title.as_str(), entry.summary.as_str()),
        ("Café – open 😀", "don’t &bogus;")
    );
    assert_eq!(entry.url.as_deref(), Some("https://a.example/?a=1&b=%C3%A9&c=3"));
}

#[test]
fn an_identifier_is_a_link_only_if_it_is_an_address() {
    let enclosure = "<enclosure url='https://cdn.example/7.mp3' type='audio/mpeg' length='1'/>";
    for (inside, expected) in [
        ("<guid>ep-0007</guid>", None),
        ("<guid isPermaLink='true'>ep-0007</guid>", None),
        ("<guid>tag:site.example,2026:1</guid>", None),
        ("<guid>12345</guid>", None),
        ("<guid>https://site.example/7</guid>", Some("https://site.example/7")),
        ("<guid isPermaLink='false'>https://site.example/7</guid>", None),
    ] {
        let entry = item(inside);
        assert_eq!(
            (entry.own_link.as_deref(), entry.url.as_deref()),
            (expected, expected),
            "{inside}"
        );
        let recording = item(&format!("{inside}{enclosure}"));
        assert_eq!(
            recording.url.as_deref(),
            expected.or(Some("https://cdn.example/7.mp3")),
            "{inside}"
        );
    }
    assert_eq!(
        item("<guid>1</guid><enclosure url='https://cdn.example/7.jpg' type='image/jpeg'/>").url,
        None
    );
    let json = read(
        r#"{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "https://site.example/1"}, {"id": "ep-7",
        "attachments": [{"url": "https://cdn.example/7.mp3", "mime_type": "audio/mpeg"}]}]}"#,
    );
    let urls: Vec<_> = json.entries.iter().map(|entry| entry.url.as_deref()).collect();
    assert_eq!(
        urls,
        [Some("https://site.example/1"), Some("https://cdn.example/7.mp3")]
    );
}

#[test]
fn links_are_resolved_against_the_base_the_site_and_the_document_in_this_order() {
    for (link, expected) in [
        ("/2026/11/rel", "https://site.example/2026/11/rel"),
        ("rel", "https://site.example/blog/rel"),
        ("//other.example/x", "https://other.example/x"),
        ("www.other.example/x", "https://www.other.example/x"),
        ("site.example/x", "https://site.example/x"),
        ("index.html", "https://site.example/blog/index.html"),
    ] {
        let entry = item(&format!(
            "<link>{link}</link><description>&lt;a href='{link}'&gt;x&lt;/a&gt;</description>"
        ));
        assert_eq!(entry.url.as_deref(), Some(expected), "{link}");
    }
    assert!(
        item("<description>&lt;a href='/y'&gt;x&lt;/a&gt;</description>")
            .content_html
            .contains("https://site.example/y")
    );
    let based = read(
        "<rss version='2.0' xml:base='https://base.example/b/'><channel><link>https://site.example/</link><item><link>x</link></item>\
         </channel></rss>",
    );
    assert_eq!(based.entries[0].url.as_deref(), Some("https://base.example/b/x"));
    let homeless = read("<rss version='2.0'><channel><link>/</link><item><link>x</link></item></channel></rss>");
    assert_eq!(homeless.entries[0].url.as_deref(), Some("https://news.example/x"));
    let long = format!("https://site.example/{}", "a".repeat(1_000));
    assert_eq!(item(&format!("<link>{long}</link>")).url, Some(long));
    assert_eq!(
        item(&format!("<link>https://site.example/{}</link>", "a".repeat(10_000))).url,
        None
    );
}

#[test]
fn the_original_address_replaces_that_of_a_click_counter() {
    let counted = |element: &str, address: &str| {
        item(&format!(
            "<link>https://proxy.example/~r/x/5</link><{element}>{address}</{element}>"
        ))
        .url
    };
    for element in ["feedburner:origLink", "pheedo:origLink"] {
        assert_eq!(
            counted(element, "https://a.example/5").as_deref(),
            Some("https://a.example/5")
        );
        assert_eq!(
            counted(element, "nonsense").as_deref(),
            Some("https://proxy.example/~r/x/5")
        );
    }
}
