//! Follows `docs/tutorial/first-newsletter.md` to the letter, with the program and a small browser: its commands, its files, and what it
//! opens, types and presses. Only the port is another one, because tests run side by side.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use reqwest::StatusCode;
use tempfile::TempDir;

use crate::support::eventually;
use crate::support::program::{CommandOutput, Program, Serving, finish};
use crate::support::site::Site;

const TUTORIAL: &str = include_str!("../docs/tutorial/first-newsletter.md");
/// Has the questions that `daywire init` asks on a terminal.
const QUESTIONS: &str = include_str!("../src/cli/init/answers.rs");
/// Where the site is in the tutorial.
const SITE: &str = "http://127.0.0.1:8080";
/// Stands for what differs each time.
const ANYTHING: &str = "…";

/// A step of the tutorial.
#[derive(Debug)]
enum Step {
    /// A command, and the lines below it.
    Run(String, Vec<String>),
    /// A file to save, and its text.
    Save(String, String),
    /// What to do in the browser.
    Browse(String),
}

/// The steps in their order.
fn steps() -> Vec<Step> {
    let mut steps = Vec::new();
    let mut paragraph = String::new();
    let mut lines = TUTORIAL.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if kind == "console" {
                steps.extend(commands(&block));
            } else {
                let name = paragraph
                    .split_once("Save this text as `")
                    .and_then(|(_, rest)| rest.split_once('`'));
                let (name, _) = name.unwrap_or_else(|| panic!("a block has no name: {block:?}"));
                steps.push(Step::Save(name.to_owned(), block.join("\n") + "\n"));
            }
        } else if let Some(item) = line.strip_prefix("- ") {
            let mut item = item.to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with("  ")) {
                item = format!("{item} {}", more.trim_start());
            }
            // The other lists only link pages.
            if ["Open", "Type", "Press"].iter().any(|verb| item.starts_with(verb)) {
                steps.push(Step::Browse(item));
            }
        } else if line.is_empty() {
            if lines.peek().is_some_and(|next| !next.starts_with("```")) {
                paragraph.clear();
            }
        } else {
            paragraph = format!("{paragraph} {line}");
        }
    }
    steps
}

fn commands(block: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    for line in block {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step::Run(command.to_owned(), Vec::new())),
            (None, Some(Step::Run(_, shown))) => shown.push((*line).to_owned()),
            _ => panic!("a block begins with a command: {block:?}"),
        }
    }
    steps
}

/// The lines that are typed at the questions of `daywire init`, and the lines that follow.
fn answers(shown: &[String]) -> (String, &[String]) {
    let mut typed = String::new();
    for (at, line) in shown.iter().enumerate() {
        let split = line.rmatch_indices(':').find_map(|(colon, _)| {
            let (question, answer) = (&line[..colon], &line[colon + 1..]);
            let question = question.split_once(" [").map_or(question, |(question, _)| question);
            let is_question = QUESTIONS.contains(&format!("\"{question}\""));
            (is_question && (answer.is_empty() || answer.starts_with(' '))).then(|| answer.trim_start())
        });
        match split {
            Some(answer) => typed = format!("{typed}{answer}\n"),
            None => return (typed, &shown[at..]),
        }
    }
    (typed, &[])
}

/// Fails unless the output has the lines of the tutorial in their order.
fn require_output(command: &str, shown: &[String], ran: &CommandOutput) {
    assert_eq!(ran.status, Some(0), "{command}: {}", ran.err);
    let output = format!("{}\n{}", ran.err, ran.out);
    let mut lines = output.lines();
    for expected in shown.iter().filter(|line| *line != ANYTHING) {
        let is_shown = lines.any(|line| matches(line.trim_end(), expected));
        assert!(is_shown, "{command} does not print “{expected}” here:\n{output}");
    }
}

fn matches(line: &str, expected: &str) -> bool {
    match expected.split_once(ANYTHING) {
        Some((start, end)) => line.starts_with(start) && line.ends_with(end),
        None => line == expected,
    }
}

/// A browser without scripts: the page that is open, and what was typed into its form.
struct Browser {
    site: Site,
    page: String,
    typed: String,
}

impl Browser {
    /// Does what a sentence says.
    async fn act(&mut self, sentence: &str) {
        let mut rest = sentence;
        let mut count = 0;
        let verbs = [
            "pen <",
            "ype `",
            "ress **",
            "he mail **",
            "begins with <",
            "shows **",
            " and **",
        ];
        while let Some((at, verb)) = verbs.iter().filter_map(|verb| Some((rest.find(verb)?, *verb))).min() {
            let from = &rest[at + verb.len()..];
            let end = if verb.ends_with('<') {
                ">"
            } else {
                verb.trim_start_matches(|c| c != '`' && c != '*')
            };
            let (object, after) = from.split_once(end).expect("the mark is closed");
            match verb {
                "pen <" => self.open(object).await,
                "ype `" => object.clone_into(&mut self.typed),
                "ress **" => self.press(object).await,
                "he mail **" => self.open_mail(object).await,
                "begins with <" => self.follow(object).await,
                _ => assert!(
                    self.page.contains(object),
                    "the page does not show {object}: {}",
                    self.page
                ),
            }
            count += 1;
            rest = after;
        }
        assert!(count > 0, "nothing to do: {sentence}");
    }

    async fn open(&mut self, address: &str) {
        let path = address.strip_prefix(SITE).unwrap_or(address);
        let answer = self.site.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        self.page = answer.body;
    }

    /// Opens a mail of the list, once it has arrived.
    async fn open_mail(&mut self, subject: &str) {
        let end = format!(">{subject}</a>");
        let site = self.site.clone();
        eventually(subject, || async { site.get("/inbox").await.body.contains(&end) }).await;
        let list = self.site.get("/inbox").await.body;
        let (before, _) = list.split_once(&end).expect("the mail is in the list");
        let (_, link) = before.rsplit_once("href=\"").expect("it is a link");
        self.open(link.trim_end_matches('"')).await;
    }

    /// Follows the link that begins so.
    async fn follow(&mut self, beginning: &str) {
        let link = self.page.split("href=\"").find(|rest| rest.starts_with(beginning));
        let link = link.and_then(|rest| rest.split('"').next());
        let link = link.unwrap_or_else(|| panic!("no link begins with {beginning}: {}", self.page));
        let link = link.to_owned();
        self.open(&link).await;
    }

    /// Sends the form with this button.
    async fn press(&mut self, button: &str) {
        let end = format!(">{button}</button>");
        let form = self.page.split("<form").skip(1).find(|form| form.contains(&end));
        let form = form.unwrap_or_else(|| panic!("no form has the button {button}: {}", self.page));
        let (form, _) = form.split_once("</form>").expect("the form ends");
        let action = attribute(form, "action").expect("the form has an action");
        let mut fields = Vec::new();
        for input in form.split("<input").skip(1).filter_map(|rest| rest.split('>').next()) {
            let value = match attribute(input, "type") {
                Some("email") => self.typed.as_str(),
                Some("checkbox" | "radio") if !input.contains(" checked") => continue,
                _ => attribute(input, "value").unwrap_or_default(),
            };
            fields.push((attribute(input, "name").expect("the field has a name"), value));
        }
        let answer = self.site.post_and_follow(action, &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{button}: {}", answer.body);
        self.page = answer.body;
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tutorial_sends_a_newsletter() {
    let folder = TempDir::new().expect("a scratch folder");
    let binary = Path::new(env!("CARGO_BIN_EXE_daywire"));
    let path = std::env::var("PATH").expect("the environment has a path");
    let path = format!(
        "{}:{path}",
        binary.parent().expect("the program is in a folder").display()
    );
    let program = Program::in_folder(folder.path())
        .with("PATH", &path)
        .with("DAYWIRE_HTTP__LISTEN", "127.0.0.1:0")
        .with("DAYWIRE_LOG__FORMAT", "json");
    let mut service: Option<(Serving, Browser)> = None;
    let (mut commands, mut actions) = (0, 0);
    for step in steps() {
        println!("{step:?}");
        match step {
            Step::Save(name, text) => {
                program.file(&name, text);
            }
            Step::Run(command, _) if command == "daywire serve" => {
                let serving = program.serve();
                let site = serving.site().await;
                let (page, typed) = (String::new(), String::new());
                service = Some((serving, Browser { site, page, typed }));
            }
            Step::Run(command, shown) => {
                commands += 1;
                let (typed, shown) = answers(&shown);
                let mut shell = program.command(Path::new("sh"));
                let mut child = shell
                    .args(["-c", &command])
                    .stdin(Stdio::piped())
                    .spawn()
                    .expect("every system has a shell");
                let mut input = child.stdin.take().expect("the input is piped");
                // A command that reads nothing has closed it.
                let _ = input.write_all(typed.as_bytes());
                drop(input);
                let ran = tokio::task::block_in_place(|| finish(child, Duration::from_mins(2)));
                require_output(&command, shown, &ran);
            }
            Step::Browse(sentence) => {
                actions += 1;
                let (_, browser) = service.as_mut().expect("the service runs");
                browser.act(&sentence).await;
            }
        }
    }
    assert!(
        commands >= 9 && actions >= 7,
        "{commands} commands and {actions} actions"
    );
    let (serving, _) = service.expect("the tutorial starts the service");
    let (status, _) = serving.terminate();
    assert!(status.success(), "{status}");
}
