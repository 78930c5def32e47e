//! The mails that sign-ups cause. A mail is rendered once for all readers of the same newsletters, and its text is stored once.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::confirmation_mail::{self, ConfirmationCause, ConfirmationView, listed};
use super::subscription_mail::{self, MailCause, SubscriptionLine, SubscriptionMailView};
use crate::app::App;
use crate::store::texts::SharedText;
use crate::text::plain::one_line;
use crate::words::Language;

/// The placeholder for the token in a confirmation mail. The sender replaces it, because the token itself is never stored.
pub const TOKEN_PLACEHOLDER: &str = "DAYWIRE_CONFIRMATION_TOKEN_OF_THIS_READER";

/// A process keeps at most this many rendered mails, because a request may name any combination of newsletters.
const MAX_MAILS: usize = 256;

/// The mail that a request requires.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct RequiredMail {
    pub(super) content: MailContent,
    pub(super) language: Language,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum MailContent {
    /// Asks to confirm the subscriptions to these newsletters, by name.
    Confirm(ConfirmationCause, Vec<String>),
    /// Says that the address is already subscribed to these newsletters: name, and whether the subscription is paused.
    AlreadySubscribed(Vec<(String, bool)>),
}

/// A rendered mail without recipient and links.
#[derive(Debug)]
pub(super) struct SharedMail {
    pub(super) subject: String,
    pub(super) html: SharedText,
    pub(super) text: SharedText,
}

/// A mail, or why it cannot be rendered.
type Rendered = Result<Arc<SharedMail>, Arc<askama::Error>>;

/// Keeps rendered mails between sign-ups, because rendering takes longer than everything else in a sign-up. It also knows which
/// texts are stored, because sending a text to the database takes longer than sending its hash.
#[derive(Debug, Default)]
pub(super) struct MailCache {
    rendered: Mutex<HashMap<RequiredMail, Rendered>>,
    /// The hashes of texts that are stored.
    stored: Mutex<HashSet<[u8; 32]>>,
}

impl MailCache {
    /// The mail, if it was rendered before.
    pub(super) fn get(&self, required: &RequiredMail) -> Option<Rendered> {
        let rendered = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        rendered.get(required).cloned()
    }

    /// Renders a mail and keeps it.
    pub(super) fn render(&self, app: &App, required: RequiredMail) {
        let mail = render(app, &required).map(Arc::new).map_err(Arc::new);
        let mut rendered = self.rendered.lock().unwrap_or_else(PoisonError::into_inner);
        if rendered.len() >= MAX_MAILS {
            rendered.clear();
        }
        rendered.insert(required, mail);
    }

    /// Whether this process knows that a text is stored.
    pub(super) fn is_stored(&self, text: &SharedText) -> bool {
        let stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        stored.contains(&text.hash)
    }

    /// Remembers that a text is stored. Call it after the commit.
    pub(super) fn note_stored(&self, hashes: impl IntoIterator<Item = [u8; 32]>) {
        let mut stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        if stored.len() >= 4 * MAX_MAILS {
            stored.clear();
        }
        stored.extend(hashes);
    }
}

fn render(app: &App, required: &RequiredMail) -> Result<SharedMail, askama::Error> {
    let words = app.words(required.language);
    match &required.content {
        MailContent::Confirm(cause, newsletters) => {
            let mail = confirmation_mail::render(&ConfirmationView {
                words,
                cause: *cause,
                site_name: app.config.site.name.clone(),
                site_url: app.link(""),
                newsletters: newsletters.clone(),
                confirm_url: app.link(&format!("/confirm/{TOKEN_PLACEHOLDER}")),
                valid_for: app.config.signup.token_ttl,
                postal_address: app.config.site.postal_address.clone(),
                look: Arc::clone(&app.look),
            })?;
            Ok(SharedMail {
                subject: mail.subject,
                html: SharedText::new(mail.html),
                text: SharedText::new(mail.text),
            })
        }
        MailContent::AlreadySubscribed(subscriptions) => {
            let names: Vec<String> = subscriptions.iter().map(|(name, _)| name.clone()).collect();
            let names = one_line(&listed(&names, &words));
            let lines = subscriptions
                .iter()
                .enumerate()
                .map(|(index, (name, is_paused))| SubscriptionLine {
                    newsletter: one_line(name),
                    notes: is_paused
                        .then(|| words.already_subscribed_paused())
                        .into_iter()
                        .collect(),
                    token: subscription_mail::placeholder(index),
                });
            let view = SubscriptionMailView {
                subject: words.already_subscribed_subject(&names),
                opening: words.already_subscribed_opening(&app.config.site.name, &names),
                subscriptions: lines.collect(),
                link: None,
                closing: words.already_subscribed_closing(),
                cause: MailCause::Subscribed,
            };
            let (html, text) = subscription_mail::render(&app.mail_site(), &words, &view)?;
            Ok(SharedMail {
                subject: view.subject,
                html: SharedText::new(html),
                text: SharedText::new(text),
            })
        }
    }
}
