//! Checks an operator's file of messages (`site.locales`) before it replaces compiled-in ones.

use std::io;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;
use fluent_syntax::unicode::unescape_unicode_to_string;

use super::declaration::Declaration;
use super::linked::Linked;
use super::messages::declarations;
use super::syntax_advice::describe;

/// Why an operator's messages cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OverrideError {
    /// The folder or a file in it cannot be read.
    #[error("site.locales: cannot read {}: {source}", path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The name of a file is not the tag of a language.
    #[error(
        "site.locales: {} is not named after a language of Daywire; rename it to en.ftl, de.ftl, fr.ftl, es.ftl, pt.ftl, it.ftl, pl.ftl, \
         zh-Hans.ftl, ja.ftl or ar.ftl",
        path.display()
    )]
    UnknownLanguage {
        /// The file with that name.
        path: PathBuf,
    },
    /// A message in a file is invalid.
    #[error("site.locales: {}, line {line}: {reason}", path.display())]
    Invalid {
        /// The file with the fault.
        path: PathBuf,
        /// The line of the fault, from 1.
        line: usize,
        /// What is wrong, and what to do.
        reason: String,
    },
}

/// Checks the content of the file at `path`.
pub(super) fn check(path: &Path, text: &str) -> Result<(), OverrideError> {
    faults(text).map_err(|Fault { at, reason }| OverrideError::Invalid {
        path: path.to_owned(),
        line: 1 + text.get(..at).unwrap_or(text).matches('\n').count(),
        reason,
    })
}

/// What is wrong with a file.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    /// The position of the fault in bytes.
    at: usize,
    reason: String,
}

fn faults(text: &str) -> Result<(), Fault> {
    let resource = parse(text).map_err(|(_, errors)| {
        let first = errors.first();
        Fault {
            at: first.map_or(0, |error| error.pos.start),
            reason: first.map_or_else(
                || "it is no Fluent file; write a message as in: save = Keep".to_owned(),
                |error| describe(text, error),
            ),
        }
    })?;
    let mut seen: Vec<&str> = Vec::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let id = message.id.name;
        let fault = |at: &str, reason: String| Fault {
            at: offset(text, at),
            reason: format!("the message “{id}” {reason}"),
        };
        let Some(declaration) = declarations().find(|declaration| declaration.id == id) else {
            let near = declarations().map(|declaration| declaration.id);
            let near = near.max_by(|one, other| similarity(id, one).total_cmp(&similarity(id, other)));
            let reason = format!("does not exist; did you mean “{}”?", near.unwrap_or_default());
            return Err(fault(id, reason));
        };
        if seen.contains(&id) {
            return Err(fault(id, "is in the file twice; remove one".to_owned()));
        }
        seen.push(id);
        let Some(value) = &message.value else {
            return Err(fault(id, "has no text; write it after the = sign".to_owned()));
        };
        if let Some((at, reason)) = fault_of(declaration, value) {
            return Err(fault(at, reason));
        }
    }
    Ok(())
}

/// The fault of a message's text: a part of the file, and the reason.
fn fault_of<'a>(declaration: &Declaration, value: &Pattern<&'a str>) -> Option<(&'a str, String)> {
    let mut references = Vec::new();
    collect(value, &mut references);
    for reference in &references {
        match *reference {
            Reference::Variable(name) if !declaration.variables.contains(&name) => {
                let known: Vec<String> = declaration.variables.iter().map(|name| format!("${name}")).collect();
                let known = match known.as_slice() {
                    [] => "it has no variables".to_owned(),
                    known => format!("its variables are {}", known.join(", ")),
                };
                return Some((name, format!("has no variable ${name}; {known}")));
            }
            Reference::Other(name) => {
                let reason = "refers to another message, a term or a function; write its text in full".to_owned();
                return Some((name, reason));
            }
            Reference::Variable(_) => {}
        }
    }
    if let Some(fault) = forbidden_character(value) {
        return Some(fault);
    }
    let texts = texts_of(value);
    texts.iter().find_map(|text| {
        let is_fine = Linked::is_in(text) == declaration.is_linked && (declaration.is_linked || !text.contains("<a>"));
        (!is_fine).then(|| {
            let at = first_text(value).unwrap_or_default();
            let reason = if declaration.is_linked {
                "needs one link; write its words between <a> and </a>, and no other tag"
            } else {
                "has no link; remove <a> and </a>"
            };
            (at, reason.to_owned())
        })
    })
}

/// A line break or an invisible character in a text, also as an escape sequence: where it is, and the reason to refuse it. A line break
/// could end a header of a mail, and the others hide or reorder what a reader sees.
fn forbidden_character<'a>(pattern: &Pattern<&'a str>) -> Option<(&'a str, String)> {
    pattern.elements.iter().find_map(|element| match element {
        PatternElement::TextElement { value } => {
            let (at, c) = value.char_indices().find(|(_, c)| is_forbidden(*c))?;
            Some((value.get(at..)?, forbidden(c)))
        }
        PatternElement::Placeable { expression } => forbidden_in(expression),
    })
}

fn forbidden_in<'a>(expression: &Expression<&'a str>) -> Option<(&'a str, String)> {
    let inline = match expression {
        Expression::Inline(inline) => inline,
        Expression::Select { variants, .. } => {
            return variants.iter().find_map(|variant| forbidden_character(&variant.value));
        }
    };
    match inline {
        InlineExpression::StringLiteral { value } => {
            let c = unescape_unicode_to_string(value).chars().find(|c| is_forbidden(*c))?;
            Some((*value, forbidden(c)))
        }
        InlineExpression::Placeable { expression } => forbidden_in(expression),
        _ => None,
    }
}

fn forbidden(c: char) -> String {
    if matches!(c, '\n' | '\r') {
        return "has a line break; write its text on one line".to_owned();
    }
    format!(
        "has the invisible character U+{:04X}, which can hide or reorder text; remove it",
        u32::from(c)
    )
}

/// Control characters, and characters that hide or reorder text. The marks U+200E, U+200F and U+061C, which are written beside
/// punctuation, and joiners are letters of some scripts' texts.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// What a text refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference<'a> {
    Variable(&'a str),
    /// A message, a term or a function, by name.
    Other(&'a str),
}

/// Collects the references of a text, in its order.
pub(super) fn collect<'a>(pattern: &Pattern<&'a str>, references: &mut Vec<Reference<'a>>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            collect_from(expression, references);
        }
    }
}

fn collect_from<'a>(expression: &Expression<&'a str>, references: &mut Vec<Reference<'a>>) {
    let inline = match expression {
        Expression::Inline(inline) => inline,
        Expression::Select { selector, variants } => {
            for variant in variants {
                collect(&variant.value, references);
            }
            selector
        }
    };
    match inline {
        InlineExpression::VariableReference { id } => references.push(Reference::Variable(id.name)),
        InlineExpression::MessageReference { id, .. }
        | InlineExpression::TermReference { id, .. }
        | InlineExpression::FunctionReference { id, .. } => references.push(Reference::Other(id.name)),
        InlineExpression::Placeable { expression } => collect_from(expression, references),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
    }
}

/// The texts that a message can have: one for each variant of a selector, with `…` for each value.
pub(super) fn texts_of(pattern: &Pattern<&str>) -> Vec<String> {
    let mut texts = vec![String::new()];
    for element in &pattern.elements {
        let parts = match element {
            PatternElement::TextElement { value } => vec![(*value).to_owned()],
            PatternElement::Placeable { expression } => match expression {
                Expression::Select { variants, .. } => {
                    variants.iter().flat_map(|variant| texts_of(&variant.value)).collect()
                }
                Expression::Inline(InlineExpression::StringLiteral { value }) => {
                    vec![unescape_unicode_to_string(value).into_owned()]
                }
                Expression::Inline(_) => vec!["…".to_owned()],
            },
        };
        texts = texts
            .iter()
            .flat_map(|text| parts.iter().map(move |part| format!("{text}{part}")))
            .collect();
    }
    texts
}

/// The first text of a message as it stands in the file.
fn first_text<'a>(pattern: &Pattern<&'a str>) -> Option<&'a str> {
    pattern.elements.iter().find_map(|element| match element {
        PatternElement::TextElement { value } => Some(*value),
        PatternElement::Placeable { expression } => match expression {
            Expression::Select { variants, .. } => variants.iter().find_map(|variant| first_text(&variant.value)),
            Expression::Inline(_) => None,
        },
    })
}

/// The position of `part` in `text`, of which it is a part.
fn offset(text: &str, part: &str) -> usize {
    let at = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    at.min(text.len())
}

fn similarity(one: &str, other: &str) -> f64 {
    strsim::jaro_winkler(one, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        check(Path::new("de.ftl"), text)
            .expect_err("the file is invalid")
            .to_string()
    }

    #[test]
    fn a_file_may_replace_any_message() {
        let text = "# Ours.\nsubscribe = Join\nread-at = Go to { $source }\nor-unsubscribe = <a>Leave</a>\n\
                    more-on-site = { $count ->\n    [one] one\n   *[other] { $count }\n }\n";
        check(Path::new("en.ftl"), text).expect("the file is valid");
    }

    #[test]
    fn a_fault_is_named_with_its_line() {
        for (text, expected) in [
            (
                "\nsubscribed = Join\n",
                "site.locales: de.ftl, line 2: the message “subscribed” does not exist; did you mean “subscribe”?",
            ),
            (
                "save = Keep\n\nread-at = Go to\n    { $name }\n",
                "line 4: the message “read-at” has no variable $name; its variables are $source",
            ),
            (
                "save = Keep { $it }\n",
                "line 1: the message “save” has no variable $it; it has no variables",
            ),
            (
                "save = Keep { subscribe }\n",
                "the message “save” refers to another message",
            ),
            (
                "save = Keep\nsave = Store\n",
                "line 2: the message “save” is in the file twice",
            ),
            (
                "or-unsubscribe = Leave\n",
                "the message “or-unsubscribe” needs one link",
            ),
            ("save = <a>Keep</a>\n", "the message “save” has no link"),
            (
                "save = Keep\n    it\n",
                "line 1: the message “save” has a line break; write its text on one line",
            ),
            (
                "save = a\u{202e}b\n",
                "line 1: the message “save” has the invisible character U+202E",
            ),
            (
                "\nsave = { \"\\u202E\" }\n",
                "line 2: the message “save” has the invisible character U+202E",
            ),
            (
                "save = { \"\\u000D\" }\n",
                "line 1: the message “save” has a line break",
            ),
            (
                "more-on-site = { $count ->\n    [one] one\n   *[other] { $count }\u{200b}\n }\n",
                "line 3: the message “more-on-site” has the invisible character U+200B",
            ),
        ] {
            let error = refused(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_syntax_error_says_what_to_write() {
        for (text, expected) in [
            (
                "save =\n",
                "line 1: in the message “save”, there is no text; write it after the = sign, or after the ] of a choice",
            ),
            (
                "save = Keep\n\nread-at { $source }\n",
                "line 3: in the message “read-at”, an = sign is missing after the id of a message; write a message as in: save = Keep",
            ),
            (
                "read-at = Go to { $source\n",
                "in the message “read-at”, a { is not closed; write a value as in { $count }",
            ),
            (
                "save = Keep }\n",
                "line 1: in the message “save”, a } has no { before it",
            ),
            (
                "save = { }\n",
                "line 1: in the message “save”, there is no value after a {",
            ),
            (
                "more-on-site = { $count ->\n    [one] one\n }\n",
                "in the message “more-on-site”, the choice has no default; put an asterisk",
            ),
            (
                "save = { \"x }\n",
                "in the message “save”, a text in quotation marks is not closed",
            ),
            (
                "save = { \"\\n\" }\n",
                "in the message “save”, a \\ has no meaning here; in quotation marks, write \\\\ for a backslash",
            ),
            (
                "?! nonsense\n",
                "line 1: the line is no message; write a message as in: save = Keep",
            ),
        ] {
            let error = refused(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn marks_and_joiners_of_scripts_are_permitted() {
        let text = "save = \u{200f}\u{62d}\u{641}\u{638}\u{200c}\u{61c}!\u{a0}\n";
        check(Path::new("ar.ftl"), text).expect("the file is valid");
    }
}
