//! `daywire serve`, which runs the service until a signal stops it, and `daywire migrate`, which sets the database up.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::context::Context;
use super::output::{self, note};
use super::service_manager;
use super::signals::StopSignals;
use super::template;
use crate::app::App;
use crate::clock::{Clock, Rng};
use crate::config::{Config, DatabaseUrl};
use crate::operators;
use crate::store::permissions_warning;
use crate::worker::{Role, Service};

/// Options of `daywire serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run only this part of the service; may be repeated.
    #[arg(long, value_enum)]
    role: Vec<Role>,
}

impl Args {
    pub(crate) fn serves_the_site(&self) -> bool {
        self.role.is_empty() || self.role.contains(&Role::Web)
    }
}

pub(crate) async fn run(context: &Context, args: Args) -> anyhow::Result<()> {
    let config = context.config()?;
    config.require_identity(false)?;
    context.start_log_and_traces(config.log.level, &config);
    let app = App::open(config, Clock::System, Rng::System).await?;
    template::require_sound(&app.config, &app.locales, &app.look.templates)?;
    if let Some(warning) = exposed_database(&app.config) {
        tracing::warn!("{warning}");
    }
    if !app.config.captures_mail() && !app.config.gets_returned_mail() {
        if app.config.mail.return_path.is_some() {
            tracing::info!(
                "returned mail goes to mail.return_path, and no setting says how it gets from there to this program, unless its mail server \
                 runs `daywire bounce ingest`"
            );
        } else {
            tracing::warn!(
                "returned mail is not read: set mail.return_path and a way by which it comes back, or the webhook of your mail \
                 provider; docs/reference/returned-mail.md explains both"
            );
        }
    }
    let roles: BTreeSet<Role> = if args.role.is_empty() {
        Role::all()
    } else {
        args.role.into_iter().collect()
    };
    // Before the site answers: who then stops the service must not kill it.
    let mut signals = StopSignals::listen()?;
    let mut service = Service::start(&app, &roles).await?;
    if let Some(address) = service.http {
        tracing::info!(listen.address = %address, site.url = app.link("/"), "site listening");
        warn_of_links(&app.config, address);
    }
    if let Some(address) = service.ops {
        tracing::info!(listen.address = %address, "health endpoint listening");
    }
    if let Some(address) = service.intake {
        tracing::info!(listen.address = %address, "returned mail listener listening");
    }
    if let Some(address) = service.http.filter(|_| app.config.captures_mail()) {
        tracing::warn!(
            inbox.url = app.config.inbox.link(&app.config.site.url, address),
            "captured mail can be read in the inbox"
        );
    }
    if service.http.is_some()
        && let Some(link) = operators::first_owner_link(&app).await?
    {
        // Not by the log, which others may read. If nobody reads standard output, the service runs all the same.
        let line = format!("There is no owner yet. This link creates one; it works once, for a day: {link}");
        let _ = output::text(&line);
    }
    // It is fed until the end of the shutdown, which may take as long as a relay takes to reply.
    let watchdog = service_manager::ready(&app);
    tokio::select! {
        () = signals.received() => {}
        // The process must end: while it runs, its heartbeat keeps the leases of the failed part from other nodes.
        () = service.broken() => anyhow::bail!(
            "a part of the service failed, see the log above; this is a fault in daywire: start it again, and report it"
        ),
    }
    service_manager::stopping();
    tracing::info!("shutdown started; a second signal ends at once");
    tokio::select! {
        () = service.stop() => {}
        () = signals.received() => {
            anyhow::bail!("ended at the second signal: messages that were being sent may be sent again");
        }
    }
    drop(watchdog);
    app.store.close().await;
    Ok(())
}

/// The warning about a SQLite file that other users of the machine can access; `None` if it is private.
fn exposed_database(config: &Config) -> Option<String> {
    match &config.database.url {
        DatabaseUrl::Sqlite(file) => permissions_warning(file),
        DatabaseUrl::Postgres { .. } => None,
    }
}

/// Warns if readers cannot open the links in mails and feeds.
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

/// Creates the database or brings its tables up to date.
pub(crate) async fn migrate(context: &Context) -> anyhow::Result<()> {
    let app = context.app_or_new().await?;
    if let Some(warning) = exposed_database(&app.config) {
        note!("note: {warning}");
    }
    let database = app.config.database.url.to_string();
    if context.json {
        return output::json(&serde_json::json!({ "database": database, "migrated": true }));
    }
    output::text(&format!("{database} is set up"))
}
