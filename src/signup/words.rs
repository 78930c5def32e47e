//! The words of the sign-up form, kept in one place because the consent record stores exactly what was shown.

use crate::words::Voice;

/// What a person reads at the sign-up form before pressing the button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormWords {
    /// What the form is for.
    pub heading: String,
    /// What the reader will get; may be empty.
    pub pitch: String,
    /// That sign-up is confirmed by mail.
    pub delivery: String,
    /// What pressing the button agrees to.
    pub consent: String,
    /// The button.
    pub button: &'static str,
}

/// What the form offers. Every form of a site offers the same, so the shown words are known for each request.
#[derive(Debug, Clone, Copy)]
pub struct Offer<'a> {
    /// `site.name`.
    pub site_name: &'a str,
    /// `site.tagline`.
    pub tagline: &'a str,
    /// Name and description of the newsletter, if the site has exactly one.
    pub only_newsletter: Option<(&'a str, &'a str)>,
}

/// The words that every form of the site shows.
#[must_use]
pub fn form_words(voice: Voice, offer: Offer<'_>) -> FormWords {
    let Offer {
        site_name,
        tagline,
        only_newsletter,
    } = offer;
    let agreed = only_newsletter.map_or("the newsletters you chose", |(name, _)| name);
    let described = only_newsletter.map(|(_, description)| description);
    FormWords {
        heading: voice
            .words()
            .subscribe_to(only_newsletter.map_or(site_name, |(name, _)| name)),
        pitch: described
            .filter(|description| !description.is_empty())
            .unwrap_or(tagline)
            .to_owned(),
        delivery: "We’ll email you a link to confirm. You won’t get anything else until you use it.".to_owned(),
        consent: format!(
            "By subscribing, you agree to receive {agreed} from {site_name}. \
             Unsubscribe at any time with the link in every issue."
        ),
        button: "Subscribe",
    }
}

impl FormWords {
    /// The text for the consent record: all of the words, in the order shown, a sentence group a line.
    #[must_use]
    pub fn as_shown(&self) -> String {
        let all = [&self.heading, &self.pitch, self.button, &self.delivery, &self.consent];
        all.into_iter()
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }
}
