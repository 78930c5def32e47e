//! The comments of readers: those that wait for a decision first.

use askama::Template;
use axum::extract::{Path, RawForm, RawQuery, State};
use axum::response::{Html, IntoResponse, Response};

use super::console::{Console, Notice, done};
use super::forms::field;
use super::routes::ConsoleRoutes;
use crate::comments::{self, Decision, DecisionError};
use crate::config::CommentProvider;
use crate::domain::comment::CommentState;
use crate::domain::ids::CommentId;
use crate::domain::role::Permission;
use crate::domain::seen::Seen;
use crate::operators::SignedIn;
use crate::store::comments::{CommentList, ListedComment};
use crate::web::error::{WebError, page as render};
use crate::web::pages::Stamp;
use crate::web::state::Shared;
use crate::words::Words;

const PATH: &str = "/admin/comments";
/// How many comments one page lists.
const PAGE: i64 = 30;

/// Adds the routes of this page.
pub(super) fn add(routes: ConsoleRoutes) -> ConsoleRoutes {
    routes
        .get(PATH, Permission::ModerateComments, page)
        .post("/admin/comments/decide", Permission::ModerateComments, decide)
        .get(
            "/admin/comments/{comment}/block",
            Permission::ManageReaders,
            ask_to_block,
        )
        .post("/admin/comments/{comment}/block", Permission::ManageReaders, block)
}

#[derive(Debug, Template)]
#[template(path = "admin/comments.html")]
struct CommentsPage {
    console: Console,
    list: CommentList,
    tabs: Vec<Tab>,
    comments: Vec<CommentLine>,
    more: Option<String>,
    keeper: Keeper,
    /// Whether the operator may see addresses, and block authors.
    may_block: bool,
}

/// Who keeps the comments.
#[derive(Debug)]
enum Keeper {
    Nobody,
    /// The server with this host.
    Elsewhere(String),
    ThisProgram,
}

/// A link to one of the lists.
#[derive(Debug)]
struct Tab {
    word: &'static str,
    label: String,
    is_current: bool,
}

#[derive(Debug)]
struct CommentLine {
    id: CommentId,
    article: String,
    article_path: String,
    author_path: String,
    name: String,
    paragraphs: Vec<String>,
    state: CommentState,
    /// What the operator saw, for the check that nobody decided meanwhile.
    seen: String,
    written: Stamp,
    reports: u64,
}

impl CommentsPage {
    fn list_word(&self) -> &'static str {
        word(self.list)
    }

    /// Says that the list has no comment, and which comments get there.
    fn empty_text(&self) -> String {
        let words = &self.console.words;
        match self.list {
            CommentList::Held => words.moderation_none_waiting(),
            CommentList::Reported => words.moderation_none_reported(),
            CommentList::Approved => words.moderation_none_published(),
            CommentList::Rejected => words.moderation_none_unpublished(),
        }
    }
}

impl CommentLine {
    fn is_approved(&self) -> bool {
        self.state == CommentState::Approved
    }

    fn is_rejected(&self) -> bool {
        self.state == CommentState::Rejected
    }
}

impl From<ListedComment> for CommentLine {
    fn from(comment: ListedComment) -> Self {
        Self {
            seen: seen(comment.state, comment.reports),
            id: comment.id,
            article: comment.title,
            article_path: format!("/articles/{}", comment.public_id),
            author_path: format!("/admin/readers/{}", comment.subscriber_id),
            name: comment.name,
            paragraphs: comment.body.split("\n\n").map(str::to_owned).collect(),
            state: comment.state,
            written: Stamp::utc(comment.created_at),
            reports: comment.reports.unsigned_abs(),
        }
    }
}

fn seen(state: CommentState, reports: i64) -> String {
    format!("{state}-{reports}")
}

fn label(list: CommentList, words: &Words) -> String {
    match list {
        CommentList::Held => words.moderation_waiting(),
        CommentList::Reported => words.moderation_reported(),
        CommentList::Approved => words.comment_approved(),
        CommentList::Rejected => words.comment_rejected(),
    }
}

/// The word of a list in addresses.
const fn word(list: CommentList) -> &'static str {
    match list {
        CommentList::Held => "held",
        CommentList::Reported => "reported",
        CommentList::Approved => "approved",
        CommentList::Rejected => "rejected",
    }
}

fn parse_list(text: &str) -> CommentList {
    let found = CommentList::ALL.into_iter().find(|list| word(*list) == text);
    found.unwrap_or(CommentList::Held)
}

async fn page(State(web): Shared, console: Console, RawQuery(query): RawQuery) -> Result<Html<String>, WebError> {
    let query = query.unwrap_or_default();
    let list = parse_list(&field(query.as_bytes(), "list"));
    let after = field(query.as_bytes(), "after").parse().ok();
    let mut tx = web.app.store.read().await?;
    let mut comments = tx.comment_page(list, after, PAGE + 1).await?;
    drop(tx);
    let length = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let has_more = comments.len() > length;
    comments.truncate(length);
    let end = comments.last().filter(|_| has_more);
    let settings = &web.app.config.comments;
    render(&CommentsPage {
        more: end.map(|end| format!("{PATH}?list={}&after={}", word(list), end.id)),
        comments: comments.into_iter().map(CommentLine::from).collect(),
        tabs: CommentList::ALL
            .into_iter()
            .map(|tab| Tab {
                word: word(tab),
                label: label(tab, &console.words),
                is_current: tab == list,
            })
            .collect(),
        keeper: match &settings.service {
            Some(service) => Keeper::Elsewhere(service.server().host().to_owned()),
            None if settings.provider == CommentProvider::Builtin => Keeper::ThisProgram,
            None => Keeper::Nobody,
        },
        may_block: console.may(Permission::ManageReaders),
        list,
        console,
    })
}

/// Shows, hides or deletes a comment, if it is still as the operator saw it.
async fn decide(State(web): Shared, signed_in: SignedIn, RawForm(body): RawForm) -> Result<Response, WebError> {
    let id: CommentId = field(&body, "comment").parse().map_err(|_| WebError::NotFound)?;
    let (decision, notice) = match field(&body, "decision").as_str() {
        "show" => (Decision::Approve, Notice::CommentShown),
        "hide" => (Decision::Reject, Notice::CommentHidden),
        "delete" => (Decision::Delete, Notice::CommentDeleted),
        _ => return Err(WebError::NotFound),
    };
    let back = format!("{PATH}?list={}", word(parse_list(&field(&body, "list"))));
    let known = web.app.store.read().await?.comment(id).await?;
    // Its author may have deleted it, or somebody else decided.
    let known = known.filter(|known| seen(known.state, known.reports) == field(&body, "seen"));
    let Some(known) = known else {
        return Ok(done(&back, Notice::NothingDone).into_response());
    };
    let version = Seen::This(known.version());
    match comments::decide(&web.app, &signed_in.actor(), &[id], decision, &version).await {
        Ok(()) => Ok(done(&back, notice).into_response()),
        Err(DecisionError::Unknown(_) | DecisionError::Outdated(_)) => {
            Ok(done(&back, Notice::NothingDone).into_response())
        }
        Err(DecisionError::Store(error)) => Err(error.into()),
    }
}

#[derive(Debug, Template)]
#[template(path = "admin/comment_block.html")]
struct BlockPage {
    console: Console,
    id: CommentId,
    name: String,
    body: String,
}

async fn ask_to_block(State(web): Shared, console: Console, Path(id): Path<CommentId>) -> Result<Response, WebError> {
    let Some(comment) = web.app.store.read().await?.comment(id).await? else {
        return Ok(done(PATH, Notice::NothingDone).into_response());
    };
    let shown = render(&BlockPage {
        console,
        id,
        name: comment.name,
        body: comment.body,
    })?;
    Ok(shown.into_response())
}

async fn block(State(web): Shared, signed_in: SignedIn, Path(id): Path<CommentId>) -> Result<Response, WebError> {
    let notice = match comments::block_author(&web.app, &signed_in.actor(), id, &Seen::Any).await {
        Ok(()) => Notice::AuthorBlocked,
        Err(DecisionError::Unknown(_) | DecisionError::Outdated(_)) => Notice::NothingDone,
        Err(DecisionError::Store(error)) => return Err(error.into()),
    };
    Ok(done(PATH, notice).into_response())
}
