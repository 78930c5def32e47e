//! `daywire serve` and `daywire migrate`.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::{Context, output, start_log};
use crate::app::App;
use crate::clock::{Clock, Rng};
use crate::config::{Config, DatabaseUrl};
use crate::store::permissions_warning;
use crate::worker::{Role, Service};

/// Options of `daywire serve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Run only this part of the service; may stand several times.
    #[arg(long, value_enum)]
    role: Vec<Role>,
}

impl Args {
    /// Whether the site is among the roles.
    pub fn serves_the_site(&self) -> bool {
        self.role.is_empty() || self.role.contains(&Role::Web)
    }
}

pub async fn run(context: &Context, args: Args) -> anyhow::Result<()> {
    let config = context.config()?;
    config.require_identity(false)?;
    start_log(config.log.level, config.log.format);
    let app = App::open(config, Clock::System, Rng::System).await?;
    if let Some(warning) = exposed_database(&app.config) {
        tracing::warn!("{warning}");
    }
    let roles: BTreeSet<Role> = if args.role.is_empty() {
        Role::all()
    } else {
        args.role.into_iter().collect()
    };
    let mut service = Service::start(&app, &roles).await?;
    if let Some(address) = service.http {
        tracing::info!(listen.address = %address, site.url = app.link("/"), "site listening");
        warn_of_links(&app.config, address);
    }
    if let Some(address) = service.ops {
        tracing::info!(listen.address = %address, "health endpoint listening");
    }
    if app.config.captures_mail() && service.http.is_some() {
        tracing::warn!("read the captured mail at {}", app.link("/inbox"));
    }
    tokio::select! {
        told = until_told_to_stop() => told?,
        // What it held goes back once the process is gone; one that lives on would hold it for good.
        () = service.broken() => anyhow::bail!(
            "a part of the service failed, see the log above; this is a fault in daywire: start it again, and report it"
        ),
    }
    tracing::info!("ending: what is in flight ends first; a second signal ends at once");
    tokio::select! {
        () = service.stop() => {}
        told = until_told_to_stop() => {
            told?;
            anyhow::bail!("ended at the second signal: what was on the wire may be sent again");
        }
    }
    app.store.close().await;
    Ok(())
}

/// Warns if other users may access the database's folder or file.
fn exposed_database(config: &Config) -> Option<String> {
    match &config.database.url {
        DatabaseUrl::Sqlite(file) => permissions_warning(file),
        DatabaseUrl::Postgres { .. } => None,
    }
}

/// Warns if readers cannot open the links that mails and feeds name.
fn warn_of_links(config: &Config, listening: SocketAddr) {
    let url = &config.site.url;
    if url.disagrees_with(listening) {
        tracing::warn!(
            site.url = %url, listen.address = %listening,
            "links name an address where this site does not listen; set site.url to the address that readers open"
        );
    } else if url.is_loopback() && !config.captures_mail() {
        tracing::warn!(
            site.url = %url,
            "links work on this machine only; set site.url to the address that readers open"
        );
    }
}

/// SIGTERM, or Control-C.
pub async fn until_told_to_stop() -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}

pub async fn migrate(context: &Context) -> anyhow::Result<()> {
    let app = context.app_or_new().await?;
    if let Some(warning) = exposed_database(&app.config) {
        eprintln!("note: {warning}");
    }
    let place = app.config.database.url.to_string();
    if context.json {
        return output::json(&serde_json::json!({ "database": place, "migrated": true }));
    }
    output::text(&format!("{place} is set up"))
}
