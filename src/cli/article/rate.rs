//! `daywire article rate`: what an editor thinks of an article that waits for the next issue.

use clap::Args;
use serde_json::json;

use super::super::{Context, find_newsletter, output};
use super::find;
use crate::domain::ids::{ArticleId, NewsletterId};
use crate::store::{StoreError, Tx};

/// `daywire article rate`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub struct RateArgs {
    /// Its id, such as `TX_080089`.
    id: String,
    /// The newsletter it waits for.
    #[arg(long, value_name = "SLUG")]
    newsletter: String,
    /// Its story comes first in the next issue.
    #[arg(long, group = "what")]
    pin: bool,
    /// Its story stands where its score puts it.
    #[arg(long, group = "what", conflicts_with = "pin")]
    unpin: bool,
    /// What it is worth beside others, from 0.01 to 100; 1 is what it was.
    #[arg(long, value_name = "NUMBER", group = "what", value_parser = percent)]
    weight: Option<i64>,
}

/// Reads a weight as a percentage.
#[expect(clippy::cast_possible_truncation, reason = "it is at most 10,000")]
fn percent(text: &str) -> Result<i64, String> {
    let weight = text.parse().ok().filter(|weight| (0.01..=100.0).contains(weight));
    let weight: f64 = weight.ok_or("write a number from 0.01 to 100; 2 doubles its weight, 0.5 halves it")?;
    Ok((weight * 100.0).round() as i64)
}

pub async fn rate(context: &Context, args: &RateArgs) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.write().await?;
    let newsletter = find_newsletter(&mut tx, &args.newsletter).await?;
    let article = find(&mut tx, &args.id).await?;
    // An issue that is being compiled just now has read what editors think: the article is in it, or waits on.
    tx.lock_newsletter(newsletter.id).await?;
    let rated = tx.rated_articles(newsletter.id).await?;
    let (was_pinned, was_percent) = rated.get(&article.id).copied().unwrap_or((false, 100));
    let pinned = args.pin || (was_pinned && !args.unpin);
    let percent = args.weight.unwrap_or(was_percent);
    if !tx.rate_article(newsletter.id, article.id, pinned, percent).await? {
        let why = why_not(&mut tx, newsletter.id, article.id).await?;
        anyhow::bail!("{} does not wait for {}: {why}", article.public_id, newsletter.slug);
    }
    tx.commit().await?;
    #[expect(clippy::cast_precision_loss, reason = "a percentage")]
    let weight = percent as f64 / 100.0;
    if context.json {
        return output::json(&json!({
            "id": article.public_id,
            "newsletter": newsletter.slug,
            "pinned": pinned,
            "weight": weight,
        }));
    }
    output::text(&format!(
        "{} for the next issue of {}: weight {weight}{}",
        article.public_id,
        newsletter.slug,
        if pinned { ", pinned" } else { "" }
    ))
}

/// Why an article does not wait, and what can be done.
async fn why_not(tx: &mut Tx, newsletter: NewsletterId, article: ArticleId) -> Result<String, StoreError> {
    for draft in tx.drafts_with(article).await? {
        if tx
            .issue(draft)
            .await?
            .is_some_and(|issue| issue.newsletter_id == newsletter)
        {
            return Ok(format!(
                "it is in the draft {draft}; `daywire issue edit {draft} --pin` or `--move` change its place there"
            ));
        }
    }
    Ok("it was in an issue, was left out when it arrived, or never arrived for it; `daywire issue preview` lists what waits".to_owned())
}
