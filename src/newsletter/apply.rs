//! Applies a newsletter's file: creates the newsletter, or changes it.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use super::error::NewsletterError;
use super::file::NewsletterFile;
use super::removal::{self, RemovalError};
use super::written_file::{self, ChangedKey};
use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::ids::NewsletterId;
use crate::domain::states::Approval;
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, Tx};
use crate::text::html::clean_line;

/// How late a missed run may still be made, unless the file says otherwise.
const DEFAULT_GRACE: TimeDelta = TimeDelta::hours(6);

/// The effect of applying a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The newsletter is new.
    Created,
    /// The newsletter had been removed and exists again, without subscriptions.
    Restored,
    /// These keys have other values now.
    Changed(Vec<ChangedKey>),
    /// The newsletter had the same values before.
    Unchanged,
}

/// Creates the newsletter, or changes it to what the file says. If its schedule is new, due times count from now.
///
/// # Errors
/// [`NewsletterError`]; then nothing is changed.
pub async fn apply(app: &App, file: &NewsletterFile) -> Result<(Newsletter, Applied), NewsletterError> {
    apply_by(app, None, None, file).await
}

/// As [`apply`], for an operator: a change has an entry in the audit log. With `seen`, nothing is changed if the newsletter exists and is
/// not in that version.
///
/// # Errors
/// [`NewsletterError`]; then nothing is changed.
pub async fn apply_by(
    app: &App,
    actor: Option<&Actor>,
    seen: Option<&str>,
    file: &NewsletterFile,
) -> Result<(Newsletter, Applied), NewsletterError> {
    match apply_once(app, actor, seen, file).await {
        // Another process created the newsletter at the same time.
        Err(NewsletterError::Store(error)) if error.is_unique_violation() => apply_once(app, actor, seen, file).await,
        applied => applied,
    }
}

async fn apply_once(
    app: &App,
    actor: Option<&Actor>,
    seen: Option<&str>,
    file: &NewsletterFile,
) -> Result<(Newsletter, Applied), NewsletterError> {
    let now = app.clock.now();
    let rules = file.rules(app.config.digest.max_stories, app.config.site.language);
    // `max_stories` of the settings is known only now.
    rules.check().map_err(|invalid| NewsletterError::Value {
        key: invalid.key,
        reason: invalid.detail,
    })?;
    let schedule = file.schedule()?;
    let mut tx = app.store.write().await?;
    let mut existing = tx.newsletter_by_slug(&file.slug).await?;
    if let Some(known) = &existing {
        // The scheduler writes `scheduled_through`, so the row is locked and read again.
        tx.lock_and_count_change(known.id).await?;
        existing = tx.newsletter_by_slug(&file.slug).await?;
    }
    let is_outdated = |known: &Newsletter| match seen {
        Some(seen) if known.removed_at.is_none() => Ok::<_, NewsletterError>(written_file::version_of(known)? != seen),
        _ => Ok(false),
    };
    if let Some(known) = &existing
        && is_outdated(known)?
    {
        return Err(NewsletterError::Outdated(file.slug.clone()));
    }
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    let keeps_schedule = |known: &Newsletter| {
        let is_same = known.schedule == schedule && known.timezone == file.timezone;
        // Runs that were due while the newsletter was removed are not made later.
        is_same && known.removed_at.is_none()
    };
    if let Some(removed) = existing.as_ref().filter(|known| known.removed_at.is_some())
        && is_removal_unfinished(&mut tx, removed).await?
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
        id: existing
            .as_ref()
            .map_or_else(|| NewsletterId(app.rng.uuid(now)), |existing| existing.id),
        slug: file.slug.clone(),
        name: file.name.clone(),
        description: clean_line(&file.description),
        sender: file.from.clone(),
        reply_to: file.reply_to.clone(),
        welcome: file.welcome.clone(),
        help: file.help.clone(),
        schedule: schedule.clone(),
        timezone: file.timezone,
        grace_seconds: file.grace.map_or(DEFAULT_GRACE.num_seconds(), seconds),
        lead_seconds: file.lead_time.map_or(0, seconds),
        approval: file.approval.unwrap_or(Approval::Auto),
        skip_days: file.skip.clone(),
        rules: serde_json::to_string(&rules).map_err(|error| NewsletterError::StoredRules(error.to_string()))?,
        expire_after_seconds: file.expire_after.map(seconds),
        local_time: file.local_time,
        weekly_day: file.weekly_day,
        archive: file.archive,
        public: file.public,
        removed_at: None,
        scheduled_through: existing
            .as_ref()
            .filter(|existing| keeps_schedule(existing))
            .map_or(now, |existing| existing.scheduled_through),
        created_at: existing.as_ref().map_or(now, |existing| existing.created_at),
    };
    let applied = match &existing {
        None => Applied::Created,
        Some(existing) if *existing == wanted => Applied::Unchanged,
        Some(existing) if existing.removed_at.is_some() => Applied::Restored,
        Some(existing) => Applied::Changed(written_file::changes(existing, &wanted)?),
    };
    if applied != Applied::Unchanged {
        tx.put_newsletter(&wanted).await?;
        if let Some(actor) = actor {
            record(&mut tx, app, actor, &wanted, &applied).await?;
        }
        tx.commit().await?;
    }
    Ok((wanted, applied))
}

async fn record(
    tx: &mut Tx,
    app: &App,
    actor: &Actor,
    newsletter: &Newsletter,
    applied: &Applied,
) -> Result<(), StoreError> {
    let values = |keys: &[ChangedKey], value: fn(&ChangedKey) -> &Option<String>| -> serde_json::Value {
        let pairs = keys.iter().map(|changed| (changed.key.clone(), json!(value(changed))));
        serde_json::Value::Object(pairs.collect())
    };
    let slug = &newsletter.slug;
    let change = match applied {
        Applied::Created => Change::of(AuditAction::NewsletterCreated, slug).to(json!({ "name": newsletter.name })),
        Applied::Restored => Change::of(AuditAction::NewsletterRestored, slug).to(json!({ "name": newsletter.name })),
        Applied::Changed(keys) => Change::of(AuditAction::NewsletterChanged, slug)
            .from(values(keys, |changed| &changed.from))
            .to(values(keys, |changed| &changed.to)),
        Applied::Unchanged => return Ok(()),
    };
    audit::record(tx, app, actor, change).await
}

/// Whether a removed newsletter still has subscriptions, because its removal was interrupted.
async fn is_removal_unfinished(tx: &mut Tx, removed: &Newsletter) -> Result<bool, StoreError> {
    match removal::plan(tx, removed).await {
        Ok(removal) => Ok(removal.ending() > 0),
        Err(RemovalError::AtWork { .. } | RemovalError::Outdated(_)) => Ok(false),
        Err(RemovalError::Store(error)) => Err(error),
    }
}
