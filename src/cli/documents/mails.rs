//! The page about the mails that readers and operators get. Which mail is sent when is written here; the subjects come from the texts of the
//! program, and the tests compare the lists with the code.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::notices::NOTICES;
use super::root;
use crate::domain::states::MailKind;

const HEAD: &str = "# Mails

Every mail that Daywire sends, when, to whom, and with which subject. The page is made from the program, and a test compares them. The
subjects are those of the plain voice in English; [Languages](../how-to/languages.md) says how to replace them. A name in braces is filled in.
A template is the pair of files that [a template of your own](templates.md) replaces.
";

const NOTICES_HEAD: &str = "
## Notices to the operators

These go to each address of `operators.notify`, in English, with the template `notice`. Each says what to do. None is sent twice for the same
event, whichever process notices it.

| subject | when |
|---|---|
";

/// A mail, and what the page says about it.
struct Mail {
    to: &'static str,
    when: &'static str,
    /// The texts of the program that are subjects of this mail.
    subjects: &'static [&'static str],
    /// A subject that is no text of the program.
    own_subject: Option<&'static str>,
    /// The template, by the name of its files in `templates/emails/`.
    template: &'static str,
}

const fn mail(to: &'static str, when: &'static str, subjects: &'static [&'static str], template: &'static str) -> Mail {
    Mail {
        to,
        when,
        subjects,
        own_subject: None,
        template,
    }
}

/// An issue is no transactional mail, so it has no [`MailKind`].
const ISSUE: Mail = Mail {
    own_subject: Some("the newsletter's own (`subject` in its file), an editor's, or for corrections alone"),
    ..mail(
        "every confirmed subscriber of the newsletter",
        "an issue is sent",
        &["corrections-subject"],
        "digest",
    )
};

const fn of_kind(kind: MailKind) -> Mail {
    match kind {
        MailKind::Confirmation => mail(
            "the address of the sign-up",
            "somebody signs up, or imported readers are asked (`daywire subscriber import --ask`)",
            &["confirm-mail-subject"],
            "confirmation",
        ),
        MailKind::SubscribedAlready => mail(
            "the subscriber",
            "somebody signs up with the address of a confirmed subscriber",
            &["already-subscribed-subject"],
            "subscription",
        ),
        MailKind::Welcome => mail(
            "the subscriber",
            "a reader has confirmed, and the newsletter's file has a `welcome`",
            &["welcome-subject"],
            "welcome",
        ),
        MailKind::Preferences => mail(
            "the subscriber",
            "topics, cadence, time zone, language or pause were changed by a link in a mail",
            &["changed-subject", "changed-subject-paused", "changed-subject-resumed"],
            "subscription",
        ),
        MailKind::Manage => mail(
            "the subscriber",
            "a reader asks for the link to all subscriptions",
            &["manage-mail-subject"],
            "subscription",
        ),
        MailKind::AddressChange => mail(
            "the new address; after the change the old one; both if it is undone",
            "a reader changes the address of the subscriptions, confirms that, or undoes it",
            &[
                "use-address-mail-subject",
                "address-changed-mail-subject",
                "address-undone-mail-subject",
            ],
            "subscription",
        ),
        MailKind::Export => mail(
            "the subscriber",
            "a reader asks for everything on record",
            &["export-mail-subject"],
            "subscription",
        ),
        MailKind::Erasure => mail(
            "the subscriber",
            "a reader asks to be erased",
            &["erase-mail-subject"],
            "subscription",
        ),
        MailKind::Comment => mail(
            "a confirmed subscriber",
            "a reader asks for a link to comment on an article",
            &["comment-mail-subject"],
            "subscription",
        ),
        MailKind::OperatorLink => mail(
            "the operator",
            "an operator is invited, or asks for a new password",
            &["invitation-subject", "reset-subject"],
            "subscription",
        ),
        MailKind::Notice => Mail {
            own_subject: Some("see [below](#notices-to-the-operators)"),
            ..mail(
                "each address of `operators.notify`",
                "something needs the attention of the operators",
                &[],
                "notice",
            )
        },
        MailKind::IssueTest => Mail {
            own_subject: Some("“[test]” and the subject of the issue"),
            ..mail(
                "the address that an operator gives",
                "`daywire issue test`, or *Send a test* in the console",
                &[],
                "digest",
            )
        },
    }
}

pub(super) fn page() -> String {
    let mut page = HEAD.to_owned();
    page.push_str(
        "\n## To readers and to single operators\n\n| mail | when | to | subject | template |\n|---|---|---|---|---|\n",
    );
    add(&mut page, "issue", &ISSUE);
    for kind in MailKind::ALL {
        add(&mut page, kind.as_str(), &of_kind(*kind));
    }
    page.push_str("\nThe log and `/metrics` call the mails by the names in the first column.\n");
    page.push_str(NOTICES_HEAD);
    for (subject, when) in NOTICES.iter().flat_map(|(_, notices)| *notices) {
        let _ = writeln!(page, "| {} | {when} |", without_names(subject));
    }
    page
}

fn add(page: &mut String, name: &str, mail: &Mail) {
    let subjects: Vec<_> = mail
        .own_subject
        .map(str::to_owned)
        .into_iter()
        .chain(mail.subjects.iter().map(|id| english(id)))
        .collect();
    let _ = writeln!(
        page,
        "| `{name}` | {} | {} | {} | `{}` |",
        mail.when,
        mail.to,
        subjects.join(", "),
        mail.template
    );
}

/// A text of the program in English and in quotation marks, with `{newsletter}` for its variables. A text with several forms is all of them.
fn english(id: &str) -> String {
    let mut found = None;
    for (_, text) in files(&root().join("locales/en"), "ftl") {
        let mut lines = text.lines().skip_while(|line| !line.starts_with(&format!("{id} =")));
        let Some(first) = lines.next() else { continue };
        let (_, own) = first.split_once(" =").expect("the line has an equals sign");
        let forms = lines
            .take_while(|line| line.starts_with(' '))
            .filter_map(|line| Some(line.split_once("] ")?.1));
        let own = Some(own.trim()).filter(|own| !own.is_empty());
        let forms = own.into_iter().chain(forms).map(|form| format!("“{form}”"));
        found = Some(forms.collect::<Vec<_>>().join(", "));
    }
    let found = found.unwrap_or_else(|| panic!("no text has the id {id}"));
    found.replace("{ $", "{").replace(" }", "}")
}

/// A format string with `{…}` for what is filled in.
fn without_names(subject: &str) -> String {
    let mut shown = String::new();
    let mut rest = subject;
    while let Some((before, (_, after))) = rest
        .split_once('{')
        .and_then(|(before, from)| Some((before, from.split_once('}')?)))
    {
        shown.push_str(before);
        shown.push_str("{…}");
        rest = after;
    }
    shown + rest
}

/// The files of a folder and of those in it, by their paths below it.
fn files(folder: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in fs::read_dir(current).expect("the folder can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = fs::read_to_string(&path).expect("the file is UTF-8");
                let name = path.strip_prefix(folder).expect("it is in the folder").to_owned();
                files.push((name, text));
            }
        }
    }
    files
}

/// The code that writes mails: not the texts, the pages and the commands, which use texts about subjects too.
fn code() -> Vec<(PathBuf, String)> {
    let mut files = files(&root().join("src"), "rs");
    files.retain(|(name, _)| !["web", "words", "cli"].iter().any(|folder| name.starts_with(folder)));
    files
}

#[test]
fn the_page_has_every_subject_and_every_template_of_a_mail() {
    let mails = || MailKind::ALL.iter().map(|kind| of_kind(*kind)).chain([ISSUE]);
    let listed: BTreeSet<_> = mails().flat_map(|mail| mail.subjects.iter().copied()).collect();
    let code = code();
    let is_used = |id: &str| {
        let call = format!(".{}(", id.replace('-', "_"));
        code.iter().any(|(_, text)| text.contains(&call))
    };
    let texts = files(&root().join("locales/en"), "ftl");
    let ids = texts.iter().flat_map(|(_, text)| text.lines());
    let ids = ids.filter_map(|line| Some(line.split_once(" =")?.0));
    let used: BTreeSet<_> = ids.filter(|id| id.contains("subject") && is_used(id)).collect();
    assert_eq!(listed, used, "left: the subjects of the page; right: those of the code");

    let templates: BTreeSet<_> = mails().map(|mail| mail.template.to_owned()).collect();
    let files = files(&root().join("templates/emails"), "txt");
    let files: BTreeSet<_> = files
        .iter()
        .map(|(name, _)| name.with_extension("").display().to_string())
        .collect();
    assert_eq!(
        templates, files,
        "left: the templates of the page; right: those in the folder"
    );
}

#[test]
fn the_page_has_every_notice_to_the_operators() {
    let mut senders = BTreeSet::new();
    for (name, text) in code() {
        let joined: String = text.split_whitespace().collect();
        // Other functions have names that end in `_notify`.
        let calls = ["notify(tx,", "notify(&muttx,"]
            .iter()
            .flat_map(|call| joined.match_indices(call));
        let calls = calls.filter(|(at, _)| !joined[..*at].ends_with('_')).count();
        if calls == 0 {
            continue;
        }
        let file = name.display().to_string();
        let listed = NOTICES.iter().find(|(listed, _)| *listed == file);
        let (_, notices) = listed.unwrap_or_else(|| panic!("{file} sends a notice that is not in NOTICES"));
        assert!(
            notices.len() >= calls,
            "{file} sends {calls} notices, and NOTICES has {}",
            notices.len()
        );
        for (subject, _) in *notices {
            assert!(
                text.contains(&format!("\"{subject}\"")),
                "{file} has no subject {subject:?}"
            );
        }
        senders.insert(file);
    }
    assert_eq!(
        senders.len(),
        NOTICES.len(),
        "a file of NOTICES sends no notice: {senders:?}"
    );
}
