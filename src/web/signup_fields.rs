//! The fields of the sign-up form as they were sent, and what can be said about them before anything is stored.

use super::form::Form;
use crate::config::WebOrigin;
use crate::domain::address::EmailAddress;
use crate::domain::domain_typos::likely_domain;
use crate::domain::page_url::PageUrl;
use crate::domain::states::{Cadence, UnknownState};
use crate::signup::SentProof;
use crate::text::plain::uncut_line;
use crate::words::Language;

/// The most characters of the words that another form showed.
pub(super) const MAX_WORDS: usize = 2_000;

/// The fields as they were sent.
#[derive(Debug, Default)]
pub(super) struct FormFields {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) timezone: String,
    pub(super) newsletters: Vec<String>,
    pub(super) topics: Vec<String>,
    pub(super) cadence: String,
    /// The language for mails.
    pub(super) language: Option<Language>,
    /// The language in which the form was shown, if the reader can choose another one for mails.
    pub(super) shown_in: Option<Language>,
    /// A field that people do not see. Only a program fills it in.
    pub(super) honeypot: String,
    /// The token of the form.
    pub(super) form: String,
    /// The solution of a proof of work.
    altcha: String,
    /// The token of a question, and the answer to it.
    question: String,
    answer: String,
    /// The address of the page to return to.
    next: String,
    /// The address of the page of another site that has the form, and the words that it shows.
    page: String,
    words: String,
    /// The domain that the reader was asked about.
    pub(super) asked: String,
}

/// A field with an address of a site that `signup.origins` does not list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotListed(pub(super) &'static str);

/// The pages of other sites that a form names.
#[derive(Debug, Default, Clone)]
pub(super) struct NamedPages {
    /// The page to return to.
    pub(super) next: Option<PageUrl>,
    /// The page that has the form.
    pub(super) page: Option<PageUrl>,
}

impl FormFields {
    pub(super) fn read(body: &[u8]) -> Self {
        let form = Form::read(body);
        Self {
            email: form.text("email"),
            name: form.text("name"),
            timezone: form.text("timezone"),
            newsletters: form.texts("newsletter"),
            topics: form.texts("topic"),
            cadence: form.text("cadence"),
            language: form.text("language").parse().ok(),
            shown_in: form.text("shown_in").parse().ok(),
            honeypot: form.text("website"),
            form: form.text("form"),
            altcha: form.text("altcha"),
            question: form.text("question"),
            answer: form.text("answer"),
            next: form.text("next"),
            page: form.text("page"),
            words: form.text("words"),
            asked: form.text("asked"),
        }
    }

    /// An empty form with this newsletter preselected.
    pub(super) fn for_newsletter(slug: &str) -> Self {
        Self {
            newsletters: vec![slug.to_owned()],
            ..Self::default()
        }
    }

    /// What an address of the form may preselect. A link must not fill in anything that a form of ours sends by itself.
    pub(super) fn preselected(query: &[u8]) -> Self {
        let fields = Self::read(query);
        Self {
            email: fields.email,
            newsletters: fields.newsletters,
            topics: fields.topics,
            ..Self::default()
        }
    }

    /// The proof of work, or the answer to the question.
    pub(super) fn proof(&self) -> Option<SentProof> {
        if !self.altcha.is_empty() {
            return Some(SentProof::Work(self.altcha.clone()));
        }
        (!self.question.is_empty()).then(|| SentProof::Answer {
            token: self.question.clone(),
            answer: self.answer.clone(),
        })
    }

    /// The pages that the form names. Each must be of a listed site: our answer sends the reader there, and the consent record names it.
    pub(super) fn named_pages(&self, listed: &[WebOrigin]) -> Result<NamedPages, NotListed> {
        let read = |field, text: &str| match text.trim() {
            "" => Ok(None),
            text => listed_page(text, listed).map(Some).ok_or(NotListed(field)),
        };
        Ok(NamedPages {
            next: read("next", &self.next)?,
            page: read("page", &self.page)?,
        })
    }

    /// The words that another form showed, on one line; `None` if it sent none.
    pub(super) fn given_words(&self) -> Option<String> {
        let words: String = uncut_line(&self.words).chars().take(MAX_WORDS).collect();
        (!words.is_empty()).then_some(words)
    }

    /// The chosen cadence; `None` if the form has no such field.
    pub(super) fn cadence(&self) -> Result<Option<Cadence>, UnknownState> {
        if self.cadence.is_empty() {
            return Ok(None);
        }
        self.cadence.parse().map(Some)
    }

    /// The domain that the reader typed and the one that was probably meant, unless the reader was asked about it before.
    pub(super) fn doubtful_domain(&self) -> Option<(String, &'static str)> {
        let address = EmailAddress::parse(&self.email).ok()?;
        let meant = likely_domain(address.domain())?;
        (self.asked != address.domain()).then(|| (address.domain().to_owned(), meant))
    }

    /// The fields that a page sends again unchanged.
    pub(super) fn carried(&self, with_page: bool) -> Vec<(&'static str, String)> {
        let mut carried = vec![("next", &self.next)];
        if with_page {
            carried.extend([("page", &self.page), ("words", &self.words)]);
        }
        let carried = carried.into_iter().filter(|(_, value)| !value.is_empty());
        carried.map(|(name, value)| (name, value.clone())).collect()
    }
}

/// The address of a page of a listed site.
pub(super) fn listed_page(text: &str, listed: &[WebOrigin]) -> Option<PageUrl> {
    PageUrl::parse(text).filter(|page| is_listed(&page.origin(), listed))
}

pub(super) fn is_listed(origin: &str, listed: &[WebOrigin]) -> bool {
    listed.iter().any(|listed| listed.as_str() == origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Setting;

    #[test]
    fn only_pages_of_listed_sites_are_named() {
        let listed = [WebOrigin::read("https://www.partner.example").expect("it is an origin")];
        let named = |body: &str| FormFields::read(body.as_bytes()).named_pages(&listed);
        let next = named("next=https%3A%2F%2Fwww.partner.example%2Fthanks%3Fa%3Db").map(|named| named.next);
        let next = next.expect("it is listed").expect("it is named");
        assert_eq!(next.as_str(), "https://www.partner.example/thanks?a=b");
        for other in [
            "https://evil.example/",
            "http://www.partner.example/",
            "https://www.partner.example:8443/",
            "https://www.partner.example.evil.example/",
            "https://www.partner.example@evil.example/",
            "//www.partner.example/",
            "/subscribe/sent",
            "javascript:alert(1)",
        ] {
            let body = |field: &str| {
                url::form_urlencoded::Serializer::new(String::new())
                    .append_pair(field, other)
                    .finish()
            };
            assert_eq!(named(&body("next")).map(|_| ()), Err(NotListed("next")), "{other}");
            assert_eq!(named(&body("page")).map(|_| ()), Err(NotListed("page")), "{other}");
        }
    }

    #[test]
    fn a_reader_is_asked_about_a_domain_once() {
        let doubtful = |body: &str| FormFields::read(body.as_bytes()).doubtful_domain();
        let typed = Some(("gmial.com".to_owned(), "gmail.com"));
        assert_eq!(doubtful("email=Ada%40GMIAL.com"), typed);
        assert_eq!(doubtful("email=ada%40gmial.com&asked=gmai.com"), typed);
        assert_eq!(doubtful("email=ada%40gmial.com&asked=gmial.com"), None);
        assert_eq!(doubtful("email=ada%40gmail.com"), None);
        assert_eq!(doubtful("email=ada%40"), None);
    }

    #[test]
    fn a_link_preselects_nothing_that_a_form_sends_by_itself() {
        let fields =
            FormFields::preselected(b"newsletter=daily&form=x&next=https://a.example/&asked=gmial.com&page=x&words=y");
        assert_eq!(fields.newsletters, ["daily"]);
        assert!(fields.form.is_empty() && fields.asked.is_empty() && fields.carried(true).is_empty());
    }
}
