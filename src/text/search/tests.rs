//! Tests of the words of texts and queries.

use super::*;

fn folded(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.folded).collect()
}

fn marked(query: &str, text: &str) -> String {
    let query = SearchQuery::parse(query).expect("it has words");
    let parts = query.parts(text).into_iter();
    parts
        .map(|part| {
            if part.found {
                format!("[{}]", part.text)
            } else {
                part.text
            }
        })
        .collect()
}

#[test]
fn words_are_folded_in_every_script() {
    for (text, expected) in [
        ("The Kernel's don't", vec!["the", "kernels", "dont"]),
        ("Straße ÜBER Łódź", vec!["strasse", "uber", "lodz"]),
        ("ＱＵＩＣ ﬁx", vec!["quic", "fix"]),
        ("U+0301: e\u{301}t\u{e9}", vec!["u", "0301", "ete"]),
        ("東京都の株", vec!["東京", "京都", "都の", "の株"]),
        ("株 is 株式", vec!["株", "is", "株式"]),
        ("ﾊﾟﾝ", vec!["ハン"]),
        ("한국어", vec!["한국", "국어"]),
        ("الـمَدْرَسَةُ أحمد", vec!["المدرسه", "احمد"]),
        ("1,000 x86_64 — !?", vec!["1", "000", "x86", "64"]),
        ("\0\u{1F600}\"'*()", vec![]),
    ] {
        assert_eq!(folded(text), expected, "{text}");
    }
    assert_eq!(folded(&"a".repeat(1_000)), ["a".repeat(MAX_WORD_CHARS)]);
}

#[test]
fn no_input_is_syntax_of_a_database() {
    for (text, fts5, tsquery) in [
        ("kernel OR 1", "\"kernel\"* \"or\" \"1\"", "'kernel':* & 'or' & '1'"),
        (
            "a\" NEAR(b, '&!|:*) -c^2",
            "\"a\" \"near\" \"b\" \"c\" \"2\"",
            "'a' & 'near' & 'b' & 'c' & '2'",
        ),
        ("日本 日", "\"日本\" \"日\"*", "'日本' & '日':*"),
    ] {
        let query = SearchQuery::parse(text).expect("it has words");
        assert_eq!(
            (query.for_fts5().as_str(), query.for_tsquery().as_str()),
            (fts5, tsquery)
        );
    }
    for nothing in ["", "  ", "\"*:&|!()'\\", "\0"] {
        assert_eq!(SearchQuery::parse(nothing), None, "{nothing:?}");
    }
    let words: Vec<_> = (0..100).map(|number| format!("w{number}")).collect();
    let many = words.join(" ");
    assert_eq!(
        SearchQuery::parse(&many).expect("it has words").words.len(),
        MAX_QUERY_WORDS
    );
}

#[test]
fn a_title_weighs_more_than_a_text() {
    let indexed = SearchText::new("Kernel 7", &["A kernel.", ""]);
    assert_eq!(
        (indexed.title.as_str(), indexed.text.as_str()),
        ("kernel 7", "a kernel")
    );
    assert_eq!(indexed.as_tsvector(), "'kernel':1A '7':2A 'a':3D 'kernel':4D");
    let long = SearchText::new("", &["ab ".repeat(20_000).as_str(), "beyond"]);
    assert!(long.text.len() <= MAX_INDEXED_CHARS && !long.text.contains("beyond"));
}

#[test]
fn found_words_are_marked_where_they_stand() {
    assert_eq!(marked("uber kern", "Über Kernels, über"), "[Über] [Kernels], [über]");
    assert_eq!(marked("東京都", "新東京都庁"), "新[東京都]庁");
    assert_eq!(marked("x", "no match"), "no match");
}

#[test]
fn a_snippet_shows_the_first_word_that_was_found() {
    let query = SearchQuery::parse("needle").expect("it has a word");
    let text = format!("{}needle {}", "hay ".repeat(100), "straw ".repeat(100));
    let snippet = query.snippet(&text, 100);
    assert!(
        snippet.starts_with("… hay ") && snippet.contains("needle straw"),
        "{snippet}"
    );
    assert!(snippet.chars().count() < 110, "{snippet}");
    assert_eq!(query.snippet("A needle.", 100), "A needle.");
    let chinese = SearchQuery::parse("株式").expect("it has a word");
    assert!(
        chinese
            .snippet(&format!("{}株式", "字".repeat(300)), 100)
            .ends_with("字株式")
    );
}

#[test]
fn only_the_last_words_of_a_query_find_longer_words() {
    let query = SearchQuery::parse("alpha beta gamma delta epsilon").expect("the query has words");
    assert_eq!(query.for_fts5(), r#""alpha" "beta" "gamma"* "delta"* "epsilon"*"#);
    assert_eq!(
        query.for_tsquery(),
        "'alpha' & 'beta' & 'gamma':* & 'delta':* & 'epsilon':*"
    );
    assert!(query.finds("gammaray") && !query.finds("betamax"));
}
