//! The console for operators, under `/admin`. Pages are rendered on the server, and every action is a form that is answered with a
//! redirect, so the console works without scripts.
//!
//! # Adding a page
//!
//! 1. Write `NAME.rs` here: a struct with `console: Console` and what the page shows, a template `templates/admin/NAME.html` that extends
//!    `admin/base.html`, and handlers. A page takes [`Console`](console::Console). An action takes
//!    [`SignedIn`](crate::operators::SignedIn), calls a function of a feature module with `signed_in.actor()`, which records the change in
//!    the audit log, and answers with [`done`](console::done).
//! 2. Add the routes below, each with its [`Permission`]. The check of the permission, of the session and of the form's origin is then made
//!    before the handler runs.
//! 3. Add the page to `Console::navigation`, and its texts to `locales/LANG/console.ftl` and `src/words/console_messages.rs`.
//! 4. Test it in `tests/console.rs`. The test of all routes by role finds the new routes by itself.

mod account;
mod articles;
mod audit;
mod authenticator;
mod chart;
mod code;
mod comments;
mod console;
mod drafts;
mod feeds;
mod field_texts;
mod forms;
mod issue_path;
mod issues;
mod newsletters;
mod operators;
mod passkeys;
mod password;
mod provider;
mod rate_line;
mod reader_names;
mod readers;
mod refusals;
mod relays;
mod returned_mail;
mod returned_names;
mod routes;
mod session;
mod settings;
mod setup;
mod sign_in;
mod state_names;
mod statistics;
mod suppressions;
mod times;
mod today;
mod tokens;
mod webhooks;

use std::sync::Arc;

use axum::Router;

use routes::ConsoleRoutes;
pub use routes::{Access, ConsoleRoute};

use super::docs;
use super::state::Web;
use crate::app::App;
use crate::domain::role::Permission;

fn all(web: &Arc<Web>) -> ConsoleRoutes {
    let routes = documentation(web, ConsoleRoutes::new(web));
    let routes = readers::add(issues::add(drafts::add(routes)));
    let routes = newsletters::add(feeds::add(articles::add(routes)));
    webhooks::add(returned_mail::add(suppressions::add(comments::add(routes))))
        .get("/admin/login", Access::Everybody, sign_in::form)
        .post("/admin/login", Access::Everybody, sign_in::submit)
        .get("/admin/login/code", Access::Everybody, code::form)
        .post("/admin/login/code", Access::Everybody, code::submit)
        .post("/admin/login/passkey", Access::Everybody, passkeys::sign_in)
        .post(
            "/admin/login/passkey/challenge",
            Access::Everybody,
            passkeys::ask_to_sign_in,
        )
        .post("/admin/login/provider", Access::Everybody, provider::start)
        .get("/admin/login/provider/callback", Access::Everybody, provider::callback)
        .get("/admin/forgot", Access::Everybody, password::forgot)
        .post("/admin/forgot", Access::Everybody, password::request_link)
        .get("/admin/password/{token}", Access::Everybody, password::form)
        .post("/admin/password/{token}", Access::Everybody, password::choose)
        .post("/admin/logout", Access::SignedIn, sign_in::sign_out)
        .get("/admin/setup/{token}", Access::Everybody, setup::form)
        .post("/admin/setup/{token}", Access::Everybody, setup::submit)
        .get("/admin", Permission::ReadReports, today::page)
        .get("/admin/account", Access::SignedIn, account::page)
        .post("/admin/account/password", Access::SignedIn, account::change_password)
        .post("/admin/account/sessions/end", Access::SignedIn, account::end_session)
        .post(
            "/admin/account/sessions/end-others",
            Access::SignedIn,
            account::end_other_sessions,
        )
        .post("/admin/account/passkeys", Access::SignedIn, passkeys::add)
        .post(
            "/admin/account/passkeys/challenge",
            Access::SignedIn,
            passkeys::ask_for_new,
        )
        .post("/admin/account/passkeys/remove", Access::SignedIn, passkeys::remove)
        .get("/admin/account/authenticator", Access::SignedIn, authenticator::page)
        .post("/admin/account/authenticator", Access::SignedIn, authenticator::enable)
        .post(
            "/admin/account/authenticator/codes",
            Access::SignedIn,
            authenticator::new_codes,
        )
        .post(
            "/admin/account/authenticator/remove",
            Access::SignedIn,
            authenticator::disable,
        )
        .get("/admin/tokens", Permission::ReadReports, tokens::page)
        .post("/admin/tokens", Permission::ReadReports, tokens::create)
        .post("/admin/tokens/revoke", Permission::ReadReports, tokens::revoke)
        .get("/admin/operators", Permission::ManageOperators, operators::page)
        .post("/admin/operators", Permission::ManageOperators, operators::add)
        .post(
            "/admin/operators/role",
            Permission::ManageOperators,
            operators::change_role,
        )
        .post(
            "/admin/operators/email",
            Permission::ManageOperators,
            operators::change_email,
        )
        .post(
            "/admin/operators/invite",
            Permission::ManageOperators,
            operators::invite_again,
        )
        .get(
            "/admin/operators/{name}/remove",
            Permission::ManageOperators,
            operators::ask_to_remove,
        )
        .post(
            "/admin/operators/remove",
            Permission::ManageOperators,
            operators::remove,
        )
        .get("/admin/statistics", Permission::ReadReports, statistics::page)
        .get("/admin/relays", Permission::ReadSettings, relays::page)
        .get("/admin/settings", Permission::ReadSettings, settings::page)
        .get("/admin/audit", Permission::ReadAudit, audit::page)
}

/// Adds the documentation for operators, unless everybody may read it.
fn documentation(web: &Web, routes: ConsoleRoutes) -> ConsoleRoutes {
    if web.app.config.site.public_docs {
        routes
    } else {
        routes
            .get("/docs", Access::SignedIn, docs::index)
            .get("/docs/{section}/{page}", Access::SignedIn, docs::page)
            .get("/docs/pictures/{name}", Access::SignedIn, docs::picture)
    }
}

/// The router of the console.
pub(super) fn routes(web: &Arc<Web>) -> Router<Arc<Web>> {
    all(web).router()
}

/// Every route of the console, with who may use it.
pub fn list(app: &Arc<App>) -> Vec<ConsoleRoute> {
    all(&Web::new(app)).list()
}
