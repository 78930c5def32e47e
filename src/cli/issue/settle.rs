//! `daywire issue settle`: decides about deliveries that are in doubt.

use super::show;
use crate::app::App;
use crate::cli::acting_operator::command_actor;
use crate::cli::context::Context;
use crate::cli::output;
use crate::delivery::settlement::{Settlement, settle};
use crate::domain::ids::IssueId;
use crate::domain::issue_action::IssueAction;
use crate::text::plain::counted;

pub(crate) async fn run(context: &Context, app: &App, id: IssueId, resend: bool) -> anyhow::Result<()> {
    let settlement = if resend {
        Settlement::Resend
    } else {
        Settlement::Accepted
    };
    context.start_traces(&app.config);
    let settled = settle(app, IssueAction::by(command_actor(), id), settlement).await?;
    if !context.json {
        let verb = if settled == 1 { "was" } else { "were" };
        output::text(&format!(
            "{} {verb} in doubt",
            counted(settled, "delivery", "deliveries")
        ))?;
    }
    show::run(context, app, id).await
}
