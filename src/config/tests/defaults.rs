//! The compiled-in settings and the structs have the same keys.

use std::time::Duration;

use serde::Deserialize;
use toml::{Table, Value};

use crate::config::layers::DEFAULTS;
use crate::config::{BackCatalogue, CommentProvider, Config, InDoubt};
use crate::words::Voice;

/// The defaults in the form that the structs read: relay is a list.
fn defaults() -> Table {
    let mut table: Table = toml::from_str(DEFAULTS).expect("the defaults are TOML");
    let relay = table.remove("relay").expect("there is a relay");
    table.insert("relay".to_owned(), Value::Array(vec![relay]));
    table
}

/// Applies `change` to one table of the settings after the other, and returns the result of reading each version.
fn with_each_table_changed(change: impl Fn(&mut Table) -> Vec<Table>) -> Vec<(Table, bool)> {
    fn variants(table: &Table, change: &dyn Fn(&mut Table) -> Vec<Table>) -> Vec<Table> {
        let mut all = change(&mut table.clone());
        for (key, value) in table {
            let below = match value {
                Value::Table(below) => variants(below, change).into_iter().map(Value::Table).collect(),
                Value::Array(items) => match items.first() {
                    Some(Value::Table(below)) => variants(below, change)
                        .into_iter()
                        .map(|below| Value::Array(vec![below.into()]))
                        .collect(),
                    _ => Vec::new(),
                },
                _ => Vec::new(),
            };
            all.extend(below.into_iter().map(|value| {
                let mut changed = table.clone();
                changed.insert(key.clone(), value);
                changed
            }));
        }
        all
    }
    let read = |table: Table| (table.clone(), Config::deserialize(Value::Table(table)).is_ok());
    variants(&defaults(), &change).into_iter().map(read).collect()
}

#[test]
fn the_defaults_are_valid_and_documented() {
    let config = Config::default();
    assert_eq!(
        (config.site.name.as_str(), config.site.tagline.as_str()),
        ("Daywire", "")
    );
    assert_eq!(config.site.voice, Voice::Plain);
    assert_eq!(config.comments.provider, CommentProvider::None);
    assert_eq!(config.site.url.to_string(), "http://127.0.0.1:8080");
    assert_eq!(config.database.url.to_string(), "sqlite:data/daywire.db");
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.http.ops_listen, None);
    assert!(config.captures_mail() && config.relays.len() == 1);
    assert_eq!(
        (config.relays[0].connections, config.relays[0].rate_per_second),
        (20, None)
    );
    assert_eq!(config.relays[0].timeouts.final_dot, Duration::from_mins(10));
    assert_eq!(config.dkim, None);
    assert_eq!(config.signup.token_ttl, Duration::from_hours(48));
    assert_eq!(config.signup.resend_after, Duration::from_mins(10));
    assert_eq!(config.delivery.in_doubt, InDoubt::Resend);
    assert_eq!(config.delivery.retry_after.len(), 6);
    assert_eq!(config.feeds.max_bytes, 5 * 1024 * 1024);
    let day = Duration::from_hours(24);
    assert_eq!(config.feeds.back_catalogue, BackCatalogue::Youngest(day));
    assert!(config.operators.notify.is_empty());
    assert_eq!(config.operators.session_idle, Duration::from_hours(12));
    assert_eq!(config.operators.session_lifetime, Duration::from_hours(14 * 24));
    assert!(config.secrets.key.is_none());
}

#[test]
fn every_key_of_the_structs_is_in_the_file() {
    let without_one = |table: &mut Table| {
        let without = |key: &String| {
            table
                .iter()
                .filter(|(k, _)| *k != key)
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect()
        };
        table.keys().map(without).collect()
    };
    let read = with_each_table_changed(without_one);
    assert!(read.len() > 60, "only {} keys were tried", read.len());
    for (table, accepted) in read {
        assert!(!accepted, "a missing key here is accepted:\n{table}");
    }
}

#[test]
fn every_key_of_the_file_is_in_the_structs() {
    let with_one_more = |table: &mut Table| {
        table.insert("surplus".to_owned(), Value::from(1));
        vec![table.clone()]
    };
    let read = with_each_table_changed(with_one_more);
    assert!(read.len() > 13, "only {} tables were tried", read.len());
    for (table, accepted) in read {
        assert!(!accepted, "an unknown key here is accepted:\n{table}");
    }
}

#[test]
fn every_key_of_the_file_is_explained_above_it() {
    // A comment counts for the keys that follow it, and one above a section for all of that section.
    let mut explained = false;
    for line in DEFAULTS.lines() {
        match line.trim() {
            comment if comment.starts_with('#') => explained = true,
            "" => explained = false,
            section if section.starts_with('[') => {}
            key => assert!(explained, "not explained: {key}"),
        }
    }
}
