//! `daywire demo`: runs the real service in a scratch folder and plays a newsroom's day in it, with real HTTP and real SMTP on loopback.
//! The settings are those of `config/oblaidish.toml`. It fails unless every step of [`day`] happens.

pub mod sample;

mod browser;
mod day;
mod feed_server;

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;

use super::context::{Context, start_log};
use super::output;
use super::scratch_folder::ScratchFolder;
use super::signals::wait_for_stop;
use crate::app::App;
use crate::clock::{Clock, Rng};
use crate::config::{self, BackCatalogue, Config, DatabaseUrl};
use crate::feeds::guard::Allowed;
use crate::store::Store;
use crate::worker::{Role, Service};
use feed_server::FeedServer;

/// Options of `daywire demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Exit after the last step, with status 0 only if every step happened.
    #[arg(long)]
    once: bool,
    /// Use this feed instead of the sample: an http(s) address, or a file.
    #[arg(long, value_name = "URL|FILE")]
    feed: Option<String>,
}

pub(crate) async fn run(context: &Context, args: Args) -> anyhow::Result<()> {
    let given = context.config()?;
    start_log(LevelFilter::WARN, given.log.format);
    let feed = FeedServer::start(args.feed.as_deref()).await?;
    let scratch = ScratchFolder::new("demo")?;
    let mut config = config::demo()?;
    // The feed is fetched once, and the day needs all its articles, also old ones.
    config.feeds.back_catalogue = BackCatalogue::All;
    // The user named this address on the command line.
    config
        .feeds
        .allow
        .extend(feed.urls.iter().filter_map(|url| Allowed::parse(url.host_str()?)));
    let schema = scratch_database(&mut config, &given, scratch.path()).await?;
    let database = config.database.store_options();
    let result = Box::pin(run_service(config, &feed, &args, context.json)).await;
    if let Some(schema) = schema {
        let store = Store::open(&database).await?;
        store.drop_schema(&schema).await?;
        store.close().await;
    }
    result
}

/// Runs the service and the day in it. Control-C ends both in order.
async fn run_service(mut config: Config, feed: &FeedServer, args: &Args, json: bool) -> anyhow::Result<()> {
    let site = listen().await?;
    config.http.listen = site.local_addr()?;
    // The demo's reader types faster than a person.
    config.signup.form_min_age = Duration::ZERO;
    config.site.url = format!("http://{}", config.http.listen)
        .parse()
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let app = App::open(config, Clock::System, Rng::System).await?;
    let service = Service::start_on(Some(site), &app, &Role::all()).await?;
    let day = tokio::select! {
        day = day::run(&app, feed, json) => day,
        stopped = wait_for_stop() => {
            stopped.and_then(|()| anyhow::bail!("the demo was ended before its day was over"))
        }
    };
    let result = match day {
        Ok(()) if !args.once && !json => keep_running(&app).await,
        day => day,
    };
    service.stop().await;
    app.store.close().await;
    result
}

/// Prints the addresses of the site and the inbox, and waits for a signal.
async fn keep_running(app: &App) -> anyhow::Result<()> {
    output::text(&format!(
        "\nThe service keeps running. Look at\n  {0}/        the site\n  {0}/inbox   the mail\n\
         Press Control-C to end it; all of this goes with it.",
        app.link("")
    ))?;
    wait_for_stop().await
}

/// Listens on the usual port if it is free, else on any.
async fn listen() -> std::io::Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, 8080)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
    }
}

/// Sets a database that only the demo uses: a file in the scratch folder, or on PostgreSQL a new schema. Returns the name of the schema,
/// which the caller drops at the end. Existing data is not touched.
async fn scratch_database(config: &mut Config, given: &Config, folder: &Path) -> anyhow::Result<Option<String>> {
    let DatabaseUrl::Postgres { .. } = &given.database.url else {
        config.database.url = DatabaseUrl::Sqlite(folder.join("daywire.db"));
        return Ok(None);
    };
    let suffix: [u8; 4] = Rng::System.bytes();
    let schema = format!("daywire_demo_{:08x}", u32::from_be_bytes(suffix));
    let store = Store::open(&given.database.store_options()).await?;
    store.create_schema(&schema).await?;
    store.close().await;
    config.database = given.database.clone();
    config.database.url = given.database.url.in_schema(&schema);
    Ok(Some(schema))
}
