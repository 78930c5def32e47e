//! Newsletters, and the lock that orders the changes to one of them.
//!
//! `revision` counts the changes to the data that issues are compiled from. Compiling takes too long for a transaction: it works on a
//! snapshot, and is stored only if the revision is unchanged.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use const_format::concatcp;

use super::{Columns, Result, Tx, on, row};
use crate::domain::cron::CronSchedule;
use crate::domain::ids::NewsletterId;
use crate::domain::skip_days::SkipDays;
use crate::domain::states::Approval;
use crate::domain::time_zone::TimeZone;
use crate::domain::weekly_day::WeeklyDay;

row! {
    /// A newsletter and its settings.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Newsletter {
        /// The internal id, which sorts by the time of creation.
        pub id: NewsletterId,
        /// The name in addresses and commands.
        pub slug: String,
        /// The name that subscribers see.
        pub name: String,
        /// One line for the sign-up page; may be empty.
        pub description: String,
        /// `Name <address>` of the sender; `None` for `mail.from`.
        pub sender: Option<String>,
        /// `Name <address>` for replies; `None` if they go to the sender.
        pub reply_to: Option<String>,
        /// The text of the mail to subscribers who have confirmed, empty for the built-in text; `None` if there is no such mail.
        pub welcome: Option<String>,
        /// Where readers get help, for `List-Help`: a https or mailto address.
        pub help: Option<String>,
        /// When its issues are due; `None` if they are sent on demand.
        pub schedule: Option<CronSchedule>,
        /// The time zone of the schedule.
        pub timezone: TimeZone,
        /// How long after its due time a missed run may still be made, in seconds.
        pub grace_seconds: i64,
        /// How long before its due time a draft is compiled, in seconds.
        pub lead_seconds: i64,
        /// Whether a draft needs an operator's approval.
        pub approval: Approval,
        /// The days without an issue.
        pub skip_days: SkipDays,
        /// The rules by which its issues are compiled, as JSON.
        pub rules: String,
        /// Whether each subscriber gets it at its hour in their own time zone.
        pub local_time: bool,
        /// The weekday from which subscribers of the weekly edition get it.
        pub weekly_day: WeeklyDay,
        /// Whether the site shows its past issues.
        pub archive: bool,
        /// Whether the site shows it and accepts sign-ups for it.
        pub public: bool,
        /// When it was removed; `None` while it exists.
        pub removed_at: Option<DateTime<Utc>>,
        /// The age in seconds at which a delivery expires; `None` for `delivery.expire_after`.
        pub expire_after_seconds: Option<i64>,
        /// The scheduler has handled the due times up to this one.
        pub scheduled_through: DateTime<Utc>,
        /// When it was created.
        pub created_at: DateTime<Utc>,
    }
}

impl Tx {
    /// All newsletters that were not removed, oldest first.
    pub async fn newsletters(&mut self) -> Result<Vec<Newsletter>> {
        Ok(on!(
            self,
            all as Newsletter,
            concatcp!(
                "SELECT ",
                Newsletter::COLUMNS,
                " FROM newsletters WHERE removed_at IS NULL ORDER BY created_at, slug"
            )
        )?)
    }

    /// The slugs of all newsletters, also of removed ones.
    pub(crate) async fn newsletter_slugs(&mut self) -> Result<Vec<(NewsletterId, String)>> {
        Ok(on!(
            self,
            all as (NewsletterId, String),
            "SELECT id, slug FROM newsletters ORDER BY slug"
        )?)
    }

    /// The newsletters that the site shows, oldest first. The first is the default of the sign-up form.
    pub(crate) async fn public_newsletters(&mut self) -> Result<Vec<Newsletter>> {
        Ok(on!(
            self,
            all as Newsletter,
            concatcp!(
                "SELECT ",
                Newsletter::COLUMNS,
                " FROM newsletters WHERE public AND removed_at IS NULL ORDER BY created_at, slug"
            )
        )?)
    }

    /// Removed newsletters, latest removal first.
    pub(crate) async fn removed_newsletters(&mut self) -> Result<Vec<Newsletter>> {
        Ok(on!(
            self,
            all as Newsletter,
            concatcp!(
                "SELECT ",
                Newsletter::COLUMNS,
                " FROM newsletters WHERE removed_at IS NOT NULL ORDER BY removed_at DESC, slug"
            )
        )?)
    }

    /// Marks a newsletter as removed.
    pub(crate) async fn remove_newsletter(&mut self, id: NewsletterId, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE newsletters SET removed_at = $2 WHERE id = $1",
            id,
            now
        )?;
        Ok(())
    }

    /// The newsletter with this slug, which may be removed.
    pub(crate) async fn newsletter_by_slug(&mut self, slug: &str) -> Result<Option<Newsletter>> {
        Ok(on!(
            self,
            optional as Newsletter,
            concatcp!("SELECT ", Newsletter::COLUMNS, " FROM newsletters WHERE slug = $1"),
            slug
        )?)
    }

    /// The newsletter with this id, which must exist.
    pub async fn newsletter(&mut self, id: NewsletterId) -> Result<Newsletter> {
        Ok(on!(
            self,
            one as Newsletter,
            concatcp!("SELECT ", Newsletter::COLUMNS, " FROM newsletters WHERE id = $1"),
            id
        )?)
    }

    /// Adds a newsletter, or changes all values of the one with this id except slug and creation. This includes `scheduled_through`, which
    /// may move back: the due times of a new schedule count from now, although a draft of the old schedule may have been made in advance
    /// for a later time. The caller must hold the newsletter's lock, so that it does not overwrite the progress of the scheduler.
    pub(crate) async fn put_newsletter(&mut self, newsletter: &Newsletter) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO newsletters (id, slug, name, description, sender, schedule, timezone, grace_seconds, \
             expire_after_seconds, scheduled_through, created_at, lead_seconds, approval, skip_days, rules, \
             local_time, weekly_day, archive, public, removed_at, reply_to, welcome, help) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23) \
             ON CONFLICT (id) DO UPDATE SET name = $3, description = $4, sender = $5, schedule = $6, timezone = $7, \
             grace_seconds = $8, expire_after_seconds = $9, scheduled_through = $10, lead_seconds = $12, \
             approval = $13, skip_days = $14, rules = $15, local_time = $16, weekly_day = $17, archive = $18, \
             public = $19, removed_at = $20, reply_to = $21, welcome = $22, help = $23",
            newsletter.id,
            &newsletter.slug,
            &newsletter.name,
            &newsletter.description,
            &newsletter.sender,
            &newsletter.schedule,
            newsletter.timezone,
            newsletter.grace_seconds,
            newsletter.expire_after_seconds,
            newsletter.scheduled_through,
            newsletter.created_at,
            newsletter.lead_seconds,
            newsletter.approval,
            &newsletter.skip_days,
            &newsletter.rules,
            newsletter.local_time,
            newsletter.weekly_day,
            newsletter.archive,
            newsletter.public,
            newsletter.removed_at,
            &newsletter.reply_to,
            &newsletter.welcome,
            &newsletter.help
        )?;
        Ok(())
    }

    /// Records that the scheduler has handled the due times up to `through`. Does nothing if it has handled later ones: of two schedulers,
    /// the slower one must not undo the progress of the other.
    pub(crate) async fn set_scheduled_through(&mut self, id: NewsletterId, through: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE newsletters SET scheduled_through = $2 WHERE id = $1 AND scheduled_through < $2",
            id,
            through
        )?;
        Ok(())
    }

    /// Locks a newsletter until this transaction ends, and counts a change to the data that its issues are compiled from. An issue that
    /// was compiled from an older snapshot is compiled again.
    pub(crate) async fn lock_and_count_change(&mut self, id: NewsletterId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE newsletters SET revision = revision + 1 WHERE id = $1",
            id
        )?;
        Ok(())
    }

    /// Locks a newsletter until this transaction ends, for a transaction that does not change the data that issues are compiled from. New
    /// articles do not count as a change: if an issue is being compiled without them, they wait for the next one.
    pub(crate) async fn lock_newsletter(&mut self, id: NewsletterId) -> Result<()> {
        on!(self, execute, "UPDATE newsletters SET slug = slug WHERE id = $1", id)?;
        Ok(())
    }

    /// Locks newsletters in the order of their ids. While an issue starts, its recipients are frozen under these locks.
    pub(crate) async fn lock_newsletters(&mut self, newsletters: impl IntoIterator<Item = NewsletterId>) -> Result<()> {
        let newsletters: BTreeSet<_> = newsletters.into_iter().collect();
        for newsletter in newsletters {
            self.lock_newsletter(newsletter).await?;
        }
        Ok(())
    }

    /// [`Self::lock_and_count_change`] if the newsletter is unchanged since `revision`; otherwise returns false without a lock.
    pub(crate) async fn lock_and_count_change_at(&mut self, id: NewsletterId, revision: i64) -> Result<bool> {
        let locked = on!(
            self,
            execute,
            "UPDATE newsletters SET revision = revision + 1 WHERE id = $1 AND revision = $2",
            id,
            revision
        )?;
        Ok(locked == 1)
    }

    /// The number of changes that [`Self::lock_and_count_change`] has counted.
    pub(crate) async fn newsletter_revision(&mut self, id: NewsletterId) -> Result<i64> {
        let (revision,) = on!(
            self,
            one as (i64,),
            "SELECT revision FROM newsletters WHERE id = $1",
            id
        )?;
        Ok(revision)
    }
}
