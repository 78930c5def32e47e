//! Searching subscribers by words of their addresses and names.

use std::collections::HashSet;

use daywire::store::subscriber_search::SubscriberQuery;

use crate::support::program::{CONFIRMED, Program};

/// The addresses that a search lists, in the order of the list.
fn found(program: &Program, text: &str) -> Vec<String> {
    let documents = program.json(&["subscriber", "list", "--search", text]);
    let documents = documents.as_array().expect("a list").iter();
    let addresses = documents.map(|document| document["address"].as_str().expect("an address").to_owned());
    addresses.collect()
}

#[apply(on_both_databases)]
async fn words_of_addresses_and_names_find_subscribers(app: TestApp) {
    app.daily().await;
    let program = Program::of(&app);
    let csv =
        "email,name\nAda.Byron@reader.example,Ada Lovelace\nbob+news@other.example,Bob O'Brien\ncy_1@reader.example,\n";
    let file = program.file("readers.csv", csv);
    program.ok(&[&["subscriber", "import", &file][..], &CONFIRMED].concat());
    for text in [
        "ada",
        "ADA.byron",
        "Ada.Byron@reader.example",
        "love",
        "byron lovelace",
        "\"ada\" OR*",
    ] {
        let expected = if text.contains("OR") {
            vec![]
        } else {
            vec!["Ada.Byron@reader.example"]
        };
        assert_eq!(found(&program, text), expected, "{text}");
    }
    assert_eq!(found(&program, "news"), ["bob+news@other.example"]);
    assert_eq!(found(&program, "o'brien"), ["bob+news@other.example"]);
    assert_eq!(found(&program, "reader.example").len(), 2);
    assert_eq!(found(&program, "exam").len(), 3);
    assert_eq!(found(&program, "nobody"), Vec::<String>::new());
    let ran = program.run(&["subscriber", "list", "--search", "@"]);
    assert!(
        ran.status == Some(1) && ran.err.contains("needs a letter or a digit"),
        "{}",
        ran.err
    );
    // An erased subscriber is not found, and the others are.
    program.ok(&["subscriber", "erase", "ada.byron@reader.example", "--rewrite"]);
    assert_eq!(found(&program, "ada"), Vec::<String>::new());
    assert_eq!(found(&program, "exam").len(), 2);
}

#[apply(on_both_databases)]
async fn a_search_that_finds_many_lists_the_first_and_says_how_many_there_are(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 1_150).await;
    let program = Program::of(&app);
    let ran = program.run(&["subscriber", "list", "--search", "reader"]);
    assert_eq!(ran.out.lines().count(), 101, "{}", ran.out);
    assert!(ran.err.contains("100 of more than 1000 subscribers"), "{}", ran.err);
    let ran = program.run(&["subscriber", "list", "--search", "reader11"]);
    // Numbers 11, 110 to 119, and 1100 to 1149, below the line with the names of the columns.
    assert_eq!(ran.out.lines().count(), 62, "{}", ran.out);
}

#[apply(on_both_databases)]
async fn the_pages_of_a_search_have_every_subscriber_once(app: TestApp) {
    let daily = app.daily().await;
    app.readers(&daily, 250).await;
    // The whole word is in every address, and its beginning too.
    for text in ["example", "exam", "reader1"] {
        let query = SubscriberQuery::parse(text).expect("it has words");
        let mut tx = app.app.store.read().await.expect("the database answers");
        let (mut seen, mut after) = (HashSet::new(), None);
        loop {
            let page = tx
                .find_subscribers(&query, after, 40)
                .await
                .expect("the search succeeds");
            let count = page.subscribers.len();
            seen.extend(page.subscribers.into_iter().map(|found| found.address));
            after = page.next;
            assert!(after.is_none() || count == 40);
            if after.is_none() {
                break;
            }
        }
        let expected: usize = if text == "reader1" { 111 } else { 250 };
        let counted = tx.count_found_subscribers(&query).await.expect("the search succeeds");
        assert_eq!(
            (seen.len(), counted),
            (expected, i64::try_from(expected).expect("a small number")),
            "{text}"
        );
    }
}
