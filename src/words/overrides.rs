//! Checks an operator's file of messages (`site.locales`) before it replaces compiled-in ones.

use std::io;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;

use super::declaration::Declaration;
use super::linked::Linked;
use super::messages::declarations;

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
            reason: first.map_or_else(|| "it does not parse".to_owned(), |error| error.kind.to_string()),
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
                Expression::Inline(InlineExpression::StringLiteral { value }) => vec![(*value).to_owned()],
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
    (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
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
            ("save =\n", "line 1"),
            ("save = Keep\n\nread-at { $source }\n", "line 3"),
        ] {
            let error = refused(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
