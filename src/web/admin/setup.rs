//! The link that creates the first owner.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, RawForm, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::console::{Console, MessagePage};
use super::field_texts::{Problem, problem_of};
use super::forms::field;
use super::session;
use crate::operators::{self, OperatorError};
use crate::web::client::Client;
use crate::web::error::{WebError, page};
use crate::web::state::{Shared, Web};

#[derive(Debug, Template)]
#[template(path = "admin/setup.html")]
struct SetupPage {
    console: Console,
    /// The path that the form posts to.
    action: String,
    name: String,
    email: String,
    problem: Option<Problem>,
}

impl SetupPage {
    fn problem_at(&self, field: &str) -> Option<&str> {
        Problem::at(self.problem.as_ref(), field)
    }
}

pub(super) async fn form(
    State(web): Shared,
    console: Console,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    if !operators::is_first_owner_link(&web.app, &token).await? {
        return link_is_dead(&web, console).await;
    }
    let shown = SetupPage {
        console,
        action: format!("/admin/setup/{token}"),
        name: String::new(),
        email: String::new(),
        problem: None,
    };
    Ok(page(&shown)?.into_response())
}

pub(super) async fn submit(
    State(web): Shared,
    console: Console,
    client: Client,
    Path(token): Path<String>,
    headers: HeaderMap,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let [name, email, password] = ["name", "email", "new-password"].map(|name| field(&body, name));
    let browser = session::browser(&headers, client);
    let created = operators::create_first_owner(&web.app, &token, &name, &email, &password, &browser).await;
    let problem = match created {
        Ok(new) => {
            let mut response = Redirect::to("/admin").into_response();
            session::set_cookies(&web, &mut response, &new);
            return Ok(response);
        }
        Err(OperatorError::Link) => return link_is_dead(&web, console).await,
        Err(error) => problem_of(&console.words, error)?,
    };
    let shown = page(&SetupPage {
        console,
        action: format!("/admin/setup/{token}"),
        name,
        email,
        problem: Some(problem),
    })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

/// The page for a link that creates no owner.
async fn link_is_dead(web: &Arc<Web>, console: Console) -> Result<Response, WebError> {
    let has_owner = web.app.store.read().await?.has_owner().await?;
    let words = &console.words;
    let next = if has_owner {
        words.setup_dead_has_owner()
    } else {
        words.sign_in_no_owner()
    };
    let shown = page(&MessagePage {
        title: words.setup_dead_title(),
        happened: words.setup_dead_happened(),
        next,
        console,
    })?;
    Ok((StatusCode::NOT_FOUND, shown).into_response())
}
