//! Which fields an entry of the audit log changes.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A field before and after; empty if there was or is none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FieldChange {
    pub(crate) name: String,
    pub(crate) old: String,
    pub(crate) new: String,
}

/// The fields that differ. Both parameters are JSON objects as the entry has them.
pub(crate) fn changed_fields(old: Option<&str>, new: Option<&str>) -> Vec<FieldChange> {
    let parse = |text: Option<&str>| {
        let parsed = text.map(|text| serde_json::from_str::<Value>(text).unwrap_or_else(|_| text.into()));
        match parsed {
            None => Map::new(),
            Some(Value::Object(fields)) => fields,
            Some(other) => std::iter::once((String::new(), other)).collect(),
        }
    };
    let (old, new) = (parse(old), parse(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let shown = |value: Option<&Value>| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    names
        .into_iter()
        .map(|name| FieldChange {
            name: name.clone(),
            old: shown(old.get(name)),
            new: shown(new.get(name)),
        })
        .filter(|change| change.old != change.new)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_fields_are_listed_with_both_values() {
        let change = |name: &str, old: &str, new: &str| FieldChange {
            name: name.into(),
            old: old.into(),
            new: new.into(),
        };
        assert_eq!(
            changed_fields(
                Some(r#"{"role":"editor","n":1}"#),
                Some(r#"{"role":"owner","n":1,"email":null}"#)
            ),
            [change("role", "editor", "owner")]
        );
        assert_eq!(changed_fields(None, Some(r#"{"n":2}"#)), [change("n", "", "2")]);
        assert_eq!(changed_fields(None, None), []);
    }
}
