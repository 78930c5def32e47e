//! Webhooks: the programs that get events, adding, changing and removing them, and the log of what was sent.

mod actions;
mod form;
mod list;
mod lookup;
mod page;

use super::routes::ConsoleRoutes;
use crate::domain::role::Permission;
use lookup::PATH;

/// Adds the routes of these pages.
pub(super) fn add(routes: ConsoleRoutes) -> ConsoleRoutes {
    let needed = Permission::ManageWebhooks;
    routes
        .get(PATH, needed, list::page)
        .post(PATH, needed, list::add)
        .get("/admin/webhooks/{webhook}", needed, page::page)
        .post("/admin/webhooks/{webhook}/change", needed, actions::change)
        .post("/admin/webhooks/{webhook}/enable", needed, actions::enable)
        .post("/admin/webhooks/{webhook}/disable", needed, actions::disable)
        .post("/admin/webhooks/{webhook}/rotate", needed, actions::rotate)
        .post("/admin/webhooks/{webhook}/test", needed, actions::test)
        .post("/admin/webhooks/{webhook}/replay", needed, actions::replay)
        .post("/admin/webhooks/{webhook}/remove", needed, actions::remove)
}
