//! The mails as readers get them: the digest and the confirmation.

use std::collections::BTreeSet;

use crate::support::views::{confirmation, digest, full_digest, sample_digest, source, story, words_of};
use daywire::digest::render::{
    CorrectionView, DigestView, MAX_HTML_BYTES, PREFERENCES_PLACEHOLDER, RenderError, Shown, StoryView,
    UNSUBSCRIBE_PLACEHOLDER, render,
};
use daywire::domain::states::CorrectionKind;
use daywire::signup::confirmation_mail;
use daywire::words::Voice;

/// The addresses of an HTML part.
fn links_of_html(html: &str) -> BTreeSet<String> {
    let hrefs = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    hrefs.map(|href| href.replace("&amp;", "&")).collect()
}

const OURS: [&str; 2] = [UNSUBSCRIBE_PLACEHOLDER, PREFERENCES_PLACEHOLDER];

/// The addresses of a text part; our placeholders are, too.
fn links_of_text(text: &str) -> BTreeSet<String> {
    let is_link = |word: &&str| word.starts_with("http") || OURS.contains(word);
    text.split_whitespace().filter(is_link).map(ToOwned::to_owned).collect()
}

fn many(count: usize, title: &str, excerpt: &str) -> Vec<StoryView> {
    (0..count)
        .map(|n| StoryView {
            title: title.into(),
            excerpt: excerpt.into(),
            ..story(n)
        })
        .collect()
}

#[test]
fn the_digest_text_reads_like_a_log() {
    let mut view = sample_digest();
    view.stories.truncate(3);
    view.intro = Some("A quiet morning on the band.".into());
    insta::assert_snapshot!(render(&view).expect("the template renders").text);
}

#[test]
fn a_digest_of_usual_size_shows_every_story_in_full() {
    let rendered = render(&sample_digest()).expect("the template renders");
    assert_eq!(rendered.shown, vec![Shown::Whole; 12]);
    assert!(rendered.html.len() < 40_000, "{}", rendered.html.len());
    assert!(rendered.html.contains("<html lang=\"en\">"));
    assert!(rendered.html.contains("<title>Daily broadcast, issue 12</title>"));
    assert!(rendered.html.contains(">A wire</a>"));
    assert!(
        rendered.html.contains("prefers-color-scheme: dark"),
        "dark mode survives inlining"
    );
    assert!(
        rendered.html.contains("<h2 class=\"headline\" style=\""),
        "styles are inlined"
    );
    assert!(
        !rendered.html.contains("display") && !rendered.html.contains("visibility"),
        "no hidden text"
    );
}

#[test]
fn equal_digests_render_to_equal_bytes() {
    assert_eq!(
        render(&sample_digest()).expect("the template renders"),
        render(&sample_digest()).expect("the template renders")
    );
}

#[test]
fn html_and_text_have_the_same_links() {
    for count in [1, 12, 150, 500] {
        let rendered = render(&digest(many(count, "A headline", "A lede."))).expect("the template renders");
        let links = links_of_html(&rendered.html);
        assert_eq!(links, links_of_text(&rendered.text), "{count} stories");
        assert!(OURS.iter().all(|ours| links.contains(*ours)));
    }
    let rendered = render(&full_digest()).expect("the template renders");
    assert_eq!(links_of_html(&rendered.html), links_of_text(&rendered.text));
    let mail = confirmation_mail::render(&confirmation()).expect("the template renders");
    assert_eq!(links_of_html(&mail.html), links_of_text(&mail.text));
}

#[test]
fn a_digest_of_500_huge_stories_stays_below_the_limit_and_accounts_for_each() {
    let huge = [
        ("A long headline. ".repeat(60), "A long lede & more. ".repeat(500)),
        ("<".repeat(2_000), "\"'&<>".repeat(9_000)),
    ];
    for (title, lede) in huge {
        let rendered = render(&radio(digest(many(500, &title, &lede)))).expect("the template renders");
        assert!(rendered.html.len() <= MAX_HTML_BYTES);
        assert_eq!(rendered.shown.len(), 500);
        assert!(
            rendered.shown.windows(2).all(|pair| rank(pair[0]) <= rank(pair[1])),
            "the most important stories are shortened least"
        );
        assert_eq!(rendered.shown[0], Shown::Shortened);
        let counted = rendered.shown.iter().filter(|shown| **shown == Shown::Counted).count();
        assert!(counted > 0);
        assert!(rendered.html.contains(&format!("{counted} more on the site")));
        assert!(rendered.text.contains(&format!("{counted} more on the site")));
        for (place, shown) in rendered.shown.iter().enumerate() {
            let id = format!("TX_{:06X}", 0x080_089 + place);
            assert_eq!(rendered.html.contains(&id), *shown != Shown::Counted);
            assert_eq!(rendered.text.contains(&id), *shown != Shown::Counted);
        }
    }
}

/// The digest in the radio voice, which shows ids above the headlines.
fn radio(view: DigestView) -> DigestView {
    DigestView {
        words: words_of(Voice::Radio),
        ..view
    }
}

fn rank(shown: Shown) -> u8 {
    match shown {
        Shown::Whole | Shown::Shortened => 0,
        Shown::HeadlineOnly => 1,
        Shown::Counted => 2,
    }
}

#[test]
fn ledes_are_shortened_before_stories_lose_them() {
    let rendered =
        render(&digest(many(60, "A headline", &"Words of a lede. ".repeat(60)))).expect("the template renders");
    assert_eq!(rendered.shown, vec![Shown::Shortened; 60]);
}

#[test]
fn a_story_whose_address_is_too_long_is_only_counted() {
    let giant = StoryView {
        url: format!("https://transmissions.example/{}", "a".repeat(200_000)),
        ..story(0)
    };
    let rendered = render(&digest(vec![giant])).expect("the template renders");
    assert_eq!(rendered.shown, [Shown::Counted]);
    assert!(rendered.text.contains("1 more on the site"));
}

#[test]
fn an_intro_that_is_too_large_is_an_error_that_says_what_to_shorten() {
    let view = DigestView {
        intro: Some("x".repeat(200_000)),
        ..sample_digest()
    };
    let error = render(&view).expect_err("too large");
    assert!(matches!(error, RenderError::TooLarge { bytes } if bytes > 200_000));
    assert!(error.to_string().contains("shorten the newsletter's intro"));
}

#[test]
fn hostile_titles_are_escaped_and_hostile_addresses_are_not_linked() {
    let hostile = StoryView {
        title: "</a><script>alert(1)</script>\r\nBcc: someone@reader.example".into(),
        excerpt: "<img src=x onerror=alert(1)> {{ view }} \u{0}".into(),
        lead_topic: Some("<b>".into()),
        url: "javascript:alert(1)".into(),
        sources: vec![source("<i>")],
        ..story(0)
    };
    let rendered = render(&digest(vec![hostile])).expect("the template renders");
    for tag in ["<script", "<img", "<b>", "<i>", "javascript:", "\u{0}"] {
        assert!(!rendered.html.contains(tag), "{tag}");
    }
    assert!(!rendered.text.contains("javascript:"));
    assert!(
        rendered
            .text
            .contains("</a><script>alert(1)</script> Bcc: someone@reader.example")
    );
}

#[test]
fn a_story_in_another_language_has_its_lang_and_direction() {
    let in_language = |language: Option<&str>| StoryView {
        language: language.map(str::to_owned),
        heading: Some("Radio".into()),
        ..story(0)
    };
    let mut view = digest(["en", "de", "", "he", "EN"].map(|tag| in_language(Some(tag))).into());
    view.stories.push(in_language(None));
    view.by_topic = true;
    let html = render(&view).expect("the template renders").html;
    let stories: Vec<&str> = html
        .split("<td class=\"cell story")
        .skip(1)
        .map(|cell| cell.split('>').next().unwrap_or_default())
        .collect();
    let attributes = |cell: &str| {
        (
            cell.contains(" lang="),
            cell.contains(" lang=\"de\""),
            cell.contains(" dir=\"rtl\" lang=\"he\""),
        )
    };
    let no_attributes = (false, false, false);
    assert_eq!(
        stories.into_iter().map(attributes).collect::<Vec<_>>(),
        [
            no_attributes,
            (true, true, false),
            no_attributes,
            (true, false, true),
            no_attributes,
            no_attributes
        ]
    );
    view.stories.drain(..3);
    let html = render(&view).expect("the template renders").html;
    assert!(
        html.contains(" dir=\"ltr\" lang=\"en\"") && html.contains(">Radio</h2>"),
        "the heading is the issue's"
    );
    assert!(html.contains("text-align: right"), "{html}");
    view.stories.truncate(1);
    view.language = "he".into();
    let html = render(&view).expect("the template renders").html;
    assert_eq!(
        (html.matches("lang=\"he\"").count(), html.matches("dir=\"rtl\"").count()),
        (1, 1),
        "only the issue has the attributes"
    );
    // With more stories than fit, those without a lede have the attributes, too.
    let many: Vec<StoryView> = (0..200)
        .map(|number| StoryView {
            excerpt: "A lede. ".repeat(50),
            language: Some("ar".into()),
            ..story(number)
        })
        .collect();
    let html = render(&digest(many)).expect("the template renders").html;
    let heads = html.split("<p class=\"head rtl\"").skip(1);
    assert!(
        heads.clone().count() > 9
            && heads.clone().all(|head| head
                .split('>')
                .next()
                .is_some_and(|tag| tag.contains(" dir=\"rtl\" lang=\"ar\"")))
    );
}

#[test]
fn a_story_cannot_contain_the_readers_personal_links() {
    for ours in OURS {
        let hostile = StoryView {
            title: format!("A {ours}"),
            excerpt: format!("B {ours}"),
            url: format!("https://evil.example/?{ours}"),
            lead_topic: Some(ours.into()),
            sources: vec![source(ours), source("Other")],
            ..story(0)
        };
        let rendered = render(&digest(vec![hostile])).expect("the template renders");
        assert_eq!(rendered.html.matches(ours).count(), 1);
        assert_eq!(rendered.text.matches(ours).count(), 1);
    }
}

#[test]
fn the_confirmation_text_says_what_to_do_and_how_long_it_works() {
    let mail = confirmation_mail::render(&confirmation()).expect("the template renders");
    assert_eq!(
        mail.subject,
        "Confirm your subscription to Daily broadcast and Weekly log"
    );
    insta::assert_snapshot!(mail.text);
}

#[test]
fn the_confirmation_has_the_button_and_the_bare_link() {
    let view = confirmation();
    let mail = confirmation_mail::render(&view).expect("the template renders");
    assert_eq!(mail.html.matches(&format!("href=\"{}\"", view.confirm_url)).count(), 2);
    assert!(mail.html.contains(&format!(">{}</a>", view.confirm_url)));
    assert!(mail.html.contains("48 hours") && mail.html.contains("ignore this email"));
    assert!(!mail.html.contains("unsubscribe"));
    assert!(mail.html.len() < 12_000, "{}", mail.html.len());
}

#[test]
fn a_digest_begins_with_its_leading_headline_in_visible_text() {
    let html = render(&full_digest()).expect("the template renders").html;
    let (_, body) = html.split_once("<body").expect("the page has a body");
    let (_, body) = body.split_once('>').expect("the body element is complete");
    let words = daywire::text::html::clean_line(body);
    let first = full_digest().stories[0].title.clone();
    assert!(words.starts_with(&first), "{words}");
    assert!(
        !html.contains("display: none") && !html.contains("display:none"),
        "nothing is hidden"
    );
}

#[test]
fn the_editors_intro_comes_first_and_only_a_ranked_order_is_called_most_important() {
    let mut view = full_digest();
    for by_score in [true, false] {
        view.by_score = by_score;
        let rendered = render(&view).expect("the template renders");
        for part in [&rendered.html, &rendered.text] {
            let intro = part
                .find("A quiet morning on the band")
                .expect("the digest has its intro");
            let count = part.find("In this issue").expect("the digest has its count of stories");
            assert!(intro < count);
            assert_eq!(part.contains("most important"), by_score);
        }
    }
}

#[test]
fn a_topic_heading_has_the_language_of_its_reports() {
    let cloud = StoryView {
        language: Some("ar".into()),
        heading: Some("سحابة".into()),
        heading_language: Some("ar".into()),
        ..story(0)
    };
    let mut view = digest(vec![story(1), cloud]);
    view.by_topic = true;
    let html = render(&view).expect("the template renders").html;
    let (before, heading) = html.rsplit_once("<h2").expect("the digest has a heading");
    let (_, cell) = before.rsplit_once("<td").expect("the heading is in a cell");
    assert!(cell.contains(" lang=\"ar\"") && cell.contains(" dir=\"rtl\""), "{cell}");
    let heading = heading.split("</h2>").next().unwrap_or_default();
    assert!(
        !heading.contains("lang=") && heading.contains("text-align: right"),
        "{heading}"
    );
    view.stories[1].heading_language = None;
    let html = render(&view).expect("the template renders").html;
    let (_, heading) = html.rsplit_once("<h2").expect("the digest has a heading");
    assert!(
        heading.contains(" lang=\"en\"") && heading.contains(" dir=\"ltr\""),
        "{heading}"
    );
}

#[test]
fn a_digest_shows_topics_sources_pictures_and_corrections() {
    let rendered = render(&full_digest()).expect("the template renders");
    insta::assert_snapshot!(rendered.text);
    // Behind the preheader, which has the first headlines too.
    let (_, html) = rendered.html.split_once("</h1>").expect("the digest has a heading");
    let place = |words: &str| html.find(words).unwrap_or_else(|| panic!("{words} is missing"));
    let order = [
        "A quiet morning on the band",
        "Large bank bans AI coding tool",
        "Reuters · 6 sources, the first reached us at 06:12",
        ">Ars Technica</a>",
        ">The Register</a>",
        ">Heise</a>, 2 more",
        "src=\"https://pictures.example/scheduler.png\"",
        ">Security</h2>",
        "Cable ship finishes",
        ">Infrastructure</h2>",
        ">Corrections</h2>",
        "The date is 1 March, not 1 May.",
        "A phone that charges in a minute",
        "That’s all for today.",
    ];
    assert!(
        order.windows(2).all(|pair| place(pair[0]) < place(pair[1])),
        "in another order"
    );
    assert!(
        html.contains("width=\"544\"") && html.contains("height=\"240\""),
        "scaled to the sheet"
    );
    assert!(html.contains("alt=\"Two graphs of throughput: the lower one is the release\""));
    assert_eq!(html.matches("class=\"topic\"").count(), 4);
    assert_eq!(
        html.matches("<h3").count(),
        10,
        "stories under a heading are a level below it"
    );
}

#[test]
fn each_source_is_named_once() {
    let mut view = digest(many(1, "A headline", "A lede."));
    view.stories[0].sources = ["Reuters", "Reuters", "", "A wire", "A wire"].map(source).into();
    let text = render(&view).expect("the template renders").text;
    let also: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("also: ")).collect();
    let names: Vec<_> = also.iter().filter_map(|line| line.split(',').next()).collect();
    assert_eq!(names, ["A wire"], "{text}");

    let long = "Words of a lede, and more of them. ".repeat(60);
    let crowded = render(&digest(many(110, "A headline", &long))).expect("the template renders");
    assert!(crowded.html.contains("also: 2 others"), "names make room for stories");
    assert!(!crowded.html.contains(">A wire</a>"));
}

#[test]
fn stories_without_a_topic_after_a_heading_are_set_apart() {
    let mut view = radio(digest(many(3, "A headline", "A lede.")));
    view.stories[1].heading = Some("Security".into());
    let text = |view: &DigestView| render(view).expect("the template renders").text;
    assert!(
        !text(&view).contains("SECURITY"),
        "headings only where they are asked for"
    );
    view.by_topic = true;
    let text = text(&view);
    let place = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words} is missing in {text}"))
    };
    assert!(place("TX_080089") < place("SECURITY") && place("SECURITY") < place("TX_08008A"));
    assert!(place("TX_08008A") < place("OTHER SIGNALS") && place("OTHER SIGNALS") < place("TX_08008B"));
}

#[test]
fn many_long_corrections_leave_room_for_the_stories() {
    let mut view = digest(many(500, &"<&> ".repeat(60), &"<&> ".repeat(300)));
    view.corrections = (0..300)
        .map(|n| CorrectionView {
            title: "<&> ".repeat(200),
            url: Some(format!("https://news.example/articles/{n}?{}", "&".repeat(3_000))),
            note: "\"".repeat(5_000),
            kind: CorrectionKind::Corrected,
        })
        .collect();
    let rendered = render(&view).expect("the template renders");
    assert!(rendered.html.len() <= MAX_HTML_BYTES);
    assert!(rendered.html.contains("290 more on the site") && rendered.text.contains("290 more on the site"));
    assert!(
        rendered
            .shown
            .iter()
            .filter(|shown| **shown == Shown::Shortened)
            .count()
            >= 5
    );
}
