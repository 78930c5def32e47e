//! Writes the rows of a file that was examined.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs::Encoding;
use futures_util::future::try_join_all;
use uuid::Uuid;

use super::batch::{BatchRow, Target};
use super::decision::{Change, Decision};
use super::examination::{AllRows, Examined, examine, open};
use super::held_back::{Held, short};
use super::import_error::ImportError;
use super::input::{Counted, Input};
use super::observer::Observer;
use super::options::Options;
use super::read_row::{ReadRow, RowReader};
use super::report::{Asks, Refused, Report};
use super::row_stream::RowStream;
use crate::app::App;
use crate::digest::topics::newsletter_topics;
use crate::domain::ids::SubscriptionId;
use crate::domain::topics::normal_list;
use crate::store::imports::OnRecord;
use crate::store::newsletters::Newsletter;
use crate::store::{StoreError, retry_on_conflict};

/// Rows of one batch. SQLite writes a batch in one transaction, which sign-ups wait for: about a third of a second. Addresses and their
/// hashes have no order, so nearly each row changes other pages of two indexes. With more rows in a transaction, each page is written less
/// often.
const ROWS_PER_BATCH: usize = 16_384;
/// A batch with fewer rows is written in one transaction, because starting several would take longer than they save.
const MIN_ROWS_PER_WRITER: usize = 1_024;

/// Imports a CSV file into a newsletter. A row that says that somebody unsubscribed, bounced or never confirmed is imported in
/// that state. An address that unsubscribed here stays unsubscribed, and a suppressed one stays suppressed.
///
/// # Errors
/// [`ImportError`], before the first row is written if the columns are not understood. If the database fails later, or the process ends,
/// committed rows stay, and importing the file again adds only the missing ones.
pub async fn import(
    app: &App,
    newsletter: &Newsletter,
    file: impl Input,
    options: &Options,
) -> Result<Report, ImportError> {
    let mut all_rows = AllRows::default();
    let (examined, file) = examine(app, file, options, &mut all_rows).await?;
    import_examined(app, newsletter, (examined, file), options, &mut all_rows, &mut ()).await
}

/// [`import`] of one of several files, which were all examined before, with an observer of its rows and its progress.
///
/// # Errors
/// If the file cannot be read, the database fails, or the observer does. Committed rows stay.
pub async fn import_examined<I: Input>(
    app: &App,
    newsletter: &Newsletter,
    (Examined { columns, encoding }, file): (Examined, I),
    options: &Options,
    all_rows: &mut AllRows,
    observer: &mut dyn Observer,
) -> Result<Report, ImportError> {
    let bytes = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        input: file,
        bytes: Arc::clone(&bytes),
    };
    let mut table = open(counted, encoding)?;
    table.set_address_column(columns.address);
    let offered_topics = if options.tags_as_topics {
        let mut tx = app.store.read().await?;
        normal_list(&newsletter_topics(&mut tx, app, newsletter).await?)
    } else {
        Vec::new()
    };
    let reader = Arc::new(RowReader {
        columns,
        keys: app.keys.clone(),
        offered_topics,
    });
    let mut rows = {
        let reader = Arc::clone(&reader);
        RowStream::start(table, move |rows| reader.read(rows))
    };
    let mut import = Import {
        target: Target {
            app,
            newsletter,
            options,
        },
        all_rows,
        has_consent_records: false,
        report: Report {
            dry_run: options.dry_run,
            encoding: encoding.map(Encoding::name),
            asks: options.ask.then(Asks::default),
            ..Report::default()
        },
    };
    if options.dry_run {
        import.all(&mut rows, observer, &bytes).await?;
    } else {
        app.store.prepare_for_import().await?;
        let imported = import.all(&mut rows, observer, &bytes).await;
        let ended = app.store.end_import().await;
        imported?;
        ended?;
    }
    if let Some(asks) = &mut import.report.asks {
        let waiting = app.store.read().await?.count_waiting_asks().await?;
        // A dry run has added nobody.
        asks.waiting = waiting.unsigned_abs() + if options.dry_run { asks.new } else { 0 };
        asks.per_hour = app.config.signup.asks_per_hour;
    }
    import.report.lines = rows.lines().await?;
    import.report.unused_columns = reader
        .columns
        .unused(import.has_consent_records, options.tags_as_topics);
    Ok(import.report)
}

struct Import<'a> {
    target: Target<'a>,
    all_rows: &'a mut AllRows,
    /// Whether a row led to a consent record.
    has_consent_records: bool,
    report: Report,
}

impl Import<'_> {
    async fn all(
        &mut self,
        rows: &mut RowStream<ReadRow>,
        observer: &mut dyn Observer,
        bytes: &AtomicU64,
    ) -> Result<(), ImportError> {
        let mut next = rows.next(ROWS_PER_BATCH).await;
        while !next.is_empty() {
            let batch: Vec<_> = next.into_iter().map(|row| self.with_other_rows(row)).collect();
            let decisions;
            (decisions, next) = if self.target.options.dry_run {
                (self.plan(&batch).await?, rows.next(ROWS_PER_BATCH).await)
            } else {
                // The next rows are read while the database is busy with these.
                let (decisions, next) = tokio::join!(self.store(&batch), rows.next(ROWS_PER_BATCH));
                (decisions?, next)
            };
            for (row, decision) in batch.into_iter().zip(decisions) {
                self.report_row(row.row, decision, observer)?;
            }
            observer.progress(bytes.load(Ordering::Relaxed));
        }
        Ok(())
    }

    fn with_other_rows(&self, row: ReadRow) -> BatchRow {
        let held = match &row.person {
            Ok(person) => self.all_rows.held_back.of(&person.hash),
            Err(_) => Held::default(),
        };
        BatchRow { row, held }
    }

    /// Writes the rows in as many transactions as the database runs side by side. All rows of one address are in the same transaction, in
    /// the order of the file.
    async fn store(&self, batch: &[BatchRow]) -> Result<Vec<Option<Decision>>, StoreError> {
        let writers = self
            .target
            .app
            .store
            .import_writers()
            .min(batch.len() / MIN_ROWS_PER_WRITER)
            .max(1);
        let part_of = |row: &BatchRow| match &row.row.person {
            Ok(person) => usize::from(person.hash[0]) % writers,
            Err(_) => 0,
        };
        let mut parts: Vec<Vec<&BatchRow>> = vec![Vec::new(); writers];
        for row in batch {
            parts[part_of(row)].push(row);
        }
        let stored = try_join_all(parts.iter().map(|part| self.store_part(part))).await?;
        let mut decisions: Vec<_> = stored.into_iter().map(Vec::into_iter).collect();
        // Each part has as many decisions as rows.
        Ok(batch
            .iter()
            .map(|row| decisions[part_of(row)].next().flatten())
            .collect())
    }

    /// Writes rows in one transaction, and repeats it if another one has changed what it read.
    async fn store_part(&self, part: &[&BatchRow]) -> Result<Vec<Option<Decision>>, StoreError> {
        retry_on_conflict(StoreError::is_race, || async {
            let mut tx = self.target.app.store.write_import().await?;
            let decisions = self.target.store(&mut tx, part).await?;
            tx.commit().await?;
            Ok(decisions)
        })
        .await
    }

    /// Decides as [`Self::store`] does, and writes nothing. It only reads, so it does not block writers.
    async fn plan(&mut self, batch: &[BatchRow]) -> Result<Vec<Option<Decision>>, StoreError> {
        let mut tx = self.target.app.store.read().await?;
        let rows: Vec<_> = batch.iter().collect();
        let on_record = self.target.on_record(&mut tx, &rows).await?;
        let decisions = batch.iter().map(|row| {
            let person = row.row.person.as_ref().ok()?;
            let mut known = on_record.get(&person.hash).copied().unwrap_or_default();
            if let Some(planned) = self.all_rows.planned.get(&short(&person.hash)) {
                known = OnRecord {
                    subscriber: None,
                    subscription: planned.state.map(|state| (SubscriptionId(Uuid::nil()), state)),
                    suppressed: planned.suppressed,
                    is_asked: planned.is_asked,
                };
            }
            let decision = self.target.decide(row, person, &known);
            self.all_rows.planned.insert(short(&person.hash), decision.after);
            Some(decision)
        });
        Ok(decisions.collect())
    }

    fn report_row(&mut self, row: ReadRow, decision: Option<Decision>, observer: &mut dyn Observer) -> io::Result<()> {
        self.report.rows += 1;
        let line = row.line;
        let (person, decision) = match (row.person, decision) {
            (Ok(person), Some(decision)) => (person, decision),
            (Err(unusable), _) => {
                observer.row(line, unusable.address.as_deref(), "refused", &unusable.reason)?;
                self.report.refused.push(Refused {
                    line,
                    address: unusable.address,
                    reason: unusable.reason,
                });
                return Ok(());
            }
            // Every person has a decision.
            (Ok(_), None) => return Ok(()),
        };
        self.report.suppressed += usize::from(decision.suppress.is_some());
        if let Some(asks) = &mut self.report.asks {
            asks.new += u64::from(decision.asks);
        }
        self.has_consent_records |= decision.change != Change::Nothing;
        match (decision.is_new, decision.change) {
            (true, change) => {
                self.report.added += 1;
                self.report.pending += usize::from(change == Change::Nothing);
            }
            (false, Change::Nothing) if !decision.asks => self.report.skipped += 1,
            (false, _) => self.report.updated += 1,
        }
        if let Some(reason) = &decision.reason {
            observer.row(line, Some(person.address.as_typed()), decision.outcome(), reason)?;
            self.report.reasons.add(reason, line);
        }
        Ok(())
    }
}
