//! A newsroom with readers that sends one issue after another.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

use super::database::Kind;
use super::program::{Program, Ran};
use super::story::Story;

/// The newsletter that everybody reads.
pub const SLUG: &str = "bench";

/// Daywire on a database with recipients.
pub struct Newsroom {
    /// How it is run.
    pub program: Program,
    /// What its database is.
    pub kind: Kind,
    /// How many read it.
    pub recipients: u32,
    /// How long bringing the readers along took.
    pub import: Ran,
    story: Story,
    issues: u32,
}

impl Newsroom {
    /// Sets the database up and imports the readers.
    pub fn open(program: Program, kind: Kind, recipients: u32, story: Story) -> anyhow::Result<Self> {
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
            story,
            issues: 0,
        })
    }

    /// Brings new articles along and compiles an issue; its id.
    pub fn build_issue(&mut self) -> anyhow::Result<String> {
        self.issues += 1;
        let articles = self.program.file("articles.jsonl", &self.story.articles(self.issues))?;
        self.program
            .run(&["article", "import", &articles, "--newsletter", SLUG])?;
        let built = self.program.json(&["issue", "build", "--newsletter", SLUG])?;
        let id = built["id"].as_str();
        Ok(id.with_context(|| format!("no issue was built: {built}"))?.to_owned())
    }

    /// Freezes the recipients and queues them.
    pub fn send(&self, issue: &str) -> anyhow::Result<Ran> {
        self.program.run(&["issue", "send", issue])
    }

    /// The issue and how many deliveries are in each state.
    pub fn show(&self, issue: &str) -> anyhow::Result<Value> {
        self.program.json(&["issue", "show", issue])
    }

    /// The account of the issue; none if the command says that it does not balance.
    pub fn proof(&self, issue: &str) -> anyhow::Result<Value> {
        self.program.json(&["issue", "proof", issue])
    }

    /// Waits until the issue is `sent`.
    pub fn until_sent(&self, issue: &str, patience: Duration) -> anyhow::Result<()> {
        let start = Instant::now();
        loop {
            let shown = self.show(issue)?;
            if shown["state"] == "sent" {
                return Ok(());
            }
            if start.elapsed() > patience {
                bail!("the issue is not sent after all messages were: {shown}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The address of a reader: ten domains, in turn.
pub fn address(number: u32) -> String {
    format!("r{number:07}@d{}.example", number % 10)
}

/// The number of a reader.
pub fn number(address: &str) -> Option<u32> {
    address.strip_prefix('r')?.split_once('@')?.0.parse().ok()
}
