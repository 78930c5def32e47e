//! The words in dates: months in many languages, AM and PM, and words without meaning.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The months from January on: their names and short forms, in lower case and without accents.
///
/// Languages: English, German, French, Spanish, Portuguese, Italian, Catalan, Romanian, Dutch, Danish, Norwegian, Swedish,
/// Finnish, Estonian, Indonesian, Hungarian, Turkish, Polish, Czech, Slovak, Slovene and Serbian, Russian, Ukrainian, Bulgarian,
/// Greek, Arabic. `listopad` is November (Polish, Czech), although Croatian calls October so.
const MONTHS: [&str; 12] = [
    "january jan januar januari janvier janv enero ene janeiro gennaio gen gener ianuarie ian jaenner janner tammikuu tammikuuta \
     tammi jaanuar ocak oca styczen stycznia sty leden ledna led januara januara января январь янв січень січня січ януари \
     ιανουαριοσ ιανουαριου ιαν يناير",
    "february feb februar februari fevrier fevr fev febrero fevereiro febbraio febrer februarie feber helmikuu helmikuuta helmi \
     veebruar subat sub luty lutego lut unor unora uno februara февраля февраль фев февр лютии лютого лют февруари \
     φεβρουαριοσ φεβρουαριου φεβ فبراير",
    "march mar mars marzo marco marc martie marz maerz mrz maart mrt marts maaliskuu maaliskuuta maalis martz maret marcius mart \
     marzec marca marec brezen brezna bre марта март мар березень березня бер μαρτιοσ μαρτιου μαρ مارس",
    "april apr avril avr abril abr aprile aprilie huhtikuu huhtikuuta huhti aprill aprilis nisan nis kwiecien kwietnia kwi duben \
     dubna dub aprila апреля апрель апр квітень квітня квi април απριλιοσ απριλιου απρ ابريل",
    "may mai mayo maio maggio mag maig mei maj toukokuu toukokuuta touko majus mayis maja kveten kvetna kve мая маи травень травня \
     тра μαιοσ μαιου μαι مايو",
    "june jun juin junio junho giugno giu juny iunie iun juni kesakuu kesakuuta kesa juuni junius haziran haz czerwiec czerwca cze \
     cerven cervna cvn juna июня июнь июн червень червня чер юни ιουνιοσ ιουνιου ιουν يونيو",
    "july jul juillet juil julio julho luglio lug juliol iulie iul juli heinakuu heinakuuta heina juuli julius temmuz tem lipiec \
     lipca lip cervenec cervence cvc jula июля июль июл липень липня лип юли ιουλιοσ ιουλιου ιουλ يوليو",
    "august aug aout aou agosto ago agost augustus augusti elokuu elokuuta elo agustus agu agt augusztus agustos avgust avg sierpien \
     sierpnia sie srpen srpna srp augusta августа август авг серпень серпня сер αυγουστοσ αυγουστου αυγ اغسطس",
    "september sep sept septembre septiembre setiembre setembro set settembre sett setembre septembrie septemb syyskuu syyskuuta syys \
     szeptember szept eylul eyl wrzesien wrzesnia wrz zari zar septembra septembar сентября сентябрь сен сент вересень вересня вер \
     септември септ σεπτεμβριοσ σεπτεμβριου σεπ σεπτ سبتمبر",
    "october oct oktober okt octobre octubre outubro out ottobre ott octombrie lokakuu lokakuuta loka oktoober oktobra ekim eki \
     pazdziernik pazdziernika paz rijen rijna rij oktobar октября октябрь окт жовтень жовтня жов октомври οκτωβριοσ οκτωβριου οκτ \
     اكتوبر",
    "november nov novembre noviembre novembro noiembrie noi marraskuu marraskuuta marras nopember kasim kas listopad listopada lis \
     novembra novembar ноября ноябрь ноя нояб листопад листопада лис ноември νοεμβριοσ νοεμβριου νοε νοεμ نوفمبر",
    "december dec decembre diciembre dic dezembro dez dicembre desembre decembrie dezember desember des joulukuu joulukuuta joulu \
     detsember aralik ara grudzien grudnia gru prosinec prosince pro decembra decembar декабря декабрь дек грудень грудня гру \
     декември δεκεμβριοσ δεκεμβριου δεκ ديسمبر",
];

/// Words in dates that do not change their meaning: English weekdays, prepositions, articles, endings of ordinals.
const FILLERS: &str = "mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday t \
    at on of the st nd rd th um uhr den der de del do el le la a as o alle ore er re eme os om kl klo em dne godz r rok г года год \
    в на и στισ h uur hrs sa";

/// Half of the day on a clock of twelve hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Morning,
    Afternoon,
}

/// Lower case without accents, and with the digits and signs of East Asian and Arabic writing as in ASCII.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ł' => out.push('l'),
            'ı' => out.push('i'),
            '٠'..='٩' => out.push(digit(c, '٠')),
            '۰'..='۹' => out.push(digit(c, '۰')),
            '−' | '‐' | '‑' => out.push('-'),
            '年' | '月' | '년' | '월' => out.push('/'),
            '日' | '일' | '秒' | '초' | '،' => out.push(' '),
            '時' | '时' | '點' | '点' | '시' | '分' | '분' => out.push(':'),
            // Compatibility decomposition would split Hangul syllables.
            '가'..='힣' => out.push(c),
            _ => out.extend(std::iter::once(c).nfkd().filter(|&part| !is_combining_mark(part))),
        }
    }
    out
}

fn digit(c: char, zero: char) -> char {
    let value = u32::from(c) - u32::from(zero);
    char::from_digit(value, 10).unwrap_or(c)
}

/// The month, from 1, that a normalised word names.
pub(super) fn month(word: &str) -> Option<u32> {
    let names_it = |names: &str| names.split_whitespace().any(|name| name == word);
    let index = MONTHS.iter().position(|names| names_it(names))?;
    u32::try_from(index + 1).ok()
}

/// The half of the day that a normalised word names.
pub(super) fn half(word: &str) -> Option<Half> {
    match word {
        "am" | "πμ" | "上午" | "午前" | "오전" | "ص" => Some(Half::Morning),
        "pm" | "μμ" | "下午" | "午後" | "午后" | "오후" | "م" => Some(Half::Afternoon),
        _ => None,
    }
}

/// Whether a normalised word may be ignored.
pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.split_whitespace().any(|filler| filler == word)
}
