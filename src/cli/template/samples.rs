//! Sample data for every template: an empty digest, a long one, right-to-left text, and the radio voice.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;

use super::sample_mail::{SampleMail, TOKEN};
use crate::config::Config;
use crate::digest::render::{
    CorrectionView, DigestView, ImageView, PREFERENCES_PLACEHOLDER, SourceView, StoryView, UNSUBSCRIBE_PLACEHOLDER,
    render, with_links,
};
use crate::domain::states::CorrectionKind;
use crate::mail::look::{MailLook, MailSite};
use crate::notices;
use crate::signup::confirmation_mail::{self, ConfirmationCause, ConfirmationView};
use crate::signup::subscription_mail::{self, MailCause, SubscriptionLine, SubscriptionMailLink, SubscriptionMailView};
use crate::signup::welcome_mail::{self, LatestIssue};
use crate::templates::TemplateFault;
use crate::web::layout;
use crate::words::{Language, Locales, Voice, Words};

/// So many stories that the last ones are listed as headlines only, or just counted.
const MANY: usize = 400;

/// Renders all templates. Their own faults are collected by `look.templates`; those that preflight finds in mails are returned.
pub(super) fn render_all(config: &Config, locales: &Locales, look: &Arc<MailLook>) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    for (language, voice) in [
        (Language::English, Voice::Plain),
        (Language::English, Voice::Radio),
        (Language::Arabic, Voice::Plain),
    ] {
        let words = locales.words(language, voice);
        layout::render_sample(&look.templates, config, words.clone());
        for mail in mails(config, look, &words) {
            faults.extend(mail.preflight(config, &look.templates));
        }
        let counts: &[usize] = if language == Language::English {
            &[0, 1, 12, MANY]
        } else {
            &[0, 1, 12]
        };
        for stories in counts.iter().copied() {
            let view = digest(config, look, &words, stories);
            // Nothing but the settings can make a digest too large here, and the built-in template reports that.
            if let Ok(rendered) = render(&view) {
                let mail = issue_mail(config, view.newsletter_name, &rendered.html, &rendered.text);
                faults.extend(mail.preflight(config, &look.templates));
            }
        }
    }
    faults
}

/// An issue as a reader gets it, with the placeholders of its links filled in.
pub(super) fn issue_mail(config: &Config, subject: String, html: &str, text: &str) -> SampleMail {
    let base = config.site.url.to_string();
    SampleMail {
        names: ["digest.html", "digest.txt"],
        subject,
        html: with_links(html, &base, TOKEN),
        text: with_links(text, &base, TOKEN),
        is_issue: true,
    }
}

/// The mails that are no digest. A part whose template failed is the built-in one, and the built-in ones do not fail.
fn mails(config: &Config, look: &Arc<MailLook>, words: &Words) -> Vec<SampleMail> {
    let mut mails = Vec::new();
    let mut add = |names, subject: &str, rendered: Result<(String, String), askama::Error>| {
        mails.extend(rendered.ok().map(|(html, text)| SampleMail {
            names,
            subject: subject.to_owned(),
            html,
            text,
            is_issue: false,
        }));
    };
    let site = MailSite {
        name: &config.site.name,
        url: config.site.url.to_string(),
        postal_address: config.site.postal_address.as_deref(),
        look,
    };
    for cause in [ConfirmationCause::SignUp, ConfirmationCause::Import] {
        let confirmation = confirmation_mail::render(&ConfirmationView {
            words: words.clone(),
            cause,
            site_name: config.site.name.clone(),
            site_url: site.url.clone(),
            newsletters: vec!["Morning briefing".into(), "Weekend".into()],
            confirm_url: format!("{}/confirm/{TOKEN}", site.url),
            valid_for: Duration::from_hours(48),
            postal_address: config.site.postal_address.clone(),
            look: Arc::clone(look),
        });
        let parts = confirmation.map(|mail| (mail.html, mail.text));
        add(["confirmation.html", "confirmation.txt"], "Confirm", parts);
    }
    let latest = LatestIssue {
        subject: "Bridge opens again, and 11 more".into(),
        url: format!("{}/archive/morning/42", site.url),
    };
    let paragraphs = [
        words.welcome_text("Morning briefing"),
        "Good to have you & <friends> here.".into(),
    ];
    for latest in [None, Some(&latest)] {
        let subject = words.welcome_subject("Morning briefing");
        let welcome = welcome_mail::render(&site, words, &subject, &paragraphs, latest, TOKEN);
        add(["welcome.html", "welcome.txt"], &subject, welcome);
    }
    let subscription = |newsletter: &str, notes: Vec<String>| SubscriptionLine {
        newsletter: newsletter.to_owned(),
        notes,
        token: TOKEN.to_owned(),
    };
    let manage = SubscriptionMailLink {
        label: words.change_preferences(),
        url: format!("{}/preferences/{TOKEN}", site.url),
    };
    for (subscriptions, link, cause) in [
        (
            vec![
                subscription("Morning briefing", vec![words.already_subscribed_paused()]),
                subscription("Weekend", Vec::new()),
            ],
            None,
            MailCause::Subscribed,
        ),
        (Vec::new(), Some(manage.clone()), MailCause::Requested),
        (Vec::new(), Some(manage), MailCause::FormerAddress),
    ] {
        let view = SubscriptionMailView {
            subject: words.already_subscribed_subject("Morning briefing"),
            opening: words.already_subscribed_opening(&config.site.name, "Morning briefing"),
            subscriptions,
            link,
            closing: words.already_subscribed_closing(),
            cause,
        };
        let mail = subscription_mail::render(&site, words, &view);
        add(["subscription.html", "subscription.txt"], &view.subject, mail);
    }
    let text = "A feed has failed for three days.\n\nSee why:\ndaywire feed list";
    let subject = "A feed has failed";
    let notice = notices::render(&site, words, subject, text);
    add(["notice.html", "notice.txt"], subject, notice);
    mails
}

fn digest(config: &Config, look: &Arc<MailLook>, words: &Words, stories: usize) -> DigestView {
    let base = config.site.url.to_string();
    let is_rich = stories > 1;
    let correction = |kind| CorrectionView {
        title: "A bridge was closed, not demolished".into(),
        url: Some(format!("{base}/articles/TX_000001/bridge")),
        note: "An earlier version said that the bridge was demolished.".into(),
        kind,
    };
    DigestView {
        language: words.language().tag().to_owned(),
        site_name: config.site.name.clone(),
        site_url: format!("{base}/"),
        newsletter_name: "Morning briefing".into(),
        issue_number: 42,
        date_line: words.full_date(DateTime::UNIX_EPOCH.date_naive()),
        combined: is_rich.then(|| words.best_of_week(41_i64, 42_i64)),
        intro: is_rich.then(|| "A quiet morning & a <loud> evening.".into()),
        stories: (0..stories).map(|number| story(number, words, is_rich)).collect(),
        by_score: true,
        by_topic: is_rich,
        corrections: match stories {
            1 => Vec::new(),
            MANY => vec![correction(CorrectionKind::Corrected); 14],
            _ => vec![
                correction(CorrectionKind::Corrected),
                correction(CorrectionKind::Retracted),
            ],
        },
        unsubscribe_url: UNSUBSCRIBE_PLACEHOLDER.into(),
        preferences_url: PREFERENCES_PLACEHOLDER.into(),
        page: is_rich.then(|| format!("{base}/archive/morning/42")),
        postal_address: config.site.postal_address.clone(),
        look: Arc::clone(look),
        words: words.clone(),
    }
}

fn story(number: usize, words: &Words, is_rich: bool) -> StoryView {
    let is_arabic = words.language() == Language::Arabic;
    let title = if is_arabic {
        "إعادة فتح الجسر فوق النهر بعد أسبوع من الإصلاحات"
    } else {
        "The bridge over the river opens again after a week of “repairs” & talks"
    };
    let source = |name: &str| SourceView {
        name: name.to_owned(),
        url: Some(format!("https://{}.example/{number}?a=1&b=2", name.to_lowercase())),
        title: title.to_owned(),
    };
    // The first story has everything that a story can have, the second one as little as possible, and the third another language.
    let is_bare = number % 3 == 1;
    let names: &[&str] = if is_bare {
        &[]
    } else {
        &[
            "Herald", "Courier", "Tribune", "Observer", "Standard", "Monitor", "Echo",
        ]
    };
    StoryView {
        public_id: format!("TX_{:06X}", 0x080_000 + number),
        lead_topic: (!is_bare).then(|| "Traffic".into()),
        language: match number % 3 {
            0 => Some(words.language().tag().to_owned()),
            1 => None,
            _ => Some(if is_arabic { "en" } else { "ar" }.into()),
        },
        title: format!("{title} ({number})"),
        url: format!("https://herald.example/{number}?a=1&b=2"),
        excerpt: if is_bare {
            String::new()
        } else {
            format!("{title}. ").repeat(8)
        },
        sources: names.iter().map(|name| source(name)).collect(),
        note: (!is_bare).then(|| words.story_sources(names.len(), "06:12 CET")),
        heading: (is_rich && number > 1).then(|| "Traffic".into()),
        heading_language: None,
        image: (is_rich && number == 0).then(|| ImageView {
            url: "https://herald.example/bridge.jpg".into(),
            alt: "The bridge".into(),
            width: 1200,
            height: 800,
        }),
    }
}
