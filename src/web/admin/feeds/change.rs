//! Changes a feed: fetches it now, decides how the site shows its articles and where their text comes from, and which newsletters read it.

use axum::extract::{Path, RawForm, State};
use axum::response::Redirect;
use url::Url;

use super::super::console::{Notice, done};
use super::super::forms::field;
use super::lookup::{feed_path, find, newsletter};
use crate::domain::states::TextFrom;
use crate::ingest::managing_feeds::{self, AddedFeed};
use crate::operators::SignedIn;
use crate::web::error::WebError;
use crate::web::state::Shared;

/// Makes the feed due now. The service fetches it, so that no server gets two requests at once.
pub(super) async fn fetch(
    State(web): Shared,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Redirect, WebError> {
    let feed = find(&mut web.app.store.read().await?, &id).await?;
    managing_feeds::resume(&web.app, &signed_in.actor(), &feed).await?;
    Ok(done(&feed_path(feed.id), Notice::FeedDue))
}

pub(super) async fn set_text(
    State(web): Shared,
    signed_in: SignedIn,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Result<Redirect, WebError> {
    let feed = find(&mut web.app.store.read().await?, &id).await?;
    let actor = signed_in.actor();
    // The page has a form for each of the two.
    if let Ok(text_from) = field(&body, "text_from").parse::<TextFrom>() {
        managing_feeds::set_text_from(&web.app, &actor, &feed, text_from).await?;
    } else {
        let full_text = field(&body, "full_text") == "true";
        managing_feeds::set_full_text(&web.app, &actor, &feed, full_text).await?;
    }
    Ok(done(&feed_path(feed.id), Notice::FeedChanged))
}

/// Lets another newsletter read the feed.
pub(super) async fn read_for(
    State(web): Shared,
    signed_in: SignedIn,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Result<Redirect, WebError> {
    let mut tx = web.app.store.read().await?;
    let feed = find(&mut tx, &id).await?;
    let newsletter = newsletter(&mut tx, &field(&body, "newsletter")).await?;
    drop(tx);
    let url = Url::parse(&feed.url).map_err(|_| WebError::NotFound)?;
    let actor = signed_in.actor();
    let added = AddedFeed {
        url: &url,
        title: &feed.title,
        full_text: false,
        text_from: None,
        request: None,
    };
    managing_feeds::add(&web.app, &actor, &newsletter, added).await?;
    Ok(done(&feed_path(feed.id), Notice::FeedChanged))
}

/// Stops a newsletter from reading the feed.
pub(super) async fn remove(
    State(web): Shared,
    signed_in: SignedIn,
    Path(id): Path<String>,
    RawForm(body): RawForm,
) -> Result<Redirect, WebError> {
    let mut tx = web.app.store.read().await?;
    let feed = find(&mut tx, &id).await?;
    let newsletter = newsletter(&mut tx, &field(&body, "newsletter")).await?;
    drop(tx);
    managing_feeds::remove(&web.app, &signed_in.actor(), &newsletter, &feed).await?;
    Ok(done(&feed_path(feed.id), Notice::FeedRemoved))
}
