//! Interprets the words in a cell: whether a person may be mailed, left, bounced, complained, or never confirmed.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words or parts of words, with blanks between them, folded as [`folded`] does.
pub(super) struct Words(pub(super) &'static str);

impl Words {
    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.0.split_ascii_whitespace()
    }

    /// Whether `word` is one of them.
    pub(super) fn contain(&self, word: &str) -> bool {
        self.all().any(|other| other == word)
    }

    /// Whether `word` begins with one of them.
    pub(super) fn begin(&self, word: &str) -> bool {
        self.all().any(|start| word.starts_with(start))
    }

    /// Whether one of them is a part of `word`.
    pub(super) fn are_within(&self, word: &str) -> bool {
        self.all().any(|part| word.contains(part))
    }

    /// The place of `word` among them.
    pub(super) fn position(&self, word: &str) -> Option<usize> {
        self.all().position(|other| other == word)
    }
}

/// What a cell says, ordered from harmless to severe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// The subscriber may be mailed.
    Active,
    /// The word is not known.
    Unknown,
    /// The subscriber never confirmed there.
    Unconfirmed,
    /// Unsubscribed, was removed, or declined.
    Left,
    /// Mail to the address bounced permanently.
    Bounced,
    /// Reported our mail as spam.
    Complained,
}

/// Small letters and digits only, without accents: `Désinscrit(e)` becomes `desinscrite`.
pub(super) fn folded(text: &str) -> String {
    let letters = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase);
    letters
        .filter(|c| c.is_alphanumeric())
        .map(|c| if c == 'ß' { 's' } else { c })
        .collect()
}

const YES: Words = Words("true yes 1 y t on x ja j oui si sim tak da wahr vrai verdadero vero checked 是 はい نعم");
const NO: Words = Words(
    "false no 0 n f off nein non nao nie nee falsch faux falso never none null nil na 00000000 00000000000000 否 \
     いいえ لا",
);

/// Reads a yes or a no; `None` for any other word.
pub(super) fn yes_or_no(text: &str) -> Option<bool> {
    let word = folded(text);
    if YES.contain(&word) {
        Some(true)
    } else {
        (word.is_empty() || NO.contain(&word)).then_some(false)
    }
}

/// Statuses of people who may be mailed.
const ACTIVE: Words = Words(
    "subscribed subscriber confirmed active enabled member free paid comped premium gift gifted regular trialed \
     express optedin optin doubleoptin confirmedoptin verified activated marketingcontact deliverable aktiv \
     abonniert angemeldet bestatigt abonne abonnee inscrit inscrite actif active confirme confirmee activo \
     suscrito confirmado attivo iscritto confermato ativo inscrito actief bevestigd aktywny potwierdzony 订阅 已订阅 \
     購読中",
);

/// Parts of words for a spam complaint.
const COMPLAINED: Words = Words("complain abuse spam junk beschwerde plainte");
/// Parts of words for a permanent bounce.
const BOUNCED: Words = Words(
    "bounc cleaned undeliver unreachable invalid nonexist unzustellbar hardfail rebote rebotado unknownuser \
     nosuchuser",
);
/// Parts of words for a temporary bounce.
const SOFT: Words = Words("soft transient temporar");
/// Parts of words for a missing confirmation.
const UNCONFIRMED: Words = Words(
    "unconfirm notconfirm nonconfirm unverif notverif pending unactiv notactiv awaiting waiting invited singleopt \
     implied unbestatigt nichtbestatigt nonconfirm noconfirm niepotwierdz nieaktyw onbevestigd ausstehend \
     enattente pendiente pendente",
);
/// Parts of words for people who left, were removed, or declined.
const LEFT: Words = Words(
    "unsub nonsub notsub optedout optout removed deleted inactive disabled deactivat block blacklist suppress \
     cancel churn declined rejected refused donot dontmail nonmarketing nevermarketed banned archived erased \
     abgemeldet abbestellt gesperrt geloscht inaktiv desinscri desabon desuscri disiscri disattiv descadastr \
     uitgeschreven wypisan 退订 解除",
);
/// Whole words for the same.
const LEFT_WORDS: Words = Words("left gone baja out ended former ex dead stopped");

/// Interprets the text of a status.
pub(super) fn status(text: &str) -> Meaning {
    let word = folded(text);
    let word = word.as_str();
    let has = |parts: Words| parts.are_within(word);
    if word.is_empty() || YES.contain(word) || ACTIVE.contain(word) {
        Meaning::Active
    } else if has(COMPLAINED) {
        Meaning::Complained
    } else if has(BOUNCED) && has(SOFT) {
        Meaning::Unknown
    } else if has(BOUNCED) {
        Meaning::Bounced
    } else if has(UNCONFIRMED) {
        Meaning::Unconfirmed
    } else if has(LEFT) || LEFT_WORDS.contain(word) || NO.contain(word) {
        Meaning::Left
    } else {
        Meaning::Unknown
    }
}

/// Cells that mean that somebody left, in any column.
const LEAVING: Words = Words(
    "unsubscribed unsubscribe optedout optout bounced hardbounce hardbounced cleaned complained complaint \
     spamcomplaint blocklisted blacklisted suppressed unconfirmed unverified unactivated donotemail donotmail \
     donotcontact undeliverable nonsubscribed abgemeldet desinscrit desabonne",
);

/// Parts of cells that do so within a sentence too.
const LEAVING_PARTS: Words =
    Words("unsubscrib optedout donotemail donotmail donotcontact hardbounce desinscri abgemeldet");

/// Whether a cell in a column without a role says that somebody left.
pub(super) fn speaks_of_leaving(text: &str) -> bool {
    let mut parts = text.split([',', ';', '|', '/']).map(folded);
    parts.any(|part| LEAVING.contain(&part)) || LEAVING_PARTS.are_within(&folded(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_of_the_usual_systems_are_read() {
        let cases = [
            ("", Meaning::Active),
            ("Subscribed", Meaning::Active),
            ("enabled", Meaning::Active),
            ("Express", Meaning::Active),
            ("Bestätigt", Meaning::Active),
            ("unactivated", Meaning::Unconfirmed),
            ("Not activated", Meaning::Unconfirmed),
            ("Implied", Meaning::Unconfirmed),
            ("Non-Subscribed", Meaning::Left),
            ("cancelled", Meaning::Left),
            ("Désinscrit(e)", Meaning::Left),
            ("blocklisted", Meaning::Left),
            ("0", Meaning::Left),
            ("unreachable", Meaning::Bounced),
            ("hard_bounce", Meaning::Bounced),
            ("cleaned", Meaning::Bounced),
            ("soft_bounce", Meaning::Unknown),
            ("complained", Meaning::Complained),
            ("VIP", Meaning::Unknown),
            ("4", Meaning::Unknown),
        ];
        for (text, expected) in cases {
            assert_eq!(status(text), expected, "{text:?}");
        }
    }
}
