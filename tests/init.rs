//! `daywire init`: it writes settings that the program starts with, and it overwrites nothing.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use daywire::config::{self, Config};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::support::program::{CommandOutput, Program, finish};

const OPTIONS: [&str; 13] = [
    "init",
    "--name",
    "Harbour \"Wire\" \\ Co",
    "--url",
    "https://news.example.org",
    "--from",
    "Harbour Wire <news@example.org>",
    "--relay",
    "smtp+starttls://daywire:s3%2Fcret@mail.example.org:587",
    "--database",
    "sqlite:data/news.db",
    "--return-path",
    "bounce@news.example.org",
];

fn in_new_folder() -> (TempDir, Program) {
    let folder = TempDir::new().expect("a scratch folder");
    let program = Program::in_folder(folder.path());
    (folder, program)
}

fn load(folder: &TempDir) -> Config {
    let file = folder.path().join("daywire.toml");
    config::load(Some(&file), [], config::SEARCH).expect("the settings are allowed")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the file exists").permissions().mode() & 0o777
}

fn is_empty(folder: &TempDir) -> bool {
    fs::read_dir(folder.path()).expect("the folder exists").next().is_none()
}

/// Runs `daywire init` with these lines on standard input.
fn answered(program: &Program, arguments: &[&str], lines: &str) -> CommandOutput {
    let mut child = program.start_with(&[&["init"], arguments].concat(), Stdio::piped());
    let mut input = child.stdin.take().expect("the input is piped");
    input.write_all(lines.as_bytes()).expect("the program reads its input");
    drop(input);
    finish(child, Duration::from_mins(1))
}

#[test]
fn the_program_starts_with_the_settings_that_it_wrote() {
    let (folder, program) = in_new_folder();
    let made = program.json(&OPTIONS);
    let config = load(&folder);
    assert_eq!(config.site.name, "Harbour \"Wire\" \\ Co");
    assert_eq!(config.site.url.to_string(), "https://news.example.org");
    assert_eq!(config.mail.from.email.to_string(), "news@example.org");
    let return_path = config.mail.return_path.as_ref().expect("it is set");
    assert_eq!(return_path.as_str(), "bounce@news.example.org");
    assert_eq!(config.http.trusted_proxies.len(), 1);
    let relay = config.relays[0].url.as_ref().expect("it is set");
    assert_eq!(relay.to_string(), "smtp+starttls://mail.example.org:587");
    let (user, password) = relay.login().expect("it logs in");
    assert_eq!(
        (user, password.expect("a password").expose_secret()),
        ("daywire", "s3/cret")
    );

    let settings = folder.path().join("daywire.toml");
    let text = fs::read_to_string(&settings).expect("it is readable");
    assert!(!text.contains("cret\"") && mode(&settings) & 0o600 == 0o600, "{text}");
    let secrets = made["secret_files"].as_array().expect("a list");
    assert_eq!(secrets.len(), 3);
    for secret in secrets {
        assert_eq!(mode(&folder.path().join(secret.as_str().expect("a path"))), 0o600);
    }
    // This opens the database and reads the keys.
    program.ok(&["migrate"]);
    assert!(folder.path().join("data/news.db").exists());
}

#[test]
fn the_records_to_publish_and_the_next_commands_are_printed() {
    let (_folder, program) = in_new_folder();
    let text = program.ok(&OPTIONS);
    for part in [
        "daywire._domainkey.example.org. IN TXT",
        "daywire-ed25519._domainkey.example.org. IN TXT",
        "news.example.org. IN TXT \"v=spf1 a:mail.example.org ~all\"",
        "_dmarc.example.org. IN TXT \"v=DMARC1; p=none; rua=mailto:postmaster@example.org\"",
        "news.example.org. IN MX 10 mail.example.org.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let last: Vec<_> = text.lines().rev().take(2).collect();
    assert_eq!(last, ["daywire serve", "daywire newsletter apply FILE"]);
    assert!(!text.contains("cret"), "{text}");
}

#[test]
fn answers_come_from_standard_input_too() {
    let (folder, program) = in_new_folder();
    let lines = "https://news.example.org\nnews@example.org\nsmtps://daywire@mail.example.org\ns3cret: word\n\n";
    let ran = answered(&program, &["--name", "Harbour Wire"], lines);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let config = load(&folder);
    assert_eq!(
        config.database.url.to_string(),
        format!("sqlite:{}", folder.path().join("data/daywire.db").display())
    );
    assert!(config.mail.return_path.is_none());
    let relay = config.relays[0].url.as_ref().expect("it is set");
    let (_, password) = relay.login().expect("it logs in");
    assert_eq!(password.expect("a password").expose_secret(), "s3cret: word");
}

#[test]
fn without_a_relay_the_site_can_be_tried_out() {
    let (folder, program) = in_new_folder();
    let ran = answered(&program, &[], "Wire\nhttp://localhost:8080\nnews@example.org\n\n");
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    assert!(!ran.out.contains("v=spf1"), "{}", ran.out);
    assert!(ran.out.contains("; No SPF record is proposed: "), "{}", ran.out);
    let config = load(&folder);
    assert!(config.captures_mail() && config.http.trusted_proxies.is_empty());
}

#[test]
fn a_password_of_the_database_gets_a_file_of_its_own() {
    let (folder, program) = in_new_folder();
    let mut options = OPTIONS;
    options[10] = "postgres://daywire:p%20w@db1:5432,db2:5433/news";
    program.ok(&options);
    let password = folder.path().join("credentials/database-password");
    assert_eq!(fs::read_to_string(&password).ok().as_deref(), Some("p w\n"));
    assert_eq!(
        load(&folder).database.url.to_string(),
        "postgres://daywire@db1:5432,db2:5433/news"
    );
    let settings = folder.path().join("daywire.toml");
    assert_ne!(mode(&settings), 0o600);

    // The driver takes a password from the options of the address, too. It stays there, so the file is private.
    let (folder, program) = in_new_folder();
    options[10] = "postgres://db/news?user=daywire&password=s3cret";
    program.ok(&options);
    assert_eq!(mode(&folder.path().join("daywire.toml")), 0o600);
}

#[test]
fn missing_answers_are_named_by_their_options() {
    let (folder, program) = in_new_folder();
    let ran = program.run(&["init"]);
    for option in ["--name", "--url", "--from", "--relay"] {
        assert!(ran.reason().contains(option), "{}", ran.err);
    }
    let ran = answered(&program, &["--url", "https://news.example.org"], "Wire\n");
    assert!(ran.reason().contains("give --from, --relay,"), "{}", ran.err);
    let ran = answered(&program, &OPTIONS[1..7], "smtps://daywire@mail.example.org\n");
    assert!(
        ran.reason().contains("--relay names a user but no password"),
        "{}",
        ran.err
    );
    assert!(is_empty(&folder), "nothing was written");
}

#[test]
fn an_answer_that_is_not_allowed_is_refused_and_not_shown() {
    let (folder, program) = in_new_folder();
    for (at, option, value) in [
        (4, "--url", "ftp://s3cret@news.example.org"),
        (6, "--from", "s3cret"),
        (8, "--relay", "https://daywire:s3cret@mail.example.org"),
        (10, "--database", "mysql://daywire:s3cret@db/news"),
        (12, "--return-path", "s3cret"),
    ] {
        let mut options = OPTIONS;
        options[at] = value;
        let ran = program.run(&options);
        assert!(
            ran.reason().contains(&format!("{option} cannot be used; allowed is ")),
            "{}",
            ran.err
        );
        assert!(!ran.err.contains("s3cret"), "{}", ran.err);
    }
    // Each value is allowed, but the settings as a whole are not: the local part has no room for a tag.
    let mut options = OPTIONS;
    let long = format!("{}@news.example.org", "b".repeat(60));
    options[12] = &long;
    assert!(program.run(&options).reason().contains("mail.return_path"));
    let kept: Vec<_> = ["daywire.toml", "credentials/dkim.pem"]
        .map(|path| folder.path().join(path))
        .into();
    assert!(kept.iter().all(|path| !path.exists()), "nothing was left");
}

#[test]
fn no_existing_file_is_overwritten() {
    let (folder, program) = in_new_folder();
    program.ok(&OPTIONS);
    let files = ["daywire.toml", "credentials/dkim.pem", "credentials/relay-password"];
    let read = || files.map(|name| fs::read(folder.path().join(name)).expect("it exists"));
    let before = read();
    let again = program.run(&OPTIONS);
    assert!(
        again.reason().contains("daywire.toml exists and is never overwritten"),
        "{}",
        again.err
    );
    let other = folder.path().join("other.toml");
    let again = program.run(&[&OPTIONS[..], &["--config", other.to_str().expect("text")]].concat());
    assert!(
        again.reason().contains("dkim.pem exists and is never overwritten"),
        "{}",
        again.err
    );
    assert!(read() == before && !other.exists());
}
