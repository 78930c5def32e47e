//! The page where a subscriber changes their preferences. The link in each mail opens it; GET shows the form, POST saves it.

use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use chrono_tz::Tz;

use super::error::{WebError, page};
use super::field_problems::preference_problem;
use super::links::{encode, no_subscription};
use super::origin::PostedFrom;
use super::pages::{ErrorPage, PreferencesPage, Site, TopicChoice};
use super::state::{Shared, Web};
use crate::digest::topics::newsletter_topics_as_written;
use crate::domain::states::{Cadence, SubscriptionState};
use crate::domain::topics;
use crate::preferences::{self, ChangedBy, Pause, PreferenceChange, PreferenceError, offered_topics, zone_of};
use crate::store::subscriptions::Subscription;
use crate::text::html::clean_line;
use crate::unsubscribe::look_up;
use crate::words::Words;

/// The fields of the form as they were sent.
#[derive(Debug, Default)]
struct FormFields {
    topics: Vec<String>,
    cadence: String,
    timezone: String,
    pause_until: String,
    resume: bool,
}

impl FormFields {
    fn read(body: &[u8]) -> Self {
        let mut fields = Self::default();
        for (key, value) in url::form_urlencoded::parse(body) {
            let value = value.trim().to_owned();
            match &*key {
                "topic" => fields.topics.push(value),
                "cadence" => fields.cadence = value,
                "timezone" => fields.timezone = value.chars().take(64).collect(),
                "pause_until" => fields.pause_until = value.chars().take(32).collect(),
                "resume" => fields.resume = true,
                _ => {}
            }
        }
        fields
    }

    /// The change that the form asks for. The error is a sentence for the page.
    fn change(&self, words: &Words) -> Result<PreferenceChange, String> {
        let cadence = match self.cadence.as_str() {
            "" => None,
            word => Some(word.parse::<Cadence>().map_err(|_| words.cadence_unknown())?),
        };
        let timezone = match self.timezone.as_str() {
            "" => None,
            zone => Some(zone.parse::<Tz>().map_err(|_| words.time_zone_unknown(zone))?),
        };
        let pause = match self.pause_until.as_str() {
            "" => self.resume.then_some(Pause::End),
            _ if self.resume => return Err(words.pause_day_and_end()),
            day => {
                let day = day.parse::<NaiveDate>().map_err(|_| words.pause_day_unknown(day))?;
                Some(Pause::Until(day))
            }
        };
        Ok(PreferenceChange {
            topics: Some(self.topics.clone()),
            cadence,
            timezone,
            pause,
        })
    }
}

pub(super) async fn form(State(web): Shared, site: Site, Path(token): Path<String>) -> Result<Response, WebError> {
    let Some(subscription) = look_up(&web.app, &token).await? else {
        return no_subscription(&web, site, &token);
    };
    if !is_subscribed(&subscription) {
        return not_subscribed(&web, site, &subscription).await;
    }
    Ok(page(&shown(&web, site, &subscription, &token).await?)?.into_response())
}

pub(super) async fn save(
    _: PostedFrom,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let Some(subscription) = look_up(&web.app, &token).await? else {
        return no_subscription(&web, site, &token);
    };
    if !is_subscribed(&subscription) {
        return not_subscribed(&web, site, &subscription).await;
    }
    let fields = FormFields::read(&body);
    let saved = match fields.change(&site.words) {
        Err(problem) => Err(problem),
        Ok(change) => {
            match preferences::save_with_others(web.signups.writes(), &subscription, &change, ChangedBy::Link).await {
                Ok(_) => Ok(()),
                Err(PreferenceError::Store(error)) => return Err(error.into()),
                Err(PreferenceError::Template(error)) => return Err(error.into()),
                Err(error) => Err(preference_problem(&error, &site.words)),
            }
        }
    };
    let mut shown = shown(&web, site, &subscription, &token).await?;
    match saved {
        Ok(()) => {
            tracing::info!(subscription.id = %subscription.id, "preferences changed");
            shown.saved = true;
            Ok(page(&shown)?.into_response())
        }
        Err(problem) => {
            // The form keeps what the person typed, so that they can correct it.
            for topic in &mut shown.topics {
                topic.chosen = fields.topics.contains(&topic.name);
            }
            shown.weekly = fields.cadence == Cadence::Weekly.as_str();
            shown.timezone = fields.timezone;
            shown.pause_typed = fields.pause_until;
            shown.problem = Some(problem);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
        }
    }
}

fn is_subscribed(subscription: &Subscription) -> bool {
    matches!(
        subscription.state,
        SubscriptionState::Confirmed | SubscriptionState::Paused
    )
}

/// The page for a subscription that has ended or is not confirmed. It offers to subscribe only if the newsletter takes sign-ups.
async fn not_subscribed(web: &Web, site: Site, subscription: &Subscription) -> Result<Response, WebError> {
    let next = if web.takes_signups(&subscription.newsletter_slug).await? {
        site.words.not_subscribed_next()
    } else {
        site.words.not_subscribed_closed()
    };
    let shown = page(&ErrorPage {
        status: StatusCode::GONE.as_u16(),
        title: site.words.not_subscribed_title(),
        happened: site.words.not_subscribed_happened(&subscription.newsletter_name),
        next,
        site,
    })?;
    Ok((StatusCode::GONE, shown).into_response())
}

/// A topic in the spelling of the newsletter's articles. If no current article has it, it is in lower case, as it is stored.
fn label(topic: &str, written: &[String]) -> String {
    let same = written.iter().filter(|written| topics::normal(written) == topic);
    same.min()
        .map_or_else(|| topic.to_owned(), |written| clean_line(written))
}

async fn shown(web: &Web, site: Site, subscription: &Subscription, token: &str) -> Result<PreferencesPage, WebError> {
    let mut tx = web.app.store.read().await?;
    let newsletter = tx.newsletter(subscription.newsletter_id).await?;
    let offered = offered_topics(&mut tx, &web.app, &newsletter, subscription).await?;
    let preferences = tx.preferences(subscription.id).await?;
    let subscriber = tx.subscriber(subscription.subscriber_id).await?;
    let written = newsletter_topics_as_written(&mut tx, &web.app, &newsletter).await?;
    drop(tx);
    let own = zone_of(subscriber.as_ref());
    let zone = own.unwrap_or(newsletter.timezone.0);
    let paused = preferences
        .paused_until
        .filter(|_| preferences.state == SubscriptionState::Paused);
    let token = encode(token);
    Ok(PreferencesPage {
        newsletter: newsletter.name,
        action: format!("/preferences/{token}"),
        unsubscribe: format!("/unsubscribe/{token}"),
        saved: false,
        problem: None,
        topics: offered
            .into_iter()
            .map(|name| TopicChoice {
                chosen: preferences.topics.iter().any(|topic| topic == name),
                label: label(&name, &written),
                name,
            })
            .collect(),
        weekly: preferences.cadence == Cadence::Weekly,
        timezone: own.map(|zone| zone.name().to_owned()).unwrap_or_default(),
        paused_until: paused.map(|until| site.words.day(until.with_timezone(&zone).date_naive())),
        paused_after_bounces: preferences.pause_reason.is_some(),
        pause_typed: String::new(),
        site,
    })
}
