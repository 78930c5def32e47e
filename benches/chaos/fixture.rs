//! What a scenario needs: a database with subscribers, senders, and a sink that logs.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::disk::SmallDisk;
use crate::options::{Fault, Options, Scenario};
use crate::support::article_shape::ArticleShape;
use crate::support::cleanup::Cleanup;
use crate::support::database::{self, Kind};
use crate::support::newsroom::Newsroom;
use crate::support::postgres::Server;
use crate::support::program::{Program, Service};
use crate::support::sink_process::SinkProcess;

/// About 20 KB: longer than one packet, so that a connection can break within a message.
const SHAPE: ArticleShape = ArticleShape { count: 14, lede: 300 };

/// Everything that is set up once for a scenario on a database. Fields are dropped in their order, so the folder is removed last.
pub struct Fixture {
    /// The scenario.
    pub scenario: Scenario,
    /// The number of connections of each sender.
    pub connections: u32,
    /// The number of senders.
    pub senders: u32,
    /// The program that sends.
    pub newsroom: Newsroom,
    /// The relay that receives.
    pub sink: SinkProcess,
    /// The disk that the scenario fills, if it does.
    pub disk: Option<SmallDisk>,
    /// PostgreSQL, if the database is on it.
    pub server: Option<Server>,
    log: PathBuf,
    read: u64,
    folder: PathBuf,
    keep: Arc<AtomicBool>,
    _cleanup: Cleanup,
}

impl Fixture {
    /// Sets everything up.
    pub fn open(options: &Options, scenario: Scenario, kind: Kind, seed: u64) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("daywire-chaos-").tempdir()?.keep();
        let keep = Arc::new(AtomicBool::new(false));
        let cleanup = {
            let (folder, keep) = (folder.clone(), Arc::clone(&keep));
            Cleanup::new(move || {
                if !keep.load(Ordering::Relaxed) {
                    let _ = std::fs::remove_dir_all(folder);
                }
            })
        };
        let server = match kind {
            Kind::Sqlite => None,
            Kind::Postgres if scenario.crashes_the_server() => Some(Server::start()?),
            Kind::Postgres => Some(Server::named_or_new()?),
        };
        let data = folder.join("data");
        std::fs::create_dir(&data)?;
        let disk = match scenario {
            Scenario::Fault(Fault::DiskFull) => Some(SmallDisk::mount(&data)?),
            _ => None,
        };
        let log = folder.join("sink.log");
        let sink = SinkProcess::start(&sink_options(options, scenario, seed, &log))?;
        let mut program = Program::new(&folder, options.program.as_deref())
            .with("database.url", database::create(kind, "chaos", &data, server.as_ref())?)
            .with("relay.url", format!("smtp://{}", sink.address))
            .with("relay.connections", options.connections)
            .with("delivery.lease", options.lease(scenario))
            .with("delivery.retry_after", "1s");
        if scenario == Scenario::Fault(Fault::Tarpit) {
            for timeout in ["connect", "greeting", "mail", "rcpt", "data", "block", "final"] {
                program = program.with(&format!("relay.timeouts.{timeout}"), "2s");
            }
        }
        for (key, value) in &options.set {
            program = program.with(key, value);
        }
        let recipients = options.recipients(scenario);
        eprintln!("{scenario}: importing {recipients} subscribers into {kind}");
        let newsroom = Newsroom::open(program, kind, recipients, SHAPE)?;
        Ok(Self {
            scenario,
            connections: options.connections,
            senders: options.senders(scenario),
            newsroom,
            sink,
            disk,
            server,
            log,
            read: 0,
            folder,
            keep,
            _cleanup: cleanup,
        })
    }

    /// Starts a sender.
    pub fn sender(&self) -> anyhow::Result<Service> {
        self.newsroom.program.serve(&["--role", "sender"])
    }

    /// What the sink has logged since the previous call.
    pub fn new_log(&mut self) -> anyhow::Result<String> {
        self.sink.flush()?;
        let mut file = std::fs::File::open(&self.log)?;
        file.seek(SeekFrom::Start(self.read))?;
        let mut text = String::new();
        self.read += file.read_to_string(&mut text)? as u64;
        Ok(text)
    }

    /// Keeps the scratch folder when the program ends.
    pub fn keep(&self) {
        if !self.keep.swap(true, Ordering::Relaxed) {
            println!("  logs and, on SQLite, the database stay in {}", self.folder.display());
        }
    }
}

fn sink_options(options: &Options, scenario: Scenario, seed: u64, log: &Path) -> Vec<String> {
    let rate = options.rate.to_string();
    let fault: &[&str] = match scenario {
        Scenario::Fault(Fault::Hangup) => &["--hang-up", &rate],
        Scenario::Fault(Fault::Tarpit) => &["--tarpit", &rate],
        Scenario::Fault(Fault::DropFinal) => &["--drop-final", &rate],
        Scenario::Fault(Fault::Slow) => &["--slow", "50"],
        _ => &[],
    };
    let fixed = [
        "--log".to_owned(),
        log.display().to_string(),
        "--seed".to_owned(),
        seed.to_string(),
    ];
    fixed
        .into_iter()
        .chain(fault.iter().map(|word| (*word).to_owned()))
        .collect()
}
