//! The pages about drafts: the list, the draft with everything that an editor decides, its readers, and the question before it is sent.

mod build;
mod change;
mod conflict;
mod list;
mod page;
mod preview;
mod send;
mod story_row;

pub(super) use list::DraftLine;
pub(super) use preview::{count, web_error};

use super::routes::ConsoleRoutes;
use crate::domain::role::Permission;

/// Adds the routes of these pages.
pub(super) fn add(routes: ConsoleRoutes) -> ConsoleRoutes {
    routes
        .get("/admin/drafts", Permission::ReadReports, list::page)
        .post("/admin/drafts/build", Permission::EditDrafts, build::build)
        .get(
            "/admin/drafts/{newsletter}/{number}",
            Permission::ReadReports,
            page::page,
        )
        .get(
            "/admin/drafts/{newsletter}/{number}/mail",
            Permission::ReadReports,
            preview::mail,
        )
        .get(
            "/admin/drafts/{newsletter}/{number}/readers",
            Permission::ReadReports,
            preview::readers,
        )
        .post(
            "/admin/drafts/{newsletter}/{number}/change",
            Permission::EditDrafts,
            change::change,
        )
        .post(
            "/admin/drafts/{newsletter}/{number}/test",
            Permission::EditDrafts,
            change::test,
        )
        .post(
            "/admin/drafts/{newsletter}/{number}/approve",
            Permission::Send,
            send::approve,
        )
        .post(
            "/admin/drafts/{newsletter}/{number}/withdraw",
            Permission::Send,
            send::withdraw,
        )
        .get("/admin/drafts/{newsletter}/{number}/send", Permission::Send, send::ask)
        .post("/admin/drafts/{newsletter}/{number}/send", Permission::Send, send::send)
        .get(
            "/admin/drafts/{newsletter}/{number}/cancel",
            Permission::Send,
            send::ask_to_cancel,
        )
        .post(
            "/admin/drafts/{newsletter}/{number}/cancel",
            Permission::Send,
            send::cancel,
        )
}
