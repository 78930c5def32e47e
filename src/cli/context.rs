//! What every command starts from: the options that all commands have, the settings, the open database, and the log.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use crate::app::App;
use crate::clock::{Clock, Rng};
use crate::config::{self, Config, LogFormat};

/// The options that all commands have.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The settings file of `--config`; `None` searches the usual places.
    pub(crate) config_file: Option<PathBuf>,
    /// Print one JSON document instead of text.
    pub(crate) json: bool,
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
}

/// Starts the log on standard error.
pub(crate) fn start_log(level: LevelFilter, format: LogFormat) {
    // The code that needs the database reports that it is unavailable, so the pool's own messages would repeat it.
    let filter = EnvFilter::new(format!("warn,sqlx_core::pool=off,daywire={level}"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // A line that cannot be written is lost. Reporting that on the same standard error would panic: a full disk must not end the
        // process.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    // A process has one log. Tests start several commands in one process; the first start wins.
    let _ = match format {
        LogFormat::Json => log.json().try_init(),
        LogFormat::Text => log.try_init(),
    };
}
