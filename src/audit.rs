//! The audit log: who changed what, when, and how it was before.
//!
//! A feature module that changes something on behalf of an operator calls [`record`] in the transaction of the change, so that neither
//! is stored without the other.

mod changed_fields;

use serde_json::{Map, Value};

use crate::app::App;
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::ids::AuditEntryId;
use crate::domain::issue_action::IssueAction;
use crate::domain::redact::masked;
use crate::store::audit_log::AuditEntry;
use crate::store::{StoreError, Tx};
use crate::text::plain::{one_line, shorten};

pub(crate) use self::changed_fields::{FieldChange, changed_fields};

/// The most characters of one value. The log shows what was changed and does not keep whole texts.
const MAX_VALUE_CHARS: usize = 500;
/// The most characters of the name of an object or an actor.
const MAX_NAME_CHARS: usize = 120;
/// Words in the name of a field whose value is left out.
const SECRET_FIELDS: [&str; 5] = ["password", "secret", "token", "code", "key"];

/// A change: what was done to which object, and its fields before and after.
#[derive(Debug)]
pub struct Change<'a> {
    /// What was done to the object.
    pub action: AuditAction,
    /// The name of what was changed, such as the slug of a newsletter.
    pub object: &'a str,
    /// The changed fields before; `None` if there was nothing.
    pub old: Option<Value>,
    /// The changed fields after; `None` if there is nothing.
    pub new: Option<Value>,
}

impl<'a> Change<'a> {
    /// A change without fields, such as a sign-in.
    #[must_use]
    pub const fn of(action: AuditAction, object: &'a str) -> Self {
        Self {
            action,
            object,
            old: None,
            new: None,
        }
    }

    /// The changed fields before.
    #[must_use]
    pub fn from(self, old: Value) -> Self {
        Self { old: Some(old), ..self }
    }

    /// The changed fields after.
    #[must_use]
    pub fn to(self, new: Value) -> Self {
        Self { new: Some(new), ..self }
    }
}

/// Adds an entry. Addresses in it are masked, except in the name of an operator, and values of fields with secrets are left out.
///
/// # Errors
/// When the database fails; then do not commit the transaction.
pub async fn record(tx: &mut Tx, app: &App, actor: &Actor, change: Change<'_>) -> Result<(), StoreError> {
    let now = app.clock.now();
    let Change {
        action,
        object,
        old,
        new,
    } = change;
    tx.add_audit_entry(&AuditEntry {
        id: AuditEntryId(app.rng.uuid(now)),
        at: now,
        operator_id: actor.operator_id,
        actor: actor_name(actor),
        way: actor.way,
        action,
        object_kind: action.object_kind().to_owned(),
        object_name: object_name(action, object),
        old_values: old.map(|values| without_secrets(values).to_string()),
        new_values: new.map(|values| without_secrets(values).to_string()),
    })
    .await
}

/// Adds an entry about an issue, if an operator acts. What the program does by itself is in the log only.
///
/// # Errors
/// As [`record`].
pub(crate) async fn record_for_issue(
    tx: &mut Tx,
    app: &App,
    action: &IssueAction,
    what: AuditAction,
    old: Option<Value>,
    new: Option<Value>,
) -> Result<(), StoreError> {
    let Some(actor) = &action.actor else {
        return Ok(());
    };
    let object = &tx.issue_name(action.id).await?;
    record(
        tx,
        app,
        actor,
        Change {
            action: what,
            object,
            old,
            new,
        },
    )
    .await
}

/// The name of an operator stays as it is, also if it is an address: two operators of one domain must be told apart.
fn actor_name(actor: &Actor) -> String {
    match actor.operator_id {
        Some(_) => shorten(&one_line(&actor.name), MAX_NAME_CHARS).0,
        None => shown(&actor.name, MAX_NAME_CHARS),
    }
}

/// As [`actor_name`], if the object is an operator.
fn object_name(action: AuditAction, object: &str) -> String {
    match action.object_kind() {
        "operator" => shorten(&one_line(object), MAX_NAME_CHARS).0,
        _ => shown(object, MAX_NAME_CHARS),
    }
}

/// The text in one line, cut, and with its addresses masked.
fn shown(text: &str, max_chars: usize) -> String {
    let words: Vec<String> = one_line(text)
        .split(' ')
        .map(|word| {
            let is_address = word.len() > 2 && word.contains('@');
            if is_address { masked(word) } else { word.to_owned() }
        })
        .collect();
    shorten(&words.join(" "), max_chars).0
}

fn without_secrets(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(shown(&text, MAX_VALUE_CHARS)),
        Value::Array(values) => values.into_iter().map(without_secrets).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| {
                let is_secret = SECRET_FIELDS.iter().any(|word| name.contains(word));
                let value = if is_secret && !value.is_null() && !value.is_boolean() {
                    Value::String("…".to_owned())
                } else {
                    without_secrets(value)
                };
                (name, value)
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_are_masked_and_secrets_left_out() {
        let values = json!({
            "email": "ada.l@reader.example",
            "password": "correct horse battery staple",
            "has_password": true,
            "totp_secret": null,
            "note": "write to ada@reader.example or\ncall",
            "feeds": [{ "url": "https://wire.example/feed", "api_key": 12 }],
        });
        let expected = json!({
            "email": "a…@reader.example",
            "password": "…",
            "has_password": true,
            "totp_secret": null,
            "note": "write to a…@reader.example or call",
            "feeds": [{ "url": "https://wire.example/feed", "api_key": "…" }],
        });
        assert_eq!(without_secrets(values), expected);
        assert_eq!(shown("@ada", 10), "…@ada");
        let name = "ada.l@news.example";
        assert_eq!(object_name(AuditAction::OperatorRemoved, name), name);
        assert_eq!(object_name(AuditAction::SuppressionAdded, name), "a…@news.example");
        assert_eq!(shown(&"x".repeat(600), 20).chars().count(), 20);
    }
}
