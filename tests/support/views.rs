//! Example values for the templates of pages and mails.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use daywire::digest::render::{
    CorrectionView, DigestView, ImageView, PREFERENCES_PLACEHOLDER, SourceView, StoryView, UNSUBSCRIBE_PLACEHOLDER,
};
use daywire::domain::states::CorrectionKind;
use daywire::signup::confirmation_mail::{ConfirmationCause, ConfirmationView};
use daywire::signup::form_words::{FormOffer, form_words};
use daywire::text::html::SanitizedHtml;
use daywire::web::pages::{
    ArticlePage, CommentsBox, CorrectionLine, FieldProblems, FrontLayout, FrontPage, Headline, LatestArticle,
    LatestIssue, NewsletterChoice, ShareData, SignupForm, Site, Source, Stamp, TopicLink,
};
use daywire::words::{Language, Locales, Voice, Words};

/// The site's tagline.
pub const PITCH: &str = "The day's news for people who build things.";

pub fn noon() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2025-11-23T12:00:00Z")
        .expect("the date is valid")
        .to_utc()
}

/// The English texts of a voice.
pub fn words_of(voice: Voice) -> Words {
    Locales::default().words(Language::English, voice)
}

/// The English texts of the plain voice.
pub fn english() -> Words {
    words_of(Voice::Plain)
}

pub fn site() -> Site {
    Site {
        name: "STATION ONE".into(),
        words: english(),
        query: String::new(),
        request_id: None,
        tagline: "Technology news, as received.".into(),
        base: "https://news.example".into(),
        brand: Arc::default(),
        layout_mark: String::new(),
        postal_address: Some("STATION ONE, 1 Mast Road, 10115 Berlin".into()),
        own_pages: vec![("/pages/about".into(), "About us".into())],
        search_engines: true,
        mail_is_captured: false,
    }
}

/// What the sign-up form of [`site`] offers.
pub const OFFER: FormOffer<'static> = FormOffer {
    site_name: "STATION ONE",
    tagline: PITCH,
    only_newsletter: None,
};

pub fn form() -> SignupForm {
    form_of(&english())
}

pub fn form_of(words: &Words) -> SignupForm {
    let choice = |slug: &str, name: &str, chosen| NewsletterChoice {
        slug: slug.into(),
        name: name.into(),
        description: String::new(),
        chosen,
    };
    SignupForm {
        words: form_words(words, OFFER),
        newsletters: vec![
            choice("daily", "Daily broadcast", true),
            choice("weekly", "Weekly log", false),
        ],
        token: "TOKEN_OF_THE_FORM".into(),
        email: String::new(),
        name: String::new(),
        problems: FieldProblems::default(),
        hidden: Vec::new(),
        details: None,
    }
}

/// The entries of the sample feed as `(title, lede, category, author, body, published)`.
fn sample() -> Vec<(String, String, String, String, SanitizedHtml, DateTime<Utc>)> {
    let xml = daywire::cli::demo::sample::sample_feed(noon());
    let feed = daywire::feeds::parse::parse(xml.as_bytes(), None).expect("the sample feed parses");
    let entries = feed.entries.into_iter().map(|entry| {
        (
            entry.title,
            entry.summary,
            entry.category.expect("each sample has a category").to_lowercase(),
            entry.authors[0].clone(),
            entry.content_html,
            entry.published.expect("the date is valid"),
        )
    });
    entries.collect()
}

pub fn front() -> FrontPage {
    let lines = sample()
        .into_iter()
        .zip(0x080_089..)
        .map(|((headline, lede, category, _, _, time), id)| LatestArticle {
            public_id: format!("TX_{id:06X}"),
            topic: Some(topic(&category)),
            language: "en".into(),
            headline,
            href: format!("/articles/TX_{id:06X}/a-slug"),
            lede,
            time: Stamp::utc(time),
            source: Some("transmissions.example".into()),
            also: vec![Source {
                name: "Ars Technica".into(),
                url: "https://arstechnica.com/".into(),
            }],
            more: 2,
        });
    FrontPage {
        site: site(),
        topics: Arc::new(vec![topic("security")]),
        layout: Arc::new(FrontLayout::new(lines.collect())),
        latest_issue: Some(latest_issue()),
        next_issue: Some(Stamp::utc(noon())),
        canonical: "https://news.example/".into(),
        next: Some("/?page=2".into()),
        form: form(),
    }
}

pub fn topic(name: &str) -> TopicLink {
    TopicLink {
        name: name.into(),
        href: format!("/topics/{name}"),
    }
}

fn linked_headline(text: &str) -> Headline {
    Headline {
        text: text.into(),
        href: "/articles/TX_080090/a-slug".into(),
        language: "en".into(),
    }
}

pub fn latest_issue() -> LatestIssue {
    LatestIssue {
        newsletter: "Daily broadcast".into(),
        number: 12,
        href: "/archive/daily/12".into(),
        time: Stamp::utc(noon()),
        headlines: vec![linked_headline("A headline of the issue")],
    }
}

pub fn article() -> ArticlePage {
    let (headline, lede, category, byline, body_html, time) = sample().swap_remove(0);
    let source = |name: &str, url: &str| Source {
        name: name.into(),
        url: url.into(),
    };
    ArticlePage {
        site: site(),
        comments: CommentsBox::Unavailable,
        public_id: "TX_080089".into(),
        topic: Some(topic(&category)),
        topics: Arc::new(vec![topic("security")]),
        language: "en".into(),
        canonical: "https://news.example/articles/TX_080089/a-slug".into(),
        headline,
        lede: Some(lede),
        byline: Some(byline),
        time: Stamp::utc(time),
        picture: None,
        corrections: vec![CorrectionLine {
            time: Stamp::utc(time),
            note: "A name was spelt wrong.".into(),
        }],
        body_html,
        is_excerpt: false,
        sources: vec![
            source("Reuters", "https://www.reuters.com/"),
            source("Odd", "javascript:alert(1)"),
        ],
        also: vec![source("Also", "https://also.example/")],
        more: vec![linked_headline("Another story of the topic")],
        newer: Some(linked_headline("A newer story")),
        earlier: Some(linked_headline("An earlier story")),
        share: ShareData {
            address: "https://news.example/articles/TX_080089/a-slug".into(),
            description: "What happened.".into(),
            image: None,
            published: "2025-11-23T07:09:00+00:00".into(),
            structured: "{}".into(),
            mailto: "mailto:?subject=x".into(),
        },
        form: form(),
    }
}

pub fn story(number: usize) -> StoryView {
    StoryView {
        public_id: format!("TX_{:06X}", 0x080_089 + number),
        lead_topic: Some("security".into()),
        language: Some("en".into()),
        title: format!("Headline number {number} of the day"),
        url: format!("https://transmissions.example/story?a={number}&b=2"),
        excerpt: "What happened, to whom, and what an engineer can do about it before lunch.".into(),
        sources: ["Reuters", "A wire", "B wire"].map(source).into(),
        note: None,
        heading: None,
        heading_language: None,
        image: None,
    }
}

/// A report by the source `name`, with an address of its own.
pub fn source(name: &str) -> SourceView {
    SourceView {
        name: name.into(),
        url: Some(format!(
            "https://{}.example/report",
            name.to_lowercase().replace(' ', "-")
        )),
        title: format!("The event as seen by {name}"),
    }
}

pub fn digest(stories: Vec<StoryView>) -> DigestView {
    DigestView {
        words: english(),
        language: "en".into(),
        site_name: site().name,
        site_url: "https://news.example/".into(),
        newsletter_name: "Daily broadcast".into(),
        issue_number: 12,
        date_line: noon().format("%A %-d %B %Y").to_string(),
        combined: None,
        intro: None,
        stories,
        by_topic: false,
        by_score: true,
        corrections: Vec::new(),
        unsubscribe_url: UNSUBSCRIBE_PLACEHOLDER.into(),
        preferences_url: PREFERENCES_PLACEHOLDER.into(),
        page: None,
        postal_address: site().postal_address,
        look: Arc::default(),
    }
}

pub fn sample_digest() -> DigestView {
    let stories = sample()
        .into_iter()
        .enumerate()
        .map(|(number, (title, lede, category, ..))| StoryView {
            lead_topic: Some(category),
            title,
            excerpt: lede,
            sources: ["Reuters", "A wire", "B wire"]
                .iter()
                .take(1 + number % 3)
                .map(|name| source(name))
                .collect(),
            ..story(number)
        });
    digest(stories.collect())
}

/// A digest with every optional part.
pub fn full_digest() -> DigestView {
    let mut view = sample_digest();
    view.by_topic = true;
    view.page = Some("https://news.example/archive/daily/12".into());
    view.intro = Some("A quiet morning on the band, but for one loud bank.".into());
    let others = ["Ars Technica", "The Register", "Heise", "LWN", "A wire"];
    for (number, story) in view.stories.iter_mut().enumerate() {
        story.heading = (number > 1).then(|| ["Security", "Infrastructure", "Science"][(number - 2) * 3 / 10].into());
        story.sources.extend(
            others
                .iter()
                .take(7_usize.saturating_sub(2 * number))
                .map(|name| source(name)),
        );
        let reports = story.sources.len();
        story.note = (reports > 1).then(|| format!("{reports} sources, the first reached us at 06:{:02}", 12 + number));
    }
    view.stories[1].image = Some(ImageView {
        url: "https://pictures.example/scheduler.png".into(),
        alt: "Two graphs of throughput: the lower one is the release".into(),
        width: 1088,
        height: 480,
    });
    let correction = |kind, title: &str, url: Option<&str>, note: &str| CorrectionView {
        title: title.into(),
        url: url.map(ToOwned::to_owned),
        note: note.into(),
        kind,
    };
    view.corrections = vec![
        correction(
            CorrectionKind::Corrected,
            "Browser vendors agree on a date for the old certificates",
            Some("https://news.example/articles/TX_07FF12/browser-vendors-agree"),
            "The date is 1 March, not 1 May.",
        ),
        correction(
            CorrectionKind::Retracted,
            "A phone that charges in a minute",
            None,
            "The maker withdrew the claim.",
        ),
    ];
    view
}

pub fn confirmation() -> ConfirmationView {
    ConfirmationView {
        words: english(),
        cause: ConfirmationCause::SignUp,
        site_name: site().name,
        site_url: "https://news.example/".into(),
        newsletters: vec!["Daily broadcast".into(), "Weekly log".into()],
        confirm_url: "https://news.example/confirm/AbCdEfGhIjKlMnOpQrStUvWxYz012345".into(),
        valid_for: Duration::from_hours(48),
        postal_address: site().postal_address,
        look: Arc::default(),
    }
}
