//! Messages by their ids, for an operator's templates. Built-in templates call the methods of `messages.rs`, which the compiler checks.

use super::argument::Value;
use super::bundle::Words;
use super::linked::Linked;
use super::messages::declarations;

/// The variable of every message that counts things, which a number chooses the plural form by.
const COUNT: &str = "count";

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Argument {
    Text(String),
    Number(u64),
}

/// A message with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    Text(String),
    /// A part of the text is a link.
    Linked(Linked),
}

/// Why there is no such text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WordFault {
    #[error("there is no message “{id}”; did you mean “{near}”?")]
    UnknownId { id: String, near: &'static str },
    #[error("the message “{id}” has no variable {name}; {known}")]
    UnknownVariable {
        id: &'static str,
        name: String,
        known: String,
    },
    #[error("the message “{id}” needs the variable {name}, as in message(\"{id}\", {name}=…)")]
    MissingVariable { id: &'static str, name: &'static str },
    #[error("the variable count of the message “{id}” must be a whole number")]
    NoNumber { id: &'static str },
}

impl Words {
    /// The text of a message with these values.
    pub(crate) fn by_id(&self, id: &str, arguments: &[(String, Argument)]) -> Result<Message, WordFault> {
        let Some(declaration) = declarations().find(|declaration| declaration.id == id) else {
            return Err(unknown(id));
        };
        let id = declaration.id;
        if let Some((name, _)) = arguments
            .iter()
            .find(|(name, _)| !declaration.variables.contains(&name.as_str()))
        {
            let known = match declaration.variables {
                [] => "it has none".to_owned(),
                names => format!("its variables are {}", names.join(", ")),
            };
            let name = name.clone();
            return Err(WordFault::UnknownVariable { id, name, known });
        }
        let mut values: Vec<(&'static str, Value<'_>)> = Vec::new();
        for name in declaration.variables {
            let found = arguments.iter().find(|(known, _)| known == name);
            let (_, argument) = found.ok_or(WordFault::MissingVariable { id, name })?;
            let value = match (argument, *name) {
                (Argument::Number(count), COUNT) => Value::Count(*count),
                (Argument::Text(_), COUNT) => return Err(WordFault::NoNumber { id }),
                (Argument::Number(number), _) => Value::Text(number.to_string().into()),
                (Argument::Text(text), _) => super::argument::Text::value(text, self.language()),
            };
            values.push((name, value));
        }
        let text = self.format(id, &values);
        Ok(if declaration.is_linked {
            Message::Linked(Linked::parse(&text))
        } else {
            Message::Text(text)
        })
    }

    /// Checks that a message with this id exists.
    pub(crate) fn check_id(id: &str) -> Result<(), WordFault> {
        if declarations().any(|declaration| declaration.id == id) {
            Ok(())
        } else {
            Err(unknown(id))
        }
    }
}

fn unknown(id: &str) -> WordFault {
    let known = declarations().map(|declaration| declaration.id);
    let near = known.max_by(|one, other| strsim::jaro_winkler(id, one).total_cmp(&strsim::jaro_winkler(id, other)));
    let near = near.unwrap_or_default();
    let id = id.chars().take(60).collect();
    WordFault::UnknownId { id, near }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, Locales, Voice};

    #[test]
    fn a_message_is_found_by_its_id_and_a_fault_is_named() {
        let words = Locales::default().words(Language::English, Voice::Plain);
        let text = |name: &str, value: &str| (name.to_owned(), Argument::Text(value.to_owned()));
        let count = |count| ("count".to_owned(), Argument::Number(count));
        assert_eq!(words.by_id("subscribe", &[]), Ok(Message::Text(words.subscribe())));
        assert_eq!(
            words.by_id("read-at", &[text("source", "A wire")]),
            Ok(Message::Text(words.read_at("A wire")))
        );
        assert_eq!(
            words.by_id("opening", &[count(1)]),
            Ok(Message::Text(words.opening(1_u64)))
        );
        assert!(matches!(words.by_id("no-issue-next", &[]), Ok(Message::Linked(_))));
        for (id, arguments, expected) in [
            (
                "subscribed",
                vec![],
                "there is no message “subscribed”; did you mean “subscribe”?",
            ),
            ("read-at", vec![], "the message “read-at” needs the variable source"),
            (
                "read-at",
                vec![text("name", "x"), text("source", "y")],
                "has no variable name; its variables are source",
            ),
            (
                "subscribe",
                vec![text("name", "x")],
                "has no variable name; it has none",
            ),
            ("opening", vec![text("count", "x")], "must be a whole number"),
        ] {
            let fault = words.by_id(id, &arguments).expect_err(id).to_string();
            assert!(fault.contains(expected), "{fault}");
        }
    }

    #[test]
    fn everything_that_is_counted_has_the_same_name() {
        let source = concat!(include_str!("messages.rs"), include_str!("subscription_messages.rs"));
        let counts = source.matches(": Count").count();
        assert!(counts > 5 && counts == source.matches("count: Count").count());
    }
}
