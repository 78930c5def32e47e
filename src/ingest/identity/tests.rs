use chrono::DateTime;

use super::{DocumentIndex, KeyKind, MatchedKeys, closeness, is_same, is_same_across_feeds, keys};
use crate::domain::ids::ArticleId;
use crate::domain::scope::Scope;
use crate::domain::states::Closeness;
use crate::feeds::parse::Entry;
use crate::ingest::new_article::article_of;
use crate::ingest::origin::Origin;
use crate::store::articles::Article;
use crate::text::html::{SanitizedHtml, sanitise};

const LONG: &str = "The council met on Monday to talk about the bridge and decided to close it for repairs until the spring of \
    next year said the mayor adding that buses will take another way and that schools open later than usual";
const OTHER: &str = "A storm is expected on Tuesday along the whole coast with gusts of up to one hundred kilometres an hour so \
    ferries stay in port and the tram line to the lighthouse is not served before Wednesday noon";

/// An entry of the text form `guid|address|headline|text|date`; an empty part is left out. The date is an hour of 2026-11-23.
fn entry(form: &str) -> Entry {
    let parts: Vec<&str> = form.split('|').collect();
    let part = |at: usize| Some(parts[at]).filter(|part| !part.is_empty());
    let text = match parts[3] {
        "long" => LONG.to_owned(),
        "edited" => LONG.replace("Monday", "Sunday").replace("bridge", "old bridge"),
        "longer" => format!("{LONG} and even later in winter"),
        "other" => OTHER.to_owned(),
        short => short.to_owned(),
    };
    Entry {
        id: part(0).map(str::to_owned),
        url: part(1).map(|path| format!("https://a.example/{path}")),
        title: parts[2].into(),
        own_title: parts[2].into(),
        own_link: None,
        content_html: if text.is_empty() {
            SanitizedHtml::default()
        } else {
            sanitise(&format!("<p>{text}</p>"))
        },
        summary: text,
        published: part(4).map(|hours| {
            let hours: i64 = hours.parse().expect("hours");
            DateTime::from_timestamp(1_795_392_000 + hours * 3600, 0).expect("a time")
        }),
        authors: Vec::new(),
        category: None,
        language: None,
        image: None,
    }
}

fn scope() -> Scope {
    Scope::file("feed")
}

fn article(entry: &Entry) -> Article {
    let origin = Origin {
        scope: scope(),
        source_name: "Wire".into(),
        newsletters: vec![],
        full_text: false,
    };
    article_of(ArticleId(uuid::Uuid::nil()), &origin, entry, None, DateTime::UNIX_EPOCH)
}

/// Whether the second entry, fetched after the first, is the same article.
fn same(first: &str, then: &str) -> bool {
    let (first, then) = (entry(first), entry(then));
    let document = DocumentIndex::of(std::slice::from_ref(&then));
    is_found_and_same(&first, &then, &document)
}

fn is_found_and_same(first: &Entry, then: &Entry, document: &DocumentIndex) -> bool {
    let nothing = DocumentIndex::default();
    let (before, now) = (keys(&scope(), first, &nothing), keys(&scope(), then, document));
    let common = |kind| now.iter().any(|key| key.kind == kind && before.contains(key));
    let kinds = [
        KeyKind::Guid,
        KeyKind::Address,
        KeyKind::HeadlineAndExcerpt,
        KeyKind::HeadlineAndDate,
        KeyKind::Body,
    ];
    let common: Vec<_> = kinds.into_iter().filter(|kind| common(*kind)).collect();
    !common.is_empty() && is_same(then, &article(first), matched(&common), document)
}

fn matched(kinds: &[KeyKind]) -> MatchedKeys {
    let mut matched = MatchedKeys::default();
    for kind in kinds {
        matched.add(*kind);
    }
    matched
}

#[test]
fn a_daily_item_with_its_own_guid_date_and_text_is_a_new_article() {
    for (first, then) in [
        (
            "b1|briefing|Morning briefing|long|0",
            "b2|briefing|Morning briefing|other|24",
        ),
        (
            "b1|briefing|Morning briefing|Rain.|0",
            "b2|briefing|Morning briefing|Sun.|24",
        ),
        // The words of a weather report are mostly yesterday's.
        ("b1|briefing|Weather|long|0", "b2|briefing|Weather|edited|24"),
        ("b1|briefing|Morning briefing||0", "b2|briefing|Morning briefing||24"),
        // Without dates, the text is what differs.
        (
            "b1|briefing|Morning briefing|long|",
            "b2|briefing|Morning briefing|other|",
        ),
        // Different addresses, and one guid for all items.
        ("b|1|Morning briefing|long|0", "b|2|Morning briefing|other|24"),
    ] {
        assert!(!same(first, then), "{first} and {then}");
    }
}

#[test]
fn a_changed_date_guid_or_address_makes_no_new_article() {
    for (first, then) in [
        ("g1|a|Bridge opens|long|0", "g1|a|Bridge opens|long|48"),
        ("g1|a|Bridge opens|long|0", "g2|a|Bridge opens|long|0"),
        ("g1|a|Bridge opens|long|0", "g2|a|Bridge opens|long|48"),
        ("g1|a|Bridge opens|long|0", "g1|b|Bridge opens|long|0"),
        ("g1|a|Bridge opens|long|0", "g1|b|Bridge opens|long|48"),
        ("g1|a|Bridge opens|long|0", "g2|b|Bridge opens|long|0"),
        ("g1|a|Bridge opens|long|", "g2|b|Bridge opens|long|"),
        ("g1|a|Bridge opens||0", "g2|b|Bridge opens||0"),
        ("g1|a|Bridge opens|long|0", "|a|Bridge opens|long|0"),
        ("|a|Bridge opens|long|0", "g1|a|Bridge opens|long|0"),
        ("|a|Bridge opens|long|0", "|b|Bridge opens|long|0"),
        ("|a|Bridge opens|long|0", "|a#comments|Bridge opens|long|0"),
        ("||Bridge opens|long|0", "||Bridge opens|long|48"),
        ("g1|a|Bridge opens||0", "g2|a|Bridge opens||2"),
        ("g1|a|Bridge opens||", "g2|a|Bridge opens||"),
    ] {
        assert!(same(first, then), "{first} and {then}");
    }
}

#[test]
fn an_edited_article_is_the_same() {
    for (first, then) in [
        ("g1|a|Bridge opens|long|0", "g1|a|Everything is different|other|24"),
        ("g1|a|Bridge opens|long|0", "g1|b|The bridge is open now|edited|0"),
        (
            "g1|a|Bridge opens at noon|long|0",
            "g2|a|Bridge opens at noon, says mayor|long|5",
        ),
        ("g1|a|Bridge opens|long|0", "g2|a|Bridge opens|longer|24"),
        ("g1|a|Bridge opens|long|0", "g2|a|Bridge opens|edited|0"),
        ("g1|a|Bridge opens|long|0", "g2|a|Bridge opens|other|0"),
        (
            "|a|Bridge opens at noon|long|0",
            "|a|Bridge opens at noon, at last|other|5",
        ),
        ("|a|Bridge opens|long|0", "|a|Bridge opens|other|5"),
        ("g1||Bridge opens|long|0", "g1||Everything is different|edited|0"),
    ] {
        assert!(same(first, then), "{first} and {then}");
    }
}

#[test]
fn an_article_is_recognised_by_headline_excerpt_and_date_of_an_edited_version() {
    let (stored, now) = (entry("g1|live|Update|long|0"), entry("g2|live|Update|other|5"));
    let beside = entry("g3|live|Update|Another item of the page.|3");
    let document = DocumentIndex::of(&[now.clone(), beside]);
    let version = matched(&[KeyKind::HeadlineAndExcerpt, KeyKind::HeadlineAndDate]);
    assert!(is_same(&now, &article(&stored), version, &document));
    for kind in [KeyKind::HeadlineAndExcerpt, KeyKind::HeadlineAndDate] {
        assert!(!is_same(&now, &article(&stored), matched(&[kind]), &document));
    }
    // The document lists both, so they are two articles.
    let document = DocumentIndex::of(&[now.clone(), stored.clone()]);
    assert!(!is_same(&now, &article(&stored), version, &document));
}

#[test]
fn an_article_is_recognised_by_the_whole_text_of_an_edited_version() {
    let stored = article(&entry("g1|a|Bridge opens at noon|long|"));
    let now = entry("g2|a|Bridge opens at noon, at last|other|");
    let document = DocumentIndex::of(std::slice::from_ref(&now));
    let address_and_body = matched(&[KeyKind::Address, KeyKind::Body]);
    assert!(is_same(&now, &stored, address_and_body, &document));
    assert!(!is_same(&now, &stored, matched(&[KeyKind::Address]), &document));
    // The site moved after the edit.
    let stored = article(&entry("g1|a|Bridge opens|long|0"));
    let now = entry("g2|b|Bridge opens at noon|other|0");
    let document = DocumentIndex::of(std::slice::from_ref(&now));
    let version = [KeyKind::HeadlineAndExcerpt, KeyKind::HeadlineAndDate];
    let version_and_body = matched(&[version[0], version[1], KeyKind::Body]);
    assert!(is_same(&now, &stored, version_and_body, &document));
    assert!(!is_same(&now, &stored, matched(&version), &document));
}

#[test]
fn an_article_that_moved_is_the_same_though_another_entry_has_its_former_guid() {
    let (known, now) = (entry("g1|a|Bridge opens|long|0"), entry("g2|b|Bridge opens|long|0"));
    let other = entry("g1|c|Harbour closes|other|5");
    assert!(is_found_and_same(
        &known,
        &now,
        &DocumentIndex::of(&[other, now.clone()])
    ));
    assert!(!is_found_and_same(
        &known,
        &now,
        &DocumentIndex::of(&[known.clone(), now.clone()])
    ));
}

#[test]
fn undated_items_of_one_page_are_different_articles() {
    for (first, then) in [
        (
            "g1|#!/story/1|Harbour opens|long|",
            "g2|#!/story/2|Bridge closes|other|",
        ),
        ("g1|live|Harbour opens|long|", "g2|live|Bridge closes|other|"),
        ("g1|live|Harbour opens||", "g2|live|Bridge closes||"),
        ("g1|live|Harbour opens|Read more.|", "g2|live|Bridge closes|Read more.|"),
        ("|live|Harbour opens|long|", "|live|Bridge closes|other|"),
        ("|live|Harbour opens||", "|live|Bridge closes||"),
        ("|live#1|Harbour opens|long|", "|live#2|Bridge closes|other|"),
        ("|live#1|News|long|", "|live#2|News|other|"),
        ("|#/story/1|News|long|", "|#/story/2|News|other|"),
        // Only the fragment differs.
        ("|notes#v1|Release notes|long|", "|notes#v2|Release notes|long|"),
        (
            "|notes#v1|Release notes|See below.|",
            "|notes#v2|Release notes|See below.|",
        ),
        ("|notes#v1|Release notes||", "|notes#v2|Release notes||"),
        ("|notes#v1|Release notes|long|0", "|notes#v2|Release notes|long|48"),
        ("g1|notes#v1|Release notes|long|", "g2|notes#v2|Release notes|long|"),
    ] {
        assert!(!same(first, then), "{first} and {then}");
        let both = [entry(first), entry(then)];
        let document = DocumentIndex::of(&both);
        assert!(
            !is_found_and_same(&both[0], &both[1], &document),
            "{first} beside {then}"
        );
        for entry in &both {
            assert!(is_found_and_same(entry, entry, &document), "{first} beside {then}");
        }
    }
}

#[test]
fn an_anchor_with_a_new_name_is_the_same_article_unless_the_former_one_is_still_listed() {
    let (first, then) = (
        "|notes#v1|Release notes|long|0",
        "|notes#release-1|Release notes|long|0",
    );
    assert!(same(first, then));
    let both = [entry(first), entry(then)];
    assert!(!is_found_and_same(&both[0], &both[1], &DocumentIndex::of(&both)));
}

#[test]
fn a_guid_that_is_used_again_is_another_article() {
    for (first, then) in [
        ("1|a|Bridge opens|long|0", "1|b|Harbour closes|other|24"),
        ("1||Bridge opens|long|0", "1||Harbour closes|other|24"),
        ("1|a|Bridge opens||0", "1|b|Harbour closes||24"),
        ("1|a|Bridge opens|Read more.|0", "1|b|Harbour closes|Read more.|24"),
    ] {
        assert!(!same(first, then), "{first} and {then}");
    }
}

#[test]
fn entries_with_different_guids_in_one_document_are_two_articles() {
    for (first, then) in [
        ("g1|live|Update||0", "g2|live|Update||0"),
        ("g1|live|Update||", "g2|live|Update||"),
        ("g1|live|Update|long|", "g2|live|Update|edited|"),
        ("0|live|Goal in the first half||", "0|live|Goal in the second half||"),
        ("0||Goal|Read more.|", "0||Red card|Other.|"),
        ("g1|a|Photo||0", "g2|b|Photo||0"),
    ] {
        let entries = [entry(first), entry(then)];
        let document = DocumentIndex::of(&entries);
        assert!(
            !is_found_and_same(&entries[0], &entries[1], &document),
            "{first} and {then}"
        );
        // Each of them is found when it comes again.
        for entry in &entries {
            assert!(is_found_and_same(entry, entry, &document), "{first} and {then}");
        }
    }
    let listed_twice = [entry("g1|a|Bridge opens|long|0"), entry("g2|a|Bridge opens|long|0")];
    assert!(is_found_and_same(
        &listed_twice[0],
        &listed_twice[1],
        &DocumentIndex::of(&listed_twice)
    ));
}

#[test]
fn two_feeds_agree_on_an_article_by_headline_or_text() {
    let agree = |one: &str, other: &str| is_same_across_feeds(&article(&entry(one)), &article(&entry(other)));
    assert!(agree("|a|Minister resigns|long|", "|a|Minister resigns|other|"));
    assert!(agree("|a|Minister resigns|long|", "|a|A resignation|edited|"));
    assert!(agree(
        "|a|Fourth minister resigns|long|",
        "|a|Fourth minister resigns today|other|"
    ));
    assert!(!agree("|a|Fourth minister resigns|long|", "|a|Vote for me|other|"));
    assert!(!agree("|a|Fourth minister resigns||", "|a|Vote for me||"));
    let bridge =
        |end: &str, text: &str, hour: u8| format!("|a|Council closes the old bridge for repairs, {end}|{text}|{hour}");
    assert!(agree(&bridge("mayor", "long", 8), &bridge("buses", "other", 8)));
    assert!(!agree(&bridge("mayor", "long", 8), &bridge("buses", "other", 9)));
    assert!(!agree(
        "|a|Fourth minister resigns|long|8",
        "|a|Third minister resigns|other|8"
    ));
    assert!(!agree("|a#v1|Release notes|long|", "|a#v2|Release notes|long|"));
    assert!(agree("|a#v1|Release notes|long|", "|a|Release notes|long|"));
}

#[test]
fn a_feed_is_close_to_the_addresses_of_its_own_host() {
    for (feed, page, expected) in [
        ("https://www.a.example/feed", "http://a.example/1", Closeness::SameHost),
        (
            "https://feeds.a.example/f",
            "https://www.a.example/1",
            Closeness::RelatedHost,
        ),
        (
            "https://a.example/f",
            "https://news.a.example/1",
            Closeness::RelatedHost,
        ),
        ("https://b.example/f", "https://a.example/1", Closeness::OtherHost),
        ("https://nota.example/f", "https://a.example/1", Closeness::OtherHost),
        ("http://127.0.0.1:1/f", "http://127.0.0.1:2/1", Closeness::OtherHost),
    ] {
        let entry = Entry {
            url: Some(page.into()),
            ..entry("||x||")
        };
        assert_eq!(closeness(feed, &entry), expected, "{feed} {page}");
    }
}
