//! PostgreSQL servers that a test starts, stops and promotes itself.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use super::eventually;

/// A server with its data in a scratch folder. It is stopped when dropped.
pub struct Server {
    programs: PathBuf,
    folder: TempDir,
    /// Set if the tests run as root, because PostgreSQL refuses to.
    user: Option<&'static str>,
    port: u16,
    settings: &'static str,
}

/// The address of the server on which the tests create their schemas.
pub fn server() -> String {
    std::env::var("DAYWIRE_TEST_POSTGRES").expect("DAYWIRE_TEST_POSTGRES names a server; ./test starts one")
}

/// The folder of PostgreSQL's programs.
fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = std::env::var_os("DAYWIRE_TEST_POSTGRES_BIN").map_or_else(
        || {
            let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
            versions.map(|version| version.path().join("bin")).collect()
        },
        |named| vec![named.into()],
    );
    found.retain(|folder| folder.join("pg_basebackup").exists() && folder.join("initdb").exists());
    found.sort();
    found
        .pop()
        .expect("PostgreSQL's server programs are installed; DAYWIRE_TEST_POSTGRES_BIN can name their folder")
}

impl Server {
    /// A primary that waits for its standby at every commit, and the standby.
    pub async fn pair() -> (Self, Self) {
        let primary = Self::in_folder("-c synchronous_standby_names=*");
        primary.run(
            "initdb",
            &[
                "-D",
                &primary.data(),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-locale",
                "-N",
            ],
        );
        primary.start();
        let standby = Self::in_folder("");
        let from = format!("host=127.0.0.1 port={} user=postgres", primary.port);
        standby.run(
            "pg_basebackup",
            &["-D", &standby.data(), "-d", &from, "-R", "-c", "fast", "-N"],
        );
        standby.start();
        eventually("the standby replicates synchronously", || async {
            primary
                .ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
                .await
                == 1
        })
        .await;
        (primary, standby)
    }

    /// A server without a standby.
    pub fn alone() -> Self {
        let server = Self::in_folder("");
        server.run(
            "initdb",
            &[
                "-D",
                &server.data(),
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-locale",
                "-N",
            ],
        );
        server.start();
        server
    }

    fn in_folder(settings: &'static str) -> Self {
        let programs = programs();
        let folder = TempDir::new().expect("a scratch folder can be made");
        let root = folder.path().metadata().expect("the folder exists").uid() == 0;
        let user = root.then(|| if has_user("postgres") { "postgres" } else { "nobody" });
        if let Some(user) = user {
            let given = Command::new("chown").arg(user).arg(folder.path()).status();
            assert!(given.expect("chown is installed").success());
        }
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let port = listener.local_addr().expect("the socket is bound").port();
        Self {
            programs,
            folder,
            user,
            port,
            settings,
        }
    }

    /// Starts the server, for the first time or after a crash, and waits until it accepts connections.
    pub fn start(&self) {
        let folder = self.folder.path().display();
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off {}",
            self.port, self.settings
        );
        let log = format!("{folder}/log");
        self.run(
            "pg_ctl",
            &[
                "-D",
                &self.data(),
                "-l",
                &log,
                "-o",
                &options,
                "-w",
                "-t",
                "60",
                "start",
            ],
        );
    }

    /// Stops the server without a shutdown checkpoint, as a crash does.
    pub fn crash(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "immediate", "-w", "stop"]);
    }

    pub fn promote(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-w", "promote"]);
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Runs a query that returns one number.
    pub async fn ask(&self, sql: &str) -> i64 {
        let mut connection = self.connect().await;
        let number = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut connection).await;
        number.expect("the query succeeds")
    }

    pub async fn execute(&self, sql: &'static str) {
        let done = sqlx::raw_sql(sql).execute(&mut self.connect().await).await;
        done.expect("the statement succeeds");
    }

    async fn connect(&self) -> PgConnection {
        let url = format!("postgres://postgres@{}/postgres", self.address());
        PgConnection::connect(&url).await.expect("the server answers")
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.programs.join(program);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(&program);
                command
            }
            None => Command::new(&program),
        };
        // The server writes to its log. It would keep a pipe open for as long as it runs.
        command.args(arguments).current_dir(self.folder.path());
        let ended = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(
            ended.expect("the program is installed").success(),
            "{} {arguments:?} failed",
            program.display()
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if Path::new(&self.data()).join("postmaster.pid").exists() {
            self.crash();
        }
    }
}

fn has_user(name: &str) -> bool {
    let asked = Command::new("id")
        .args(["-u", name])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|asked| asked.success())
}
