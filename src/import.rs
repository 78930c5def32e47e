//! Subscribers from other systems' exports: columns are found by name, and nobody becomes active who is not elsewhere.

use std::collections::HashMap;

use serde::Serialize;

use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::html::clean_line;
use crate::domain::ids::{SubscriberId, SubscriptionId};
use crate::domain::states::SubscriptionState;
use crate::store::newsletters::Newsletter;
use crate::store::subscribers::NewSubscriber;
use crate::store::subscriptions::ConsentRecord;
use crate::store::{StoreError, Tx};

/// Rows in one transaction.
const BATCH: usize = 1_000;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// No column holds addresses.
    #[error("no column is named email or address; the first line must name the columns")]
    NoAddressColumn,
    /// The file is no CSV.
    #[error("line {line}: {reason}")]
    Csv {
        /// Where, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// Nothing becomes confirmed without saying where the consent comes from.
    #[error("--status confirmed needs --provenance TEXT: where and how these people agreed, for the consent record")]
    NoProvenance,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of the rows.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// New subscriptions.
    pub added: usize,
    /// Subscriptions that were there and have moved on.
    pub updated: usize,
    /// Subscriptions that were there and stay as they are.
    pub skipped: usize,
    /// Rows that cannot be used.
    pub refused: Vec<Refused>,
}

/// A row that cannot be used.
#[derive(Debug, Serialize)]
pub struct Refused {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// How to import.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether rows that say nothing else become confirmed.
    pub confirmed: bool,
    /// Where the consent comes from.
    pub provenance: Option<String>,
}

/// Imports a CSV file into a newsletter. Rows that say somebody has left, bounced or is not confirmed stay so; one who
/// left here is never brought back.
///
/// # Errors
/// [`ImportError`]; what was committed before stays, and importing again changes only what is missing.
pub async fn import(
    app: &App,
    newsletter: &Newsletter,
    csv: impl std::io::Read,
    options: &Options,
) -> Result<Report, ImportError> {
    if options.confirmed && options.provenance.as_deref().is_none_or(|text| text.trim().is_empty()) {
        return Err(ImportError::NoProvenance);
    }
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(csv);
    let columns = Columns::find(reader.headers().map_err(|e| wrong(&e))?)?;
    let mut report = Report::default();
    let mut records = reader.records();
    loop {
        let mut tx = app.store.write().await?;
        let mut taken = 0;
        for record in records.by_ref().take(BATCH) {
            taken += 1;
            let record = match record {
                Err(e) if matches!(e.kind(), csv::ErrorKind::Utf8 { .. }) => {
                    let line = e.position().map_or(0, csv::Position::line);
                    let reason = "it is not UTF-8; save the file as UTF-8".to_owned();
                    report.refused.push(Refused { line, reason });
                    continue;
                }
                record => record.map_err(|e| wrong(&e))?,
            };
            let line = record.position().map_or(0, csv::Position::line);
            match columns.row(&record) {
                Ok(row) => match import_row(&mut tx, app, newsletter, &row, options).await? {
                    Imported::Added => report.added += 1,
                    Imported::Updated => report.updated += 1,
                    Imported::Skipped => report.skipped += 1,
                },
                Err(reason) => report.refused.push(Refused { line, reason }),
            }
        }
        tx.commit().await?;
        if taken < BATCH {
            return Ok(report);
        }
    }
}

fn wrong(error: &csv::Error) -> ImportError {
    let line = error.position().map_or(1, csv::Position::line);
    ImportError::Csv {
        line,
        reason: error.to_string(),
    }
}

enum Imported {
    Added,
    Updated,
    Skipped,
}

async fn import_row(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    row: &Row,
    options: &Options,
) -> Result<Imported, StoreError> {
    let now = app.clock.now();
    let hash = app.keys.address_hash(row.address.key());
    let subscriber = NewSubscriber {
        id: SubscriberId(app.chance.uuid(now)),
        address: &row.address,
        address_hash: &hash,
        name: row.name.as_deref(),
        timezone: None,
    };
    let subscriber = tx.ensure_subscriber(&subscriber, now).await?;
    let id = SubscriptionId(app.chance.uuid(now));
    let (there, new) = tx.ensure_subscription(id, subscriber, newsletter.id, now).await?;
    let source = format!(
        "import: {}",
        options.provenance.as_deref().unwrap_or("no provenance given")
    );
    let record = |event: &str| ConsentRecord {
        event: event.into(),
        at: now,
        network_address: None,
        source: source.clone(),
        words: None,
        mail_text: None,
    };
    let mut moved = false;
    if row.left {
        if there.state != SubscriptionState::Unsubscribed && tx.end_subscription(there.id, now).await? {
            tx.add_consent(app.chance.uuid(now), there.id, &record("unsubscribed"))
                .await?;
            moved = true;
        }
    } else if options.confirmed
        && !row.unconfirmed
        && there.state == SubscriptionState::Pending
        && tx.confirm_subscription(there.id, now).await?
    {
        tx.add_consent(app.chance.uuid(now), there.id, &record("imported"))
            .await?;
        moved = true;
    }
    Ok(match (new, moved) {
        (true, _) => Imported::Added,
        (false, true) => Imported::Updated,
        (false, false) => Imported::Skipped,
    })
}

/// What a row says.
struct Row {
    address: EmailAddress,
    name: Option<String>,
    left: bool,
    unconfirmed: bool,
}

/// Where things stand in a row.
struct Columns {
    address: usize,
    name: Option<usize>,
    first_name: Option<usize>,
    last_name: Option<usize>,
    status: Option<usize>,
    subscribed: Option<usize>,
    /// Set to yes for whoever must not be mailed.
    disabled: Option<usize>,
    /// When it ended; empty for whoever is still there.
    ended: [Option<usize>; 2],
}

/// Words of a status that say: never mail.
const LEFT: &[&str] = &[
    "unsub",
    "nonsub",
    "notsub",
    "optedout",
    "optout",
    "cleaned",
    "bounce",
    "complain",
    "abuse",
    "spam",
    "block",
    "disabled",
    "removed",
    "deleted",
    "suppressed",
    "inactive",
];
/// Statuses that say: mail. With any other, nobody becomes confirmed.
const ACTIVE: &[&str] = &[
    "",
    "subscribed",
    "confirmed",
    "active",
    "enabled",
    "true",
    "yes",
    "1",
    "member",
    "free",
    "paid",
    "comped",
    "premium",
    "gift",
];

impl Columns {
    fn find(headers: &csv::StringRecord) -> Result<Self, ImportError> {
        let named: HashMap<String, usize> = headers
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let name = name.trim_start_matches('\u{feff}').to_lowercase();
                (name.chars().filter(|c| c.is_alphanumeric()).collect(), index)
            })
            .collect();
        let find = |names: &[&str]| names.iter().find_map(|name| named.get(*name)).copied();
        Ok(Self {
            address: find(&["email", "emailaddress", "address", "mail"]).ok_or(ImportError::NoAddressColumn)?,
            name: find(&["name", "fullname"]),
            first_name: find(&["firstname", "first"]),
            last_name: find(&["lastname", "last"]),
            status: find(&["status", "state", "subscriptionstatus"]),
            subscribed: find(&["subscribedtoemails", "subscribed"]),
            disabled: find(&[
                "emaildisabled",
                "disabled",
                "unsubscribed",
                "blocklisted",
                "blacklisted",
            ]),
            ended: [
                find(&["unsubtime", "unsubscribedat"]),
                find(&["cleantime", "bouncedat"]),
            ],
        })
    }

    fn row(&self, record: &csv::StringRecord) -> Result<Row, String> {
        let get = |index: Option<usize>| index.and_then(|index| record.get(index)).unwrap_or_default();
        let address = EmailAddress::parse(get(Some(self.address))).map_err(|e| e.to_string())?;
        let name = match self.name {
            Some(index) => clean_line(get(Some(index))),
            None => clean_line(&format!("{} {}", get(self.first_name), get(self.last_name))),
        };
        let word = |index| -> String {
            let text = get(index).to_lowercase();
            text.chars().filter(|c| c.is_alphanumeric()).collect()
        };
        let (status, subscribed) = (word(self.status), word(self.subscribed));
        let no = |word: &str| ["false", "no", "0"].contains(&word);
        Ok(Row {
            address,
            name: Some(name.trim().to_owned()).filter(|name| !name.is_empty()),
            left: LEFT.iter().any(|left| status.contains(left))
                || no(&status)
                || no(&subscribed)
                || ["true", "yes", "1"].contains(&word(self.disabled).as_str())
                || self.ended.iter().any(|ended| !word(*ended).is_empty()),
            unconfirmed: !ACTIVE.contains(&status.as_str()),
        })
    }
}
