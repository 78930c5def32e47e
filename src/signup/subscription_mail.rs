//! Mails to a subscriber about existing subscriptions: the address is already subscribed, or preferences have changed.

use askama::Template;
use serde::Serialize;

use crate::domain::ids::SubscriptionId;
use crate::domain::tokens::Keys;
use crate::mail::look::{MailCommon, MailContext, MailLook, MailSite};
use crate::templates::Required;
use crate::text::plain::wrap;
use crate::words::{Linked, Words};

/// The content of the mail. It contains no text that was typed into a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SubscriptionMailView {
    pub(crate) subject: String,
    /// A sentence about the event that caused the mail.
    pub(crate) opening: String,
    pub(crate) subscriptions: Vec<SubscriptionLine>,
    /// A link to one page, if the mail has one.
    pub(crate) link: Option<SubscriptionMailLink>,
    /// Says what to do if the recipient did not cause it.
    pub(crate) closing: String,
    pub(crate) cause: MailCause,
}

/// Why an address gets the mail, which the footer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MailCause {
    /// The address has a subscription.
    Subscribed,
    /// Someone asked for the mail on the site. The address may have no subscription.
    Requested,
    /// The subscriptions had this address until now.
    FormerAddress,
    /// The address belongs to an operator.
    Operator,
}

/// A link in the mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SubscriptionMailLink {
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

/// The values that the built-in templates show.
struct Page<'a> {
    view: &'a SubscriptionMailView,
    words: &'a Words,
    site_name: &'a str,
    site_url: &'a str,
    postal_address: Option<&'a str>,
    look: &'a MailLook,
}

impl Page<'_> {
    fn preferences(&self, line: &SubscriptionLine) -> String {
        format!("{}/preferences/{}", self.site_url, line.token)
    }

    fn unsubscribe(&self, line: &SubscriptionLine) -> String {
        format!("{}/unsubscribe/{}", self.site_url, line.token)
    }

    fn sent_by(&self) -> Linked {
        match self.view.cause {
            MailCause::Subscribed => self.words.subscription_mail_sent_by(self.site_name),
            MailCause::Requested => self.words.requested_mail_sent_by(self.site_name),
            MailCause::FormerAddress => self.words.former_address_mail_sent_by(self.site_name),
            MailCause::Operator => self.words.operator_mail_sent_by(self.site_name),
        }
    }
}

#[derive(Template)]
#[template(path = "emails/subscription.html")]
struct Html<'a> {
    page: &'a Page<'a>,
    /// The values for the layout that all mails share.
    view: &'a Page<'a>,
}

#[derive(Template)]
#[template(path = "emails/subscription.txt")]
struct Text<'a> {
    page: &'a Page<'a>,
}

/// What an operator's template of the mail can show. `docs/reference/templates.md` explains each field.
#[derive(Serialize)]
struct Context<'a> {
    subject: &'a str,
    opening: &'a str,
    subscriptions: Vec<SubscriptionContext<'a>>,
    link: Option<&'a SubscriptionMailLink>,
    closing: &'a str,
    sent_by: String,
}

#[derive(Serialize)]
struct SubscriptionContext<'a> {
    newsletter: &'a str,
    notes: &'a [String],
    preferences_url: String,
    unsubscribe_url: String,
}

/// The HTML with its styles inlined, and the plain text with the same links.
///
/// # Errors
/// If a template fails, which only a broken build can cause.
pub(crate) fn render(
    site: &MailSite<'_>,
    words: &Words,
    view: &SubscriptionMailView,
) -> Result<(String, String), askama::Error> {
    let page = &Page {
        view,
        words,
        site_name: site.name,
        site_url: &site.url,
        postal_address: site.postal_address,
        look: site.look,
    };
    let subscriptions = view.subscriptions.iter().map(|line| SubscriptionContext {
        newsletter: &line.newsletter,
        notes: &line.notes,
        preferences_url: page.preferences(line),
        unsubscribe_url: page.unsubscribe(line),
    });
    let context = MailContext {
        mail: MailCommon::of(site, words),
        content: Context {
            subject: &view.subject,
            opening: &view.opening,
            subscriptions: subscriptions.collect(),
            link: view.link.as_ref(),
            closing: &view.closing,
            sent_by: page.sent_by().to_string(),
        },
    };
    let unsubscribing = context.content.subscriptions.iter().map(|line| Required {
        variable: "subscriptions[].unsubscribe_url",
        value: &line.unsubscribe_url,
        reason: "the recipient must be able to leave; show it for each of subscriptions",
    });
    let link = view.link.as_ref().map(|link| Required {
        variable: "link.url",
        value: &link.url,
        reason: "the mail is sent for this link; show it if there is one",
    });
    let required: Vec<Required<'_>> = unsubscribing.chain(link).collect();
    site.look.mail_parts(
        ["subscription.html", "subscription.txt"],
        words,
        &context,
        &required,
        || Html { page, view: page }.render(),
        || Text { page }.render(),
    )
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
