//! Where a command finds its database, and which commands create it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use crate::support::program::Program;

const DAILY: &str = "slug = \"daily\"\nname = \"Daily\"\n";

fn files_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("the folder can be read").count()
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
