//! Which tables have data about a person, and how the rows are found that belong to one. The export reads all of them, and an erasure
//! empties all of them. A test fails if the database has a table that is neither listed here nor known to have no such data.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Result, StoreError, Tx, execution, on};
use crate::domain::ids::SubscriberId;

/// A table with data about persons.
#[derive(Clone, Copy, Debug)]
pub struct PersonalTable {
    /// The name of the table.
    pub name: &'static str,
    /// What its rows are, for the reader of an export.
    pub about: &'static str,
    rows: Rows,
    /// Columns that an export leaves out: secrets, and data of the queue.
    omitted: &'static [&'static str],
}

/// How the rows of a person are found. `$1` is the id of the subscriber, or the keyed hash of the address.
#[derive(Clone, Copy, Debug)]
enum Rows {
    OfSubscriber(&'static str),
    OfAddress(&'static str),
    OfBoth {
        subscriber: &'static str,
        address: &'static str,
    },
    /// Rows whose ids only the caller can find.
    WithId,
    /// By the keyed hash of the mailbox.
    OfMailbox,
}

/// Condition: the row belongs to a subscription of the subscriber `$1`.
macro_rules! of_own_subscription {
    () => {
        "subscription_id IN (SELECT id FROM subscriptions WHERE subscriber_id = $1)"
    };
}

/// Every table with data about persons.
pub const PERSONAL_TABLES: &[PersonalTable] = &[
    PersonalTable {
        name: "subscribers",
        about: "You: your address, name and time zone.",
        rows: Rows::OfSubscriber("id = $1"),
        omitted: &["link_generation"],
    },
    PersonalTable {
        name: "subscriptions",
        about: "Your newsletters, and your settings for each.",
        rows: Rows::OfSubscriber("subscriber_id = $1"),
        omitted: &[],
    },
    PersonalTable {
        name: "confirmation_tokens",
        about: "Confirmation links that were mailed to you, and what was typed at the sign-up.",
        rows: Rows::OfSubscriber(of_own_subscription!()),
        omitted: &["token_hash"],
    },
    PersonalTable {
        name: "consent_records",
        about: "The record of your consent: what was asked, shown and confirmed, when, and from which network address.",
        rows: Rows::OfSubscriber(of_own_subscription!()),
        omitted: &[],
    },
    PersonalTable {
        name: "leaving_reasons",
        about: "Why you left a newsletter, if you said so.",
        rows: Rows::OfSubscriber(of_own_subscription!()),
        omitted: &[],
    },
    PersonalTable {
        name: "deliveries",
        about: "The issues that were sent to you, and the replies of the mail servers.",
        rows: Rows::OfSubscriber(concat!(
            "issue_id IN (SELECT i.id FROM issues i JOIN subscriptions s ON s.newsletter_id = i.newsletter_id \
             WHERE s.subscriber_id = $1) AND ",
            of_own_subscription!()
        )),
        omitted: &["lease_owner"],
    },
    PersonalTable {
        name: "comments",
        about: "Your comments on articles.",
        rows: Rows::OfSubscriber("subscriber_id = $1"),
        omitted: &[],
    },
    PersonalTable {
        name: "transactional_mails",
        about: "Other mails to you, such as confirmations.",
        rows: Rows::OfSubscriber("subscriber_id = $1"),
        omitted: &["token_nonce", "signing_key_id", "linked_subscriptions", "lease_owner"],
    },
    PersonalTable {
        name: "address_changes",
        about: "Your changes of address.",
        rows: Rows::OfSubscriber("subscriber_id = $1"),
        omitted: &["from_hash", "to_hash", "generation"],
    },
    PersonalTable {
        name: "bounces",
        about: "Mails to you that came back, and complaints.",
        rows: Rows::OfBoth {
            subscriber: of_own_subscription!(),
            address: "address_hash = $1",
        },
        omitted: &[],
    },
    PersonalTable {
        name: "suppressions",
        about: "Why your address gets no mail.",
        rows: Rows::OfAddress("address_hash = $1"),
        omitted: &[],
    },
    PersonalTable {
        name: "confirmation_asks",
        about: "Newsletters for which your address was imported, and when you were asked by mail to confirm.",
        rows: Rows::OfAddress("address_hash = $1"),
        omitted: &[],
    },
    PersonalTable {
        name: "ended_suppressions",
        about: "Why your address got no mail in the past.",
        rows: Rows::OfAddress("address_hash = $1"),
        omitted: &[],
    },
    PersonalTable {
        name: RETURNED_MAILS,
        about: "Mails that came back to us and name you.",
        rows: Rows::WithId,
        omitted: &["digest"],
    },
    PersonalTable {
        name: CAPTURED_MAILS,
        about: "Mails to you in the inbox inside the program, which is used without a mail server.",
        rows: Rows::WithId,
        omitted: &[],
    },
    PersonalTable {
        name: "mailbox_histories",
        about: "When mails were sent to your mailbox lately, so that nobody can flood it.",
        rows: Rows::OfMailbox,
        omitted: &[],
    },
    PersonalTable {
        name: "webhook_messages",
        about: "Events about you that were sent to other programs.",
        rows: Rows::OfSubscriber("subject_id = $1"),
        omitted: &["position", "lease_owner", "leased_until"],
    },
    PersonalTable {
        name: "erasures",
        about: "Erasures that are not complete.",
        rows: Rows::WithId,
        omitted: &[],
    },
];

pub(crate) const RETURNED_MAILS: &str = "returned_mails";
pub(crate) const CAPTURED_MAILS: &str = "captured_mails";

/// The rows of a person's data.
#[derive(Debug)]
pub(crate) struct Person<'a> {
    /// `None` if no subscriber has the address.
    pub(crate) subscriber: Option<SubscriberId>,
    pub(crate) address_hash: &'a [u8],
    /// The keyed hashes of the mailbox, one for each kind of mail that is counted.
    pub(crate) mailboxes: Vec<[u8; 16]>,
    /// The ids of rows that only the caller can find, by the name of the table.
    pub(crate) ids: BTreeMap<&'static str, Vec<Uuid>>,
}

/// The value of `$1`.
#[derive(Clone, Debug)]
enum Bound {
    Id(Uuid),
    Bytes(Vec<u8>),
}

impl Tx {
    /// All rows about a person as JSON objects, by table. Binary values are `\x` and hexadecimal digits.
    pub(crate) async fn personal_rows(
        &mut self,
        person: &Person<'_>,
    ) -> Result<Vec<(&'static PersonalTable, Vec<Value>)>> {
        let mut tables = Vec::new();
        for table in PERSONAL_TABLES {
            let mut rows = Vec::new();
            for (condition, bound) in table.conditions(person) {
                for row in self.rows_as_json(table, condition, bound).await? {
                    if !rows.contains(&row) {
                        rows.push(row);
                    }
                }
            }
            tables.push((table, rows));
        }
        Ok(tables)
    }

    async fn rows_as_json(&mut self, table: &PersonalTable, condition: &str, bound: Bound) -> Result<Vec<Value>> {
        let row = self.row_as_json(table.name).await?;
        let sql = AssertSqlSafe(format!(
            "SELECT {row} AS row_text FROM {} t WHERE {condition} ORDER BY row_text",
            table.name
        ));
        let texts: Vec<(String,)> = match self {
            Self::Sqlite(db) => {
                let query = sqlx::query::<sqlx::Sqlite>(sql);
                let query = match bound {
                    Bound::Id(id) => query.bind(id),
                    Bound::Bytes(bytes) => query.bind(bytes),
                };
                db.all(query).await.and_then(execution::all)?
            }
            Self::Postgres(db) => {
                let query = sqlx::query::<sqlx::Postgres>(sql);
                let query = match bound {
                    Bound::Id(id) => query.bind(id),
                    Bound::Bytes(bytes) => query.bind(bytes),
                };
                db.all(query).await.and_then(execution::all)?
            }
        };
        let parsed = texts.into_iter().map(|(text,)| {
            let row: Map<String, Value> = serde_json::from_str(&text).map_err(|error| {
                StoreError::Query(sqlx::Error::Decode(
                    format!("a row of {} as JSON: {error}", table.name).into(),
                ))
            })?;
            let kept = row
                .into_iter()
                .filter(|(column, _)| !table.omitted.contains(&column.as_str()));
            Ok(Value::Object(kept.collect()))
        });
        parsed.collect()
    }

    /// The expression for a whole row `t` of a table as a JSON object.
    async fn row_as_json(&mut self, table: &str) -> Result<String> {
        if let Self::Postgres(_) = self {
            return Ok("CAST(to_jsonb(t) AS TEXT)".to_owned());
        }
        let columns = on!(
            self,
            all as (String, String),
            "SELECT name, type FROM pragma_table_info($1) ORDER BY cid",
            table
        )?;
        let fields = columns.into_iter().map(|(name, kind)| {
            let value = match kind.as_str() {
                "UUID" => {
                    let hex = format!("lower(hex(t.{name}))");
                    let part = |from, length| format!("substr({hex}, {from}, {length})");
                    let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)];
                    format!("CASE WHEN t.{name} IS NOT NULL THEN {} END", parts.join(" || '-' || "))
                }
                "BYTEA" => format!("CASE WHEN t.{name} IS NOT NULL THEN '\\x' || lower(hex(t.{name})) END"),
                "BOOLEAN" => format!("json(CASE t.{name} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END)"),
                _ => format!("t.{name}"),
            };
            format!("'{name}', {value}")
        });
        Ok(format!("json_object({})", fields.collect::<Vec<_>>().join(", ")))
    }
}

impl PersonalTable {
    fn conditions(&self, person: &Person<'_>) -> Vec<(&'static str, Bound)> {
        let subscriber = person.subscriber.map(|id| Bound::Id(id.0));
        let address = Bound::Bytes(person.address_hash.to_vec());
        match self.rows {
            Rows::OfSubscriber(condition) => subscriber.map(|id| (condition, id)).into_iter().collect(),
            Rows::OfAddress(condition) => vec![(condition, address)],
            Rows::OfBoth {
                subscriber: condition,
                address: by_address,
            } => {
                let by_subscriber = subscriber.map(|id| (condition, id));
                by_subscriber.into_iter().chain([(by_address, address)]).collect()
            }
            Rows::WithId => {
                let ids = person.ids.get(self.name).into_iter().flatten();
                ids.map(|id| ("id = $1", Bound::Id(*id))).collect()
            }
            Rows::OfMailbox => {
                let mailboxes = person.mailboxes.iter();
                mailboxes
                    .map(|key| ("mailbox = $1", Bound::Bytes(key.to_vec())))
                    .collect()
            }
        }
    }
}
