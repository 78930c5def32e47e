//! The voices of a site.

use serde::{Deserialize, Serialize};

use super::texts::Words;
use super::{plain, radio};

/// The wording of a site (`site.voice`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Voice {
    /// The usual words of a news site.
    #[default]
    Plain,
    /// The words of a radio station's log.
    Radio,
}

impl Voice {
    /// The texts of this voice.
    #[must_use]
    pub const fn words(self) -> &'static Words {
        match self {
            Self::Plain => &plain::WORDS,
            Self::Radio => &radio::WORDS,
        }
    }

    /// The value of `site.voice`, which is also the class in the style sheet.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Radio => "radio",
        }
    }

    /// Whether pages and mails show an article's id above its headline and a tuning dial at the top.
    #[must_use]
    pub const fn is_radio(self) -> bool {
        matches!(self, Self::Radio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_story_is_singular_and_every_other_number_plural() {
        let plain = Voice::Plain.words();
        assert_eq!(plain.opening(1, true), "In this issue: 1 story.");
        assert_eq!(
            plain.opening(16, true),
            "In this issue: 16 stories, the most important first."
        );
        assert_eq!(Voice::Radio.words().opening(1, false), "1 transmission on the log.");
    }
}
