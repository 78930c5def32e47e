//! `daywire demo`: a whole day in a scratch folder, with real HTTP and real SMTP on loopback.

pub mod sample;

mod feed_server;
mod reader;
mod story;

use std::net::Ipv4Addr;
use std::path::Path;

use tokio::net::TcpListener;
use tracing::level_filters::LevelFilter;
use url::Url;

use super::scratch::Scratch;
use super::serve::until_told_to_stop;
use super::{Context, output, start_log};
use crate::app::App;
use crate::clock::{Clock, Rng};
use crate::config::{self, BackCatalogue, Config, DatabaseUrl};
use crate::feeds::guard::Allowed;
use crate::store::Store;
use crate::worker::{Role, Service};
use feed_server::FeedServer;

/// Options of `daywire demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Exit after the last step: 0 only if each happened.
    #[arg(long)]
    once: bool,
    /// Use this feed instead of the sample: an http(s) address, or a file.
    #[arg(long, value_name = "URL|FILE")]
    feed: Option<String>,
}

pub(super) async fn run(context: &Context, args: Args) -> anyhow::Result<()> {
    let given = context.config()?;
    start_log(LevelFilter::WARN, given.log.format);
    let served = FeedServer::start(args.feed.as_deref()).await?;
    let scratch = Scratch::new("demo")?;
    let mut config = config::demo()?;
    // The feed is fetched once, and all its articles count as new.
    config.feeds.back_catalogue = BackCatalogue::All;
    // The user named this address on the command line.
    config
        .feeds
        .allow
        .extend(served.urls.iter().filter_map(|url| Allowed::parse(url.host_str()?)));
    let schema = scratch_database(&mut config, &given, scratch.path()).await?;
    let database = config.database.store_options();
    let shown = Box::pin(show(config, &served, &args, context.json)).await;
    if let Some(schema) = schema {
        let store = Store::open(&database).await?;
        store.drop_schema(&schema).await?;
        store.close().await;
    }
    shown
}

/// Runs the service and tells the day in it; Control-C ends both in order.
async fn show(mut config: Config, feed: &FeedServer, args: &Args, json: bool) -> anyhow::Result<()> {
    let site = listen().await?;
    config.http.listen = site.local_addr()?;
    config.site.url = format!("http://{}", config.http.listen)
        .parse()
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let app = App::open(config, Clock::System, Rng::System).await?;
    let service = Service::start_on(Some(site), &app, &Role::all()).await?;
    let told = tokio::select! {
        told = story::tell(&app, feed, json) => told,
        stopped = until_told_to_stop() => {
            stopped.and_then(|()| anyhow::bail!("the demo was ended before its day was over"))
        }
    };
    let shown = match told {
        Ok(()) if !args.once && !json => look(&app).await,
        told => told,
    };
    service.stop().await;
    app.store.close().await;
    shown
}

/// Says where to look, and waits until the reader has seen enough.
async fn look(app: &App) -> anyhow::Result<()> {
    output::text(&format!(
        "\nThe service keeps running. Look at\n  {0}/        the site\n  {0}/inbox   the mail\n\
         Press Control-C to end it; all of this goes with it.",
        app.link("")
    ))?;
    until_told_to_stop().await
}

/// Where the demo listens: the usual port if it is free, else any.
async fn listen() -> std::io::Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, 8080)).await {
        Ok(usual) => Ok(usual),
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
    }
}

/// Points the settings at a database of the demo's own: a file in the scratch folder, or, on PostgreSQL, a schema that
/// is dropped at the end. What is in the database already is not touched.
async fn scratch_database(config: &mut Config, given: &Config, folder: &Path) -> anyhow::Result<Option<String>> {
    let DatabaseUrl::Postgres { .. } = &given.database.url else {
        config.database.url = DatabaseUrl::Sqlite(folder.join("daywire.db"));
        return Ok(None);
    };
    let mark: [u8; 4] = Rng::System.bytes();
    let schema = format!("daywire_demo_{:08x}", u32::from_be_bytes(mark));
    let store = Store::open(&given.database.store_options()).await?;
    store.create_schema(&schema).await?;
    store.close().await;
    config.database = given.database.clone();
    config.database.url = given.database.url.in_schema(&schema);
    Ok(Some(schema))
}

/// An absolute address from what a page links to.
fn join(base: &Url, link: &str) -> anyhow::Result<Url> {
    base.join(link)
        .map_err(|error| anyhow::anyhow!("{link} is no address: {error}"))
}
