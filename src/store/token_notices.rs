//! The notices that a relay gets no access token. A row is the latest one of a relay, so that any number of processes sends it once a day.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};

impl Tx {
    /// Notes a notice about a relay, unless there was one after `last`. Returns whether it is to be sent.
    pub(crate) async fn note_token_notice(
        &mut self,
        relay: &str,
        last: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let noted = on!(
            self,
            execute,
            "INSERT INTO token_notices (relay, notified_at) VALUES ($1, $2) \
             ON CONFLICT (relay) DO UPDATE SET notified_at = excluded.notified_at WHERE token_notices.notified_at <= $3",
            relay,
            now,
            last
        )?;
        Ok(noted == 1)
    }
}
