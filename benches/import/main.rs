//! How fast `daywire subscriber import` writes a file of readers into an empty database, and the peak memory of the process. For
//! comparison, a loop inserts rows one by one into a table with two columns.

#[allow(
    dead_code,
    reason = "shared with the other programs of benches/, each of which uses a part"
)]
#[path = "../support/mod.rs"]
mod support;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, ensure};
use clap::Parser;
use sqlx::Connection as _;

use support::database::{self, Choice, Kind};
use support::postgres::Server;
use support::process;
use support::program::Program;
use support::rng::Rng;

const MEGABYTE: u64 = 1024 * 1024;
/// Rows of the loop in one transaction.
const ROWS_PER_TRANSACTION: u32 = 1_000;

/// Measures how many rows a second an import writes, and the peak memory of the process that does it.
#[derive(Clone, Debug, Parser)]
#[command(bin_name = "cargo bench --bench import --")]
struct Options {
    /// Rows of the file. One in twenty unsubscribed, and one in fifty bounced.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1_000..=99_999_999))]
    rows: u32,
    /// The databases to measure, one after the other.
    #[arg(long, value_enum, default_value = "both")]
    database: Choice,
    /// The seed of the addresses; the same seed makes the same file.
    #[arg(long)]
    seed: Option<u64>,
    /// The benchmark fails below this rate on SQLite.
    #[arg(long, default_value_t = 50_000.0, value_name = "PER SECOND")]
    min_rate: f64,
    /// The benchmark fails below this rate on PostgreSQL.
    #[arg(long, default_value_t = 30_000.0, value_name = "PER SECOND")]
    min_rate_postgres: f64,
    /// The benchmark fails if the process needs this many megabytes.
    #[arg(long, default_value_t = 128, value_name = "MEGABYTES")]
    max_memory: u64,
    /// The daywire program to measure, instead of the one built with this benchmark.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let result = run();
    support::cleanup::wait_for_signal_handler();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("import: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether rates and memory are within the limits.
fn run() -> anyhow::Result<bool> {
    let mut options = Options::parse();
    if let Some(program) = &mut options.program {
        // It runs in a scratch folder.
        *program = std::fs::canonicalize(&program).with_context(|| format!("{} cannot be read", program.display()))?;
    }
    support::cleanup::run_on_signals()?;
    let (folder, _cleanup) = support::cleanup::scratch_folder()?;
    let seed = options.seed.unwrap_or_else(Rng::new_seed);
    println!(
        "{} rows, seed {seed}\non {} cores of {}, load {} before",
        options.rows,
        std::thread::available_parallelism()?,
        process::processor(),
        process::load()
    );
    let server = if options.database.kinds().contains(&Kind::Postgres) {
        Some(Server::named_or_new()?)
    } else {
        None
    };
    let file = folder.join("readers.csv");
    write_csv(&file, seed, options.rows)?;
    let mut is_within = true;
    for kind in options.database.kinds() {
        is_within &= measure(&options, *kind, &folder, &file, server.as_ref())?;
    }
    Ok(is_within)
}

fn measure(options: &Options, kind: Kind, folder: &Path, file: &Path, server: Option<&Server>) -> anyhow::Result<bool> {
    let url = database::create(kind, "import", folder, server)?;
    let program = Program::new(folder, options.program.as_deref()).with("database.url", &url);
    let newsletter = program.file("newsletter.toml", "slug = \"bench\"\nname = \"Benchmark\"\n")?;
    program.run(&["newsletter", "apply", &newsletter])?;
    let file = file.display().to_string();
    let import = [
        "subscriber",
        "import",
        &file,
        "--newsletter",
        "bench",
        "--status",
        "confirmed",
        "--provenance",
        "benchmark",
    ];
    let first = program.run(&import)?;
    let added = format!("{} added, 0 updated, 0 skipped, 0 refused", options.rows);
    ensure!(first.out.contains(&added), "the import printed {}", first.out.trim());
    let again = program.run(&import)?;
    let looped = insert_one_by_one(
        &database::create(kind, "loop", folder, server)?,
        options.rows.min(100_000),
    )?;
    let rows = f64::from(options.rows);
    let rate = rows / first.seconds;
    println!(
        "{kind}: {rate:.0} rows/s ({:.1} s), {:.2} of a loop that inserts rows one by one ({looped:.0} rows/s); peak memory {} MB; \
         the same file again: {:.0} rows/s",
        first.seconds,
        rate / looped,
        first.memory / MEGABYTE,
        rows / again.seconds
    );
    let minimum = match kind {
        Kind::Sqlite => options.min_rate,
        Kind::Postgres => options.min_rate_postgres,
    };
    let is_fast = rate >= minimum;
    if !is_fast {
        println!("{kind}: below {minimum:.0} rows/s");
    }
    let is_small = first.memory < options.max_memory * MEGABYTE;
    if !is_small {
        println!("{kind}: {} MB or more", options.max_memory);
    }
    Ok(is_fast && is_small)
}

/// Writes a file in the form of a common export.
fn write_csv(file: &Path, seed: u64, rows: u32) -> anyhow::Result<()> {
    const NAMES: [&str; 8] = ["Ada", "Grace", "Zoë", "André", "Li", "Olena", "Jürgen", "Amina"];
    let mut rng = Rng::seeded(seed);
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "email,first_name,status,created_at,confirm_ip")?;
    for row in 0..rows {
        // The order of addresses in a real list has nothing to do with that of the alphabet.
        let random = rng.within(0..u64::MAX);
        let name = NAMES[usize::try_from(random % 8)?];
        let status = match row % 100 {
            0..5 => "unsubscribed",
            5..7 => "cleaned",
            _ => "active",
        };
        writeln!(
            out,
            "{random:016x}.{row}@d{}.example,{name},{status},2024-05-01 12:00:00,192.0.2.{}",
            random % 5_000,
            random % 250
        )?;
    }
    Ok(out.flush()?)
}

/// Inserts rows one by one, with a thousand in each transaction, and returns the rate.
fn insert_one_by_one(url: &str, rows: u32) -> anyhow::Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // The two databases have different types in sqlx.
        macro_rules! insert {
            ($connection:ident) => {{
                sqlx::raw_sql("CREATE TABLE reader (address TEXT NOT NULL PRIMARY KEY, name TEXT)")
                    .execute(&mut $connection)
                    .await?;
                let start = Instant::now();
                let mut row = 0;
                while row < rows {
                    let mut tx = $connection.begin().await?;
                    for _ in 0..ROWS_PER_TRANSACTION.min(rows - row) {
                        sqlx::query("INSERT INTO reader (address, name) VALUES ($1, $2)")
                            .bind(format!("reader{row}@reader.example"))
                            .bind("Ada")
                            .execute(&mut *tx)
                            .await?;
                        row += 1;
                    }
                    tx.commit().await?;
                }
                f64::from(rows) / start.elapsed().as_secs_f64()
            }};
        }
        if let Some(file) = url.strip_prefix("sqlite:") {
            let options = sqlx::sqlite::SqliteConnectOptions::new()
                .filename(file)
                .create_if_missing(true)
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlx::sqlite::SqliteSynchronous::Normal);
            let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
            return Ok(insert!(connection));
        }
        let mut connection = sqlx::PgConnection::connect(url).await?;
        Ok(insert!(connection))
    })
}
