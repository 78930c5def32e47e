//! Runs `pg_dump` and `pg_restore`. They get the address and the password in their environment, which other users of the machine cannot
//! read; the command line they can.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use data_encoding::HEXLOWER;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::BackupError;
use crate::app::on_blocking_pool;
use crate::store::migrate::MigrationRecord;

/// The folder of PostgreSQL's programs; `None` searches `PATH`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Programs(pub(crate) Option<PathBuf>);

/// What an archive contains.
#[derive(Debug)]
pub(super) struct ArchiveContent {
    /// The migrations that were run on the database, oldest first; empty if they are not recorded.
    pub(super) migrations: Vec<MigrationRecord>,
    /// How many rows each table has.
    pub(super) rows: BTreeMap<String, u64>,
    /// The schema that has the tables.
    pub(super) schema: Option<String>,
}

/// The variables of [libpq](https://www.postgresql.org/docs/current/libpq-envars.html) that lead to a server.
type Environment = Vec<(&'static str, String)>;

impl Programs {
    /// Writes an archive of a schema. Compression and the format are those that `pg_restore` expects.
    pub(super) async fn dump(&self, hosts: &[SecretString], schema: &str, file: &Path) -> Result<(), BackupError> {
        let mut command = self.command("pg_dump");
        command
            .args(["--format=custom", "--no-owner", "--no-privileges", "--no-password"])
            // In quotes every other character stands for itself.
            .arg(format!("--schema=\"{}\"", schema.replace('"', "\"\"")))
            .arg(file_argument("--file=", file))
            .envs(environment(hosts))
            .stdout(Stdio::null());
        on_blocking_pool(move || ended("pg_dump", spawn(&mut command)?)).await
    }

    /// Reads a whole archive: as SQL it has the rows of each table, one on each line.
    pub(super) async fn read_archive(&self, file: &Path) -> Result<ArchiveContent, BackupError> {
        let mut command = self.command("pg_restore");
        command.arg("--file=-").arg(file).stdout(Stdio::piped());
        let file = file.to_owned();
        on_blocking_pool(move || {
            let mut child = spawn(&mut command)?;
            let parsed = child.stdout.take().map(|out| parse(BufReader::new(out)));
            match (ended("pg_restore", child), parsed) {
                (Ok(()), Some(Ok(content))) => Ok(content),
                (Err(BackupError::ProgramFailed { output, .. }), _) => {
                    Err(BackupError::Damaged { file, fault: output })
                }
                (Err(error), _) => Err(error),
                (Ok(()), Some(Err(source))) => Err(BackupError::Io { path: file, source }),
                (Ok(()), None) => unreachable!("the output is piped"),
            }
        })
        .await
    }

    /// Creates the tables of an archive and fills them, in one transaction. The record of migrations stays empty: no program uses the
    /// tables before [`restore`](super::restore()) has stopped what was under way and completes the record in the same transaction.
    pub(super) async fn restore(&self, hosts: &[SecretString], file: &Path) -> Result<(), BackupError> {
        let mut list = self.command("pg_restore");
        list.arg("--list").arg(file).stdout(Stdio::piped());
        let mut command = self.command("pg_restore");
        command
            .args([
                "--single-transaction",
                "--exit-on-error",
                "--no-owner",
                "--no-privileges",
                "--no-password",
            ])
            .arg("--use-list=/dev/stdin")
            .arg(format!("--dbname={}", database(hosts)))
            .arg(file)
            .envs(environment(hosts))
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        on_blocking_pool(move || {
            let mut child = spawn(&mut list)?;
            let mut entries = String::new();
            if let Some(mut out) = child.stdout.take() {
                // If this fails, the program fails too, and says why.
                let _ = out.read_to_string(&mut entries);
            }
            ended("pg_restore", child)?;
            let mut child = spawn(&mut command)?;
            if let Some(mut input) = child.stdin.take() {
                let _ = input.write_all(without_own_entries(&entries).as_bytes());
            }
            ended("pg_restore", child)
        })
        .await
    }

    fn command(&self, program: &'static str) -> Command {
        let path = self
            .0
            .as_ref()
            .map_or_else(|| program.into(), |folder| folder.join(program));
        let mut command = Command::new(path);
        // Their messages are shown to people and compared by tests.
        command.env("LC_ALL", "C").stdin(Stdio::null()).stderr(Stdio::piped());
        command
    }
}

fn file_argument(option: &str, file: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from(option);
    argument.push(file);
    argument
}

fn spawn(command: &mut Command) -> Result<Child, BackupError> {
    command.spawn().map_err(|source| BackupError::Program {
        program: command.get_program().into(),
        source,
    })
}

/// Waits for the end of a program, and fails with what it printed if it failed.
fn ended(program: &'static str, child: Child) -> Result<(), BackupError> {
    let output = child.wait_with_output().map_err(|source| BackupError::Program {
        program: program.into(),
        source,
    })?;
    if output.status.success() {
        return Ok(());
    }
    let printed = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = printed.split_whitespace().collect();
    Err(BackupError::ProgramFailed {
        program,
        output: if lines.is_empty() {
            output.status.to_string()
        } else {
            lines.join(" ")
        },
    })
}

/// The entries of an archive's list that are restored: not the schema, which exists, and not the record of migrations.
fn without_own_entries(list: &str) -> String {
    let is_kept = |line: &&str| {
        let mut words = line.split(' ').skip(3);
        let (kind, next) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let is_schema = kind == "SCHEMA" || (kind == "COMMENT" && line.contains(" SCHEMA "));
        let is_record = kind == "TABLE" && next == "DATA" && line.contains(" _sqlx_migrations ");
        !is_schema && !is_record
    };
    list.lines().filter(is_kept).flat_map(|line| [line, "\n"]).collect()
}

/// The name of the database as a connection string: its value may have any characters.
fn database(hosts: &[SecretString]) -> String {
    let environment = environment(hosts);
    let name = environment.iter().find(|(name, _)| *name == "PGDATABASE");
    let user = environment.iter().find(|(name, _)| *name == "PGUSER");
    match name.or(user) {
        Some((_, value)) => format!("dbname='{}'", value.replace('\\', "\\\\").replace('\'', "\\'")),
        None => "dbname=postgres".to_owned(),
    }
}

/// The variables that lead to the servers of `database.url`. Variables that the environment has already, such as `PGPASSFILE`, stay.
fn environment(hosts: &[SecretString]) -> Environment {
    let urls = hosts.iter().filter_map(|host| Url::parse(host.expose_secret()).ok());
    let urls: Vec<_> = urls.collect();
    let Some(first) = urls.first() else {
        return Vec::new();
    };
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let option = |url: &Url, names: &[&str]| {
        let mut pairs = url.query_pairs();
        let found = pairs.find(|(name, _)| names.contains(&name.as_ref()));
        found.map(|(_, value)| value.into_owned())
    };
    let of_each = |value: &dyn Fn(&Url) -> String| urls.iter().map(value).collect::<Vec<_>>().join(",");
    let host = |url: &Url| {
        let named = option(url, &["host", "hostaddr"]);
        named.unwrap_or_else(|| decoded(url.host_str().unwrap_or_default().trim_matches(['[', ']'])))
    };
    let port = |url: &Url| option(url, &["port"]).unwrap_or_else(|| url.port().unwrap_or(5432).to_string());
    let not_empty = |text: String| Some(text).filter(|text| !text.is_empty());
    let values = [
        ("PGHOST", not_empty(of_each(&host))),
        ("PGPORT", Some(of_each(&port))),
        (
            "PGUSER",
            option(first, &["user"]).or_else(|| not_empty(decoded(first.username()))),
        ),
        (
            "PGPASSWORD",
            option(first, &["password"]).or_else(|| first.password().map(decoded)),
        ),
        (
            "PGDATABASE",
            option(first, &["dbname"]).or_else(|| not_empty(decoded(first.path().trim_start_matches('/')))),
        ),
        ("PGSSLMODE", option(first, &["sslmode", "ssl-mode"])),
        (
            "PGSSLROOTCERT",
            option(first, &["sslrootcert", "ssl-root-cert", "ssl-ca"]),
        ),
        ("PGSSLCERT", option(first, &["sslcert", "ssl-cert"])),
        ("PGSSLKEY", option(first, &["sslkey", "ssl-key"])),
        (
            "PGTARGETSESSIONATTRS",
            (urls.len() > 1).then(|| "read-write".to_owned()),
        ),
        ("PGCONNECT_TIMEOUT", Some("20".to_owned())),
        ("PGAPPNAME", Some("daywire".to_owned())),
    ];
    let set = values.into_iter().filter_map(|(name, value)| Some((name, value?)));
    set.collect()
}

/// Reads the rows of each table from the SQL of an archive: `COPY schema.table (columns) FROM stdin;`, a line for each row, and `\.`.
fn parse(mut sql: impl BufRead) -> std::io::Result<ArchiveContent> {
    let (mut rows, mut migrations, mut schema) = (BTreeMap::new(), Vec::new(), None);
    let mut copied: Option<Copied> = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        if sql.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        match &mut copied {
            None => copied = Copied::begin(text),
            Some(table) if text == br"\." => {
                schema = Some(table.schema.clone());
                rows.insert(table.name.clone(), table.rows);
                copied = None;
            }
            Some(table) => {
                table.rows += 1;
                if table.name == "_sqlx_migrations" {
                    migrations.extend(table.migration(&String::from_utf8_lossy(text)));
                }
            }
        }
    }
    migrations.sort_by_key(|record: &MigrationRecord| record.version);
    Ok(ArchiveContent {
        migrations,
        rows,
        schema,
    })
}

/// A table whose rows are being read.
struct Copied {
    schema: String,
    name: String,
    columns: Vec<String>,
    rows: u64,
}

impl Copied {
    /// `None` if the line does not begin the rows of a table.
    fn begin(line: &[u8]) -> Option<Self> {
        let line = str::from_utf8(line.strip_prefix(b"COPY ")?).ok()?;
        let (table, columns) = line.strip_suffix(") FROM stdin;")?.split_once(" (")?;
        let (schema, name) = table.rsplit_once('.')?;
        let plain = |name: &str| match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => name.to_owned(),
        };
        Some(Self {
            schema: plain(schema),
            name: plain(name),
            columns: columns.split(", ").map(plain).collect(),
            rows: 0,
        })
    }

    /// A row of the record of migrations; `None` if it is damaged.
    fn migration(&self, row: &str) -> Option<MigrationRecord> {
        let values: Vec<_> = row.split('\t').collect();
        let value = |name: &str| {
            let column = self.columns.iter().position(|column| column == name)?;
            values.get(column).copied()
        };
        let hexadecimal = value("checksum")?.strip_prefix(r"\\x")?;
        Some(MigrationRecord {
            version: value("version")?.parse().ok()?,
            description: value("description")?.to_owned(),
            checksum: HEXLOWER.decode(hexadecimal.as_bytes()).ok()?,
            oldest_program: value("oldest_program")?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_in_the_environment_and_every_server_is_named() {
        let hosts = [
            "postgres://day%40wire:p%2Fss@one.example:5433/news?sslmode=require",
            "postgres://day%40wire:p%2Fss@[::1]/news",
        ];
        let hosts: Vec<_> = hosts.iter().map(|host| SecretString::from(*host)).collect();
        let environment: BTreeMap<_, _> = environment(&hosts).into_iter().collect();
        let value = |name: &str| environment.get(name).map(String::as_str);
        assert_eq!(value("PGHOST"), Some("one.example,::1"));
        assert_eq!(value("PGPORT"), Some("5433,5432"));
        assert_eq!(value("PGUSER"), Some("day@wire"));
        assert_eq!(value("PGPASSWORD"), Some("p/ss"));
        assert_eq!(value("PGSSLMODE"), Some("require"));
        assert_eq!(value("PGTARGETSESSIONATTRS"), Some("read-write"));
        assert_eq!(database(&hosts), "dbname='news'");
    }

    #[test]
    fn rows_are_counted_and_the_record_of_migrations_is_read() {
        let sql = "SET x;\nCOPY \"A b\"._sqlx_migrations (version, description, checksum, oldest_program) FROM stdin;\n\
                   1\tinit\t\\\\x00ff\t1\n\\.\n\nCOPY \"A b\".nodes (id) FROM stdin;\nCOPY a.b (c) FROM stdin;\n2\n\\.\n";
        let content = parse(sql.as_bytes()).expect("it can be read");
        assert_eq!(content.schema.as_deref(), Some("A b"));
        assert_eq!(content.rows["nodes"], 2);
        assert_eq!(content.migrations[0].checksum, [0, 255]);
        assert_eq!(content.migrations[0].version, 1);
    }

    #[test]
    fn the_schema_and_the_record_of_migrations_are_not_restored() {
        let list = ";\n; Archive\n5; 2615 2200 SCHEMA - public postgres\n210; 1259 16 TABLE public _sqlx_migrations postgres\n\
                    3400; 0 16 TABLE DATA public _sqlx_migrations postgres\n3401; 0 17 TABLE DATA public nodes postgres\n";
        let kept = without_own_entries(list);
        assert!(
            !kept.contains("SCHEMA") && !kept.contains("DATA public _sqlx"),
            "{kept}"
        );
        assert!(
            kept.contains("TABLE public _sqlx_migrations") && kept.contains("DATA public nodes"),
            "{kept}"
        );
    }
}
