//! The functions by which templates get the texts of the program: `message` and `message_link`.

use minijinja::value::{Kwargs, Value};
use minijinja::{AutoEscape, Error, ErrorKind, State};

use crate::words::{Argument, Message, Words};

/// `message("read-at", source=story.source)`: a message as text.
pub(super) fn message(words: Words) -> Value {
    Value::from_function(move |id: &str, values: Kwargs| -> Result<String, Error> {
        match find(&words, id, &values)? {
            Message::Text(text) => Ok(text),
            Message::Linked(_) => Err(invalid(format!(
                "the message “{id}” has a link; write message_link(\"{id}\", ADDRESS)"
            ))),
        }
    })
}

/// `message_link("no-issue-next", "/archive")`: a message whose part is a link to the address. In a plain text, the text without the link.
pub(super) fn message_link(words: Words) -> Value {
    Value::from_function(
        move |state: &State, id: &str, address: &str, values: Kwargs| -> Result<Value, Error> {
            let class: Option<&str> = values.get("class")?;
            match find(&words, id, &values)? {
                Message::Text(_) => Err(invalid(format!(
                    "the message “{id}” has no link; write message(\"{id}\")"
                ))),
                Message::Linked(message) if matches!(state.auto_escape(), AutoEscape::None) => {
                    Ok(message.to_string().into())
                }
                Message::Linked(message) => {
                    let html = match class {
                        Some(class) => message.styled(class, address),
                        None => message.to(address),
                    };
                    Ok(Value::from_safe_string(html.0))
                }
            }
        },
    )
}

fn find(words: &Words, id: &str, values: &Kwargs) -> Result<Message, Error> {
    let mut arguments = Vec::new();
    for name in values.args().filter(|name| *name != "class") {
        let value: Value = values.get(name)?;
        let argument = match value.as_usize() {
            Some(number) if value.is_number() => Argument::Number(u64::try_from(number).unwrap_or(u64::MAX)),
            _ if value.is_undefined() || value.is_none() => {
                return Err(invalid(format!(
                    "the variable {name} of the message “{id}” has no value; check it with {{% if %}} before"
                )));
            }
            _ => Argument::Text(value.to_string()),
        };
        arguments.push((name.to_owned(), argument));
    }
    words.by_id(id, &arguments).map_err(|fault| invalid(fault.to_string()))
}

fn invalid(reason: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, reason)
}
