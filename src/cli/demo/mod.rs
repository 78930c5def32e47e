//! `daywire demo`: a whole day in a scratch folder, with real HTTP and real SMTP on loopback.

pub mod sample;

mod feed_server;
mod reader;
mod story;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use tracing::level_filters::LevelFilter;
use url::Url;

use super::{Context, output, start_log};
use crate::app::App;
use crate::clock::{Chance, Clock};
use crate::config::{Config, DatabaseUrl};
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
    let scratch = Scratch::new()?;
    let mut config = Config::default();
    let schema = scratch_database(&mut config, &given, scratch.path()).await?;
    let address = free_address();
    config.http.listen = address;
    config.site.url = format!("http://{address}")
        .parse()
        .map_err(|error| anyhow::anyhow!("{error}"))?;

    let served = FeedServer::start(args.feed.as_deref()).await?;
    // Whoever starts the demo has named this address.
    config
        .feeds
        .allow
        .extend(served.url.host_str().and_then(Allowed::parse));

    let app = App::open(config, Clock::System, Chance::System).await?;
    let service = Service::start(&app, &Role::all()).await?;
    let told = story::tell(&app, &served.url, context.json).await;
    if told.is_ok() && !args.once && !context.json {
        output::text(&format!(
            "\nThe service keeps running. Look at\n  {0}/        the site\n  {0}/inbox   the mail\n\
             Press Control-C to end it; everything is in {1} and goes with it.",
            app.link(""),
            scratch.path().display()
        ))?;
        super::serve::until_told_to_stop().await?;
    }
    service.stop().await;
    if let Some(schema) = schema {
        app.store.drop_schema(&schema).await?;
    }
    app.store.close().await;
    told
}

/// Where the demo listens: the usual port if it is free, else any.
fn free_address() -> SocketAddr {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let bound = TcpListener::bind(usual).or_else(|_| TcpListener::bind(any));
    bound.and_then(|listener| listener.local_addr()).unwrap_or(any)
}

/// Points the settings at a database of the demo's own: a file in the scratch folder, or, on PostgreSQL, a schema that
/// is dropped at the end. What is in the database already is not touched.
async fn scratch_database(config: &mut Config, given: &Config, folder: &Path) -> anyhow::Result<Option<String>> {
    let DatabaseUrl::Postgres { .. } = &given.database.url else {
        config.database.url = DatabaseUrl::Sqlite(folder.join("daywire.db"));
        return Ok(None);
    };
    let mark: [u8; 4] = Chance::System.bytes();
    let schema = format!("daywire_demo_{:08x}", u32::from_be_bytes(mark));
    let store = Store::open(&given.database.store_options()).await?;
    store.create_schema(&schema).await?;
    store.close().await;
    config.database = given.database.clone();
    config.database.url = given.database.url.in_schema(&schema);
    Ok(Some(schema))
}

/// A folder that goes with the demo.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let mark: [u8; 8] = Chance::System.bytes();
        let folder = std::env::temp_dir().join(format!("daywire-demo-{:016x}", u64::from_be_bytes(mark)));
        std::fs::create_dir(&folder)?;
        Ok(Self(folder))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the scratch folder could not be removed");
        }
    }
}

/// An absolute address from what a page links to.
fn join(base: &Url, link: &str) -> anyhow::Result<Url> {
    base.join(link)
        .map_err(|error| anyhow::anyhow!("{link} is no address: {error}"))
}
