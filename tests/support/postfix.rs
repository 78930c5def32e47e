//! A Postfix of the test's own on loopback, with its own settings, queue and log.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What every test needs: a queue that tries again after seconds, and nothing that leaves the machine.
const MAIN: &str = "\
compatibility_level = 3.6
myhostname = relay.example
mydestination =
alias_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
default_transport = error:no mail leaves this machine
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
address_verify_negative_refresh_time = 1s
";

/// The services of the default `master.cf` that a relay needs, none of them in a chroot.
const SERVICES: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// A running Postfix. It is stopped when dropped.
pub struct Postfix {
    folder: TempDir,
    address: SocketAddr,
}

/// A port of loopback that nobody uses.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
    listener.local_addr().expect("the socket is bound").port()
}

impl Postfix {
    /// Starts it on a port of loopback, with further lines of `main.cf`.
    pub fn start(port: u16, settings: &str) -> Self {
        let folder = TempDir::new().expect("a scratch folder can be made");
        let path = folder.path();
        assert_eq!(
            path.metadata().expect("the folder exists").uid(),
            0,
            "Postfix needs root: it starts its services as users of its own"
        );
        // Those users must be able to reach its folders.
        fs::set_permissions(path, fs::Permissions::from_mode(0o711)).expect("the folder is ours");
        for name in ["config", "queue", "data"] {
            fs::create_dir(path.join(name)).expect("the scratch folder takes folders");
        }
        let owned = Command::new("chown").arg("postfix").arg(path.join("data")).status();
        assert!(owned.expect("chown is installed").success());
        let shown = path.display();
        let places = format!(
            "queue_directory = {shown}/queue\ndata_directory = {shown}/data\nmaillog_file = {shown}/log\n\
             maillog_file_prefixes = {shown}\n"
        );
        // Postfix warns about a name that occurs twice each time one of its programs starts. The program that stores its log may then
        // wait for itself, and `postfix abort` for it.
        let names: Vec<&str> = settings.lines().filter_map(name_of_setting).collect();
        let others = MAIN
            .lines()
            .filter(|line| name_of_setting(line).is_none_or(|name| !names.contains(&name)));
        let main = others.collect::<Vec<_>>().join("\n");
        write(&path.join("config/main.cf"), &format!("{main}\n{places}{settings}"));
        let smtpd = format!("127.0.0.1:{port} inet n - n - - smtpd\n");
        write(&path.join("config/master.cf"), &format!("{smtpd}{SERVICES}"));
        let postfix = Self {
            folder,
            address: (Ipv4Addr::LOCALHOST, port).into(),
        };
        assert!(postfix.run("start"), "Postfix does not start: {}", postfix.log());
        postfix
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Whether its queue is empty.
    pub fn is_done(&self) -> bool {
        ["incoming", "active", "deferred", "maildrop"]
            .iter()
            .all(|queue| !has_file(&self.folder.path().join("queue").join(queue)))
    }

    fn run(&self, action: &str) -> bool {
        let status = Command::new(program())
            .arg("-c")
            .arg(self.folder.path().join("config"))
            .arg(action)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.expect("Postfix is installed").success()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.run("abort");
    }
}

/// The command `postfix`. Debian installs it in a folder that is often not on the path.
fn program() -> PathBuf {
    let named = std::env::var_os("DAYWIRE_TEST_POSTFIX").filter(|named| !named.is_empty());
    named.map_or_else(|| PathBuf::from("/usr/sbin/postfix"), PathBuf::from)
}

/// The name in a line of `main.cf`. A line that continues another has none.
fn name_of_setting(line: &str) -> Option<&str> {
    line.split_once(" =")
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with(' '))
}

/// Whether there is a file in a folder or below it. A file that is moved meanwhile may be missed.
fn has_file(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .any(|path| !path.is_dir() || has_file(&path))
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the scratch folder takes files");
}
