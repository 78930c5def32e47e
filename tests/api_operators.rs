//! Operators, their tokens, the audit log, settings and relays by the API.

use daywire::domain::audit::{AuditAction, Way};
use daywire::domain::role::{Role, Scope, Scopes};
use daywire::operators::{self, OperatorEdit};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::api::{Api, document, fields};
use daywire::domain::seen::Seen;

const OPERATORS: &str = "/api/v1/operators";
const TOKENS: &str = "/api/v1/tokens";
const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// A client with the token of the only owner, who has a password.
async fn owner(app: &mut TestApp) -> Api {
    let site = app.serve_site().await;
    app.operator_with_password("ada", Role::Owner).await;
    let token = app.token("ada").await;
    Api { site, token }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().expect("a list");
    items.iter().map(|item| text(&item["name"])).collect()
}

#[apply(on_both_databases)]
async fn an_owner_invites_changes_and_removes_operators(mut app: TestApp) {
    let api = owner(&mut app).await;
    let invite = json!({ "name": "Ben", "role": "editor", "email": "ben@news.example" });
    let added = api
        .json(Method::POST, OPERATORS, &[("idempotency-key", "ben")], &invite, 201)
        .await;
    let repeated = api
        .json(Method::POST, OPERATORS, &[("idempotency-key", "ben")], &invite, 201)
        .await;
    assert_eq!(repeated.body, added.body);
    api.ask(Method::POST, OPERATORS, &invite, 409).await;
    api.ask(
        Method::POST,
        OPERATORS,
        &json!({ "name": "cms", "role": "publisher" }),
        201,
    )
    .await;
    let path = added.header("location").expect("an operator has a path").to_owned();
    let tag = added.header("etag").expect("an operator has a tag").to_owned();
    let ben = document(&added);
    assert_eq!(
        (&ben["name"], &ben["role"], &ben["email"], &ben["has_password"]),
        (
            &json!("ben"),
            &json!("editor"),
            &json!("ben@news.example"),
            &json!(false)
        )
    );
    assert_eq!(api.get(&path).await, ben);
    let first = api.get(&format!("{OPERATORS}?limit=2")).await;
    assert_eq!(
        (names(&first), &first["next"]),
        (vec!["ada".into(), "ben".into()], &json!("ben"))
    );
    let rest = api.get(&format!("{OPERATORS}?limit=2&after=ben")).await;
    assert_eq!((names(&rest), &rest["next"]), (vec!["cms".into()], &Value::Null));
    let invited = api.send(Method::POST, &format!("{path}/invite"), &[], "").await;
    assert_eq!(invited.status, 204, "{}", invited.body);

    let role = json!({ "role": "publisher" });
    let changed = api.json(Method::PATCH, &path, &[("if-match", &tag)], &role, 200).await;
    assert_eq!(document(&changed)["role"], "publisher");
    api.json(Method::PATCH, &path, &[("if-match", &tag)], &role, 412).await;
    api.json(Method::DELETE, &path, &[("if-match", &tag)], &Value::Null, 412)
        .await;
    let removed = api.send(Method::DELETE, &path, &[("if-match", "*")], "").await;
    assert_eq!(removed.status, 204, "{}", removed.body);
    api.json(Method::GET, &path, &[], &Value::Null, 404).await;
    api.json(Method::DELETE, &path, &[("if-match", "*")], &Value::Null, 404)
        .await;

    let list = api.get(OPERATORS).await;
    let ada = format!("{OPERATORS}/{}", text(&list["items"][0]["id"]));
    let refused = api.ask(Method::PATCH, &ada, &json!({ "role": "editor" }), 409).await;
    assert!(text(&refused["detail"]).contains("last owner"), "{refused}");
    api.ask(Method::DELETE, &ada, &Value::Null, 409).await;
    let has_password = api.send(Method::POST, &format!("{ada}/invite"), &[], "").await;
    assert_eq!(has_password.status, 409);
    for (body, wrong) in [
        (json!({}), vec!["name", "role"]),
        (json!({ "name": "eve", "role": "king" }), vec!["role"]),
        (json!({ "name": "no blanks", "role": "editor" }), vec!["name"]),
        (
            json!({ "name": "eve", "role": "editor", "email": "eve" }),
            vec!["email"],
        ),
        (
            json!({ "name": "no blanks", "role": "king", "email": "eve" }),
            vec!["email", "name", "role"],
        ),
    ] {
        let problem = api.ask(Method::POST, OPERATORS, &body, 422).await;
        let mut found = fields(&problem);
        found.sort_unstable();
        assert_eq!(found, wrong, "{body}: {problem}");
    }
}

#[apply(on_both_databases)]
async fn only_an_owners_token_with_the_scope_admin_manages_operators(mut app: TestApp) {
    let api = owner(&mut app).await;
    app.publisher("cms").await;
    for (name, scopes) in [
        ("ada", Scopes::usual()),
        ("cms", Scopes::all()),
        ("ada", [Scope::Write].into_iter().collect()),
    ] {
        let token = app.token_with(name, scopes).await;
        let other = Api {
            site: api.site.clone(),
            token,
        };
        for path in [OPERATORS, TOKENS, "/api/v1/audit-log"] {
            let answer = other.send(Method::GET, path, &[], "").await;
            assert_eq!(answer.status, 403, "{name} {path}: {}", answer.body);
        }
    }
}

#[apply(on_both_databases)]
async fn an_owner_changes_the_role_and_the_address_of_an_operator(mut app: TestApp) {
    let api = owner(&mut app).await;
    let eve = json!({ "name": "eve", "role": "editor" });
    let added = api.json(Method::POST, OPERATORS, &[], &eve, 201).await;
    let path = added.header("location").expect("an operator has a path").to_owned();
    for (change, role, email) in [
        (
            json!({ "role": "analyst", "email": "eve@desk.example" }),
            "analyst",
            json!("eve@desk.example"),
        ),
        (json!({ "role": "editor" }), "editor", json!("eve@desk.example")),
        (json!({ "email": null }), "editor", Value::Null),
        (json!({}), "editor", Value::Null),
    ] {
        api.ask(Method::PATCH, &path, &change, 200).await;
        let shown = api.get(&path).await;
        assert_eq!((&shown["role"], &shown["email"]), (&json!(role), &email), "{change}");
    }
    for (change, wrong) in [
        (json!({ "email": "eve" }), "email"),
        (json!({ "email": "" }), "email"),
        (json!({ "role": "king" }), "role"),
    ] {
        let problem = api.ask(Method::PATCH, &path, &change, 422).await;
        assert_eq!(fields(&problem), [wrong], "{problem}");
    }
}

#[apply(on_both_databases)]
async fn an_owner_lists_and_revokes_the_tokens_of_all(mut app: TestApp) {
    let api = owner(&mut app).await;
    // The list is in the order of time.
    app.advance(chrono::TimeDelta::seconds(1));
    app.publisher("cms").await;
    let stolen = Api {
        site: api.site.clone(),
        token: app.token("cms").await,
    };
    let first = api.get(&format!("{TOKENS}?limit=1")).await;
    assert_eq!(first["items"][0]["operator"], "ada");
    let rest = api
        .get(&format!("{TOKENS}?limit=1&after={}", text(&first["next"])))
        .await;
    let token = &rest["items"][0];
    assert_eq!((&token["operator"], &rest["next"]), (&json!("cms"), &Value::Null));
    assert!(stolen.token.starts_with(&text(&token["prefix"])), "{token}");
    assert!(!rest.to_string().contains(&stolen.token), "{rest}");
    assert_eq!(stolen.send(Method::GET, "/api/v1/token", &[], "").await.status, 200);
    let revoke = format!("{TOKENS}/{}/revoke", text(&token["id"]));
    assert_eq!(api.send(Method::POST, &revoke, &[], "").await.status, 204);
    assert_eq!(stolen.send(Method::GET, "/api/v1/token", &[], "").await.status, 401);
    assert_eq!(api.send(Method::POST, &revoke, &[], "").await.status, 404);
    let revoked = app.audit_log().await.into_iter();
    let mut revoked = revoked.filter(|entry| entry.action == AuditAction::TokenRevoked);
    assert!(revoked.any(|entry| (entry.way, &*entry.actor) == (Way::Api, "ada")));
}

#[apply(on_both_databases)]
async fn the_audit_log_is_read_in_pages_and_filtered(mut app: TestApp) {
    let api = owner(&mut app).await;
    let actor = crate::support::operators::actor();
    for name in ["ben", "cid"] {
        app.advance(chrono::TimeDelta::minutes(1));
        app.operator(name, Role::Editor).await;
        let role = operators::edit(&app.app, &actor, name, OperatorEdit::role(Role::Analyst), &Seen::Any).await;
        role.expect("the role is changed");
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/audit-log?limit=2".to_owned();
    loop {
        let page = api.get(&path).await;
        for entry in page["items"].as_array().expect("a list") {
            seen.push(text(&entry["id"]));
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/audit-log?limit=2&after={next}");
    }
    let mut all: Vec<_> = app.audit_log().await.iter().map(|entry| entry.id.to_string()).collect();
    assert!(all.len() >= 7, "{all:?}");
    all.sort_unstable();
    seen.sort_unstable();
    assert_eq!(seen, all);
    let changed = api
        .get("/api/v1/audit-log?action=operator.role_changed&object=cid")
        .await;
    let entry = &changed["items"][0];
    assert_eq!(
        (&entry["before"], &entry["after"], &entry["way"], &entry["actor"]),
        (
            &json!({ "role": "editor" }),
            &json!({ "role": "analyst" }),
            &json!("command"),
            &json!("test")
        )
    );
    assert_eq!(changed["items"].as_array().map(Vec::len), Some(1), "{changed}");
    let late = app.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let recent = api
        .get(&format!("/api/v1/audit-log?since={late}&action=operator"))
        .await;
    assert_eq!(recent["items"].as_array().map(Vec::len), Some(2), "{recent}");
    let before = api.get(&format!("/api/v1/audit-log?until={late}&object=cid")).await;
    assert_eq!(before["items"], json!([]));
    let wrong = api
        .ask(
            Method::GET,
            "/api/v1/audit-log?since=yesterday&limit=0",
            &Value::Null,
            422,
        )
        .await;
    let mut wrong = fields(&wrong);
    wrong.sort_unstable();
    assert_eq!(wrong, ["limit", "since"]);
}

#[apply(on_both_databases)]
async fn settings_and_relays_are_shown_without_secrets(mut app: TestApp) {
    app.restart(|config| {
        let variables = [
            ("DAYWIRE_SITE__NAME", "Daily Wire"),
            ("DAYWIRE_SECRETS__KEY", KEY),
            ("DAYWIRE_RELAY__URL", "smtp://user:hunter2@127.0.0.1:2525"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let loaded = daywire::config::load(None, variables, [] as [&str; 0]).expect("the settings are valid");
        config.in_force = loaded.in_force;
    })
    .await;
    app.serve().await;
    app.publisher("cms").await;
    let api = Api {
        site: app.site().clone(),
        token: app.token("cms").await,
    };
    let relays = api.get("/api/v1/relays").await;
    assert_eq!(
        (
            &relays["captures_mail"],
            &relays["relays"][0]["connections"],
            &relays["relays"][0]["cap_today"]
        ),
        (&json!(false), &json!(4), &Value::Null)
    );
    let settings = api.get("/api/v1/settings?changed=true").await;
    let settings = settings["items"].as_array().expect("a list");
    let found = |path: &str| settings.iter().find(|setting| setting["path"] == path);
    let name = found("site.name").expect("the name is set");
    assert_eq!(
        (&name["value"], &name["origin"], &name["place"]),
        (
            &json!("\"Daily Wire\""),
            &json!("environment"),
            &json!("DAYWIRE_SITE__NAME")
        )
    );
    assert_eq!(found("secrets.key").expect("the key is set")["value"], Value::Null);
    assert!(!format!("{settings:?}").contains("hunter2"));
    let search = api.get("/api/v1/settings?search=WORDING+of+pages").await;
    assert_eq!(search["items"][0]["path"], "site.voice", "{search}");
    let editor = app.operator("eve", Role::Editor).await;
    let eve = Api {
        site: api.site.clone(),
        token: app.token(&editor.name).await,
    };
    for path in ["/api/v1/settings", "/api/v1/relays"] {
        assert_eq!(eve.send(Method::GET, path, &[], "").await.status, 403, "{path}");
    }
}
