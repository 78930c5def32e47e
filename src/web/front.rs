//! The front page: the latest stories.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Html;

use super::error::{WebError, page};
use super::pages::{FrontPage, Site};
use super::signup::box_form;
use super::state::Shared;

pub(super) async fn front(State(web): Shared, site: Site) -> Result<Html<String>, WebError> {
    let front = web.front.current(&web.app).await?;
    page(&FrontPage {
        articles: Arc::clone(&front.stories),
        form: box_form(&web, &site).await?,
        site,
    })
}
