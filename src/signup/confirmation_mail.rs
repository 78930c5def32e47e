//! The mail that asks a reader to confirm: automatic, free of advertising, and without any text that was typed into the form.

use std::time::Duration;

use askama::Template;

use crate::mail::html::inline_styles;
use crate::text::plain::{one_line, wrap};

/// The values that a confirmation mail shows. None of them comes from the sign-up form, so nobody can mail a text of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationView {
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
    request: &'a str,
    valid_for: &'a str,
}

#[derive(Template)]
#[template(path = "emails/confirmation.txt")]
struct Text<'a> {
    view: &'a ConfirmationView,
    request: &'a str,
    valid_for: &'a str,
}

/// Renders the mail; equal views give equal bytes.
///
/// # Errors
/// [`askama::Error`] if a template or its style sheet fails, which only a broken build can cause.
pub fn render(view: &ConfirmationView) -> Result<ConfirmationMail, askama::Error> {
    let newsletters = one_line(&listed(&view.newsletters));
    let request = &format!(
        "Someone, probably you, asked {} to send {newsletters} to this address. You’ll get it once you confirm.",
        view.site_name
    );
    let valid_for = &in_words(view.valid_for);
    let html = Html {
        view,
        request,
        valid_for,
    }
    .render()?;
    Ok(ConfirmationMail {
        subject: format!("Confirm your subscription to {newsletters}"),
        html: inline_styles(&html).map_err(askama::Error::custom)?,
        text: Text {
            view,
            request,
            valid_for,
        }
        .render()?,
    })
}

/// `A`, `A and B`, `A, B and C`.
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A duration in words, in the largest unit that divides it: `48 hours`, and days only from three days on. At least one minute.
fn in_words(duration: Duration) -> String {
    let minutes = (duration.as_secs() / 60).max(1);
    let (count, unit) = match minutes {
        m if m % 1440 == 0 && m >= 3 * 1440 => (m / 1440, "day"),
        m if m % 60 == 0 => (m / 60, "hour"),
        m => (m, "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_in_the_largest_unit_that_fits() {
        let written = |minutes: u64| in_words(Duration::from_secs(minutes * 60));
        assert_eq!(written(0), "1 minute");
        assert_eq!(written(10), "10 minutes");
        assert_eq!(written(60), "1 hour");
        assert_eq!(written(48 * 60), "48 hours");
        assert_eq!(written(7 * 1440), "7 days");
        assert_eq!(written(90), "90 minutes");
    }

    #[test]
    fn names_are_joined_as_in_a_sentence() {
        let named = |names: &[&str]| listed(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(named(&["A"]), "A");
        assert_eq!(named(&["A", "B"]), "A and B");
        assert_eq!(named(&["A", "B", "C"]), "A, B and C");
    }
}
