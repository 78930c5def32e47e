//! Notices to the operators: a mail to each address of `operators.notify`, queued in the transaction that causes it.

use askama::Template;
use chrono::TimeDelta;
use serde::Serialize;

use crate::app::App;
use crate::domain::ids::TransactionalMailId;
use crate::domain::redact::without_addresses;
use crate::domain::states::MailKind;
use crate::mail::look::{MailCommon, MailContext, MailLook, MailSite};
use crate::store::transactional_mails::{MailLinks, TransactionalMail};
use crate::store::{StoreError, Tx};
use crate::templates::TemplateFault;
use crate::text::plain::{one_line, shorten, wrap};
use crate::words::{Language, Words};

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

/// The values that the built-in templates show.
struct View<'a> {
    site_name: &'a str,
    site_url: &'a str,
    postal_address: Option<&'a str>,
    subject: &'a str,
    /// Paragraphs, each a list of lines.
    paragraphs: &'a [Vec<String>],
    look: &'a MailLook,
}

#[derive(Template)]
#[template(path = "emails/notice.html")]
struct Html<'a> {
    view: &'a View<'a>,
}

#[derive(Template)]
#[template(path = "emails/notice.txt")]
struct Text<'a> {
    view: &'a View<'a>,
}

/// What an operator's template of the mail can show. `docs/reference/templates.md` explains each field.
#[derive(Serialize)]
struct Context<'a> {
    subject: &'a str,
    paragraphs: &'a [Vec<String>],
}

/// HTML and text of a notice. Notices are for operators, so they are in English.
///
/// # Errors
/// If a template fails, which only a broken build can cause.
pub(crate) fn render(
    site: &MailSite<'_>,
    english: &Words,
    subject: &str,
    text: &str,
) -> Result<(String, String), askama::Error> {
    let paragraphs = &paragraphs(text);
    let view = &View {
        site_name: site.name,
        // The address with a slash at its end is how browsers write it.
        site_url: &format!("{}/", site.url),
        postal_address: site.postal_address,
        subject,
        paragraphs,
        look: site.look,
    };
    let context = MailContext {
        mail: MailCommon::of(site, english),
        content: Context { subject, paragraphs },
    };
    site.look.mail_parts(
        ["notice.html", "notice.txt"],
        english,
        &context,
        &[],
        || Html { view }.render(),
        || Text { view }.render(),
    )
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
    let english = app.words(Language::English);
    let (html, text) = render(&app.mail_site(), &english, &subject, text)?;
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

/// Queues a notice about each of the operator's templates that failed on real data: once for a version of the templates, in whichever
/// process it fails.
///
/// # Errors
/// [`NoticeError`]. Call it again: the failure is not forgotten.
pub async fn failed_templates(app: &App) -> Result<(), NoticeError> {
    while let Some((name, fault)) = app.look.templates.take_failure() {
        if let Err(error) = failed_template(app, name, &fault).await {
            app.look.templates.put_back_failure(name, fault);
            return Err(error);
        }
    }
    Ok(())
}

async fn failed_template(app: &App, name: &str, fault: &TemplateFault) -> Result<(), NoticeError> {
    let text = format!(
        "{fault}\n\nDaywire used the built-in template instead, so nothing was held up. It does so each time that yours fails, and this \
         is the only notice about it.\n\nRender your templates with the stories of the latest issue:\n\
         daywire template check --issue last\n\nCorrect the file, then restart the service."
    );
    let mut tx = app.store.write().await?;
    let version = app.look.templates.version();
    if !tx.note_failed_template(name, version, app.clock.now()).await? {
        return Ok(());
    }
    notify(
        &mut tx,
        app,
        &format!("Your template {name} failed"),
        &without_addresses(&text),
    )
    .await?;
    tx.commit().await?;
    app.transactional_wakeup.notify_one();
    Ok(())
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
