//! The form for the address and the events of a webhook.

use std::collections::BTreeSet;

use super::super::forms::{field, fields};
use super::lookup::web_error;
use crate::domain::webhook::{EventSelection, WebhookEvent};
use crate::store::webhook_endpoints::WebhookEndpoint;
use crate::web::error::WebError;
use crate::web::pages::FieldProblems;
use crate::webhooks::{MAX_ENDPOINTS, MAX_NAME_CHARS, WebhookError};
use crate::words::Words;

/// What was typed, or what is stored.
#[derive(Clone, Debug, Default)]
pub(super) struct EndpointForm {
    pub(super) url: String,
    pub(super) name: String,
    chosen: BTreeSet<String>,
    pub(super) problems: FieldProblems,
}

/// An event that can be chosen.
#[derive(Debug)]
pub(super) struct EventChoice {
    pub(super) word: &'static str,
    pub(super) is_chosen: bool,
}

impl EndpointForm {
    pub(super) fn read(body: &[u8]) -> Self {
        Self {
            url: field(body, "url"),
            name: field(body, "name"),
            chosen: fields(body, "event").into_iter().collect(),
            problems: FieldProblems::default(),
        }
    }

    pub(super) fn of(endpoint: &WebhookEndpoint) -> Self {
        let chosen = match &endpoint.events {
            EventSelection::All => BTreeSet::new(),
            EventSelection::Only(events) => events.iter().map(|event| event.as_str().to_owned()).collect(),
        };
        Self {
            url: endpoint.url.clone(),
            name: endpoint.name.clone(),
            chosen,
            problems: FieldProblems::default(),
        }
    }

    /// The chosen events. A form of this page names no others.
    pub(super) fn events(&self) -> Result<EventSelection, WebError> {
        let names: Vec<_> = self.chosen.iter().collect();
        EventSelection::parse_names(&names).map_err(|_| WebError::NotFound)
    }

    pub(super) fn choices(&self) -> Vec<EventChoice> {
        let offered = WebhookEvent::ALL
            .iter()
            .filter(|event| **event != WebhookEvent::WebhookTest);
        offered
            .map(|event| EventChoice {
                word: event.as_str(),
                is_chosen: self.chosen.contains(event.as_str()),
            })
            .collect()
    }

    /// The form with what is wrong with it.
    pub(super) fn refused(mut self, words: &Words, error: WebhookError) -> Result<Self, WebError> {
        let (field, text) = match error {
            WebhookError::Name(_) => ("name", words.webhook_name_wrong(MAX_NAME_CHARS.to_string())),
            WebhookError::Taken(_) => ("name", words.webhook_taken()),
            WebhookError::Address(reason) => ("url", words.webhook_address_refused(reason)),
            WebhookError::TooMany => ("url", words.webhook_too_many(MAX_ENDPOINTS.to_string())),
            other => return Err(web_error(other)),
        };
        self.problems.add(field, text);
        Ok(self)
    }
}
