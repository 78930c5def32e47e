//! Reports of one event become one story, in any language and in any order of arrival.

use std::collections::HashSet;

use daywire::digest::clustering::{Report, copies, group_reports};

#[path = "../benches/stories/bcubed.rs"]
mod bcubed;

fn reports<'a>(titles: &[&'a str]) -> Vec<Report<'a>> {
    let report = |title: &&'a str| Report {
        title,
        text: "",
        language: None,
    };
    titles.iter().map(report).collect()
}

fn grouped(titles: &[&str]) -> Vec<Vec<usize>> {
    group_reports(&reports(titles))
}

#[test]
fn reports_of_one_event_are_one_story_and_others_are_separate() {
    let titles = [
        "Kernel 7.1 released with a new scheduler",
        "Undersea cable between Iceland and Ireland cut by anchor",
        "Linux kernel 7.1 released: new scheduler, faster file systems",
        "City council postpones vote on bicycle lanes",
        "Anchor cut undersea cable off Iceland, operator says",
    ];
    assert_eq!(grouped(&titles), [vec![0, 2], vec![1, 4], vec![3]]);
}

#[test]
fn reports_in_other_languages_and_scripts_are_grouped_as_well() {
    let titles = [
        "Bundestag beschließt neues Gesetz zur Vorratsdatenspeicherung",
        "日本銀行が政策金利を引き上げ",
        "Vorratsdatenspeicherung: Das neue Gesetz ist beschlossen",
        "Новый закон о персональных данных принят парламентом",
        "日本銀行、政策金利の引き上げを決定",
        "Парламент принял закон о персональных данных",
    ];
    assert_eq!(grouped(&titles), [vec![0, 2], vec![1, 4], vec![3, 5]]);
}

#[test]
fn common_words_do_not_make_a_story() {
    let titles = [
        "How to make the most of what you have",
        "What to do when the most of us have not",
        "Is this what you have to do?",
    ];
    assert_eq!(grouped(&titles), [vec![0], vec![1], vec![2]]);
}

#[test]
fn one_of_two_words_or_a_number_in_a_series_does_not_make_a_story() {
    assert_eq!(
        grouped(&["Alpha story", "Beta story", "Gamma story"]),
        [vec![0], vec![1], vec![2]]
    );
    let series = [
        "The signal hour, episode 12",
        "The signal hour, episode 13",
        "The Signal Hour: Episode 12",
    ];
    assert_eq!(grouped(&series), [vec![0, 2], vec![1]]);
    let versions = ["Rust 1.94 released", "Rust 1.95 released"];
    assert_eq!(grouped(&versions), [vec![0], vec![1]]);
    let toll = [
        "40 dead in train crash near Lyngby",
        "41 dead in train crash near Lyngby",
    ];
    assert_eq!(grouped(&toll), [vec![0, 1]]);
}

#[test]
fn one_shared_name_does_not_join_reports_in_two_languages() {
    let report = |title, text, language| Report {
        title,
        text,
        language: Some(language),
    };
    let reports = [
        report(
            "Benchmarks of the first 288-core RISC-V server",
            "The first RISC-V server with 288 cores was measured.",
            "en",
        ),
        report("إطلاق حاسوب RISC-V عملاق", "أطلقت الشركة حاسوب RISC-V عملاق.", "ar"),
        report(
            "RISC-V: Neuer Laptop vorgestellt",
            "Der Laptop mit RISC-V kostet wenig.",
            "de",
        ),
    ];
    assert_eq!(group_reports(&reports), [vec![0], vec![1], vec![2]]);
}

#[test]
fn no_titles_and_titles_without_words_are_accepted() {
    assert_eq!(grouped(&[]), Vec::<Vec<usize>>::new());
    assert_eq!(grouped(&["!!!", "", "…", "!!!"]), [vec![0], vec![1], vec![2], vec![3]]);
}

#[test]
fn a_shared_excerpt_joins_reports_with_different_headlines() {
    let text =
        "Engineers at the Lyngby works measured a coolant leak in the second reactor hall on Monday and stopped it.";
    let report = |title, text| Report {
        title,
        text,
        language: Some("en"),
    };
    let with = [report("Monday's incident", text), report("A leak at Lyngby", text)];
    assert_eq!(group_reports(&with), [vec![0, 1]]);
    let without = [report("Monday's incident", ""), report("A leak at Lyngby", "")];
    assert_eq!(group_reports(&without), [vec![0], vec![1]]);
}

#[test]
fn copies_of_one_text_are_distinguished_from_other_reports() {
    let titles = [
        "Kernel 7.1 released with a new scheduler",
        "KERNEL 7.1 RELEASED WITH A NEW SCHEDULER",
        "New scheduler makes kernel 7.1 the fastest in years",
    ];
    assert_eq!(copies(&reports(&titles)), [vec![0, 1], vec![2]]);
}

#[apply(with_corpora)]
fn the_stories_of_the_corpus_are_found_in_both_orders() {
    let folder = crate::support::corpora("news-clusters");
    let mut reader = csv::Reader::from_path(folder.join("uci-news-aggregator.csv")).expect("the corpus is readable");
    let rows = reader.records().map(|row| row.expect("each row is valid CSV"));
    let rows: Vec<(String, String)> = rows.map(|row| (row[1].to_owned(), row[5].to_owned())).collect();
    let backwards: Vec<(String, String)> = rows.iter().rev().cloned().collect();
    for rows in [rows, backwards] {
        let titles: Vec<&str> = rows.iter().map(|(title, _)| title.as_str()).collect();
        let labels: Vec<&str> = rows.iter().map(|(_, story)| story.as_str()).collect();
        let stories = grouped(&titles);
        let placed: HashSet<usize> = stories.iter().flatten().copied().collect();
        assert_eq!(placed.len(), titles.len());
        let found = bcubed::Agreement::of(&stories, &labels);
        assert!(found.f1() >= 0.86, "{found:?}");
    }
}
