//! The sign-up form. Its answer is the same for every address, and takes about the same time, so that nobody can learn who is
//! subscribed.

use std::time::Duration;

use axum::extract::{RawForm, RawQuery, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use tokio::time::Instant;

use super::client::Client;
use super::embed_page::{embed_page, embed_path};
use super::error::{WebError, page};
use super::field_problems::add_signup_problems;
use super::headers::{PageSources, policy};
use super::origin::PostedFrom;
use super::pages::{
    EmbedView, ErrorPage, FieldProblems, ProofForm, ProvePage, SignupForm, Site, SubscribePage, SubscribeSentPage,
};
use super::signup_fields::{FormFields, NamedPages, NotListed};
use super::signup_form::{FormPlacement, make_form};
use super::state::{Shared, Web};
use crate::domain::consent::ConsentSource;
use crate::domain::page_url::PageUrl;
use crate::signup::form_words::words_of_newsletter;
use crate::signup::proof::{new_challenge, new_question};
use crate::signup::{SentForm, ShownWords, SignupError, SignupRequest, new_form_token};

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

/// When a client may send a request over a limit again.
pub(super) const RETRY_AFTER_LIMIT: [(HeaderName, &str); 1] = [(header::RETRY_AFTER, "300")];

/// The answer to a sign-up over a limit. The layer `error_pages::explain` adds the page.
pub(super) fn too_many() -> Response {
    (StatusCode::TOO_MANY_REQUESTS, RETRY_AFTER_LIMIT).into_response()
}

/// GET `/subscribe`. `?newsletter=SLUG` preselects a newsletter.
pub(super) async fn form(State(web): Shared, site: Site, RawQuery(query): RawQuery) -> Result<Response, WebError> {
    let preselected = FormFields::preselected(query.unwrap_or_default().as_bytes());
    let form = make_form(&web, &site, FormPlacement::Page, &preselected, FieldProblems::default()).await?;
    form_answer(&web, site, FormPlacement::Page, form, &NamedPages::default()).await
}

/// A page with a form.
pub(super) async fn form_answer(
    web: &Web,
    site: Site,
    place: FormPlacement<'_>,
    form: SignupForm,
    named: &NamedPages,
) -> Result<Response, WebError> {
    let has_script = form.has_script();
    let shown = match place {
        FormPlacement::Embed(newsletter) => {
            let heading = form.words.heading.clone();
            embed_page(site, newsletter, &heading, EmbedView::Form(Box::new(form)))?
        }
        FormPlacement::Box | FormPlacement::Page => {
            let content = web.lists.current_or_empty(&web.app).await;
            page(&SubscribePage {
                next_issue: content.next_issue(web.app.clock.now()),
                latest_issue: content.latest_issue.clone(),
                site,
                form,
            })?
        }
    };
    Ok(with_policy(web, place, named, has_script, shown))
}

/// The page with the headers of one that has a form. A page of ours may also lead to the page to return to, because browsers hold the
/// redirect after a form against the policy of the form's page.
fn with_policy(
    web: &Web,
    place: FormPlacement<'_>,
    named: &NamedPages,
    has_script: bool,
    shown: Html<String>,
) -> Response {
    let sources = PageSources {
        scripts: has_script.then(|| "'self'".to_owned()).into_iter().collect(),
        forms: named.next.iter().map(PageUrl::origin).collect(),
        is_embed: matches!(place, FormPlacement::Embed(_)),
        ..PageSources::default()
    };
    let mut response = (NO_STORE, shown).into_response();
    if let Ok(policy) = HeaderValue::try_from(policy(&web.app.config, &sources)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// POST `/subscribe`
pub(super) async fn submit(
    posted_from: PostedFrom,
    State(web): Shared,
    site: Site,
    Client(network): Client,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let form = PostedForm {
        fields: FormFields::read(&body),
        posted_from,
        network,
    };
    form.answer(&web, site, FormPlacement::Page).await
}

/// A form as it was sent.
pub(super) struct PostedForm {
    pub(super) fields: FormFields,
    pub(super) posted_from: PostedFrom,
    pub(super) network: std::net::IpAddr,
}

impl PostedForm {
    /// Signs up, and answers with a redirect that is the same for every address; or with a page that says what is wrong with the form.
    pub(super) async fn answer(self, web: &Web, site: Site, place: FormPlacement<'_>) -> Result<Response, WebError> {
        let begun = Instant::now();
        let named = match self.fields.named_pages(&web.app.config.signup.origins) {
            Ok(named) => named,
            Err(NotListed(field)) => return self.not_listed(web, site, field).await,
        };
        let fields = &self.fields;
        let mut problems = FieldProblems::default();
        let doubtful = fields.doubtful_domain();
        if let Some((_, meant)) = &doubtful {
            problems.add("email", site.words.did_you_mean(meant));
        }
        let cadence = fields.cadence().unwrap_or_else(|_| {
            problems.add("cadence", site.words.cadence_unknown());
            None
        });
        let language = fields.language.unwrap_or(site.words.language());
        let (source, words, form) = self.origin(web, &site, place, &named);
        let request = SignupRequest {
            email: fields.email.clone(),
            newsletters: match place {
                FormPlacement::Embed(newsletter) => vec![newsletter.slug.clone()],
                FormPlacement::Box | FormPlacement::Page => fields.newsletters.clone(),
            },
            name: Some(fields.name.clone()),
            timezone: Some(fields.timezone.clone()),
            topics: fields.topics.clone(),
            cadence,
            language: Some(language),
            source,
            words,
            network: Some(self.network),
            honeypot_filled: !fields.honeypot.is_empty(),
            form,
            proof: fields.proof(),
        };
        if !problems.is_empty() {
            if let Some(error) = web.signups.field_errors(&request).await? {
                add_signup_problems(&mut problems, &error, &site.words);
            }
            let asked = doubtful.map(|(typed, _)| typed);
            return self.show_again(web, site, place, &named, problems, asked).await;
        }
        match web.signups.request(request).await {
            Ok(()) => {
                hide_duration(begun).await;
                Ok(sent_to(&site, place, &named))
            }
            Err(SignupError::TooMany) => Ok(too_many()),
            Err(SignupError::ProofRequired) => self.prove(web, site, place, &named),
            Err(SignupError::Store(error)) => Err(error.into()),
            Err(SignupError::Template(error)) => Err(askama::Error::custom(error).into()),
            Err(error) => {
                add_signup_problems(&mut problems, &error, &site.words);
                self.show_again(web, site, place, &named, problems, None).await
            }
        }
    }

    /// For the consent record: which form was used, and its words. And what shows that it is ours.
    fn origin(
        &self,
        web: &Web,
        site: &Site,
        place: FormPlacement<'_>,
        named: &NamedPages,
    ) -> (ConsentSource, ShownWords, SentForm) {
        let fields = &self.fields;
        let shown_in = fields.shown_in.or(fields.language).unwrap_or(site.words.language());
        let page = named.page.as_ref().map(PageUrl::without_query);
        let token = SentForm::Token(fields.form.clone());
        let given = || fields.given_words().map_or(ShownWords::Unknown, ShownWords::Given);
        match (&self.posted_from, place, page) {
            (PostedFrom::Listed(origin), _, page) => {
                let page = page.unwrap_or_else(|| origin.clone());
                (ConsentSource::FormOf(page), given(), SentForm::NotOurs)
            }
            (PostedFrom::OwnSite, FormPlacement::Embed(newsletter), page) => {
                let words = words_of_newsletter(&web.app.words(shown_in), &web.app.config.site, newsletter);
                let source = page.map_or(ConsentSource::Form, ConsentSource::FormOf);
                (source, ShownWords::Given(words.as_shown()), token)
            }
            // The form of another site, after the proof of work on a page of ours.
            (PostedFrom::OwnSite, _, Some(page)) => (ConsentSource::FormOf(page), given(), token),
            (PostedFrom::OwnSite, _, None) => (ConsentSource::Form, ShownWords::OurForm(shown_in), token),
        }
    }

    /// The form again, with what was typed. `asked` is the domain that the reader is asked about.
    async fn show_again(
        self,
        web: &Web,
        site: Site,
        place: FormPlacement<'_>,
        named: &NamedPages,
        problems: FieldProblems,
        asked: Option<String>,
    ) -> Result<Response, WebError> {
        let mut form = make_form(web, &site, place, &self.fields, problems).await?;
        // The page has the words of our form, so what another form showed does not count any more.
        form.hidden = self.fields.carried(matches!(place, FormPlacement::Embed(_)));
        let asked = asked.unwrap_or_else(|| self.fields.asked.clone());
        form.hidden.extend((!asked.is_empty()).then_some(("asked", asked)));
        let mut response = form_answer(web, site, place, form, named).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    }

    /// The page that asks for a proof of work, or for an answer. It has the fields of the form, so that nothing is typed again.
    fn prove(self, web: &Web, site: Site, place: FormPlacement<'_>, named: &NamedPages) -> Result<Response, WebError> {
        let fields = &self.fields;
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
            ("cadence", &fields.cadence),
            ("asked", &fields.asked),
        ];
        let languages = [("language", fields.language), ("shown_in", fields.shown_in)];
        let mut sent: Vec<_> = single
            .into_iter()
            .chain(lists)
            .map(|(name, value)| (name, value.clone()))
            .chain([("form", token)])
            .chain(
                languages
                    .into_iter()
                    .filter_map(|(name, language)| Some((name, language?.to_string()))),
            )
            .chain(fields.carried(true))
            .collect();
        // The form will come from a page of ours, and the record must still name the other site.
        if let (PostedFrom::Listed(origin), None) = (&self.posted_from, &named.page) {
            sent.push(("page", origin.clone()));
        }
        let action = match place {
            FormPlacement::Embed(newsletter) => embed_path(&site, newsletter),
            FormPlacement::Box | FormPlacement::Page => "/subscribe".to_owned(),
        };
        let proof = ProofForm {
            action,
            fields: sent,
            challenge: new_challenge(&web.app),
            summands: question.summands.map(u16::from),
            question_token: question.token,
            is_repeated: fields.proof().is_some(),
        };
        let shown = match place {
            FormPlacement::Embed(newsletter) => {
                let heading = site.words.prove_heading();
                embed_page(site, newsletter, &heading, EmbedView::Prove(Box::new(proof)))?
            }
            FormPlacement::Box | FormPlacement::Page => page(&ProvePage { site, proof })?,
        };
        Ok(with_policy(web, place, named, true, shown))
    }

    /// The page for a form whose maker has to correct it. It is the same for every address.
    async fn not_listed(self, web: &Web, site: Site, field: &'static str) -> Result<Response, WebError> {
        match web.signups.count_invalid(self.network).await {
            Ok(()) => {}
            Err(SignupError::TooMany) => return Ok(too_many()),
            Err(SignupError::Store(error)) => return Err(error.into()),
            Err(error) => return Err(askama::Error::custom(error).into()),
        }
        let words = &site.words;
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let shown = ErrorPage {
            status: status.as_u16(),
            title: words.form_wrong_title(),
            happened: words.form_wrong_happened(field),
            next: words.form_wrong_next(),
            site,
        };
        Ok((status, page(&shown)?).into_response())
    }
}

/// The redirect after an accepted request: to the page that the form names, or to ours.
fn sent_to(site: &Site, place: FormPlacement<'_>, named: &NamedPages) -> Response {
    match (&named.next, place) {
        (_, FormPlacement::Embed(newsletter)) => {
            let (slug, language) = (&newsletter.slug, site.words.language());
            Redirect::to(&format!("/embed/{slug}/sent?lang={language}")).into_response()
        }
        (Some(next), _) => Redirect::to(next.as_str()).into_response(),
        (None, _) => Redirect::to("/subscribe/sent").into_response(),
    }
}

pub(super) async fn sent(site: Site) -> Result<Html<String>, WebError> {
    page(&SubscribeSentPage { site })
}
