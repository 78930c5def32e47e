//! Inputs modelled on public bug reports of feed readers, newsletter tools, mail libraries and importers. Each folder of
//! `corpora/reported` has a script that shows what the program makes of one of them.

use std::process::Command;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::support::corpora;

/// The scripts pick their ports at random from a small range, so only one may run at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A test for each folder: its name, and a check of the lines that its script prints.
macro_rules! reported {
    ($($name:ident: $folder:literal, |$lines:ident| $check:block)*) => {$(
        #[apply(with_corpora)]
        fn $name() {
            let $lines = run($folder);
            $check
        }
    )*};
}

reported! {
    an_export_of_phplist_confirms_only_addresses_that_may_be_mailed: "01-import-phplist", |lines| { only_ok_is_confirmed(&lines) }
    an_export_of_mailpoet_confirms_only_addresses_that_may_be_mailed: "02-import-mailpoet", |lines| { only_ok_is_confirmed(&lines) }
    columns_with_other_names_confirm_only_addresses_that_may_be_mailed: "03-import-other-words", |lines| { only_ok_is_confirmed(&lines) }
    a_row_with_an_extra_comma_is_refused: "05-import-extra-comma", |lines| {
        assert_eq!(confirmed(&lines), ["ann@one.example"]);
        assert_eq!(refused_lines(&lines), [3]);
    }
    an_open_quote_swallows_no_row: "06-import-open-quote", |lines| {
        assert_eq!(confirmed(&lines), ["ann@one.example", "cat@three.example", "dan@four.example"]);
        assert_eq!(refused_lines(&lines), [3]);
    }
    a_twelve_hour_time_after_noon_is_read: "07-date-pm", |lines| {
        assert_eq!(dates(&lines), vec!["2026-11-23T19:30:00Z"; 4]);
    }
    a_year_of_two_digits_is_of_this_century: "08-date-two-digit-year", |lines| {
        for date in dates(&lines) {
            assert!(date == "None" || date.starts_with("20"), "{lines:#?}");
        }
        assert!(dates(&lines)[0].starts_with("2026-11-23T07:30:00"), "{lines:#?}");
    }
    an_unknown_zone_is_not_read_as_utc: "10-date-unknown-zone", |lines| {
        let right = ["2026-11-22T18:30:00Z", "2026-11-22T23:30:00Z", "2026-11-22T23:30:00Z", "2026-11-23T16:30:00Z"];
        for (date, right) in dates(&lines).into_iter().zip(right) {
            assert!(date == "None" || date == right, "{lines:#?}");
        }
    }
    dates_with_words_are_read: "11-date-names", |lines| {
        assert_eq!(dates(&lines), [
            "2026-09-21T05:30:00Z", "2026-10-15T16:55:00Z", "2026-10-02T18:55:00Z", "2026-12-02T07:00:00Z",
            "2026-11-23T05:30:00Z", "2026-11-23T12:30:00Z", "2026-11-23T07:30:00Z",
        ]);
    }
    daily_items_of_one_title_are_articles_of_their_own: "12-daily-same-title-and-link", |lines| {
        assert_eq!(lines.iter().filter(|line| line.contains("Morning briefing")).count(), 3, "{lines:#?}");
    }
    undated_items_with_different_links_are_different_articles: "13-no-dates-fragment-links", |lines| {
        assert_eq!(lines.iter().filter(|line| line.contains("https://a.example/")).count(), 2, "{lines:#?}");
    }
    one_bad_byte_costs_one_character: "15-one-bad-byte", |lines| {
        assert_eq!(entries(&lines)[0]["title"], "Zürich und 東京");
        let cut = entries(&lines)[1]["title"].as_str().expect("the entry has a title").to_owned();
        assert!(cut.starts_with("cut \u{fffd}") && cut.chars().count() < 8, "{cut}");
    }
    atom_in_the_default_namespace_is_read_in_rss: "17-default-namespace-atom", |lines| {
        let entry = &entries(&lines)[0];
        assert_eq!((&entry["id"], &entry["title"]), (&"g1".into(), &"One".into()));
        assert!(entry["published"].is_string() && entry["summary"].to_string().contains("Words."), "{entry}");
    }
    a_description_of_media_is_a_summary: "18-media-description", |lines| {
        assert_eq!(entries(&lines)[0]["summary"], "What the film tells.");
    }
    angle_brackets_in_a_title_stay: "19-title-with-angle-brackets", |lines| {
        assert_eq!(entries(&lines)[0]["title"], "When to use <video> and Option<T>");
    }
    a_guid_that_is_no_address_makes_no_link: "20-guid-is-no-address", |lines| {
        assert!(lines.iter().any(|line| line.contains("Episode 7")), "{lines:#?}");
        assert!(!lines.iter().any(|line| line.contains("ep-0007 ")), "{lines:#?}");
    }
    entities_of_html_in_atom_are_read: "23-atom-html-entity", |lines| {
        assert_eq!(entries(&lines)[0]["title"], "Café – open");
    }
    relative_links_belong_to_the_site: "24-relative-links", |lines| {
        for link in ["https://site.example/2026/11/rel", "https://www.site.example/x"] {
            assert!(lines.iter().any(|line| line.contains(link)), "{lines:#?}");
        }
    }
    all_members_of_a_gzip_file_are_read: "25-gzip-members", |lines| { one_was_read(&lines, 1) }
    odd_header_lines_do_not_end_a_fetch: "27-odd-header-lines", |lines| { one_was_read(&lines, 2) }
    junk_before_the_document_is_skipped: "28-php-warning-first", |lines| {
        assert_eq!(entries(&lines)[0]["title"], "One");
    }
    a_cookie_is_kept_for_one_fetch: "29-cookie-redirect", |lines| { one_was_read(&lines, 1) }
    a_304_to_an_unconditional_request_is_a_failure: "30-304-unasked", |lines| {
        assert!(lines[0].contains("error"), "{lines:#?}");
        assert!(lines.last().expect("the output has a line").contains("failing"), "{lines:#?}");
    }
    half_an_emoji_costs_one_character: "32-json-half-emoji", |lines| {
        assert_eq!(entries(&lines).len(), 2, "{lines:#?}");
        assert!(entries(&lines)[0]["summary"].as_str().is_some_and(|text| text.contains('\u{fffd}')), "{lines:#?}");
        let text = lines.join("\n");
        let report: Value = serde_json::from_str(&text[text.find("\n{\n").expect("the output has a report")..]).expect("the text is JSON");
        assert!(report["new"].as_u64().is_some_and(|new| new >= 1), "{report}");
    }
    the_text_of_mathml_stays: "33-mathml", |lines| {
        assert_eq!(lines[0], "<p>We measure the rate of B→K as 2.3.</p>");
    }
    our_own_quota_rejects_nobody: "34-relay-quota", |lines| { nobody_is_rejected(&lines) }
    a_message_too_large_for_the_relay_rejects_nobody: "35-relay-size", |lines| {
        nobody_is_rejected(&lines);
        assert!(lines[0].contains("issue paused"), "{lines:#?}");
    }
    a_sender_that_the_relay_cannot_carry_rejects_nobody: "36-sender-not-ascii", |lines| { nobody_is_rejected(&lines) }
    a_subject_without_spaces_is_cut_at_its_end: "37-subject-without-spaces", |lines| {
        let subject = lines.iter().find(|line| line.contains("\"subject\"")).expect("the mail has a subject");
        assert!(!subject.contains("\"朝刊…\"") && subject.chars().count() > 60, "{subject}");
    }
    an_english_frame_is_marked_as_english: "38-frame-language", |lines| {
        let html = lines.iter().find(|line| line.starts_with("<html")).expect("the output has an html element");
        let english = lines.iter().any(|line| line.contains("Unsubscribe"));
        assert!(!english || html.contains("lang=\"en\""), "{lines:#?}");
    }
    the_original_address_behind_a_click_counter_is_taken: "40-feedburner-origlink", |lines| {
        assert_eq!(entries(&lines)[0]["url"], "https://a.example/5");
    }
}

/// What a folder's script prints.
fn run(folder: &str) -> Vec<String> {
    let script = corpora("reported").join(folder).join("run.sh");
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let output = Command::new("bash")
        .arg(&script)
        .env("DAYWIRE_BIN", env!("CARGO_BIN_EXE_daywire"))
        .env(
            "BASH_ENV",
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/wait_for_servers.sh"),
        )
        .output()
        .expect("bash runs the script");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    text.lines().map(ToOwned::to_owned).collect()
}

/// The addresses that a script lists as confirmed.
fn confirmed(lines: &[String]) -> Vec<&str> {
    let confirmed = lines.iter().filter_map(|line| line.strip_suffix(" confirmed"));
    confirmed.map(str::trim).collect()
}

/// The lines that the report of an import refuses.
fn refused_lines(lines: &[String]) -> Vec<u64> {
    let report = &lines[0]
        [lines[0].find('{').expect("the output has a report")..=lines[0].rfind('}').expect("the output has a report")];
    let report: Value = serde_json::from_str(report).expect("the text is JSON");
    let refused = report["refused"].as_array().expect("the value is a list").iter();
    refused
        .map(|row| row["line"].as_u64().expect("the output has a line"))
        .collect()
}

fn only_ok_is_confirmed(lines: &[String]) {
    let files = lines.iter().filter(|line| line.starts_with("-- ")).count();
    assert_eq!(confirmed(lines), vec!["ok@one.example"; files], "{lines:#?}");
}

/// The dates of the entries, as the script shows them: last on each line.
fn dates(lines: &[String]) -> Vec<&str> {
    lines
        .iter()
        .filter_map(|line| line.split_whitespace().next_back())
        .collect()
}

fn entries(lines: &[String]) -> Vec<Value> {
    let lines = lines.iter().filter(|line| line.starts_with("   {"));
    lines
        .map(|line| serde_json::from_str(line).expect("an entry as JSON"))
        .collect()
}

/// Each of `fetches` fetches brought the article "One".
fn one_was_read(lines: &[String], fetches: usize) {
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("   One |")).count(),
        fetches,
        "{lines:#?}"
    );
}

fn nobody_is_rejected(lines: &[String]) {
    let line = lines.iter().find(|line| line.contains("issue "));
    assert!(line.is_none_or(|line| !line.contains("rejected")), "{lines:#?}");
    assert!(
        line.is_some_and(|line| !line.contains("issue sent")) || refused_at_apply(lines),
        "{lines:#?}"
    );
}

/// The newsletter's file was refused, so there is no issue.
fn refused_at_apply(lines: &[String]) -> bool {
    lines
        .iter()
        .any(|line| line.starts_with("daywire: ") && line.contains("from"))
}
