//! The list of newsletters.

use askama::Template;
use axum::extract::State;
use axum::response::Html;

use super::super::console::Console;
use super::super::drafts::count;
use super::super::times::DueTime;
use super::lookup::newsletter_path;
use crate::domain::role::Permission;
use crate::operators::SignedIn;
use crate::schedule::next_issue;
use crate::store::newsletters::Newsletter;
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::Shared;

#[derive(Debug, Template)]
#[template(path = "admin/newsletters.html")]
struct NewslettersPage {
    console: Console,
    newsletters: Vec<NewsletterLine>,
    /// Removed ones: address, name and time of the removal.
    removed: Vec<(String, String, Option<Stamp>)>,
    may_change: bool,
}

#[derive(Debug)]
struct NewsletterLine {
    path: String,
    slug: String,
    name: String,
    readers: u64,
    /// When the next issue is due; `None` on demand.
    next: Option<DueTime>,
    is_hidden: bool,
}

pub(super) async fn page(State(web): Shared, console: Console, signed_in: SignedIn) -> Result<Html<String>, WebError> {
    let now = web.app.clock.now();
    let mut tx = web.app.store.read_snapshot().await?;
    let mut newsletters = Vec::new();
    for newsletter in tx.newsletters().await? {
        let readers = tx.count_confirmed(newsletter.id).await?;
        newsletters.push(NewsletterLine {
            path: newsletter_path(&newsletter.slug),
            readers: count(readers),
            next: next_issue(&newsletter, now).map(|at| DueTime::new(at, newsletter.timezone, now)),
            is_hidden: !newsletter.public,
            slug: newsletter.slug,
            name: newsletter.name,
        });
    }
    let removed = tx.removed_newsletters().await?;
    drop(tx);
    let line = |newsletter: Newsletter| {
        let path = newsletter_path(&newsletter.slug);
        (path, newsletter.name, newsletter.removed_at.map(Stamp::utc))
    };
    render(&NewslettersPage {
        newsletters,
        removed: removed.into_iter().map(line).collect(),
        may_change: signed_in.may(Permission::ManageNewsletters),
        console,
    })
}
