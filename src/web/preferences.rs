//! The pages where a subscriber changes their preferences: GET shows a form, POST saves it.
//!
//! The link in each mail opens a page that only pauses, because mails are forwarded with it. All settings of a newsletter need a link that
//! was mailed for the purpose.

use std::str::FromStr;

use axum::extract::{Path, RawForm, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use chrono_tz::Tz;

use super::error::{WebError, page};
use super::field_problems::add_preference_problems;
use super::form::Form;
use super::leaving::how_to_subscribe;
use super::links::encode;
use super::manage::{self, ManageOutcome, is_in_force, is_saved};
use super::origin::OwnPage;
use super::pages::{
    ErrorPage, FieldProblems, LanguageChoice, PauseFields, PausePage, PreferencesPage, Site, TopicChoice,
};
use super::reader_link::reader_of;
use super::state::{Shared, Web};
use crate::digest::rules::language_of;
use crate::digest::topics::{newsletter_topics_as_written, topic_name};
use crate::domain::redact::masked;
use crate::domain::seen::Seen;
use crate::domain::states::{Cadence, SubscriptionState};
use crate::preferences::{self, ChangedBy, Pause, PreferenceChange, PreferenceError, offered_topics, zone_of};
use crate::store::preferences::Preferences;
use crate::store::subscriptions::Subscription;
use crate::words::{Language, Words};

/// A longer value of a field that is not a list is cut; it is invalid in any case.
const MAX_FIELD_CHARS: usize = 64;

/// The fields of the form as they were sent.
#[derive(Debug)]
pub(super) struct FormFields {
    pub(super) topics: Vec<String>,
    pub(super) cadence: String,
    pub(super) timezone: String,
    pub(super) language: String,
    pub(super) pause_until: String,
    pub(super) resume: bool,
}

impl FormFields {
    pub(super) fn read(body: &[u8]) -> Self {
        let form = Form::read(body);
        Self {
            topics: form
                .texts("topic")
                .iter()
                .map(|topic| topic.trim().to_owned())
                .collect(),
            cadence: form.trimmed("cadence", MAX_FIELD_CHARS),
            timezone: form.trimmed("timezone", MAX_FIELD_CHARS),
            language: form.trimmed("language", MAX_FIELD_CHARS),
            pause_until: form.trimmed("pause_until", MAX_FIELD_CHARS),
            resume: form.has("resume"),
        }
    }

    /// The change that the valid fields ask for. What is wrong with the others is added to the problems.
    pub(super) fn change(&self, words: &Words, problems: &mut FieldProblems) -> PreferenceChange {
        let mut add = |field, text| problems.add(field, text);
        PreferenceChange {
            topics: Some(self.topics.clone()),
            cadence: parsed(&self.cadence, |_| add("cadence", words.cadence_unknown())),
            timezone: parsed::<Tz>(&self.timezone, |zone| add("timezone", words.time_zone_unknown(zone))),
            language: parsed(&self.language, |_| add("language", words.language_unknown())),
            pause: self.pause(words, problems),
            seen: Seen::Any,
        }
    }

    /// The change that a form which can only pause asks for.
    fn change_of_pause(&self, words: &Words, problems: &mut FieldProblems) -> PreferenceChange {
        let others = [&self.cadence, &self.timezone, &self.language];
        if !self.topics.is_empty() || others.iter().any(|field| !field.is_empty()) {
            problems.of_page = Some(words.link_only_pauses());
        }
        PreferenceChange {
            pause: self.pause(words, problems),
            ..PreferenceChange::default()
        }
    }

    fn pause(&self, words: &Words, problems: &mut FieldProblems) -> Option<Pause> {
        if self.resume && !self.pause_until.is_empty() {
            problems.add("pause_until", words.pause_day_and_end());
            return None;
        }
        let day = parsed::<NaiveDate>(&self.pause_until, |day| {
            problems.add("pause_until", words.pause_day_unknown(day));
        });
        day.map(Pause::Until).or(self.resume.then_some(Pause::End))
    }
}

/// The value of a field; `None` if it is empty, or if it is not valid, which is reported.
fn parsed<T: FromStr>(typed: &str, report: impl FnOnce(&str)) -> Option<T> {
    if typed.is_empty() {
        return None;
    }
    let value = typed.parse().ok();
    if value.is_none() {
        report(typed);
    }
    value
}

/// GET `/preferences/{token}`: with the link of a mail the page that pauses, and with a link to all subscriptions the page of all
/// newsletters.
pub(super) async fn form(
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
    query: RawQuery,
) -> Result<Response, WebError> {
    let reader = reader_of(&web, &site, &token).await?;
    let Some(subscription) = &reader.subscription else {
        let outcome = if is_saved(&query) {
            ManageOutcome::Saved
        } else {
            ManageOutcome::None
        };
        return manage::show(&web, site, &reader, &token, outcome).await;
    };
    let mut shown = pause_page(&web, site, subscription, &token).await?;
    if !is_in_force(subscription) {
        // A reader who has left can still have everything exported and erased.
        shown.ended = Some(how_to_subscribe(&web, &shown.site.words, subscription).await?);
        return Ok((StatusCode::GONE, page(&shown)?).into_response());
    }
    shown.saved = is_saved(&query);
    Ok(page(&shown)?.into_response())
}

/// POST `/preferences/{token}` with the link of a mail: saves a pause.
pub(super) async fn save(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path(token): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let reader = reader_of(&web, &site, &token).await?;
    let address = format!("/preferences/{}", encode(&token));
    let Some(subscription) = reader.subscription else {
        return Ok(Redirect::to(&address).into_response());
    };
    if !is_in_force(&subscription) {
        return not_subscribed(&web, site, &subscription).await;
    }
    let fields = FormFields::read(&body);
    let mut problems = FieldProblems::default();
    let change = fields.change_of_pause(&site.words, &mut problems);
    store(
        &web,
        &site,
        &subscription,
        (&change, ChangedBy::DigestLink),
        &mut problems,
    )
    .await?;
    if problems.is_empty() {
        return Ok(saved(&address));
    }
    let mut shown = pause_page(&web, site, &subscription, &token).await?;
    (shown.pause.typed, shown.pause.ends) = (fields.pause_until, fields.resume);
    shown.problems = problems;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
}

/// GET `/preferences/{token}/newsletters/{newsletter}`: all settings of one newsletter.
pub(super) async fn settings_form(
    State(web): Shared,
    site: Site,
    Path((token, slug)): Path<(String, String)>,
    query: RawQuery,
) -> Result<Response, WebError> {
    let subscription = own_subscription(&web, &site, &token, &slug).await?;
    let mut shown = settings_page(&web, site, &subscription, &token).await?;
    shown.saved = is_saved(&query);
    Ok(page(&shown)?.into_response())
}

/// POST `/preferences/{token}/newsletters/{newsletter}`: saves all settings of one newsletter.
pub(super) async fn save_settings(
    _: OwnPage,
    State(web): Shared,
    site: Site,
    Path((token, slug)): Path<(String, String)>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let subscription = own_subscription(&web, &site, &token, &slug).await?;
    let fields = FormFields::read(&body);
    let mut problems = FieldProblems::default();
    let change = fields.change(&site.words, &mut problems);
    store(
        &web,
        &site,
        &subscription,
        (&change, ChangedBy::MailedLink),
        &mut problems,
    )
    .await?;
    if problems.is_empty() {
        return Ok(saved(&settings_path(&token, &slug)));
    }
    let mut shown = settings_page(&web, site, &subscription, &token).await?;
    // The form keeps what the person typed, so that they can correct it.
    for topic in &mut shown.topics {
        topic.chosen = fields.topics.contains(&topic.name);
    }
    for choice in &mut shown.languages {
        choice.chosen = choice.language.tag() == fields.language;
    }
    shown.weekly = fields.cadence == Cadence::Weekly.as_str();
    shown.timezone = fields.timezone;
    (shown.pause.typed, shown.pause.ends) = (fields.pause_until, fields.resume);
    shown.problems = problems;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&shown)?).into_response())
}

/// GET of an address that only takes POST, such as by the language menu on a page that answers one: the page with the form.
pub(super) async fn back(Path(token): Path<String>) -> Redirect {
    Redirect::to(&format!("/preferences/{}", encode(&token)))
}

fn settings_path(token: &str, slug: &str) -> String {
    format!("/preferences/{}/newsletters/{}", encode(token), encode(slug))
}

/// The page again by GET: a page that is loaded again must not save again.
fn saved(path: &str) -> Response {
    Redirect::to(&format!("{path}?saved")).into_response()
}

/// The subscription of a reader with a link to all subscriptions, or the answer if there is none.
async fn own_subscription(web: &Web, site: &Site, token: &str, slug: &str) -> Result<Subscription, WebError> {
    let reader = reader_of(web, site, token).await?;
    let back = || WebError::answered(Redirect::to(&format!("/preferences/{}", encode(token))));
    if !reader.may_change_all() {
        return Err(back());
    }
    let subscriptions = web.app.store.read().await?.subscriptions_of(reader.id).await?;
    let found = subscriptions.into_iter().find(|own| own.newsletter_slug == slug);
    let subscription = found.ok_or_else(back)?;
    if is_in_force(&subscription) {
        return Ok(subscription);
    }
    Err(WebError::answered(
        not_subscribed(web, site.clone(), &subscription).await?,
    ))
}

/// Makes a change. If a field has a problem already, the others are only checked, so that the page shows all problems at once.
async fn store(
    web: &Web,
    site: &Site,
    subscription: &Subscription,
    (change, by): (&PreferenceChange, ChangedBy),
    problems: &mut FieldProblems,
) -> Result<(), WebError> {
    let result = if problems.is_empty() {
        let saved = preferences::save_with_others(web.signups.writes(), subscription, change, by);
        saved.await.map(|_| ())
    } else {
        preferences::check(&web.app, subscription, change).await
    };
    match result {
        Ok(()) if problems.is_empty() => {
            tracing::info!(subscription.id = %subscription.id, "preferences changed");
        }
        Ok(()) => {}
        Err(PreferenceError::Store(error)) => return Err(error.into()),
        Err(PreferenceError::Template(error)) => return Err(error.into()),
        Err(error) => add_preference_problems(problems, &error, &site.words),
    }
    Ok(())
}

/// The page for a subscription that has ended or is not confirmed. It offers to subscribe only if the newsletter takes sign-ups.
async fn not_subscribed(web: &Web, site: Site, subscription: &Subscription) -> Result<Response, WebError> {
    let shown = page(&ErrorPage {
        status: StatusCode::GONE.as_u16(),
        title: site.words.not_subscribed_title(),
        happened: site.words.not_subscribed_happened(&subscription.newsletter_name),
        next: how_to_subscribe(web, &site.words, subscription).await?,
        site,
    })?;
    Ok((StatusCode::GONE, shown).into_response())
}

async fn pause_page(web: &Web, site: Site, subscription: &Subscription, token: &str) -> Result<PausePage, WebError> {
    let mut tx = web.app.store.read().await?;
    let newsletter = tx.newsletter(subscription.newsletter_id).await?;
    let stored = tx.preferences(subscription.id).await?;
    let subscriber = tx.subscriber(subscription.subscriber_id).await?;
    drop(tx);
    let zone = zone_of(subscriber.as_ref()).unwrap_or(newsletter.timezone.0);
    let token = encode(token);
    Ok(PausePage {
        address: masked(subscription.address.as_typed()),
        newsletter: newsletter.name,
        action: format!("/preferences/{token}"),
        unsubscribe: format!("/unsubscribe/{token}"),
        saved: false,
        problems: FieldProblems::default(),
        ended: None,
        pause: pause_fields(&stored, zone, &site.words),
        site,
    })
}

fn pause_fields(stored: &Preferences, zone: Tz, words: &Words) -> PauseFields {
    let until = stored
        .paused_until
        .filter(|_| stored.state == SubscriptionState::Paused);
    PauseFields {
        until: until.map(|until| words.day(until.with_timezone(&zone).date_naive())),
        is_after_bounces: stored.pause_reason.is_some(),
        typed: String::new(),
        ends: false,
    }
}

async fn settings_page(
    web: &Web,
    site: Site,
    subscription: &Subscription,
    token: &str,
) -> Result<PreferencesPage, WebError> {
    let mut tx = web.app.store.read().await?;
    let newsletter = tx.newsletter(subscription.newsletter_id).await?;
    let offered = offered_topics(&mut tx, &web.app, &newsletter, subscription).await?;
    let stored = tx.preferences(subscription.id).await?;
    let subscriber = tx.subscriber(subscription.subscriber_id).await?;
    let written = newsletter_topics_as_written(&mut tx, &web.app, &newsletter).await?;
    drop(tx);
    let own = zone_of(subscriber.as_ref());
    let zone = own.unwrap_or(newsletter.timezone.0);
    let language = stored.language.unwrap_or_else(|| language_of(&web.app, &newsletter));
    Ok(PreferencesPage {
        address: subscription.address.as_typed().to_owned(),
        action: settings_path(token, &newsletter.slug),
        newsletter: newsletter.name,
        all: format!("/preferences/{}", encode(token)),
        unsubscribe: format!("/unsubscribe/{}", web.app.keys.unsubscribe_token(subscription.id)),
        saved: false,
        problems: FieldProblems::default(),
        topics: offered
            .into_iter()
            .map(|name| TopicChoice {
                chosen: stored.topics.iter().any(|topic| topic == name),
                label: topic_name(&name, &written),
                name,
            })
            .collect(),
        weekly: stored.cadence == Cadence::Weekly,
        timezone: own.map(|zone| zone.name().to_owned()).unwrap_or_default(),
        languages: Language::ALL
            .into_iter()
            .map(|choice| LanguageChoice {
                language: choice,
                chosen: choice == language,
            })
            .collect(),
        pause: pause_fields(&stored, zone, &site.words),
        site,
    })
}
