//! The three reference pages that are made from the program. `DAYWIRE_TEST_UPDATE=1 cargo test --lib documents` writes them.

use std::fmt::Write as _;
use std::fs;

use clap::{Arg, Command};

use super::{mails, root};
use crate::cli::program::command_line;

const DEFAULTS: &str = include_str!("../../../config/default.toml");

const COMMANDS_HEAD: &str = "# Commands

Every command of `daywire`, with its arguments and options. The page is made from the program, and a test compares them. `daywire help
COMMAND` prints the same, and the packages have it as manual pages.

Names such as `ID`, `FEED` and `SLUG` are explained in [Commands](../how-to/operations.md#commands). The exit status is 0 for success, 1 for a
failure with its reason on standard error, and 2 for a wrong command line.
";

const SETTINGS_HEAD: &str = "# Settings

Every setting, its default and what it means. The page is made from `config/default.toml`, which is compiled into the program.
[Settings](../how-to/operations.md#settings) explains where they are written. `daywire` does not start with a name or value that is not allowed.

A setting `site.url` is the key `url` in the section `[site]` of the file, and the variable `DAYWIRE_SITE__URL` of the environment. Times are
written as `90s`, `10m`, `48h` or `7d`.
";

#[test]
fn the_pages_about_commands_settings_and_mails_are_up_to_date() {
    let pages = [
        ("commands", commands_page()),
        ("settings", settings_page()),
        ("messages", mails::page()),
    ];
    for (name, made) in pages {
        let file = root().join("docs/reference").join(name).with_extension("md");
        if std::env::var_os("DAYWIRE_TEST_UPDATE").is_some() {
            fs::write(&file, &made).expect("the page can be written");
        }
        let written = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            written == made,
            "{} is out of date: run DAYWIRE_TEST_UPDATE=1 cargo test --lib documents",
            file.display()
        );
    }
}

fn commands_page() -> String {
    let mut program = command_line();
    program.build();
    let mut page = COMMANDS_HEAD.to_owned();
    page.push_str("\nEvery command takes these options:\n\n");
    let everywhere = program.get_arguments().filter(|arg| arg.is_global_set());
    options(&mut page, everywhere);
    for command in program.get_subcommands() {
        add_command(&mut page, command, "daywire");
    }
    page
}

fn add_command(page: &mut String, command: &Command, parent: &str) {
    // clap adds a command for help to each group of commands.
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    let name = format!("{parent} {}", command.get_name());
    let level = if parent == "daywire" { "##" } else { "###" };
    let about = command.get_long_about().or(command.get_about());
    let mut about = about.map(|about| sentence(&about.to_string())).unwrap_or_default();
    if !about.ends_with('.') {
        about.push('.');
    }
    let _ = write!(page, "\n{level} {name}\n\n{about}\n");
    let has_commands = command.get_subcommands().any(|below| below.get_name() != "help");
    if !has_commands {
        let usage = command.clone().bin_name(&name).render_usage().to_string();
        let usage = usage
            .trim_start_matches("Usage: ")
            .lines()
            .map(str::trim)
            .collect::<Vec<_>>();
        let _ = write!(page, "\n```text\n{}\n```\n", usage.join("\n"));
    }
    let own: Vec<_> = command
        .get_arguments()
        .filter(|arg| {
            !arg.is_global_set() && !arg.is_hide_set() && !["help", "version"].contains(&arg.get_id().as_str())
        })
        .collect();
    if !own.is_empty() {
        page.push('\n');
        options(page, own.into_iter());
    }
    for below in command.get_subcommands() {
        add_command(page, below, &name);
    }
}

fn options<'a>(page: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    page.push_str("| option | meaning |\n|---|---|\n");
    for argument in arguments {
        let value = || {
            let names = argument.get_value_names().unwrap_or_default();
            names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        let shown = match argument.get_long() {
            Some(long) if argument.get_action().takes_values() => format!("--{long} {}", value()),
            Some(long) => format!("--{long}"),
            None => value(),
        };
        let shown = shown.replace('|', "\\|");
        let help = argument.get_long_help().or(argument.get_help());
        let mut help = help.map(|help| cell(&help.to_string())).unwrap_or_default();
        if !help.ends_with('.') {
            help.push('.');
        }
        let values = argument.get_possible_values();
        if argument.get_action().takes_values() && !values.is_empty() {
            let values: Vec<_> = values.iter().map(|value| format!("`{}`", value.get_name())).collect();
            let _ = write!(help, " One of {}.", values.join(", "));
        }
        let defaults: Vec<_> = argument
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy())
            .collect();
        if argument.get_action().takes_values() && defaults.iter().any(|value| !value.is_empty()) {
            let _ = write!(help, " Default: `{}`.", defaults.join("`, `"));
        }
        let _ = writeln!(page, "| `{shown}` | {help} |");
    }
}

fn settings_page() -> String {
    let mut page = SETTINGS_HEAD.to_owned();
    let (mut section, mut comment) = (String::new(), Vec::new());
    // The key that the last comment explains, and whether the table of the section has begun.
    let (mut explained, mut has_table) = (String::new(), false);
    for line in DEFAULTS.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix('#') {
            comment.push(text.trim());
        } else if let Some(name) = line.strip_prefix('[') {
            name.trim_end_matches(']').clone_into(&mut section);
            let _ = write!(page, "\n## {section}\n");
            if !comment.is_empty() {
                let _ = write!(page, "\n{}\n", sentence(&comment.join(" ")));
            }
            comment.clear();
            explained.clear();
            has_table = false;
        } else if let Some((key, value)) = line.split_once(" = ") {
            if !has_table {
                page.push_str("\n| setting | default | meaning |\n|---|---|---|\n");
                has_table = true;
            }
            let meaning = match comment.is_empty() {
                false => {
                    key.clone_into(&mut explained);
                    cell(&comment.join(" "))
                }
                true if explained.is_empty() => "as above".to_owned(),
                true => format!("as `{explained}`"),
            };
            let default = if value == "\"\"" {
                "empty".to_owned()
            } else if value == "[" {
                "a list, which [`config/default.toml`](../../config/default.toml) shows".to_owned()
            } else {
                format!("`{}`", value.replace('|', "\\|"))
            };
            let _ = writeln!(page, "| `{section}.{key}` | {default} | {meaning} |");
            comment.clear();
        } else if line.is_empty() {
            // A comment before a blank line is about the file.
            comment.clear();
        }
    }
    page
}

/// A text of the program as Markdown: what looks like a tag is text, and documents are links.
fn sentence(text: &str) -> String {
    let mut shown = String::new();
    let mut is_code = false;
    for c in text.split_whitespace().collect::<Vec<_>>().join(" ").chars() {
        is_code ^= c == '`';
        match c {
            '<' | '*' if !is_code => shown.extend(['\\', c]),
            c => shown.push(c),
        }
    }
    linked(&shown)
}

fn cell(text: &str) -> String {
    sentence(text).replace('|', "\\|")
}

/// Replaces `docs/how-to/brand.md` by a link to that document.
fn linked(text: &str) -> String {
    let mut linked = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("docs/") {
        let (before, from) = rest.split_at(at);
        let end = from.find(".md").map_or(0, |end| end + ".md".len());
        let path = from.get(..end).unwrap_or_default();
        linked.push_str(before);
        if path.is_empty() || path.contains(' ') {
            linked.push_str("docs/");
            rest = &from["docs/".len()..];
        } else {
            let path = path.trim_start_matches("docs/");
            let name = path.trim_end_matches(".md").rsplit('/').next().unwrap_or(path);
            let _ = write!(linked, "[{name}](../{path})");
            rest = &from[end..];
        }
    }
    linked + rest
}
