//! Subscribers come from other systems' exports: nobody becomes active who was not, or without a word on their consent.

use daywire::domain::states::SubscriptionState;
use daywire::import::{ImportError, Options, Report, import};
use daywire::store::newsletters::Newsletter;

use crate::support::{TestApp, corpora};

stories! {
    async fn columns_are_found_by_name(app: TestApp) {
        let daily = app.daily().await;
        let csv = "\u{feff}Notes,Last Name,E-mail Address,First Name\nx,Lovelace,ada@reader.example,Ada\n";
        assert_eq!(tally(&confirmed(&app, &daily, csv).await), (1, 0, 0, 0));
        let mut tx = app.app.store.read().await.expect("the database answers");
        let address = daywire::domain::address::EmailAddress::parse("ada@reader.example").expect("an address");
        let ada = tx.subscriber_by_address(&address).await.expect("an answer").expect("a subscriber");
        assert_eq!(ada.name.as_deref(), Some("Ada Lovelace"));
        drop(tx);
        let none = import(&app.app, &daily, "who,what\na,b\n".as_bytes(), &agreed()).await;
        assert!(matches!(none, Err(ImportError::NoAddressColumn)));
    }

    async fn nobody_is_confirmed_without_provenance(app: TestApp) {
        let daily = app.daily().await;
        let csv = "email\nada@reader.example\n".as_bytes();
        for provenance in [None, Some(String::new()), Some("  ".to_owned())] {
            let options = Options { confirmed: true, provenance };
            assert!(matches!(import(&app.app, &daily, csv, &options).await, Err(ImportError::NoProvenance)));
        }
        assert_eq!(states(&app, &daily).await, []);
        let options = Options { confirmed: false, provenance: None };
        assert_eq!(import(&app.app, &daily, csv, &options).await.expect("imported").added, 1);
        assert_eq!(states(&app, &daily).await, [state("ada@reader.example", SubscriptionState::Pending)]);
    }

    async fn the_consent_says_where_it_comes_from(app: TestApp) {
        let daily = app.daily().await;
        confirmed(&app, &daily, "email\nada@reader.example\n").await;
        let subscription = app.subscription("ada@reader.example").await;
        let mut tx = app.app.store.read().await.expect("the database answers");
        let consent = tx.consent_of(subscription).await.expect("a record");
        assert_eq!(consent.len(), 1);
        assert_eq!((consent[0].event.as_str(), consent[0].source.as_str()), ("imported", "import: paper forms of 2025"));
    }

    async fn refused_rows_are_named_by_their_lines(app: TestApp) {
        let daily = app.daily().await;
        let mut csv = b"email,name\nada@reader.example,Ada\nnobody,Nobody\n\"bob@reader.example\",\"two\nlines\"\n".to_vec();
        csv.extend(b"@reader.example,x\nlatin@reader.example,Andr\xe9\ncy@reader.example,Cy\n");
        let report = import(&app.app, &daily, csv.as_slice(), &agreed()).await.expect("imported");
        assert_eq!(report.added, 3);
        let lines: Vec<_> = report.refused.iter().map(|refused| refused.line).collect();
        assert_eq!(lines, [3, 6, 7]);
        assert!(report.refused.iter().all(|refused| !refused.reason.is_empty()));
    }

    async fn the_same_file_again_changes_nothing(app: TestApp) {
        let daily = app.daily().await;
        let csv = "email,status\nada@reader.example,active\nbob@reader.example,unsubscribed\ncy@reader.example,pending\n";
        assert_eq!(tally(&confirmed(&app, &daily, csv).await), (3, 0, 0, 0));
        let before = states(&app, &daily).await;
        assert_eq!(tally(&confirmed(&app, &daily, csv).await), (0, 0, 3, 0));
        assert_eq!(states(&app, &daily).await, before);
    }

    async fn who_left_here_is_not_brought_back(app: TestApp) {
        let daily = app.daily().await;
        let csv = "email\nada@reader.example\n";
        confirmed(&app, &daily, csv).await;
        app.leave("ada@reader.example").await;
        assert_eq!(tally(&confirmed(&app, &daily, csv).await), (0, 0, 1, 0));
        assert_eq!(states(&app, &daily).await, [state("ada@reader.example", SubscriptionState::Unsubscribed)]);
    }

    async fn who_left_elsewhere_leaves_here(app: TestApp) {
        let daily = app.daily().await;
        confirmed(&app, &daily, "email\nada@reader.example\n").await;
        let report = confirmed(&app, &daily, "email,status\nada@reader.example,Unsubscribed\n").await;
        assert_eq!(tally(&report), (0, 1, 0, 0));
        assert_eq!(states(&app, &daily).await, [state("ada@reader.example", SubscriptionState::Unsubscribed)]);
    }

    async fn only_a_status_that_says_so_confirms(app: TestApp) {
        use SubscriptionState::{Confirmed, Pending, Unsubscribed};
        let statuses = [
            ("", Confirmed), ("Subscribed", Confirmed), ("active", Confirmed), ("CONFIRMED", Confirmed), ("enabled", Confirmed),
            ("unconfirmed", Pending), ("pending", Pending), ("Not activated", Pending), ("Unactivated", Pending), ("4", Pending),
            ("unsubscribed", Unsubscribed), ("Non-Subscribed", Unsubscribed), ("cleaned", Unsubscribed),
            ("hard_bounce", Unsubscribed), ("Bounced", Unsubscribed), ("complained", Unsubscribed), ("abuse", Unsubscribed),
            ("blocklisted", Unsubscribed), ("inactive", Unsubscribed), ("opted-out", Unsubscribed), ("deleted", Unsubscribed),
            ("0", Unsubscribed), ("false", Unsubscribed),
        ];
        let daily = app.daily().await;
        let row = |(n, (status, _)): (usize, &(&str, SubscriptionState))| format!("r{n:02}@x.example,{status}");
        let rows: Vec<_> = statuses.iter().enumerate().map(row).collect();
        confirmed(&app, &daily, &format!("email,status\n{}", rows.join("\n"))).await;
        for (n, (status, wanted)) in statuses.into_iter().enumerate() {
            let address = format!("r{n:02}@x.example");
            let found = states(&app, &daily).await.into_iter().find(|line| line.0 == address);
            assert_eq!(found, Some((address, wanted)), "{status:?}");
        }
    }

    async fn exports_of_other_systems_are_read(app: TestApp) {
        use SubscriptionState::{Confirmed, Unsubscribed};
        if let Some(folder) = corpora("import-csv") {
            // File; added and refused; how many of those are confirmed and how many have left.
            let files = [
                ("ghost-core/members-mapped-subscribed.csv", None, 0, 0),
                ("ghost-core/members-formula-like-values.csv", Some((2, 0)), 2, 0),
                ("ghost-migrate/mg-curated-members-csv/subscribers.csv", Some((18, 2)), 18, 0),
                ("ghost-migrate/mg-mailchimp-members/cleaned.csv", Some((5, 0)), 0, 5),
                ("ghost-migrate/mg-substack-members-csv/fixtures_signup_emails.csv", Some((21, 0)), 19, 2),
                ("ghost-migrate/mg-substack-members-csv/invalid.csv", Some((3, 0)), 3, 0),
                ("ghost-migrate/mg-tinynews-members/subs-v1.csv", Some((3, 0)), 1, 1),
                ("ghost-migrate/mg-tinynews-members/subs-v2.csv", Some((2, 0)), 1, 1),
            ];
            for (n, (name, wanted, active, left)) in files.into_iter().enumerate() {
                let list = app.apply(&format!("slug = \"list{n}\"\nname = \"List\"")).await;
                let file = std::fs::File::open(folder.join(name)).expect("the file");
                let report = import(&app.app, &list, file, &agreed()).await;
                let counts = report.as_ref().ok().map(|report| (report.added, report.refused.len()));
                assert_eq!(counts, wanted, "{name}: {report:?}");
                let states = states(&app, &list).await;
                let count = |state| states.iter().filter(|line| line.1 == state).count();
                assert_eq!((count(Confirmed), count(Unsubscribed)), (active, left), "{name}: {states:?}");
            }
        }
    }
}

fn agreed() -> Options {
    Options {
        confirmed: true,
        provenance: Some("paper forms of 2025".into()),
    }
}

async fn confirmed(app: &TestApp, newsletter: &Newsletter, csv: &str) -> Report {
    import(&app.app, newsletter, csv.as_bytes(), &agreed())
        .await
        .expect("it is imported")
}

fn tally(report: &Report) -> (usize, usize, usize, usize) {
    (report.added, report.updated, report.skipped, report.refused.len())
}

fn state(address: &str, state: SubscriptionState) -> (String, SubscriptionState) {
    (address.to_owned(), state)
}

/// Every address of a newsletter, sorted, and where it stands.
async fn states(app: &TestApp, newsletter: &Newsletter) -> Vec<(String, SubscriptionState)> {
    let mut tx = app.app.store.read().await.expect("the database answers");
    let all = tx
        .subscriptions_after(Some(newsletter.id), None, 1000)
        .await
        .expect("subscriptions");
    let mut states: Vec<_> = all.into_iter().map(|line| (line.address, line.state)).collect();
    states.sort();
    states
}
