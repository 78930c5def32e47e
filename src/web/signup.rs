//! The sign-up form. Its answer is the same for every address, and takes about the same time, so that nobody can learn who is
//! subscribed.

use std::time::Duration;

use axum::extract::{RawForm, RawQuery, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use tokio::time::Instant;

use super::client::Client;
use super::error::{WebError, page};
use super::field_problems::signup_problem;
use super::headers::{PageSources, policy};
use super::origin::PostedFrom;
use super::pages::{NewsletterChoice, ProvePage, SignupForm, Site, SubscribePage, SubscribeSentPage};
use super::state::{Shared, Web};
use crate::domain::consent::ConsentSource;
use crate::signup::form_words::words_of_site;
use crate::signup::proof::{new_challenge, new_question};
use crate::signup::{SentForm, SentProof, ShownWords, SignupError, SignupRequest, new_form_token};
use crate::words::Language;

/// Every answer to a sign-up takes at least this long.
const MIN_ANSWER_TIME: Duration = Duration::from_millis(60);
/// A slower answer is delayed to the next multiple of this, so that its time reveals little about the work behind it.
const ANSWER_STEP: Duration = Duration::from_millis(20);

/// Waits until the answer to a request that began at `begun` may be sent.
pub(super) async fn hide_duration(begun: Instant) {
    let extra = begun.elapsed().saturating_sub(MIN_ANSWER_TIME);
    let steps = extra.as_nanos().div_ceil(ANSWER_STEP.as_nanos());
    let steps = u32::try_from(steps).unwrap_or(u32::MAX);
    tokio::time::sleep_until(begun + MIN_ANSWER_TIME + ANSWER_STEP.saturating_mul(steps)).await;
}

/// The form may show what was typed, and its token works once.
const NO_STORE: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// The answer to a request over a limit.
pub(super) fn too_many() -> Response {
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "300")]).into_response()
}

/// The fields of the form as they were sent.
#[derive(Debug, Default)]
struct FormFields {
    email: String,
    name: String,
    timezone: String,
    newsletters: Vec<String>,
    topics: Vec<String>,
    /// The language in which the form was shown.
    language: Option<Language>,
    /// A field that people do not see. Only a program fills it in.
    honeypot: String,
    /// The token of the form.
    form: String,
    /// The solution of a proof of work.
    altcha: String,
    /// The token of a question, and the answer to it.
    question: String,
    answer: String,
}

impl FormFields {
    fn read(body: &[u8]) -> Self {
        let mut fields = Self::default();
        for (key, value) in url::form_urlencoded::parse(body) {
            let value = value.into_owned();
            match &*key {
                "email" => fields.email = value,
                "name" => fields.name = value,
                "timezone" => fields.timezone = value,
                "newsletter" => fields.newsletters.push(value),
                "topic" => fields.topics.push(value),
                "language" => fields.language = value.parse().ok(),
                "website" => fields.honeypot = value,
                "form" => fields.form = value,
                "altcha" => fields.altcha = value,
                "question" => fields.question = value,
                "answer" => fields.answer = value,
                _ => {}
            }
        }
        fields
    }
}

impl FormFields {
    /// The proof of work, or the answer to the question.
    fn proof(&self) -> Option<SentProof> {
        if !self.altcha.is_empty() {
            return Some(SentProof::Work(self.altcha.clone()));
        }
        (!self.question.is_empty()).then(|| SentProof::Answer {
            token: self.question.clone(),
            answer: self.answer.clone(),
        })
    }
}

/// GET `/subscribe`. `?newsletter=SLUG` preselects a newsletter.
pub(super) async fn form(State(web): Shared, site: Site, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let preselected = FormFields::read(query.unwrap_or_default().as_bytes());
    let form = make_form(&web, &site, &preselected, None, new_form_token(&web.app)).await?;
    Ok((NO_STORE, subscribe_page(&web, site, form).await?).into_response())
}

async fn subscribe_page(web: &Web, site: Site, form: SignupForm) -> Result<Html<String>, WebError> {
    let content = web.lists.current_or_empty(&web.app).await;
    page(&SubscribePage {
        next_issue: content.next_issue(web.app.clock.now()),
        latest_issue: content.latest_issue.clone(),
        site,
        form,
    })
}

pub(super) async fn submit(
    posted_from: PostedFrom,
    State(web): Shared,
    site: Site,
    Client(network): Client,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let begun = Instant::now();
    let fields = FormFields::read(&body);
    let sent = Redirect::to("/subscribe/sent").into_response();
    let language = fields.language.unwrap_or(site.words.language());
    let (source, words, form) = match posted_from {
        PostedFrom::OwnSite => {
            let form = SentForm::Token(fields.form.clone());
            (ConsentSource::Form, ShownWords::OurForm(language), form)
        }
        PostedFrom::Listed(origin) => (ConsentSource::FormOf(origin), ShownWords::Unknown, SentForm::NotOurs),
    };
    let request = SignupRequest {
        email: fields.email.clone(),
        newsletters: fields.newsletters.clone(),
        name: Some(fields.name.clone()),
        timezone: Some(fields.timezone.clone()),
        topics: fields.topics.clone(),
        language: Some(language),
        source,
        words,
        network: Some(network),
        honeypot_filled: !fields.honeypot.is_empty(),
        form,
        proof: fields.proof(),
    };
    match web.signups.request(request).await {
        Ok(()) => {
            hide_duration(begun).await;
            Ok(sent)
        }
        Err(SignupError::TooMany) => Ok(too_many()),
        Err(SignupError::ProofRequired) => prove(&web, site, &fields),
        Err(SignupError::Store(error)) => Err(error.into()),
        Err(SignupError::Template(error)) => Err(askama::Error::custom(error).into()),
        Err(problem) => {
            let problem = signup_problem(&problem, &site.words);
            let form = make_form(&web, &site, &fields, Some(problem), new_form_token(&web.app)).await?;
            let shown = subscribe_page(&web, site, form).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, NO_STORE, shown).into_response())
        }
    }
}

/// The page that asks for a proof of work, or for an answer. It has the fields of the form, so that nothing is typed again.
fn prove(web: &Web, site: Site, fields: &FormFields) -> Result<Response, WebError> {
    let question = new_question(&web.app);
    // The form was not used up. The form of another site has no token, and gets one here.
    let token = if fields.form.is_empty() {
        new_form_token(&web.app)
    } else {
        fields.form.clone()
    };
    let lists = [("newsletter", &fields.newsletters), ("topic", &fields.topics)];
    let lists = lists
        .into_iter()
        .flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    let single = [
        ("email", &fields.email),
        ("name", &fields.name),
        ("timezone", &fields.timezone),
    ];
    let page = page(&ProvePage {
        site,
        fields: single
            .into_iter()
            .chain(lists)
            .map(|(name, value)| (name, value.clone()))
            .chain([("form", token)])
            .chain(fields.language.map(|language| ("language", language.to_string())))
            .collect(),
        challenge: new_challenge(&web.app),
        summands: question.summands.map(u16::from),
        question_token: question.token,
        is_repeated: fields.proof().is_some(),
    })?;
    let sources = PageSources {
        scripts: vec!["'self'".to_owned()],
        ..PageSources::default()
    };
    Ok((
        NO_STORE,
        [(header::CONTENT_SECURITY_POLICY, policy(web, &sources))],
        page,
    )
        .into_response())
}

pub(super) async fn sent(site: Site) -> Result<Html<String>, WebError> {
    page(&SubscribeSentPage { site })
}

/// The empty form for the box on other pages. The layer `etag::answer_page` fills in its token.
pub(super) async fn box_form(web: &Web, site: &Site) -> Result<SignupForm, WebError> {
    make_form(web, site, &FormFields::default(), None, web.form_placeholder.clone()).await
}

/// The empty form with one newsletter preselected.
pub(super) async fn box_form_for(web: &Web, site: &Site, newsletter: &str) -> Result<SignupForm, WebError> {
    let fields = FormFields {
        newsletters: vec![newsletter.to_owned()],
        ..FormFields::default()
    };
    make_form(web, site, &fields, None, web.form_placeholder.clone()).await
}

/// The empty form with one newsletter preselected, for a page that is not kept.
pub(super) async fn own_form_for(web: &Web, site: &Site, newsletter: &str) -> Result<SignupForm, WebError> {
    let form = box_form_for(web, site, newsletter).await?;
    Ok(SignupForm {
        token: new_form_token(&web.app),
        ..form
    })
}

async fn make_form(
    web: &Web,
    site: &Site,
    fields: &FormFields,
    problem: Option<String>,
    token: String,
) -> Result<SignupForm, WebError> {
    let newsletters = web.newsletters().await?;
    let words = words_of_site(&site.words, &web.app.config.site, &newsletters);
    let choices = newsletters
        .into_iter()
        .enumerate()
        .map(|(index, newsletter)| NewsletterChoice {
            chosen: if fields.newsletters.is_empty() {
                index == 0
            } else {
                fields.newsletters.contains(&newsletter.slug)
            },
            slug: newsletter.slug,
            name: newsletter.name,
            description: newsletter.description,
        });
    Ok(SignupForm {
        words,
        newsletters: choices.collect(),
        email: fields.email.chars().take(320).collect(),
        name: fields.name.chars().take(200).collect(),
        problem,
        token,
    })
}
