//! `daywire issue list`: the latest issues and editions.

use serde_json::json;

use crate::app::App;
use crate::cli::context::Context;
use crate::cli::{names, output};

/// How many issues are listed.
const MAX_LISTED: i64 = 100;

/// Lists the issues of one newsletter, or of all.
pub(crate) async fn run(context: &Context, app: &App, slug: Option<&str>) -> anyhow::Result<()> {
    let mut tx = app.store.read().await?;
    let newsletter = match slug {
        Some(slug) => Some(names::newsletter_or_removed(&mut tx, slug).await?.id),
        None => None,
    };
    let issues = tx.issues(newsletter, MAX_LISTED).await?;
    if context.json {
        let documents = issues.iter().map(|issue| {
            json!({
                "id": issue.id,
                "name": issue.name(),
                "newsletter": issue.newsletter_slug,
                "number": issue.number,
                "edition": issue.edition_name,
                "state": issue.state,
                "subject": issue.subject,
                "created_at": issue.created_at,
            })
        });
        return output::json(&documents.collect::<Vec<_>>());
    }
    let rows = issues.into_iter().map(|issue| {
        let name = match issue.edition_name.as_str() {
            "" => issue.name(),
            edition => format!("{} ({edition})", issue.name()),
        };
        vec![name, issue.state.to_string(), issue.subject, issue.id.to_string()]
    });
    let nothing = "no issue yet; `daywire issue build --newsletter SLUG` compiles one";
    output::table(&["issue", "state", "subject", "id"], rows.collect(), nothing)
}
