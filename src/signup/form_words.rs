//! The words of the sign-up form. They are in one place because the consent record stores exactly the words that the form showed.

use crate::config::Site;
use crate::store::newsletters::Newsletter;
use crate::words::Words;

/// The words that a reader sees at the form before pressing the button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormWords {
    /// The heading of the form.
    pub heading: String,
    /// Describes what the reader will get; may be empty.
    pub pitch: String,
    /// Says that a mail with a link follows.
    pub delivery: String,
    /// Says what the reader agrees to by pressing the button.
    pub consent: String,
    /// The label of the button.
    pub button: String,
}

/// The values that the words depend on. They are the same for every form of a site, so the shown words are known for each request.
#[derive(Debug, Clone, Copy)]
pub struct FormOffer<'a> {
    /// The name of the site (`site.name`).
    pub site_name: &'a str,
    /// The line under the name of the site (`site.tagline`).
    pub tagline: &'a str,
    /// Name and description of the newsletter, if the site has exactly one.
    pub only_newsletter: Option<(&'a str, &'a str)>,
}

/// The words of the form on this site, which has these public newsletters, in one language.
pub(crate) fn words_of_site(words: &Words, site: &Site, newsletters: &[Newsletter]) -> FormWords {
    let only_newsletter = match newsletters {
        [only] => Some((only.name.as_str(), only.description.as_str())),
        _ => None,
    };
    form_words(
        words,
        FormOffer {
            site_name: &site.name,
            tagline: &site.tagline,
            only_newsletter,
        },
    )
}

/// The words of the form for one newsletter in iframes on other sites.
pub(crate) fn words_of_newsletter(words: &Words, site: &Site, newsletter: &Newsletter) -> FormWords {
    words_of_site(words, site, std::slice::from_ref(newsletter))
}

/// The words that every form of the site shows, in one language.
#[must_use]
pub fn form_words(words: &Words, offer: FormOffer<'_>) -> FormWords {
    let FormOffer {
        site_name,
        tagline,
        only_newsletter,
    } = offer;
    let described = only_newsletter.map(|(_, description)| description);
    FormWords {
        heading: words.subscribe_to(only_newsletter.map_or(site_name, |(name, _)| name)),
        pitch: described
            .filter(|description| !description.is_empty())
            .unwrap_or(tagline)
            .to_owned(),
        delivery: words.form_delivery(),
        consent: match only_newsletter {
            Some((name, _)) => words.form_consent(name, site_name),
            None => words.form_consent_chosen(site_name),
        },
        button: words.subscribe(),
    }
}

/// What the page of a reader's subscriptions says about joining a newsletter, for the consent record.
pub(crate) fn joining_words(words: &Words, newsletter: &Newsletter, site: &Site) -> String {
    let shown = [
        newsletter.name.as_str(),
        &newsletter.description,
        &words.join_newsletter(&newsletter.name),
        &words.form_consent_chosen(&site.name),
    ];
    let shown = shown.into_iter().filter(|words| !words.is_empty());
    shown.collect::<Vec<_>>().join("\n")
}

impl FormWords {
    /// The text for the consent record: all words in the order shown, with a line for each field.
    #[must_use]
    pub fn as_shown(&self) -> String {
        let all = [&self.heading, &self.pitch, &self.button, &self.delivery, &self.consent];
        all.into_iter()
            .map(String::as_str)
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }
}
