//! The console: who may use which route, how operators sign in, and what the pages send along.

use std::fs;
use std::path::Path;

use chrono::TimeDelta;
use daywire::config::{Setting, WebOrigin};
use daywire::domain::audit::AuditAction;
use daywire::domain::role::Role;
use daywire::operators::{self, OperatorEdit};
use daywire::web::admin::{self, Access, ConsoleRoute};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};

use crate::support::operators::{Browser, PASSWORD, actor};
use crate::support::program::Program;
use crate::support::site::Answer;
use crate::support::{TestApp, dump};
use daywire::domain::seen::Seen;

const SESSION: &str = "__Host-daywire-session";

/// The routes of the console. Those that end sessions are the last.
fn routes(app: &TestApp) -> Vec<ConsoleRoute> {
    let mut routes = admin::list(&app.app);
    assert!(routes.len() >= 10, "only {} routes", routes.len());
    routes.sort_by_key(|route| (route.path == "/admin/logout", route.path));
    routes
}

/// A path with something in the place of its parameters.
fn example(route: &ConsoleRoute) -> String {
    route
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { "x" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

fn leads_to_sign_in(answer: &Answer) -> bool {
    answer.status == StatusCode::SEE_OTHER
        && answer
            .header("location")
            .is_some_and(|location| location.starts_with("/admin/login"))
}

#[apply(on_both_databases)]
async fn each_route_is_open_to_the_roles_that_have_its_permission(mut app: TestApp) {
    let site = app.serve_site().await;
    for route in routes(&app) {
        let is_open = route.access == Access::Everybody;
        let answer = Browser::of(&site)
            .send(route.method.clone(), &example(&route), Some(&[]), &[])
            .await;
        let is_refused = if route.method == Method::GET {
            leads_to_sign_in(&answer)
        } else {
            answer.body.contains("You are signed out")
        };
        assert!(is_open || is_refused, "{route:?}: {}", answer.status);
        assert!(!is_open || !answer.body.contains("You are signed out"), "{route:?}");
    }
    for role in Role::ALL {
        app.operator_with_password(role.as_str(), *role).await;
        let mut browser = Browser::signed_in(&site, role.as_str()).await;
        for route in routes(&app) {
            let allowed = match route.access {
                Access::Everybody | Access::SignedIn => true,
                Access::Needs(permission) => role.allows(permission),
            };
            let before = app.dump_without_counts().await;
            let answer = browser
                .send(route.method.clone(), &example(&route), Some(&[]), &[])
                .await;
            let is_refused = answer.status == StatusCode::FORBIDDEN && answer.body.contains("role does not permit");
            assert_eq!(
                is_refused, !allowed,
                "{role} at {route:?}: {} {}",
                answer.status, answer.body
            );
            assert!(
                !leads_to_sign_in(&answer) || route.path == "/admin/logout" || route.access == Access::Everybody,
                "{role} is signed in at {route:?}"
            );
            assert!(
                !answer.status.is_server_error(),
                "{role} at {route:?}: {}",
                answer.status
            );
            if route.method == Method::GET || !allowed {
                assert_eq!(
                    app.dump_without_counts().await,
                    before,
                    "{role} at {route:?} changed something"
                );
            }
        }
    }
}

/// A route that is added without [`ConsoleRoutes`] would have no check.
#[test]
fn no_route_of_the_console_is_added_elsewhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web");
    let mut found = Vec::new();
    for file in fs::read_dir(folder).expect("the folder can be listed") {
        let path = file.expect("an entry").path();
        if path.is_file() {
            let text = fs::read_to_string(&path).expect("a source file is UTF-8");
            found.extend(text.contains(".route(\"/admin").then_some(path));
        }
    }
    assert_eq!(found, Vec::<std::path::PathBuf>::new());
}

#[apply(on_both_databases)]
async fn forms_of_other_sites_change_nothing(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    app.restart(|config| {
        let origin = WebOrigin::read("https://partner.example").expect("it is an origin");
        config.signup.origins = vec![origin];
    })
    .await;
    let site = app.serve_site().await;
    let mut browser = Browser::signed_in(&site, "ada").await;
    let before = app.dump().await;
    for route in routes(&app).iter().filter(|route| route.method == Method::POST) {
        for origin in ["https://evil.example", "https://partner.example"] {
            let headers = [("origin", origin), ("sec-fetch-site", "cross-site")];
            let answer = browser.send(Method::POST, &example(route), Some(&[]), &headers).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{route:?} from {origin}");
        }
    }
    assert_eq!(app.dump().await, before);
    assert_eq!(browser.get("/admin").await.status, StatusCode::OK);
}

#[apply(on_both_databases)]
async fn every_page_is_private_and_cannot_be_framed(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut browser = Browser::signed_in(&site, "ada").await;
    let all = routes(&app);
    // The documentation has no secret, and browsers keep it.
    let pages = all.iter().filter(|route| !route.path.starts_with("/docs"));
    for route in pages.filter(|route| route.method == Method::GET) {
        let answer = browser.get(&example(route)).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{route:?}");
        assert_eq!(answer.header("x-robots-tag"), Some("noindex"), "{route:?}");
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        // The provider's answer has a code in its query.
        let has_secret = route.path.contains("{token}") || route.path.ends_with("/callback");
        let referrer = if has_secret { "no-referrer" } else { "same-origin" };
        assert_eq!(answer.header("referrer-policy"), Some(referrer), "{route:?}");
    }
}

/// The path of a link to create the first owner.
async fn setup_path(app: &TestApp) -> Option<String> {
    let link = operators::first_owner_link(&app.app)
        .await
        .expect("the database answers");
    link.map(|link| {
        link.strip_prefix("https://news.example")
            .expect("a link of the site")
            .to_owned()
    })
}

fn owner_fields(name: &str) -> [(&str, &str); 3] {
    [
        ("name", name),
        ("email", "ada@news.example"),
        ("new-password", PASSWORD),
    ]
}

#[apply(on_both_databases)]
async fn a_printed_link_creates_the_first_owner_once(mut app: TestApp) {
    let site = app.serve_site().await;
    let mut browser = Browser::of(&site);
    let sign_in = browser.get("/admin").await;
    assert_eq!(sign_in.header("location"), Some("/admin/login"));
    let page = browser.get("/admin/login").await.body;
    assert!(page.contains("no owner yet"), "{page}");

    let path = setup_path(&app).await.expect("there is no owner");
    let other = setup_path(&app).await.expect("there is still no owner");
    let token = path.rsplit('/').next().expect("a token").to_owned();
    let before = app.dump().await;
    let form = browser.get(&path).await;
    assert_eq!(form.status, StatusCode::OK);
    dump::assert_nothing_changed(&app, &before).await;
    for (fields, text) in [
        (
            [("name", "Ada L"), ("email", ""), ("new-password", PASSWORD)],
            "Write 1 to 64 letters",
        ),
        (
            [("name", "ada"), ("email", "nobody"), ("new-password", PASSWORD)],
            "not an email address",
        ),
        (
            [("name", "ada"), ("email", ""), ("new-password", "short")],
            "at least 12 characters",
        ),
    ] {
        let answer = browser.post(&path, &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(text), "{}", answer.body);
        assert!(!answer.body.contains(PASSWORD), "the page shows the password");
    }
    assert!(browser.cookie(SESSION).is_none());

    let created = browser.post_and_follow(&path, &owner_fields("Ada")).await;
    assert_eq!(created.status, StatusCode::OK);
    assert!(created.body.contains("Sign out ada"), "{}", created.body);
    for path in [&path, &other] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND);
        let again = browser.post(path, &owner_fields("eve")).await;
        assert_eq!(again.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(setup_path(&app).await, None, "there is an owner");
    let mut actions: Vec<_> = app.audit_log().await.iter().map(|entry| entry.action).collect();
    // Both have the same time.
    actions.sort_unstable();
    assert_eq!(actions, [AuditAction::OperatorAdded, AuditAction::OperatorSignedIn]);
    let everything = format!("{:?}", app.dump().await);
    for secret in [&token, PASSWORD, browser.cookie(SESSION).expect("a session")] {
        assert!(!everything.contains(secret), "the database has a secret");
    }
}

#[apply(on_both_databases)]
async fn of_several_links_at_the_same_time_one_creates_an_owner(mut app: TestApp) {
    let site = app.serve_site().await;
    let mut paths = Vec::new();
    for _ in 0..4 {
        paths.push(setup_path(&app).await.expect("there is no owner"));
    }
    let answers = join_all(paths.iter().enumerate().map(|(number, path)| {
        let mut browser = Browser::of(&site);
        async move {
            let name = format!("owner{number}");
            let fields = [("name", &*name), ("new-password", PASSWORD)];
            browser.post(path, &fields).await.status
        }
    }))
    .await;
    let created = answers
        .iter()
        .filter(|status| **status == StatusCode::SEE_OTHER)
        .count();
    assert_eq!(created, 1, "{answers:?}");
    assert_eq!(app.operator_names().await.len(), 1);
}

#[apply(on_both_databases)]
async fn a_link_for_the_first_owner_expires(mut app: TestApp) {
    let site = app.serve_site().await;
    let path = setup_path(&app).await.expect("there is no owner");
    app.advance(TimeDelta::hours(24));
    let mut browser = Browser::of(&site);
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
    let answer = browser.post(&path, &owner_fields("ada")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("each start prints a new one"), "{}", answer.body);
}

#[apply(on_both_databases)]
async fn serve_prints_a_link_as_long_as_there_is_no_owner(app: TestApp) {
    let program = Program::of(&app);
    let serving = program.serve();
    let site = serving.site().await;
    let link = serving.line_of_output("/admin/setup/").await;
    let path = link
        .split("https://news.example")
        .nth(1)
        .expect("a link")
        .trim()
        .to_owned();
    let mut browser = Browser::of(&site);
    let created = browser.post_and_follow(&path, &owner_fields("ada")).await;
    assert!(created.body.contains("Sign out ada"), "{}", created.body);
    let token = path.rsplit('/').next().expect("a token");
    assert!(!serving.log().join("\n").contains(token), "the log has the token");
    serving.terminate();
}

#[apply(on_both_databases)]
async fn a_session_cookie_is_for_this_host_over_https_only(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut browser = Browser::of(&site);
    let answer = browser.sign_in("Ada", PASSWORD).await;
    let fields = answer.headers.get_all("set-cookie").iter();
    let cookies: Vec<_> = fields.map(|field| field.to_str().expect("ASCII")).collect();
    let session = cookies
        .iter()
        .find(|cookie| cookie.starts_with(SESSION))
        .expect("a session");
    for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
        assert!(session.contains(part), "{session}");
    }
    assert!(!session.contains("Domain"), "{session}");

    for (url, expected) in [
        ("http://127.0.0.1:8080", StatusCode::SEE_OTHER),
        ("http://news.example", StatusCode::FORBIDDEN),
    ] {
        app.restart(|config| config.site.url = url.parse().expect("an address"))
            .await;
        let site = app.serve_site().await;
        let answer = Browser::of(&site).sign_in("ada", PASSWORD).await;
        assert_eq!(answer.status, expected, "{url}");
        let session = answer.header("set-cookie");
        assert_eq!(session.is_some(), expected == StatusCode::SEE_OTHER);
        assert!(session.is_none_or(|cookie| cookie.starts_with("daywire-session=") && !cookie.contains("Secure")));
    }
}

#[apply(on_both_databases)]
async fn a_sign_in_leads_back_to_the_page(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut browser = Browser::of(&site);
    let redirect = browser.get("/admin/account?x=1").await;
    let location = redirect.header("location").expect("a redirect").to_owned();
    assert!(
        browser
            .get(&location)
            .await
            .body
            .contains("value=\"/admin/account?x=1\"")
    );
    let fields = [("name", "ada"), ("password", PASSWORD), ("next", "/admin/account?x=1")];
    let answer = browser.post("/admin/login", &fields).await;
    assert_eq!(answer.header("location"), Some("/admin/account?x=1"));
    let out = browser.post("/admin/logout", &[]).await;
    assert_eq!(out.header("location"), Some("/admin/login"));
    assert!(leads_to_sign_in(&browser.get("/admin").await));
}

#[apply(on_both_databases)]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    app.operator("cms", Role::Publisher).await;
    let site = app.serve_site().await;
    let mut answers = Vec::new();
    for name in ["ada", "eve", "cms", "eve@news.example"] {
        let answer = Browser::of(&site).sign_in(name, "not-the-password").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        answers.push(answer.comparable().replace(name, "NAME"));
    }
    answers.dedup();
    // The length of the page differs by that of the name.
    let lengths = answers.len();
    assert!(
        lengths <= 4
            && answers
                .iter()
                .all(|answer| answer.contains("The name or the password is wrong."))
    );
}

#[apply(on_both_databases)]
async fn guesses_are_limited_by_account_over_restarts_and_nodes(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    app.restart(|config| config.http.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")])
        .await;
    let site = app.serve_site().await;
    let mut known = Browser::signed_in(&site, "ada").await;
    let mut status = StatusCode::UNAUTHORIZED;
    let mut guesses = 0;
    for network in 0..20 {
        if network == 5 {
            app.restart(|_| {}).await;
        }
        let site = app.serve_site().await;
        let mut browser = Browser::of(&site);
        browser.address = Some(format!("203.0.{network}.9"));
        let answer = browser.sign_in("ada", "not-the-password").await;
        status = answer.status;
        if status == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.header("retry-after").is_some());
            // Even the right password does not help a stranger.
            assert_eq!(browser.sign_in("ada", PASSWORD).await.status, status);
            break;
        }
        guesses += 1;
    }
    assert_eq!((guesses, status), (10, StatusCode::TOO_MANY_REQUESTS));
    // The browser in which Ada has signed in before is not locked out.
    let site = app.serve_site().await;
    let device = known
        .cookie("__Host-daywire-device")
        .expect("the browser is known")
        .to_owned();
    known = Browser::of(&site);
    known.set_cookie("__Host-daywire-device", &device);
    known.address = Some("203.0.1.9".to_owned());
    assert_eq!(known.sign_in("ada", PASSWORD).await.status, StatusCode::SEE_OTHER);
    app.advance(TimeDelta::minutes(6));
    let mut stranger = Browser::of(&site);
    stranger.address = Some("203.0.99.9".to_owned());
    assert_eq!(stranger.sign_in("ada", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[apply(on_both_databases)]
async fn a_network_cannot_try_many_accounts(mut app: TestApp) {
    let site = app.serve_site().await;
    let mut statuses = Vec::new();
    for number in 0..61 {
        let answer = Browser::of(&site)
            .sign_in(&format!("name{number}"), "not-the-password")
            .await;
        statuses.push(answer.status);
    }
    assert_eq!(statuses.pop(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert!(statuses.iter().all(|status| *status == StatusCode::UNAUTHORIZED));
}

#[apply(on_both_databases)]
async fn a_session_ends_when_it_is_idle_or_old(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut browser = Browser::signed_in(&site, "ada").await;
    let first = browser.cookie(SESSION).expect("a session").to_owned();
    // Used every eleven hours, it lasts for two weeks.
    for hours in (0..14 * 24 - 11).step_by(11) {
        assert_eq!(
            browser.get("/admin").await.status,
            StatusCode::OK,
            "after {hours} hours"
        );
        app.advance(TimeDelta::hours(11));
    }
    let mut old = Browser::of(&site);
    old.set_cookie(SESSION, &first);
    assert!(
        leads_to_sign_in(&old.get("/admin").await),
        "the cookie says that it was not used"
    );
    app.advance(TimeDelta::hours(11));
    assert!(leads_to_sign_in(&browser.get("/admin").await), "two weeks are over");

    let mut browser = Browser::signed_in(&site, "ada").await;
    app.advance(TimeDelta::hours(12));
    assert!(leads_to_sign_in(&browser.get("/admin").await), "it was idle");
}

#[apply(on_both_databases)]
async fn sessions_are_listed_and_ended(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    app.operator_with_password("eve", Role::Editor).await;
    let site = app.serve_site().await;
    let mut here = Browser::signed_in(&site, "ada").await;
    app.advance(TimeDelta::minutes(1));
    let mut elsewhere = Browser::signed_in(&site, "ada").await;
    app.advance(TimeDelta::minutes(1));
    let mut third = Browser::signed_in(&site, "ada").await;
    let mut eve = Browser::signed_in(&site, "eve").await;
    let page = third.get("/admin/account").await.body;
    let session = page
        .split_once("name=\"session\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .expect("another session is listed")
        .0;
    // Of another operator nobody ends a session.
    assert_eq!(
        eve.post("/admin/account/sessions/end", &[("session", session)])
            .await
            .status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(elsewhere.get("/admin").await.status, StatusCode::OK);
    let ended = third
        .post_and_follow("/admin/account/sessions/end", &[("session", session)])
        .await;
    assert!(ended.body.contains("The session was ended."), "{}", ended.body);
    assert!(
        leads_to_sign_in(&elsewhere.get("/admin").await),
        "the list begins with the newest"
    );
    assert_eq!(here.get("/admin").await.status, StatusCode::OK);
    third.post("/admin/account/sessions/end-others", &[]).await;
    assert!(leads_to_sign_in(&here.get("/admin").await));
    assert_eq!(third.get("/admin").await.status, StatusCode::OK);
    assert_eq!(eve.get("/admin").await.status, StatusCode::OK);
}

#[apply(on_both_databases)]
async fn a_new_password_ends_the_other_sessions(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut here = Browser::signed_in(&site, "ada").await;
    let mut elsewhere = Browser::signed_in(&site, "ada").await;
    let new = "quiet-orchard-window";
    let path = "/admin/account/password";
    let wrong = here
        .post(path, &[("current-password", "no"), ("new-password", new)])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("The current password is wrong."), "{}", wrong.body);
    let changed = here
        .post_and_follow(path, &[("current-password", PASSWORD), ("new-password", new)])
        .await;
    assert!(changed.body.contains("The password was changed."), "{}", changed.body);
    assert!(leads_to_sign_in(&elsewhere.get("/admin").await));
    assert_eq!(
        Browser::of(&site).sign_in("ada", PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        Browser::of(&site).sign_in("ada", new).await.status,
        StatusCode::SEE_OTHER
    );
}

#[apply(on_both_databases)]
async fn a_form_sent_after_the_session_ended_is_kept(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let mut browser = Browser::of(&site);
    let answer = browser
        .post(
            "/admin/account/sessions/end",
            &[("session", "<1>"), ("note", "typed \"words\"")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    for part in [
        "action=\"/admin/account/sessions/end\"",
        "name=\"session\" value=\"&#60;1&#62;\"",
        "typed &#34;words&#34;",
    ] {
        assert!(answer.body.contains(part), "{}", answer.body);
    }
    let secret = browser
        .post("/admin/account/password", &[("current-password", PASSWORD)])
        .await;
    assert!(!secret.body.contains(PASSWORD), "a password is never shown");
}

#[apply(on_both_databases)]
async fn the_last_owner_stays_also_under_concurrent_requests(app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    app.operator_with_password("ben", Role::Owner).await;
    // An owner who cannot sign in does not count.
    app.operator("cms", Role::Owner).await;
    let actor = actor();
    let results = join_all((0..6).map(|number| {
        let (app, actor) = (&app.app, &actor);
        async move {
            let name = if number % 2 == 0 { "ada" } else { "ben" };
            if number < 3 {
                operators::edit(app, actor, name, OperatorEdit::role(Role::Editor), &Seen::Any)
                    .await
                    .is_ok()
            } else {
                operators::remove(app, actor, name, &Seen::Any).await.is_ok()
            }
        }
    }))
    .await;
    assert!(results.iter().any(|done| *done), "one of the two may go");
    let mut tx = app.app.store.read().await.expect("the database answers");
    let owners: Vec<_> = tx
        .operators()
        .await
        .expect("the operators are listed")
        .into_iter()
        .filter(|operator| operator.role == Role::Owner && operator.name != "cms")
        .collect();
    assert_eq!(owners.len(), 1, "{owners:?}");
    let refused = operators::remove(&app.app, &actor, &owners[0].name, &Seen::Any).await;
    let message = refused.expect_err("the last owner stays").to_string();
    assert!(message.contains("is the last owner who can sign in"), "{message}");
}

#[apply(on_both_databases)]
async fn a_removed_operator_is_signed_out_and_the_tokens_are_revoked(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    app.operator_with_password("eve", Role::Editor).await;
    let token = app.token("eve").await;
    let site = app.serve_site().await;
    let mut eve = Browser::signed_in(&site, "eve").await;
    operators::remove(&app.app, &actor(), "eve", &Seen::Any)
        .await
        .expect("an editor can be removed");
    assert!(leads_to_sign_in(&eve.get("/admin").await));
    assert_eq!(eve.sign_in("eve", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    let request = site.request(Method::GET, "/api/v1/articles").bearer_auth(token);
    assert_eq!(site.send(request).await.status, StatusCode::UNAUTHORIZED);
}

#[apply(on_both_databases)]
async fn a_rush_of_sign_ins_is_answered(mut app: TestApp) {
    app.operator_with_password("ada", Role::Owner).await;
    let site = app.serve_site().await;
    let answers = join_all((0..24).map(|number| {
        let mut browser = Browser::of(&site);
        async move {
            let name = if number % 12 == 0 {
                "ada".to_owned()
            } else {
                format!("name{number}")
            };
            browser.sign_in(&name, PASSWORD).await.status
        }
    }))
    .await;
    let signed_in = answers
        .iter()
        .filter(|status| **status == StatusCode::SEE_OTHER)
        .count();
    assert_eq!(signed_in, 2, "{answers:?}");
}
