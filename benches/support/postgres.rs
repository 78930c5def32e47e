//! PostgreSQL: a scratch server with the durable defaults of PostgreSQL, or the server that `DAYWIRE_TEST_POSTGRES` names.

use std::cell::RefCell;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, bail};

use super::cleanup::Cleanup;
use super::{http, process};

/// A server on which databases can be created.
#[derive(Debug)]
pub struct Server {
    /// The URL of the database from which others are created.
    admin: String,
    databases: RefCell<Vec<Cleanup>>,
    /// `None` for the server that `DAYWIRE_TEST_POSTGRES` names.
    cluster: Option<Cluster>,
}

/// A scratch server. It is stopped and its folder is removed on drop.
#[derive(Debug)]
struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    _cleanup: Cleanup,
}

impl Server {
    /// The server that `DAYWIRE_TEST_POSTGRES` names, or a new scratch server.
    pub fn named_or_new() -> anyhow::Result<Self> {
        match std::env::var("DAYWIRE_TEST_POSTGRES") {
            Ok(admin) if !admin.is_empty() => Ok(Self {
                admin,
                databases: RefCell::default(),
                cluster: None,
            }),
            _ => Self::start(),
        }
    }

    /// Starts a scratch server.
    pub fn start() -> anyhow::Result<Self> {
        let cluster = Cluster::start()?;
        let admin = format!("postgres://postgres@127.0.0.1:{}/postgres", cluster.port);
        Ok(Self {
            admin,
            databases: RefCell::default(),
            cluster: Some(cluster),
        })
    }

    /// Creates an empty database and returns its URL. The database is dropped together with this value.
    pub fn create(&self, name: &str) -> anyhow::Result<String> {
        let name = format!("{name}_{}", std::process::id());
        ask(&self.psql(), &self.admin, &format!("CREATE DATABASE \"{name}\""))?;
        if self.cluster.is_none() {
            let (psql, admin) = (self.psql(), self.admin.clone());
            let drop = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
            self.databases.borrow_mut().push(Cleanup::new(move || {
                let _ = ask(&psql, &admin, &drop);
            }));
        }
        let (server, options) = self.admin.split_once('?').unwrap_or((&self.admin, ""));
        let (server, _) = server
            .rsplit_once('/')
            .context("the address of the server names a database")?;
        let mark = if options.is_empty() { "" } else { "?" };
        Ok(format!("{server}/{name}{mark}{options}"))
    }

    /// Its version and the settings that decide on durability, in one line.
    pub fn description(&self) -> anyhow::Result<String> {
        let setting = |name: &str| self.ask(&format!("SHOW {name}"));
        Ok(format!(
            "PostgreSQL {} with fsync {}, synchronous_commit {}",
            setting("server_version")?,
            setting("fsync")?,
            setting("synchronous_commit")?
        ))
    }

    /// Seconds of processor time that all its processes have used; `None` if it is not on this machine.
    pub fn cpu(&self) -> Option<f64> {
        let checkpointer = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
        let pid = match &self.cluster {
            Some(cluster) => cluster.postmaster().ok()?,
            None => process::parent(self.ask(checkpointer).ok()?.parse().ok()?)?,
        };
        process::cpu_with_children(pid)
    }

    /// Stops the server without a shutdown checkpoint, like a crash.
    pub fn crash(&self) -> anyhow::Result<()> {
        self.own()?.control(&["-m", "immediate", "-w", "stop"])
    }

    /// Starts the server again, and returns after its recovery.
    pub fn restart(&self) -> anyhow::Result<()> {
        self.own()?.control(&["-w", "-t", "120", "start"])
    }

    fn own(&self) -> anyhow::Result<&Cluster> {
        self.cluster.as_ref().context("only a scratch server can be stopped")
    }

    fn ask(&self, sql: &str) -> anyhow::Result<String> {
        ask(&self.psql(), &self.admin, sql)
    }

    fn psql(&self) -> PathBuf {
        let beside = self.cluster.as_ref().map(|cluster| cluster.programs.join("psql"));
        beside
            .filter(|psql| psql.exists())
            .unwrap_or_else(|| PathBuf::from("psql"))
    }
}

fn ask(psql: &Path, database: &str, sql: &str) -> anyhow::Result<String> {
    let ran = Command::new(psql).args(["-XAtqc", sql, database]).output();
    Ok(text(&ran.context("psql is needed")?, sql)?.trim().to_owned())
}

impl Cluster {
    fn start() -> anyhow::Result<Self> {
        let programs = find_programs()?;
        let scratch = tempfile::Builder::new().prefix("daywire-bench-").tempdir()?.keep();
        let folder = scratch.join("cluster");
        let cleanup = {
            let (programs, scratch, data) = (programs.clone(), scratch.clone(), folder.join("data"));
            Cleanup::new(move || {
                let mut stop = as_server_user(&programs.join("pg_ctl"));
                let _ = stop
                    .arg("-D")
                    .arg(&data)
                    .args(["-m", "immediate", "-w", "stop"])
                    .output();
                let _ = std::fs::remove_dir_all(&scratch);
            })
        };
        // If this program runs as root, the server runs as another user, who must be able to reach the folder and must own its data.
        std::fs::set_permissions(&scratch, std::fs::Permissions::from_mode(0o711))?;
        std::fs::create_dir(&folder)?;
        if let Some(user) = server_user() {
            let id = text(&Command::new("id").args(["-u", user]).output()?, "id")?;
            std::os::unix::fs::chown(&folder, Some(id.trim().parse()?), None)?;
        }
        let port = http::free_address()?.port();
        let cluster = Self {
            programs,
            folder,
            port,
            _cleanup: cleanup,
        };
        let data = cluster.folder.join("data");
        let mut init = as_server_user(&cluster.programs.join("initdb"));
        init.current_dir(&cluster.folder).arg("-D").arg(&data);
        init.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]);
        text(&init.output()?, "initdb")?;
        cluster.control(&["-w", "-t", "60", "start"])?;
        Ok(cluster)
    }

    fn control(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c max_connections=200",
            self.port,
            self.folder.display()
        );
        let mut control = as_server_user(&self.programs.join("pg_ctl"));
        control
            .current_dir(&self.folder)
            .arg("-D")
            .arg(self.folder.join("data"));
        control.arg("-l").arg(self.folder.join("log")).arg("-o").arg(options);
        text(&control.args(arguments).output()?, "pg_ctl").map(|_| ())
    }

    fn postmaster(&self) -> anyhow::Result<u32> {
        let file = std::fs::read_to_string(self.folder.join("data/postmaster.pid"))?;
        Ok(file.lines().next().unwrap_or_default().parse()?)
    }
}

fn text(ran: &Output, what: &str) -> anyhow::Result<String> {
    if !ran.status.success() {
        bail!("{what}: {}", String::from_utf8_lossy(&ran.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
}

/// The folder with the programs of the newest installed server.
fn find_programs() -> anyhow::Result<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = Vec::new();
    for parent in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr"] {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        folders.extend(entries.map(|entry| entry.path().join("bin")));
    }
    folders.sort();
    folders.extend(std::env::split_paths(&on_path));
    let complete = |folder: &PathBuf| {
        ["postgres", "initdb", "pg_ctl"]
            .iter()
            .all(|name| folder.join(name).exists())
    };
    folders.into_iter().rev().find(complete).context(
        "PostgreSQL's server is not installed: install it (Debian: apt-get install postgresql), set \
         DAYWIRE_TEST_POSTGRES to a server's address, or use --database sqlite",
    )
}

/// The unprivileged user that runs the server if this program runs as root, because PostgreSQL refuses to run as root.
fn server_user() -> Option<&'static str> {
    let root = std::fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0);
    let known = || {
        Command::new("id")
            .arg("postgres")
            .output()
            .is_ok_and(|ran| ran.status.success())
    };
    root.then(|| if known() { "postgres" } else { "nobody" })
}

fn as_server_user(program: &Path) -> Command {
    match server_user() {
        None => Command::new(program),
        Some(user) => {
            let mut command = Command::new("runuser");
            command.args(["-u", user, "--"]).arg(program);
            command
        }
    }
}
