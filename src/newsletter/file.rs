//! The TOML file of a newsletter: its keys, and the checks of their values.

use std::collections::BTreeSet;
use std::time::Duration;

use lettre::message::Mailbox;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::error::NewsletterError;
use super::syntax_errors::syntax_error;
use crate::digest::rules::{Caps, Filter, Ranking, Rules};
use crate::digest::subject::SubjectTemplate;
use crate::domain::address::EmailAddress;
use crate::domain::cron::CronSchedule;
use crate::domain::newsletter_topic::NewsletterTopic;
use crate::domain::skip_days::SkipDays;
use crate::domain::slug::NewsletterSlug;
use crate::domain::states::Approval;
use crate::domain::time_zone::TimeZone;
use crate::domain::topics::{self, MAX_TOPICS};
use crate::domain::weekly_day::WeeklyDay;
use crate::text::html::clean_line;
use crate::text::plain::plain_line;
use crate::words::Language;

/// The longest time between the compilation of a draft and its sending.
const MAX_LEAD_TIME: Duration = Duration::from_hours(7 * 24);
/// The longest `grace` and `expire_after`.
const MAX_DURATION: Duration = Duration::from_hours(365 * 24);
/// The most names and categories of all topics together.
const MAX_CATEGORIES: usize = 500;
/// The longest text of a welcome mail.
const MAX_WELCOME_BYTES: usize = 10_000;
/// The longest address for help.
const MAX_HELP: usize = 500;
/// A file without `max_stories` is first checked with this value, the most that a file may set.
const MAX_STORIES_UNKNOWN: usize = 500;

/// The content of a newsletter's file. [`parse`] checks the values.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
pub struct NewsletterFile {
    pub(super) slug: String,
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) from: Option<String>,
    pub(super) reply_to: Option<String>,
    #[serde(default, deserialize_with = "welcome")]
    pub(super) welcome: Option<String>,
    pub(super) help: Option<String>,
    schedule: Option<String>,
    #[serde(default)]
    pub(super) timezone: TimeZone,
    #[serde(default, with = "humantime_serde")]
    pub(super) grace: Option<Duration>,
    #[serde(default, with = "humantime_serde")]
    pub(super) expire_after: Option<Duration>,
    #[serde(default, with = "humantime_serde")]
    pub(super) lead_time: Option<Duration>,
    #[serde(default)]
    pub(super) approval: Option<Approval>,
    #[serde(default)]
    pub(super) skip: SkipDays,
    #[serde(default)]
    pub(super) local_time: bool,
    #[serde(default)]
    pub(super) weekly_day: WeeklyDay,
    #[serde(default = "yes")]
    pub(super) archive: bool,
    #[serde(default = "yes")]
    pub(super) public: bool,
    #[serde(default)]
    topics: Vec<NewsletterTopic>,
    subject: Option<SubjectTemplate>,
    intro: Option<String>,
    language: Option<String>,
    min_stories: Option<usize>,
    max_stories: Option<usize>,
    top_stories: Option<usize>,
    #[serde(default)]
    story_note: bool,
    #[serde(default)]
    include: Filter,
    #[serde(default)]
    exclude: Filter,
    #[serde(default)]
    caps: Caps,
    #[serde(default)]
    ranking: Ranking,
}

impl NewsletterFile {
    /// The rules of the digest. Rules that the file does not set get the values of [`Rules::new`], with `max_stories` from the settings and
    /// the language of the site.
    #[must_use]
    pub fn rules(&self, max_stories: usize, language: Language) -> Rules {
        let usual = Rules::new(self.max_stories.unwrap_or(max_stories));
        Rules {
            subject: self.subject.clone().unwrap_or(usual.subject),
            intro: self.intro.as_deref().map(plain_line),
            language: self.language.clone().unwrap_or_else(|| language.to_string()),
            min_stories: self.min_stories.unwrap_or(usual.min_stories),
            max_stories: usual.max_stories,
            top_stories: self.top_stories.unwrap_or(usual.top_stories),
            story_note: self.story_note,
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            caps: self.caps.clone(),
            topics: self.topics(),
            ranking: self.ranking.clone(),
        }
    }

    /// The parsed cron line; `None` if issues are made on demand only.
    ///
    /// # Errors
    /// [`NewsletterError::Value`] if it does not parse.
    pub(super) fn schedule(&self) -> Result<Option<CronSchedule>, NewsletterError> {
        let schedule = self.schedule.as_deref().map(CronSchedule::parse).transpose();
        schedule.map_err(|error| NewsletterError::Value {
            key: "schedule",
            reason: error.to_string(),
        })
    }

    /// The topics with their capitals, each once.
    fn topics(&self) -> Vec<NewsletterTopic> {
        let mut seen = BTreeSet::new();
        let lines = self.topics.iter().map(|topic| NewsletterTopic {
            name: clean_line(&topic.name),
            categories: topic.categories.iter().map(|category| clean_line(category)).collect(),
        });
        lines.filter(|topic| seen.insert(topics::normal(&topic.name))).collect()
    }

    /// # Errors
    /// If a name is empty, a category belongs to two topics, or there are too many.
    fn check_topics(&self) -> Result<(), String> {
        let topics = self.topics();
        let mut seen = BTreeSet::new();
        for topic in &topics {
            // A topic may repeat a category, and name one that equals its own name.
            let names = std::iter::once(&topic.name).chain(&topic.categories);
            for name in names.map(|name| topics::normal(name)).collect::<BTreeSet<_>>() {
                if name.is_empty() {
                    return Err("“” is not a topic; write a word or more".into());
                }
                if !seen.insert(name.clone()) {
                    return Err(format!("“{name}” belongs to two topics; write it in one of them"));
                }
            }
        }
        for (what, found, max) in [
            ("topics", topics.len(), MAX_TOPICS),
            ("names and categories", seen.len(), MAX_CATEGORIES),
        ] {
            if found > max {
                return Err(format!("there are {found} {what}; write at most {max}"));
            }
        }
        Ok(())
    }
}

/// The default of a switch that is on.
const fn yes() -> bool {
    true
}

/// Reads `welcome`: a text, or whether there is a mail with the built-in text.
fn welcome<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    struct TextOrSwitch;
    impl Visitor<'_> for TextOrSwitch {
        type Value = Option<String>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a text, or true for the built-in text")
        }

        fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
            Ok(value.then(String::new))
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Some(text.trim().to_owned()))
        }
    }
    deserializer.deserialize_any(TextOrSwitch)
}

/// Reads a newsletter's file.
///
/// # Errors
/// [`NewsletterError::Syntax`] with the line, [`NewsletterError::Value`] with the key.
pub fn parse(text: &str) -> Result<NewsletterFile, NewsletterError> {
    let toml = toml::Deserializer::parse(text).map_err(|error| syntax_error(text, "", &error))?;
    let file: NewsletterFile = serde_path_to_error::deserialize(toml).map_err(|error| {
        let key = error.path().to_string();
        syntax_error(text, &key, error.inner())
    })?;
    check(&file)?;
    Ok(file)
}

/// Checks the value of `from` or `reply_to`.
fn check_mailbox(key: &'static str, text: &str) -> Result<(), NewsletterError> {
    let mailbox = text.parse::<Mailbox>().ok();
    let reason = match mailbox.and_then(|mailbox| EmailAddress::parse(mailbox.email.as_ref()).ok()) {
        Some(address) if address.is_ascii_local() => return Ok(()),
        // Most relays refuse a mail with such an address in its header (RFC 6531), and then no reader gets the newsletter.
        Some(_) => format!(
            "most relays cannot carry the address “{text}”; write the part before the @ in ASCII, such as Name <news@example.org>"
        ),
        None => format!("“{text}” is not a mail address; write Name <address@example.org>"),
    };
    Err(NewsletterError::Value { key, reason })
}

/// Checks the value of `help`, which goes into a header of every mail as it is.
fn check_help(text: &str) -> Result<(), String> {
    let is_plain = text.len() <= MAX_HELP
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"<>,".contains(&byte));
    let address = Url::parse(text).ok().filter(|_| is_plain);
    match &address {
        Some(address) if address.scheme() == "https" => Ok(()),
        Some(address) if address.scheme() == "mailto" && EmailAddress::parse(address.path()).is_ok() => Ok(()),
        _ => Err(format!(
            "“{text}” is not an address for help; write https://example.org/help or mailto:help@example.org, in ASCII"
        )),
    }
}

fn check(file: &NewsletterFile) -> Result<(), NewsletterError> {
    let wrong = |key, reason: String| Err(NewsletterError::Value { key, reason });
    if let Err(e) = NewsletterSlug::parse(&file.slug) {
        return wrong("slug", e.to_string());
    }
    if clean_line(&file.name) != file.name || file.name.is_empty() {
        return wrong("name", "write one line of plain text".into());
    }
    for (key, mailbox) in [("from", &file.from), ("reply_to", &file.reply_to)] {
        if let Some(mailbox) = mailbox {
            check_mailbox(key, mailbox)?;
        }
    }
    if file.welcome.as_ref().is_some_and(|text| text.len() > MAX_WELCOME_BYTES) {
        return wrong("welcome", format!("write at most {MAX_WELCOME_BYTES} bytes"));
    }
    if let Some(Err(reason)) = file.help.as_deref().map(check_help) {
        return wrong("help", reason);
    }
    file.schedule()?;
    if file.expire_after.is_some_and(|age| age.is_zero()) {
        return wrong("expire_after", "write a duration above zero, such as 24h".into());
    }
    for (key, value) in [("grace", file.grace), ("expire_after", file.expire_after)] {
        if value.is_some_and(|value| value > MAX_DURATION) {
            return wrong(key, "write at most 365days".into());
        }
    }
    if file.lead_time.is_some_and(|lead| lead > MAX_LEAD_TIME) {
        return wrong("lead_time", "write at most 7days".into());
    }
    if let Err(reason) = file.check_topics() {
        return wrong("topics", reason);
    }
    if file.skip.skips_every_day() {
        return wrong(
            "skip",
            "it names all seven weekdays, so there would never be an issue; leave `schedule` out to send on demand"
                .into(),
        );
    }
    // A file without `max_stories` gets the setting's value when it is applied, and is checked with it again.
    let max_stories = file.max_stories.unwrap_or(MAX_STORIES_UNKNOWN);
    if let Err(invalid) = file.rules(max_stories, Language::default()).check() {
        return wrong(invalid.key, invalid.detail);
    }
    Ok(())
}
