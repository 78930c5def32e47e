//! The source of an entry in the consent record.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use super::column::text_column;

/// The way in which a subscriber or an operator caused an entry of the consent record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentSource {
    /// The sign-up form of this site.
    Form,
    /// The sign-up form of another site, with its origin or the address of the page.
    FormOf(String),
    /// A program asked through the API.
    Api,
    /// The API, called by or for a page of another site, with its origin or the address of the page.
    ApiOf(String),
    /// The button for a new link on the page of a confirmation link that does not work any more.
    NewLink,
    /// The page of preferences, opened by a mailed link that works for a short time.
    Preferences,
    /// The link of a confirmation mail.
    Mail,
    /// The one-click address of a mail ([RFC 8058](https://www.rfc-editor.org/rfc/rfc8058)).
    OneClick,
    /// The button on the unsubscribe page.
    Page,
    /// A mail to the address in `List-Unsubscribe`.
    UnsubscribeMail,
    /// A complaint that the reader's provider reported.
    Complaint,
    /// Soft bounces of several issues, with their number and time.
    SoftBounces(String),
    /// An operator, with a command.
    Operator,
    /// A mail provider reported that the reader unsubscribed there, with its name.
    Provider(String),
    /// An import, with the operator's note on where the consent comes from.
    Import(String),
    /// Something else, in words, such as the removal of a newsletter.
    Other(String),
}

impl fmt::Display for ConsentSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("form"),
            Self::FormOf(origin) => write!(f, "form: {origin}"),
            Self::Api => f.write_str("api"),
            Self::ApiOf(origin) => write!(f, "api: {origin}"),
            Self::NewLink => f.write_str("new-link"),
            Self::Preferences => f.write_str("preferences"),
            Self::Mail => f.write_str("mail"),
            Self::OneClick => f.write_str("one-click"),
            Self::Page => f.write_str("page"),
            Self::UnsubscribeMail => f.write_str("unsubscribe-mail"),
            Self::Complaint => f.write_str("complaint"),
            Self::SoftBounces(reason) => write!(f, "soft-bounces: {reason}"),
            Self::Operator => f.write_str("operator"),
            Self::Provider(name) => write!(f, "provider: {name}"),
            Self::Import(note) => write!(f, "import: {note}"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

impl ConsentSource {
    /// The way in one word, such as `import`, without the words of an operator or of another site.
    #[must_use]
    pub(crate) fn kind(&self) -> String {
        if matches!(self, Self::Other(_)) {
            return "other".to_owned();
        }
        let text = self.to_string();
        text.split_once(": ").map_or(text.as_str(), |(kind, _)| kind).to_owned()
    }
}

impl FromStr for ConsentSource {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "form" => Self::Form,
            "api" => Self::Api,
            "new-link" => Self::NewLink,
            "preferences" => Self::Preferences,
            "mail" => Self::Mail,
            "one-click" => Self::OneClick,
            "page" => Self::Page,
            "unsubscribe-mail" => Self::UnsubscribeMail,
            "complaint" => Self::Complaint,
            "operator" => Self::Operator,
            _ => match text.split_once(": ") {
                Some(("form", origin)) => Self::FormOf(origin.to_owned()),
                Some(("api", origin)) => Self::ApiOf(origin.to_owned()),
                Some(("soft-bounces", reason)) => Self::SoftBounces(reason.to_owned()),
                Some(("provider", name)) => Self::Provider(name.to_owned()),
                Some(("import", note)) => Self::Import(note.to_owned()),
                _ => Self::Other(text.to_owned()),
            },
        })
    }
}

text_column!(ConsentSource);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_read_back_from_its_text() {
        use ConsentSource::{
            Api, ApiOf, Complaint, Form, FormOf, Import, Mail, NewLink, OneClick, Operator, Other, Page, Preferences,
            Provider, SoftBounces, UnsubscribeMail,
        };
        let words = || "paper: a form of 2025".to_owned();
        for source in [
            Form,
            FormOf("https://a.example".into()),
            Api,
            ApiOf("https://a.example".into()),
            NewLink,
            Preferences,
            Mail,
            OneClick,
            Page,
            UnsubscribeMail,
            Complaint,
            SoftBounces(words()),
            Operator,
            Provider("mailgun".into()),
            Import(words()),
            Other(words()),
        ] {
            assert_eq!(source.to_string().parse(), Ok(source));
        }
    }
}
