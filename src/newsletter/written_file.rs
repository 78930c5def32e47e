//! Writes a stored newsletter as its file, for `newsletter show`, and compares two versions of it, for `newsletter apply`.

use std::time::Duration;

use serde_json::Map;
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::error::NewsletterError;
use crate::digest::rules::Rules;
use crate::domain::newsletter_topic::NewsletterTopic;
use crate::store::newsletters::Newsletter;

/// The keys of a newsletter's file in the order of the documentation, each with its section. A key without a value is left out
/// of the file.
pub(super) fn keys(newsletter: &Newsletter) -> Result<Vec<(&'static str, Option<Value>)>, NewsletterError> {
    let rules: Rules = serde_json::from_str(&newsletter.rules).map_err(unreadable)?;
    let topics = rules.topics.iter().map(topic).collect::<Result<Vec<_>, _>>()?;
    let mut rules = Table::try_from(&rules).map_err(unreadable)?;
    let span = |seconds: i64| {
        let span = Duration::from_secs(seconds.unsigned_abs());
        Some(Value::from(humantime::format_duration(span).to_string()))
    };
    let text = |text: &str| Some(Value::from(text)).filter(|_| !text.is_empty());
    let skip: Vec<_> = newsletter.skip_days.words().map(Value::from).collect();
    let mut keys = vec![
        ("slug", text(&newsletter.slug)),
        ("name", text(&newsletter.name)),
        ("description", text(&newsletter.description)),
        ("from", newsletter.sender.as_deref().and_then(text)),
        ("reply_to", newsletter.reply_to.as_deref().and_then(text)),
        (
            "welcome",
            newsletter.welcome.as_deref().map(|own| match own {
                "" => Value::from(true),
                own => Value::from(own),
            }),
        ),
        ("help", newsletter.help.as_deref().and_then(text)),
        ("public", Some(Value::from(newsletter.public))),
        ("archive", Some(Value::from(newsletter.archive))),
        (
            "topics",
            Some(Value::from(topics.clone())).filter(|_| !topics.is_empty()),
        ),
        (
            "schedule",
            newsletter
                .schedule
                .as_ref()
                .and_then(|schedule| text(schedule.as_str())),
        ),
        ("timezone", text(&newsletter.timezone.to_string())),
        ("skip", Some(Value::from(skip.clone())).filter(|_| !skip.is_empty())),
        ("local_time", Some(Value::from(newsletter.local_time))),
        ("weekly_day", text(&newsletter.weekly_day.to_string())),
        ("lead_time", span(newsletter.lead_seconds)),
        ("approval", text(newsletter.approval.as_str())),
        ("grace", span(newsletter.grace_seconds)),
        ("expire_after", newsletter.expire_after_seconds.and_then(span)),
    ];
    for key in [
        "subject",
        "intro",
        "language",
        "min_stories",
        "max_stories",
        "top_stories",
        "story_note",
        "include",
        "exclude",
        "caps",
        "ranking",
    ] {
        keys.push((key, rules.remove(key)));
    }
    Ok(keys)
}

/// A topic without categories is only its name.
fn topic(topic: &NewsletterTopic) -> Result<Value, NewsletterError> {
    if topic.categories.is_empty() {
        Ok(Value::from(topic.name.as_str()))
    } else {
        Value::try_from(topic).map_err(unreadable)
    }
}

/// The newsletter's file. Applying it changes nothing.
///
/// # Errors
/// [`NewsletterError::StoredRules`].
pub fn file_of(newsletter: &Newsletter) -> Result<String, NewsletterError> {
    let mut file: Vec<String> = Vec::new();
    let mut sections: Vec<String> = Vec::new();
    for (key, value) in keys(newsletter)? {
        match value {
            None => {}
            Some(Value::Table(section)) => {
                let section: Table = section.into_iter().filter(|(_, value)| !is_empty(value)).collect();
                if !section.is_empty() {
                    sections.push(format!("\n[{key}]\n"));
                    for (key, value) in section {
                        sections.push(format!("{key} = {value}\n"));
                    }
                }
            }
            Some(value) => file.push(format!("{key} = {value}\n")),
        }
    }
    Ok(file.concat() + &sections.concat())
}

/// The version of a stored newsletter: a hash of its file.
///
/// # Errors
/// [`NewsletterError::StoredRules`].
pub fn version_of(newsletter: &Newsletter) -> Result<String, NewsletterError> {
    let hash = Sha256::digest(file_of(newsletter)?.as_bytes());
    Ok(data_encoding::HEXLOWER.encode(&hash[..8]))
}

/// The settings of a newsletter as JSON, by their keys in its file. A key without a value is left out.
///
/// # Errors
/// [`NewsletterError::StoredRules`].
pub(crate) fn settings_of(newsletter: &Newsletter) -> Result<Map<String, serde_json::Value>, NewsletterError> {
    let keys = keys(newsletter)?.into_iter();
    let settings = keys.filter_map(|(key, value)| {
        let value = value.filter(|value| !is_empty(value))?;
        Some(serde_json::to_value(value).map(|value| (key.to_owned(), value)))
    });
    let settings: Result<_, _> = settings.collect();
    settings.map_err(|error| NewsletterError::StoredRules(error.to_string()))
}

/// A key whose value changed, with both values in the form of the file; `None` if the key is left out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ChangedKey {
    /// The key; with its section and a dot if it is in one.
    pub key: String,
    /// The value before the change.
    pub from: Option<String>,
    /// The value after the change.
    pub to: Option<String>,
}

/// The keys that differ between two versions of a newsletter.
pub(super) fn changes(before: &Newsletter, after: &Newsletter) -> Result<Vec<ChangedKey>, NewsletterError> {
    let flat = |newsletter: &Newsletter| -> Result<Vec<(String, String)>, NewsletterError> {
        let mut flat = Vec::new();
        for (key, value) in keys(newsletter)? {
            match value {
                None => {}
                Some(Value::Table(section)) => {
                    let values = section.into_iter().filter(|(_, value)| !is_empty(value));
                    flat.extend(values.map(|(below, value)| (format!("{key}.{below}"), value.to_string())));
                }
                Some(value) => flat.push((key.to_owned(), value.to_string())),
            }
        }
        Ok(flat)
    };
    let (before, after) = (flat(before)?, flat(after)?);
    let value = |of: &[(String, String)], key: &str| of.iter().find(|(known, _)| known == key).map(|(_, v)| v.clone());
    let mut keys: Vec<&String> = before.iter().chain(&after).map(|(key, _)| key).collect();
    let mut seen = std::collections::BTreeSet::new();
    keys.retain(|key| seen.insert(*key));
    let changed = keys.into_iter().map(|key| ChangedKey {
        key: key.clone(),
        from: value(&before, key),
        to: value(&after, key),
    });
    Ok(changed.filter(|changed| changed.from != changed.to).collect())
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Table(items) => items.is_empty(),
        _ => false,
    }
}

fn unreadable(error: impl std::fmt::Display) -> NewsletterError {
    NewsletterError::StoredRules(error.to_string())
}
