//! Signing a reader up from the form below the list.

use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::super::console::{Console, Notice, done};
use super::list::with_form;
use super::path::reader_path;
use super::subscribe_form::SubscribeForm;
use crate::domain::address::EmailAddress;
use crate::operators::SignedIn;
use crate::web::error::{WebError, page as render};
use crate::web::field_problems::address_problem;
use crate::web::state::Shared;

/// POST `/admin/readers/subscribe`: the form below the list.
pub(super) async fn subscribe(
    State(web): Shared,
    console: Console,
    signed_in: SignedIn,
    RawForm(body): RawForm,
) -> Result<Response, WebError> {
    let mut form = SubscribeForm::read(&body);
    match EmailAddress::parse(&form.address) {
        Err(error) => form.problems.add("address", address_problem(&error, &console.words)),
        Ok(address) => {
            if form.send(&web, &signed_in, &console.words, &address).await? {
                let subscriber = web
                    .app
                    .store
                    .read()
                    .await?
                    .subscriber_by_address(&web.app.keys, &address)
                    .await?;
                // There is no row if the mailbox has reached its limit of mails for the day.
                let path = subscriber.map_or_else(|| "/admin/readers".to_owned(), |found| reader_path(found.id));
                return Ok(done(&path, Notice::SignupRequested).into_response());
            }
        }
    }
    let shown = with_form(&web, console, form).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render(&shown)?).into_response())
}
