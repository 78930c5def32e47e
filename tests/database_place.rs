//! Where a command finds its database, and which commands create it.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use daywire::config::Config;
use daywire::store::Store;
use serde_json::json;
use tempfile::TempDir;

use crate::support::program::Program;

const DAILY: &str = "slug = \"daily\"\nname = \"Daily\"\n";

fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("the folder can be read").count()
}

/// Only root can give a file away. Run by another user, this test shows that the files are that user's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_root_creates_belongs_to_the_owner_of_its_folder() {
    const NOBODY: u32 = 65_534;
    let folder = TempDir::new().expect("a scratch folder can be made");
    let own = folder.path().metadata().expect("the folder exists").uid();
    let owner = if own == 0 { NOBODY } else { own };
    let owners = |data: &Path| {
        let files = std::fs::read_dir(data).expect("the folder can be read").flatten();
        let owners = files.map(|file| (file.file_name(), file.metadata().expect("the file exists").uid()));
        owners.collect::<Vec<_>>()
    };
    let data_of = |name: &str| {
        let data = folder.path().join(name);
        std::fs::create_dir(&data).expect("the folder can be made");
        chown(&data, Some(owner), None).expect("the test may change the owner");
        data
    };
    let data = data_of("data");
    let program = Program::in_folder(folder.path());
    program.ok(&["migrate"]);
    let is_owned = |data: &Path| {
        let owners = owners(data);
        assert!(!owners.is_empty(), "a database was made");
        assert!(owners.iter().all(|(_, uid)| *uid == owner), "{owners:?}");
    };
    is_owned(&data);
    let mut config = Config::default();
    config.database.url = format!("sqlite:{}/daywire.db", data.display())
        .parse()
        .expect("the address is valid");
    let store = Store::open(&config.database.store_options())
        .await
        .expect("the database opens");
    let found = owners(&data);
    assert!(
        found.len() == 3 && found.iter().all(|(_, uid)| *uid == owner),
        "the write-ahead log and its index have the same owner: {found:?}"
    );
    store.close().await;

    let backup = folder.path().join("a.backup").display().to_string();
    program.ok(&["backup", &backup]);
    let restored = data_of("restored");
    let url = format!("sqlite:{}/daywire.db", restored.display());
    program.with("DAYWIRE_DATABASE__URL", &url).ok(&["restore", &backup]);
    is_owned(&restored);
}

#[test]
fn a_command_in_the_wrong_folder_creates_nothing_and_names_the_database() {
    let folder = TempDir::new().expect("a scratch folder can be made");
    let program = Program::in_folder(folder.path());
    for arguments in [
        &["newsletter", "list"][..],
        &["newsletter", "show", "daily"],
        &["newsletter", "remove", "daily"],
        &["feed", "list"],
        &["feed", "fetch"],
        &["feed", "export"],
        &["article", "list"],
        &["article", "retract", "TX_080089"],
        &["subscriber", "list"],
        &["subscriber", "suppress", "ada@reader.example"],
        &["issue", "list"],
        &["issue", "show", "last"],
        &["issue", "build", "--newsletter", "daily"],
        &["issue", "send", "last"],
        &["operator", "list"],
        &["operator", "token", "ada"],
        &["schedule"],
    ] {
        let ran = program.run(arguments);
        let expected = folder.path().join("data/daywire.db");
        assert!(
            ran.reason().contains(expected.to_str().expect("the path is UTF-8")),
            "{arguments:?}: {}",
            ran.err
        );
        assert!(ran.reason().contains("--config") && ran.reason().contains("daywire migrate"));
        assert_eq!(files_in(folder.path()), 0, "{arguments:?} created a file");
    }
    let elsewhere = program.with("DAYWIRE_DATABASE__URL", "sqlite:/nowhere-at-all/x.db");
    assert!(
        elsewhere
            .run(&["issue", "list"])
            .reason()
            .contains("/nowhere-at-all/x.db")
    );
    assert!(!Path::new("/nowhere-at-all").exists());
}

#[test]
fn a_database_without_tables_is_reported_and_left_as_it_is() {
    let folder = TempDir::new().expect("a scratch folder can be made");
    let program = Program::in_folder(folder.path()).with("DAYWIRE_DATABASE__URL", "sqlite:empty.db");
    std::fs::write(folder.path().join("empty.db"), "").expect("the scratch folder takes files");
    let ran = program.run(&["newsletter", "list"]);
    assert!(
        ran.reason().contains("sqlite:empty.db") && ran.reason().contains("daywire migrate"),
        "{}",
        ran.err
    );
    program.ok(&["migrate"]);
    assert_eq!(program.json(&["newsletter", "list"]), json!([]));
}

#[test]
fn paths_in_a_settings_file_start_at_its_folder() {
    let folder = TempDir::new().expect("a scratch folder can be made");
    let site = folder.path().join("site");
    std::fs::create_dir(&site).expect("the folder can be made");
    let above = Program::in_folder(folder.path());
    let within = Program::in_folder(&site);
    for settings in ["", "[database]\nurl = \"sqlite:own.db\"\n"] {
        above.file("site/daywire.toml", settings);
        let daily = above.file("daily.toml", DAILY);
        above.ok(&["--config", "site/daywire.toml", "newsletter", "apply", &daily]);
        assert_eq!(
            files_in(folder.path()),
            2,
            "only the site's folder and the newsletter's file exist"
        );
        let slug = |program: &Program, arguments: &[&str]| program.json(arguments)[0]["slug"].clone();
        assert_eq!(slug(&within, &["newsletter", "list"]), "daily");
        assert_eq!(
            slug(&above, &["--config", "site/daywire.toml", "newsletter", "list"]),
            "daily"
        );
    }
    assert!(site.join("data/daywire.db").exists() && site.join("own.db").exists());
    above.file("site/key", format!("{}\n", "ab".repeat(32)));
    above.file("site/daywire.toml", "[secrets]\nkey_file = \"key\"\n");
    above.ok(&["--config", "site/daywire.toml", "newsletter", "list"]);
}

#[test]
fn a_data_folder_that_other_users_may_read_causes_a_warning() {
    let folder = TempDir::new().expect("a scratch folder can be made");
    let program = Program::in_folder(folder.path());
    let data = folder.path().join("data");
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode));
    std::fs::create_dir(&data).expect("the folder can be made");
    mode(&data, 0o777).expect("the mode is set");
    let ran = program.run(&["migrate"]);
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(
        ran.err.contains("mode 777") && ran.err.contains("chmod 700"),
        "{}",
        ran.err
    );
    mode(&data, 0o700).expect("the mode is set");
    assert_eq!(program.run(&["migrate"]).err, "");
    mode(&data.join("daywire.db"), 0o644).expect("the mode is set");
    assert!(program.run(&["migrate"]).err.contains("chmod 600"));
}
