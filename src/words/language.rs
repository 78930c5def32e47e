//! The languages that the texts exist in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of the texts that readers see. Texts of articles and newsletters can be in any language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[expect(missing_docs, reason = "the other variants are named after their language")]
pub enum Language {
    /// English, with British dates.
    #[default]
    English,
    German,
    French,
    Spanish,
    /// Portuguese, with Brazilian dates.
    Portuguese,
    Italian,
    Polish,
    /// Chinese in simplified characters.
    SimplifiedChinese,
    Japanese,
    Arabic,
}

/// A text that is not the tag of a [`Language`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a language of Daywire; write one of en, de, fr, es, pt, it, pl, zh-Hans, ja and ar")]
pub struct UnknownLanguage(String);

impl UnknownLanguage {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.chars().take(40).collect())
    }
}

impl Language {
    /// Every language, in the order of the menu.
    pub const ALL: [Self; 10] = [
        Self::English,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Portuguese,
        Self::Italian,
        Self::Polish,
        Self::SimplifiedChinese,
        Self::Japanese,
        Self::Arabic,
    ];

    /// The tag (BCP 47), which is also the name of the folder in `locales/`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Italian => "it",
            Self::Polish => "pl",
            Self::SimplifiedChinese => "zh-Hans",
            Self::Japanese => "ja",
            Self::Arabic => "ar",
        }
    }

    /// The name of the language in the language itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Portuguese => "Português",
            Self::Italian => "Italiano",
            Self::Polish => "Polski",
            Self::SimplifiedChinese => "简体中文",
            Self::Japanese => "日本語",
            Self::Arabic => "العربية",
        }
    }

    /// Whether it is written from right to left.
    #[must_use]
    pub const fn is_rtl(self) -> bool {
        matches!(self, Self::Arabic)
    }

    /// The language whose readers understand text with this tag, such as German for `de-AT`. `None` if there is none: readers of
    /// traditional characters do not get simplified ones.
    #[must_use]
    pub fn matching(tag: &str) -> Option<Self> {
        let mut parts = tag.split(['-', '_']).map(str::to_ascii_lowercase);
        let primary = parts.next()?;
        if primary != "zh" {
            return Self::ALL.into_iter().find(|language| language.tag() == primary);
        }
        let is_traditional = parts.any(|part| matches!(part.as_str(), "hant" | "tw" | "hk" | "mo"));
        (!is_traditional).then_some(Self::SimplifiedChinese)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.tag())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        let known = Self::ALL.into_iter().find(|language| language.tag() == text);
        known.ok_or_else(|| UnknownLanguage::new(text))
    }
}

impl TryFrom<String> for Language {
    type Error = UnknownLanguage;

    fn try_from(text: String) -> Result<Self, UnknownLanguage> {
        text.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.tag().to_owned()
    }
}
