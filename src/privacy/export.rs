//! Everything on record about an address, as one JSON document.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::reader_link::{self, LinkRefusal};
use super::sweep::{captured_mails, returned_mails};
use super::traces::Traces;
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::ids::SubscriberId;
use crate::domain::signed_links::SignedLink;
use crate::signup::mailbox_limits::mailbox_keys;
use crate::store::personal_data::{CAPTURED_MAILS, Person, RETURNED_MAILS};
use crate::store::subscribers::Subscriber;
use crate::store::{StoreError, Tx};

/// Columns whose bytes are the text of a message.
const MESSAGES: [&str; 2] = ["content", "message"];
/// Columns with the hash of a shared text, and the name under which the export has the text.
const TEXTS: [(&str, &str); 4] = [
    ("words_hash", "words"),
    ("mail_text_hash", "mail_text"),
    ("html_hash", "html"),
    ("text_hash", "text"),
];

/// Everything on record about an address: for each table a sentence that explains it, and its rows. Secrets are left out.
///
/// # Errors
/// If the database fails.
pub async fn export(app: &App, address: &EmailAddress) -> Result<Value, StoreError> {
    let mut tx = app.store.read_snapshot().await?;
    let subscriber = tx.subscriber_by_address(&app.keys, address).await?;
    export_rows(app, tx, address, subscriber).await
}

/// Everything on record about the subscriber of a link ([`export`]).
///
/// # Errors
/// If the database fails.
pub async fn export_by_link(app: &App, link: &SignedLink) -> Result<Result<Value, LinkRefusal>, StoreError> {
    let mut tx = app.store.read_snapshot().await?;
    let found = tx.subscriber(SubscriberId(link.subject)).await?;
    let subscriber = match reader_link::permitted(app, &mut tx, link, found).await? {
        Ok(subscriber) => subscriber,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let address = subscriber.address.clone();
    Ok(Ok(export_rows(app, tx, &address, Some(subscriber)).await?))
}

async fn export_rows(
    app: &App,
    mut tx: Tx,
    address: &EmailAddress,
    subscriber: Option<Subscriber>,
) -> Result<Value, StoreError> {
    let (mut subscriptions, mut mails) = (Vec::new(), Vec::new());
    if let Some(subscriber) = &subscriber {
        subscriptions = tx.subscriptions_of(subscriber.id).await?;
        mails = tx.transactional_mail_ids(subscriber.id).await?;
    }
    let traces = Traces::new(
        [address.clone()],
        Vec::new(),
        subscriptions.iter().map(|subscription| subscription.id),
        mails,
    );
    let returned = returned_mails(app, &traces).await?;
    let captured = captured_mails(app, &traces).await?;
    let hash = app.keys.address_hash(address.key());
    let person = Person {
        subscriber: subscriber.as_ref().map(|subscriber| subscriber.id),
        address_hash: &hash,
        mailboxes: mailbox_keys(app, address),
        ids: BTreeMap::from([
            (RETURNED_MAILS, returned.into_iter().map(|(id, _)| id.0).collect()),
            (CAPTURED_MAILS, captured.into_iter().map(|id| id.0).collect()),
        ]),
    };
    let mut records = serde_json::Map::new();
    for (table, rows) in tx.personal_rows(&person).await? {
        let mut shown = Vec::new();
        for row in rows {
            shown.push(readable(&mut tx, row).await?);
        }
        if !shown.is_empty() {
            records.insert(table.name.to_owned(), json!({ "about": table.about, "rows": shown }));
        }
    }
    let newsletters = subscriptions.iter().map(|subscription| {
        let name = json!({ "slug": subscription.newsletter_slug, "name": subscription.newsletter_name });
        (subscription.newsletter_id.to_string(), name)
    });
    Ok(json!({
        "address": subscriber.as_ref().map_or(address, |subscriber| &subscriber.address).as_typed(),
        "site": app.config.site.name,
        "exported_at": app.clock.now(),
        "newsletters": newsletters.collect::<serde_json::Map<_, _>>(),
        "records": records,
    }))
}

/// A row with texts instead of bytes and hashes, where they are meant for people.
async fn readable(tx: &mut Tx, row: Value) -> Result<Value, StoreError> {
    let Value::Object(fields) = row else {
        return Ok(row);
    };
    let mut shown = serde_json::Map::new();
    for (column, value) in fields {
        let bytes = value.as_str().and_then(bytes);
        let text_of = TEXTS.iter().find(|(hash, _)| *hash == column).map(|(_, name)| *name);
        match (text_of, bytes) {
            (Some(name), Some(hash)) => {
                let text = tx.text(&hash).await?;
                shown.insert(name.to_owned(), json!(text));
            }
            // Without a hash, a column of the row itself has the text, or there is none.
            (Some(_), None) => {}
            (None, Some(bytes)) if MESSAGES.contains(&column.as_str()) => {
                shown.insert(column, json!(String::from_utf8_lossy(&bytes)));
            }
            (None, _) => {
                shown.entry(column).or_insert(value);
            }
        }
    }
    Ok(Value::Object(shown))
}

/// The bytes that `\x` and hexadecimal digits stand for.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?;
    data_encoding::HEXLOWER.decode(digits.as_bytes()).ok()
}
