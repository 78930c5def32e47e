//! Newsletters.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::cron::CronSchedule;
use crate::domain::ids::NewsletterId;
use crate::domain::skip_days::SkipDays;
use crate::domain::states::Approval;
use crate::domain::time_zone::TimeZone;
use crate::domain::topics::Topics;
use crate::domain::weekly_day::WeeklyDay;

row! {
    /// A newsletter as it is stored.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Newsletter {
        /// Its id.
        pub id: NewsletterId,
        /// Its name in addresses.
        pub slug: String,
        /// Its name for readers.
        pub name: String,
        /// One line for the sign-up page; may be empty.
        pub description: String,
        /// `Name <address>`; none means `mail.from`.
        pub sender: Option<String>,
        /// When its issues are due; `None` if they are sent on demand.
        pub schedule: Option<CronSchedule>,
        /// The time zone of the schedule.
        pub timezone: TimeZone,
        /// How late a missed run may still be made, in seconds.
        pub grace_seconds: i64,
        /// How long before it is sent a draft is compiled, in seconds.
        pub lead_seconds: i64,
        /// Whether a draft waits for an operator.
        pub approval: Approval,
        /// Days without an issue.
        pub skip_days: SkipDays,
        /// The topics that readers can choose from, one a line; empty for those of its articles.
        pub topics: Topics,
        /// The rules of its digest, as JSON.
        pub rules: String,
        /// Whether it is delivered at its hour on each reader's own clock.
        pub local_time: bool,
        /// The day of the week from which readers who chose a weekly digest get theirs.
        pub weekly_day: WeeklyDay,
        /// Whether its past issues are on the site.
        pub archive: bool,
        /// Whether the site shows it and takes new readers for it.
        pub public: bool,
        /// When it was removed; `None` while it exists.
        pub removed_at: Option<DateTime<Utc>>,
        /// After how many seconds a delivery is too old to try again; none means `delivery.expire_after`.
        pub expire_after_seconds: Option<i64>,
        /// Due times up to here have been dealt with.
        pub scheduled_through: DateTime<Utc>,
        /// When it was made.
        pub created_at: DateTime<Utc>,
    }
}

impl Tx {
    /// Every newsletter that was not removed, the oldest first.
    pub async fn newsletters(&mut self) -> Result<Vec<Newsletter>> {
        Ok(on!(
            self,
            all as Newsletter,
            "SELECT * FROM newsletters WHERE removed_at IS NULL ORDER BY created_at, slug"
        )?)
    }

    /// The newsletters that readers see and can subscribe to, the oldest first. The first is the default.
    pub async fn public_newsletters(&mut self) -> Result<Vec<Newsletter>> {
        Ok(on!(
            self,
            all as Newsletter,
            "SELECT * FROM newsletters WHERE public AND removed_at IS NULL ORDER BY created_at, slug"
        )?)
    }

    /// Removed newsletters, those removed last first.
    pub async fn removed_newsletters(&mut self) -> Result<Vec<Newsletter>> {
        Ok(on!(
            self,
            all as Newsletter,
            "SELECT * FROM newsletters WHERE removed_at IS NOT NULL ORDER BY removed_at DESC, slug"
        )?)
    }

    /// Marks a newsletter as removed.
    pub async fn remove_newsletter(&mut self, id: NewsletterId, now: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE newsletters SET removed_at = $2 WHERE id = $1",
            id,
            now
        )?;
        Ok(())
    }

    /// The newsletter with this slug, also a removed one.
    pub async fn newsletter_by_slug(&mut self, slug: &str) -> Result<Option<Newsletter>> {
        Ok(on!(
            self,
            optional as Newsletter,
            "SELECT * FROM newsletters WHERE slug = $1",
            slug
        )?)
    }

    /// The newsletter with this id.
    pub async fn newsletter(&mut self, id: NewsletterId) -> Result<Newsletter> {
        Ok(on!(
            self,
            one as Newsletter,
            "SELECT * FROM newsletters WHERE id = $1",
            id
        )?)
    }

    /// Stores a newsletter, new or changed, by its id.
    pub async fn put_newsletter(&mut self, n: &Newsletter) -> Result<()> {
        on!(
            self,
            execute,
            "INSERT INTO newsletters (id, slug, name, description, sender, schedule, timezone, grace_seconds, \
             expire_after_seconds, scheduled_through, created_at, lead_seconds, approval, skip_days, rules, \
             local_time, weekly_day, archive, public, removed_at, topics) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) \
             ON CONFLICT (id) DO UPDATE SET name = $3, description = $4, sender = $5, schedule = $6, timezone = $7, \
             grace_seconds = $8, expire_after_seconds = $9, scheduled_through = $10, lead_seconds = $12, \
             approval = $13, skip_days = $14, rules = $15, local_time = $16, weekly_day = $17, archive = $18, \
             public = $19, removed_at = $20, topics = $21",
            n.id,
            &n.slug,
            &n.name,
            &n.description,
            &n.sender,
            &n.schedule,
            n.timezone,
            n.grace_seconds,
            n.expire_after_seconds,
            n.scheduled_through,
            n.created_at,
            n.lead_seconds,
            n.approval,
            &n.skip_days,
            &n.rules,
            n.local_time,
            n.weekly_day,
            n.archive,
            n.public,
            n.removed_at,
            &n.topics
        )?;
        Ok(())
    }

    /// Notes that due times up to `through` have been dealt with; never goes back.
    pub async fn set_scheduled_through(&mut self, id: NewsletterId, through: DateTime<Utc>) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE newsletters SET scheduled_through = $2 WHERE id = $1 AND scheduled_through < $2",
            id,
            through
        )?;
        Ok(())
    }

    /// Locks a newsletter until this transaction ends, and counts a change to what its issues are compiled from: an issue that was
    /// compiled from an older snapshot is compiled again.
    pub async fn lock_newsletter(&mut self, id: NewsletterId) -> Result<()> {
        on!(
            self,
            execute,
            "UPDATE newsletters SET revision = revision + 1 WHERE id = $1",
            id
        )?;
        Ok(())
    }

    /// [`Self::lock_newsletter`] for a transaction that does not change what issues are compiled from. New articles do not count as
    /// a change: if an issue is being compiled without them, they wait for the next one.
    pub async fn lock_newsletter_unchanged(&mut self, id: NewsletterId) -> Result<()> {
        on!(self, execute, "UPDATE newsletters SET slug = slug WHERE id = $1", id)?;
        Ok(())
    }

    /// [`Self::lock_newsletter`] if the newsletter is unchanged since `revision`; otherwise returns false without a lock.
    pub async fn lock_newsletter_at(&mut self, id: NewsletterId, revision: i64) -> Result<bool> {
        let locked = on!(
            self,
            execute,
            "UPDATE newsletters SET revision = revision + 1 WHERE id = $1 AND revision = $2",
            id,
            revision
        )?;
        Ok(locked == 1)
    }

    /// How many changes [`Self::lock_newsletter`] has counted.
    pub async fn newsletter_revision(&mut self, id: NewsletterId) -> Result<i64> {
        let (revision,) = on!(
            self,
            one as (i64,),
            "SELECT revision FROM newsletters WHERE id = $1",
            id
        )?;
        Ok(revision)
    }
}
