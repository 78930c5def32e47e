//! The pages about readers: the list with its search, the page that explains one address, and what an operator does there.
//!
//! An address is in no URL: the search is a posted form, and the page of a reader has the reader's id. So no address is in a log, in the
//! history of a browser, or in the `Referer` of another site.

mod actions;
mod choices;
mod erase;
mod list;
mod page;
mod path;
mod subscribe;
mod subscribe_form;

pub(super) use actions::lift_notice;

use super::routes::ConsoleRoutes;
use crate::domain::role::Permission;

/// Adds the routes of these pages.
pub(super) fn add(routes: ConsoleRoutes) -> ConsoleRoutes {
    routes
        .get("/admin/readers", Permission::ReadReaders, list::page)
        .post("/admin/readers", Permission::ReadReaders, list::search)
        .post(
            "/admin/readers/subscribe",
            Permission::ManageReaders,
            subscribe::subscribe,
        )
        .get("/admin/readers/{reader}", Permission::ReadReaders, page::page)
        .post(
            "/admin/readers/{reader}/subscribe",
            Permission::ManageReaders,
            actions::subscribe,
        )
        .post(
            "/admin/readers/{reader}/unsubscribe",
            Permission::ManageReaders,
            actions::unsubscribe,
        )
        .post(
            "/admin/readers/{reader}/preferences",
            Permission::ManageReaders,
            actions::save_preferences,
        )
        .post(
            "/admin/readers/{reader}/suppress",
            Permission::ManageReaders,
            actions::suppress,
        )
        .post("/admin/readers/{reader}/lift", Permission::ManageReaders, actions::lift)
        .post(
            "/admin/readers/{reader}/export",
            Permission::ReadReaders,
            actions::export,
        )
        .get("/admin/readers/{reader}/erase", Permission::ManageReaders, erase::ask)
        .post("/admin/readers/{reader}/erase", Permission::ManageReaders, erase::erase)
}
