//! A newsletter with subscribers that sends one issue after another.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

use super::article_shape::ArticleShape;
use super::database::Kind;
use super::program::{CommandOutput, Program};

/// The slug of the newsletter.
pub const SLUG: &str = "bench";

/// Daywire with a database that has one newsletter and its subscribers.
pub struct Newsroom {
    /// The program with its settings.
    pub program: Program,
    /// The kind of its database.
    pub kind: Kind,
    /// The number of subscribers.
    pub recipients: u32,
    /// The command that imported the subscribers.
    pub import: CommandOutput,
    shape: ArticleShape,
    issues: u32,
}

impl Newsroom {
    /// Sets the database up and imports the subscribers.
    pub fn open(program: Program, kind: Kind, recipients: u32, shape: ArticleShape) -> anyhow::Result<Self> {
        let newsletter = format!("slug = \"{SLUG}\"\nname = \"Benchmark\"\nmax_stories = 500\n");
        program.run(&["newsletter", "apply", &program.file("newsletter.toml", &newsletter)?])?;
        let mut readers = String::from("email\n");
        for number in 0..recipients {
            let _ = writeln!(readers, "{}", address(number));
        }
        let readers = program.file("readers.csv", &readers)?;
        let join = [
            "--newsletter",
            SLUG,
            "--status",
            "confirmed",
            "--provenance",
            "made up for the benchmark",
        ];
        let import = program.run(&[&["subscriber", "import", &readers], &join[..]].concat())?;
        Ok(Self {
            program,
            kind,
            recipients,
            import,
            shape,
            issues: 0,
        })
    }

    /// Imports new articles and compiles an issue. Returns its id.
    pub fn build_issue(&mut self) -> anyhow::Result<String> {
        self.issues += 1;
        let articles = self
            .program
            .file("articles.jsonl", &self.shape.json_lines(self.issues))?;
        self.program
            .run(&["article", "import", &articles, "--newsletter", SLUG])?;
        let built = self.program.json(&["issue", "build", "--newsletter", SLUG])?;
        let id = built["id"].as_str();
        Ok(id.with_context(|| format!("no issue was built: {built}"))?.to_owned())
    }

    /// Starts an issue: freezes its recipients and queues their deliveries.
    pub fn send(&self, issue: &str) -> anyhow::Result<CommandOutput> {
        self.program.run(&["issue", "send", issue])
    }

    /// The issue, with the number of deliveries in each state.
    pub fn show(&self, issue: &str) -> anyhow::Result<Value> {
        self.program.json(&["issue", "show", issue])
    }

    /// The delivery report of the issue. An error if it does not balance.
    pub fn proof(&self, issue: &str) -> anyhow::Result<Value> {
        self.program.json(&["issue", "proof", issue])
    }

    /// Waits until the issue is `sent`.
    pub fn wait_until_sent(&self, issue: &str, timeout: Duration) -> anyhow::Result<()> {
        let start = Instant::now();
        loop {
            let shown = self.show(issue)?;
            if shown["state"] == "sent" {
                return Ok(());
            }
            if start.elapsed() > timeout {
                bail!("the issue is not sent after all messages were: {shown}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The address of a subscriber. Consecutive numbers are at ten different domains.
pub fn address(number: u32) -> String {
    format!("r{number:07}@d{}.example", number % 10)
}

/// The number in the address of a subscriber.
pub fn number(address: &str) -> Option<u32> {
    address.strip_prefix('r')?.split_once('@')?.0.parse().ok()
}
