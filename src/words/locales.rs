//! The texts of all languages and voices, with the messages that an operator replaced (`site.locales`).

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::bundle::Words;
use super::language::Language;
use super::overrides::{OverrideError, check};
use super::voice::Voice;

/// The texts of every language in both voices. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Locales(Arc<[Locale; Language::ALL.len()]>);

#[derive(Debug, Default)]
struct Locale {
    /// The content of the operator's file for this language.
    overrides: Option<String>,
    /// Filled when the voice is first used, because most commands need no text at all.
    words: [OnceLock<Words>; Voice::ALL.len()],
}

impl Locales {
    /// Reads the files of `folder`, which replace compiled-in messages.
    ///
    /// # Errors
    /// [`OverrideError`] if the folder or a file cannot be read, or if a file is invalid.
    pub fn with_overrides(folder: &Path) -> Result<Self, OverrideError> {
        let unreadable = |source: io::Error| OverrideError::Unreadable {
            path: folder.to_owned(),
            source,
        };
        let mut locales = <[Locale; Language::ALL.len()]>::default();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_none_or(|extension| extension != "ftl") {
                continue;
            }
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(index) = Language::ALL.iter().position(|language| language.tag() == name) else {
                return Err(OverrideError::UnknownLanguage { path });
            };
            let text = fs::read_to_string(&path).map_err(|source| OverrideError::Unreadable {
                path: path.clone(),
                source,
            })?;
            check(&path, &text)?;
            locales[index].overrides = Some(text);
        }
        Ok(Self(Arc::new(locales)))
    }

    /// The contents of the operator's files, in the order of the languages.
    pub(crate) fn overrides(&self) -> impl Iterator<Item = &str> {
        let overrides = self.0.iter().map(|locale| locale.overrides.as_deref());
        overrides.map(Option::unwrap_or_default)
    }

    /// The texts of a language in a voice.
    #[must_use]
    pub fn words(&self, language: Language, voice: Voice) -> Words {
        let locale = &self.0[language as usize];
        let words =
            locale.words[voice as usize].get_or_init(|| Words::new(language, voice, locale.overrides.as_deref()));
        words.clone()
    }
}
