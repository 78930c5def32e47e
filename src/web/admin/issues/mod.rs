//! The pages about issues that are no drafts any more: the list, the delivery report of each, and what an operator does with it.

mod actions;
mod events;
mod list;
mod progress;
mod proof;
mod report;

pub(super) use list::IssueLine;

use super::routes::ConsoleRoutes;
use crate::domain::role::Permission;

/// Adds the routes of these pages.
pub(super) fn add(routes: ConsoleRoutes) -> ConsoleRoutes {
    routes
        .get("/admin/issues", Permission::ReadReports, list::page)
        .get(
            "/admin/issues/{newsletter}/{number}",
            Permission::ReadReports,
            report::page,
        )
        .get(
            "/admin/issues/{newsletter}/{number}/events",
            Permission::ReadReports,
            events::events,
        )
        .get(
            "/admin/issues/{newsletter}/{number}/proof",
            Permission::ReadReports,
            proof::page,
        )
        .get(
            "/admin/issues/{newsletter}/{number}/ask/{action}",
            Permission::Send,
            actions::ask,
        )
        .post(
            "/admin/issues/{newsletter}/{number}/do/{action}",
            Permission::Send,
            actions::act,
        )
}
