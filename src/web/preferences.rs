//! What a reader preferences, changed by the reader: the link is as good as that for leaving. GET shows, POST saves.

use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use chrono_tz::Tz;

use super::error::{WebError, page};
use super::links::{encode, no_subscription};
use super::origin::PostedFrom;
use super::pages::{ErrorPage, PreferencesPage, TopicChoice};
use super::{Shared, Web};
use crate::digest::topics::written;
use crate::domain::states::{Cadence, SubscriptionState};
use crate::domain::topics;
use crate::preferences::{self, ChangedBy, Pause, PreferenceChange, PreferenceError, offered_topics, zone_of};
use crate::store::subscriptions::Subscription;
use crate::text::html::clean_line;
use crate::unsubscribe::look_up;

/// What the form held.
#[derive(Debug, Default)]
struct Fields {
    topics: Vec<String>,
    cadence: String,
    timezone: String,
    pause_until: String,
    resume: bool,
}

impl Fields {
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

    /// The change, or why it is invalid, as a sentence.
    fn change(&self) -> Result<PreferenceChange, String> {
        let cadence = match self.cadence.as_str() {
            "" => None,
            word => Some(
                word.parse::<Cadence>()
                    .map_err(|_| "Choose “Every issue” or “Once a week”.")?,
            ),
        };
        let timezone = match self.timezone.as_str() {
            "" => None,
            zone => Some(zone.parse::<Tz>().map_err(|_| {
                format!("“{zone}” is not a known time zone. Write one such as Europe/Berlin, or leave the field empty.")
            })?),
        };
        let pause = match self.pause_until.as_str() {
            "" => self.resume.then_some(Pause::End),
            _ if self.resume => return Err("Choose a day or end the pause, not both.".into()),
            day => Some(Pause::Until(day.parse::<NaiveDate>().map_err(|_| {
                format!("“{day}” is not a date. Write one such as 2027-01-31, or leave the field empty.")
            })?)),
        };
        Ok(PreferenceChange {
            topics: Some(self.topics.clone()),
            cadence,
            timezone,
            pause,
        })
    }
}

/// GET `/preferences/{token}`
pub async fn form(State(web): Shared, Path(token): Path<String>) -> Result<Response, WebError> {
    let Some(there) = look_up(&web.app, &token).await? else {
        return no_subscription(&web, &token);
    };
    if !is_reader(&there) {
        return no_reader(&web, &there);
    }
    Ok(page(&shown(&web, &there, &token).await?)?.into_response())
}

/// POST `/preferences/{token}`
pub async fn save(
    _: PostedFrom,
    State(web): Shared,
    Path(token): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let Some(there) = look_up(&web.app, &token).await? else {
        return no_subscription(&web, &token);
    };
    if !is_reader(&there) {
        return no_reader(&web, &there);
    }
    let fields = Fields::read(&body);
    let saved = match fields.change() {
        Err(problem) => Err(problem),
        Ok(change) => match preferences::save(&web.app, &there, &change, ChangedBy::Link).await {
            Ok(_) => Ok(()),
            Err(PreferenceError::Store(error)) => return Err(error.into()),
            Err(PreferenceError::Template(error)) => return Err(error.into()),
            Err(error) => Err(format!("Nothing was saved: {error}.")),
        },
    };
    let mut shown = shown(&web, &there, &token).await?;
    match saved {
        Ok(()) => {
            tracing::info!(subscription.id = %there.id, "a reader changed what they get");
            shown.saved = true;
            Ok(page(&shown)?.into_response())
        }
        Err(problem) => {
            // What was typed stays, so that it can be mended.
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

fn is_reader(there: &Subscription) -> bool {
    matches!(there.state, SubscriptionState::Confirmed | SubscriptionState::Paused)
}

/// For who has left, or never confirmed: there is nothing to choose.
fn no_reader(web: &Web, there: &Subscription) -> Result<Response, WebError> {
    let shown = page(&ErrorPage {
        site: web.site(),
        status: StatusCode::GONE.as_u16(),
        title: "You aren’t subscribed".into(),
        happened: format!("You aren’t subscribed to {}.", there.newsletter_name),
        next: "To get it, use Subscribe at the top of this page.".into(),
    })?;
    Ok((StatusCode::GONE, shown).into_response())
}

/// A topic with the capitals that the newsletter's articles use; in lower case, as it is stored, if no article has it now.
fn label(topic: &str, written: &[String]) -> String {
    let same = written.iter().filter(|written| topics::normal(written) == topic);
    same.min()
        .map_or_else(|| topic.to_owned(), |written| clean_line(written))
}

async fn shown(web: &Web, there: &Subscription, token: &str) -> Result<PreferencesPage, WebError> {
    let mut tx = web.app.store.read().await?;
    let newsletter = tx.newsletter(there.newsletter_id).await?;
    let offered = offered_topics(&mut tx, &web.app, &newsletter, there).await?;
    let preferences = tx.preferences(there.id).await?;
    let reader = tx.subscriber(there.subscriber_id).await?;
    let written = written(&mut tx, &web.app, &newsletter).await?;
    drop(tx);
    let own = zone_of(reader.as_ref());
    let zone = own.unwrap_or(newsletter.timezone.0);
    let paused = preferences
        .paused_until
        .filter(|_| preferences.state == SubscriptionState::Paused);
    let token = encode(token);
    Ok(PreferencesPage {
        site: web.site(),
        newsletter: newsletter.name,
        action: format!("/preferences/{token}"),
        leave: format!("/unsubscribe/{token}"),
        saved: false,
        problem: None,
        topics: offered
            .into_iter()
            .map(|name| TopicChoice {
                chosen: preferences.topics.iter().any(|chosen| chosen == name),
                label: label(&name, &written),
                name,
            })
            .collect(),
        weekly: preferences.cadence == Cadence::Weekly,
        timezone: own.map(|zone| zone.name().to_owned()).unwrap_or_default(),
        paused_until: paused.map(|until| until.with_timezone(&zone).format("%-d %B %Y").to_string()),
        pause_typed: String::new(),
    })
}
