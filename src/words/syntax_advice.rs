//! What to write instead of a syntax error in a Fluent file.

use fluent_syntax::parser::{ErrorKind, ParserError};

/// A syntax error as the end of a sentence about the file: where it is, what is wrong, and what to write.
pub(super) fn describe(text: &str, error: &ParserError) -> String {
    let advice = advice(text, error);
    match message_at(text, error.pos.start) {
        Some(id) => format!("in the message “{id}”, {advice}"),
        None => advice,
    }
}

fn advice(text: &str, error: &ParserError) -> String {
    match &error.kind {
        ErrorKind::ExpectedToken('=') => {
            "an = sign is missing after the id of a message; write a message as in: save = Keep".to_owned()
        }
        ErrorKind::ExpectedToken('}') => {
            "a { is not closed; write a value as in { $count }, and the brace itself as {\"{\"}".to_owned()
        }
        ErrorKind::ExpectedToken(']') => "a [ is not closed; write a choice as in: [one] 1 story".to_owned(),
        ErrorKind::ExpectedToken(token) => format!("the character {token} is missing; insert it"),
        ErrorKind::ExpectedCharRange { .. } if begins_line(text, error.pos.start) => {
            "the line is no message; write a message as in: save = Keep, and begin the line with # if it is a comment"
                .to_owned()
        }
        ErrorKind::ExpectedCharRange { range } => {
            format!(
                "another character than {range} is in a name or number; write names as in $count and choices as in [one]"
            )
        }
        ErrorKind::ExpectedMessageField { .. } | ErrorKind::MissingValue => {
            "there is no text; write it after the = sign, or after the ] of a choice".to_owned()
        }
        ErrorKind::ExpectedTermField { .. }
        | ErrorKind::TermReferenceAsSelector
        | ErrorKind::TermAttributeAsPlaceable => {
            "there is a term, a name that begins with -; write its text in full instead".to_owned()
        }
        ErrorKind::ForbiddenCallee
        | ErrorKind::PositionalArgumentFollowsNamed
        | ErrorKind::DuplicatedNamedArgument(_)
        | ErrorKind::ExpectedLiteral => "there is a function; write the text in full instead".to_owned(),
        ErrorKind::MissingDefaultVariant => {
            "the choice has no default; put an asterisk before its last line, as in: *[other] { $count } stories"
                .to_owned()
        }
        ErrorKind::MultipleDefaultVariants => {
            "the choice has two defaults; put an asterisk before one of its lines only".to_owned()
        }
        ErrorKind::MessageReferenceAsSelector
        | ErrorKind::MessageAttributeAsSelector
        | ErrorKind::ExpectedSimpleExpressionAsSelector => {
            "the choice is not made by a number; begin it with a value, as in: { $count ->".to_owned()
        }
        ErrorKind::UnterminatedStringLiteral => {
            "a text in quotation marks is not closed; write the second \" on the same line".to_owned()
        }
        ErrorKind::UnknownEscapeSequence(_) => {
            "a \\ has no meaning here; in quotation marks, write \\\\ for a backslash and \\\" for a quotation mark"
                .to_owned()
        }
        ErrorKind::InvalidUnicodeEscapeSequence(sequence) => {
            format!("{sequence} is not the number of a character; write four digits as in \\u00A0")
        }
        ErrorKind::UnbalancedClosingBrace => "a } has no { before it; write the brace itself as {\"}\"}".to_owned(),
        ErrorKind::ExpectedInlineExpression => {
            "there is no value after a {; write a value as in { $count }, and the brace itself as {\"{\"}".to_owned()
        }
    }
}

/// Whether only spaces are before this position in its line.
fn begins_line(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.trim().is_empty()
}

/// The id of the message that the line at this position belongs to: that of the last line before it that begins like a message.
fn message_at(text: &str, at: usize) -> Option<&str> {
    let end = text
        .get(at..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |length| at + length);
    let lines = text.get(..end).unwrap_or(text).lines().rev();
    let mut ids = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
    let line = ids.next()?;
    let is_of_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    line.split(|c| !is_of_id(c)).next()
}
