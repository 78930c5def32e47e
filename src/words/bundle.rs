//! The messages of one language in one voice, and how a message becomes a text.
//!
//! Of Fluent's syntax, messages use texts, values, and choices by a number; tests and the check of an operator's files refuse everything
//! else. So this evaluates them itself: Fluent's own library chooses wrong plural forms of some Arabic numbers, and cannot use those of ICU.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey};
use fluent_syntax::parser::parse;
use fluent_syntax::unicode::unescape_unicode_to_string;

use super::argument::Value;
use super::formats::Formats;
use super::language::Language;
use super::sources::Sources;
use super::voice::Voice;

/// The texts of one language in one voice. Cheap to clone.
///
/// `messages.rs` declares a method for each message.
#[derive(Clone)]
pub struct Words(Arc<Bundle>);

struct Bundle {
    language: Language,
    voice: Voice,
    messages: HashMap<String, Pattern<String>>,
    formats: Formats,
}

/// The values of a message by the names of its variables.
type Values<'a> = [(&'static str, Value<'a>)];

impl Words {
    /// The compiled-in messages, in which an operator's file replaces some.
    pub(super) fn new(language: Language, voice: Voice, overrides: Option<&str>) -> Self {
        let sources = Sources::of(language);
        let shared = sources.shared.iter().map(|(_, text)| *text);
        let mut messages = HashMap::new();
        for text in shared.chain([sources.of_voice(voice)]).chain(overrides) {
            // A file with an error was refused at the start, or by a test.
            let (Ok(resource) | Err((resource, _))) = parse(text.to_owned());
            messages.extend(resource.body.into_iter().filter_map(|entry| match entry {
                Entry::Message(message) => Some((message.id.name, message.value?)),
                _ => None,
            }));
        }
        Self(Arc::new(Bundle {
            language,
            voice,
            messages,
            formats: Formats::of(language),
        }))
    }

    /// The language of the texts.
    #[must_use]
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// The voice of the texts.
    #[must_use]
    pub fn voice(&self) -> Voice {
        self.0.voice
    }

    pub(super) fn formats(&self) -> &Formats {
        &self.0.formats
    }

    /// The text of a message. An id without a message is returned as it is; tests prove that every language has every message.
    pub(super) fn format(&self, id: &str, values: &Values<'_>) -> String {
        let mut text = String::new();
        match self.0.messages.get(id) {
            Some(pattern) => self.0.write(pattern, values, &mut text),
            None => text.push_str(id),
        }
        text
    }
}

impl Bundle {
    fn write(&self, pattern: &Pattern<String>, values: &Values<'_>, text: &mut String) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => text.push_str(value),
                PatternElement::Placeable { expression } => self.write_expression(expression, values, text),
            }
        }
    }

    fn write_expression(&self, expression: &Expression<String>, values: &Values<'_>, text: &mut String) {
        match expression {
            Expression::Inline(InlineExpression::VariableReference { id }) => match value_of(&id.name, values) {
                Some(Value::Text(value)) => text.push_str(value),
                Some(Value::Count(count)) => text.push_str(&self.formats.number(*count)),
                None => {}
            },
            Expression::Inline(InlineExpression::StringLiteral { value }) => {
                text.push_str(&unescape_unicode_to_string(value));
            }
            Expression::Inline(InlineExpression::NumberLiteral { value }) => text.push_str(value),
            Expression::Inline(InlineExpression::Placeable { expression }) => {
                self.write_expression(expression, values, text);
            }
            Expression::Select { selector, variants } => {
                if let Some(chosen) = self.choose(selector, variants, values) {
                    self.write(chosen, values, text);
                }
            }
            Expression::Inline(_) => {}
        }
    }

    /// The first variant with the number itself or its plural form, else the default.
    fn choose<'p>(
        &self,
        selector: &InlineExpression<String>,
        variants: &'p [Variant<String>],
        values: &Values<'_>,
    ) -> Option<&'p Pattern<String>> {
        let count = match selector {
            InlineExpression::VariableReference { id } => match value_of(&id.name, values) {
                Some(Value::Count(count)) => Some(*count),
                _ => None,
            },
            _ => None,
        };
        let matches = |variant: &&Variant<String>| match (&variant.key, count) {
            (VariantKey::Identifier { name }, Some(count)) => name == self.formats.plural_form(count),
            (VariantKey::NumberLiteral { value }, Some(count)) => value.parse() == Ok(count),
            (_, None) => false,
        };
        let default = || variants.iter().find(|variant| variant.default);
        variants
            .iter()
            .find(matches)
            .or_else(default)
            .map(|variant| &variant.value)
    }
}

fn value_of<'v>(name: &str, values: &'v Values<'_>) -> Option<&'v Value<'v>> {
    values.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Equal if language and voice are: a process has one set of overrides.
impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        (self.language(), self.voice()) == (other.language(), other.voice())
    }
}

impl Eq for Words {}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} {})", self.language(), self.voice().as_str())
    }
}
