//! Notices to the operators about a draft: it is held back, or it waits for approval.

use super::error::ScheduleError;
use crate::app::App;
use crate::delivery::expected_audience::PlannedEdition;
use crate::digest::drafts;
use crate::domain::time::due;
use crate::notices::notify;
use crate::store::Tx;
use crate::store::issue_lists::issue_name;
use crate::store::issues::Issue;
use crate::store::newsletters::Newsletter;
use crate::text::plain::counted;

/// The most editions that the mail about an approval lists.
const MAX_LISTED_EDITIONS: usize = 30;

/// Keeps a draft from being sent, and notifies the operators.
pub(super) async fn hold_back(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    issue: &Issue,
    reason: &str,
) -> Result<(), ScheduleError> {
    tx.hold_back_issue(issue.id, reason).await?;
    let subject = format!("{} no. {} is held back", newsletter.name, issue.number);
    let name = issue_name(&newsletter.slug, issue.number, issue.edition);
    let text = format!(
        "{reason}\n\nChange or send the draft in the console:\n{}\n\nOr change it by command:\ndaywire issue edit {name} --help\n\n\
         Or change the settings, and send it:\ndaywire issue send {name}",
        console_link(app, newsletter, issue)
    );
    Ok(notify(tx, app, &subject, &text).await?)
}

/// Notifies the operators that a draft waits for their approval.
pub(super) async fn request_approval(
    tx: &mut Tx,
    app: &App,
    newsletter: &Newsletter,
    issue: &Issue,
    editions: &[PlannedEdition],
) -> Result<(), ScheduleError> {
    let at = issue.due_at.unwrap_or(issue.window_to);
    let name = issue_name(&newsletter.slug, issue.number, issue.edition);
    let stories = headlines(tx, issue).await?;
    let subject = format!("{} no. {} waits for approval", newsletter.name, issue.number);
    let text = format!(
        "{name} is due {}. Nothing is sent before you approve it.\n\nSubject: {}\n\n{stories}\n\nRead, change and approve it in the \
         console:\n{}\n\nOr read it by command:\ndaywire issue show {name} --text\n\n{}Change it:\ndaywire issue edit {name} --help\n\nSend it:\n\
         daywire issue approve {name}",
        due(at, newsletter.timezone, app.clock.now()),
        issue.subject,
        console_link(app, newsletter, issue),
        editions_text(&name, editions),
    );
    Ok(notify(tx, app, &subject, &text).await?)
}

/// The address of the draft's page in the console.
fn console_link(app: &App, newsletter: &Newsletter, issue: &Issue) -> String {
    app.link(&format!("/admin/drafts/{}/{}", newsletter.slug, issue.number))
}

/// The editions that would be sent with an issue, which its approval approves too; empty if every reader gets the issue itself.
fn editions_text(issue: &str, editions: &[PlannedEdition]) -> String {
    let Some(first) = editions.first() else {
        return String::new();
    };
    let lines = editions.iter().take(MAX_LISTED_EDITIONS).map(|edition| {
        format!(
            "{}. {}, for {}: {}",
            edition.issue.edition,
            edition.issue.edition_name,
            counted(edition.mailed, "reader", "readers"),
            edition.issue.subject
        )
    });
    let mut lines: Vec<String> = lines.collect();
    let more = editions.len().saturating_sub(MAX_LISTED_EDITIONS);
    if more > 0 {
        lines.push(format!("and {more} more, which daywire issue show {issue} lists"));
    }
    format!(
        "Editions that you approve with it:\n{}\n\nRead an edition:\ndaywire issue show {issue} --edition {} --text\n\n",
        lines.join("\n"),
        first.issue.edition
    )
}

/// The headlines of an issue in order, one on each line, as an editor changed them.
async fn headlines(tx: &mut Tx, issue: &Issue) -> Result<String, ScheduleError> {
    let inputs = drafts::inputs(tx, issue.id).await?;
    let mut lines = Vec::new();
    let mut last_story = None;
    for article in tx.articles_of_issue(issue.id).await? {
        // The first article of a story is its lead.
        let is_lead = std::mem::replace(&mut last_story, article.story) != article.story;
        if let Some(position) = article.position.filter(|_| is_lead) {
            let title = inputs.edits.titles.get(&article.public_id).unwrap_or(&article.title);
            lines.push(format!("{position}. {title}"));
        }
    }
    Ok(lines.join("\n"))
}
