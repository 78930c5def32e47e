//! The texts that differ between the voices of a site (`site.voice`). Each message is a field of [`Words`], and each voice has a text for
//! every field.
//!
//! A text is a whole sentence or label. Values are placeholders in braces, such as `{name}`. The methods of [`Words`] fill them in
//! and choose between singular and plural, so the texts contain no logic. Sentences that both voices share are in the templates.

mod plain;
mod radio;
mod texts;
mod voice;

pub use texts::{LANGUAGE, Words};
pub use voice::Voice;
