//! Newsletters are described by a TOML file; applying the same file twice changes nothing.

pub mod removal;

mod shown;
mod syntax;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use lettre::message::Mailbox;
use serde::Deserialize;

use crate::app::App;
use crate::digest::rules::{Caps, Filter, Ranking, Rules};
use crate::digest::subject::SubjectTemplate;
use crate::domain::address::EmailAddress;
use crate::domain::cron::CronSchedule;
use crate::domain::ids::NewsletterId;
use crate::domain::skip_days::SkipDays;
use crate::domain::slug::NewsletterSlug;
use crate::domain::states::Approval;
use crate::domain::time_zone::TimeZone;
use crate::domain::topics::{self, Topics};
use crate::domain::weekly_day::WeeklyDay;
use crate::store::StoreError;
use crate::store::newsletters::Newsletter;
use crate::text::html::clean_line;
use crate::text::plain::plain_line;
pub use shown::{ChangedKey, file_of};
use syntax::explained;

/// How late a missed run may still be made, unless the file says otherwise.
const DEFAULT_GRACE: TimeDelta = TimeDelta::hours(6);

/// What the file may hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
pub struct NewsletterFile {
    slug: String,
    name: String,
    #[serde(default)]
    description: String,
    from: Option<String>,
    schedule: Option<String>,
    #[serde(default)]
    timezone: TimeZone,
    #[serde(default, with = "humantime_serde")]
    grace: Option<Duration>,
    #[serde(default, with = "humantime_serde")]
    expire_after: Option<Duration>,
    #[serde(default, with = "humantime_serde")]
    lead_time: Option<Duration>,
    #[serde(default)]
    approval: Option<Approval>,
    #[serde(default)]
    skip: SkipDays,
    #[serde(default)]
    local_time: bool,
    #[serde(default)]
    weekly_day: WeeklyDay,
    #[serde(default = "yes")]
    archive: bool,
    #[serde(default = "yes")]
    public: bool,
    #[serde(default)]
    topics: Vec<String>,
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
    /// The parsed cron line.
    ///
    /// # Errors
    /// [`NewsletterError::Value`] if it does not parse.
    fn schedule(&self) -> Result<Option<CronSchedule>, NewsletterError> {
        let schedule = self.schedule.as_deref().map(CronSchedule::parse).transpose();
        schedule.map_err(|error| NewsletterError::Value {
            key: "schedule",
            reason: error.to_string(),
        })
    }

    /// The rules of the digest that the file sets; what it leaves out is as `max_stories` and [`Rules::new`] say.
    #[must_use]
    pub fn rules(&self, max_stories: usize) -> Rules {
        let usual = Rules::new(self.max_stories.unwrap_or(max_stories));
        Rules {
            subject: self.subject.clone().unwrap_or(usual.subject),
            intro: self.intro.as_deref().map(plain_line),
            language: self.language.clone().unwrap_or(usual.language),
            min_stories: self.min_stories.unwrap_or(usual.min_stories),
            max_stories: usual.max_stories,
            top_stories: self.top_stories.unwrap_or(usual.top_stories),
            story_note: self.story_note,
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            caps: self.caps.clone(),
            ranking: self.ranking.clone(),
        }
    }

    /// The topics that readers can choose from, each once, as they are written.
    fn topics(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let lines = self.topics.iter().map(|topic| clean_line(topic));
        lines.filter(|topic| seen.insert(topics::normal(topic))).collect()
    }
}

/// The longest that a draft may lie before it is sent.
const MAX_LEAD_TIME: Duration = Duration::from_hours(7 * 24);
/// The longest grace, and the longest that anything may be tried.
const LONGEST: Duration = Duration::from_hours(365 * 24);

const fn yes() -> bool {
    true
}

/// Why a file was not applied.
#[derive(Debug, thiserror::Error)]
pub enum NewsletterError {
    /// It is not such a file.
    #[error("{0}")]
    Syntax(String),
    /// A value cannot be used.
    #[error("{key}: {reason}")]
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong and what is allowed.
        reason: String,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What applying a file did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The newsletter is new.
    Created,
    /// It had been removed, and exists again, without readers.
    Restored,
    /// It has other values now.
    Changed(Vec<ChangedKey>),
    /// It had the same values already.
    Unchanged,
}

/// Reads a newsletter's file.
///
/// # Errors
/// [`NewsletterError::Syntax`] with the line, [`NewsletterError::Value`] with the key.
pub fn parse(text: &str) -> Result<NewsletterFile, NewsletterError> {
    let toml = toml::Deserializer::parse(text).map_err(|error| explained(text, "", &error))?;
    let file: NewsletterFile = serde_path_to_error::deserialize(toml).map_err(|error| {
        let key = error.path().to_string();
        explained(text, &key, error.inner())
    })?;
    let wrong = |key, reason: String| Err(NewsletterError::Value { key, reason });
    if let Err(e) = NewsletterSlug::parse(&file.slug) {
        return wrong("slug", e.to_string());
    }
    if clean_line(&file.name) != file.name || file.name.is_empty() {
        return wrong("name", "write one line of plain text".into());
    }
    if let Some(from) = &file.from {
        let mailbox = from.parse::<Mailbox>().ok();
        match mailbox.and_then(|mailbox| EmailAddress::parse(mailbox.email.as_ref()).ok()) {
            Some(sender) if sender.is_ascii_local() => {}
            // Most relays refuse such a sender (RFC 6531), and then no reader gets the newsletter.
            Some(_) => {
                return wrong(
                    "from",
                    format!(
                        "most relays cannot carry the sender “{from}”; write the part before the @ in ASCII, such as \
                         Name <news@example.org>"
                    ),
                );
            }
            None => {
                return wrong(
                    "from",
                    format!("“{from}” is not a sender; write Name <address@example.org>"),
                );
            }
        }
    }
    file.schedule()?;
    if file.expire_after.is_some_and(|age| age.is_zero()) {
        return wrong("expire_after", "write a duration above zero, such as 24h".into());
    }
    for (key, value) in [("grace", file.grace), ("expire_after", file.expire_after)] {
        if value.is_some_and(|value| value > LONGEST) {
            return wrong(key, "write at most 365days".into());
        }
    }
    if file.lead_time.is_some_and(|lead| lead > MAX_LEAD_TIME) {
        return wrong("lead_time", "write at most 7days".into());
    }
    let all = file.topics();
    if let Some(empty) = all.iter().find(|topic| topics::normal(topic).is_empty()) {
        return wrong("topics", format!("“{empty}” is not a topic; write a word or more"));
    }
    if all.len() > topics::MAX_TOPICS {
        let (found, max) = (all.len(), topics::MAX_TOPICS);
        return wrong("topics", format!("there are {found}; write at most {max}"));
    }
    if file.skip.skips_every_day() {
        return wrong(
            "skip",
            "it names all seven weekdays, so there would never be an issue; leave `schedule` out to send on demand"
                .into(),
        );
    }
    if let Err((key, reason)) = file.rules(file.max_stories.unwrap_or(500)).check() {
        return wrong(key, reason);
    }
    Ok(file)
}

/// Makes the newsletter, or changes it to what the file says. Due times are counted from now when the schedule is new.
///
/// # Errors
/// When the database fails.
pub async fn apply(app: &App, file: &NewsletterFile) -> Result<(Newsletter, Applied), NewsletterError> {
    match apply_once(app, file).await {
        // Somebody else created it just now.
        Err(NewsletterError::Store(error)) if error.is_unique_violation() => apply_once(app, file).await,
        applied => applied,
    }
}

async fn apply_once(app: &App, file: &NewsletterFile) -> Result<(Newsletter, Applied), NewsletterError> {
    let now = app.clock.now();
    let rules = file.rules(app.config.digest.max_stories);
    // Only here is it known how many stories there are if the file does not say.
    rules
        .check()
        .map_err(|(key, reason)| NewsletterError::Value { key, reason })?;
    let mut tx = app.store.write().await?;
    let mut there = tx.newsletter_by_slug(&file.slug).await?;
    if let Some(known) = &there {
        // The scheduler writes to it, too.
        tx.lock_newsletter(known.id).await?;
        there = tx.newsletter_by_slug(&file.slug).await?;
    }
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let schedule = file.schedule()?;
    let on_time = |known: &Newsletter| {
        let same = known.schedule == schedule && known.timezone == file.timezone;
        // Runs that were due while the newsletter was removed are not made later.
        same && known.removed_at.is_none()
    };
    if let Some(removed) = there.as_ref().filter(|known| known.removed_at.is_some())
        && removal::plan(&mut tx, removed)
            .await
            .is_ok_and(|removal| removal.ending() > 0)
    {
        return Err(NewsletterError::Value {
            key: "slug",
            reason: format!(
                "the removal of {slug} was interrupted; run `daywire newsletter remove {slug} --yes` first",
                slug = file.slug
            ),
        });
    }
    let wanted = Newsletter {
        id: there
            .as_ref()
            .map_or_else(|| NewsletterId(app.rng.uuid(now)), |there| there.id),
        slug: file.slug.clone(),
        name: file.name.clone(),
        description: clean_line(&file.description),
        sender: file.from.clone(),
        schedule: schedule.clone(),
        timezone: file.timezone,
        grace_seconds: file.grace.map_or(DEFAULT_GRACE.num_seconds(), seconds),
        lead_seconds: file.lead_time.map_or(0, seconds),
        approval: file.approval.unwrap_or(Approval::Auto),
        skip_days: file.skip.clone(),
        rules: serde_json::to_string(&rules).map_err(|error| NewsletterError::Syntax(error.to_string()))?,
        expire_after_seconds: file.expire_after.map(seconds),
        local_time: file.local_time,
        weekly_day: file.weekly_day,
        archive: file.archive,
        public: file.public,
        topics: Topics::as_written(&file.topics()),
        removed_at: None,
        scheduled_through: there
            .as_ref()
            .filter(|there| on_time(there))
            .map_or(now, |there| there.scheduled_through),
        created_at: there.as_ref().map_or(now, |there| there.created_at),
    };
    let applied = match &there {
        None => Applied::Created,
        Some(there) if *there == wanted => Applied::Unchanged,
        Some(there) if there.removed_at.is_some() => Applied::Restored,
        Some(there) => Applied::Changed(shown::changes(there, &wanted)?),
    };
    if applied != Applied::Unchanged {
        tx.put_newsletter(&wanted).await?;
        tx.commit().await?;
    }
    Ok((wanted, applied))
}
