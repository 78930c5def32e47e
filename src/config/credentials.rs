//! Secrets from the service manager: a file that a setting names is read from the service's credentials if one of them has its name
//! ([systemd.exec(5)](https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Credentials)).

use std::path::Path;

use toml::Value;

/// The variable in which systemd gives the folder of the credentials.
pub(super) const FOLDER_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// `LoadCredential=daywire:FOLDER`, as in `config/daywire.service`, puts this before the name of each file of the folder.
const PREFIX: &str = "daywire_";

/// Another program renews this token while Daywire runs, but a credential is a copy from the start of the service.
const RENEWED: &str = "intake.imap.token_file";

/// Replaces the path of each file, in the value of the setting `name` and below it, by that of the credential with the same file name.
pub(super) fn replace_paths(folder: &Path, name: &str, value: &mut Value) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                replace_paths(folder, &format!("{name}.{key}"), value);
            }
        }
        Value::Array(tables) => tables.iter_mut().for_each(|value| replace_paths(folder, name, value)),
        Value::String(path) if name.ends_with("_file") && name != RENEWED => {
            if let Some(credential) = credential(folder, Path::new(path)) {
                *path = credential;
            }
        }
        _ => {}
    }
}

fn credential(folder: &Path, path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    let candidates = [format!("{PREFIX}{name}"), name.to_owned()];
    let found = candidates
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file());
    Some(found?.to_str()?.to_owned())
}
