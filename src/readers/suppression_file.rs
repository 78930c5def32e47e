//! All suppressions as CSV, which `daywire suppression import` reads.

use std::io::Write;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use data_encoding::HEXLOWER;
use futures_util::stream::{self, Stream};

use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::address::EmailAddress;
use crate::domain::audit::{Actor, AuditAction};
use crate::domain::states::SuppressionReason;
use crate::import::{Cells, HASH_COLUMNS, hash_key};
use crate::store::StoreError;
use crate::store::suppression_lists::ListedSuppression;
use crate::text::plain::uncut_line;

/// How many suppressions are read at once.
const PAGE: i64 = 1_000;

/// Why the file ends too early.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A statement of the database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A row could not be written.
    #[error("a row could not be written: {0}")]
    Csv(#[from] csv::Error),
}

/// Writes the row that names the columns.
pub(crate) fn write_head<W: Write>(csv: &mut csv::Writer<W>) -> csv::Result<()> {
    csv.write_record(HASH_COLUMNS)
}

/// Writes suppressions, and returns how many rows they have. `key` names the key of the hashes.
pub(crate) fn write_rows<W: Write>(
    csv: &mut csv::Writer<W>,
    suppressions: &[ListedSuppression],
    key: &str,
) -> csv::Result<usize> {
    let mut rows = 0;
    for suppression in suppressions {
        // A complaint beside an operator's suppression is a row of its own, which the import puts back beside it.
        let since = suppression.created_at;
        let complaint = suppression.complaint.as_deref();
        let complained_at = suppression.complained_at.unwrap_or(since);
        let complaint = complaint.map(|evidence| (SuppressionReason::Complaint, complained_at, evidence));
        let first = (suppression.reason, since, suppression.evidence.as_str());
        for (reason, since, evidence) in std::iter::once(first).chain(complaint) {
            rows += 1;
            let address = suppression.address.as_ref().map_or("", EmailAddress::as_typed);
            csv.write_record([
                Cells::guarded(address).as_str(),
                &HEXLOWER.encode(&suppression.address_hash),
                key,
                reason.as_str(),
                &since.to_rfc3339_opts(SecondsFormat::Micros, true),
                &Cells::guarded(&uncut_line(evidence)),
            ])?;
        }
    }
    Ok(rows)
}

/// Where the file is continued.
enum Next {
    Head,
    After(Option<(DateTime<Utc>, Vec<u8>)>),
    End,
}

/// The file in parts, each read from the database when it is asked for. The audit log has who downloaded it.
///
/// # Errors
/// If the database fails before the first part.
pub async fn export_suppressions(
    app: &Arc<App>,
    actor: &Actor,
) -> Result<impl Stream<Item = Result<Vec<u8>, ExportError>> + Send + use<>, StoreError> {
    let mut tx = app.store.write().await?;
    audit::record(
        &mut tx,
        app,
        actor,
        Change::of(AuditAction::SuppressionsExported, "all"),
    )
    .await?;
    tx.commit().await?;
    let app = Arc::clone(app);
    Ok(stream::unfold(Next::Head, move |next| {
        let app = Arc::clone(&app);
        async move {
            match part(&app, next).await {
                Ok(None) => None,
                Ok(Some((bytes, next))) => Some((Ok(bytes), next)),
                Err(error) => {
                    tracing::error!(%error, "the download of suppressions ended too early");
                    Some((Err(error), Next::End))
                }
            }
        }
    }))
}

async fn part(app: &App, next: Next) -> Result<Option<(Vec<u8>, Next)>, ExportError> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    let next = match next {
        Next::End => return Ok(None),
        Next::Head => {
            write_head(&mut csv)?;
            Next::After(None)
        }
        Next::After(after) => {
            let after = after.as_ref().map(|(time, hash)| (*time, hash.as_slice()));
            let page = app.store.read().await?.suppressions_after(after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(None);
            };
            let next = Next::After(Some((last.created_at, last.address_hash.clone())));
            write_rows(&mut csv, &page, &hash_key(&app.keys))?;
            next
        }
    };
    let bytes = csv.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(Some((bytes, next)))
}
