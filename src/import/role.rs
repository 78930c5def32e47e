//! Finds the role of a column from its name.
//!
//! A name is split into words, and its words decide: "Unsubscribed from all email" is about leaving, "Unsubscribe link" is
//! not. A column whose name may be about consent and is not understood is reported, never ignored.

use super::meaning::{Meaning, Words, folded};

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Address,
    Name,
    FirstName,
    LastName,
    /// Words such as "active" or "bounced".
    Status,
    /// A status only if its content is one, because names such as "type" and "state" have other uses too.
    PossibleStatus,
    /// "Yes" is harmless, and "no" means this.
    Affirmed(Meaning),
    /// "Yes", or anything but "no", means this.
    Denied(Meaning),
    /// When or why it happened: any content means this.
    Happened(Meaning),
    /// How often it happened. One complaint is one; how many bounces are too many is not known.
    Counted(Meaning),
    /// When or from where somebody signed up: kept as evidence.
    Evidence,
    /// When somebody confirmed: evidence, and an empty cell means that nobody did.
    Confirmed,
    /// May be about consent, and is not understood.
    Unclear,
    /// The column does not concern consent.
    Other,
}

/// Names of the column with the mail address, the most certain first.
pub(super) const ADDRESS: Words = Words(
    "email emailaddress mail mailaddress subscriberemail primaryemail contactemail memberemail useremail \
     customeremail emailaddressprimary emailadresse mailadresse emailadres adresseemail adressemail \
     adresseelectronique courriel correo correoelectronico direcciondecorreo direcciondecorreoelectronico \
     indirizzoemail enderecodeemail enderecoemail epost epostadress epostadresse sahkoposti sahkopostiosoite \
     adresemail adresemailowy eposta почта электроннаяпочта 邮箱 电子邮件 电子邮箱 邮件地址 メール メールアドレス 이메일 البريدالالكتروني \
     address",
);
const NAME: Words = Words("name fullname displayname vollstandigername nomcomplet nombrecompleto");
const FIRST_NAME: Words = Words("firstname fname first givenname vorname prenom nombre nome voornaam imie");
const LAST_NAME: Words = Words(
    "lastname lname last surname familyname nachname nomdefamille apellido apellidos cognome sobrenome achternaam \
     nazwisko",
);

/// Columns of the usual systems whose names speak of consent and mean something else: Substack's `active_subscription` is
/// about paying, its `prefer_digests` about how often.
const HARMLESS: Words = Words("activesubscription preferdigests lastactive lastactiveat lastactivity");

/// Words that make a name about something else, such as "Unsubscribe link".
const REFERENCE: Words = Words("link url uri token hash key");
/// Words about paying, such as "Subscription plan" or "Payment status".
const PAYMENT: Words = Words("plan tier price amount currency payment invoice billing stripe expiry expires");
/// Words that make a name about something else unless it is about leaving: "Subscription source" says nothing, and
/// "Unsubscribe source" says that somebody left.
const DETAIL: Words = Words(
    "code id uuid source medium referrer referer form page browser utm number count anzahl total rate rating score clicks \
     opens percent days",
);
const COUNT: Words = Words("number count anzahl total rate score times");
/// Words for channels other than mail.
const OTHER_CHANNEL: Words = Words("sms phone push whatsapp mobile postal call telefon webpush");
const TIME: Words = Words("at on time date datum timestamp since ts seit fecha data when le dated");
const REASON: Words = Words("reason campaign grund raison motivo title");
const STATUS: Words = Words("status statut estado stato zustand situacao");
const NOT: Words = Words("not non no never nicht kein pas ne nao niet geen nie");

const COMPLAINED: Words = Words("complain abuse spam junk beschwerd plainte");
const BOUNCED: Words = Words("bounc clean undeliver unreach invalid unzustell rebot");
const UNCONFIRMED: Words = Words("unconfirm unverif unactiv unvalid unbestat");
const LEFT: Words = Words(
    "unsub nonsub abgemeld abmeld abbestell desinscr desabon desuscr disiscr descadastr uitgeschr wypis cancel \
     remov delet gelosch suppress block blacklist disabl deactiv deaktiv inactiv inaktiv banned left gone erased \
     archived exclude dnc noemail donot optout optedout dne withdr revok revoc objection objected widerspr widerruf kundig \
     gekundigt austritt ausgetreten resili отпис 退订 deceased stop unwanted hb ended",
);
/// The same, across the words of a name.
const LEFT_JOINED: Words = Words(
    "optout optedout donotemail donotmail donotcontact donotsend noemail nomail dontemail nonewsletter nomailing enddate",
);
const CONFIRMED: Words = Words("confirm verif activat validat valid bestat potwierdz bevestig");
const SUBSCRIBED: Words = Words(
    "subscri optin optedin active aktiv actif activo attivo ativo enabl accept consent permis gdpr dsgvo rgpd \
     marketing mailable contactable abonn inscri iscri suscri angemeld anmeld agree allow einwillig zustimm send receiv want wunsch",
);
/// Names that are about a newsletter as such: their content decides.
const NEWSLETTER: Words =
    Words("newsletter newsletters boletin infolettre rundbrief type state mailing mailings mailinglist");
const UNCLEAR: Words = Words("preference prefs eligib privacy complian dnd quarantin sunset quality");
/// The same, across the words of a name.
const UNCLEAR_JOINED: Words = Words("legalbasis lawfulbasis rechtsgrundlage baselegale");

/// The role of a column with this name.
pub(super) fn role(name: &str) -> Role {
    let whole = folded(name);
    if ADDRESS.contain(&whole) {
        return Role::Address;
    }
    for (names, role) in [
        (NAME, Role::Name),
        (FIRST_NAME, Role::FirstName),
        (LAST_NAME, Role::LastName),
    ] {
        if names.contain(&whole) {
            return role;
        }
    }
    let words = words(name);
    let any = |list: Words| words.iter().any(|word| list.contain(word));
    let starts = |list: Words| words.iter().any(|word| list.begin(word));
    let by_mail = starts(Words("email mail courriel correo"));
    if HARMLESS.contain(&whole) || any(REFERENCE) || any(PAYMENT) || (any(OTHER_CHANNEL) && !by_mail) {
        return Role::Other;
    }
    if any(STATUS) {
        return Role::Status;
    }
    let (negated, happened) = (any(NOT), any(TIME) || any(REASON));
    let denied = if starts(COMPLAINED) {
        Some(Meaning::Complained)
    } else if starts(BOUNCED) {
        Some(Meaning::Bounced)
    } else if starts(UNCONFIRMED) {
        Some(Meaning::Unconfirmed)
    } else if starts(LEFT) || LEFT_JOINED.are_within(&whole) {
        Some(Meaning::Left)
    } else {
        None
    };
    if let Some(meaning) = denied {
        return match (negated && meaning != Meaning::Left, happened || any(DETAIL)) {
            (true, _) => Role::Unclear,
            _ if any(COUNT) => Role::Counted(meaning),
            (false, true) => Role::Happened(meaning),
            (false, false) => Role::Denied(meaning),
        };
    }
    if any(DETAIL) {
        return Role::Other;
    }
    let joined = Words("optin optedin doubleopt").are_within(&whole);
    let no = if starts(CONFIRMED) || any(Words("doi")) || whole.contains("doubleopt") {
        Some(Meaning::Unconfirmed)
    } else if joined || starts(SUBSCRIBED) {
        Some(Meaning::Left)
    } else {
        None
    };
    match no {
        Some(no) if negated => Role::Denied(no),
        Some(Meaning::Unconfirmed) if any(TIME) => Role::Confirmed,
        Some(_) if any(TIME) || any(Words("ip country host")) => Role::Evidence,
        Some(_) if any(Words("type")) => Role::PossibleStatus,
        Some(no) => Role::Affirmed(no),
        None if NEWSLETTER.contain(&whole) || any(Words("type newsletter newsletters")) => Role::PossibleStatus,
        None if starts(UNCLEAR) || UNCLEAR_JOINED.are_within(&whole) => Role::Unclear,
        None => Role::Other,
    }
}

/// The words of a name, folded: `optedOut` and `Opted out?` both give `opted`, `out`. Words for the person do not count.
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
    let words = spaced.split(' ').map(folded).filter(|word| !word.is_empty());
    words
        .filter(|word| !Words("subscriber subscribers abonnent suscriptor").contain(word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_usual_exports_are_understood() {
        use Meaning::{Bounced, Complained, Left, Unconfirmed};
        let cases = [
            ("E-Mail-Adresse", Role::Address),
            ("E-post", Role::Address),
            ("correo_electronico", Role::Address),
            ("Is this subscriber confirmed", Role::Affirmed(Unconfirmed)),
            ("Is this subscriber blacklisted", Role::Denied(Left)),
            ("Is this account disabled?", Role::Denied(Left)),
            ("Number of bounces", Role::Counted(Bounced)),
            ("complaint_count", Role::Counted(Complained)),
            ("unsubscribe_source", Role::Happened(Left)),
            ("Unsubscribe code", Role::Happened(Left)),
            ("bounce_code", Role::Happened(Bounced)),
            ("Status code", Role::Status),
            ("Subscription payment status", Role::Other),
            ("Consent revoked", Role::Denied(Left)),
            ("consent_revoked_at", Role::Happened(Left)),
            ("consent_withdrawn", Role::Denied(Left)),
            ("Widerspruch", Role::Denied(Left)),
            ("gekündigt am", Role::Denied(Left)),
            ("Résilié", Role::Denied(Left)),
            ("Отписан", Role::Denied(Left)),
            ("No newsletter", Role::Denied(Left)),
            ("Send newsletter", Role::Affirmed(Left)),
            ("Receive mail", Role::Affirmed(Left)),
            ("wants_news", Role::Affirmed(Left)),
            ("email_valid", Role::Affirmed(Unconfirmed)),
            ("Email quality", Role::Unclear),
            ("mailing", Role::PossibleStatus),
            ("Mailing address", Role::Other),
            ("Subscription source", Role::Other),
            ("List status", Role::Status),
            ("Email permission status", Role::Status),
            ("Unsubscribed from all email", Role::Denied(Left)),
            ("Email hard bounce reason", Role::Happened(Bounced)),
            ("optedOut", Role::Denied(Left)),
            ("opt_out", Role::Denied(Left)),
            ("Do not email", Role::Denied(Left)),
            ("is_active", Role::Affirmed(Left)),
            ("Accepts Email Marketing", Role::Affirmed(Left)),
            ("Accepts SMS Marketing", Role::Other),
            ("Confirmed", Role::Affirmed(Unconfirmed)),
            ("not confirmed", Role::Denied(Unconfirmed)),
            ("Not subscribed", Role::Denied(Left)),
            ("CONFIRM_TIME", Role::Confirmed),
            ("OPTIN_IP", Role::Evidence),
            ("Subscribed at", Role::Evidence),
            ("Subscription Date (Substack)", Role::Evidence),
            ("UNSUB_TIME", Role::Happened(Left)),
            ("UNSUB_REASON", Role::Happened(Left)),
            ("CLEAN_TIME", Role::Happened(Bounced)),
            ("unsubscribed_at", Role::Happened(Left)),
            ("deleted_at", Role::Happened(Left)),
            ("email_disabled", Role::Denied(Left)),
            ("Spam complaint", Role::Denied(Complained)),
            ("active_subscription", Role::Other),
            ("prefer_digests", Role::Other),
            ("subscribed_to_emails", Role::Affirmed(Left)),
            ("subscriber_type", Role::PossibleStatus),
            ("type", Role::PossibleStatus),
            ("Unsubscribe link", Role::Other),
            ("Subscription plan", Role::Other),
            ("Legal basis", Role::Unclear),
            ("Email preferences", Role::Unclear),
            ("Désabonné", Role::Denied(Left)),
            ("Abgemeldet am", Role::Denied(Left)),
            ("stripe_customer_id", Role::Other),
            ("complimentary_plan", Role::Other),
            ("labels", Role::Other),
            ("NOTES", Role::Other),
        ];
        for (name, expected) in cases {
            assert_eq!(role(name), expected, "{name:?}");
        }
    }
}
