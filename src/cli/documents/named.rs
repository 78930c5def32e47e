//! Every command, option and setting that a document names exists.

use std::collections::BTreeSet;

use clap::Command;
use clap::error::ErrorKind;
use toml::{Table, Value};

use super::{Block, code_of, documents};
use crate::cli::program::command_line;

const DEFAULTS: &str = include_str!("../../../config/default.toml");

/// Options of other programs that documents name by themselves.
const OPTIONS_OF_OTHERS: &[&str] = &[
    "--brands",
    "--console",
    "--every",
    "--help",
    "--include-ignored",
    "--large",
    "--locked",
    "--nocapture",
    "--only",
];
/// Log messages that begin like a command.
const LOG_MESSAGES: &[&str] = &["issue sent", "webhook events stored", "webhook request refused"];
/// Documents with names that look like those of settings: checks, fields of log lines, and events.
const WITH_OTHER_NAMES: &[&str] = &[
    "docs/reference/doctor.md",
    "docs/reference/logging.md",
    "docs/reference/webhooks-out.md",
];
/// What a name with a dot ends in if it is the name of a file or a host.
const FILE_ENDINGS: &[&str] = &[
    "com", "css", "db", "example", "ftl", "html", "json", "md", "org", "rs", "sh", "svg", "toml", "txt", "xml",
];

#[test]
fn every_command_in_the_documents_exists() {
    let program = command_line();
    let (mut wrong, mut count) = (BTreeSet::new(), 0);
    for (document, text) in documents() {
        let (blocks, spans) = code_of(&text);
        for block in &blocks {
            for words in commands_of(block) {
                count += 1;
                if let Err(why) = check_whole(&program, &words) {
                    wrong.insert(format!("{document}: {}: {why}", words.join(" ")));
                }
            }
        }
        for span in spans {
            if LOG_MESSAGES.contains(&span.as_str()) {
                continue;
            }
            let words = words_of(&span);
            let is_command = match &words[..] {
                [first, ..] if first == "daywire" => true,
                // Such as `issue send`.
                [group, command, ..] => {
                    let group = program.find_subcommand(group);
                    group.is_some_and(clap::Command::has_subcommands) && command.chars().all(|c| c.is_ascii_lowercase())
                }
                _ => false,
            };
            let words: Vec<String> = words.into_iter().skip_while(|word| word == "daywire").collect();
            if is_command && !span.contains('.') {
                count += 1;
                if let Err(why) = check_names(&program, &words) {
                    wrong.insert(format!("{document}: `{span}`: {why}"));
                }
            } else if let [option] = &words[..]
                && option
                    .strip_prefix("--")
                    .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
                && !OPTIONS_OF_OTHERS.contains(&option.as_str())
                && !has_option(&program, option)
            {
                wrong.insert(format!("{document}: no command has `{option}`"));
            }
        }
    }
    assert!(count > 200, "only {count} commands were found");
    assert!(
        wrong.is_empty(),
        "{} commands:\n{}",
        wrong.len(),
        wrong.into_iter().collect::<Vec<_>>().join("\n")
    );
}

/// The commands of this program in a block of shell lines, without the name of the program.
fn commands_of(block: &Block<'_>) -> Vec<Vec<String>> {
    if !["sh", "console", "bash"].contains(&block.kind) {
        return Vec::new();
    }
    let text = block.lines.join("\n").replace("\\\n", " ");
    let lines = text.lines().filter_map(|line| match block.kind {
        "console" => line.strip_prefix("$ "),
        _ => Some(line),
    });
    let mut found = Vec::new();
    for line in lines {
        let words = words_of(line);
        for command in words.split(|word| ["|", "&&", ";", "||"].contains(&word.as_str())) {
            let command = command.iter().skip_while(|word| {
                let is_assignment = word
                    .split_once('=')
                    .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
                is_assignment || *word == "sudo"
            });
            let mut command = command.cloned();
            let Some(name) = command.next() else { continue };
            if name == "daywire" || name.ends_with("/daywire") {
                found.push(
                    command
                        .take_while(|word| !word.starts_with('<') && !word.starts_with('>'))
                        .collect(),
                );
            }
        }
    }
    found
}

/// The words of a line of the shell, up to its comment.
fn words_of(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote): (Vec<String>, Option<String>, Option<char>) = (Vec::new(), None, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, ';') => {
                words.extend(word.take());
                words.push(";".to_owned());
            }
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Whether the program understands a whole command line, but for values, which may be placeholders.
fn check_whole(program: &Command, words: &[String]) -> Result<(), String> {
    check_names(program, words)?;
    let line = std::iter::once("daywire").chain(words.iter().map(String::as_str));
    match program.clone().try_get_matches_from(line) {
        Err(error) => match error.kind() {
            ErrorKind::InvalidValue
            | ErrorKind::ValueValidation
            | ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion => Ok(()),
            _ => Err(error.to_string().lines().take(2).collect::<Vec<_>>().join(" ")),
        },
        Ok(_) => Ok(()),
    }
}

/// Whether the commands and options exist that the words name.
fn check_names(program: &Command, words: &[String]) -> Result<(), String> {
    let mut command = program;
    for word in words.iter().take_while(|word| !word.starts_with(['[', '…', '{'])) {
        if let Some(option) = word.strip_prefix("--") {
            let option = option.split('=').next().unwrap_or_default();
            let mut arguments = command
                .get_arguments()
                .chain(program.get_arguments().filter(|arg| arg.is_global_set()));
            let is_known =
                ["", "help", "version"].contains(&option) || arguments.any(|arg| arg.get_long() == Some(option));
            if !is_known {
                return Err(format!("daywire {} has no --{option}", command.get_name()));
            }
        } else if command.has_subcommands() && !word.chars().all(|c| c.is_ascii_uppercase()) {
            command = match command.find_subcommand(word) {
                Some(below) => below,
                // `daywire help`, and the value of an option before the command.
                None if word == "help" || word.contains(['/', '.']) => return Ok(()),
                None => return Err(format!("{} has no command {word}", command.get_name())),
            };
        }
    }
    Ok(())
}

fn has_option(command: &Command, option: &str) -> bool {
    let name = option.trim_start_matches("--").split('=').next();
    command.get_arguments().any(|arg| arg.get_long() == name)
        || command.get_subcommands().any(|below| has_option(below, option))
}

#[test]
fn every_setting_in_the_documents_exists() {
    let schema: Table = toml::from_str(DEFAULTS).expect("the defaults are TOML");
    let all = documents();
    let with_others = all
        .iter()
        .filter(|(document, _)| WITH_OTHER_NAMES.contains(&document.as_str()));
    let others: BTreeSet<String> = with_others.flat_map(|(_, text)| code_of(text).1).collect();
    let (mut wrong, mut count) = (BTreeSet::new(), 0);
    for (document, text) in &all {
        let (blocks, spans) = code_of(text);
        for block in blocks.iter().filter(|block| block.kind == "toml") {
            let text = block.lines.join("\n");
            let table: Table = match toml::from_str(&text) {
                Ok(table) => table,
                Err(error) => {
                    wrong.insert(format!("{document}: {error}: {text}"));
                    continue;
                }
            };
            // The other blocks are files of newsletters.
            let is_settings = table
                .iter()
                .any(|(name, value)| schema.contains_key(name) && is_section(value));
            if is_settings {
                count += 1;
                unknown_keys(&schema, &table, "", &mut |path| {
                    wrong.insert(format!("{document}: [toml] {path}"));
                });
            }
        }
        for span in spans {
            let name = span.split([' ', '=']).next().unwrap_or_default();
            let variable = name.strip_prefix("DAYWIRE_").filter(|name| name.contains("__"));
            let path = variable.map_or_else(|| name.to_owned(), |name| name.to_lowercase().replace("__", "."));
            let parts: Vec<&str> = path.split('.').collect();
            let is_name = parts.iter().all(|part| {
                !part.is_empty()
                    && part
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
            });
            let is_file = parts.last().is_some_and(|last| FILE_ENDINGS.contains(last));
            if parts.len() < 2 || !is_name || is_file || !schema.contains_key(parts[0]) {
                continue;
            }
            count += 1;
            if !has_path(&schema, &parts) && !others.contains(name) {
                wrong.insert(format!("{document}: `{span}`"));
            }
        }
    }
    assert!(count > 200, "only {count} settings were found");
    assert!(
        wrong.is_empty(),
        "{} settings:\n{}",
        wrong.len(),
        wrong.into_iter().collect::<Vec<_>>().join("\n")
    );
}

fn is_section(value: &Value) -> bool {
    value.is_table() || value.as_array().is_some_and(|items| items.iter().any(Value::is_table))
}

fn has_path(schema: &Table, parts: &[&str]) -> bool {
    match parts {
        [] => true,
        [name, rest @ ..] => match schema.get(*name) {
            Some(Value::Table(below)) => has_path(below, rest),
            found => found.is_some() && rest.is_empty(),
        },
    }
}

fn unknown_keys(schema: &Table, table: &Table, section: &str, report: &mut impl FnMut(String)) {
    for (name, value) in table {
        let path = format!("{section}{name}");
        match (schema.get(name), value) {
            (None, _) => report(path),
            (Some(Value::Table(below)), Value::Table(value)) => unknown_keys(below, value, &format!("{path}."), report),
            // Several relays.
            (Some(Value::Table(below)), Value::Array(values)) => {
                for value in values.iter().filter_map(Value::as_table) {
                    unknown_keys(below, value, &format!("{path}."), report);
                }
            }
            (Some(_), _) => {}
        }
    }
}

#[test]
fn a_wrong_command_is_found() {
    let program = command_line();
    let check = |line: &str| check_whole(&program, &words_of(line));
    assert!(check("issue send ID --dry-run --faults defer=10%").is_ok());
    for wrong in [
        "issue dispatch ID",
        "issue send ID --sofort",
        "issue send",
        "doctor extra",
        "--verbose serve",
    ] {
        assert!(check(wrong).is_err(), "{wrong}");
    }
    assert_eq!(words_of("a 'b  c' \"d\"e; f # g"), ["a", "b  c", "de", ";", "f"]);
}
