//! Deletes the record of mails to one person after `privacy.keep_mails`.

use crate::app::App;
use crate::domain::time::time_delta;
use crate::store::StoreError;

/// Rows in one transaction: few enough that other writers wait only briefly.
const BATCH_ROWS: i64 = 500;

/// Deletes the record of confirmations and other mails to one person that ended longer ago than `privacy.keep_mails`. Returns how many.
///
/// # Errors
/// When the database fails. What was committed before stays deleted.
pub async fn forget_mails(app: &App) -> Result<u64, StoreError> {
    let Some(keep) = app.config.privacy.keep_mails else {
        return Ok(0);
    };
    let before = app.clock.now() - time_delta(keep);
    let mut forgotten = 0;
    loop {
        let mut tx = app.store.write().await?;
        let count = tx.purge_transactional_mails(before, BATCH_ROWS).await?;
        tx.commit().await?;
        forgotten += count;
        if count == 0 {
            return Ok(forgotten);
        }
    }
}
