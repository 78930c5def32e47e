//! `/api/v1/statistics`: what happened on each day, in counts.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::bearer::{Bearer, ReadReports};
use super::failure::Failure;
use super::input::Query;
use super::paging::page_size;
use crate::domain::ids::NewsletterId;
use crate::web::state::Shared;

/// The parameters of the statistics.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StatisticsQuery {
    /// The number of days, including today (UTC)
    #[serde(deserialize_with = "page_size")]
    #[param(default = 30, minimum = 1, maximum = 200)]
    days: Option<i64>,
}

/// What happened on each day.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Statistics {
    /// The days and newsletters for which something was counted, the oldest day first
    items: Vec<DayCounts>,
}

/// The counts of one day and one newsletter.
#[derive(Debug, Serialize, ToSchema)]
struct DayCounts {
    /// In UTC
    #[schema(format = Date)]
    day: String,
    /// The newsletter's slug; null: an event that names only an address
    #[schema(required)]
    newsletter: Option<String>,
    /// How often each event happened, such as `asked`, `confirmed`, `delivered`, `bounced` and `complained`
    events: BTreeMap<&'static str, i64>,
    /// The reasons that readers gave for leaving
    reasons: BTreeMap<String, i64>,
}

#[utoipa::path(
    get, path = "/api/v1/statistics", operation_id = "showStatistics",
    summary = "Sign-ups, confirmations, deliveries, bounces and complaints by day and newsletter",
    params(StatisticsQuery),
    responses((status = 200, description = "The counts", body = Statistics)),
    security(("token" = ["read"])),
)]
pub(super) async fn show(
    _: Bearer<ReadReports>,
    State(web): Shared,
    query: Query<StatisticsQuery>,
) -> Result<Json<Statistics>, Failure> {
    query.errors.finish()?;
    let days = query.parameters.days.unwrap_or(30);
    let since = web.app.clock.now() - TimeDelta::days(days - 1);
    let mut tx = web.app.store.read_snapshot().await?;
    let slugs: BTreeMap<NewsletterId, String> = tx.newsletter_slugs().await?.into_iter().collect();
    let counts = tx.daily_counts(since).await?;
    let reasons = tx.leaving_reasons_by_day(since).await?;
    drop(tx);
    let mut items: BTreeMap<(String, Option<String>), DayCounts> = BTreeMap::new();
    let mut item = |day: &str, newsletter: NewsletterId, count: &mut dyn FnMut(&mut DayCounts)| {
        let newsletter = slugs.get(&newsletter).cloned();
        let key = (day.to_owned(), newsletter.clone());
        let new = DayCounts {
            day: day.to_owned(),
            newsletter,
            events: BTreeMap::new(),
            reasons: BTreeMap::new(),
        };
        count(items.entry(key).or_insert(new));
    };
    for counted in counts {
        item(&counted.day, counted.newsletter_id, &mut |day| {
            *day.events.entry(counted.event.as_str()).or_default() += counted.count;
        });
    }
    for counted in reasons {
        item(&counted.day, counted.newsletter_id, &mut |day| {
            *day.reasons.entry(counted.reason.clone()).or_default() += counted.count;
        });
    }
    Ok(Json(Statistics {
        items: items.into_values().collect(),
    }))
}
