//! The question before a reader is erased. The operator types the address, so that a wrong tab erases nobody.

use askama::Template;
use axum::extract::{Path, RawForm, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::super::console::{Console, Notice, done};
use super::super::forms::field;
use super::actions::find;
use super::path::reader_path;
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::operators::SignedIn;
use crate::readers;
use crate::web::error::{WebError, page as render};
use crate::web::state::Shared;

#[derive(Debug, Template)]
#[template(path = "admin/reader_erase.html")]
struct ErasePage {
    console: Console,
    path: String,
    address: String,
    typed: String,
    problem: Option<String>,
}

pub(super) async fn ask(
    State(web): Shared,
    console: Console,
    Path(reader): Path<SubscriberId>,
) -> Result<Html<String>, WebError> {
    let subscriber = find(&web, &console, reader).await?;
    render(&ErasePage {
        path: reader_path(reader),
        address: subscriber.address.as_typed().to_owned(),
        typed: String::new(),
        problem: None,
        console,
    })
}

pub(super) async fn erase(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    Path(reader): Path<SubscriberId>,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let subscriber = find(&web, &console, reader).await?;
    let typed = field(&body, "address");
    let is_same = EmailAddress::parse(typed.trim()).is_ok_and(|typed| typed.key() == subscriber.address.key());
    if is_same {
        readers::erase(&web.app, &signed_in.actor(), &subscriber.address).await?;
        return Ok(done("/admin/readers", Notice::ReaderErased).into_response());
    }
    let shown = ErasePage {
        path: reader_path(reader),
        address: subscriber.address.as_typed().to_owned(),
        problem: Some(console.words.reader_erase_wrong()),
        typed,
        console,
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&shown)?).into_response())
}
