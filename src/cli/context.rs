//! What every command starts from: the options that all commands have, the settings, the open database, and the log.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::app::App;
use crate::clock::{Clock, Rng};
use crate::config::{self, Config, LogFormat};
use crate::traces::{self, Traces};

/// The options that all commands have.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The settings file of `--config`; `None` searches the usual places.
    pub(crate) config_file: Option<PathBuf>,
    /// Print one JSON document instead of text.
    pub(crate) json: bool,
    /// The export of traces, which the end of the program finishes.
    pub(crate) traces: Traces,
}

impl Context {
    pub(crate) fn config(&self) -> anyhow::Result<Config> {
        Ok(config::load(
            self.config_file.as_deref(),
            config::environment(),
            config::SEARCH,
        )?)
    }

    /// Opens the program's database, which must exist: a command in the wrong folder must not create an empty one.
    pub(crate) async fn app(&self) -> anyhow::Result<Arc<App>> {
        // Boxed, because the settings are large: the future of each command would contain them.
        Ok(Box::pin(App::open_existing(self.config()?, Clock::System, Rng::System)).await?)
    }

    /// Opens the program's database, and creates it if it does not exist: for the commands that set up a new site.
    pub(crate) async fn app_or_new(&self) -> anyhow::Result<Arc<App>> {
        Ok(Box::pin(App::open(self.config()?, Clock::System, Rng::System)).await?)
    }

    /// Starts the log of a command that compiles or sends issues, and the export of their traces.
    pub(crate) fn start_log_and_traces(&self, level: LevelFilter, config: &Config) {
        start(level, config.log.format, self.traces.start(config));
    }

    /// Starts the export of traces for a command that has no log.
    pub(crate) fn start_traces(&self, config: &Config) {
        if let Some(traces) = self.traces.start(config) {
            // As with the log, the first start wins.
            let _ = tracing_subscriber::registry().with(traces).try_init();
        }
    }
}

/// Starts the log on standard error.
pub(crate) fn start_log(level: LevelFilter, format: LogFormat) {
    start(level, format, None);
}

fn start(level: LevelFilter, format: LogFormat, traces: Option<traces::Layer>) {
    // The code that needs the database reports that it is unavailable, so the pool's own messages would repeat it.
    let filter = EnvFilter::new(format!("warn,sqlx_core::pool=off,daywire={level}"));
    let log = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        // A line that cannot be written is lost. Reporting that on the same standard error would panic: a full disk must not end the
        // process.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let log = match format {
        LogFormat::Json => log.json().boxed(),
        LogFormat::Text => log.boxed(),
    };
    // A process has one log. Tests start several commands in one process; the first start wins.
    let _ = match traces {
        None => tracing_subscriber::registry().with(log).with(filter).try_init(),
        // The level of the log does not apply to traces.
        Some(traces) => {
            let layers = vec![log.with_filter(filter).boxed(), traces];
            tracing_subscriber::registry().with(layers).try_init()
        }
    };
}
