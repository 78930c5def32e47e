//! `daywire inspect`: what the program makes of one input: an address, a cron line, a feed, a message. Changes nothing. Only
//! `inspect bounce` opens the database, if there is one, for its keys.

mod bounce;
mod message;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;
use url::Url;

use super::context::Context;
use super::output::note;
use super::{files, output};
use crate::digest::clustering::{Report, group_reports};
use crate::domain::address::EmailAddress;
use crate::domain::cron::CronSchedule;
use crate::domain::json::line_error;
use crate::feeds::guard::Guard;
use crate::feeds::parse::parse;
use crate::text::html::sanitise;
use crate::text::language::detect;
use crate::text::plain::counted;

/// What to inspect.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Whether an address can be mailed, and its normal form.
    Address {
        /// The address.
        #[arg(allow_hyphen_values = true)]
        text: String,
    },
    /// What a returned mail reports about which recipients, which rule found them, and what would follow if the mail is believed.
    /// With the settings and the database at hand, signatures and tags are checked too.
    Bounce {
        /// The file with the mail.
        file: PathBuf,
    },
    /// The next times of a cron line.
    Cron {
        /// The cron line: five fields.
        #[arg(allow_hyphen_values = true)]
        expr: String,
        /// The time zone.
        #[arg(long, default_value = "UTC", value_name = "ZONE")]
        tz: String,
        /// Times after this one, in RFC 3339; now if it is not given.
        #[arg(long, value_name = "TIME")]
        from: Option<DateTime<Utc>>,
        /// How many times to print.
        #[arg(long, default_value_t = 5)]
        count: usize,
    },
    /// The entries of a feed in a file.
    Feed {
        /// The file with the feed.
        file: PathBuf,
    },
    /// The sanitised HTML of a file, as mail and web show it.
    Html {
        /// The file with the HTML.
        file: PathBuf,
    },
    /// The parts, headers, links and signatures of a message in a file, and what preflight finds in it.
    Message {
        /// The file with the message.
        file: PathBuf,
    },
    /// Which articles report the same event.
    Stories {
        /// JSON lines in the order of arrival: title, text, language.
        file: PathBuf,
    },
    /// Whether the feed reader would connect to an address.
    Url {
        /// The address.
        url: String,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Address { text } => {
            let parsed = EmailAddress::parse(&text);
            match parsed.map(|address| address.normal()) {
                Ok(normal) if context.json => output::json(&json!({ "valid": true, "normal": normal, "reason": null })),
                Ok(normal) => output::text(&format!("valid: {normal}")),
                Err(error) if context.json => {
                    output::json(&json!({ "valid": false, "normal": null, "reason": error.to_string() }))
                }
                Err(error) => output::text(&format!("not valid: {error}")),
            }
        }
        Command::Cron { expr, tz, from, count } => {
            let zone: Tz = tz
                .parse()
                .map_err(|_| anyhow::anyhow!("--tz: “{tz}” is not a time zone; write one such as Europe/Berlin"))?;
            let schedule = CronSchedule::parse(&expr)?;
            let from = from.unwrap_or_else(|| crate::clock::Clock::System.now());
            let next: Vec<DateTime<Utc>> = schedule.after(zone, from).take(count).collect();
            if context.json {
                let next = next
                    .iter()
                    .map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
                return output::json(&json!({ "next": next.collect::<Vec<_>>() }));
            }
            let rows = next.into_iter().map(|at| {
                let local = at.with_timezone(&zone).format("%a %Y-%m-%d %H:%M %Z").to_string();
                vec![local, at.format("%Y-%m-%d %H:%M UTC").to_string()]
            });
            output::table(&["local", "utc"], rows.collect(), "never")
        }
        Command::Feed { file } => {
            let bytes = files::read(&file)?;
            let feed = tokio::task::spawn_blocking(move || parse(&bytes, None)).await?;
            let feed = feed.map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
            if feed.ends_early {
                note!("note: {}", files::ends_early_note(&file, feed.entries.len()));
            }
            if context.json {
                return output::json(&feed);
            }
            output::text(&format!(
                "{} · {} · {}",
                feed.format,
                feed.title,
                counted(feed.entries.len(), "entry", "entries")
            ))?;
            let rows = feed.entries.into_iter().map(|entry| {
                let published = entry.published.map(output::time).unwrap_or_default();
                vec![published, entry.title, entry.url.unwrap_or_default()]
            });
            output::table(&["published", "title", "url"], rows.collect(), "no entries")
        }
        Command::Bounce { file } => Box::pin(bounce::run(context, &file)).await,
        Command::Html { file } => {
            let html = String::from_utf8_lossy(&files::read(&file)?).into_owned();
            output::text(&sanitise(&html))
        }
        Command::Message { file } => message::run(context, &file).await,
        Command::Stories { file } => stories(context, &file),
        Command::Url { url } => {
            let reason = refusal(context, &url).await?;
            if context.json {
                return output::json(&json!({ "allowed": reason.is_none(), "reason": reason }));
            }
            output::text(&reason.map_or_else(|| "allowed".to_owned(), |reason| format!("refused: {reason}")))
        }
    }
}

/// Why the feed reader would refuse to connect to the address; `None` if it would connect.
async fn refusal(context: &Context, text: &str) -> anyhow::Result<Option<String>> {
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(error) => return Ok(Some(format!("it is not an address: {error}"))),
    };
    let guard = Guard::new(context.config()?.feeds.allow);
    Ok(guard.check(&url).await.err().map(|refusal| refusal.to_string()))
}

/// A line of the file for `inspect stories`. Other fields are ignored.
#[derive(serde::Deserialize)]
struct ReportLine {
    title: String,
    text: Option<String>,
    language: Option<String>,
}

/// Prints the line numbers of the articles of each story: from 0 in the document, which programs read, and from 1 in the table.
fn stories(context: &Context, file: &Path) -> anyhow::Result<()> {
    let text = files::read_text(file)?;
    let (mut numbers, mut lines) = (Vec::new(), Vec::new());
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line: ReportLine = serde_json::from_str(line)
            .map_err(|error| anyhow::anyhow!("{}: line {}: {}", file.display(), number + 1, line_error(&error)))?;
        numbers.push(number);
        lines.push(line);
    }
    let mut reports = Vec::with_capacity(lines.len());
    for line in &lines {
        let text = line.text.as_deref().unwrap_or_default();
        // As for arriving articles, an undeclared language is detected if the text is long enough.
        let detected = || detect(&format!("{}. {text}", line.title));
        reports.push(Report {
            title: &line.title,
            text,
            language: line.language.as_deref().or_else(detected),
        });
    }
    let mut stories = group_reports(&reports);
    if context.json {
        for place in stories.iter_mut().flatten() {
            *place = numbers[*place];
        }
        return output::json(&json!({ "stories": stories }));
    }
    let rows = stories.into_iter().map(|story| {
        let places: Vec<String> = story.iter().map(|place| (numbers[*place] + 1).to_string()).collect();
        vec![story.len().to_string(), lines[story[0]].title.clone(), places.join(" ")]
    });
    output::table(&["articles", "first", "lines"], rows.collect(), "no article")
}
