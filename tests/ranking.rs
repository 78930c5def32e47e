//! The score of a story, the stories that an editor's rules include, and their order.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use daywire::digest::grouping::Grouping;
use daywire::digest::inputs::{Candidate, Edits, Inputs, PreviousCoverage, Site};
use daywire::digest::rules::{Filter, Rules};
use daywire::digest::selection::select;
use daywire::digest::story::Story;
use daywire::domain::ids::{ArticleId, FeedId};
use daywire::domain::states::Closeness;
use daywire::domain::time_zone::TimeZone;
use daywire::newsletter::{self, Applied};
use daywire::words::{Language, Voice};
use uuid::Uuid;

/// Two reports of one event. [`OTHERS`] are unrelated to it and to each other.
const KERNEL: &str = "Kernel 7.1 released with a new scheduler";
const KERNEL_TOO: &str = "Linux kernel 7.1 released: new scheduler, faster file systems";
const OTHERS: [&str; 6] = [
    "City council postpones vote on bicycle lanes",
    "Brewery recalls lager after glass was found",
    "Observatory spots comet beyond Neptune",
    "Ferry strike ends with a wage deal",
    "Museum returns bronze statue to Benin",
    "Chess champion resigns in forty moves",
];

fn noon() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(20_000 * 24 + 12)
}

/// The rules that a newsletter's file sets.
fn rules(toml: &str) -> Rules {
    let text = format!("slug = \"daily\"\nname = \"Daily\"\n{toml}");
    newsletter::parse(&text)
        .expect("the newsletter file is valid")
        .rules(20, Language::English)
}

fn inputs(toml: &str, candidates: Vec<Candidate>) -> Inputs {
    Inputs {
        site: Site {
            voice: Voice::Plain,
            name: "Wire".into(),
            url: "https://news.example/".into(),
            postal_address: None,
        },
        newsletter_name: "Daily".into(),
        timezone: TimeZone::default(),
        rules: rules(toml),
        issue_number: 4,
        at: noon(),
        candidates,
        previous_coverage: Vec::new(),
        corrections: Vec::new(),
        corrections_only: false,
        edits: Edits::default(),
        topics: Vec::new(),
        language: Language::English,
        combined_issues: None,
        page_url: None,
    }
}

/// A report that arrived at noon. Its id is its number.
fn report(number: u32, title: &str, source: &str) -> Candidate {
    Candidate {
        id: ArticleId(Uuid::from_u128(number.into())),
        public_id: format!("TX_{number:06}"),
        title: title.into(),
        url: format!("https://wire.example/{number}"),
        closeness: Closeness::OtherHost,
        summary: String::new(),
        category: None,
        feed_category: None,
        source_name: source.into(),
        feed_id: None,
        is_editorial: false,
        language: Some("en".into()),
        image: None,
        published_at: None,
        arrived_at: noon(),
        retracted: false,
        pinned: false,
        weight: 1.0,
    }
}

fn about(topic: &str, candidate: Candidate) -> Candidate {
    Candidate {
        category: Some(topic.into()),
        ..candidate
    }
}

/// Unrelated reports, the newest first.
fn others(count: usize) -> Vec<Candidate> {
    let one = |number: u32| Candidate {
        arrived_at: noon() - TimeDelta::minutes(i64::from(number)),
        ..report(number, OTHERS[number as usize], "Wire One")
    };
    (0..u32::try_from(count).expect("the number is small"))
        .map(one)
        .collect()
}

/// The ids of the leading reports of the stories in the issue, in their order.
fn placed(stories: &[Story<'_>]) -> Vec<u128> {
    let chosen = stories.iter().filter(|story| story.position.is_some());
    chosen.map(|story| story.lead().id.0.as_u128()).collect()
}

/// The reason why the story with this report is in the issue or left out.
fn reason<'a>(stories: &'a [Story<'_>], number: u32) -> &'a str {
    &stories
        .iter()
        .find(|story| story.has(&format!("TX_{number:06}")))
        .expect("a story has the report")
        .reason
}

fn is(points: f64, wanted: f64) -> bool {
    (points - wanted).abs() < 0.001
}

#[test]
fn independent_sources_count_and_copies_of_one_text_count_once() {
    let sources = |two: [(&str, &str); 2]| {
        let reports = two
            .into_iter()
            .zip(1..)
            .map(|((title, source), number)| report(number, title, source));
        let inputs = inputs("", reports.collect());
        let stories = select(&inputs, &Grouping::of(&inputs));
        assert_eq!(
            (stories.len(), stories[0].reports.len()),
            (1, 2),
            "one story of two reports"
        );
        stories[0].terms.source_count
    };
    assert!(is(sources([(KERNEL, "Wire One"), (KERNEL_TOO, "Wire Two")]), 1.0));
    assert!(
        is(sources([(KERNEL, "Wire One"), (KERNEL_TOO, "wire one ")]), 0.0),
        "one source twice"
    );
    assert!(
        is(
            sources([(KERNEL, "Wire One"), (&KERNEL.to_uppercase(), "Wire Two")]),
            0.0
        ),
        "a copy"
    );
}

#[test]
fn weights_of_sources_and_topics_add_their_logarithm_to_the_score() {
    let toml =
        "[ranking]\ntopic = 0.5\n[ranking.source_weights]\n\"wire ONE\" = 4.0\n[ranking.topic_weights]\nKernel = 0.25";
    let reports = vec![
        report(1, KERNEL, "Wire Two"),
        about("kernel", report(2, KERNEL_TOO, "Wire One")),
    ];
    let inputs = inputs(toml, reports);
    let story = &select(&inputs, &Grouping::of(&inputs))[0];
    assert!(
        is(story.terms.source_weight, 2.0),
        "the best source counts: {:?}",
        story.terms
    );
    assert!(is(story.terms.topic, -1.0), "{:?}", story.terms);
    assert_eq!(
        story.lead().source_name,
        "Wire One",
        "the source with the most weight leads"
    );
    let sum = story.terms.source_count + story.terms.source_weight + story.terms.topic + story.terms.freshness;
    assert!(is(story.terms.score(), sum));
    assert_eq!(
        story.terms.to_string(),
        "3.00 = sources 1.00 + source 2.00 + freshness 1.00 - topic 1.00"
    );
}

#[test]
fn freshness_halves_with_time_from_the_latest_report() {
    let freshness = |published: &[i64]| {
        let reports = published
            .iter()
            .zip([KERNEL, KERNEL_TOO])
            .zip(1..)
            .map(|((hours, title), number)| Candidate {
                published_at: Some(noon() - TimeDelta::hours(*hours)),
                ..report(number, title, "Wire One")
            });
        let inputs = inputs("[ranking]\nhalf_life = \"6h\"", reports.collect());
        select(&inputs, &Grouping::of(&inputs))[0].terms.freshness
    };
    for (published, wanted) in [
        (&[0][..], 1.0),
        (&[6], 0.5),
        (&[12], 0.25),
        (&[12, 6], 0.5),
        (&[-48], 1.0),
    ] {
        assert!(
            is(freshness(published), wanted),
            "{published:?}: {}",
            freshness(published)
        );
    }
}

/// An article of the first feed that was in issue 3.
fn previous(title: &str, summary: &str, url: &str) -> PreviousCoverage {
    PreviousCoverage {
        public_id: "TX_00BEEF".into(),
        title: title.into(),
        url: url.into(),
        summary: summary.into(),
        feed_id: Some(FeedId(Uuid::from_u128(1))),
        language: Some("en".into()),
        issue_number: 3,
    }
}

#[test]
fn the_next_item_of_a_series_is_not_a_copy_of_one_that_was_sent() {
    const LATER: &str = "A quiet day with some fog in the valleys.";
    let is_in = |feed: u128, title: &str, summary: &str, url: &str, before: PreviousCoverage| {
        let candidate = Candidate {
            summary: summary.into(),
            url: url.into(),
            feed_id: Some(FeedId(Uuid::from_u128(feed))),
            ..report(1, title, "Wire One")
        };
        let mut inputs = inputs("", vec![candidate]);
        inputs.previous_coverage = vec![before];
        select(&inputs, &Grouping::of(&inputs))[0].position.is_some()
    };
    let today = "https://wire.example/today";
    let title = "The weather of today";
    // At one address, whether the texts differ or not.
    assert!(is_in(1, title, "Sun.", today, previous(title, "Rain.", today)));
    assert!(is_in(1, title, "", today, previous(title, "", today)));
    let notes = "https://wire.example/notes";
    assert!(is_in(
        1,
        "Release notes",
        "",
        &format!("{notes}#v2"),
        previous("Release notes", "", &format!("{notes}#v1"))
    ));
    // With an address each, if the texts differ.
    assert!(is_in(
        1,
        title,
        "Sun.",
        "https://wire.example/2",
        previous(title, "Rain.", "https://wire.example/1")
    ));
    assert!(!is_in(
        1,
        title,
        LATER,
        "https://wire.example/2",
        previous(title, LATER, "https://wire.example/1")
    ));
    // Another feed's article of the same words is a copy.
    assert!(!is_in(2, title, "Rain.", today, previous(title, "Rain.", today)));
}

#[test]
fn a_continued_story_is_less_novel_and_a_copy_of_a_sent_article_is_left_out() {
    let reports = vec![
        report(1, KERNEL_TOO, "Wire One"),
        report(2, OTHERS[0], "Wire One"),
        report(3, KERNEL, "Wire Two"),
    ];
    let mut inputs = inputs("", reports);
    inputs.previous_coverage = vec![previous(KERNEL, "", "https://wire.example/kernel")];
    let stories = select(&inputs, &Grouping::of(&inputs));
    assert_eq!(placed(&stories), [2, 1]);
    assert!(is(stories[0].terms.novelty, 0.0) && is(stories[1].terms.novelty, -1.0));
    assert_eq!(
        (stories[2].position, reason(&stories, 3)),
        (None, "a copy of TX_00BEEF, which was in issue 3")
    );
}

#[test]
fn an_editors_weight_changes_the_score_and_a_pinned_story_comes_first() {
    let mut reports = others(4);
    reports[3].weight = 2.0;
    reports[2].weight = 0.5;
    let weighed = inputs("", reports.clone());
    let stories = select(&weighed, &Grouping::of(&weighed));
    assert_eq!(placed(&stories), [3, 0, 1, 2]);
    assert!(is(stories[0].terms.editor, 1.0) && is(stories[3].terms.editor, -1.0));
    reports[1].pinned = true;
    let pinned = inputs("max_stories = 2", reports);
    let stories = select(&pinned, &Grouping::of(&pinned));
    assert_eq!(placed(&stories), [1, 3]);
    assert_eq!(reason(&stories, 1), "pinned by an editor");
}

#[test]
fn the_publisher_leads_before_a_source_that_links_to_its_page() {
    const TITLE: &str = "Harbour bridge closes after a lorry fire";
    let linking = Candidate {
        url: "http://www.tribune.example/harbour?utm_source=feed".into(),
        published_at: Some(noon() - TimeDelta::hours(1)),
        ..report(1, TITLE, "Evil Blog")
    };
    let publisher = Candidate {
        url: "https://tribune.example/harbour".into(),
        closeness: Closeness::SameHost,
        ..report(2, TITLE, "Tribune")
    };
    let lead = |toml: &str, candidates: [&Candidate; 2]| {
        let inputs = inputs(toml, candidates.into_iter().cloned().collect());
        let placed = placed(&select(&inputs, &Grouping::of(&inputs)));
        assert_eq!(placed.len(), 1, "one story");
        placed[0]
    };
    assert_eq!(lead("", [&linking, &publisher]), 2);
    let heavier = "[ranking.source_weights]\n\"Evil Blog\" = 2";
    assert_eq!(lead(heavier, [&linking, &publisher]), 1, "the newsletter prefers it");
    let elsewhere = Candidate {
        url: "https://tribune.example/other".into(),
        ..publisher.clone()
    };
    assert_eq!(lead("", [&linking, &elsewhere]), 1, "the first report of the event");
    let unknown = Candidate {
        language: None,
        ..publisher.clone()
    };
    assert_eq!(lead("", [&linking, &unknown]), 1, "it is in the newsletter's language");
    let pinned = Candidate {
        pinned: true,
        ..linking.clone()
    };
    assert_eq!(lead("", [&pinned, &publisher]), 1, "an editor decides");
}

#[test]
fn among_equal_reports_one_in_the_newsletters_language_leads() {
    let text = "Northbeam said on Monday that an expired certificate took Frankfurt and Dublin offline.";
    let german = Candidate {
        language: Some("de".into()),
        summary: "Ein abgelaufenes Zertifikat legte bei Northbeam Frankfurt und Dublin lahm.".into(),
        arrived_at: noon() - TimeDelta::hours(2),
        ..report(
            1,
            "Northbeam-Ausfall: Zertifikat legt Frankfurt und Dublin lahm",
            "Netzblatt",
        )
    };
    let unknown = Candidate {
        language: None,
        summary: text.into(),
        arrived_at: noon() - TimeDelta::hours(1),
        ..report(
            2,
            "Northbeam outage: certificate takes Frankfurt and Dublin down",
            "Kernel & Metal",
        )
    };
    let english = Candidate {
        language: Some("en-GB".into()),
        ..report(
            3,
            "Northbeam outage hits Frankfurt and Dublin over certificate",
            "The Circuit",
        )
    };
    let leads = |toml: &str, candidates: Vec<Candidate>| {
        let inputs = inputs(toml, candidates);
        placed(&select(&inputs, &Grouping::of(&inputs)))
    };
    let all = || vec![german.clone(), unknown.clone(), english.clone()];
    assert_eq!(leads("", all()), [3], "English, though it came last and has no excerpt");
    assert_eq!(leads("language = \"de-AT\"", all()), [1]);
    assert_eq!(leads("", vec![german.clone(), unknown.clone()]), [2]);
    let heavier = "[ranking.source_weights]\nNetzblatt = 2";
    assert_eq!(
        leads(heavier, all()),
        [1],
        "a source that weighs more leads all the same"
    );
    let pinned = Candidate {
        pinned: true,
        ..german.clone()
    };
    assert_eq!(leads("", vec![pinned, english.clone()]), [1], "an editor decides");
}

#[test]
fn rules_include_and_exclude_topics_sources_and_words() {
    let mut reports = others(5);
    reports[0].category = Some("Traffic".into());
    reports[1].category = Some("Recalls".into());
    reports[2].source_name = "The Tabloid".into();
    reports[3].summary = "Crews return to work.".into();
    let run = |toml: &str| {
        let inputs = inputs(toml, reports.clone());
        let stories = select(&inputs, &Grouping::of(&inputs));
        let why: Vec<String> = (0..5).map(|number| reason(&stories, number).to_owned()).collect();
        (placed(&stories), why)
    };
    let (ids, why) = run(
        "[exclude]\ntopics = [\" recalls\"]\nsources = [\"the tabloid\"]\nwords = [\"return to WORK\", \"bicycle lane\"]",
    );
    assert_eq!(ids, [0, 4], "“bicycle lane” is no word of “bicycle lanes”");
    assert_eq!(why[1], "excluded by topic “ recalls” (exclude)");
    assert_eq!(why[2], "excluded by source “the tabloid” (exclude)");
    assert_eq!(why[3], "excluded by the words “return to WORK” (exclude)");
    let (ids, why) =
        run("[include]\ntopics = [\"traffic\"]\nwords = [\"statue\", \"glass\"]\n[exclude]\ntopics = [\"recalls\"]");
    assert_eq!(ids, [0, 4], "what is excluded stays out though it is included");
    assert_eq!(why[2], "matches no entry of include");
}

#[test]
fn a_topic_longer_than_a_stored_choice_is_still_the_chosen_topic() {
    let topic = "Regional  transport, ".repeat(6);
    let mut inputs = inputs(
        &format!("[caps.topics]\n\"{topic}\" = 1\n[exclude]\ntopics = [\"Sports\"]"),
        vec![
            about(&topic, report(1, OTHERS[0], "Wire One")),
            about(&topic, report(2, OTHERS[1], "Wire Two")),
            about("science", report(3, OTHERS[2], "Wire Three")),
            about(" sports ", report(4, OTHERS[3], "Wire Four")),
        ],
    );
    // As the choice is stored with a subscription.
    inputs.topics = daywire::domain::topics::normal_list(&[topic]);
    let stories = select(&inputs, &Grouping::of(&inputs));
    assert_eq!(placed(&stories).len(), 1, "the cap of this topic is one story");
    assert!(
        reason(&stories, 3).starts_with("not of the topics"),
        "{}",
        reason(&stories, 3)
    );
    assert!(
        reason(&stories, 4).starts_with("excluded by topic"),
        "{}",
        reason(&stories, 4)
    );
}

#[test]
fn caps_limit_topics_and_leading_sources() {
    let mut reports = others(6);
    for (report, (topic, source)) in reports.iter_mut().zip([
        ("Traffic", "One"),
        ("traffic", "Two"),
        ("Traffic", "Three"),
        ("Space", "One"),
        ("Space", "One"),
        ("", "One"),
    ]) {
        report.category = Some(topic.to_owned()).filter(|topic| !topic.is_empty());
        report.source_name = source.into();
    }
    let run = |toml: &str, pinned: Option<usize>| {
        let mut reports = reports.clone();
        if let Some(at) = pinned {
            reports[at].pinned = true;
        }
        let inputs = inputs(toml, reports);
        let stories = select(&inputs, &Grouping::of(&inputs));
        let why: Vec<String> = (0..6).map(|number| reason(&stories, number).to_owned()).collect();
        let mut ids = placed(&stories);
        ids.sort_unstable();
        (ids, why)
    };
    let (ids, why) = run("[caps]\nper_topic = 1\n[caps.topics]\nTRAFFIC = 2", None);
    assert_eq!(ids, [0, 1, 3, 5], "what has no topic has no cap");
    assert_eq!(why[2], "beyond the 2 stories of topic “Traffic” (caps)");
    assert_eq!(why[4], "beyond the one story of topic “Space” (caps)");
    let (ids, why) = run("[caps]\nper_source = 3\n[caps.sources]\none = 2", None);
    assert_eq!(ids, [0, 1, 2, 3]);
    assert_eq!(why[5], "beyond the 2 stories led by “One” (caps)");
    let (ids, _) = run("[caps]\nper_topic = 1", Some(4));
    assert_eq!(ids, [0, 4, 5], "a pinned one has no cap, but counts");
}

#[test]
fn one_feed_leads_at_most_a_quarter_of_an_issue_that_others_can_fill() {
    let feed = |number| Some(FeedId(Uuid::from_u128(number)));
    // Ten reports of one feed, which are all newer than the three of another.
    let mut reports: Vec<Candidate> = ('a'..='m')
        .zip(0..)
        .map(|(letter, number)| Candidate {
            feed_id: feed(if number < 10 { 1 } else { 2 }),
            arrived_at: noon() - TimeDelta::minutes(i64::from(number)),
            ..report(number, &format!("{letter}arl {letter}ork {letter}uns"), "Wire One")
        })
        .collect();
    let run = |toml: &str, reports: &[Candidate]| {
        let inputs = inputs(toml, reports.to_vec());
        let stories = select(&inputs, &Grouping::of(&inputs));
        let mut ids = placed(&stories);
        ids.sort_unstable();
        (ids, reason(&stories, 9).to_owned())
    };
    let (ids, why) = run("max_stories = 4", &reports);
    assert_eq!(
        ids,
        [0, 1, 10, 11],
        "both get the same, although they have the same title"
    );
    assert_eq!(
        why,
        "beyond the 2 stories that “Wire One” leads while other sources fill the issue (caps)"
    );
    let (ids, why) = run("max_stories = 8", &reports);
    assert_eq!(ids, [0, 1, 2, 3, 4, 10, 11, 12], "the other feed has no more");
    assert_eq!(
        why,
        "beyond the 5 stories that “Wire One” leads while other sources fill the issue (caps)"
    );
    assert_eq!(
        run("max_stories = 13", &reports).0.len(),
        13,
        "no story is left out while the issue has room"
    );
    let (ids, _) = run("max_stories = 4\n[caps]\nper_source = 3", &reports);
    assert_eq!(ids, [0, 1, 2, 10], "a cap that is set takes the share's place");
    let (ids, _) = run("max_stories = 4\n[caps.sources]\n\"wire one\" = 20", &reports);
    assert_eq!(ids, [0, 1, 2, 3], "also one by name");
    for report in &mut reports[..10] {
        (report.feed_id, report.is_editorial) = (None, true);
    }
    assert_eq!(
        run("max_stories = 4", &reports).0,
        [0, 1, 2, 3],
        "the newsroom's own has no share"
    );
}

#[test]
fn top_stories_are_ordered_by_score_and_the_rest_by_topic() {
    let mut reports = others(6);
    for (report, topic) in reports
        .iter_mut()
        .zip(["Space", "Traffic", "", "Space", "traffic", "Space"])
    {
        report.category = Some(topic.to_owned()).filter(|topic| !topic.is_empty());
    }
    let inputs = inputs("top_stories = 1", reports);
    let stories = select(&inputs, &Grouping::of(&inputs));
    let shown: Vec<(u128, Option<&str>)> = stories
        .iter()
        .map(|story| (story.lead().id.0.as_u128(), story.heading.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [
            (0, None),
            (1, Some("Traffic")),
            (4, Some("Traffic")),
            (3, Some("Space")),
            (5, Some("Space")),
            (2, None)
        ],
        "what has no topic comes last, under no topic's heading"
    );
    let reasons: Vec<&str> = stories.iter().map(|story| story.reason.as_str()).collect();
    assert_eq!(
        reasons[..3],
        ["number 1 by score", "number 2 by score", "number 5 by score"]
    );
}

#[test]
fn stories_beyond_max_stories_are_left_out_with_that_reason() {
    let inputs = inputs("max_stories = 4", others(6));
    let stories = select(&inputs, &Grouping::of(&inputs));
    assert_eq!(placed(&stories), [0, 1, 2, 3]);
    for number in [4, 5] {
        assert_eq!(
            reason(&stories, number),
            "beyond the 4 stories of an issue (max_stories)"
        );
    }
    assert!(
        stories.iter().all(|story| story.terms.freshness > 0.0),
        "what is out has its terms too"
    );
}

#[test]
fn the_order_of_arrival_does_not_change_the_result() {
    let mut reports = others(6);
    reports.push(report(6, KERNEL, "Wire Two"));
    reports.push(report(7, KERNEL_TOO, "Wire One"));
    let toml = "top_stories = 2\nmax_stories = 5\n[caps]\nper_source = 4";
    let forward = inputs(toml, reports.clone());
    reports.reverse();
    let backward = inputs(toml, reports);
    let line = |story: &Story<'_>| {
        (
            story.lead().public_id.clone(),
            story.position,
            story.reason.clone(),
            story.terms,
        )
    };
    let lines = |inputs: &Inputs| {
        select(inputs, &Grouping::of(inputs))
            .iter()
            .map(line)
            .collect::<Vec<_>>()
    };
    assert_eq!(lines(&forward), lines(&backward));
    assert_eq!(lines(&forward)[0].0, "TX_000006", "two sources outrank any one");
}

#[test]
fn rules_survive_a_round_trip_through_json() {
    let rules = rules(
        "intro = \"Good morning.\"\n[ranking]\nhalf_life = \"90m\"\n[ranking.source_weights]\nA = 0.01\n[caps.topics]\nB = 3\n\
         [exclude]\nwords = [\"c d\"]",
    );
    let kept = serde_json::to_string(&rules).expect("the rules serialize");
    assert_eq!(
        serde_json::from_str::<Rules>(&kept).expect("the rules deserialize"),
        rules
    );
    assert_eq!(rules.ranking.half_life, Duration::from_mins(90));
    assert_eq!(rules.ranking.source_weights, BTreeMap::from([("A".to_owned(), 0.01)]));
    assert_eq!(rules.include, Filter::default());
}

#[test]
fn the_newsletter_file_in_the_docs_has_every_key_and_is_valid() {
    let docs = include_str!("../docs/how-to/newsletters.md");
    let (_, rest) = docs.split_once("```toml\n").expect("the document has the file");
    let (file, tables) = rest.split_once("```").expect("the issue can be cancelled");
    let rules = newsletter::parse(file)
        .expect("the newsletter file is valid")
        .rules(20, Language::English);
    assert_eq!(rules.caps.of_topic("security"), Some(8));
    assert!(is(rules.ranking.source_weights["Our own desk"], 2.0));
    let file: toml::Table = file.parse().expect("TOML");
    let keys: Vec<&String> = file.keys().collect();
    // A key that is left out of the parser's own list of keys would be missing here too.
    let error = newsletter::parse("nonsense = 1").expect_err("no such key").to_string();
    let (_, known) = error
        .split_once("the keys here are ")
        .expect("the error lists the keys");
    let known: Vec<&str> = known.split(", ").collect();
    assert_eq!(known.len(), keys.len(), "{error}");
    for key in known {
        assert!(
            keys.iter().any(|known| known.as_str() == key),
            "{key} is not in the example"
        );
        let named = tables.contains(&format!("`{key}`")) || tables.contains(&format!("`[{key}]`"));
        assert!(named, "{key} is in no table");
    }
    for key in file["ranking"].as_table().expect("a table").keys() {
        assert!(tables.contains(&format!("`{key}`")), "{key} is in no table");
    }
}

#[test]
fn an_invalid_key_is_refused_with_the_allowed_values() {
    for (line, key, allowed) in [
        ("lead_time = \"8days\"", "lead_time", "at most 7days"),
        ("lead_time = \"soon\"", "line 3", "such as 45m"),
        ("grace = \"1000years\"", "grace", "365days"),
        ("approval = \"maybe\"", "line 3", "required"),
        ("weekly_day = \"someday\"", "line 3: weekly_day: ", "such as mon"),
        ("skip = [\"someday\"]", "line 3: skip: ", "12-25"),
        (
            "subject = \"{title}\"",
            "line 3",
            "{lead}, {date}, {count}, {newsletter}, {number}",
        ),
        ("subject = \"\"", "line 3", "one line"),
        ("language = \"English!\"", "language", "pt-BR"),
        ("language = \"EN\"", "language", "such as en"),
        ("max_stories = 0", "max_stories", "1 to 500"),
        ("max_stories = 501", "max_stories", "1 to 500"),
        ("min_stories = 0", "min_stories", "1 to max_stories"),
        ("max_stories = 2\nmin_stories = 3", "min_stories", "1 to max_stories"),
        ("story_note = 1", "line 3: story_note: ", "true or false"),
        ("[include]\ntopic = [\"a\"]", "line 4", "topics"),
        ("[include]\ntopics = [\" \"]", "include, exclude", "leave it out"),
        ("[exclude]\nwords = [\"++\"]", "include, exclude", "words or phrases"),
        ("[caps]\nper_topic = 0", "caps", "numbers from 1"),
        ("[caps.sources]\nA = 0", "caps", "numbers from 1"),
        ("[caps]\nmost = 1", "line 4", "per_topic"),
        (
            "max_stories = 99999999999999999999",
            "line 3: max_stories: too large",
            "whole number from 0",
        ),
        (
            "[caps.topics]\nKernel = -1",
            "line 4: caps.topics.Kernel: ",
            "whole number from 0",
        ),
        (
            "[include]\ntopics = \"Kernel\"",
            "line 4: include.topics: ",
            "a list such as",
        ),
        ("[ranking]\nsources = 1e999", "line 4", "too large"),
        ("[ranking]\nsources = -1.0", "ranking.sources", "0 to 100"),
        ("[ranking]\nnovelty = nan", "ranking.novelty", "0 to 100"),
        ("[ranking]\nfresh = 1.0", "line 4", "freshness"),
        ("[ranking]\nhalf_life = \"0s\"", "ranking.half_life", "above zero"),
        ("[ranking]\nmemory = \"91days\"", "ranking.memory", "90days"),
        (
            "[ranking.topic_weights]\nA = 0.0",
            "ranking.topic_weights",
            "0.01 to 100",
        ),
        (
            "[ranking.source_weights]\nA = inf",
            "ranking.source_weights",
            "0.01 to 100",
        ),
    ] {
        let text = format!("slug = \"daily\"\nname = \"Daily\"\n{line}");
        let error = newsletter::parse(&text).expect_err(line).to_string();
        assert!(error.starts_with(key) && error.contains(allowed), "{line}: {error}");
    }
}

#[apply(on_both_databases)]
async fn applying_a_file_twice_changes_nothing_and_missing_keys_use_the_settings(app: TestApp) {
    let docs = include_str!("../docs/how-to/newsletters.md");
    let file = docs
        .split("```")
        .nth(1)
        .and_then(|file| file.strip_prefix("toml\n"))
        .expect("it is there");
    let parsed = newsletter::parse(file).expect("the newsletter file is valid");
    let (first, applied) = newsletter::apply(&app.app, &parsed)
        .await
        .expect("the newsletter is applied");
    assert_eq!(applied, Applied::Created);
    app.advance(TimeDelta::hours(1));
    let again = newsletter::apply(&app.app, &parsed)
        .await
        .expect("the newsletter is applied");
    assert_eq!(again, (first, Applied::Unchanged));
    let changed =
        newsletter::parse(&file.replace("top_stories = 3", "top_stories = 4")).expect("the newsletter file is valid");
    let (_, applied) = newsletter::apply(&app.app, &changed)
        .await
        .expect("the newsletter is applied");
    assert!(matches!(applied, Applied::Changed(_)), "{applied:?}");
    // digest.max_stories is 20.
    let too_many =
        newsletter::parse("slug = \"many\"\nname = \"Many\"\nmin_stories = 21").expect("the newsletter file is valid");
    let error = newsletter::apply(&app.app, &too_many)
        .await
        .expect_err("there is never such an issue");
    assert_eq!(
        error.to_string(),
        "min_stories: write a number from 1 to max_stories (20); it is 21"
    );
}
