//! The words of the sign-up form, kept in one place because the consent record stores exactly what was shown.

/// What a person reads at the sign-up form before pressing the button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormWords {
    /// What the box is for.
    pub heading: &'static str,
    /// What the reader will get: what the newsletter says of itself if there is only one, else what the site says.
    pub pitch: String,
    /// Who delivers, and that sign-up is confirmed by mail.
    pub delivery: String,
    /// What pressing the button agrees to.
    pub consent: String,
    /// The button.
    pub button: &'static str,
}

/// The words as every form of the site called `site_name` shows them; `pitch` says what the reader will get.
#[must_use]
pub fn form_words(site_name: &str, pitch: &str) -> FormWords {
    FormWords {
        heading: "Subscribe to the broadcast.",
        pitch: pitch.to_owned(),
        delivery: format!(
            "Delivered by {site_name} itself, with Daywire. Sign-up is confirmed by mail: \
             you get one message with a link, and nothing else until you have used it."
        ),
        consent: format!(
            "By subscribing you ask {site_name} to mail you the newsletters chosen here. \
             You can leave at any time by the link in every issue."
        ),
        button: "Subscribe",
    }
}

impl FormWords {
    /// The text for the consent record: all of the words, in the order shown, a sentence group a line.
    #[must_use]
    pub fn as_shown(&self) -> String {
        let all = [self.heading, &self.pitch, &self.delivery, &self.consent, self.button];
        all.into_iter()
            .filter(|words| !words.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }
}
