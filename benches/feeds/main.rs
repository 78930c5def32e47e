//! How long the feed parser takes for hostile documents: those that this program generates, and given files.
//!
//! The tests check that such documents are refused or flattened. This program checks the time: it fails if a document takes
//! longer than the limit.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Parser;
use daywire::feeds::{opml, parse};

#[derive(Debug, Parser)]
#[command(about = "How long the feed parser takes for hostile documents.")]
struct Options {
    /// Further documents, such as XML bombs.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The benchmark fails if a document takes longer.
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = humantime::parse_duration)]
    limit: Duration,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

struct Document {
    name: String,
    bytes: Vec<u8>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("feeds: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether every document was parsed within the limit.
fn run(options: &Options) -> anyhow::Result<bool> {
    let mut documents = generated();
    for path in &options.files {
        documents.push(Document {
            name: path.display().to_string(),
            bytes: fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?,
        });
    }
    let mut slow = Vec::new();
    println!("{:>8}  {:>9}  {:>10}  document", "as feed", "as OPML", "bytes");
    for document in &documents {
        let as_feed = time(|| drop(parse::parse(&document.bytes, None)));
        let as_list = time(|| drop(opml::parse(&document.bytes)));
        println!(
            "{:>5} ms  {:>6} ms  {:>10}  {}",
            as_feed.as_millis(),
            as_list.as_millis(),
            document.bytes.len(),
            document.name
        );
        if as_feed.max(as_list) > options.limit {
            slow.push(document.name.as_str());
        }
    }
    if !slow.is_empty() {
        println!(
            "longer than {}: {}",
            humantime::format_duration(options.limit),
            slow.join(", ")
        );
    }
    Ok(slow.is_empty())
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn generated() -> Vec<Document> {
    let rss = |content: &str| format!("<rss version='2.0'><channel>{content}</channel></rss>");
    let item = |description: &str| rss(&format!("<item><description>{description}</description></item>"));
    let namespaces = (0..50_000).fold(String::new(), |mut text, n| {
        let _ = write!(text, " xmlns:n{n}='urn:{n}'");
        text
    });
    [
        (
            "60,000 nested elements",
            item(&format!("{}x{}", "<a>".repeat(60_000), "</a>".repeat(60_000))),
        ),
        (
            "60,000 nested elements in escaped HTML",
            item(&format!("{}words", "&lt;a&gt;&lt;p&gt;".repeat(30_000))),
        ),
        (
            "50,000 attributes on one tag of escaped HTML",
            item(&format!("&lt;p{}&gt;words", " a=1".repeat(50_000))),
        ),
        (
            "50,000 namespaces on one element",
            format!("<rss version='2.0'{namespaces}><channel/></rss>"),
        ),
        ("100,000 entries", rss(&"<item><title>x</title></item>".repeat(100_000))),
        (
            "60,000 nested outlines",
            format!("<opml><body>{}", "<outline text='x'>".repeat(60_000)),
        ),
    ]
    .map(|(name, text)| Document {
        name: name.to_owned(),
        bytes: text.into_bytes(),
    })
    .into()
}
