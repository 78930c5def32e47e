//! Notices to the operators: a mail to each address of `operators.notify`, queued in the transaction that causes it.

use askama::Template;
use chrono::TimeDelta;

use crate::app::App;
use crate::domain::ids::TransactionalMailId;
use crate::domain::states::MailKind;
use crate::mail::html::inline_styles;
use crate::store::transactional_mails::{MailLinks, TransactionalMail};
use crate::store::{StoreError, Tx};
use crate::text::plain::{one_line, shorten, wrap};

/// The most characters of a subject.
const MAX_SUBJECT_CHARS: usize = 120;
/// A notice that could not be sent is given up after this time.
const LIFETIME: TimeDelta = TimeDelta::days(7);

/// Why a notice was not queued.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mail could not be rendered, which only a broken build can cause.
    #[error("a notice could not be written: {0}")]
    Template(#[from] askama::Error),
}

/// The values that the templates show.
struct View {
    site_name: String,
    site_url: String,
    postal_address: Option<String>,
    subject: String,
    /// Paragraphs, each a list of lines.
    paragraphs: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "emails/notice.html")]
struct Html<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "emails/notice.txt")]
struct Text<'a> {
    view: &'a View,
}

/// Queues a mail to every operator, and logs the subject. In the plain text, an empty line separates paragraphs, and line breaks are
/// kept. After the commit, notify `app.transactional_wakeup`, so that the mail is sent at once and not at the sender's next poll.
///
/// # Errors
/// [`NoticeError`]; then do not commit the transaction.
pub async fn notify(tx: &mut Tx, app: &App, subject: &str, text: &str) -> Result<(), NoticeError> {
    let subject = shorten(&one_line(subject), MAX_SUBJECT_CHARS).0;
    tracing::warn!(
        notice.subject = subject,
        operator.count = app.config.operators.notify.len(),
        "notice to the operators"
    );
    if app.config.operators.notify.is_empty() {
        return Ok(());
    }
    let view = View {
        site_name: app.config.site.name.clone(),
        site_url: app.link("/"),
        postal_address: app.config.site.postal_address.clone(),
        subject: subject.clone(),
        paragraphs: paragraphs(text),
    };
    let html = inline_styles(&Html { view: &view }.render()?).map_err(askama::Error::custom)?;
    let text = Text { view: &view }.render()?;
    let now = app.clock.now();
    for operator in &app.config.operators.notify {
        tx.add_transactional_mail(&TransactionalMail {
            id: TransactionalMailId(app.rng.uuid(now)),
            kind: MailKind::Notice,
            subscriber_id: None,
            recipient: operator.clone(),
            reply_to: None,
            subject: subject.clone(),
            html: html.clone(),
            text: text.clone(),
            links: MailLinks::None,
            requester: "notices".into(),
            turn_at: now,
            attempts: 0,
            expires_at: now + LIFETIME,
            created_at: now,
        })
        .await?;
    }
    Ok(())
}

/// Queues a notice that the program has paused an issue. `name` is the issue as commands take it.
///
/// # Errors
/// [`NoticeError`]; then do not commit the transaction.
pub(crate) async fn issue_paused(tx: &mut Tx, app: &App, name: &str, reason: &str) -> Result<(), NoticeError> {
    let text = format!(
        "{reason}\n\nNothing more of it is sent before you decide, and nobody is suppressed because of it.\n\nSee how far it is:\n\
         daywire issue show {name}\n\nSend the rest:\ndaywire issue resume {name}\n\nOr send no more of it:\n\
         daywire issue cancel {name}"
    );
    notify(tx, app, &format!("{name} is paused"), &text).await
}

/// Splits the text at its empty lines, and removes control characters.
fn paragraphs(text: &str) -> Vec<Vec<String>> {
    let lines: Vec<String> = text.lines().map(one_line).collect();
    lines
        .split(String::is_empty)
        .filter(|lines| !lines.is_empty())
        .map(<[String]>::to_vec)
        .collect()
}
