//! Made-up articles, so many and so long that an issue has the size that is wanted.

use std::fmt::Write as _;

use anyhow::{Context, ensure};
use serde_json::json;

use super::program::Program;
use super::rng::Rng;
use super::sink_process::SinkProcess;

/// Most and fewest characters of a lede: what a digest shows whole, and what still reads like one.
const LEDE: std::ops::RangeInclusive<f64> = 40.0..=560.0;

/// How the articles of an issue are made.
#[derive(Clone, Copy, Debug)]
pub struct Story {
    /// How many.
    pub articles: usize,
    /// Characters of each lede.
    pub lede: usize,
}

impl Story {
    /// The articles of one issue as JSON lines. Words are made up at random, so that no two articles are alike; their
    /// lengths are always the same.
    pub fn articles(self, issue: u32) -> String {
        let mut lines = String::new();
        for number in 0..self.articles {
            let mut rng = Rng::seeded(u64::from(issue) << 16 | number as u64);
            let line = json!({
                "id": format!("bench-{issue:05}-{number:03}"),
                "title": text(&mut rng, 60),
                "url": format!("https://wire{number:03}.example/stories/{issue:05}"),
                "summary": text(&mut rng, self.lede),
            });
            let _ = writeln!(lines, "{line}");
        }
        lines
    }

    /// Finds out with three issues how size comes about, and with a fourth that it was understood: the message is within 1 % of `size` bytes.
    pub fn of_size(size: usize, program: &Program, sink: &mut SinkProcess) -> anyhow::Result<Self> {
        let mut probes = 0;
        let mut measure = |story: Self| {
            probes += 1;
            measure(story, probes, program, sink)
        };
        let few = measure(Self { articles: 6, lede: 500 })?;
        let short = measure(Self {
            articles: 12,
            lede: 100,
        })?;
        let long = measure(Self {
            articles: 12,
            lede: 500,
        })?;
        let per_character = (long - short) / (12.0 * 400.0);
        let per_article = (long - few) / 6.0 - 500.0 * per_character;
        let empty = long - 12.0 * (per_article + 500.0 * per_character);
        let wanted = whole(size);
        let articles = ((wanted - empty) / (per_article + 300.0 * per_character))
            .round()
            .max(1.0);
        let mut lede = ((wanted - empty) / articles - per_article) / per_character;
        for _ in 0..4 {
            ensure!(
                LEDE.contains(&lede),
                "no issue has about {size} bytes; try 6000 to 90000"
            );
            let story = Self {
                articles: natural(articles),
                lede: natural(lede),
            };
            let off = wanted - measure(story)?;
            if off.abs() < wanted / 100.0 {
                return Ok(story);
            }
            lede += off / (articles * per_character);
        }
        anyhow::bail!("no issue of {size} bytes could be made")
    }
}

/// The size of a message with such articles, as the sink sees it.
fn measure(story: Story, probe: u32, program: &Program, sink: &mut SinkProcess) -> anyhow::Result<f64> {
    let slug = format!("probe{probe}");
    let newsletter = format!("slug = \"{slug}\"\nname = \"Benchmark\"\nmax_stories = 500\n");
    program.run(&["newsletter", "apply", &program.file("probe.toml", &newsletter)?])?;
    let articles = program.file("probe.jsonl", &story.articles(90_000 + probe))?;
    program.run(&["article", "import", &articles, "--newsletter", &slug])?;
    let built = program.json(&["issue", "build", "--newsletter", &slug])?;
    let id = built["id"]
        .as_str()
        .with_context(|| format!("no issue was built: {built}"))?;
    sink.reset()?;
    program.run(&["issue", "test", id, "--to", "r0000001@d1.example"])?;
    let size = sink.totals()?.largest;
    ensure!(size > 0, "the test mail did not come");
    Ok(whole(usize::try_from(size)?))
}

/// Words of one to three syllables, `length` characters in all.
fn text(rng: &mut Rng, length: usize) -> String {
    const FIRST: &[u8] = b"bcdfghklmnprstvz";
    const SECOND: &[u8] = b"aeiou";
    let mut text = String::new();
    while text.len() < length {
        if !text.is_empty() {
            text.push(' ');
        }
        for _ in 0..=rng.within(0..3) {
            for letters in [FIRST, SECOND] {
                let at = usize::try_from(rng.within(0..letters.len() as u64)).unwrap_or(0);
                text.push(char::from(letters[at]));
            }
        }
    }
    text.truncate(length);
    // A space at the end would be trimmed away.
    if text.ends_with(' ') {
        text.pop();
        text.push('a');
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "sizes of messages are far below 2^52")]
fn whole(number: usize) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the numbers are small and positive"
)]
fn natural(number: f64) -> usize {
    number.round() as usize
}
