//! The status of a subscriber that another system reports, and how a cell is interpreted as one.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::word_list::{WordList, fold};

/// What a cell reports about a subscriber, from harmless to severe. If several cells of a row differ, the most severe counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ReportedStatus {
    /// The person may be mailed.
    Active,
    /// The word is not known.
    Unknown,
    /// The person never confirmed.
    Unconfirmed,
    /// The person unsubscribed, was removed, or declined.
    Unsubscribed,
    /// The other system sends no mail of any list to the address, for a reason that it does not name.
    Suppressed,
    /// Mail to the address bounced permanently.
    Bounced,
    /// The person reported mail as spam.
    Complained,
}

const YES: WordList =
    WordList("true yes 1 y t on x ja j oui si sim tak da wahr vrai verdadero vero checked 是 はい نعم");
const NO: WordList = WordList(
    "false no 0 n f off nein non nao nie nee falsch faux falso never none null nil na 00000000 00000000000000 否 \
     いいえ لا",
);

/// `Some(true)` for a yes, `Some(false)` for a no or an empty cell, `None` for any other word.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    let word = fold(text);
    if YES.contains(&word) {
        Some(true)
    } else {
        (word.is_empty() || NO.contains(&word)).then_some(false)
    }
}

/// Statuses of people who may be mailed.
const ACTIVE: WordList = WordList(
    "subscribed subscriber confirmed active enabled member free paid comped premium gift gifted regular trialed \
     express optedin optin doubleoptin confirmedoptin verified activated marketingcontact deliverable aktiv \
     abonniert angemeldet bestatigt abonne abonnee inscrit inscrite actif active confirme confirmee activo \
     suscrito confirmado attivo iscritto confermato ativo inscrito actief bevestigd aktywny potwierdzony 订阅 已订阅 \
     購読中",
);

/// Parts of words for a spam complaint.
const COMPLAINED: WordList = WordList("complain abuse spam junk beschwerde plainte");
/// Parts of words for a permanent bounce.
const BOUNCED: WordList = WordList(
    "bounc cleaned undeliver unreachable invalid nonexist unzustellbar hardfail rebote rebotado unknownuser \
     nosuchuser",
);
/// Parts of words for a temporary bounce.
const SOFT: WordList = WordList("soft transient temporar");
/// Parts of words for a missing confirmation.
const UNCONFIRMED: WordList = WordList(
    "unconfirm notconfirm nonconfirm unverif notverif pending unactiv notactiv awaiting waiting invited singleopt \
     implied unbestatigt nichtbestatigt nonconfirm noconfirm niepotwierdz nieaktyw onbevestigd ausstehend \
     enattente pendiente pendente",
);
/// Parts of words for people who left, were removed, or declined.
const LEFT: WordList = WordList(
    "unsub nonsub notsub optedout optout removed deleted inactive disabled deactivat block cancel churn \
     declined rejected refused donot dontmail nonmarketing nevermarketed archived erased \
     abgemeldet abbestellt gesperrt geloscht inaktiv desinscri desabon desuscri disiscri disattiv descadastr \
     uitgeschreven wypisan 退订 解除",
);
/// Parts of words for addresses that get no mail of any list.
const SUPPRESSED: WordList = WordList("blocklist blacklist suppress banned");
/// Whole words for people who left, were removed, or declined.
const LEFT_WORDS: WordList = WordList("left gone baja out ended former ex dead stopped");

/// Interprets a cell of a status column. An empty cell is [`ReportedStatus::Active`].
pub(super) fn interpret_status(text: &str) -> ReportedStatus {
    let word = fold(text);
    let word = word.as_str();
    let has = |parts: WordList| parts.has_part_of(word);
    if word.is_empty() || YES.contains(word) || ACTIVE.contains(word) {
        ReportedStatus::Active
    } else if has(COMPLAINED) {
        ReportedStatus::Complained
    } else if has(BOUNCED) && has(SOFT) {
        ReportedStatus::Unknown
    } else if has(BOUNCED) {
        ReportedStatus::Bounced
    } else if has(UNCONFIRMED) {
        ReportedStatus::Unconfirmed
    } else if has(SUPPRESSED) {
        ReportedStatus::Suppressed
    } else if has(LEFT) || LEFT_WORDS.contains(word) || NO.contains(word) {
        ReportedStatus::Unsubscribed
    } else {
        ReportedStatus::Unknown
    }
}

/// Words that mean, in any column, that the person must not be mailed.
const LEAVING: WordList = WordList(
    "unsubscribed unsubscribe optedout optout bounced hardbounce hardbounced cleaned complained complaint \
     spamcomplaint blocklisted blacklisted suppressed unconfirmed unverified unactivated donotemail donotmail \
     donotcontact undeliverable nonsubscribed notconfirmed notsubscribed notverified abgemeldet desinscrit desabonne",
);

/// Parts of words with the same meaning, which may be in a sentence.
const LEAVING_PARTS: WordList =
    WordList("unsubscrib optedout donotemail donotmail donotcontact hardbounce desinscri abgemeldet");

/// What every cell contains that [`mentions_leaving`], without blanks. Nearly all cells contain none of them, which is found fast.
static LEAVING_MARKS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::new(LEAVING.iter().chain(LEAVING_PARTS.iter())).expect("a few short words are a valid automaton")
});

/// Whether a cell in a column without a role says that the person unsubscribed, bounced, complained or never confirmed.
pub(super) fn mentions_leaving(text: &str) -> bool {
    if !LEAVING_MARKS.is_match(&fold(text)) {
        return false;
    }
    let mut parts = text.split([',', ';', '|', '/']).map(fold);
    parts.any(|part| LEAVING.contains(&part)) || LEAVING_PARTS.has_part_of(&fold(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_of_the_usual_systems_are_read() {
        let cases = [
            ("", ReportedStatus::Active),
            ("Subscribed", ReportedStatus::Active),
            ("enabled", ReportedStatus::Active),
            ("Express", ReportedStatus::Active),
            ("Bestätigt", ReportedStatus::Active),
            ("unactivated", ReportedStatus::Unconfirmed),
            ("Not activated", ReportedStatus::Unconfirmed),
            ("Implied", ReportedStatus::Unconfirmed),
            ("Non-Subscribed", ReportedStatus::Unsubscribed),
            ("cancelled", ReportedStatus::Unsubscribed),
            ("Désinscrit(e)", ReportedStatus::Unsubscribed),
            ("blocklisted", ReportedStatus::Suppressed),
            ("0", ReportedStatus::Unsubscribed),
            ("unreachable", ReportedStatus::Bounced),
            ("hard_bounce", ReportedStatus::Bounced),
            ("cleaned", ReportedStatus::Bounced),
            ("soft_bounce", ReportedStatus::Unknown),
            ("complained", ReportedStatus::Complained),
            ("VIP", ReportedStatus::Unknown),
            ("4", ReportedStatus::Unknown),
        ];
        for (text, expected) in cases {
            assert_eq!(interpret_status(text), expected, "{text:?}");
        }
    }
}
