//! The keys of a newsletter's file as the fields of a form: every value is a text that a person types.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::error::NewsletterError;
use super::file::{NewsletterFile, parse};
use super::written_file::keys;
use crate::store::newsletters::Newsletter;

/// How the value of a key is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Line,
    /// A text that may have several lines.
    Text,
    Number,
    /// A box that is ticked or not.
    Switch,
    /// A list with one entry a line.
    Lines,
    /// `name = number` on each line.
    Numbers,
    /// A topic a line: `name`, or `name = category, category`.
    Topics,
}

/// Every key of the file with its kind. A key in a section has the section's name and a dot before it.
pub(crate) const FIELDS: &[(&str, FieldKind)] = &[
    ("slug", FieldKind::Line),
    ("name", FieldKind::Line),
    ("description", FieldKind::Line),
    ("from", FieldKind::Line),
    ("reply_to", FieldKind::Line),
    ("welcome", FieldKind::Text),
    ("help", FieldKind::Line),
    ("public", FieldKind::Switch),
    ("archive", FieldKind::Switch),
    ("topics", FieldKind::Topics),
    ("schedule", FieldKind::Line),
    ("timezone", FieldKind::Line),
    ("skip", FieldKind::Lines),
    ("local_time", FieldKind::Switch),
    ("weekly_day", FieldKind::Line),
    ("lead_time", FieldKind::Line),
    ("approval", FieldKind::Line),
    ("grace", FieldKind::Line),
    ("expire_after", FieldKind::Line),
    ("subject", FieldKind::Line),
    ("intro", FieldKind::Text),
    ("language", FieldKind::Line),
    ("min_stories", FieldKind::Number),
    ("max_stories", FieldKind::Number),
    ("top_stories", FieldKind::Number),
    ("story_note", FieldKind::Switch),
    ("include.topics", FieldKind::Lines),
    ("include.sources", FieldKind::Lines),
    ("include.words", FieldKind::Lines),
    ("exclude.topics", FieldKind::Lines),
    ("exclude.sources", FieldKind::Lines),
    ("exclude.words", FieldKind::Lines),
    ("caps.per_topic", FieldKind::Number),
    ("caps.per_source", FieldKind::Number),
    ("caps.topics", FieldKind::Numbers),
    ("caps.sources", FieldKind::Numbers),
    ("ranking.sources", FieldKind::Number),
    ("ranking.source", FieldKind::Number),
    ("ranking.freshness", FieldKind::Number),
    ("ranking.topic", FieldKind::Number),
    ("ranking.novelty", FieldKind::Number),
    ("ranking.half_life", FieldKind::Line),
    ("ranking.memory", FieldKind::Line),
    ("ranking.source_weights", FieldKind::Numbers),
    ("ranking.topic_weights", FieldKind::Numbers),
];

/// Keys whose values are right or wrong independently of the other keys.
pub(super) const INDEPENDENT: &[&str] = &[
    "slug", "name", "from", "reply_to", "timezone", "schedule", "language", "subject",
];

/// What is typed into each field.
pub(crate) type FieldTexts = BTreeMap<&'static str, String>;

/// The fields of a stored newsletter.
///
/// # Errors
/// [`NewsletterError::StoredRules`].
pub(crate) fn texts_of(newsletter: &Newsletter) -> Result<FieldTexts, NewsletterError> {
    let stored = keys(newsletter)?;
    let value = |key: &str| -> Option<Value> {
        let (section, below) = key
            .split_once('.')
            .map_or((key, None), |(section, below)| (section, Some(below)));
        let found = stored.iter().find(|(known, _)| *known == section)?.1.clone()?;
        match below {
            None => Some(found),
            Some(below) => found.get(below).cloned(),
        }
    };
    let texts = FIELDS
        .iter()
        .filter_map(|(key, kind)| Some((*key, text_of(*kind, &value(key)?))));
    Ok(texts.collect())
}

fn text_of(kind: FieldKind, value: &Value) -> String {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match (kind, value) {
        (FieldKind::Topics, Value::Array(topics)) => {
            let lines = topics.iter().map(|topic| match topic {
                Value::Table(table) => {
                    let categories = table.get("categories").and_then(Value::as_array);
                    let categories: Vec<_> = categories.into_iter().flatten().map(plain).collect();
                    let name = table.get("name").map(plain).unwrap_or_default();
                    format!("{name} = {}", categories.join(", "))
                }
                name => plain(name),
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        (_, Value::Array(items)) => items.iter().map(plain).collect::<Vec<_>>().join("\n"),
        (_, Value::Table(items)) => {
            let lines = items.iter().map(|(name, value)| format!("{name} = {value}"));
            lines.collect::<Vec<_>>().join("\n")
        }
        (_, value) => plain(value),
    }
}

/// A mistake in a field: its key, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldMistake {
    pub(crate) key: &'static str,
    pub(crate) reason: String,
}

/// The file that the fields describe. An empty field leaves its key out.
///
/// # Errors
/// Every field that cannot be read by itself, else the first one that does not fit the others.
pub(crate) fn file_from(texts: &FieldTexts) -> Result<NewsletterFile, Vec<FieldMistake>> {
    let set = FIELDS.iter().filter_map(|(key, kind)| {
        let text = texts.get(key).map_or("", |text| text.trim());
        (!text.is_empty()).then_some((*key, *kind, text))
    });
    let mut table = Table::new();
    let mut mistakes = Vec::new();
    for (key, kind, text) in set {
        let value = value_of(kind, text);
        // A file with only this key shows whether the key alone is wrong.
        let mut alone = Table::new();
        alone.insert("slug".into(), "a".into());
        alone.insert("name".into(), "A".into());
        insert(&mut alone, key, value.clone());
        match parse_table(&alone) {
            Err(NewsletterError::Syntax(reason)) => mistakes.push(FieldMistake {
                key,
                reason: without_place(&reason, key),
            }),
            Err(error @ NewsletterError::Value { .. }) if INDEPENDENT.contains(&key) => {
                mistakes.push(mistake_of(&error));
            }
            _ => {}
        }
        insert(&mut table, key, value);
    }
    for (key, example) in [("slug", "morning"), ("name", "Morning Wire")] {
        if !table.contains_key(key) {
            let reason = format!("this is needed; write for example {example}");
            mistakes.push(FieldMistake { key, reason });
        }
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    parse_table(&table).map_err(|error| vec![mistake_of(&error)])
}

/// The field that an error of a file is about.
pub(crate) fn mistake_of(error: &NewsletterError) -> FieldMistake {
    let (named, reason) = match error {
        NewsletterError::Value { key, reason } => (*key, reason.clone()),
        other => ("name", other.to_string()),
    };
    // Some errors are about several keys of a section.
    let first = named.split(',').next().unwrap_or(named);
    let known = FIELDS.iter().map(|(key, _)| *key);
    let key = known
        .clone()
        .find(|key| *key == first)
        .or_else(|| known.clone().find(|key| key.starts_with(&format!("{first}."))));
    FieldMistake {
        key: key.unwrap_or("name"),
        reason,
    }
}

pub(super) fn parse_table(table: &Table) -> Result<NewsletterFile, NewsletterError> {
    let text = toml::to_string(table).map_err(|error| NewsletterError::Syntax(error.to_string()))?;
    parse(&text)
}

fn insert(table: &mut Table, key: &str, value: Value) {
    let Some((section, below)) = key.split_once('.') else {
        table.insert(key.to_owned(), value);
        return;
    };
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    if let Value::Table(section) = section {
        section.insert(below.to_owned(), value);
    }
}

fn value_of(kind: FieldKind, text: &str) -> Value {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    match kind {
        FieldKind::Line | FieldKind::Text => match text {
            // `welcome` is a switch or a text.
            "true" => Value::from(true),
            text => Value::from(text),
        },
        FieldKind::Number => number(text),
        FieldKind::Switch => Value::from(text == "true"),
        FieldKind::Lines => lines().map(Value::from).collect::<Vec<_>>().into(),
        FieldKind::Numbers => {
            let pairs = lines().map(|line| match line.rsplit_once('=') {
                Some((name, value)) => (name.trim().to_owned(), number(value.trim())),
                None => (line.to_owned(), Value::from("")),
            });
            Value::Table(pairs.collect())
        }
        FieldKind::Topics => {
            let topics = lines().map(|line| match line.split_once('=') {
                None => Value::from(line),
                Some((name, categories)) => {
                    let categories = categories.split(',').map(str::trim).filter(|name| !name.is_empty());
                    let categories: Vec<_> = categories.map(Value::from).collect();
                    let mut topic = Table::new();
                    topic.insert("name".into(), name.trim().into());
                    topic.insert("categories".into(), categories.into());
                    Value::Table(topic)
                }
            });
            topics.collect::<Vec<_>>().into()
        }
    }
}

/// A number; a text that is none stays a text, and the check of the file says what is expected.
fn number(text: &str) -> Value {
    let whole = text.parse::<i64>().map(Value::from);
    let any = || text.parse::<f64>().map(Value::from);
    whole.or_else(|_| any()).unwrap_or_else(|_| Value::from(text))
}

/// The message without the line and the key, which the form shows by itself.
pub(super) fn without_place(reason: &str, key: &str) -> String {
    let reason = reason
        .strip_prefix("line ")
        .and_then(|rest| rest.split_once(": "))
        .map_or(reason, |(_, rest)| rest);
    let reason = reason
        .strip_prefix(key)
        .and_then(|rest| rest.strip_prefix(": "))
        .unwrap_or(reason);
    let reason = reason.lines().next().unwrap_or(reason);
    // "invalid value: string "soon", expected a duration such as 45m" repeats what the field shows.
    match reason
        .strip_prefix("invalid ")
        .and_then(|rest| rest.rsplit_once(", expected "))
    {
        Some((_, expected)) => format!("write {expected}"),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pairs: &[(&'static str, &str)]) -> FieldTexts {
        pairs.iter().map(|(key, text)| (*key, (*text).to_owned())).collect()
    }

    #[test]
    fn each_mistake_stands_at_its_field() {
        let typed = texts(&[
            ("slug", "morning"),
            ("name", "Morning"),
            ("grace", "soon"),
            ("max_stories", "many"),
            ("caps.topics", "Security"),
            ("timezone", "Mars/Olympus"),
        ]);
        let mistakes = file_from(&typed).expect_err("four fields are wrong");
        let keys: Vec<_> = mistakes.iter().map(|mistake| mistake.key).collect();
        assert_eq!(
            keys,
            ["timezone", "grace", "max_stories", "caps.topics"],
            "{mistakes:?}"
        );
        assert!(
            mistakes.iter().all(|mistake| !mistake.reason.starts_with("line")),
            "{mistakes:?}"
        );
        for (key, text) in [
            ("from", "nobody"),
            ("schedule", "61 * * * *"),
            ("min_stories", "30"),
            ("lead_time", "8days"),
        ] {
            let mut typed = texts(&[("slug", "a"), ("name", "A"), ("max_stories", "20")]);
            typed.insert(key, text.into());
            let mistakes = file_from(&typed).expect_err(key);
            assert_eq!(mistakes.iter().map(|mistake| mistake.key).collect::<Vec<_>>(), [key]);
        }
        let typed = texts(&[
            ("slug", "Evening News"),
            ("from", "nobody"),
            ("grace", "2 hours maybe"),
            ("language", "Englisch"),
        ]);
        let mistakes = file_from(&typed).expect_err("every field is wrong");
        let keys: Vec<_> = mistakes.iter().map(|mistake| mistake.key).collect();
        assert_eq!(keys, ["slug", "from", "grace", "language", "name"], "{mistakes:?}");
        assert!(mistakes[2].reason.contains("12h"), "an example helps: {mistakes:?}");
    }

    #[test]
    fn lists_are_typed_one_entry_a_line() {
        let typed = texts(&[
            ("slug", "morning"),
            ("name", "Morning"),
            ("welcome", "true"),
            ("topics", "Kernel\nSecurity = infosec, Sicherheit\n"),
            ("skip", "sat\n12-25"),
            ("ranking.source_weights", "Our = desk = 2\nWire = 0.5"),
            ("public", "false"),
        ]);
        let file = file_from(&typed).expect("the fields are right");
        let rules = file.rules(20, crate::words::Language::default());
        assert_eq!(rules.topics[1].categories, ["infosec", "Sicherheit"]);
        assert_eq!(rules.ranking.source_weights.get("Our = desk"), Some(&2.0));
        assert_eq!(rules.ranking.source_weights.get("Wire"), Some(&0.5));
    }
}
