//! `daywire article rate`: pins a waiting article, or changes the weight of its story in the next issue.

use serde_json::json;

use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::{names, output};
use crate::domain::ids::{ArticleId, NewsletterId};
use crate::ingest::rating::{self, Rating};
use crate::store::{StoreError, Tx};

/// `daywire article rate`
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(crate) struct Args {
    /// The id of the article, such as `TX_080089`.
    id: String,
    /// The newsletter it waits for.
    #[arg(long, value_name = "SLUG")]
    newsletter: String,
    /// Its story comes first in the next issue.
    #[arg(long, group = "what")]
    pin: bool,
    /// Undo --pin: the score of its story decides its position.
    #[arg(long, group = "what", conflicts_with = "pin")]
    unpin: bool,
    /// Its weight compared with other articles, from 0.01 to 100; 1 is the normal weight.
    #[arg(long, value_name = "NUMBER", group = "what", value_parser = percent)]
    weight: Option<i64>,
}

/// Reads a weight as a percentage.
fn percent(text: &str) -> Result<i64, String> {
    let percent = text.parse().ok().and_then(rating::weight_percent);
    percent.ok_or_else(|| "write a number from 0.01 to 100; 2 doubles its weight, 0.5 halves it".to_owned())
}

pub(crate) async fn run(context: &Context, args: &Args) -> anyhow::Result<()> {
    let app = context.app().await?;
    let mut tx = app.store.write().await?;
    let newsletter = names::newsletter(&mut tx, &args.newsletter).await?;
    let article = names::article(&mut tx, &args.id).await?;
    let rating = Rating {
        pinned: (args.pin || args.unpin).then_some(args.pin),
        weight_percent: args.weight,
    };
    let Some((pinned, percent)) =
        rating::rate_by(&mut tx, &app, &command_actor(), &newsletter, &article, rating).await?
    else {
        let reason = reason_not_waiting(&mut tx, newsletter.id, article.id).await?;
        anyhow::bail!("{} does not wait for {}: {reason}", article.public_id, newsletter.slug);
    };
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

/// Why an article does not wait for the newsletter, and what to do about it.
async fn reason_not_waiting(tx: &mut Tx, newsletter: NewsletterId, article: ArticleId) -> Result<String, StoreError> {
    for draft in tx.drafts_containing(article).await? {
        let issue = tx.issue(draft).await?;
        if issue.is_some_and(|issue| issue.newsletter_id == newsletter) {
            let draft = tx.issue_name(draft).await?;
            return Ok(format!(
                "it is in the draft {draft}; `daywire issue edit {draft} --pin` or `--move` change its place there"
            ));
        }
    }
    Ok("it was in an issue, was left out when it arrived, or never arrived for it; `daywire issue preview` lists what waits".to_owned())
}
