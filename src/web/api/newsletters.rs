//! `/api/v1/newsletters`: the newsletters with their settings, and their next runs.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, FixedOffset, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::bearer::{Bearer, ReadReports};
use super::entity::{Entity, IfNoneMatch, KnownTag};
use super::failure::Failure;
use super::input::{Query, text};
use super::named::Named;
use super::paging::{DEFAULT_PAGE_SIZE, Page, page_size};
use crate::domain::states::SubscriptionState;
use crate::newsletter::settings_of;
use crate::store::Tx;
use crate::store::newsletters::Newsletter;
use crate::web::state::Shared;

/// The parameters of the list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NewsletterQuery {
    /// The number of newsletters on the page
    #[serde(deserialize_with = "page_size")]
    #[param(default = 50, minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// The `next` of the previous page
    #[serde(deserialize_with = "text")]
    after: Option<String>,
}

/// A newsletter in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NewsletterBrief {
    slug: String,
    name: String,
    /// The cron line; null: issues are sent on demand
    #[schema(required)]
    schedule: Option<String>,
    /// The time zone of the schedule
    timezone: String,
    /// Whether the site shows it and accepts sign-ups for it
    public: bool,
    created: DateTime<Utc>,
}

impl From<Newsletter> for NewsletterBrief {
    fn from(newsletter: Newsletter) -> Self {
        Self {
            schedule: newsletter
                .schedule
                .as_ref()
                .map(|schedule| schedule.as_str().to_owned()),
            timezone: newsletter.timezone.to_string(),
            slug: newsletter.slug,
            name: newsletter.name,
            public: newsletter.public,
            created: newsletter.created_at,
        }
    }
}

#[utoipa::path(
    get, path = "/api/v1/newsletters", operation_id = "listNewsletters", summary = "The newsletters, sorted by slug",
    params(NewsletterQuery),
    responses((status = 200, description = "A page of newsletters", body = Page<NewsletterBrief>)),
    security(("token" = ["read"])),
)]
pub(super) async fn list(
    _: Bearer<ReadReports>,
    State(web): Shared,
    query: Query<NewsletterQuery>,
) -> Result<Json<Page<NewsletterBrief>>, Failure> {
    query.errors.finish()?;
    let NewsletterQuery { limit, after } = query.parameters;
    let limit = limit.unwrap_or(DEFAULT_PAGE_SIZE);
    // Nobody has so many newsletters that reading all of them matters, and every page of the site reads them.
    let mut newsletters = web.app.store.read().await?.newsletters().await?;
    newsletters.sort_by(|one, other| one.slug.cmp(&other.slug));
    newsletters.retain(|newsletter| after.as_ref().is_none_or(|after| newsletter.slug > *after));
    let slug = |newsletter: &Newsletter| newsletter.slug.clone();
    Ok(Json(Page::new(newsletters, limit, slug, NewsletterBrief::from)))
}

/// A newsletter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Newsletter)]
pub(super) struct NewsletterDocument {
    slug: String,
    /// The keys of its file, as in docs/how-to/newsletters.md
    settings: Map<String, Value>,
    /// How many subscriptions are in each state
    #[schema(value_type = BTreeMap<String, i64>)]
    subscriptions: BTreeMap<SubscriptionState, i64>,
    created: DateTime<Utc>,
}

impl NewsletterDocument {
    pub(super) async fn read(tx: &mut Tx, newsletter: &Newsletter) -> Result<Self, Failure> {
        let mut subscriptions: BTreeMap<_, i64> = SubscriptionState::ALL.iter().map(|state| (*state, 0)).collect();
        for (id, state, count) in tx.count_subscriptions().await? {
            if id == newsletter.id {
                subscriptions.insert(state, count);
            }
        }
        Ok(Self {
            slug: newsletter.slug.clone(),
            settings: settings_of(newsletter)?,
            subscriptions,
            created: newsletter.created_at,
        })
    }

    pub(super) fn entity(&self) -> Result<Entity, Failure> {
        Entity::with_tag_of(self, &self.settings)
    }
}

pub(super) fn no_newsletter() -> Failure {
    Failure::NotFound("There is no such newsletter; GET /api/v1/newsletters lists them.".to_owned())
}

/// The newsletter with this slug, unless it was removed.
pub(super) async fn existing(tx: &mut Tx, slug: &str) -> Result<Newsletter, Failure> {
    let found = tx.newsletter_by_slug(slug).await?;
    let found = found.filter(|newsletter| newsletter.removed_at.is_none());
    found.ok_or_else(no_newsletter)
}

#[utoipa::path(
    get, path = "/api/v1/newsletters/{slug}", operation_id = "showNewsletter", summary = "One newsletter with its settings",
    params(("slug" = String, Path, description = "The newsletter's slug"), KnownTag),
    responses((status = 200, description = "The newsletter", body = NewsletterDocument)),
    security(("token" = ["read"])),
)]
pub(super) async fn show(
    _: Bearer<ReadReports>,
    State(web): Shared,
    Named(slug): Named<String>,
    known: IfNoneMatch,
) -> Result<Response, Failure> {
    let mut tx = web.app.store.read().await?;
    let newsletter = existing(&mut tx, &slug).await?;
    let document = NewsletterDocument::read(&mut tx, &newsletter).await?;
    Ok(document.entity()?.unless(&known))
}

/// The parameters of the next runs.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RunQuery {
    /// The number of runs
    #[serde(deserialize_with = "page_size")]
    #[param(default = 10, minimum = 1, maximum = 200)]
    count: Option<i64>,
}

/// The next runs of a newsletter; none if it has no schedule.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunList {
    items: Vec<NextRun>,
}

/// A run that is due.
#[derive(Debug, Serialize, ToSchema)]
struct NextRun {
    /// In UTC
    due: DateTime<Utc>,
    /// In the newsletter's time zone
    local: DateTime<FixedOffset>,
}

#[utoipa::path(
    get, path = "/api/v1/newsletters/{slug}/runs", operation_id = "listRuns", summary = "The next runs of a newsletter's schedule",
    params(("slug" = String, Path, description = "The newsletter's slug"), RunQuery),
    responses((status = 200, description = "The runs, the next one first", body = RunList)),
    security(("token" = ["read"])),
)]
pub(super) async fn runs(
    _: Bearer<ReadReports>,
    State(web): Shared,
    Named(slug): Named<String>,
    query: Query<RunQuery>,
) -> Result<Json<RunList>, Failure> {
    query.errors.finish()?;
    let count = usize::try_from(query.parameters.count.unwrap_or(10)).unwrap_or(10);
    let newsletter = existing(&mut web.app.store.read().await?, &slug).await?;
    let zone = newsletter.timezone.0;
    let due = newsletter
        .schedule
        .iter()
        .flat_map(|schedule| schedule.after(zone, web.app.clock.now()).take(count));
    let items = due.map(|due| NextRun {
        due,
        local: due.with_timezone(&zone).fixed_offset(),
    });
    Ok(Json(RunList { items: items.collect() }))
}
