//! The voices of a site.

use serde::{Deserialize, Serialize};

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
    pub(super) const ALL: [Self; 2] = [Self::Plain, Self::Radio];

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
