//! How long a sign-up waits for the response to its POST: while the program is idle, while it compiles a digest of thousands of articles,
//! and while it starts an issue with hundreds of editions.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::report::{self, median, range};
use crate::setup::Setup;
use crate::support::http;
use crate::support::newsroom::{SLUG, address};
use crate::support::program::Program;
use crate::support::rng::Rng;

/// The number of articles, all of one source, that wait for one issue.
const ARTICLES: u32 = 15_000;
/// The words of a headline, and the size of their vocabulary. It is small, so many headlines share words and are hard to group.
const HEADLINE_WORDS: u32 = 12;
const VOCABULARY: u64 = 4_000;
/// The number of subscribers, each with a different set of topics.
const READERS: u32 = 255;
const TOPICS: [&str; 8] = [
    "arts", "economy", "health", "politics", "science", "sports", "travel", "weather",
];
/// The number of clients. Each sends one sign-up after the other.
const CLIENTS: u32 = 8;
/// How long sign-ups are measured while the program is idle.
const IDLE_TIME: Duration = Duration::from_secs(5);

/// Measures and prints. Returns all measured values.
pub fn run(setup: &mut Setup) -> anyhow::Result<Value> {
    let (mut rows, mut results) = (Vec::new(), Vec::new());
    for kind in setup.options.database.kinds() {
        let newsroom = setup.newsroom(*kind, "compile", READERS)?;
        let site = http::free_address()?;
        let mut program = newsroom.program.clone().with("http.listen", site);
        for (key, value) in [
            // All sign-ups come from this machine.
            ("signup.limits.per_network_per_hour", 10_000_000),
            ("signup.proof_of_work.from_per_hour", 0),
            ("signup.limits.per_domain_per_hour", 10_000_000),
            ("signup.limits.per_hour", 10_000_000),
            ("digest.max_editions", READERS),
            ("digest.max_candidates", ARTICLES),
        ] {
            program = program.with(key, value);
        }
        // The shared newsletter has the settings for long messages. This scenario measures a usual one.
        let usual = format!("slug = \"{SLUG}\"\nname = \"Benchmark\"\n");
        program.run(&["newsletter", "apply", &program.file("usual.toml", &usual)?])?;
        choose_topics(&program)?;
        import(&program, "flood", ARTICLES)?;
        let service = program.serve(&["--role", "web"])?;
        service.ready()?;
        let names = AtomicU32::new(0);
        let idle = measure(site, &names, || {
            std::thread::sleep(IDLE_TIME);
            Ok(())
        })?;
        let mut issue = Value::Null;
        let compiling = measure(site, &names, || {
            issue = program.json(&["issue", "build", "--newsletter", SLUG])?;
            Ok(())
        })?;
        let id = issue["id"].as_str();
        let id = id.with_context(|| format!("no issue was built: {}", issue["reason"]))?;
        let considered = issue["articles"].as_array().map_or(0, Vec::len);
        ensure!(
            considered == usize::try_from(ARTICLES)?,
            "only {considered} of {ARTICLES} articles were considered"
        );
        let beginning = measure(site, &names, || program.run(&["issue", "send", id]).map(drop))?;
        let editions = program.json(&["issue", "show", id])?["editions"]
            .as_array()
            .map_or(0, Vec::len);
        service.terminate()?;
        let labels = [
            "idle".to_owned(),
            format!("{considered} articles are compiled"),
            format!("{editions} editions are compiled"),
        ];
        for (label, measured) in labels.into_iter().zip([idle, compiling, beginning]) {
            rows.push(measured.row(&kind.to_string(), &label));
            results.push(measured.document(&kind.to_string(), &label));
        }
    }
    let columns = [
        "database",
        "while",
        "seconds",
        "sign-ups",
        "median ms",
        "99th percentile ms",
        "slowest ms",
    ];
    report::print(
        "from a sign-up's POST to its response, which is never sent before 60 ms",
        &columns,
        rows,
    );
    Ok(Value::Array(results))
}

/// The response times during some work.
struct Measured {
    /// How many seconds the work took.
    seconds: f64,
    /// The milliseconds of each response.
    responses: Vec<f64>,
}

impl Measured {
    /// The time within which `percent` of 100 responses arrived.
    fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.responses.clone();
        sorted.sort_by(f64::total_cmp);
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(at).copied().unwrap_or(f64::NAN)
    }

    fn row(&self, kind: &str, label: &str) -> Vec<String> {
        let numbers = [median(&self.responses), self.percentile(99), range(&self.responses).1];
        let shown = [
            kind.to_owned(),
            label.to_owned(),
            format!("{:.1}", self.seconds),
            self.responses.len().to_string(),
        ];
        shown.into_iter().chain(numbers.map(|ms| format!("{ms:.0}"))).collect()
    }

    fn document(&self, kind: &str, label: &str) -> Value {
        json!({ "database": kind, "while": label, "seconds": self.seconds, "response_ms": self.responses })
    }
}

/// Sends sign-ups with several clients while `work` runs.
fn measure(site: SocketAddr, names: &AtomicU32, work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Measured> {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut responses = Vec::new();
                    while !done.load(Ordering::Relaxed) {
                        responses.push(sign_up(site, names.fetch_add(1, Ordering::Relaxed))?);
                    }
                    anyhow::Ok(responses)
                })
            })
            .collect();
        let start = Instant::now();
        let worked = work();
        let seconds = start.elapsed().as_secs_f64();
        done.store(true, Ordering::Relaxed);
        let mut responses = Vec::new();
        for client in clients {
            let own = client.join().map_err(|_| anyhow::anyhow!("a client failed"))?;
            responses.extend(own?);
        }
        worked?;
        Ok(Measured { seconds, responses })
    })
}

/// Signs up. Returns the milliseconds from the POST to the response.
fn sign_up(site: SocketAddr, number: u32) -> anyhow::Result<f64> {
    let start = Instant::now();
    http::sign_up(site, &format!("new{number}@signup{}.example", number % 50), SLUG)?;
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}

/// Gives each subscriber a different set of topics. Subscribers can choose only topics of articles that have arrived,
/// so some are imported first, and sent so that they do not wait for the measured issue.
fn choose_topics(program: &Program) -> anyhow::Result<()> {
    import(program, "first", u32::try_from(TOPICS.len())? * 4)?;
    let built = program.json(&["issue", "build", "--newsletter", SLUG])?;
    let id = built["id"].as_str().context("the first issue was not built")?;
    program.run(&["issue", "send", id])?;
    eprintln!("choosing topics for {READERS} readers");
    for number in 0..READERS {
        let chosen = TOPICS.iter().enumerate();
        let chosen = chosen
            .filter(|(bit, _)| (number + 1) >> bit & 1 == 1)
            .map(|(_, topic)| *topic);
        let topics = chosen.collect::<Vec<_>>().join(",");
        let reader = address(number);
        program.run(&[
            "subscriber",
            "prefer",
            &reader,
            "--newsletter",
            SLUG,
            "--topics",
            &topics,
        ])?;
    }
    Ok(())
}

/// Imports articles, all of one source.
fn import(program: &Program, name: &str, count: u32) -> anyhow::Result<()> {
    let mut rng = Rng::seeded(u64::from(count));
    let mut words = |count: u32| {
        let words = (0..count).map(|_| format!("w{}", rng.within(0..VOCABULARY)));
        words.collect::<Vec<_>>().join(" ")
    };
    let mut lines = String::new();
    for number in 0..count {
        let line = json!({
            "id": format!("{name}-{number}"),
            "title": words(HEADLINE_WORDS),
            "summary": words(HEADLINE_WORDS * 2),
            "url": format!("https://{name}.example/{number}"),
            "category": TOPICS[number as usize % TOPICS.len()],
        });
        let _ = writeln!(lines, "{line}");
    }
    let file = program.file(&format!("{name}.jsonl"), &lines)?;
    program.run(&["article", "import", &file, "--newsletter", SLUG])?;
    Ok(())
}
