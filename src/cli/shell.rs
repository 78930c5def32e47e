//! `daywire completions` and `daywire man`.

use std::path::PathBuf;

use clap::CommandFactory;

use super::Cli;

/// Options of `daywire completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell.
    shell: clap_complete::Shell,
}

/// Options of `daywire man`.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// The folder; it is made if it is not there.
    dir: PathBuf,
}

pub fn completions(args: &CompletionsArgs) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "daywire", &mut script);
    super::output::text(&String::from_utf8_lossy(&script))
}

pub fn man(args: &ManArgs) -> anyhow::Result<()> {
    std::fs::create_dir_all(&args.dir)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), &args.dir))
        .map_err(|error| anyhow::anyhow!("cannot write into {}: {error}; name another folder", args.dir.display()))
}
