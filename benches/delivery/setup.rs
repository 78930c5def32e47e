//! What the scenarios share: scratch folder, sinks, databases with subscribers, and keys.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::Context;

use crate::options::{Dkim, Options, SinkChoice};
use crate::report::thousands;
use crate::support::article_shape::ArticleShape;
use crate::support::cleanup::Cleanup;
use crate::support::database::{self, Kind};
use crate::support::newsroom::Newsroom;
use crate::support::postgres::Server;
use crate::support::program::Program;
use crate::support::sink_process::SinkProcess;
use crate::support::{postfix, process};

/// The domain that signs.
const DOMAIN: &str = "news.example";

/// Everything that is set up once.
pub struct Setup {
    /// The command line.
    pub options: Options,
    /// smtp-source, if it is installed.
    pub source: Option<PathBuf>,
    /// PostgreSQL, if a scenario runs on it.
    pub server: Option<Server>,
    /// The articles whose message has the requested size.
    pub shape: ArticleShape,
    /// The value of `smtp-source -l` for messages of the same size.
    pub source_length: usize,
    newsrooms: HashMap<Kind, Newsroom>,
    keys: HashMap<&'static str, String>,
    folder: PathBuf,
    _cleanup: Cleanup,
}

impl Setup {
    /// Prepares what every scenario needs.
    pub fn prepare(options: Options) -> anyhow::Result<Self> {
        let (folder, cleanup) = crate::support::cleanup::scratch_folder()?;
        let server = if options.database.kinds().contains(&Kind::Postgres) {
            Some(Server::named_or_new()?)
        } else {
            None
        };
        let mut sink = SinkProcess::start::<&str>(&[])?;
        let probe = folder.join("probe");
        std::fs::create_dir(&probe)?;
        let program = Program::new(&probe, options.program.as_deref())
            .with("database.url", database::create(Kind::Sqlite, "probe", &probe, None)?)
            .with("relay.url", format!("smtp://{}", sink.address));
        eprintln!("searching for articles that make a message of {} bytes", options.size);
        let shape = ArticleShape::for_message_size(options.size, &program, &mut sink)?;
        let source = postfix::find("smtp-source");
        let source_length = match &source {
            Some(source) => source_length(source, options.size, &mut sink)?,
            None => 0,
        };
        Ok(Self {
            options,
            source,
            server,
            shape,
            source_length,
            newsrooms: HashMap::new(),
            keys: HashMap::new(),
            folder,
            _cleanup: cleanup,
        })
    }

    /// The parameters and the machine, for the beginning of the output.
    pub fn description(&self) -> anyhow::Result<String> {
        let options = &self.options;
        let cores = std::thread::available_parallelism()?;
        let mut lines = vec![
            format!(
                "{} messages of {} bytes a round, {} connections, {} rounds",
                thousands(f64::from(options.recipients)),
                options.size,
                options.connections,
                options.rounds
            ),
            format!(
                "on {cores} cores of {}, load {} before",
                process::processor(),
                process::load()
            ),
        ];
        if let Some(server) = &self.server {
            lines.push(server.description()?);
        }
        lines.extend(options.set.iter().map(|(key, value)| format!("with {key} = {value}")));
        if self.source.is_none() {
            lines.push("without smtp-source, which is not installed (Debian: apt-get install postfix)".into());
        }
        Ok(lines.join("\n"))
    }

    /// Daywire on a new database, with the settings of the command line.
    pub fn program(&self, kind: Kind, name: &str) -> anyhow::Result<Program> {
        let folder = self.folder.join(format!("{name}-{kind}"));
        std::fs::create_dir(&folder)?;
        let url = database::create(kind, name, &folder, self.server.as_ref())?;
        let mut program = Program::new(&folder, self.options.program.as_deref())
            .with("database.url", url)
            .with("relay.connections", self.options.connections);
        for (key, value) in &self.options.set {
            program = program.with(key, value);
        }
        Ok(program)
    }

    /// A newsroom with this many subscribers on a new database.
    pub fn newsroom(&self, kind: Kind, name: &str, recipients: u32) -> anyhow::Result<Newsroom> {
        eprintln!("importing {recipients} subscribers into {kind}");
        Newsroom::open(self.program(kind, name)?, kind, recipients, self.shape)
    }

    /// Takes the newsroom that the rounds share; the first call creates it.
    pub fn take_newsroom(&mut self, kind: Kind) -> anyhow::Result<Newsroom> {
        match self.newsrooms.remove(&kind) {
            Some(newsroom) => Ok(newsroom),
            None => self.newsroom(kind, "bench", self.options.recipients),
        }
    }

    /// Returns it for the next round.
    pub fn put_back(&mut self, kind: Kind, newsroom: Newsroom) {
        self.newsrooms.insert(kind, newsroom);
    }

    /// The program with DKIM signatures of this kind.
    pub fn signing(&mut self, program: Program, dkim: Dkim) -> anyhow::Result<Program> {
        if dkim == Dkim::None {
            return Ok(program);
        }
        let key = self.key(dkim)?;
        Ok(program
            .with("dkim.domain", DOMAIN)
            .with("dkim.selector", "bench")
            .with("dkim.key_file", key))
    }

    /// The path of a key file, which is generated at the first call.
    pub fn key(&mut self, dkim: Dkim) -> anyhow::Result<String> {
        let name = if dkim == Dkim::Rsa { "rsa" } else { "ed25519" };
        if let Some(path) = self.keys.get(name) {
            return Ok(path.clone());
        }
        let path = self.folder.join(format!("{name}.pem")).display().to_string();
        let mut arguments = vec![
            "dkim",
            "generate",
            "--domain",
            DOMAIN,
            "--selector",
            "bench",
            "--out",
            &path,
        ];
        if dkim == Dkim::Ed25519 {
            arguments.push("--ed25519");
        }
        Program::new(&self.folder, self.options.program.as_deref()).run(&arguments)?;
        self.keys.insert(name, path.clone());
        Ok(path)
    }
}

/// A sink of either kind.
pub enum Sink {
    /// The sink of this benchmark.
    Minimal(SinkProcess),
    /// Postfix's smtp-sink.
    Postfix(postfix::Sink),
}

impl Sink {
    /// Starts a sink. Only the minimal sink uses the options.
    pub fn start(kind: SinkChoice, options: &[&str]) -> anyhow::Result<Self> {
        if kind == SinkChoice::SmtpSink {
            let program = postfix::find("smtp-sink").context(
                "smtp-sink is not installed: install Postfix (Debian: apt-get install postfix), or use --sink minimal",
            )?;
            return Ok(Self::Postfix(postfix::Sink::start(&program)?));
        }
        Ok(Self::Minimal(SinkProcess::start(options)?))
    }

    /// Its name in the tables.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Minimal(_) => "minimal",
            Self::Postfix(_) => "smtp-sink",
        }
    }

    /// The address on which it accepts mail.
    pub fn address(&self) -> std::net::SocketAddr {
        match self {
            Self::Minimal(sink) => sink.address,
            Self::Postfix(sink) => sink.address,
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        match self {
            Self::Minimal(sink) => sink.pid(),
            Self::Postfix(sink) => sink.pid(),
        }
    }

    /// Starts counting from zero.
    pub fn reset(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Minimal(sink) => sink.reset()?,
            Self::Postfix(sink) => sink.reset(),
        }
        Ok(())
    }

    /// The messages since the reset, and the seconds from the first of them to the last.
    pub fn count(&mut self) -> anyhow::Result<(u64, f64)> {
        Ok(match self {
            Self::Minimal(sink) => {
                let totals = sink.totals()?;
                (totals.messages, totals.seconds)
            }
            Self::Postfix(sink) => (sink.seen().messages(), sink.seen().seconds()),
        })
    }

    /// The bytes of the smallest and of the largest message since the reset, if the sink measures sizes.
    pub fn sizes(&mut self) -> anyhow::Result<Option<(u64, u64)>> {
        Ok(match self {
            Self::Minimal(sink) => {
                let totals = sink.totals()?;
                Some((totals.smallest, totals.largest))
            }
            Self::Postfix(_) => None,
        })
    }
}

/// smtp-source adds its headers to the length. One message shows how long they are.
fn source_length(source: &std::path::Path, size: usize, sink: &mut SinkProcess) -> anyhow::Result<usize> {
    sink.reset()?;
    postfix::source(source, sink.address, 1, size, 1)?;
    let sent = usize::try_from(sink.totals()?.largest)?;
    Ok((2 * size).saturating_sub(sent))
}
