//! The mail that asks a reader to confirm: automatic, free of advertising, and without any text that was typed into the form.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use serde::Serialize;

use crate::mail::look::{MailCommon, MailContext, MailLook};
use crate::templates::Required;
use crate::text::plain::{one_line, wrap};
use crate::words::{Linked, Words};

/// Why a reader gets the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConfirmationCause {
    /// Somebody signed up with the address.
    SignUp,
    /// An operator imported the address from another system.
    Import,
}

/// The values that a confirmation mail shows. None of them comes from the sign-up form, so nobody can mail a text of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationView {
    /// The texts in the language of the mail.
    pub words: Words,
    /// Why the reader gets the mail.
    pub cause: ConfirmationCause,
    /// The name of the site (`site.name`).
    pub site_name: String,
    /// The base of every link (`site.url`).
    pub site_url: String,
    /// The names of the newsletters to confirm, one or more.
    pub newsletters: Vec<String>,
    /// The address of the page with the button. It contains the token.
    pub confirm_url: String,
    /// How long the link works.
    pub valid_for: Duration,
    /// The sender's postal address (`site.postal_address`).
    pub postal_address: Option<String>,
    /// Colours, fonts, logo, and links at the foot.
    pub look: Arc<MailLook>,
}

/// The rendered mail, without its recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationMail {
    /// The subject, on one line.
    pub subject: String,
    /// The HTML part with its styles inlined.
    pub html: String,
    /// The plain text part, with the same links.
    pub text: String,
}

#[derive(Template)]
#[template(path = "emails/confirmation.html")]
struct Html<'a> {
    view: &'a ConfirmationView,
    cause: &'a CauseTexts,
    within: &'a str,
}

#[derive(Template)]
#[template(path = "emails/confirmation.txt")]
struct Text<'a> {
    view: &'a ConfirmationView,
    cause: &'a CauseTexts,
    within: &'a str,
}

/// The sentences that depend on the cause.
struct CauseTexts {
    request: String,
    ignore: String,
    sent_by: Linked,
}

impl CauseTexts {
    fn new(view: &ConfirmationView, newsletters: &str) -> Self {
        let (words, site) = (&view.words, &view.site_name);
        match view.cause {
            ConfirmationCause::SignUp => Self {
                request: words.confirm_mail_request(site, newsletters),
                ignore: words.confirm_mail_ignore(),
                sent_by: words.confirm_mail_sent_by(site),
            },
            ConfirmationCause::Import => Self {
                request: words.imported_mail_request(site, newsletters),
                ignore: words.imported_mail_ignore(),
                sent_by: words.imported_mail_sent_by(site),
            },
        }
    }
}

/// What an operator's template of the mail can show. `docs/reference/templates.md` explains each field.
#[derive(Serialize)]
struct Context<'a> {
    newsletters: &'a [String],
    /// Whether an operator imported the address.
    imported: bool,
    request: &'a str,
    ignore: &'a str,
    within: &'a str,
    confirm_url: &'a str,
}

/// Renders the mail; equal views give equal bytes.
///
/// # Errors
/// [`askama::Error`] if a template or its style sheet fails, which only a broken build can cause.
pub fn render(view: &ConfirmationView) -> Result<ConfirmationMail, askama::Error> {
    let words = &view.words;
    let newsletters = one_line(&listed(&view.newsletters, words));
    let cause = &CauseTexts::new(view, &newsletters);
    let within = &words.within(view.valid_for);
    let context = &MailContext {
        mail: MailCommon::new(
            words,
            &view.site_name,
            &view.site_url,
            view.postal_address.as_deref(),
            &view.look,
        ),
        content: Context {
            newsletters: &view.newsletters,
            imported: view.cause == ConfirmationCause::Import,
            request: &cause.request,
            ignore: &cause.ignore,
            within,
            confirm_url: &view.confirm_url,
        },
    };
    let link = Required {
        variable: "confirm_url",
        value: &view.confirm_url,
        reason: "without the link nobody can confirm",
    };
    let (html, text) = view.look.mail_parts(
        ["confirmation.html", "confirmation.txt"],
        words,
        context,
        &[link],
        || Html { view, cause, within }.render(),
        || Text { view, cause, within }.render(),
    )?;
    Ok(ConfirmationMail {
        subject: words.confirm_mail_subject(&newsletters),
        html,
        text,
    })
}

/// The names in one phrase, such as `A, B and C`.
pub(super) fn listed(names: &[String], words: &Words) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => words.list_end(first.join(&words.list_separator()), last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, Locales, Voice};

    #[test]
    fn names_are_joined_as_in_a_sentence() {
        let words = Locales::default().words(Language::English, Voice::Plain);
        let named = |names: &[&str]| listed(&names.iter().map(ToString::to_string).collect::<Vec<_>>(), &words);
        assert_eq!(named(&["A"]), "A");
        assert_eq!(named(&["A", "B"]), "A and B");
        assert_eq!(named(&["A", "B", "C"]), "A, B and C");
    }
}
