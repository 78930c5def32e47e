//! The console's pages about settings, relays and statistics.

use daywire::domain::role::Role;
use daywire::domain::states::IssueState;
use daywire::worker::Role as WorkerRole;
use reqwest::StatusCode;

use crate::support::operators::Browser;
use crate::support::{TestApp, eventually};

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

async fn signed_in(app: &mut TestApp, name: &str, role: Role) -> Browser {
    app.operator_with_password(name, role).await;
    let site = app.serve_site().await;
    Browser::signed_in(&site, name).await
}

#[apply(on_both_databases)]
async fn settings_in_force_are_listed_searched_and_show_no_secret(mut app: TestApp) {
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
    let mut ben = signed_in(&mut app, "ben", Role::Publisher).await;
    let page = ben.get("/admin/settings").await.body;
    for text in [
        "Daily Wire",
        "environment variable DAYWIRE_SITE__NAME",
        "[delivery]",
        "set, not shown here",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("hunter2") && !page.contains(KEY), "{page}");
    let found = ben.get("/admin/settings?search=WORDING+of+pages").await.body;
    assert!(found.contains(">voice<") && !found.contains("[delivery]"), "{found}");
    let changed = ben.get("/admin/settings?changed=1").await.body;
    assert!(
        changed.contains("Daily Wire") && !changed.contains(">voice<"),
        "{changed}"
    );
    let none = ben.get("/admin/settings?search=%3Cscript%3E").await.body;
    assert!(
        none.contains("No setting matches.") && !none.contains("<script>\""),
        "{none}"
    );
    let mut eve = signed_in(&mut app, "eve", Role::Editor).await;
    assert_eq!(eve.get("/admin/settings").await.status, StatusCode::FORBIDDEN);
}

#[apply(on_both_databases)]
async fn statistics_are_charts_with_tables_of_the_same_numbers(mut app: TestApp) {
    let daily = app.daily().await;
    let weekly = app.apply("slug = \"weekly\"\nname = \"Weekly\"").await;
    app.readers(&daily, 5).await;
    app.readers_at(&weekly, "other.example", 2).await;
    app.leave("reader4@reader.example").await;
    app.articles(&daily, 2).await;
    let issue = app.send(&daily).await;
    app.serve_roles(&[WorkerRole::Sender]).await;
    app.until(issue, IssueState::Sent).await;
    let mut nora = signed_in(&mut app, "nora", Role::Analyst).await;
    let page = nora.get("/admin/statistics").await.body;
    assert_eq!(page.matches("<svg ").count(), 4, "{page}");
    assert_eq!(page.matches("role=\"img\"").count(), 4);
    assert_eq!(page.matches("<title id=").count(), 4);
    assert_eq!(page.matches("<desc id=").count(), 4);
    let today = app.now().format("%Y-%m-%d").to_string();
    let row = |page: &str, chart: usize| {
        let table = page
            .split("<tbody>")
            .nth(chart)
            .expect("the chart has a table")
            .to_owned();
        let row = table.split("<tr>").nth(1).expect("a row for today").to_owned();
        assert!(row.contains(&today), "{row}");
        let cells = row.split("<td class=\"numeric\">").skip(1);
        cells
            .map(|cell| cell.split('<').next().expect("a number").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        row(&page, 1),
        ["6"],
        "four of the daily and two of the weekly are in force"
    );
    assert_eq!(row(&page, 2), ["0", "0", "1"], "one left");
    assert_eq!(row(&page, 3), ["4"], "the issue had four recipients");
    let only = nora.get("/admin/statistics?newsletter=weekly&days=7").await.body;
    assert_eq!(row(&only, 1), ["2"]);
    assert_eq!(row(&only, 3), ["0"]);
    for query in ["?days=99999999", "?days=-1&newsletter=%27%22%3E", "?newsletter=%00"] {
        let answer = nora.get(&format!("/admin/statistics{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        assert!(!answer.body.contains("'\">"), "{}", answer.body);
    }
    assert!(!page.contains("@reader.example"), "an analyst sees no address");
}

#[apply(on_both_databases)]
async fn relays_show_their_limits_and_how_fast_a_process_sends(mut app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1).await;
    app.articles(&daily, 2).await;
    app.operator_with_password("ben", Role::Publisher).await;
    app.serve_roles(&[WorkerRole::Web, WorkerRole::Sender]).await;
    let site = app.site().clone();
    let mut ben = Browser::signed_in(&site, "ben").await;
    let issue = app.send(&daily).await;
    app.until(issue, IssueState::Sent).await;
    eventually("the process has reported how fast it sends", || async {
        let page = ben.clone().get("/admin/relays").await.body;
        page.contains("Process ") && page.contains("No recipient domain is limited now.")
    })
    .await;
    let page = ben.get("/admin/relays").await.body;
    assert!(page.contains("smtp://127.0.0.1:"), "{page}");
    let mut nora = signed_in(&mut app, "nora", Role::Analyst).await;
    assert_eq!(nora.get("/admin/relays").await.status, StatusCode::FORBIDDEN);
}
