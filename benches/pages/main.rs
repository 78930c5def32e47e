//! How many pages a second the site sends, whole (200) and to clients that have them (304), beside a bare axum handler that answers with
//! as many bytes.

#[allow(
    dead_code,
    reason = "shared with the other programs of benches/, each of which uses a part"
)]
#[path = "../support/mod.rs"]
mod support;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use clap::Parser;

use support::article_shape::ArticleShape;
use support::database::{self, Kind};
use support::newsroom::{Newsroom, SLUG};
use support::postgres::Server;
use support::program::{ChildProcess, Program};
use support::web_bench::{self, CommonOptions, Started};
use support::wrk::{self, Measured};
use support::{http, process};

/// Measures how many pages a second the site sends.
#[derive(Clone, Debug, Parser)]
#[command(bin_name = "cargo bench --bench pages --")]
struct Options {
    #[command(flatten)]
    common: CommonOptions,
    /// How long wrk asks for each page.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// Connections of wrk, each with one request at a time.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=500))]
    connections: u32,
    /// Open a connection for each request.
    #[arg(long)]
    close: bool,
}

fn main() -> ExitCode {
    web_bench::end("pages", run())
}

fn run() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, address, bytes] = &arguments[..]
        && word == "bare"
    {
        return serve_bare(address.parse()?, bytes.parse()?);
    }
    let options = Options::parse();
    let started = Started::new(&options.common)?;
    println!("{}", web_bench::conditions(options.connections, options.seconds)?);
    for kind in options.common.database.kinds() {
        measure(&options, *kind, &started.folder, started.server.as_ref())?;
    }
    Ok(())
}

fn measure(options: &Options, kind: Kind, folder: &Path, server: Option<&Server>) -> anyhow::Result<()> {
    let folder = folder.join(kind.to_string());
    std::fs::create_dir(&folder)?;
    let url = database::create(kind, "pages", &folder, server)?;
    let site = http::free_address()?;
    let program = Program::new(&folder, options.common.program.as_deref())
        .with("database.url", &url)
        .with("http.listen", site);
    let mut newsroom = Newsroom::open(program, kind, 1, ArticleShape { count: 60, lede: 400 })?;
    let issue = newsroom.build_issue()?;
    newsroom.send(&issue)?;
    let service = newsroom.program.serve(&["--role", "web"])?;
    service.ready()?;
    let (_, front) = http::get(site, "/")?;
    let article = front
        .split('"')
        .find(|part| part.starts_with("/articles/"))
        .context("the front page links an article")?;
    let archived = format!("/archive/{SLUG}/1");
    for path in ["/", article, "/archive", &archived, "/feed.xml"] {
        let (status, page) = http::get(site, path)?;
        anyhow::ensure!(status == 200, "{path} has the status {status}");
        let tag = http::header(site, path, "etag")?;
        let name = format!("{kind} {}", path.split('/').take(3).collect::<Vec<_>>().join("/"));
        for known in [None, Some(tag.as_str())] {
            let bare = bare(options, page.len(), known)?;
            let before = process::cpu(service.process.pid).context("the service runs")?;
            let measured = load(options, site, path, known)?;
            let used = process::cpu(service.process.pid).context("the service runs")? - before;
            print(&name, page.len(), known.is_some(), &measured, used, &bare);
        }
    }
    service.terminate()?;
    Ok(())
}

/// Measures a handler that answers with `bytes` bytes, or with 304.
fn bare(options: &Options, bytes: usize, known: Option<&str>) -> anyhow::Result<Measured> {
    let address = http::free_address()?;
    let child = Command::new(std::env::current_exe()?)
        .args(["bare", &address.to_string(), &bytes.to_string()])
        .stdin(Stdio::null())
        .spawn()?;
    let _child = ChildProcess::new(child);
    http::wait_until_open(address)?;
    load(options, address, "/", known)
}

fn load(options: &Options, site: SocketAddr, path: &str, known: Option<&str>) -> anyhow::Result<Measured> {
    let mut command = wrk::command(options.connections, options.seconds);
    if options.close {
        command.args(["-H", "Connection: close"]);
    }
    if let Some(tag) = known {
        command.args(["-H", &format!("If-None-Match: {tag}")]);
    }
    command.arg(format!("http://{site}{path}"));
    wrk::measure(command)
}

fn print(name: &str, bytes: usize, is_known: bool, measured: &Measured, used: f64, bare: &Measured) {
    #[expect(clippy::cast_precision_loss, reason = "a count of answers is far below 2^52")]
    let each = used * 1_000_000.0 / measured.answers as f64;
    let status = if is_known {
        "304".to_owned()
    } else {
        format!("200, {bytes} bytes")
    };
    println!(
        "{name}, {status}: {:.0}/s, p50 {:.1} ms, p99 {:.1} ms, {each:.0} µs of processor time each; bare axum {:.0}/s",
        measured.rate, measured.p50, measured.p99, bare.rate
    );
}

/// Serves until the process is killed.
fn serve_bare(address: SocketAddr, bytes: usize) -> anyhow::Result<()> {
    let page: &'static str = Box::leak("x".repeat(bytes).into_boxed_str());
    let answer = move |headers: HeaderMap| async move { answer_bare(&headers, page) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        Ok(axum::serve(listener, Router::new().route("/", get(answer))).await?)
    })
}

fn answer_bare(headers: &HeaderMap, page: &'static str) -> Response {
    if headers.contains_key(header::IF_NONE_MATCH) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    page.into_response()
}
