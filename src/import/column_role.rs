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
    /// Its name is not known: it is about consent if it has only answers, times or codes, such as `Baja: sí`.
    Unexplained,
    /// The column does not concern consent.
    Other,
}

/// Names of the column with the mail address, the most certain first.
pub(super) const ADDRESS: WordList = WordList(
    "email emailaddress mail mailaddress subscriberemail primaryemail contactemail memberemail useremail \
     customeremail emailaddressprimary emailadresse mailadresse emailadres adresseemail adressemail \
     adresseelectronique courriel correo correoelectronico direcciondecorreo direcciondecorreoelectronico \
     indirizzoemail enderecodeemail enderecoemail epost epostadress epostadresse sahkoposti sahkopostiosoite \
     adresemail adresemailowy eposta почта электроннаяпочта 邮箱 电子邮件 电子邮箱 邮件地址 メール メールアトレス 이메일 البريدالالكتروني \
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

/// Columns of common systems whose names or answers suggest consent and mean something else: Substack's `active_subscription` is about
/// paying, and its `prefer_digests` about how often mail is sent.
const HARMLESS: WordList = WordList(
    "activesubscription preferdigests lastactive lastactiveat lastactivity listids note notes metadata attributes tiers",
);

/// Words of columns that may have only answers, times or codes and do not concern consent: times of the record, places, and facts about
/// the person. A name is harmless if it has no other words than these and those of [`TIME`].
const UNRELATED: WordList = WordList(
    "created creation create updated update modified modification changed change added add last first signup signed registered \
     registration joined join imported import profile login seen visited open opened click clicked sent email mail mailing address \
     adresse date datum data fecha datetime timestamp erstellt hinzugefugt angelegt geandert creado creada creacion cree creee creazione \
     dodano utworzono criado criacao 创建时间 注册时间 更新时间 登録日 作成日 更新日 \
     latitude longitude lat lon lng gmtoff dstoff leid euid cc zip zipcode postcode postalcode plz cp cap region country land pays \
     pais paese city town ort stadt ville ciudad citta street strasse company firma position gender sex geschlecht anrede language \
     lang sprache langue idioma lingua birthday birthdate birth dob geburtstag geburtsdatum naissance nacimiento nascita nascimento \
     age alter edad eta wiek of",
);

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
const BOUNCED: WordList = WordList(
    "bounc clean undeliver unreach invalid unzustell rucklauf rebot rebond rimbalz devuelt devolvid odbic odbit",
);
/// Parts of the whole name, without blanks, that are about mail that came back.
const BOUNCED_JOINED: WordList =
    WordList("bademail bademailaddress badaddress wrongemail returnedmail mailreturned 退信 エラーメール");
const UNCONFIRMED: WordList = WordList("unconfirm unverif unactiv unvalid unbestat");
const LEFT: WordList = WordList(
    "unsub nonsub abgemeld abmeld abbestell desinscr desabon desuscr disiscr descadastr uitgeschr wypis cancel \
     remov delet gelosch losch suppress block blacklist disabl deactiv deaktiv desactiv desativ disattiv inactiv inaktiv banned left gone \
     erased archived exclude exclui dnc noemail donot optout optedout dne withdr revok revoc objection objected widerspr widerruf kundig \
     gekundigt austritt ausgetreten resili отпис отказ удален deceased stop unwanted hb ended expired lapsed declin refus reject suspend \
     baja anulad rechaz borrad eliminad supprim annul opposition opposizion radie rejet disdett rifiut rimoss elimin \
     rezygn usunie odrzuc zablok anulow sprzeciw entfernt stornier storno ablehn abgelehn gesperr sperr verweiger ausgetragen \
     recusad rejeitad removid desist afgemeld afmeld opgezegd verwijderd geweiger geblokk avregistr avanmal avmeld frameld",
);
/// Parts of the whole name, without blanks, that are about leaving.
const LEFT_JOINED: WordList = WordList(
    "optout optedout donotemail donotmail donotcontact donotsend donotmarket dontmarket noemail nomail dontemail nonewsletter nomailing \
     enddate onhold 退订 取消订阅 退訂 取消訂閱 拒收 黑名单 注销 配信停止 受信拒否 配信拒否 購読解除 購読停止 登録解除 退会 解約 \
     الغاءالاشتراك الغي ملغى محظور محذوف مرفوض انسحاب 수신거부 구독취소 구독해지 탈퇴 해지",
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
    if HARMLESS.contains(&whole) {
        return ColumnRole::Other;
    }
    let reported = if starts(COMPLAINED) {
        Some(ReportedStatus::Complained)
    } else if starts(BOUNCED) || BOUNCED_JOINED.has_part_of(&whole) {
        Some(ReportedStatus::Bounced)
    } else if starts(UNCONFIRMED) {
        Some(ReportedStatus::Unconfirmed)
    } else if starts(LEFT) || LEFT_JOINED.has_part_of(&whole) {
        Some(ReportedStatus::Unsubscribed)
    } else {
        None
    };
    let is_reference = any(REFERENCE);
    if is_reference || any(PAYMENT) || (any(OTHER_CHANNEL) && !by_mail) {
        return match reported {
            None => ColumnRole::Other,
            // "Unsubscribe link" has a link, and "Opt-out key" may have a yes.
            Some(_) if is_reference => ColumnRole::Unexplained,
            // "Unsubscribed (billing)" may be about invoices only.
            Some(_) => ColumnRole::Unclear,
        };
    }
    // The reason of a suppression is a word such as "HardBounce".
    if any(STATUS) || (starts(WordList("suppress")) && any(REASON)) {
        return ColumnRole::Status;
    }
    let (negated, happened) = (any(NOT), any(TIME) || any(REASON));
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
        None if any(UNRELATED) && words.iter().all(|word| UNRELATED.contains(word) || TIME.contains(word)) => {
            ColumnRole::Other
        }
        None => ColumnRole::Unexplained,
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
            ("Unsubscribe link", ColumnRole::Unexplained),
            ("Subscription plan", ColumnRole::Other),
            ("SuppressionReason", ColumnRole::Status),
            ("error", ColumnRole::Unclear),
            ("Legal basis", ColumnRole::Unclear),
            ("Email preferences", ColumnRole::Unclear),
            ("Désabonné", ColumnRole::Denied(Unsubscribed)),
            ("Abgemeldet am", ColumnRole::Denied(Unsubscribed)),
            ("stripe_customer_id", ColumnRole::Other),
            ("complimentary_plan", ColumnRole::Other),
            ("Unsubscribed (billing)", ColumnRole::Unclear),
            ("Mobile unsubscribed", ColumnRole::Unclear),
            ("Opt-Out Key", ColumnRole::Unexplained),
            ("expiry", ColumnRole::Other),
            ("created_at", ColumnRole::Other),
            ("LAST_CHANGED", ColumnRole::Other),
            ("GMTOFF", ColumnRole::Other),
            ("_listIds", ColumnRole::Other),
            ("Zbogom", ColumnRole::Unexplained),
            ("Last modified", ColumnRole::Other),
            ("labels", ColumnRole::Tags),
            ("TIMEZONE", ColumnRole::Timezone),
            ("NOTES", ColumnRole::Other),
        ];
        for (name, expected) in cases {
            assert_eq!(role_of(name), expected, "{name:?}");
        }
    }

    #[test]
    fn names_about_leaving_are_understood_in_ten_languages() {
        use ReportedStatus::{Bounced, Unsubscribed};
        let names = "Baja|Dado de baja|Anulado|Rechazado|Supprimé|Annulé|Opposition|Radié|Disdetta|Annullato|Rezygnacja|Entfernt|\
                     Storniert|Abgelehnt|是否取消订阅|配信停止|購読解除|تم إلغاء الاشتراك|Afgemeld|수신거부|Declined|Refused|\
                     Rejected|Do not market|Expired|Cancelado|Recusado|Usunięty";
        for name in names.split('|') {
            assert_eq!(role_of(name), ColumnRole::Denied(Unsubscribed), "{name:?}");
        }
        assert_eq!(role_of("Fecha de baja"), ColumnRole::Happened(Unsubscribed));
        assert_eq!(role_of("On hold"), ColumnRole::Happened(Unsubscribed));
        assert_eq!(role_of("Bad email"), ColumnRole::Denied(Bounced));
        assert_eq!(role_of("Returned mail"), ColumnRole::Denied(Bounced));
    }

    #[test]
    fn every_word_is_written_as_names_are_folded() {
        for list in [
            ADDRESS,
            UNRELATED,
            BOUNCED,
            BOUNCED_JOINED,
            LEFT,
            LEFT_JOINED,
            SUBSCRIBED,
        ] {
            for word in list.iter() {
                assert_eq!(fold(word), word);
            }
        }
    }
}
