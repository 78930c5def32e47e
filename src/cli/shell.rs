//! `daywire completions` and `daywire man`: what packages install with the program. Both are made from the definition of the
//! command line, so they name every command and option.

use std::path::PathBuf;

use super::output;

/// Options of `daywire completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    shell: clap_complete::Shell,
}

/// Options of `daywire man`.
#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// The folder; it is created if it does not exist.
    pub(super) dir: PathBuf,
}

pub(crate) fn completions(args: &CompletionsArgs, mut program: clap::Command) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "daywire", &mut script);
    output::text(&String::from_utf8_lossy(&script))
}

pub(crate) fn man(args: &ManArgs, program: clap::Command) -> anyhow::Result<()> {
    std::fs::create_dir_all(&args.dir)
        .and_then(|()| clap_mangen::generate_to(program, &args.dir))
        .map_err(|error| anyhow::anyhow!("cannot write into {}: {error}; name another folder", args.dir.display()))
}
