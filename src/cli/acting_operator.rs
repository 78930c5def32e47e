//! Who runs a command, for what goes on record with a name.

/// Who acts, for the record: the given name, or the person who is logged in, also behind `sudo`.
pub(crate) fn acting_operator(by: Option<&str>) -> String {
    let names = ["SUDO_USER", "USER", "LOGNAME"].into_iter();
    let login = || {
        names
            .filter_map(|name| std::env::var(name).ok())
            .find(|name| !name.trim().is_empty())
    };
    by.map(str::to_owned)
        .or_else(login)
        .unwrap_or_else(|| "somebody at the command line".to_owned())
}
