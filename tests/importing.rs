//! Imports of exports from other systems: only subscribers who were active there become confirmed, and only with provenance.

use std::io::Cursor;

use daywire::domain::address::EmailAddress;
use daywire::domain::states::SubscriptionState;
use daywire::import::{ImportError, Options, Report, import};
use daywire::store::newsletters::Newsletter;

use crate::support::program::{CONFIRMED, Program};
use crate::support::{TestApp, corpora, eventually};

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
        b"@reader.example,x\nlatin@reader.example,Andr\xe9\ncy@reader.example,C\xc3\xbd\ndee@reader.example,Dee, too\n",
    );
    let report = import(&app.app, &daily, Cursor::new(csv), &with_provenance())
        .await
        .expect("the import succeeds");
    assert_eq!(report.added, 3);
    let lines: Vec<_> = report.refused.first().iter().map(|refused| refused.line).collect();
    assert_eq!(lines, [3, 6, 7, 9]);
    assert_eq!(report.refused.first()[3].address.as_deref(), Some("dee@reader.example"));
    assert!(report.refused.first().iter().all(|refused| !refused.reason.is_empty()));
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
        assert_eq!(report.refused.count(), 0, "{name}: {:?}", report.refused.first());
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
async fn only_a_time_or_a_yes_in_a_column_of_confirmations_confirms(app: TestApp) {
    use SubscriptionState::{Confirmed, Pending, Unsubscribed};
    let cells = [
        ("2020-03-23 17:30:05", Confirmed),
        ("03/12/2026", Confirmed),
        ("1577836800", Confirmed),
        ("yes", Confirmed),
        ("sí", Confirmed),
        ("confirmed", Confirmed),
        ("", Pending),
        ("no", Pending),
        ("not confirmed", Pending),
        ("not yet", Pending),
        ("unconfirmed", Pending),
        ("pending", Pending),
        ("waiting", Pending),
        ("expired", Pending),
        ("2", Pending),
        ("1970-01-01 00:00:00", Pending),
        ("1970-01-01 01:00:00", Pending),
        ("0001-01-01T00:00:00", Pending),
        ("0000-00-00 00:00:00", Pending),
        ("bounced", Unsubscribed),
    ];
    let daily = app.daily().await;
    let row = |(n, (cell, _)): (usize, &(&str, SubscriptionState))| format!("r{n:02}@x.example,{cell}");
    let rows: Vec<_> = cells.iter().enumerate().map(row).collect();
    import_confirmed(&app, &daily, &format!("email,confirmed_at\n{}", rows.join("\n"))).await;
    let found = states(&app, &daily).await;
    for (n, (cell, expected)) in cells.into_iter().enumerate() {
        assert_eq!(found[n], (format!("r{n:02}@x.example"), expected), "{cell:?}");
    }
}

#[apply(on_both_databases)]
async fn a_column_of_sign_ups_that_says_who_left_stops_an_import_that_confirms(app: TestApp) {
    let daily = app.daily().await;
    for column in ["Subscribed at", "optin_time", "Opt-in date", "TIMEZONE"] {
        for value in ["unsubscribed", "not confirmed", "pending"] {
            let csv = format!("email,{column}\nada@reader.example,2020-01-01\nbob@reader.example,{value}\n");
            let error = stopped(&app, &daily, &csv, with_provenance()).await;
            assert!(error.contains(column) && error.contains("line 3"), "{error}");
        }
    }
    assert_eq!(states(&app, &daily).await, []);
}

#[apply(on_both_databases)]
async fn a_column_that_only_answers_an_unknown_question_stops_an_import_that_confirms(app: TestApp) {
    use SubscriptionState::{Confirmed, Pending, Unsubscribed};
    let daily = app.daily().await;
    for (first, second) in [
        ("si", "no"),
        ("2024-05-01", ""),
        ("1", "0"),
        ("4", "12"),
        ("1970-01-01 00:00:00", "01/02/2024"),
    ] {
        let csv =
            format!("email,Zbogom\nada@reader.example,{first}\nbob@reader.example,{second}\ncy@reader.example,\n");
        let error = stopped(&app, &daily, &csv, with_provenance()).await;
        for words in [
            format!("\"{first}\" (line 2)"),
            format!("--value \"Zbogom:{first}=confirmed\""),
            "--ignore-column \"Zbogom\"".to_owned(),
        ] {
            assert!(error.contains(&words), "{error}");
        }
    }
    assert_eq!(states(&app, &daily).await, []);
    for (n, (rules, expected)) in [
        (&["Zbogom:si=unsubscribed"][..], [Unsubscribed, Pending, Confirmed]),
        (
            &["Zbogom:si=unsubscribed", "zbogom:no=confirmed"],
            [Unsubscribed, Confirmed, Pending],
        ),
        (&["Zbogom:si=confirmed"], [Confirmed, Pending, Pending]),
        (&[], [Confirmed, Confirmed, Confirmed]),
    ]
    .into_iter()
    .enumerate()
    {
        let list = app.apply(&format!("slug = \"list{n}\"\nname = \"List\"")).await;
        let csv = format!("email,Zbogom\nada@x{n}.example,si\nbob@x{n}.example,no\ncy@x{n}.example,\n");
        let options = Options {
            rules: rules
                .iter()
                .map(|rule| rule.parse().expect("the option is valid"))
                .collect(),
            ignored_columns: if rules.is_empty() {
                vec!["Zbogom".into()]
            } else {
                vec![]
            },
            ..with_provenance()
        };
        let imported = import(&app.app, &list, Cursor::new(csv), &options).await;
        imported.expect("the import succeeds");
        let found: Vec<_> = states(&app, &list).await.into_iter().map(|line| line.1).collect();
        assert_eq!(found, expected, "{rules:?}");
    }
}

#[apply(on_both_databases)]
async fn columns_with_text_or_quantities_need_no_explanation(app: TestApp) {
    let daily = app.daily().await;
    let csv = "email,Zbogom,Kundennummer,Created at,Unsubscribe link\n\
               ada@reader.example,si,10023,2020-01-01,https://old.example/u/1\n\
               bob@reader.example,in Oslo,10024,2020-01-01,https://old.example/u/2\n";
    assert_eq!(tally(&import_confirmed(&app, &daily, csv).await), (2, 0, 0, 0));
    let rows: Vec<_> = (0..20).map(|n| format!("r{n}@reader.example,{n}\n")).collect();
    let rows = rows.concat();
    assert_eq!(
        tally(&import_confirmed(&app, &daily, &format!("email,Punkte\n{rows}")).await),
        (20, 0, 0, 0)
    );
    let found = states(&app, &daily).await;
    assert!(
        found.iter().all(|line| line.1 == SubscriptionState::Confirmed),
        "{found:?}"
    );
}

#[apply(on_both_databases)]
async fn who_left_is_read_in_ten_languages(app: TestApp) {
    let daily = app.daily().await;
    let cells = [
        ("Baja", "si"),
        ("Fecha de baja", "2024-05-01"),
        ("Supprimé", "oui"),
        ("Disdetta", "si"),
        ("Rezygnacja", "tak"),
        ("Entfernt", "ja"),
        ("是否取消订阅", "是"),
        ("取消订阅时间", "2024-05-01"),
        ("配信停止", "はい"),
        ("退会日", "2024-05-01"),
        ("تم إلغاء الاشتراك", "نعم"),
        ("수신거부", "Y"),
        ("Afgemeld", "ja"),
        ("Descadastrado", "sim"),
        ("Declined", "yes"),
        ("Do not market", "1"),
        ("On hold", "true"),
        ("Bad email", "yes"),
        ("Returned mail", "yes"),
        ("Expired", "yes"),
    ];
    for (n, (column, cell)) in cells.into_iter().enumerate() {
        let address = format!("r{n:02}@reader.example");
        import_confirmed(&app, &daily, &format!("email,{column}\n{address},{cell}\n")).await;
        let expected = state(&address, SubscriptionState::Unsubscribed);
        assert_eq!(states(&app, &daily).await.last(), Some(&expected), "{column}");
    }
    for (column, cell) in [
        ("Unsubscribed (billing)", "yes"),
        ("Mobile unsubscribed", "2024-05-01"),
        ("Opt-Out Key", "yes"),
    ] {
        let csv = format!("email,{column}\nzoe@reader.example,{cell}\n");
        let error = stopped(&app, &daily, &csv, with_provenance()).await;
        assert!(error.contains(column), "{error}");
    }
}

#[apply(on_both_databases)]
async fn a_row_anywhere_that_does_not_call_an_address_confirmed_decides(app: TestApp) {
    use SubscriptionState::{Pending, Unsubscribed};
    let daily = app.daily().await;
    for (n, (column, other, expected)) in [
        ("status", "unconfirmed", Pending),
        ("status", "VIP", Pending),
        ("status", "unsubscribed", Unsubscribed),
        ("type", "unconfirmed", Pending),
    ]
    .into_iter()
    .enumerate()
    {
        for (order, rows) in [["subscribed", other], [other, "subscribed"]].into_iter().enumerate() {
            let address = format!("r{n}{order}@reader.example");
            let csv = format!("email,{column}\n{address},{}\n{address},{}\n", rows[0], rows[1]);
            let report = import_confirmed(&app, &daily, &csv).await;
            assert_eq!(report.added, 1, "{csv}");
            assert_eq!(
                states(&app, &daily).await.last(),
                Some(&state(&address, expected)),
                "{csv}"
            );
            let events = app.consent(&address).await;
            assert!(events.iter().all(|entry| entry.event.as_str() != "imported"), "{csv}");
        }
    }
    let asking = Options {
        ask: true,
        ..Options::default()
    };
    let csv = "email,status\nzoe@reader.example,subscribed\nzoe@reader.example,unsubscribed\n";
    let report = import(&app.app, &daily, Cursor::new(csv), &asking).await;
    let asks = report.expect("the import succeeds").asks.expect("it asks");
    assert_eq!(asks.new, 0, "a person who left is not asked to confirm");
}

#[apply(on_both_databases)]
async fn the_order_of_the_files_in_an_archive_decides_nothing(app: TestApp) {
    let daily = app.daily().await;
    let program = Program::of(&app);
    let row = |status: &str, name: &str| format!("email,status\n{name}@reader.example,{status}\n");
    let files = [
        ("a.csv", row("confirmed", "ada") + "bob@reader.example,confirmed\n"),
        ("b.csv", row("unconfirmed", "ada")),
    ];
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let file = program.file("export.zip", zip(&files));
    program.ok(&[&["subscriber", "import", file.as_str()][..], &CONFIRMED].concat());
    assert_eq!(
        states(&app, &daily).await,
        [
            state("ada@reader.example", SubscriptionState::Pending),
            state("bob@reader.example", SubscriptionState::Confirmed)
        ]
    );
    // The second file stops the import, so nothing of the first one is written.
    let unclear = [
        ("a.csv", "email\ncy@reader.example\n"),
        ("b.csv", "email,Zbogom\ndee@reader.example,si\n"),
    ];
    let file = program.file("unclear.zip", zip(&unclear));
    let ran = program.run(&[&["subscriber", "import", file.as_str()][..], &CONFIRMED].concat());
    assert!(
        ran.status == Some(1) && ran.err.contains("\"b.csv\": the column \"Zbogom\""),
        "{}",
        ran.err
    );
    assert_eq!(app.count_rows("subscribers").await, 2);
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
async fn the_network_address_of_the_confirmation_is_on_record(app: TestApp) {
    let daily = app.daily().await;
    let csv = "email,OPTIN_IP,CONFIRM_IP\nada@reader.example,192.0.2.1,192.0.2.7\nbob@reader.example,192.0.2.1,\ncy@reader.example,unknown,\n";
    import_confirmed(&app, &daily, csv).await;
    let network_address = async |address: &str| app.consent(address).await[0].network_address.clone();
    assert_eq!(
        network_address("ada@reader.example").await.as_deref(),
        Some("192.0.2.7")
    );
    assert_eq!(
        network_address("bob@reader.example").await.as_deref(),
        Some("192.0.2.1")
    );
    assert_eq!(network_address("cy@reader.example").await, None);
}

#[apply(on_both_databases)]
async fn tags_become_topics_only_on_request_and_only_offered_ones(app: TestApp) {
    let daily = app
        .apply("slug = \"daily\"\nname = \"Daily\"\ntopics = [\"Science\", \"Sport\"]")
        .await;
    let topics = async |address: &str| {
        let address = EmailAddress::parse(address).expect("the address is valid");
        let mut tx = app.app.store.read().await.expect("the database answers");
        let subscriber = tx
            .subscriber_by_address(&app.app.keys, &address)
            .await
            .expect("the query succeeds");
        let subscriber = subscriber.expect("the subscriber exists");
        let subscriptions = tx.subscriptions_of(subscriber.id).await.expect("the query succeeds");
        let preferences = tx.preferences(subscriptions[0].id).await.expect("the query succeeds");
        (
            preferences.topics.to_vec(),
            subscriber.timezone.map(|zone| zone.to_string()),
        )
    };
    let csv = "email,TAGS,TIMEZONE\nada@reader.example,\"\"\"Science\"\",\"\"VIP\"\"\",Europe/Berlin\nbob@reader.example,VIP,Nowhere\n";
    import_confirmed(&app, &daily, &csv.replace("reader", "first")).await;
    assert_eq!(
        topics("ada@first.example").await,
        (vec![], Some("Europe/Berlin".to_owned()))
    );
    let with_topics = Options {
        tags_as_topics: true,
        ..with_provenance()
    };
    let imported = import(&app.app, &daily, Cursor::new(csv), &with_topics).await;
    assert_eq!(
        imported.expect("the import succeeds").unused_columns,
        Vec::<String>::new()
    );
    assert_eq!(topics("ada@reader.example").await.0, ["science"]);
    assert_eq!(topics("bob@reader.example").await, (vec![], None));
}

#[apply(on_both_databases)]
async fn the_name_of_a_mailchimp_file_tells_the_state_of_everybody_in_it(app: TestApp) {
    let daily = app.daily().await;
    let csv = "Email Address,OPTIN_TIME,LEID,EUID\nada@reader.example,2020-01-01,1,e\n";
    let named = |file: &str| Options {
        file: file.to_owned(),
        ..with_provenance()
    };
    let report = import(
        &app.app,
        &daily,
        Cursor::new(csv),
        &named("nonsubscribed_audience_export_1.csv"),
    )
    .await;
    let report = report.expect("the import succeeds");
    assert_eq!(
        report.reasons.to_string(),
        "1 row added as unsubscribed: the name of the file (line 2)\n"
    );
    let other = csv.replace("ada", "bob");
    let report = import(
        &app.app,
        &daily,
        Cursor::new(other),
        &named("subscribed_audience_export_1.csv"),
    )
    .await;
    assert_eq!(tally(&report.expect("the import succeeds")), (1, 0, 0, 0));
    let plain = Cursor::new("email\ncy@reader.example\n");
    let report = import(&app.app, &daily, plain, &named("unsubscribed were removed.csv")).await;
    assert_eq!(tally(&report.expect("the import succeeds")), (1, 0, 0, 0));
    assert_eq!(
        states(&app, &daily).await,
        [
            state("ada@reader.example", SubscriptionState::Unsubscribed),
            state("bob@reader.example", SubscriptionState::Confirmed),
            state("cy@reader.example", SubscriptionState::Confirmed)
        ]
    );
}

#[apply(on_both_databases)]
async fn a_file_in_an_older_encoding_is_read(app: TestApp) {
    let daily = app.daily().await;
    let csv = b"email;name\nzoe@reader.example;Zo\xeb\nandre@reader.example;Andr\xe9\n".to_vec();
    let report = import(&app.app, &daily, Cursor::new(csv), &with_provenance()).await;
    let report = report.expect("the import succeeds");
    assert_eq!((tally(&report), report.encoding), ((2, 0, 0, 0), Some("windows-1252")));
    assert_eq!(name(&app, "zoe@reader.example").await.as_deref(), Some("Zoë"));
    assert_eq!(name(&app, "andre@reader.example").await.as_deref(), Some("André"));
}

#[apply(on_both_databases)]
async fn rows_of_one_address_have_their_effects_one_after_the_other(app: TestApp) {
    let daily = app.daily().await;
    let csv = "email,status\nada@reader.example,active\nADA@reader.example,unsubscribed\nada@reader.example,complained\n\
               ada@reader.example,active\nbob@reader.example,pending\n";
    let report = import_confirmed(&app, &daily, csv).await;
    assert_eq!((tally(&report), report.suppressed), ((2, 1, 2, 0), 1));
    let events: Vec<_> = app
        .consent("ada@reader.example")
        .await
        .iter()
        .map(|entry| entry.event.as_str())
        .collect();
    assert_eq!(
        events,
        ["unsubscribed"],
        "a later row keeps an earlier one from confirming"
    );
    assert_eq!(
        suppression(&app, "ada@reader.example").await.as_deref(),
        Some("complaint: readers.csv, line 4: status: complained")
    );
}

#[apply(on_both_databases)]
async fn a_report_names_every_row_that_was_not_simply_taken(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let csv = "email,status\nada@reader.example,active\nnobody,active\nbob@reader.example,pending\nADA@reader.example,active\n\
               cy@reader.example,active\n";
    let file = program.file("readers.csv", csv);
    let report = program.folder().join("report.csv");
    let report_path = report.display().to_string();
    let import = [
        "subscriber",
        "import",
        file.as_str(),
        "--partial",
        "--report",
        &report_path,
    ];
    let import = [&import[..], &CONFIRMED].concat();
    let planned = program.run(&[&import[..], &["--dry-run"]].concat());
    assert_eq!(planned.status, Some(0), "{}", planned.err);
    let text = std::fs::read_to_string(&report).expect("the report is written");
    let expected = "file,line,address,outcome,reason\nreaders.csv,3,nobody,refused,";
    assert!(text.starts_with(expected), "{text}");
    assert!(
        text.contains(
            "readers.csv,4,bob@reader.example,pending,\"added as pending: not confirmed by \"\"status: pending\"\"\"\n"
        ),
        "{text}"
    );
    assert!(
        text.contains("readers.csv,5,ADA@reader.example,skipped,skipped: already subscribed\n"),
        "{text}"
    );
    // The last row is taken, so it needs no line.
    assert_eq!(text.lines().count(), 4, "{text}");
    assert_eq!(program.run(&import).status, Some(0));
    assert_eq!(std::fs::read_to_string(&report).expect("the report is written"), text);
}

#[apply(on_both_databases)]
async fn the_csv_files_of_a_zip_archive_are_imported_those_who_left_first(app: TestApp) {
    let daily = app.daily().await;
    let program = Program::of(&app);
    let header = "Email Address,CONFIRM_TIME,LEID,EUID";
    let subscribed = format!("{header}\nada@reader.example,2020-01-01,1,e\nbob@reader.example,2020-01-01,2,f\n");
    let cleaned = format!("{header}\nBOB@reader.example,2020-01-01,2,f\n");
    let files = [
        ("audience/Subscribed_1.csv", subscribed.as_str()),
        ("audience/cleaned_1.csv", &cleaned),
        ("__MACOSX/audience/._cleaned_1.csv", "\0\0"),
        ("audience/readme.md", "no readers"),
    ];
    let file = program.file("export.zip", zip(&files));
    let import = [&["subscriber", "import", file.as_str()][..], &CONFIRMED].concat();
    let report = program.json(&[&import[..], &["--dry-run"]].concat());
    assert_eq!(report["files"][0]["file"], "audience/cleaned_1.csv");
    program.ok(&import);
    assert_eq!(
        states(&app, &daily).await,
        [
            state("BOB@reader.example", SubscriptionState::Unsubscribed),
            state("ada@reader.example", SubscriptionState::Confirmed)
        ]
    );
    assert!(suppression(&app, "bob@reader.example").await.is_some());
}

#[apply(on_both_databases)]
async fn an_archive_that_is_no_export_is_refused_and_named(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let bomb = format!("email\n{}", " ".repeat(10 << 20));
    let damaged = &zip(&[("a.csv", "email\nada@reader.example\n")])[..40];
    let many: Vec<_> = (0..1001).map(|n| format!("{n}.csv")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), "email\n")).collect();
    for (archive, expected) in [
        (zip(&[("readme.md", "nothing")]), "no CSV file"),
        (zip(&[("a.csv", bomb.as_str())]), "\"a.csv\" in the archive"),
        (damaged.to_vec(), "cannot be read"),
        (zip(&many), "1001 files"),
    ] {
        let file = program.file("export.zip", archive);
        let ran = program.run(&["subscriber", "import", &file, "--newsletter", "daily"]);
        assert_eq!(ran.status, Some(1));
        assert!(
            ran.err.contains(expected) && ran.err.contains("export.zip"),
            "{}",
            ran.err
        );
    }
    assert_eq!(app.count_rows("subscribers").await, 0);
}

/// A ZIP archive of these files, compressed.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).expect("memory is writable");
        std::io::Write::write_all(&mut archive, content.as_bytes()).expect("memory is writable");
    }
    archive.finish().expect("memory is writable").into_inner()
}

#[apply(on_both_databases)]
async fn an_import_that_is_killed_twice_loses_and_doubles_nothing(app: TestApp) {
    const ROWS: usize = 40_000;
    app.daily().await;
    let program = Program::of(&app);
    let row = |n: usize| match n % 10 {
        0 => format!("reader{n}@reader.example,unconfirmed\n"),
        1 => format!("reader{n}@reader.example,unsubscribed\n"),
        2 => format!("reader{n}@reader.example,cleaned\n"),
        // The address of the row before, which is not confirmed either time.
        3 if n % 100 == 3 => format!("READER{}@reader.example,active\n", n - 3),
        _ => format!("reader{n}@reader.example,active\n"),
    };
    let csv: String = (0..ROWS).map(row).collect();
    let file = program.file("readers.csv", format!("email,status\n{csv}"));
    let import = [&["subscriber", "import", file.as_str()][..], &CONFIRMED].concat();
    let count = async |table: &str| app.count_rows(table).await;
    let mut seen = 0;
    for _ in 0..2 {
        let mut process = program.start(&import);
        eventually("some more rows are committed", || async {
            count("subscriptions").await > seen
        })
        .await;
        process.kill().expect("the process runs");
        process.wait().expect("the process has ended");
        seen = count("subscriptions").await;
        assert!(
            seen < ROWS - ROWS / 100,
            "the import was not finished when it was killed"
        );
        assert_eq!(count("subscribers").await, seen);
    }
    let finished = program.run(&import);
    assert_eq!(finished.status, Some(0), "{}", finished.err);
    let (addresses, tenth) = (ROWS - ROWS / 100, ROWS / 10);
    let confirmed = addresses - 3 * tenth;
    assert_eq!(count("subscriptions").await, addresses);
    assert_eq!(count("subscribers").await, addresses);
    assert_eq!(count("subscriptions WHERE state = 'confirmed'").await, confirmed);
    assert_eq!(count("subscriptions WHERE state = 'pending'").await, tenth);
    assert_eq!(count("suppressions").await, tenth);
    assert_eq!(count("consent_records").await, confirmed + 2 * tenth);
    let counted = |event: &str| format!("daily_counts WHERE event = '{event}' AND count = ");
    assert_eq!(count(&format!("{}{confirmed}", counted("imported"))).await, 1);
    // They had left before they were imported.
    assert_eq!(count("daily_counts WHERE event = 'left_import'").await, 0);
    let audited = async |action: &str| count(&format!("audit_log WHERE action = '{action}'")).await;
    assert_eq!(
        (audited("reader.import_begun").await, audited("reader.imported").await),
        (3, 1)
    );
    let again = program.run(&import);
    assert!(again.out.contains("0 added, 0 updated"), "{}", again.out);
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
        let counts = report
            .as_ref()
            .ok()
            .map(|report| (report.added, report.refused.count()));
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
        "Mailchimp, subscribed",
        "Email Address,First Name,Last Name,Company,Position,ZIP Code,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,\
         LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n\
         a@x.example,A,,,,,2,2020-01-01 00:00:00,,2020-01-01 00:01:00,192.0.2.7,,,,,Europe/Berlin,de,,2020-01-01 00:01:00,1,e,,\"\"\"News\"\"\"\n\
         b@x.example,B,,,,,2,2020-01-01 00:00:00,,,,,,,,,,,2020-01-01 00:01:00,2,f,,\n",
        "a confirmed, b pending",
    ),
    (
        "Mailchimp, cleaned",
        "Email Address,First Name,Last Name,Company,Position,ZIP Code,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,\
         LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS\n\
         a@x.example,A,,,,,2,2020-01-01 00:00:00,,2020-01-01 00:01:00,,,,,,,,,2020-03-23 17:30:05,,,1,e,,\"\"\"Editors\"\"\"\n",
        "a unsubscribed",
    ),
    (
        "Substack",
        "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at\n\
         a@x.example,true,,yearly,false,2020-01-01,\nb@x.example,false,,other,true,2020-01-01,\n",
        "a confirmed, b unsubscribed",
    ),
    (
        "Substack, older",
        "email,active_subscription,expiry,email_disabled,prefer_digests,created_at\n\
         a@x.example,false,,false,false,2020-01-01\nb@x.example,false,,true,false,2020-01-01\n",
        "a confirmed, b unsubscribed",
    ),
    (
        "Ghost, older, with fields of its own",
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,products,\
         custom_fields.town\r\n1,a@x.example,A,,true,false,,2020-01-01,,VIP,,Oslo\r\n2,b@x.example,B,,false,false,,2020-01-01,,,,\r\n",
        "a confirmed, b unsubscribed",
    ),
    (
        "beehiiv, with tiers",
        "email,First Name,Last Name,status,tier,created_at,stripe_customer_id,Free Tier,Bronze Tier,Silver Tier,Gold Tier,\
         unsubscribed_at,Subscription Date (Substack)\n\
         a@x.example , A ,, active ,free, 2020-01-01 ,,true,,,,,\nb@x.example,B,,inactive,free,2020-01-01,,,,,,2021-01-01,\n\
         c@x.example,C,,pending,free,2020-01-01,,,,,,,\n",
        "a confirmed, b unsubscribed, c pending",
    ),
    (
        "Buttondown, older names",
        "email,subscriber_type,creation_date,notes,metadata,tags,referrer_url,secondary_id,source\n\
         a@x.example,regular,2020-01-01,,,,,1,api\nb@x.example,unactivated,2020-01-01,,,,,2,api\nc@x.example,unsubscribed,,,,,,3,\n",
        "a confirmed, b pending, c unsubscribed",
    ),
    (
        "Keila, template",
        "Email,First name,Last name,Data,External ID\na@x.example,A,,{},1\n",
        "a confirmed",
    ),
    (
        "Keila, for Excel",
        "\u{feff}Email;First name;Last name;Data;Status;External ID\r\na@x.example;A;;{};active;1\r\nb@x.example;B;;{};unsubscribed;2\r\n",
        "a confirmed, b unsubscribed",
    ),
    (
        "MailerLite",
        "Email,Name,Last name,Status,Subscribed,Opt-in IP,Confirmation IP,Unsubscribed,Location\n\
         a@x.example,A,,active,2020-01-01 00:00:00,,192.0.2.7,,Oslo\nb@x.example,B,,unconfirmed,2020-01-01 00:00:00,,,,\n\
         c@x.example,C,,junk,2020-01-01 00:00:00,,,,\nd@x.example,D,,unsubscribed,2020-01-01 00:00:00,,,2021-01-01 00:00:00,\n",
        "a confirmed, b pending, c unsubscribed, d unsubscribed",
    ),
    (
        "Brevo, all attributes",
        "CONTACT ID,EMAIL,FIRSTNAME,LASTNAME,SMS,DOUBLE_OPT-IN,ADDED_TIME,MODIFIED_TIME,EMAIL_BLOCKLISTED\n\
         1,a@x.example,A,,,1,01-01-2020,01-01-2020,false\n2,b@x.example,B,,,2,01-01-2020,01-01-2020,false\n\
         3,c@x.example,C,,,1,01-01-2020,01-01-2020,true\n",
        "a confirmed, b pending, c unsubscribed",
    ),
    (
        "TinyNews",
        "\"Channel id\",Status,Tier,\"Tier title\",Tags,\"Created at\",\"Deleted at\",\"Engagement OptIn\",Email,Id,Name,Surname,\"Updated At\",\
         \"User id\"\n1,1,0,default,,\"2022-10-28 22:18:42\",,1,a@x.example,4,A,,\"2022-10-28 22:22:20\",0\n\
         1,4,0,default,,\"2022-10-28 22:18:42\",,1,b@x.example,4,B,,\"2022-10-28 22:22:20\",0\n",
        "a confirmed, b pending",
    ),
    (
        "Curated",
        "Email Address,Subscribed at,UTM Source,UTM Medium,UTM Term,UTM Content,UTM Campaign,UTM Last Path,UTM Referrer\n\
         a@x.example,2021-02-04 07:55:20 +0000,,,,,,,\n",
        "a confirmed",
    ),
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

/// Why an import stops.
async fn stopped(app: &TestApp, newsletter: &Newsletter, csv: &str, options: Options) -> String {
    let imported = import(&app.app, newsletter, Cursor::new(csv.to_owned()), &options).await;
    match imported {
        Ok(report) => panic!("{csv:?} is imported: {report:?}"),
        Err(error) => error.to_string(),
    }
}

/// Imports subscribers as confirmed.
async fn import_confirmed(app: &TestApp, newsletter: &Newsletter, csv: &str) -> Report {
    import(&app.app, newsletter, Cursor::new(csv.to_owned()), &with_provenance())
        .await
        .expect("the import succeeds")
}

/// The counts of added, updated, skipped and refused rows.
fn tally(report: &Report) -> (usize, usize, usize, usize) {
    (report.added, report.updated, report.skipped, report.refused.count())
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
    let subscriber = tx.subscriber_by_address(&app.app.keys, &address).await;
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
