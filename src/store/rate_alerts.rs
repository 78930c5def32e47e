//! The limits of bounces and complaints that are reached. A row stands for one limit, so that any number of processes acts on it once.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on, row};
use crate::domain::states::{AlertLevel, AlertMeasure, AlertScope};

row! {
    /// A limit that is reached.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct RateAlert {
        pub(crate) scope: AlertScope,
        /// The id of the issue or newsletter, or the domain.
        pub(crate) subject: String,
        pub(crate) measure: AlertMeasure,
        pub(crate) level: AlertLevel,
    }
}

impl Tx {
    /// The limits that are reached for one issue, newsletter or domain.
    pub(crate) async fn rate_alerts(&mut self, scope: AlertScope, subject: &str) -> Result<Vec<RateAlert>> {
        Ok(on!(
            self,
            all as RateAlert,
            "SELECT scope, subject, measure, level FROM rate_alerts WHERE scope = $1 AND subject = $2",
            scope,
            subject
        )?)
    }

    /// The limits that are reached, the newest first.
    pub(crate) async fn newest_rate_alerts(&mut self, limit: i64) -> Result<Vec<RateAlert>> {
        Ok(on!(
            self,
            all as RateAlert,
            "SELECT scope, subject, measure, level FROM rate_alerts ORDER BY raised_at DESC, subject LIMIT $1",
            limit
        )?)
    }

    /// How many limits are reached.
    pub(crate) async fn count_rate_alerts(&mut self) -> Result<i64> {
        let (reached,) = on!(self, one as (i64,), "SELECT COUNT(*) FROM rate_alerts")?;
        Ok(reached)
    }

    /// Notes that a limit is reached; returns false if that is on record. If two processes find it at once, this one statement decides
    /// which of them acts.
    pub(crate) async fn raise_alert(&mut self, alert: &RateAlert, now: DateTime<Utc>) -> Result<bool> {
        let raised = on!(
            self,
            execute,
            "INSERT INTO rate_alerts (scope, subject, measure, level, raised_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (scope, subject, measure, level) DO NOTHING",
            alert.scope,
            &alert.subject,
            alert.measure,
            alert.level,
            now
        )?;
        Ok(raised == 1)
    }

    /// Notes that a limit is not reached any more, so that it can be reached again.
    pub(crate) async fn clear_alert(&mut self, alert: &RateAlert) -> Result<()> {
        on!(
            self,
            execute,
            "DELETE FROM rate_alerts WHERE scope = $1 AND subject = $2 AND measure = $3 AND level = $4",
            alert.scope,
            &alert.subject,
            alert.measure,
            alert.level
        )?;
        Ok(())
    }
}
