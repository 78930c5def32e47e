//! Generated articles. Their number and length are chosen so that a message has the requested size.

use std::fmt::Write as _;

use anyhow::{Context, ensure};
use serde_json::json;

use super::program::Program;
use super::rng::Rng;
use super::sink_process::SinkProcess;

/// The range of characters of a lede. A digest shortens a longer one.
const LEDE: std::ops::RangeInclusive<f64> = 40.0..=560.0;

/// The number and length of the articles of an issue.
#[derive(Clone, Copy, Debug)]
pub struct ArticleShape {
    /// The number of articles.
    pub count: usize,
    /// The characters of each lede.
    pub lede: usize,
}

impl ArticleShape {
    /// The articles of one issue as JSON lines. Their words are random, so no two articles are similar. Their lengths are always
    /// the same.
    pub fn json_lines(self, issue: u32) -> String {
        let mut lines = String::new();
        for number in 0..self.count {
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

    /// The shape whose message has `size` bytes, with an error of at most 1 %. Measures three issues to learn what an article and a
    /// character add, and then checks the result with a fourth.
    pub fn for_message_size(size: usize, program: &Program, sink: &mut SinkProcess) -> anyhow::Result<Self> {
        let mut probes = 0;
        let mut measure = |shape: Self| {
            probes += 1;
            measure(shape, probes, program, sink)
        };
        let few = measure(Self { count: 6, lede: 500 })?;
        let short = measure(Self { count: 12, lede: 100 })?;
        let long = measure(Self { count: 12, lede: 500 })?;
        let per_character = (long - short) / (12.0 * 400.0);
        let per_article = (long - few) / 6.0 - 500.0 * per_character;
        let empty = long - 12.0 * (per_article + 500.0 * per_character);
        let wanted = to_f64(size);
        let articles = ((wanted - empty) / (per_article + 300.0 * per_character))
            .round()
            .max(1.0);
        let mut lede = ((wanted - empty) / articles - per_article) / per_character;
        for _ in 0..4 {
            ensure!(
                LEDE.contains(&lede),
                "no issue can have about {size} bytes; try 6000 to 90000"
            );
            let shape = Self {
                count: to_usize(articles),
                lede: to_usize(lede),
            };
            let off = wanted - measure(shape)?;
            if off.abs() < wanted / 100.0 {
                return Ok(shape);
            }
            lede += off / (articles * per_character);
        }
        anyhow::bail!("no issue of {size} bytes could be made")
    }
}

/// The size of a message with such articles, as the sink measures it.
fn measure(shape: ArticleShape, probe: u32, program: &Program, sink: &mut SinkProcess) -> anyhow::Result<f64> {
    let slug = format!("probe{probe}");
    let newsletter = format!("slug = \"{slug}\"\nname = \"Benchmark\"\nmax_stories = 500\n");
    program.run(&["newsletter", "apply", &program.file("probe.toml", &newsletter)?])?;
    let articles = program.file("probe.jsonl", &shape.json_lines(90_000 + probe))?;
    program.run(&["article", "import", &articles, "--newsletter", &slug])?;
    let built = program.json(&["issue", "build", "--newsletter", &slug])?;
    let id = built["id"]
        .as_str()
        .with_context(|| format!("no issue was built: {built}"))?;
    sink.reset()?;
    program.run(&["issue", "test", id, "--to", "r0000001@d1.example"])?;
    let size = sink.totals()?.largest;
    ensure!(size > 0, "the sink received no test mail");
    Ok(to_f64(usize::try_from(size)?))
}

/// Random words of one to three syllables, `length` characters in all.
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
fn to_f64(number: usize) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the numbers are small and positive"
)]
fn to_usize(number: f64) -> usize {
    number.round() as usize
}
