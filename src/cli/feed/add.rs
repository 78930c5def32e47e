//! `daywire feed add`: fetches an address before it is added to a newsletter, so that a mistyped one is noticed at once.

use serde_json::json;
use url::Url;

use super::list::state;
use super::request::RequestArgs;
use crate::app::App;
use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::output::note;
use crate::cli::{names, output};
use crate::domain::redact::without_secrets;
use crate::domain::states::TextFrom;
use crate::feeds::request_settings::RequestSettings;
use crate::ingest::adding_feeds::{Discovery, discover};
use crate::ingest::feed_url::parse_feed_url;
use crate::ingest::managing_feeds::{self, AddedFeed};
use crate::text::html::FeedLink;

/// `daywire feed add`
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where the feed is, or a page that links it.
    url: String,
    /// The newsletter's slug.
    #[arg(long, value_name = "SLUG")]
    newsletter: String,
    /// The site shows the feed's articles whole: it is yours, or its publisher agreed. Without this it shows an excerpt of
    /// each and links to the publisher.
    #[arg(long)]
    full_text: bool,
    /// `page`: if an entry has only a few lines, the text of its article is taken from the article's page; `feed`, the default: never.
    #[arg(long, value_name = "SOURCE")]
    text_from: Option<TextFrom>,
    /// Add the feed although it cannot be read now.
    #[arg(long)]
    anyway: bool,
    #[command(flatten)]
    request: RequestArgs,
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let Args {
        url, newsletter: slug, ..
    } = args;
    let request = args.request.change()?;
    let settings = RequestSettings::default().changed(&request)?;
    let app = context.app().await?;
    let given = parse_feed_url(url, app.fetcher.guard())?;
    let mut tx = app.store.read().await?;
    let newsletter = names::newsletter(&mut tx, slug).await?;
    let known = tx.feed_of_newsletter(newsletter.id, given.as_str()).await?;
    drop(tx);
    let found = match known {
        // `feed list` already shows a feed of the newsletter, even if it cannot be read now.
        Some(_) => Found::at(given),
        None => find(&app, &settings, given, args.anyway).await?,
    };
    let added = AddedFeed {
        url: &found.url,
        title: &found.title,
        full_text: args.full_text,
        text_from: args.text_from,
        request: Some(&settings).filter(|_| !request.is_empty()),
    };
    let (feed, new) = managing_feeds::add(&app, &command_actor(), &newsletter, added).await?;
    for note in &found.notes {
        note!("note: {note}");
    }
    if feed.gone {
        note!(
            "note: the feed is gone and no longer read; `daywire feed resume {}` tries it again",
            feed.id
        );
    }
    if context.json {
        return output::json(&json!({
            "id": feed.id,
            "url": feed.url,
            "title": feed.title,
            "newsletter": slug,
            "new": new,
            "full_text": feed.full_text,
            "text_from": feed.text_from,
            "found_on": found.page.map(String::from),
            "others": found.others.iter().map(Url::as_str).collect::<Vec<_>>(),
        }));
    }
    let shown = without_secrets(&feed.url);
    let full_text = if args.full_text {
        "; the site shows its articles whole"
    } else {
        ""
    };
    if new {
        return output::text(&format!(
            "{} {shown} added for {slug}; a running service reads it within a moment{full_text}",
            feed.id
        ));
    }
    output::text(&format!(
        "{} {shown} is already one of {slug}'s feeds ({}){full_text}",
        feed.id,
        state(&feed, true)
    ))
}

/// The feed to add.
struct Found {
    url: Url,
    title: String,
    /// The web page that links the feed, if the operator gave the page's address.
    page: Option<Url>,
    /// Other feeds that the page links.
    others: Vec<Url>,
    /// For the operator.
    notes: Vec<String>,
}

impl Found {
    /// The feed at this address, before anything else is known of it.
    fn at(url: Url) -> Self {
        Self {
            url,
            title: String::new(),
            page: None,
            others: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// The feed at an address, or one that the page there links. Refuses an address that is not a feed or cannot be read now, unless
/// `anyway`.
async fn find(app: &App, settings: &RequestSettings, given: Url, anyway: bool) -> anyhow::Result<Found> {
    let mut found = Found::at(given.clone());
    let shown = without_secrets(given.as_str());
    match discover(app, settings, &given).await {
        Discovery::Feed(url, title) => (found.url, found.title) = (url, title),
        Discovery::Page(link, others) => {
            found.notes.push(format!(
                "{shown} is a web page; added is the feed that it links: {}",
                link.url
            ));
            if !others.is_empty() {
                let others: Vec<_> = others.iter().map(with_title).collect();
                found.notes.push(format!(
                    "the page also links {}; `daywire feed add` adds each by its address",
                    others.join(", ")
                ));
            }
            found.others = others.into_iter().map(|link| link.url).collect();
            (found.url, found.title, found.page) = (link.url, link.title, Some(given));
        }
        Discovery::Nothing(reason) | Discovery::Unreadable(reason) if anyway => {
            found.notes.push(format!(
                "added although it cannot be read now: {reason}; `daywire feed list` shows whether it is read later"
            ));
        }
        Discovery::Nothing(reason) | Discovery::Unreadable(reason) => {
            anyhow::bail!("{shown} was not added: {reason}; correct the address, or add it unread with --anyway")
        }
    }
    Ok(found)
}

fn with_title(link: &FeedLink) -> String {
    if link.title.is_empty() {
        link.url.to_string()
    } else {
        format!("{} ({})", link.url, link.title)
    }
}
