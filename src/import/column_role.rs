//! Finds the role of a column from its name.
//!
//! A name is split into words, and its words decide: "Unsubscribed from all email" is about leaving, "Unsubscribe link" is
//! not. A column whose name may be about consent and is not understood is reported, never ignored.

use super::reported_status::ReportedStatus;
use super::word_list::{WordList, fold};

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnRole {
    Address,
    Name,
    FirstName,
    LastName,
    /// Its cells are words such as "active" or "bounced".
    Status,
    /// A status only if its content is one, because names such as "type" and "state" have other uses too.
    PossibleStatus,
    /// "Subscribed?": "yes" is harmless, and "no" reports this status.
    Affirmed(ReportedStatus),
    /// "Unsubscribed?": "no" is harmless, and any other value reports this status.
    Denied(ReportedStatus),
    /// When or why it happened, such as "Unsubscribed at": any value but "no" reports this status.
    Happened(ReportedStatus),
    /// How often it happened. One complaint is enough to report it. How many bounces are too many is not known.
    Counted(ReportedStatus),
    /// When or from where the person signed up. It goes into the consent record.
    Evidence,
    /// When the person confirmed. It goes into the consent record, and an empty cell reports that the person did not.
    Confirmed,
    /// The name of the person's time zone.
    Timezone,
    /// Words by which people were grouped. They become topics if the operator asks for it.
    Tags,
    /// May be about consent, and is not understood.
    Unclear,
    /// The column does not concern consent.
    Other,
}

/// Names of the column with the mail address, the most certain first.
pub(super) const ADDRESS: WordList = WordList(
    "email emailaddress mail mailaddress subscriberemail primaryemail contactemail memberemail useremail \
     customeremail emailaddressprimary emailadresse mailadresse emailadres adresseemail adressemail \
     adresseelectronique courriel correo correoelectronico direcciondecorreo direcciondecorreoelectronico \
     indirizzoemail enderecodeemail enderecoemail epost epostadress epostadresse sahkoposti sahkopostiosoite \
     adresemail adresemailowy eposta почта электроннаяпочта 邮箱 电子邮件 电子邮箱 邮件地址 メール メールアドレス 이메일 البريدالالكتروني \
     address recipient rcptto",
);
const NAME: WordList = WordList("name fullname displayname vollstandigername nomcomplet nombrecompleto");
const FIRST_NAME: WordList = WordList("firstname fname first givenname vorname prenom nombre nome voornaam imie");
const LAST_NAME: WordList = WordList(
    "lastname lname last surname familyname nachname nomdefamille apellido apellidos cognome sobrenome achternaam \
     nazwisko",
);

const TIMEZONE: WordList = WordList("timezone tz zeitzone fuseaushoraire zonahoraria");
const TAGS: WordList = WordList("tags tag labels label topics");

/// Columns of common systems whose names suggest consent and mean something else: Substack's `active_subscription` is about
/// paying, and its `prefer_digests` about how often mail is sent.
const HARMLESS: WordList = WordList("activesubscription preferdigests lastactive lastactiveat lastactivity");

/// Words that make a name about something else, such as "Unsubscribe link".
const REFERENCE: WordList = WordList("link url uri token hash key");
/// Words about paying, such as "Subscription plan" or "Payment status".
const PAYMENT: WordList = WordList("plan tier price amount currency payment invoice billing stripe expiry expires");
/// Words that make a name about something else unless it is about leaving: "Subscription source" says nothing, and
/// "Unsubscribe source" says that somebody left.
const DETAIL: WordList = WordList(
    "code id uuid source medium referrer referer form page browser utm number count anzahl total rate rating score clicks \
     opens percent days",
);
const COUNT: WordList = WordList("number count anzahl total rate score times");
/// Words for channels other than mail.
const OTHER_CHANNEL: WordList = WordList("sms phone push whatsapp mobile postal call telefon webpush");
const TIME: WordList = WordList("at on time date datum timestamp since ts seit fecha data when le dated");
const REASON: WordList = WordList("reason campaign grund raison motivo title");
const STATUS: WordList = WordList("status statut estado stato zustand situacao");
const NOT: WordList = WordList("not non no never nicht kein pas ne nao niet geen nie");

const COMPLAINED: WordList = WordList("complain abuse spam junk beschwerd plainte");
const BOUNCED: WordList = WordList("bounc clean undeliver unreach invalid unzustell rebot");
const UNCONFIRMED: WordList = WordList("unconfirm unverif unactiv unvalid unbestat");
const LEFT: WordList = WordList(
    "unsub nonsub abgemeld abmeld abbestell desinscr desabon desuscr disiscr descadastr uitgeschr wypis cancel \
     remov delet gelosch suppress block blacklist disabl deactiv deaktiv inactiv inaktiv banned left gone erased \
     archived exclude dnc noemail donot optout optedout dne withdr revok revoc objection objected widerspr widerruf kundig \
     gekundigt austritt ausgetreten resili отпис 退订 deceased stop unwanted hb ended",
);
/// Parts of the whole name, without blanks, that are about leaving.
const LEFT_JOINED: WordList = WordList(
    "optout optedout donotemail donotmail donotcontact donotsend noemail nomail dontemail nonewsletter nomailing enddate",
);
const CONFIRMED: WordList = WordList("confirm verif activat validat valid bestat potwierdz bevestig");
const SUBSCRIBED: WordList = WordList(
    "subscri optin optedin active aktiv actif activo attivo ativo enabl accept consent permis gdpr dsgvo rgpd \
     marketing mailable contactable abonn inscri iscri suscri angemeld anmeld agree allow einwillig zustimm send receiv want wunsch",
);
/// Names of columns whose cells may be statuses: their content decides.
const NEWSLETTER: WordList =
    WordList("newsletter newsletters boletin infolettre rundbrief type state mailing mailings mailinglist");
const UNCLEAR: WordList =
    WordList("preference prefs eligib privacy complian dnd quarantin sunset quality error diagnos");
/// Parts of the whole name, without blanks, that may be about consent.
const UNCLEAR_JOINED: WordList = WordList("legalbasis lawfulbasis rechtsgrundlage baselegale");

/// The role of a column with this name.
pub(super) fn role_of(name: &str) -> ColumnRole {
    let whole = fold(name);
    if ADDRESS.contains(&whole) {
        return ColumnRole::Address;
    }
    for (names, role) in [
        (NAME, ColumnRole::Name),
        (FIRST_NAME, ColumnRole::FirstName),
        (LAST_NAME, ColumnRole::LastName),
        (TIMEZONE, ColumnRole::Timezone),
        (TAGS, ColumnRole::Tags),
    ] {
        if names.contains(&whole) {
            return role;
        }
    }
    let words = words(name);
    let any = |list: WordList| words.iter().any(|word| list.contains(word));
    let starts = |list: WordList| words.iter().any(|word| list.has_prefix_of(word));
    let by_mail = starts(WordList("email mail courriel correo"));
    if HARMLESS.contains(&whole) || any(REFERENCE) || any(PAYMENT) || (any(OTHER_CHANNEL) && !by_mail) {
        return ColumnRole::Other;
    }
    // The reason of a suppression is a word such as "HardBounce".
    if any(STATUS) || (starts(WordList("suppress")) && any(REASON)) {
        return ColumnRole::Status;
    }
    let (negated, happened) = (any(NOT), any(TIME) || any(REASON));
    let reported = if starts(COMPLAINED) {
        Some(ReportedStatus::Complained)
    } else if starts(BOUNCED) {
        Some(ReportedStatus::Bounced)
    } else if starts(UNCONFIRMED) {
        Some(ReportedStatus::Unconfirmed)
    } else if starts(LEFT) || LEFT_JOINED.has_part_of(&whole) {
        Some(ReportedStatus::Unsubscribed)
    } else {
        None
    };
    if let Some(status) = reported {
        return match (
            negated && status != ReportedStatus::Unsubscribed,
            happened || any(DETAIL),
        ) {
            (true, _) => ColumnRole::Unclear,
            _ if any(COUNT) => ColumnRole::Counted(status),
            (false, true) => ColumnRole::Happened(status),
            (false, false) => ColumnRole::Denied(status),
        };
    }
    if any(DETAIL) {
        return ColumnRole::Other;
    }
    let joined = WordList("optin optedin doubleopt").has_part_of(&whole);
    let no = if starts(CONFIRMED) || any(WordList("doi")) || whole.contains("doubleopt") {
        Some(ReportedStatus::Unconfirmed)
    } else if joined || starts(SUBSCRIBED) {
        Some(ReportedStatus::Unsubscribed)
    } else {
        None
    };
    match no {
        Some(no) if negated => ColumnRole::Denied(no),
        Some(ReportedStatus::Unconfirmed) if any(TIME) => ColumnRole::Confirmed,
        Some(_) if any(TIME) || any(WordList("ip country host")) => ColumnRole::Evidence,
        Some(_) if any(WordList("type")) => ColumnRole::PossibleStatus,
        Some(no) => ColumnRole::Affirmed(no),
        None if NEWSLETTER.contains(&whole) || any(WordList("type newsletter newsletters")) => {
            ColumnRole::PossibleStatus
        }
        None if starts(UNCLEAR) || UNCLEAR_JOINED.has_part_of(&whole) => ColumnRole::Unclear,
        None => ColumnRole::Other,
    }
}

/// The folded words of a column name, without words for the person: `optedOut` and `Opted out?` both give `opted`, `out`.
fn words(name: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            spaced.push(' ');
        }
        spaced.push(if c.is_alphanumeric() { c } else { ' ' });
        before = c;
    }
    let words = spaced.split(' ').map(fold).filter(|word| !word.is_empty());
    words
        .filter(|word| !WordList("subscriber subscribers abonnent suscriptor").contains(word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_usual_exports_are_understood() {
        use ReportedStatus::{Bounced, Complained, Unconfirmed, Unsubscribed};
        let cases = [
            ("E-Mail-Adresse", ColumnRole::Address),
            ("E-post", ColumnRole::Address),
            ("correo_electronico", ColumnRole::Address),
            ("Is this subscriber confirmed", ColumnRole::Affirmed(Unconfirmed)),
            ("Is this subscriber blacklisted", ColumnRole::Denied(Unsubscribed)),
            ("Is this account disabled?", ColumnRole::Denied(Unsubscribed)),
            ("Number of bounces", ColumnRole::Counted(Bounced)),
            ("complaint_count", ColumnRole::Counted(Complained)),
            ("unsubscribe_source", ColumnRole::Happened(Unsubscribed)),
            ("Unsubscribe code", ColumnRole::Happened(Unsubscribed)),
            ("bounce_code", ColumnRole::Happened(Bounced)),
            ("Status code", ColumnRole::Status),
            ("Subscription payment status", ColumnRole::Other),
            ("Consent revoked", ColumnRole::Denied(Unsubscribed)),
            ("consent_revoked_at", ColumnRole::Happened(Unsubscribed)),
            ("consent_withdrawn", ColumnRole::Denied(Unsubscribed)),
            ("Widerspruch", ColumnRole::Denied(Unsubscribed)),
            ("gekündigt am", ColumnRole::Denied(Unsubscribed)),
            ("Résilié", ColumnRole::Denied(Unsubscribed)),
            ("Отписан", ColumnRole::Denied(Unsubscribed)),
            ("No newsletter", ColumnRole::Denied(Unsubscribed)),
            ("Send newsletter", ColumnRole::Affirmed(Unsubscribed)),
            ("Receive mail", ColumnRole::Affirmed(Unsubscribed)),
            ("wants_news", ColumnRole::Affirmed(Unsubscribed)),
            ("email_valid", ColumnRole::Affirmed(Unconfirmed)),
            ("Email quality", ColumnRole::Unclear),
            ("mailing", ColumnRole::PossibleStatus),
            ("Mailing address", ColumnRole::Other),
            ("Subscription source", ColumnRole::Other),
            ("List status", ColumnRole::Status),
            ("Email permission status", ColumnRole::Status),
            ("Unsubscribed from all email", ColumnRole::Denied(Unsubscribed)),
            ("Email hard bounce reason", ColumnRole::Happened(Bounced)),
            ("optedOut", ColumnRole::Denied(Unsubscribed)),
            ("opt_out", ColumnRole::Denied(Unsubscribed)),
            ("Do not email", ColumnRole::Denied(Unsubscribed)),
            ("is_active", ColumnRole::Affirmed(Unsubscribed)),
            ("Accepts Email Marketing", ColumnRole::Affirmed(Unsubscribed)),
            ("Accepts SMS Marketing", ColumnRole::Other),
            ("Confirmed", ColumnRole::Affirmed(Unconfirmed)),
            ("not confirmed", ColumnRole::Denied(Unconfirmed)),
            ("Not subscribed", ColumnRole::Denied(Unsubscribed)),
            ("CONFIRM_TIME", ColumnRole::Confirmed),
            ("OPTIN_IP", ColumnRole::Evidence),
            ("Subscribed at", ColumnRole::Evidence),
            ("Subscription Date (Substack)", ColumnRole::Evidence),
            ("UNSUB_TIME", ColumnRole::Happened(Unsubscribed)),
            ("UNSUB_REASON", ColumnRole::Happened(Unsubscribed)),
            ("CLEAN_TIME", ColumnRole::Happened(Bounced)),
            ("unsubscribed_at", ColumnRole::Happened(Unsubscribed)),
            ("deleted_at", ColumnRole::Happened(Unsubscribed)),
            ("email_disabled", ColumnRole::Denied(Unsubscribed)),
            ("Spam complaint", ColumnRole::Denied(Complained)),
            ("active_subscription", ColumnRole::Other),
            ("prefer_digests", ColumnRole::Other),
            ("subscribed_to_emails", ColumnRole::Affirmed(Unsubscribed)),
            ("subscriber_type", ColumnRole::PossibleStatus),
            ("type", ColumnRole::PossibleStatus),
            ("Unsubscribe link", ColumnRole::Other),
            ("Subscription plan", ColumnRole::Other),
            ("SuppressionReason", ColumnRole::Status),
            ("error", ColumnRole::Unclear),
            ("Legal basis", ColumnRole::Unclear),
            ("Email preferences", ColumnRole::Unclear),
            ("Désabonné", ColumnRole::Denied(Unsubscribed)),
            ("Abgemeldet am", ColumnRole::Denied(Unsubscribed)),
            ("stripe_customer_id", ColumnRole::Other),
            ("complimentary_plan", ColumnRole::Other),
            ("labels", ColumnRole::Tags),
            ("TIMEZONE", ColumnRole::Timezone),
            ("NOTES", ColumnRole::Other),
        ];
        for (name, expected) in cases {
            assert_eq!(role_of(name), expected, "{name:?}");
        }
    }
}
