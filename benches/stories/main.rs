//! How well `daywire inspect stories` groups headlines, compared with stories that people assigned (B-cubed), and how much time and memory
//! it takes.

#[allow(
    dead_code,
    reason = "shared with the other programs of benches/, each of which uses a part"
)]
#[path = "../support/mod.rs"]
mod support;

mod bcubed;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use bcubed::Agreement;
use clap::Parser;
use serde_json::{Value, json};
use support::program::Program;
use support::rng::Rng;

#[derive(Debug, Parser)]
#[command(about = "How well and how fast headlines are grouped into stories.")]
struct Options {
    /// A CSV of headlines with the columns TITLE and STORY, such as the UCI News Aggregator's.
    #[arg(value_name = "FILE")]
    headlines: PathBuf,
    /// The binary to measure; default: the one built with this benchmark.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// How many times each time is measured. The median is printed.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

struct Headline {
    title: String,
    story: String,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stories: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let program = Program::new(folder.path(), options.program.as_deref());
    let headlines = read(&options.headlines)?;
    println!("{} headlines, one setting for all", headlines.len());
    println!(
        "{:<28}{:>10}{:>10}{:>8}{:>9}",
        "", "precision", "recall", "F1", "stories"
    );
    let mut order: Vec<usize> = (0..headlines.len()).collect();
    agreement(&program, &headlines, &order, "in their order")?;
    for seed in 1..=3 {
        shuffle(&mut order, seed);
        agreement(&program, &headlines, &order, &format!("shuffled (seed {seed})"))?;
        let mut some = order[..order.len() / 20].to_vec();
        some.sort_unstable();
        agreement(
            &program,
            &headlines,
            &some,
            &format!("{} of them (seed {seed})", some.len()),
        )?;
    }
    println!(
        "{:<28}{:>10}{:>12}{:>18}",
        "headlines", "seconds", "memory MB", "bytes a headline"
    );
    for count in [5_000, 10_000, 20_000, 40_000] {
        measure(&program, &headlines, count, options.rounds)?;
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Vec<Headline>> {
    let mut reader = csv::Reader::from_path(path).with_context(|| format!("cannot read {}", path.display()))?;
    let names = reader.headers()?.clone();
    let column = |name: &str| {
        let found = names.iter().position(|column| column == name);
        found.with_context(|| format!("{} has no column {name}", path.display()))
    };
    let (title, story) = (column("TITLE")?, column("STORY")?);
    let rows = reader.records().map(|row| {
        let row = row?;
        Ok(Headline {
            title: row[title].to_owned(),
            story: row[story].to_owned(),
        })
    });
    rows.collect()
}

/// Groups headlines with the program. Returns the groups, the seconds, and the peak memory in bytes.
fn group(program: &Program, titles: impl Iterator<Item = String>) -> anyhow::Result<(Vec<Vec<usize>>, f64, u64)> {
    let lines: Vec<String> = titles.map(|title| json!({ "title": title }).to_string()).collect();
    let file = program.file("headlines.jsonl", &lines.join("\n"))?;
    let ran = program.run(&["inspect", "stories", &file, "--json"])?;
    let out: Value = serde_json::from_str(&ran.out)?;
    let stories: Vec<Vec<usize>> = serde_json::from_value(out["stories"].clone())?;
    let placed: usize = stories.iter().map(Vec::len).sum();
    ensure!(
        placed == lines.len(),
        "{placed} of {} headlines are in a story",
        lines.len()
    );
    Ok((stories, ran.seconds, ran.memory))
}

fn agreement(program: &Program, headlines: &[Headline], order: &[usize], what: &str) -> anyhow::Result<()> {
    let (stories, ..) = group(program, order.iter().map(|at| headlines[*at].title.clone()))?;
    let labels: Vec<&str> = order.iter().map(|at| headlines[*at].story.as_str()).collect();
    let found = Agreement::of(&stories, &labels);
    println!(
        "{what:<28}{:>10.3}{:>10.3}{:>8.3}{:>9}",
        found.precision,
        found.recall,
        found.f1(),
        stories.len()
    );
    Ok(())
}

/// Measures `count` headlines. If the file has fewer, each further copy of it has its letters rotated, so the copies are other stories.
fn measure(program: &Program, headlines: &[Headline], count: usize, rounds: usize) -> anyhow::Result<()> {
    let mut times = Vec::new();
    let mut most = 0;
    for _ in 0..rounds.max(1) {
        let copies = (0..26_u8).flat_map(|shift| headlines.iter().map(move |of| rotate(&of.title, shift)));
        let (_, seconds, memory) = group(program, copies.take(count))?;
        times.push(seconds);
        most = most.max(memory);
    }
    times.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "megabytes, printed with one digit")]
    let megabytes = most as f64 / 1e6;
    println!(
        "{count:<28}{:>10.2}{megabytes:>12.1}{:>18}",
        times[times.len() / 2],
        most / count as u64
    );
    Ok(())
}

fn rotate(text: &str, shift: u8) -> String {
    let turn = |letter: char| match letter {
        'a'..='z' => char::from((letter as u8 - b'a' + shift) % 26 + b'a'),
        'A'..='Z' => char::from((letter as u8 - b'A' + shift) % 26 + b'A'),
        other => other,
    };
    text.chars().map(turn).collect()
}

/// Shuffles with the algorithm of Fisher and Yates.
fn shuffle(order: &mut [usize], seed: u64) {
    let mut rng = Rng::seeded(seed);
    for last in (1..order.len()).rev() {
        let other = usize::try_from(rng.within(0..last as u64 + 1)).unwrap_or(0);
        order.swap(last, other);
    }
}
