//! The operator's templates that failed on real data. A row stands for one notice, so that any number of processes sends it once.

use chrono::{DateTime, Utc};

use super::{Result, Tx, on};

impl Tx {
    /// Notes that a template failed. `version` is that of all templates together. Returns false if that is on record.
    pub(crate) async fn note_failed_template(&mut self, name: &str, version: &str, now: DateTime<Utc>) -> Result<bool> {
        let noted = on!(
            self,
            execute,
            "INSERT INTO failed_templates (name, version, failed_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name, version) DO NOTHING",
            name,
            version,
            now
        )?;
        Ok(noted == 1)
    }
}
