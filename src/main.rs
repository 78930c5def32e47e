//! Parses the command line and calls the library.

use std::process::ExitCode;

/// musl's own allocator takes several times as long, and makes threads wait for each other.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    daywire::cli::main()
}
