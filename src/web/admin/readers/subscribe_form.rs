//! The form that asks an address by mail to confirm a subscription.

use axum::http::StatusCode;

use super::super::forms::field;
use crate::domain::address::EmailAddress;
use crate::operators::SignedIn;
use crate::readers::{self, SubscribeError};
use crate::signup::SignupError;
use crate::web::error::WebError;
use crate::web::field_problems::add_signup_problems;
use crate::web::pages::FieldProblems;
use crate::web::state::Web;
use crate::words::Words;

/// What was typed into the form.
#[derive(Clone, Debug, Default)]
pub(super) struct SubscribeForm {
    pub(super) address: String,
    pub(super) newsletter: String,
    pub(super) how: String,
    pub(super) problems: FieldProblems,
    /// The newsletters to choose from: slug and name.
    pub(super) newsletters: Vec<(String, String)>,
}

impl SubscribeForm {
    pub(super) fn read(body: &[u8]) -> Self {
        Self {
            address: field(body, "address").trim().to_owned(),
            newsletter: field(body, "newsletter"),
            how: field(body, "how"),
            ..Self::default()
        }
    }

    /// Queues the confirmation mail. Otherwise the problems say why not.
    ///
    /// # Errors
    /// If the database or the template fails.
    pub(super) async fn send(
        &mut self,
        web: &Web,
        signed_in: &SignedIn,
        words: &Words,
        address: &EmailAddress,
    ) -> Result<bool, WebError> {
        let to = (address, self.newsletter.as_str());
        let asked = readers::subscribe(&web.app, &web.signups, &signed_in.actor(), to, &self.how).await;
        let Err(error) = asked else {
            return Ok(true);
        };
        match error {
            SubscribeError::Subscribed => self.problems.add("newsletter", words.reader_subscribed_already()),
            SubscribeError::Suppressed => self.problems.add("address", words.reader_suppressed_no_mail()),
            SubscribeError::BlockedDomain => self.problems.add("address", words.reader_domain_blocked()),
            SubscribeError::Refused(SignupError::Store(error)) => return Err(error.into()),
            SubscribeError::Refused(SignupError::TooMany) => {
                self.problems.add("address", words.reader_signup_limit());
            }
            SubscribeError::Refused(error) if error.is_ours() => {
                tracing::error!(%error, "a confirmation mail could not be written");
                return Err(WebError::answered(StatusCode::INTERNAL_SERVER_ERROR));
            }
            SubscribeError::Refused(error) => add_signup_problems(&mut self.problems, &error, words),
        }
        // The form calls the field by another name than the form for readers.
        for problem in &mut self.problems.of_fields {
            if problem.field == "email" {
                problem.field = "address";
            }
        }
        Ok(false)
    }
}
