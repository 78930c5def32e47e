//! Mails to a subscriber about existing subscriptions: the address is already subscribed, or preferences have changed.

use askama::Template;

use crate::app::App;
use crate::domain::ids::SubscriptionId;
use crate::domain::tokens::Keys;
use crate::mail::html::inline_styles;
use crate::text::plain::wrap;
use crate::words::Words;

/// The content of the mail. It contains no text that was typed into a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountView {
    pub(crate) subject: String,
    /// A sentence about the event that caused the mail.
    pub(crate) opening: String,
    pub(crate) subscriptions: Vec<SubscriptionLine>,
    /// A link to one page, if the mail has one.
    pub(crate) link: Option<AccountLink>,
    /// Says what to do if the recipient did not cause it.
    pub(crate) closing: String,
}

/// A link in the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountLink {
    pub(crate) label: String,
    /// With [`LINK_PLACEHOLDER`] in the place of its token.
    pub(crate) url: String,
}

/// The placeholder for the token of a signed link. The sender replaces it, because the token itself is never stored.
pub(crate) const LINK_PLACEHOLDER: &str = "DAYWIRE_TOKEN_OF_THE_SIGNED_LINK_HERE";

/// One subscription in the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubscriptionLine {
    /// The name of the newsletter.
    pub(crate) newsletter: String,
    /// Sentences about the state of the subscription.
    pub(crate) notes: Vec<String>,
    /// The token of its links, or the [`placeholder`] for it.
    pub(crate) token: String,
}

/// The values that the templates show.
struct Page<'a> {
    view: &'a AccountView,
    words: &'a Words,
    site_name: &'a str,
    site_url: String,
    postal_address: Option<&'a str>,
}

impl Page<'_> {
    fn preferences(&self, line: &SubscriptionLine) -> String {
        format!("{}/preferences/{}", self.site_url, line.token)
    }

    fn unsubscribe(&self, line: &SubscriptionLine) -> String {
        format!("{}/unsubscribe/{}", self.site_url, line.token)
    }
}

#[derive(Template)]
#[template(path = "emails/account.html")]
struct Html<'a> {
    page: &'a Page<'a>,
    /// The values for the frame that all mails share.
    view: &'a Page<'a>,
}

#[derive(Template)]
#[template(path = "emails/account.txt")]
struct Text<'a> {
    page: &'a Page<'a>,
}

/// The HTML with its styles inlined, and the plain text with the same links.
///
/// # Errors
/// If a template fails, which only a broken build can cause.
pub(crate) fn render(app: &App, words: &Words, view: &AccountView) -> Result<(String, String), askama::Error> {
    let page = &Page {
        view,
        words,
        site_name: &app.config.site.name,
        site_url: app.link(""),
        postal_address: app.config.site.postal_address.as_deref(),
    };
    let html = Html { page, view: page }.render()?;
    let html = inline_styles(&html).map_err(askama::Error::custom)?;
    Ok((html, Text { page }.render()?))
}

/// The placeholder for the token of the subscription with this index in a mail, so that the mails of all readers share one text.
pub(crate) fn placeholder(index: usize) -> String {
    format!("DAYWIRE_TOKEN_OF_SUBSCRIPTION_{index:03}_HERE")
}

/// Replaces the placeholders by the tokens of `subscriptions`.
pub(crate) fn fill(keys: &Keys, subscriptions: &[SubscriptionId], body: &str) -> String {
    let subscriptions = subscriptions.iter().enumerate();
    subscriptions.fold(body.to_owned(), |body, (index, subscription)| {
        body.replace(&placeholder(index), &keys.unsubscribe_token(*subscription))
    })
}
