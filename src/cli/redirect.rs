//! `daywire redirect`: old addresses of posts that were imported from another system.

use serde_json::json;

use super::context::Context;
use super::output::{self, note};
use crate::app::App;
use crate::digest::page_path;
use crate::domain::old_path::{ProxyFormat, normal_path};
use crate::past_posts::proxy_rules;
use crate::store::StoreError;
use crate::store::redirects::ArticleRedirect;
use crate::text::plain::counted;

/// Rows that are read at once.
const PAGE: i64 = 1_000;

/// Shows the old addresses of imported posts, which redirect to the articles that they became.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the old paths and the articles to which they redirect.
    List,
    /// Print the redirects as rules for a proxy, for old addresses on another host.
    Export {
        /// The format of the rules: nginx, caddy or csv.
        #[arg(long, default_value = "csv")]
        format: ProxyFormat,
    },
    /// Remove a redirect: the site then answers 404 at the old path.
    Remove {
        /// The old path, such as `/p/our-first-post`.
        path: String,
    },
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let app = context.app().await?;
    match command {
        Command::List => {
            let redirects = all(&app).await?;
            if context.json {
                let documents = redirects
                    .iter()
                    .map(|redirect| json!({ "path": redirect.path, "to": target(&app, redirect) }));
                return output::json(&documents.collect::<Vec<_>>());
            }
            let rows = redirects
                .iter()
                .map(|redirect| vec![redirect.path.clone(), target(&app, redirect)]);
            output::table(
                &["old path", "to"],
                rows.collect(),
                "no redirect yet; `daywire article import` of an export of another system adds them",
            )
        }
        Command::Export { format } => {
            let redirects = all(&app).await?;
            let (rules, left_out) = proxy_rules(&app, &redirects, format);
            output::text(&rules)?;
            if left_out > 0 {
                note!(
                    "{} left out: the site has a page of its own at the path, or the path contains characters that the proxy reads in another way. The site itself redirects the latter.",
                    counted(left_out, "redirect", "redirects")
                );
            }
            Ok(())
        }
        Command::Remove { path } => {
            let normal = normal_path(&path)
                .ok_or_else(|| anyhow::anyhow!("{path:?} is no path; write one such as /p/our-first-post"))?;
            let mut tx = app.store.write().await?;
            let removed = tx.remove_redirect(&normal).await?;
            tx.commit().await?;
            anyhow::ensure!(
                removed,
                "{normal} does not redirect; `daywire redirect list` shows what does"
            );
            output::text(&format!("{normal} does not redirect any more"))
        }
    }
}

async fn all(app: &App) -> Result<Vec<ArticleRedirect>, StoreError> {
    let mut redirects: Vec<ArticleRedirect> = Vec::new();
    loop {
        let after = redirects.last().map_or_else(String::new, |last| last.path.clone());
        let page = app.store.read().await?.redirects_after(&after, PAGE).await?;
        if page.is_empty() {
            return Ok(redirects);
        }
        redirects.extend(page);
    }
}

fn target(app: &App, redirect: &ArticleRedirect) -> String {
    app.link(&page_path(&redirect.public_id, &redirect.title))
}
