//! The sign-up form for one newsletter, for iframes on other sites. Only pages of `signup.origins` may embed it.
//!
//! It needs no cookie: its language is in its address. The pages that answer the form are shown in the same iframe.

use axum::extract::{Path, RawForm, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::client::Client;
use super::embed_page::embed_page;
use super::error::WebError;
use super::origin::PostedFrom;
use super::pages::{EmbedView, FieldProblems, Site};
use super::signup::{PostedForm, form_answer};
use super::signup_fields::{FormFields, NamedPages, listed_page};
use super::signup_form::{FormPlacement, make_form};
use super::state::{Shared, Web};
use crate::store::newsletters::Newsletter;

async fn find(web: &Web, slug: &str) -> Result<Newsletter, WebError> {
    let newsletters = web.newsletters().await?;
    newsletters
        .into_iter()
        .find(|newsletter| newsletter.slug == slug)
        .ok_or(WebError::NotFound)
}

/// GET `/embed/{newsletter}`. `?lang=TAG` chooses the language.
pub(super) async fn form(
    State(web): Shared,
    site: Site,
    headers: HeaderMap,
    Path(newsletter): Path<String>,
) -> Result<Response, WebError> {
    let newsletter = find(&web, &newsletter).await?;
    let place = FormPlacement::Embed(&newsletter);
    let mut form = make_form(&web, &site, place, &FormFields::default(), FieldProblems::default()).await?;
    // The browser names the page around the iframe, by default without path and query.
    let referer = headers.get(header::REFERER).and_then(|referer| referer.to_str().ok());
    let around = referer.and_then(|referer| listed_page(referer, &web.app.config.signup.origins));
    form.hidden.extend(around.map(|page| ("page", page.without_query())));
    form_answer(&web, site, place, form, &NamedPages::default()).await
}

/// POST `/embed/{newsletter}`. Only the page itself may post: a form of another site posts to `/subscribe`.
pub(super) async fn submit(
    posted_from: PostedFrom,
    State(web): Shared,
    site: Site,
    Client(network): Client,
    Path(newsletter): Path<String>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    if posted_from != PostedFrom::OwnSite {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let newsletter = find(&web, &newsletter).await?;
    let form = PostedForm {
        fields: FormFields::read(&body),
        posted_from,
        network,
    };
    form.answer(&web, site, FormPlacement::Embed(&newsletter)).await
}

/// GET `/embed/{newsletter}/sent`, the same for every address.
pub(super) async fn sent(
    State(web): Shared,
    site: Site,
    Path(newsletter): Path<String>,
) -> Result<Html<String>, WebError> {
    let newsletter = find(&web, &newsletter).await?;
    let heading = site.words.check_inbox_heading();
    embed_page(site, &newsletter, &heading, EmbedView::Sent)
}
