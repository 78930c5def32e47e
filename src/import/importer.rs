//! Imports a file in two passes: the first finds the role of each column, the second writes the rows.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Seek, SeekFrom};

use super::columns::{ColumnFault, Columns, ReportedSubscriber, UnclearColumn};
use super::report::{Refused, Report};
use super::reported_status::ReportedStatus;
use super::table::{Row, Table};
use super::value_rule::ValueRule;
use crate::app::App;
use crate::domain::address::EmailAddress;
use crate::domain::consent::ConsentSource;
use crate::domain::ids::{SubscriberId, SubscriptionId};
use crate::domain::states::{ConsentEvent, SubscriptionState, SuppressionReason};
use crate::store::consent_records::ConsentRecord;
use crate::store::newsletters::Newsletter;
use crate::store::subscribers::NewSubscriber;
use crate::store::{StoreError, Tx};
use crate::text::html::clean_line;
use crate::text::plain::beginning;

/// Rows that are written in one transaction. SQLite has one writer at a time, and sign-ups wait for it.
pub(super) const ROWS_PER_TRANSACTION: usize = 1_000;

/// Why nothing was imported, or why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The columns cannot be used.
    #[error("{0}")]
    Columns(String),
    /// Columns may be about consent and are not understood.
    #[error("{}", unclear(.0))]
    Unclear(Vec<UnclearColumn>),
    /// The file cannot be read, or has no header that can be read.
    #[error("{0}")]
    File(#[from] io::Error),
    /// Confirming needs a provenance of the consent.
    #[error("--status confirmed needs --provenance TEXT: where and how these people agreed, for the consent record")]
    NoProvenance,
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ColumnFault> for ImportError {
    fn from(fault: ColumnFault) -> Self {
        Self::Columns(fault.to_string())
    }
}

fn unclear(columns: &[UnclearColumn]) -> String {
    let named = columns.iter().map(|UnclearColumn { name, line, value }| {
        let (name, value) = (beginning(name), beginning(value));
        format!(
            "the column \"{name}\" may say who must not be mailed, and its value \"{value}\" (line {line}) is not understood"
        )
    });
    let named: Vec<_> = named.collect();
    let (name, value) = columns.first().map_or_else(
        || ("NAME".to_owned(), "VALUE".to_owned()),
        |column| (beginning(&column.name), beginning(&column.value)),
    );
    format!(
        "{}; nothing was imported. Say what a value means with --value \"{name}:{value}=confirmed\" (or unconfirmed, \
         unsubscribed, suppressed, bounced, complained), or leave a column out with --ignore-column \"{name}\"",
        named.join("; ")
    )
}

/// The options of the import.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether rows become confirmed unless a column says otherwise.
    pub confirmed: bool,
    /// Where the consent comes from, for the consent record.
    pub provenance: Option<String>,
    /// Names of columns that are not about consent although their names or values suggest it.
    pub ignored_columns: Vec<String>,
    /// What values mean according to the operator.
    pub rules: Vec<ValueRule>,
    /// Whether to report what would happen and write nothing.
    pub dry_run: bool,
    /// The name of the file, for the evidence of suppressions.
    pub file: String,
}

/// Imports a CSV file into a newsletter. A row that says that somebody unsubscribed, bounced or never confirmed is imported in
/// that state. An address that unsubscribed here stays unsubscribed, and a suppressed one stays suppressed.
///
/// # Errors
/// [`ImportError`], before the first row is written if the columns are not understood. If the database fails later, committed
/// rows stay, and importing the file again adds only the missing ones.
pub async fn import(
    app: &App,
    newsletter: &Newsletter,
    mut csv: impl Read + Seek,
    options: &Options,
) -> Result<Report, ImportError> {
    if options.confirmed && options.provenance.as_deref().is_none_or(|text| text.trim().is_empty()) {
        return Err(ImportError::NoProvenance);
    }
    let columns = find_columns(&mut csv, options)?;
    csv.seek(SeekFrom::Start(0))?;
    let mut table = open(&mut csv)?;
    table.set_address_column(columns.address);
    let mut import = Import {
        app,
        newsletter,
        options,
        columns: &columns,
        planned: HashMap::new(),
        held_back: HashSet::new(),
        has_consent_records: false,
        report: Report {
            dry_run: options.dry_run,
            ..Report::default()
        },
    };
    loop {
        let rows = table.next_rows(ROWS_PER_TRANSACTION)?;
        if rows.is_empty() {
            break;
        }
        // A dry run only reads, so it does not block writers.
        let mut tx = if options.dry_run {
            app.store.read().await?
        } else {
            app.store.write().await?
        };
        for row in rows {
            import.row(&mut tx, row).await?;
        }
        if !options.dry_run {
            tx.commit().await?;
        }
    }
    import.report.lines = table.lines_read();
    import.report.unused_columns = columns.unused(import.has_consent_records);
    Ok(import.report)
}

pub(super) fn open<R: Read>(csv: R) -> Result<Table<R>, ImportError> {
    let table = Table::open(csv)?;
    table.ok_or_else(|| ImportError::Columns("the file is empty; its first line must name the columns".into()))
}

/// First pass: finds the role of each column. It stops an import that would confirm people whose consent is unclear.
fn find_columns(csv: impl Read, options: &Options) -> Result<Columns, ImportError> {
    let mut table = open(csv)?;
    let mut columns = Columns::find(&table.header, &options.ignored_columns, &options.rules)?;
    table.set_address_column(columns.address);
    while let Some(row) = table.next()? {
        if let Ok(fields) = &row.fields {
            columns.sample(row.line, fields);
        }
    }
    let unclear = columns.decide_roles();
    if options.confirmed && !unclear.is_empty() {
        return Err(ImportError::Unclear(unclear));
    }
    Ok(columns)
}

/// The state of an address before its row is imported.
#[derive(Clone, Copy, Default)]
struct Before {
    state: Option<SubscriptionState>,
    suppressed: Option<SuppressionReason>,
}

/// What a row changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// The subscription stays as it is, or is added as pending.
    Nothing,
    Confirm,
    End,
}

struct Import<'a> {
    app: &'a App,
    newsletter: &'a Newsletter,
    options: &'a Options,
    columns: &'a Columns,
    /// What earlier rows of a dry run would have changed, by the hash of the address.
    planned: HashMap<[u8; 32], Before>,
    /// Hashes of the addresses that an earlier row of the file does not report as confirmed. A later row must not confirm them: the
    /// file contradicts itself, so the consent is not certain.
    held_back: HashSet<[u8; 32]>,
    /// Whether a row led to a consent record.
    has_consent_records: bool,
    report: Report,
}

impl Import<'_> {
    async fn row(&mut self, tx: &mut Tx, row: Row) -> Result<(), StoreError> {
        self.report.rows += 1;
        let line = row.line;
        let refused = |address: Option<String>, reason: String| Refused { line, address, reason };
        let fields = match row.fields {
            Ok(fields) => fields,
            Err(fault) => {
                self.report.refused.push(refused(row.address, fault.to_string()));
                return Ok(());
            }
        };
        let cell = &fields[self.columns.address];
        let (address, name) = match address(cell) {
            Ok(parsed) => parsed,
            Err(reason) => {
                self.report.refused.push(refused(Some(cell.clone()), reason));
                return Ok(());
            }
        };
        let mut reported = self.columns.read(&fields);
        reported.name = reported
            .name
            .or(name)
            .map(|name| clean_line(&name))
            .filter(|name| !name.is_empty());
        self.subscriber(tx, line, &address, &reported).await
    }

    /// Writes the subscriber of one row. A dry run only counts it.
    async fn subscriber(
        &mut self,
        tx: &mut Tx,
        line: u64,
        address: &EmailAddress,
        reported: &ReportedSubscriber,
    ) -> Result<(), StoreError> {
        let hash = self.app.keys.address_hash(address.key());
        let before = if let Some(planned) = self.planned.get(&hash) {
            *planned
        } else {
            let (state, suppressed) = tx.state_and_suppression(self.newsletter.id, &hash).await?;
            Before { state, suppressed }
        };
        let suppress = suppression_reason(reported.status).filter(|reason| match before.suppressed {
            None => true,
            Some(before) => *reason == SuppressionReason::Complaint && before != SuppressionReason::Complaint,
        });
        let held_back = self.held_back.contains(&hash);
        if matches!(reported.status, ReportedStatus::Unknown | ReportedStatus::Unconfirmed) {
            self.held_back.insert(hash);
        }
        let (change, reason) = self.decide(before, reported, held_back);
        let after = Before {
            state: Some(match change {
                Change::Confirm => SubscriptionState::Confirmed,
                Change::End => SubscriptionState::Unsubscribed,
                Change::Nothing => before.state.unwrap_or(SubscriptionState::Pending),
            }),
            suppressed: suppress.or(before.suppressed),
        };
        if self.options.dry_run {
            self.planned.insert(hash, after);
        } else {
            if before.state.is_none() || change != Change::Nothing {
                self.write(tx, address, &hash, reported, change).await?;
            }
            if let Some(reason) = suppress {
                let evidence = format!("{}, line {line}: {}", self.options.file, reported.because);
                let now = self.app.clock.now();
                let since = reported.since.map_or(now, |since| since.min(now));
                tx.suppress_since(&hash, reason, &evidence, since, now).await?;
            }
        }
        self.report.suppressed += usize::from(suppress.is_some());
        self.has_consent_records |= change != Change::Nothing;
        if before.state.is_none() && change == Change::Nothing {
            self.report.pending += 1;
        }
        match (before.state, change) {
            (None, _) => self.report.added += 1,
            (Some(_), Change::Nothing) => self.report.skipped += 1,
            (Some(_), _) => self.report.updated += 1,
        }
        if let Some(reason) = reason {
            self.report.reasons.add(&reason, line);
        }
        Ok(())
    }

    /// What a row changes, and the reason if it is skipped or not confirmed.
    fn decide(&self, before: Before, reported: &ReportedSubscriber, held_back: bool) -> (Change, Option<String>) {
        use SubscriptionState::{Confirmed, Paused, Pending, Unsubscribed};
        let new = before.state.is_none();
        if reported.status >= ReportedStatus::Unsubscribed {
            return match before.state {
                Some(Unsubscribed) => (Change::Nothing, Some("skipped: already unsubscribed".into())),
                _ => (
                    Change::End,
                    new.then(|| format!("added as unsubscribed: {}", reported.because_in_summary)),
                ),
            };
        }
        match before.state.unwrap_or(Pending) {
            Unsubscribed => (
                Change::Nothing,
                Some("skipped: unsubscribed here, which an import never undoes".into()),
            ),
            Confirmed | Paused => (Change::Nothing, Some("skipped: already subscribed".into())),
            Pending => {
                let outcome = if new {
                    "added as pending"
                } else {
                    "skipped, still pending"
                };
                let reason = match reported.status {
                    _ if before.suppressed.is_some() => "the address is on the suppression list".to_owned(),
                    _ if held_back => "an earlier row of the file does not call it confirmed".to_owned(),
                    ReportedStatus::Unknown => format!("\"{}\" is not understood", reported.because_in_summary),
                    ReportedStatus::Active if self.options.confirmed => return (Change::Confirm, None),
                    ReportedStatus::Active if new => return (Change::Nothing, None),
                    ReportedStatus::Active => return (Change::Nothing, Some("skipped: already pending".into())),
                    _ => format!("not confirmed by \"{}\"", reported.because_in_summary),
                };
                (Change::Nothing, Some(format!("{outcome}: {reason}")))
            }
        }
    }

    async fn write(
        &self,
        tx: &mut Tx,
        address: &EmailAddress,
        hash: &[u8; 32],
        reported: &ReportedSubscriber,
        change: Change,
    ) -> Result<(), StoreError> {
        let (app, now) = (self.app, self.app.clock.now());
        let subscriber = NewSubscriber {
            id: SubscriberId(app.rng.uuid(now)),
            address,
            address_hash: hash,
            name: reported.name.as_deref(),
            timezone: None,
        };
        let subscriber = tx.ensure_subscriber(&subscriber, now).await?;
        let id = SubscriptionId(app.rng.uuid(now));
        let (subscription, _) = tx.ensure_subscription(id, subscriber, self.newsletter.id, now).await?;
        let event = match change {
            Change::Confirm if tx.confirm_imported(subscription.id, now).await? => ConsentEvent::Imported,
            Change::End if tx.end_subscription(subscription.id, now).await?.is_some() => ConsentEvent::Unsubscribed,
            _ => return Ok(()),
        };
        let provenance = self.options.provenance.as_deref().unwrap_or("no provenance given");
        let mut note = provenance.to_owned();
        // The other system's evidence of the consent, unchanged.
        for evidence in [&reported.because, &reported.evidence] {
            if !evidence.is_empty() {
                note = format!("{note}; {}", clean_line(evidence));
            }
        }
        let record = ConsentRecord {
            event,
            at: now,
            network_address: None,
            source: ConsentSource::Import(note),
            words: None,
            mail_text: None,
        };
        tx.add_consent(app.rng.uuid(now), subscription.id, self.newsletter.id, &record)
            .await
    }
}

/// Why an address with this status is never mailed; `None` if it may be.
pub(super) const fn suppression_reason(status: ReportedStatus) -> Option<SuppressionReason> {
    match status {
        ReportedStatus::Complained => Some(SuppressionReason::Complaint),
        ReportedStatus::Bounced => Some(SuppressionReason::HardBounce),
        ReportedStatus::Suppressed => Some(SuppressionReason::Import),
        ReportedStatus::Unsubscribed
        | ReportedStatus::Unconfirmed
        | ReportedStatus::Unknown
        | ReportedStatus::Active => None,
    }
}

/// The address in a cell, which may also contain `Name <address>` or `mailto:address`, and the name next to it.
pub(super) fn address(cell: &str) -> Result<(EmailAddress, Option<String>), String> {
    let cell = cell.trim();
    let (text, name) = match cell.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, text)) => (text.trim(), Some(name.trim().trim_matches('"').to_owned())),
        None => (cell, None),
    };
    let text = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => &text[7..],
        _ => text,
    };
    let address = EmailAddress::parse(text).map_err(|error| error.to_string())?;
    Ok((address, name.filter(|name| !name.is_empty())))
}
