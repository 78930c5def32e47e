//! Who runs a command and why, for what goes on record.

use crate::app::App;
use crate::audit::{self, Change};
use crate::domain::audit::Actor;
use crate::store::StoreError;
use crate::text::plain::shows_nothing;

/// The options of a command whose reason and operator go on record.
#[derive(Debug, clap::Args)]
pub(crate) struct RecordedReason {
    /// The reason, which goes on record.
    #[arg(long, value_name = "TEXT", default_value = "no reason given")]
    reason: String,
    /// Who does it; goes on record. Without it, the login name of this session.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl RecordedReason {
    /// Who acts, for the record and the audit log.
    pub(crate) fn actor(&self) -> Actor {
        Actor::at_command_line(acting_operator(self.by.as_deref()))
    }

    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }
}

/// Who acts, for the record: the given name, or the person who is logged in, also behind `sudo`.
pub(crate) fn acting_operator(by: Option<&str>) -> String {
    let names = ["SUDO_USER", "USER", "LOGNAME"].into_iter();
    let login = || names.filter_map(|name| std::env::var(name).ok());
    let mut known = by.map(str::to_owned).into_iter().chain(login());
    known
        .find(|name| !shows_nothing(name))
        .unwrap_or_else(|| "somebody at the command line".to_owned())
}

/// The person at the command line, for the audit log.
pub(crate) fn command_actor() -> Actor {
    Actor::at_command_line(acting_operator(None))
}

/// Adds an entry to the audit log in a transaction of its own, for work of many transactions.
///
/// # Errors
/// If the database fails.
pub(crate) async fn record(app: &App, change: Change<'_>) -> Result<(), StoreError> {
    let mut tx = app.store.write().await?;
    audit::record(&mut tx, app, &command_actor(), change).await?;
    tx.commit().await
}
