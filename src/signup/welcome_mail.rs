//! The welcome mail: sent once after a confirmation, if the newsletter's file has `welcome`.
//!
//! It is rendered before the transaction that confirms, and queued in it. So there is one if and only if the subscription was confirmed,
//! even if a process is killed in between.

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::subscription_mail;
use crate::app::App;
use crate::digest::archived_issue_path;
use crate::domain::address::EmailAddress;
use crate::domain::ids::{NewsletterId, SubscriberId, SubscriptionId, TransactionalMailId};
use crate::domain::states::MailKind;
use crate::mail::look::{MailCommon, MailContext, MailLook, MailSite};
use crate::store::newsletters::Newsletter;
use crate::store::transactional_mails::{MailLinks, TransactionalMail};
use crate::store::{StoreError, Tx};
use crate::templates::Required;
use crate::text::plain::{one_line, plain_line, wrap};
use crate::words::Words;

/// A welcome mail that could not be sent is given up after this time.
const LIFETIME: TimeDelta = TimeDelta::days(2);
/// The shortest time between two welcome mails for one subscription.
pub(crate) const WELCOME_INTERVAL: TimeDelta = TimeDelta::days(30);

/// The values that the built-in templates show.
struct WelcomeView<'a> {
    words: &'a Words,
    site_name: &'a str,
    site_url: &'a str,
    postal_address: Option<&'a str>,
    subject: &'a str,
    /// The newsroom's own text, or ours.
    paragraphs: &'a [String],
    latest: Option<&'a LatestIssue>,
    /// The token of the links, as a placeholder.
    token: &'a str,
    look: &'a MailLook,
}

/// The newest issue in the archive.
#[derive(Serialize)]
pub(crate) struct LatestIssue {
    pub(crate) subject: String,
    pub(crate) url: String,
}

#[derive(Template)]
#[template(path = "emails/welcome.html")]
struct Html<'a> {
    view: &'a WelcomeView<'a>,
}

#[derive(Template)]
#[template(path = "emails/welcome.txt")]
struct Text<'a> {
    view: &'a WelcomeView<'a>,
}

/// The welcome mail of a newsletter, without its recipient.
#[derive(Debug)]
pub(crate) struct WelcomeMail {
    pub(crate) newsletter: NewsletterId,
    reply_to: Option<String>,
    subject: String,
    html: String,
    text: String,
}

/// Why a welcome mail could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum WelcomeError {
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail could not be rendered, which only a broken build can cause.
    #[error("the welcome mail could not be written: {0}")]
    Template(#[from] askama::Error),
}

impl WelcomeMail {
    /// The welcome mail of a newsletter; `None` if it sends none.
    pub(crate) async fn of(app: &App, newsletter: &Newsletter, words: &Words) -> Result<Option<Self>, WelcomeError> {
        let Some(own_text) = &newsletter.welcome else {
            return Ok(None);
        };
        let mut past = app
            .store
            .read()
            .await?
            .past_issues(Some(newsletter.id), None, 1)
            .await?;
        let latest = past.pop().map(|issue| LatestIssue {
            subject: one_line(&issue.subject),
            url: app.link(&archived_issue_path(&newsletter.slug, issue.number)),
        });
        let name = one_line(&newsletter.name);
        let paragraphs = match own_paragraphs(own_text) {
            own if own.is_empty() => vec![words.welcome_text(&name)],
            own => own,
        };
        let subject = words.welcome_subject(&name);
        let token = subscription_mail::placeholder(0);
        let (html, text) = render(&app.mail_site(), words, &subject, &paragraphs, latest.as_ref(), &token)?;
        Ok(Some(Self {
            newsletter: newsletter.id,
            reply_to: newsletter.reply_to.clone(),
            html,
            text,
            subject,
        }))
    }

    /// Queues the mail in the transaction that confirms the subscription, unless one was queued within [`WELCOME_INTERVAL`]. So a reader
    /// who leaves and comes back several times gets one.
    pub(crate) async fn queue(
        &self,
        tx: &mut Tx,
        app: &App,
        subscriber: (SubscriberId, &EmailAddress),
        subscription: SubscriptionId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (subscriber, recipient) = subscriber;
        if !tx.begin_welcome(subscription, now - WELCOME_INTERVAL, now).await? {
            return Ok(());
        }
        tx.add_transactional_mail(&TransactionalMail {
            id: TransactionalMailId(app.rng.uuid(now)),
            kind: MailKind::Welcome,
            subscriber_id: Some(subscriber),
            recipient: recipient.clone(),
            reply_to: self.reply_to.clone(),
            subject: self.subject.clone(),
            html: self.html.clone(),
            text: self.text.clone(),
            links: MailLinks::Subscriptions(vec![subscription]),
            requester: recipient.domain().to_owned(),
            turn_at: now,
            attempts: 0,
            expires_at: now + LIFETIME,
            created_at: now,
        })
        .await
    }
}

/// What an operator's template of the mail can show. `docs/reference/templates.md` explains each field.
#[derive(Serialize)]
struct Context<'a> {
    subject: &'a str,
    paragraphs: &'a [String],
    latest: Option<&'a LatestIssue>,
    preferences_url: &'a str,
    unsubscribe_url: &'a str,
}

/// HTML and text of the mail.
///
/// # Errors
/// If a template fails, which only a broken build can cause.
pub(crate) fn render(
    site: &MailSite<'_>,
    words: &Words,
    subject: &str,
    paragraphs: &[String],
    latest: Option<&LatestIssue>,
    token: &str,
) -> Result<(String, String), askama::Error> {
    let view = &WelcomeView {
        words,
        site_name: site.name,
        site_url: &site.url,
        postal_address: site.postal_address,
        subject,
        paragraphs,
        latest,
        token,
        look: site.look,
    };
    let unsubscribe_url = &format!("{}/unsubscribe/{token}", site.url);
    let preferences_url = &format!("{}/preferences/{token}", site.url);
    let context = MailContext {
        mail: MailCommon::of(site, words),
        content: Context {
            subject,
            paragraphs,
            latest,
            preferences_url,
            unsubscribe_url,
        },
    };
    let unsubscribe = Required {
        variable: "unsubscribe_url",
        value: unsubscribe_url,
        reason: "every subscriber must be able to leave; put it at the foot",
    };
    site.look.mail_parts(
        ["welcome.html", "welcome.txt"],
        words,
        &context,
        &[unsubscribe],
        || Html { view }.render(),
        || Text { view }.render(),
    )
}

/// The paragraphs of a newsroom's text, which blank lines separate.
fn own_paragraphs(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let paragraphs = lines.split(|line| line.trim().is_empty());
    let paragraphs = paragraphs.map(|lines| plain_line(&lines.join(" ")));
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::own_paragraphs;

    #[test]
    fn blank_lines_separate_paragraphs() {
        assert_eq!(
            own_paragraphs("Good\nmorning.\n \n\nSee you."),
            ["Good morning.", "See you."]
        );
        assert_eq!(own_paragraphs(" \n"), Vec::<String>::new());
    }
}
