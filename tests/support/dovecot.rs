//! A Dovecot on loopback with one user and a Maildir that the test fills.

use std::fmt::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use daywire::config::{self, Imap};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

use super::eventually;
use super::program::{Program, end};
use super::reports::RETURN_PATH;

pub const USER: &str = "bounce@news.example";
pub const PASSWORD: &str = "a secret word";

/// A server with its data in a scratch folder. It ends when dropped.
pub struct Dovecot {
    folder: TempDir,
    /// The port for TLS from the first byte, and the one for plain text and STARTTLS.
    ports: [u16; 2],
    /// Set if the tests run as root: no part of the server does.
    user: Option<&'static str>,
    process: Option<Child>,
    delivered: AtomicU32,
}

/// A message in the mailbox or in one below it.
#[derive(Debug, PartialEq, Eq)]
pub struct StoredMessage {
    pub content: String,
    /// Flags in the form of a Maildir, such as `S` for seen.
    pub flags: String,
}

/// What differs from the usual configuration.
#[derive(Default)]
pub struct Options {
    /// The only capabilities that the server lists after the login.
    pub capabilities: Option<&'static str>,
    /// The HTTP address that says whether a token is valid, followed by the token.
    pub introspection: Option<String>,
}

impl Dovecot {
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub async fn start_with(options: Options) -> Self {
        let folder = TempDir::new().expect("a scratch folder can be made");
        let root = folder.path().metadata().expect("the folder exists").uid() == 0;
        let mut server = Self {
            folder,
            ports: [0; 2].map(|_| free_port()),
            user: root.then_some("nobody"),
            process: None,
            delivered: AtomicU32::new(0),
        };
        for folder in ["run", "home", "Maildir/new", "Maildir/cur", "Maildir/tmp"] {
            std::fs::create_dir_all(server.path(folder)).expect("the scratch folder takes folders");
        }
        server.write("users", &format!("{USER}:{{PLAIN}}{PASSWORD}\n"));
        server.make_certificates();
        server.write("dovecot.conf", &server.configuration(&options));
        if let Some(url) = &options.introspection {
            server.write(
                "oauth2.conf",
                &format!(
                    "introspection_mode = get\nintrospection_url = {url}\nusername_attribute = email\n\
                     active_attribute = active\nactive_value = true\n"
                ),
            );
        }
        if let Some(user) = server.user {
            let given = Command::new("chown")
                .args(["-R", user])
                .arg(server.folder.path())
                .status();
            assert!(given.expect("chown is installed").success());
        }
        server.run().await;
        server
    }

    fn configuration(&self, options: &Options) -> String {
        let base = self.folder.path().display();
        let name = |option: &str| {
            let printed = Command::new("id")
                .arg(option)
                .args(self.user)
                .output()
                .expect("id is installed");
            String::from_utf8(printed.stdout)
                .expect("a name is text")
                .trim()
                .to_owned()
        };
        let (user, group) = (name("-un"), name("-gn"));
        let [tls, plain] = self.ports;
        let mut text = format!(
            "base_dir = {base}/run\nstate_dir = {base}/run/state\nlog_path = {base}/log\nprotocols = imap\nlisten = 127.0.0.1\n\
             default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\nfirst_valid_uid = 1\n\
             mail_location = maildir:{base}/Maildir\nmail_max_userip_connections = 100\nauth_failure_delay = 0\n\
             auth_mechanisms = plain xoauth2\ndisable_plaintext_auth = no\n\
             ssl = yes\nssl_cert = <{base}/certificate.pem\nssl_key = <{base}/key.pem\n\
             service imap-login {{\n chroot =\n inet_listener imap {{\n  port = {plain}\n }}\n\
             inet_listener imaps {{\n  port = {tls}\n  ssl = yes\n }}\n}}\nservice anvil {{\n chroot =\n}}\n\
             passdb {{\n driver = passwd-file\n mechanisms = plain login\n args = {base}/users\n}}\n\
             userdb {{\n driver = static\n args = uid={user} gid={group} home={base}/home\n}}\n"
        );
        if options.introspection.is_some() {
            let _ = write!(
                text,
                "passdb {{\n driver = oauth2\n mechanisms = xoauth2\n args = {base}/oauth2.conf\n}}\n"
            );
        }
        if let Some(capabilities) = options.capabilities {
            let _ = writeln!(text, "protocol imap {{\n imap_capability = {capabilities}\n}}");
        }
        text
    }

    /// A certificate for 127.0.0.1, signed by a CA of the test.
    fn make_certificates(&self) {
        let key = || KeyPair::generate().expect("a key is made");
        let mut ca = CertificateParams::new(Vec::new()).expect("no name is wrong");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(ca, key()).expect("the CA is made");
        let own = key();
        let certificate = CertificateParams::new(["127.0.0.1".to_owned()]).expect("the name is valid");
        let certificate = certificate.signed_by(&own, &ca).expect("the CA signs");
        self.write("ca.pem", &ca.pem());
        self.write("certificate.pem", &certificate.pem());
        self.write("key.pem", &own.serialize_pem());
    }

    /// Starts the server, and waits until it accepts connections.
    pub async fn run(&mut self) {
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--", "dovecot"]);
                command
            }
            None => Command::new("dovecot"),
        };
        command.arg("-F").arg("-c").arg(self.path("dovecot.conf"));
        command.current_dir(self.folder.path()).env("PATH", search_path());
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Dovecot is installed; ./test looks for it");
        self.process = Some(process);
        let address = format!("127.0.0.1:{}", self.ports[1]);
        eventually("Dovecot listens", || async {
            tokio::net::TcpStream::connect(&address).await.is_ok()
        })
        .await;
    }

    /// Ends the server and all connections.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // `runuser` passes SIGTERM on.
            end(&mut process, "-TERM");
        }
    }

    /// Puts a message into the mailbox, as a delivery agent does.
    pub fn deliver(&self, message: &str) {
        let number = self.delivered.fetch_add(1, Ordering::SeqCst);
        let name = format!("{}.test{number}.localhost", 1_700_000_000 + number);
        let new = self.path("Maildir/tmp").join(&name);
        std::fs::write(&new, message).expect("the Maildir takes files");
        std::fs::rename(new, self.path("Maildir/new").join(name)).expect("the file moves");
    }

    /// Makes the only message in the inbox unreadable for the server.
    pub fn damage(&self) {
        let [(path, _)] = &files(&self.path("Maildir"))[..] else {
            panic!("there is one message");
        };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o000)).expect("the test owns the file");
    }

    /// The messages in the inbox, in the order of their delivery.
    pub fn inbox(&self) -> Vec<StoredMessage> {
        messages(&self.path("Maildir"))
    }

    /// The messages in another mailbox, which may not exist.
    pub fn mailbox(&self, name: &str) -> Vec<StoredMessage> {
        messages(&self.path(&format!("Maildir/.{name}")))
    }

    /// Forgets all UIDs while the server does not run. It will number the messages again, under another UIDVALIDITY.
    pub fn forget_uids(&self) {
        let list = self.path("Maildir/dovecot-uidlist");
        let text = std::fs::read_to_string(&list).expect("Dovecot has numbered the messages");
        let old = text.split_whitespace().find_map(|word| word.strip_prefix('V'));
        let validity: u64 = old
            .and_then(|old| old.parse().ok())
            .expect("the list begins with the UIDVALIDITY");
        // Dovecot takes the time as UIDVALIDITY, which may not have changed by a second yet.
        let guid = text
            .split_whitespace()
            .find(|word| word.starts_with('G'))
            .expect("the list has a GUID");
        std::fs::write(&list, format!("3 V{} N1 {guid}\n", validity + 1000)).expect("the list can be replaced");
        for index in ["dovecot.index", "dovecot.index.log", "dovecot.index.cache"] {
            let _ = std::fs::remove_file(self.path("Maildir").join(index));
        }
    }

    /// How often somebody has logged in.
    pub fn logins(&self) -> usize {
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        log.matches("Info: Login: ").count()
    }

    /// The bytes of messages that the server has given out, in all sessions that have ended.
    pub fn fetched_bytes(&self) -> u64 {
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        let counts = log.split("body_bytes=").skip(1);
        let counts = counts.filter_map(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
        counts.sum()
    }

    /// The settings of a process that polls the mailbox with TLS.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DAYWIRE_INTAKE__IMAP__HOST", "127.0.0.1".to_owned()),
            ("DAYWIRE_INTAKE__IMAP__PORT", self.ports[0].to_string()),
            ("DAYWIRE_INTAKE__IMAP__USERNAME", USER.to_owned()),
            ("DAYWIRE_INTAKE__IMAP__PASSWORD", PASSWORD.to_owned()),
            (
                "DAYWIRE_INTAKE__IMAP__CA_FILE",
                self.path("ca.pem").display().to_string(),
            ),
            // Only IDLE can report a message before the test fails.
            ("DAYWIRE_INTAKE__IMAP__POLL_INTERVAL", "1h".to_owned()),
        ]
    }

    /// The port for plain text and STARTTLS.
    pub fn plain_port(&self) -> u16 {
        self.ports[1]
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("the scratch folder takes files");
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            println!("{}", std::fs::read_to_string(self.path("log")).unwrap_or_default());
        }
    }
}

/// The section `[intake.imap]` as variables of the environment set it. An empty value removes a variable that was set before.
pub fn imap(settings: &[(&str, String)]) -> Imap {
    let variables = settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let return_path = ("DAYWIRE_MAIL__RETURN_PATH".to_owned(), RETURN_PATH.to_owned());
    let variables = variables.chain(std::iter::once(return_path));
    let loaded = config::load::<&Path>(None, variables, []);
    loaded.expect("the settings are valid").intake.imap
}

impl Program {
    /// Polls the mailbox of a server.
    pub fn polling(self, server: &Dovecot) -> Self {
        let settings = server.settings().into_iter();
        settings.fold(self, |program, (name, value)| program.with(name, &value))
    }
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
    listener.local_addr().expect("the socket is bound").port()
}

/// Debian has dovecot in a folder that is not on the path of every user.
fn search_path() -> String {
    format!(
        "{}:/usr/local/sbin:/usr/sbin",
        std::env::var("PATH").unwrap_or_default()
    )
}

fn messages(maildir: &Path) -> Vec<StoredMessage> {
    let found = files(maildir).into_iter().map(|(path, content)| {
        let name = path
            .file_name()
            .expect("a file has a name")
            .to_string_lossy()
            .into_owned();
        let flags = name.split_once(":2,").map_or("", |(_, flags)| flags).to_owned();
        StoredMessage { content, flags }
    });
    found.collect()
}

/// The files of a Maildir, in the order of their delivery. A file that the server renames meanwhile is looked for again.
fn files(maildir: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for _ in 0..100 {
        found.clear();
        let mut is_complete = true;
        for part in ["new", "cur"] {
            for entry in std::fs::read_dir(maildir.join(part)).into_iter().flatten().flatten() {
                match std::fs::read(entry.path()) {
                    Ok(content) => found.push((entry.path(), String::from_utf8_lossy(&content).into_owned())),
                    Err(_) => is_complete = false,
                }
            }
        }
        if is_complete {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    found.sort_by_key(|(path, _)| path.file_name().map(ToOwned::to_owned));
    found
}
