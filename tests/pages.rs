//! The pages as readers see them.

use std::sync::Arc;

use crate::support::views::{OFFER, article, english, form, front, latest_issue, noon, site, words_of};
use askama::Template;
use daywire::domain::states::{Cadence, CorrectionKind};
use daywire::signup::form_words::form_words;
use daywire::text::html::SanitizedHtml;
use daywire::text::search::TextPart;
use daywire::web::pages::{
    AddressPage, AddressStep, AfterLeaving, ArchivePage, ArticlePage, ConfirmFailedPage, ConfirmFailure, ConfirmPage,
    ConfirmedPage, ErrorPage, FieldProblem, FieldProblems, FrontPage, InboxLine, InboxMessagePage, InboxPage,
    InboxView, IssueBody, IssuePage, LanguageChoice, LinkSentPage, LostLinkPage, LostLinkSentPage, ManageLine,
    ManagePage, NewestIssue, NoIssuePage, OwnPage, PastCorrection, PastIssueLine, PauseFields, PausePage, Picture,
    PreferencesPage, PrivacyAction, PrivacyPage, Report, RestoredPage, SearchPage, SearchResult, SignupDetails,
    SignupForm, Source, Stamp, StoriesPage, StoryCorrection, StoryLine, SubscribePage, SubscribeSentPage, TopicChoice,
    TopicGroup, TopicLink, UnsubscribePage, UnsubscribedPage, assets,
};
use daywire::words::{Language, Voice};

const HOSTILE: &str = "\"><script>alert('1')</script>";

fn wrong_address() -> FieldProblems {
    FieldProblems {
        of_page: None,
        of_fields: vec![FieldProblem {
            field: "email",
            text: "This is no email address.".into(),
        }],
    }
}

fn hostile_problems(fields: &[&'static str]) -> Vec<FieldProblem> {
    let problems = fields.iter().map(|field| FieldProblem {
        field,
        text: HOSTILE.into(),
    });
    problems.collect()
}

fn line() -> InboxLine {
    InboxLine {
        id: "1".into(),
        subject: HOSTILE.into(),
        from: "Desk <desk@news.example>".into(),
        to: "ada@reader.example".into(),
        time: Stamp::utc(noon()),
        bytes: 2_048,
    }
}

fn message(view: InboxView) -> InboxMessagePage {
    InboxMessagePage {
        site: site(),
        message: line(),
        view,
        links: vec!["https://news.example/confirm/x".into()],
    }
}

fn hostile_article() -> ArticlePage {
    let mut article = article();
    article.headline = HOSTILE.into();
    article.language = HOSTILE.into();
    article.byline = Some(HOSTILE.into());
    article.corrections[0].note = HOSTILE.into();
    article.sources[0].name = HOSTILE.into();
    article
}

fn archive() -> ArchivePage {
    let line = PastIssueLine {
        href: "/archive/daily/12".into(),
        number: 12,
        newsletter: HOSTILE.into(),
        subject: HOSTILE.into(),
        time: Stamp::utc(noon()),
    };
    let newsletters = vec![
        ("daily".to_owned(), HOSTILE.to_owned()),
        ("weekly".to_owned(), "Weekly".to_owned()),
    ];
    ArchivePage {
        site: site(),
        newsletter: newsletters.first().cloned(),
        description: HOSTILE.into(),
        newsletters,
        canonical: "https://news.example/archive/daily".into(),
        months: vec![("November 2025".into(), vec![line])],
        earlier: Some("/archive/daily?before=x".into()),
        form: form(),
    }
}

fn issue() -> IssuePage {
    let changed = |kind| StoryCorrection {
        kind,
        time: Stamp::utc(noon()),
        note: HOSTILE.into(),
        article: Some(HOSTILE.into()),
    };
    let source = Source {
        name: HOSTILE.into(),
        url: "javascript:alert(1)".into(),
    };
    let story = StoryLine {
        heading: Some(HOSTILE.into()),
        heading_language: HOSTILE.into(),
        level: 3,
        public_id: "TX_080089".into(),
        category: Some(HOSTILE.into()),
        language: HOSTILE.into(),
        headline: HOSTILE.into(),
        href: "/articles/TX_080089/a".into(),
        lede: HOSTILE.into(),
        picture: None,
        note: Some(HOSTILE.into()),
        sources: vec![Report {
            source,
            retracted: false,
        }],
        retracted: true,
        corrections: vec![changed(CorrectionKind::Corrected), changed(CorrectionKind::Retracted)],
    };
    let correction = PastCorrection {
        kind: CorrectionKind::Corrected,
        headline: HOSTILE.into(),
        href: None,
        note: HOSTILE.into(),
    };
    IssuePage {
        site: site(),
        slug: "daily".into(),
        newsletter: HOSTILE.into(),
        number: 12,
        subject: HOSTILE.into(),
        canonical: "https://news.example/archive/daily/12".into(),
        date_line: "Sunday 23 November 2025".into(),
        time: Stamp::utc(noon()),
        issue: IssueBody {
            words: english(),
            language: "en".into(),
            intro: Some(HOSTILE.into()),
            stories: vec![story],
            corrections: vec![correction],
        },
        edition: None,
        previous: Some(11),
        next: Some(13),
        form: form(),
    }
}

/// The pages of past issues and of preferences, with hostile text.
fn other_pages() -> [(&'static str, askama::Result<String>); 5] {
    let missing = NoIssuePage {
        site: site(),
        happened: HOSTILE.into(),
        newsletter: Some(("daily".into(), HOSTILE.into())),
    };
    let pause = PauseFields {
        until: Some("1 December 2026".into()),
        is_after_bounces: false,
        typed: HOSTILE.into(),
        ends: true,
    };
    let paused = PausePage {
        site: site(),
        newsletter: HOSTILE.into(),
        address: HOSTILE.into(),
        action: "/preferences/t".into(),
        unsubscribe: "/unsubscribe/t".into(),
        saved: true,
        problems: FieldProblems {
            of_page: Some(HOSTILE.into()),
            of_fields: hostile_problems(&["pause_until"]),
        },
        ended: None,
        pause: pause.clone(),
    };
    let preferences = PreferencesPage {
        site: site(),
        newsletter: HOSTILE.into(),
        address: HOSTILE.into(),
        action: "/preferences/t/newsletters/daily".into(),
        all: "/preferences/t".into(),
        unsubscribe: "/unsubscribe/t".into(),
        saved: true,
        problems: FieldProblems {
            of_page: Some(HOSTILE.into()),
            of_fields: hostile_problems(&["topic", "cadence", "timezone", "language", "pause_until"]),
        },
        topics: vec![TopicChoice {
            name: HOSTILE.into(),
            label: HOSTILE.into(),
            chosen: true,
        }],
        weekly: true,
        timezone: HOSTILE.into(),
        languages: vec![LanguageChoice {
            language: Language::German,
            chosen: true,
        }],
        pause,
    };
    [
        ("archive", archive().render()),
        ("issue", issue().render()),
        ("no-issue", missing.render()),
        ("preferences", preferences.render()),
        ("pause", paused.render()),
    ]
}

/// Every page, with hostile text wherever outsiders can put some.
#[allow(clippy::too_many_lines, reason = "it renders every page once")]
fn all_pages() -> Vec<(&'static str, String)> {
    let mut front = front();
    let hostile_topic = TopicLink {
        name: HOSTILE.into(),
        href: "/topics/a".into(),
    };
    front.topics = Arc::new(vec![hostile_topic.clone()]);
    let lead = Arc::make_mut(&mut front.layout)
        .lead
        .as_mut()
        .expect("there is a story");
    lead.headline = HOSTILE.into();
    lead.lede = HOSTILE.into();
    lead.topic = Some(hostile_topic.clone());
    lead.source = Some(HOSTILE.into());
    let stories = StoriesPage {
        site: site(),
        topics: Arc::clone(&front.topics),
        topic: Some(hostile_topic),
        canonical: "https://news.example/topics/a".into(),
        stories: vec![lead.clone()],
        next: Some("/topics/a?page=2".into()),
        is_first: false,
        form: form(),
    };
    let part = TextPart {
        text: HOSTILE.into(),
        found: true,
    };
    let search = SearchPage {
        site: site(),
        typed: HOSTILE.into(),
        is_asked: true,
        total: 1,
        is_cut: false,
        results: vec![SearchResult {
            label: HOSTILE.into(),
            language: HOSTILE.into(),
            href: "/articles/TX_080089/a".into(),
            headline: vec![part.clone()],
            snippet: vec![part],
            source: HOSTILE.into(),
            time: Stamp::utc(noon()),
        }],
        previous: None,
        next: Some("/search?q=a&page=2".into()),
    };
    let own_page = OwnPage {
        site: site(),
        canonical: "https://news.example/pages/about".into(),
        language: HOSTILE.into(),
        title: HOSTILE.into(),
        html: SanitizedHtml::default(),
    };
    let typed = SignupForm {
        email: HOSTILE.into(),
        name: HOSTILE.into(),
        problems: wrong_address(),
        hidden: vec![("next", HOSTILE.into())],
        details: Some(SignupDetails {
            topics: vec![TopicGroup {
                newsletter: Some(HOSTILE.into()),
                topics: vec![TopicChoice {
                    name: HOSTILE.into(),
                    label: HOSTILE.into(),
                    chosen: true,
                }],
            }],
            cadence: Some(Cadence::Weekly),
            timezone: Some(HOSTILE.into()),
            language: Language::Arabic,
        }),
        ..form()
    };
    let (site, newsletters) = (site(), vec!["Daily broadcast".to_owned()]);
    let failed = |failure| {
        ConfirmFailedPage {
            site: site.clone(),
            failure,
            within: HOSTILE.into(),
            can_sign_up: true,
            new_link: "/confirm/t/new".into(),
        }
        .render()
    };
    let rendered = [
        ("front", front.render()),
        ("stories", stories.render()),
        ("search", search.render()),
        ("own page", own_page.render()),
        ("article", hostile_article().render()),
        (
            "subscribe",
            SubscribePage {
                site: site.clone(),
                next_issue: Some(Stamp::utc(noon())),
                latest_issue: Some(latest_issue()),
                form: typed,
            }
            .render(),
        ),
        ("sent", SubscribeSentPage { site: site.clone() }.render()),
        (
            "confirm",
            ConfirmPage {
                site: site.clone(),
                newsletters: newsletters.clone(),
                action: "/confirm/t".into(),
            }
            .render(),
        ),
        (
            "confirmed",
            ConfirmedPage {
                site: site.clone(),
                newsletters,
                latest: vec![NewestIssue {
                    href: "/archive/daily/1".into(),
                    subject: HOSTILE.into(),
                    language: Language::German,
                }],
            }
            .render(),
        ),
        ("superseded", failed(ConfirmFailure::Superseded)),
        (
            "manage",
            ManagePage {
                site: site.clone(),
                address: HOSTILE.into(),
                newsletters: vec![ManageLine {
                    slug: "daily".into(),
                    name: HOSTILE.into(),
                    description: HOSTILE.into(),
                    is_paused: true,
                    settings: Some("/preferences/s".into()),
                }],
                action: "/preferences/t".into(),
                saved: true,
                problem: Some(HOSTILE.into()),
                address_problem: Some(HOSTILE.into()),
                address_typed: HOSTILE.into(),
            }
            .render(),
        ),
        (
            "address",
            AddressPage {
                site: site.clone(),
                step: AddressStep::Confirm,
                action: "/address/t".into(),
            }
            .render(),
        ),
        ("lost link sent", LostLinkSentPage { site: site.clone() }.render()),
        (
            "lost link",
            LostLinkPage {
                site: site.clone(),
                email: HOSTILE.into(),
                problem: Some(HOSTILE.into()),
            }
            .render(),
        ),
        ("expired", failed(ConfirmFailure::Expired)),
        ("used", failed(ConfirmFailure::Used)),
        ("unknown", failed(ConfirmFailure::Unknown)),
        (
            "unsubscribe",
            UnsubscribePage {
                site: site.clone(),
                newsletter: "Daily".into(),
                action: "/unsubscribe/t".into(),
                preferences: "/preferences/t".into(),
            }
            .render(),
        ),
        (
            "unsubscribed",
            UnsubscribedPage {
                site: site.clone(),
                newsletter: "Daily".into(),
                subscribe: Some("/subscribe?newsletter=daily".into()),
                preferences: "/preferences/t".into(),
                after: Some(AfterLeaving {
                    undo: Some("/unsubscribe/undo/t".into()),
                    reason: "/unsubscribe/reason/t".into(),
                    reasons: vec![("too_often", "Too many issues".into())],
                    max_note: 300,
                    thanked: false,
                }),
            }
            .render(),
        ),
        (
            "restored",
            RestoredPage {
                site: site.clone(),
                newsletter: "Daily".into(),
            }
            .render(),
        ),
        (
            "erase",
            PrivacyPage {
                site: site.clone(),
                action: PrivacyAction::Erase,
                post_to: "/erase/t".into(),
                address: "ada@reader.example".into(),
            }
            .render(),
        ),
        (
            "link sent",
            LinkSentPage {
                site: site.clone(),
                within: HOSTILE.into(),
                preferences: "/preferences/t".into(),
            }
            .render(),
        ),
        (
            "error",
            ErrorPage {
                site: site.clone(),
                status: 404,
                title: "No such page".into(),
                happened: HOSTILE.into(),
                next: "Go to the front page.".into(),
            }
            .render(),
        ),
        (
            "inbox",
            InboxPage {
                site,
                messages: vec![line()],
            }
            .render(),
        ),
        ("inbox-html", message(InboxView::Html).render()),
        ("inbox-text", message(InboxView::Text(HOSTILE.into())).render()),
        ("inbox-source", message(InboxView::Source(HOSTILE.into())).render()),
    ];
    rendered
        .into_iter()
        .chain(other_pages())
        .map(|(name, page)| (name, page.expect("the template renders")))
        .collect()
}

#[test]
fn every_page_is_complete_and_obeys_the_content_policy() {
    for (name, page) in all_pages() {
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"), "{name}");
        assert!(page.trim_end().ends_with("</html>"), "{name}");
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        assert!(
            page.contains("<a class=\"skip\" href=\"#main\">") && page.contains("<main id=\"main\""),
            "{name}"
        );
        assert!(page.contains("<a href=\"/\">STATION ONE</a>"), "{name}");
        // Browsers do not run a data block.
        let mut page = page.replace("<script type=\"application/ld+json\">", "");
        for own in ["time-zone.js", "altcha.js"] {
            page = page.replace(&format!("<script src=\"/assets/{own}\" defer></script>"), "");
        }
        for forbidden in ["<script", "<style", " style=", " onclick", "<base"] {
            assert!(!page.contains(forbidden), "{name} has {forbidden}");
        }
        for loaded in page.split("src=\"").skip(1).chain(page.split("action=\"").skip(1)) {
            assert!(loaded.starts_with('/') && !loaded.starts_with("//"), "{name}");
        }
    }
}

#[test]
fn forms_show_the_consent_text_that_is_recorded() {
    let recorded = form_words(&english(), OFFER).as_shown();
    for (name, page) in all_pages() {
        if ["front", "stories", "article", "archive", "issue", "subscribe"].contains(&name) {
            let page = page.replace("&#39;", "'");
            assert!(
                recorded.lines().all(|line| page.contains(&format!(">{line}</"))),
                "{name}"
            );
        }
    }
    assert_eq!(recorded.lines().count(), 5);
}

#[test]
fn the_form_has_the_fields_that_subscribe_reads() {
    for (name, page) in all_pages() {
        if ["front", "stories", "article", "archive", "issue", "subscribe"].contains(&name) {
            assert!(page.contains("method=\"post\" action=\"/subscribe\""), "{name}");
            for field in ["newsletter", "email", "website"] {
                assert!(page.contains(&format!("name=\"{field}\"")), "{name} lacks {field}");
            }
        }
    }
    assert!(
        assets::SITE_CSS.contains(".unused { display: none; }"),
        "people do not see the trap"
    );
}

#[test]
fn the_form_on_the_front_page_subscribes_to_one_newsletter() {
    let page = front().render().expect("the template renders");
    assert!(page.contains("<input type=\"hidden\" name=\"newsletter\" value=\"daily\">"));
    assert!(!page.contains("value=\"weekly\""));
}

#[test]
fn a_refused_form_keeps_its_input_and_shows_the_reason() {
    let form = SignupForm {
        email: "ada@".into(),
        problems: wrong_address(),
        ..form()
    };
    let page = SubscribePage {
        site: site(),
        next_issue: None,
        latest_issue: None,
        form,
    }
    .render()
    .expect("the template renders");
    assert!(page.contains("value=\"ada@\" aria-invalid=\"true\" aria-describedby=\"email-problem\""));
    assert!(page.contains("id=\"email-problem\" role=\"alert\">This is no email address.</p>"));
}

#[test]
fn an_article_shows_its_body_and_sources_and_the_radio_voice_that_there_are_no_comments() {
    let page = article().render().expect("the template renders");
    assert!(
        page.contains("<p>A large bank has told"),
        "the sanitised body is printed as it is"
    );
    assert!(page.contains("<a href=\"https://www.reuters.com/\">Reuters</a>"));
    assert!(
        !page.contains("javascript:"),
        "an address that is no web address gets no link"
    );
    assert!(page.contains("id=\"signup\"") && !page.contains("id=\"comments\""));
    let radio = ArticlePage {
        site: daywire::web::pages::Site {
            words: words_of(Voice::Radio),
            ..site()
        },
        ..article()
    };
    let radio = radio.render().expect("the template renders");
    for words in [
        "operator_channel",
        "comments_offline · provider_not_configured",
        "TX_080089",
    ] {
        assert!(radio.contains(words), "{words} is missing");
    }
}

#[test]
fn an_excerpt_links_its_publisher() {
    let mut shown = article();
    shown.is_excerpt = true;
    shown.body_html = SanitizedHtml::default();
    shown.canonical = "https://www.reuters.com/".into();
    let page = shown.render().expect("the template renders");
    assert!(page.contains("<link rel=\"canonical\" href=\"https://www.reuters.com/\">"));
    assert!(page.contains("<a href=\"https://www.reuters.com/\">Read at Reuters</a>"));
    assert!(!page.contains("class=\"body\"") && !page.contains("Sources"), "{page}");
}

#[test]
fn an_article_shows_its_language_picture_and_corrections() {
    let mut shown = article();
    shown.picture = Some(Picture {
        url: "https://img.example/mast.jpg?a=1&b=2".into(),
        alt: "A mast, \"live\"".into(),
        size: Some((1200, 630)),
    });
    let page = shown.render().expect("the template renders");
    assert!(page.contains("<h1 lang=\"en\">") && page.contains("<div class=\"body\" lang=\"en\">"));
    assert!(page.contains(
        "<img src=\"https://img.example/mast.jpg?a=1&#38;b=2\" alt=\"A mast, &#34;live&#34;\" width=\"1200\" height=\"630\" \
         referrerpolicy=\"no-referrer\">"
    ));
    assert!(page.contains("</time> A name was spelt wrong.</li>"));
    shown.corrections.clear();
    shown.language = "ar".into();
    let page = shown.render().expect("the template renders");
    assert!(!page.contains("Corrections"));
    assert!(
        page.contains("<header dir=\"rtl\">")
            && page.contains("<h1 lang=\"ar\">")
            && page.contains("<div class=\"body\" lang=\"ar\" dir=\"rtl\">")
    );
    let mut front = front();
    let layout = Arc::make_mut(&mut front.layout);
    layout.seconds[0].language = "he-IL".into();
    layout.seconds[1].language = String::new();
    let page = front.render().expect("the template renders");
    assert!(
        page.contains("<article class=\"story\" dir=\"rtl\">") && page.contains("<h3 lang=\"he-IL\"><a"),
        "{page}"
    );
    assert!(page.contains("<h3><a") && !page.contains("lang=\"\""), "{page}");
}

#[test]
fn a_front_page_without_articles_or_newsletters_has_no_form() {
    let form = SignupForm {
        newsletters: Vec::new(),
        ..form()
    };
    let page = FrontPage {
        site: site(),
        topics: Arc::default(),
        layout: Arc::default(),
        latest_issue: None,
        next_issue: None,
        canonical: "https://news.example/".into(),
        next: None,
        form,
    }
    .render()
    .expect("the template renders");
    assert!(page.contains("Nothing here yet."));
    assert!(
        !page.contains("action=\"/subscribe\"") && !page.contains("class=\"problem\""),
        "{page}"
    );
}

#[test]
fn captured_mail_is_announced_on_every_page() {
    let site = daywire::web::pages::Site {
        mail_is_captured: true,
        ..site()
    };
    let page = SubscribeSentPage { site }.render().expect("the template renders");
    assert!(page.contains("mail is captured here, not delivered") && page.contains("href=\"/inbox\""));
    assert!(!front().render().expect("the template renders").contains("/inbox"));
}

#[test]
fn captured_html_mail_is_shown_in_a_sandboxed_frame() {
    let page = message(InboxView::Html).render().expect("the template renders");
    assert!(page.contains("<iframe class=\"mail\" src=\"/inbox/1/html\" sandbox title="));
}
