//! Imports of exports from other systems: only subscribers who were active there become confirmed, and only with provenance.

use std::io::Cursor;

use daywire::domain::address::EmailAddress;
use daywire::domain::states::SubscriptionState;
use daywire::import::{ImportError, Options, Report, import};
use daywire::store::newsletters::Newsletter;

use crate::support::program::Program;
use crate::support::{TestApp, corpora};

#[apply(on_both_databases)]
async fn columns_are_found_by_name(app: TestApp) {
    let daily = app.daily().await;
    let csv = "\u{feff}Notes,Last Name,E-mail Address,First Name\nx,Lovelace,ada@reader.example,Ada\n";
    assert_eq!(tally(&import_confirmed(&app, &daily, csv).await), (1, 0, 0, 0));
    assert_eq!(name(&app, "ada@reader.example").await.as_deref(), Some("Ada Lovelace"));
    let refused = import(&app.app, &daily, Cursor::new("who,what\na,b\n"), &with_provenance()).await;
    assert!(
        refused
            .expect_err("the file has no column of addresses")
            .to_string()
            .contains("it names \"who\", \"what\"")
    );
}

#[apply(on_both_databases)]
async fn nobody_is_confirmed_without_provenance(app: TestApp) {
    let daily = app.daily().await;
    let csv = Cursor::new("email\nada@reader.example\n");
    for provenance in [None, Some(String::new()), Some("  ".to_owned())] {
        let options = Options {
            provenance,
            ..with_provenance()
        };
        assert!(matches!(
            import(&app.app, &daily, csv.clone(), &options).await,
            Err(ImportError::NoProvenance)
        ));
    }
    assert_eq!(states(&app, &daily).await, []);
    let options = Options::default();
    assert_eq!(
        import(&app.app, &daily, csv, &options)
            .await
            .expect("the import succeeds")
            .added,
        1
    );
    assert_eq!(
        states(&app, &daily).await,
        [state("ada@reader.example", SubscriptionState::Pending)]
    );
}

#[apply(on_both_databases)]
async fn the_consent_record_has_the_provenance(app: TestApp) {
    let daily = app.daily().await;
    import_confirmed(&app, &daily, "email\nada@reader.example\n").await;
    let consent = app.consent("ada@reader.example").await;
    assert_eq!(consent.len(), 1);
    assert_eq!(
        (consent[0].event.as_str(), consent[0].source.to_string().as_str()),
        ("imported", "import: paper forms of 2025")
    );
}

#[apply(on_both_databases)]
async fn refused_rows_are_reported_with_their_lines(app: TestApp) {
    let daily = app.daily().await;
    let mut csv =
        b"email,name\nada@reader.example,Ada\nnobody,Nobody\n\"bob@reader.example\",\"two\nlines\"\n".to_vec();
    csv.extend(
        b"@reader.example,x\nlatin@reader.example,Andr\xe9\ncy@reader.example,Cy\ndee@reader.example,Dee, too\n",
    );
    let report = import(&app.app, &daily, Cursor::new(csv), &with_provenance())
        .await
        .expect("the import succeeds");
    assert_eq!(report.added, 3);
    let lines: Vec<_> = report.refused.iter().map(|refused| refused.line).collect();
    assert_eq!(lines, [3, 6, 7, 9]);
    assert_eq!(report.refused[3].address.as_deref(), Some("dee@reader.example"));
    assert!(report.refused.iter().all(|refused| !refused.reason.is_empty()));
}

#[apply(on_both_databases)]
async fn the_same_file_again_changes_nothing(app: TestApp) {
    let daily = app.daily().await;
    let csv = "email,status\nada@reader.example,active\nbob@reader.example,unsubscribed\ncy@reader.example,pending\n";
    assert_eq!(tally(&import_confirmed(&app, &daily, csv).await), (3, 0, 0, 0));
    let before = states(&app, &daily).await;
    assert_eq!(tally(&import_confirmed(&app, &daily, csv).await), (0, 0, 3, 0));
    assert_eq!(states(&app, &daily).await, before);
}

#[apply(on_both_databases)]
async fn a_terminal_shows_only_the_first_refused_rows(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let rows = (0..1000).map(|n| format!("nobody{n}")).collect::<Vec<_>>().join("\n");
    let file = program.file("readers.csv", format!("email\nada@reader.example\n{rows}"));
    let ran = program.run(&["subscriber", "import", &file, "--newsletter", "daily"]);
    assert_eq!(ran.err.matches("\"nobody").count(), 100, "{}", ran.err);
    assert!(
        ran.err.contains("first 100 of 1000 refused rows") && ran.err.contains("`daywire --json subscriber import"),
        "{}",
        ran.err
    );
    assert!(
        ran.out.contains("1 added") && ran.out.contains("1000 refused"),
        "{}",
        ran.out
    );
    let all = program
        .run(&[
            "--json",
            "subscriber",
            "import",
            &file,
            "--newsletter",
            "daily",
            "--dry-run",
        ])
        .json();
    assert_eq!(all["refused"].as_array().map(Vec::len), Some(1000));
}

#[apply(on_both_databases)]
async fn an_import_says_who_is_pending_and_which_columns_it_did_not_use(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let csv = "email,signup_date,OPTIN_TIME\nada@reader.example,2024-05-01,2024-05-01\nbob@reader.example,,\n";
    let file = program.file("readers.csv", csv);
    let import = ["subscriber", "import", file.as_str(), "--newsletter", "daily"];
    let planned = program.run(&[&import[..], &["--dry-run"]].concat());
    assert!(planned.out.contains("2 people would be pending"), "{}", planned.out);
    let ran = program.run(&import);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(
        ran.out
            .contains("2 people are pending, and mailed nothing until they sign up and confirm"),
        "{}",
        ran.out
    );
    assert!(
        ran.err.contains("columns not used: \"signup_date\", \"OPTIN_TIME\""),
        "{}",
        ran.err
    );
    // With a confirmation there is a consent record, which has the time of the opt-in.
    let agreed = ["--status", "confirmed", "--provenance", "double opt-in since 2019"];
    let confirmed = program.run(&[&import[..], &agreed[..]].concat());
    assert_eq!(confirmed.status, Some(0), "{}", confirmed.err);
    assert!(
        confirmed.out.contains("2 updated") && !confirmed.out.contains("pending"),
        "{}",
        confirmed.out
    );
    assert!(
        confirmed.err.contains("columns not used: \"signup_date\"\n"),
        "{}",
        confirmed.err
    );
}

#[apply(on_both_databases)]
async fn an_import_does_not_bring_back_an_unsubscribed_reader(app: TestApp) {
    let daily = app.daily().await;
    let csv = "email\nada@reader.example\n";
    import_confirmed(&app, &daily, csv).await;
    app.leave("ada@reader.example").await;
    assert_eq!(tally(&import_confirmed(&app, &daily, csv).await), (0, 0, 1, 0));
    assert_eq!(
        states(&app, &daily).await,
        [state("ada@reader.example", SubscriptionState::Unsubscribed)]
    );
}

#[apply(on_both_databases)]
async fn a_reader_who_unsubscribed_elsewhere_is_unsubscribed(app: TestApp) {
    let daily = app.daily().await;
    import_confirmed(&app, &daily, "email\nada@reader.example\n").await;
    let report = import_confirmed(&app, &daily, "email,status\nada@reader.example,Unsubscribed\n").await;
    assert_eq!(tally(&report), (0, 1, 0, 0));
    assert_eq!(
        states(&app, &daily).await,
        [state("ada@reader.example", SubscriptionState::Unsubscribed)]
    );
}

#[apply(on_both_databases)]
async fn only_an_active_status_confirms(app: TestApp) {
    use SubscriptionState::{Confirmed, Pending, Unsubscribed};
    let statuses = [
        ("", Confirmed),
        ("Subscribed", Confirmed),
        ("active", Confirmed),
        ("CONFIRMED", Confirmed),
        ("enabled", Confirmed),
        ("unconfirmed", Pending),
        ("pending", Pending),
        ("Not activated", Pending),
        ("Unactivated", Pending),
        ("4", Pending),
        ("unsubscribed", Unsubscribed),
        ("Non-Subscribed", Unsubscribed),
        ("cleaned", Unsubscribed),
        ("hard_bounce", Unsubscribed),
        ("Bounced", Unsubscribed),
        ("complained", Unsubscribed),
        ("abuse", Unsubscribed),
        ("blocklisted", Unsubscribed),
        ("inactive", Unsubscribed),
        ("opted-out", Unsubscribed),
        ("deleted", Unsubscribed),
        ("0", Unsubscribed),
        ("false", Unsubscribed),
    ];
    let daily = app.daily().await;
    let row = |(n, (status, _)): (usize, &(&str, SubscriptionState))| format!("r{n:02}@x.example,{status}");
    let rows: Vec<_> = statuses.iter().enumerate().map(row).collect();
    import_confirmed(&app, &daily, &format!("email,status\n{}", rows.join("\n"))).await;
    for (n, (status, expected)) in statuses.into_iter().enumerate() {
        let address = format!("r{n:02}@x.example");
        let found = states(&app, &daily).await.into_iter().find(|line| line.0 == address);
        assert_eq!(found, Some((address, expected)), "{status:?}");
    }
}

#[apply(on_both_databases)]
async fn exports_of_other_systems_result_in_the_right_states(app: TestApp) {
    for (n, (name, csv, expected)) in EXPORTS.iter().enumerate() {
        let list = app.apply(&format!("slug = \"list{n}\"\nname = \"List\"")).await;
        // A bounce in one export must not suppress an address of the next one.
        let csv = csv.replace("@x.example", &format!("@x{n}.example"));
        let report = import(&app.app, &list, Cursor::new(csv), &with_provenance()).await;
        let report = report.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(report.refused.len(), 0, "{name}: {:?}", report.refused);
        let states = states(&app, &list).await;
        let found: Vec<_> = states
            .iter()
            .map(|(address, state)| {
                let local = address.split('@').next().expect("the address has a local part");
                format!("{local} {state}")
            })
            .collect();
        assert_eq!(found.join(", "), *expected, "{name}");
    }
}

#[apply(on_both_databases)]
async fn an_unknown_column_stops_an_import_that_confirms(app: TestApp) {
    let daily = app.daily().await;
    let cases = [
        (
            "email,Legal basis\nada@reader.example,\nbob@reader.example,Legitimate interest\n",
            "Legal basis",
            "line 3",
        ),
        (
            "email,Segment\nada@reader.example,News\nbob@reader.example,unsubscribed\n",
            "Segment",
            "line 3",
        ),
        (
            "email,Notes\nada@reader.example,\nbob@reader.example,Unsubscribed on 2024-01-05\n",
            "Notes",
            "line 3",
        ),
        (
            "email,Tags\nada@reader.example,\nbob@reader.example,\"customer, unsubscribed\"\n",
            "Tags",
            "line 3",
        ),
        (
            "uuid,email,name,attributes,status,created_at,updated_at\nu,ada@reader.example,,,enabled,,\n",
            "status",
            "enabled",
        ),
    ];
    for (csv, column, detail) in cases {
        let error = import(&app.app, &daily, Cursor::new(csv), &with_provenance())
            .await
            .expect_err("the import stops")
            .to_string();
        assert!(
            error.contains(column) && error.contains(detail) && error.contains("--ignore-column"),
            "{error}"
        );
        assert_eq!(states(&app, &daily).await, [], "a stopped import writes nothing");
    }
    let with_meaning = Options {
        rules: vec!["status:enabled=confirmed".parse().expect("the option is valid")],
        ..with_provenance()
    };
    import(&app.app, &daily, Cursor::new(cases[4].0), &with_meaning)
        .await
        .expect("the import succeeds");
    assert_eq!(
        states(&app, &daily).await,
        [state("ada@reader.example", SubscriptionState::Confirmed)]
    );
    let ignored = Options {
        ignored_columns: vec!["legal basis".into()],
        ..with_provenance()
    };
    let report = import(&app.app, &daily, Cursor::new(cases[0].0), &ignored)
        .await
        .expect("the import succeeds");
    assert_eq!(tally(&report), (1, 0, 1, 0));
    let pending = Options::default();
    assert!(
        import(&app.app, &daily, Cursor::new(cases[0].0), &pending)
            .await
            .is_ok(),
        "an import as pending confirms nobody"
    );
}

#[apply(on_both_databases)]
async fn an_earlier_unconfirmed_row_keeps_an_address_pending(app: TestApp) {
    let daily = app.daily().await;
    let csv = "email,status\nada@reader.example,unconfirmed\nada@reader.example,subscribed\n";
    assert_eq!(tally(&import_confirmed(&app, &daily, csv).await), (1, 0, 1, 0));
    assert_eq!(
        states(&app, &daily).await,
        [state("ada@reader.example", SubscriptionState::Pending)]
    );
}

#[apply(on_both_databases)]
async fn two_columns_with_the_same_name_stop_an_import(app: TestApp) {
    let daily = app.daily().await;
    for csv in [
        "email,status,Status\na@x.example,active,unsubscribed\n",
        "email,Email\na@x.example,b@x.example\n",
    ] {
        let error = import(&app.app, &daily, Cursor::new(csv), &with_provenance())
            .await
            .expect_err("the import stops")
            .to_string();
        assert!(error.contains("columns") && error.contains('2'), "{error}");
    }
    let twice = "email,tag,tag\na@x.example,1,2\n";
    assert!(
        import(&app.app, &daily, Cursor::new(twice), &with_provenance())
            .await
            .is_ok(),
        "tags do not decide the state"
    );
}

#[apply(on_both_databases)]
async fn bounced_and_complained_rows_become_suppressions(app: TestApp) {
    let daily = app.daily().await;
    let csv =
        "email,status\nada@reader.example,cleaned\nbob@reader.example,complained\ncy@reader.example,unsubscribed\n";
    assert_eq!(import_confirmed(&app, &daily, csv).await.suppressed, 2);
    let bounced = "hard_bounce: readers.csv, line 2: status: cleaned";
    assert_eq!(suppression(&app, "ada@reader.example").await.as_deref(), Some(bounced));
    let complained = "complaint: readers.csv, line 3: status: complained";
    assert_eq!(
        suppression(&app, "bob@reader.example").await.as_deref(),
        Some(complained)
    );
    assert_eq!(suppression(&app, "cy@reader.example").await, None);
    assert_eq!(import_confirmed(&app, &daily, csv).await.suppressed, 0);
    let other = app.apply("slug = \"other\"\nname = \"Other\"").await;
    let report = import_confirmed(&app, &other, "email\nada@reader.example\n").await;
    assert_eq!(
        states(&app, &other).await,
        [state("ada@reader.example", SubscriptionState::Pending)]
    );
    let reasons: Vec<_> = report.reasons.iter().collect();
    assert_eq!(
        reasons,
        [(
            "added as pending: the address is on the suppression list",
            "2".to_owned()
        )]
    );
}

#[apply(on_both_databases)]
async fn a_dry_run_reports_the_same_and_writes_nothing(app: TestApp) {
    let daily = app.daily().await;
    let csv = "email,status\nada@reader.example,active\nbad,active\nADA@reader.example,unsubscribed\nbob@reader.example,VIP\n";
    let dry = Options {
        dry_run: true,
        ..with_provenance()
    };
    let planned = import(&app.app, &daily, Cursor::new(csv), &dry)
        .await
        .expect("the file is read");
    assert_eq!(states(&app, &daily).await, []);
    let done = import_confirmed(&app, &daily, csv).await;
    assert_eq!(tally(&planned), tally(&done));
    assert_eq!(tally(&done), (2, 1, 0, 1));
    assert_eq!((planned.lines, planned.rows), (5, 4));
    assert_eq!(planned.reasons.to_string(), done.reasons.to_string());
    assert!(
        done.reasons
            .to_string()
            .contains("added as pending: \"status: VIP\" is not understood (line 5)")
    );
}

#[apply(on_both_databases)]
async fn confirmation_times_of_an_export_are_kept_as_evidence(app: TestApp) {
    let daily = app.daily().await;
    let csv = "Email Address,CONFIRM_TIME,CONFIRM_IP\nada@reader.example,2020-03-23 17:30:05,192.0.2.7\n";
    import_confirmed(&app, &daily, csv).await;
    let consent = app.consent("ada@reader.example").await;
    let expected = "import: paper forms of 2025; CONFIRM_TIME: 2020-03-23 17:30:05, CONFIRM_IP: 192.0.2.7";
    assert_eq!(consent[0].source.to_string(), expected);
}

#[apply(on_both_databases)]
async fn addresses_with_a_display_name_or_a_scheme_are_accepted(app: TestApp) {
    let daily = app.daily().await;
    let csv = "email\nAda Lovelace <ada@reader.example>\nmailto:bob@reader.example\n";
    assert_eq!(tally(&import_confirmed(&app, &daily, csv).await), (2, 0, 0, 0));
    assert_eq!(name(&app, "ada@reader.example").await.as_deref(), Some("Ada Lovelace"));
}

#[apply(with_corpora)]
async fn real_exports_of_other_systems_are_imported(app: TestApp) {
    use SubscriptionState::{Confirmed, Unsubscribed};
    let folder = corpora("import-csv");
    // File; added and refused rows; confirmed subscribers; unsubscribed ones.
    let files = [
        ("ghost-core/members-mapped-subscribed.csv", Some((2, 0)), 1, 1),
        ("ghost-core/members-formula-like-values.csv", Some((2, 0)), 2, 0),
        (
            "ghost-migrate/mg-curated-members-csv/subscribers.csv",
            Some((18, 2)),
            18,
            0,
        ),
        ("ghost-migrate/mg-mailchimp-members/cleaned.csv", Some((5, 0)), 0, 5),
        (
            "ghost-migrate/mg-substack-members-csv/fixtures_signup_emails.csv",
            Some((21, 0)),
            19,
            2,
        ),
        ("ghost-migrate/mg-substack-members-csv/invalid.csv", Some((3, 0)), 3, 0),
        ("ghost-migrate/mg-tinynews-members/subs-v1.csv", Some((3, 0)), 1, 1),
        ("ghost-migrate/mg-tinynews-members/subs-v2.csv", Some((2, 0)), 1, 1),
    ];
    for (n, (name, expected, active, left)) in files.into_iter().enumerate() {
        let list = app.apply(&format!("slug = \"list{n}\"\nname = \"List\"")).await;
        let file = std::fs::File::open(folder.join(name)).expect("the file is readable");
        let report = import(&app.app, &list, file, &with_provenance()).await;
        let counts = report.as_ref().ok().map(|report| (report.added, report.refused.len()));
        assert_eq!(counts, expected, "{name}: {report:?}");
        let states = states(&app, &list).await;
        let count = |state| states.iter().filter(|line| line.1 == state).count();
        assert_eq!(
            (count(Confirmed), count(Unsubscribed)),
            (active, left),
            "{name}: {states:?}"
        );
    }
}

/// Name of the system, an export with some rows, and the expected states.
const EXPORTS: &[(&str, &str, &str)] = &[
    (
        "Mailchimp, unsubscribed",
        "Email Address,First Name,Last Name,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,\
         UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS\n\
         a@x.example,A,,2020-01-01 00:00:00,,2020-01-01 00:00:00,,2021-01-01 00:00:00,,,NORMAL,,1,e,,\"\"\"Editors\"\"\"\n",
        "a unsubscribed",
    ),
    (
        "Substack, paid",
        "email,expiry,email_disabled,prefer_digests,stripe_connected_customer_id,type\n\
         a@x.example,,false,false,,comp\nb@x.example,,true,false,,comp\n",
        "a confirmed, b unsubscribed",
    ),
    (
        "Ghost",
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers,gift_id\r\n\
         1,a@x.example,A,,true,false,,2020-01-01,,,,\r\n2,b@x.example,B,,false,false,,2020-01-01,,,,\r\n\
         3,c@x.example,C,,true,false,,2020-01-01,2021-01-01,,,\r\n",
        "a confirmed, b unsubscribed, c unsubscribed",
    ),
    (
        "beehiiv",
        "email,First Name,Last Name,status,tier,created_at,stripe_customer_id,unsubscribed_at,Subscription Date (Substack)\n\
         a@x.example , A,, active ,free,2020-01-01,,,\nb@x.example,B,,inactive,free,2020-01-01,,2021-01-01,\n",
        "a confirmed, b unsubscribed",
    ),
    (
        "Buttondown",
        "email_address,type,creation_date,notes,metadata,tags,referrer_url,secondary_id,source\n\
         a@x.example,regular,2020-01-01,,,,,1,api\nb@x.example,unactivated,2020-01-01,,,,,2,api\nc@x.example,removed,,,,,,3,\n",
        "a confirmed, b pending, c unsubscribed",
    ),
    (
        "Keila",
        "Email;First name;Last name;Data;Status;External ID\na@x.example;A;;{};active;\nb@x.example;B;;{};unreachable;\n",
        "a confirmed, b unsubscribed",
    ),
    (
        "Kit",
        "first_name,email_address,state,created_at,tags\nA,a@x.example,active,2020-01-01,\nB,b@x.example,cancelled,2020-01-01,\n",
        "a confirmed, b unsubscribed",
    ),
    (
        "Brevo",
        "EMAIL;FIRSTNAME;LASTNAME;SMS\na@x.example;A;;\n",
        "a confirmed",
    ),
    (
        "Squarespace",
        "Email Address,Date Subscribed\na@x.example,2020-01-01\n",
        "a confirmed",
    ),
    ("Excel", "sep=\t\r\nE-post\tNamn\r\na@x.example\tA\r\n", "a confirmed"),
    (
        "negated and inverted names",
        "email,not_confirmed,opt_out,Receives e-mail\na@x.example,0,0,yes\nb@x.example,1,0,yes\nc@x.example,0,1,yes\n",
        "a confirmed, b pending, c unsubscribed",
    ),
    (
        "US states",
        "email,state\na@x.example,California\nb@x.example,Oregon\n",
        "a confirmed, b confirmed",
    ),
];

/// Options of an import that confirms subscribers.
fn with_provenance() -> Options {
    Options {
        confirmed: true,
        provenance: Some("paper forms of 2025".into()),
        file: "readers.csv".into(),
        ..Options::default()
    }
}

/// Imports subscribers as confirmed.
async fn import_confirmed(app: &TestApp, newsletter: &Newsletter, csv: &str) -> Report {
    import(&app.app, newsletter, Cursor::new(csv), &with_provenance())
        .await
        .expect("the import succeeds")
}

/// The counts of added, updated, skipped and refused rows.
fn tally(report: &Report) -> (usize, usize, usize, usize) {
    (report.added, report.updated, report.skipped, report.refused.len())
}

fn state(address: &str, state: SubscriptionState) -> (String, SubscriptionState) {
    (address.to_owned(), state)
}

/// The addresses of a newsletter with their states, sorted.
async fn states(app: &TestApp, newsletter: &Newsletter) -> Vec<(String, SubscriptionState)> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let all = tx
        .subscriptions_after(Some(newsletter.id), None, 1000)
        .await
        .expect("the subscriptions are listed");
    let mut states: Vec<_> = all
        .into_iter()
        .map(|line| (line.address.as_typed().to_owned(), line.state))
        .collect();
    states.sort();
    states
}

async fn name(app: &TestApp, address: &str) -> Option<String> {
    let address = EmailAddress::parse(address).expect("the address is valid");
    let mut tx = app.app.store.read().await.expect("the database answers");
    let subscriber = tx.subscriber_by_address(&address).await;
    subscriber
        .expect("the query succeeds")
        .expect("the subscriber exists")
        .name
}

/// The reason for which an address is suppressed.
async fn suppression(app: &TestApp, address: &str) -> Option<String> {
    let address = EmailAddress::parse(address).expect("the address is valid");
    let hash = app.app.keys.address_hash(address.key());
    let mut tx = app.app.store.read().await.expect("the database answers");
    let suppression = tx.suppression(&hash).await.expect("the query succeeds");
    suppression.map(|suppression| suppression.to_string())
}
