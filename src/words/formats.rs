//! Dates, numbers and plural forms of each language, from the data of ICU.

use chrono::{Datelike, NaiveDate};
use icu_calendar::{Date, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{E, YM, YMD, YMDE};
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_decimal::options::DecimalFormatterOptions;
use icu_locale_core::{Locale, locale};
use icu_plurals::{PluralCategory, PluralRules};

use super::language::Language;

type DateFormatter<Fields> = FixedCalendarDateTimeFormatter<Gregorian, Fields>;

/// The formats of one language.
pub(super) struct Formats {
    language: Language,
    full: DateFormatter<YMDE>,
    day: DateFormatter<YMD>,
    short_day: DateFormatter<YMD>,
    month: DateFormatter<YM>,
    weekday: DateFormatter<E>,
    numbers: DecimalFormatter,
    plurals: PluralRules,
}

impl Formats {
    pub(super) fn of(language: Language) -> Self {
        let locale = locale_of(language);
        let message = "the data of every language is compiled in, as a test proves";
        Self {
            language,
            full: DateFormatter::try_new((&locale).into(), YMDE::long()).expect(message),
            day: DateFormatter::try_new((&locale).into(), YMD::long()).expect(message),
            short_day: DateFormatter::try_new((&locale).into(), YMD::medium()).expect(message),
            month: DateFormatter::try_new((&locale).into(), YM::long()).expect(message),
            weekday: DateFormatter::try_new((&locale).into(), E::short()).expect(message),
            numbers: DecimalFormatter::try_new((&locale).into(), DecimalFormatterOptions::default()).expect(message),
            plurals: PluralRules::try_new_cardinal((&locale).into()).expect(message),
        }
    }

    /// A date with its weekday, such as `Sunday 23 November 2025`.
    pub(super) fn full_date(&self, date: NaiveDate) -> String {
        let text = with_gregorian(date, |date| self.full.format(date).to_string());
        match self.language {
            // ICU writes a comma after the weekday, and British newspapers do not.
            Language::English => text.replacen(", ", " ", 1),
            _ => text,
        }
    }

    /// A date, such as `23 November 2025`.
    pub(super) fn day(&self, date: NaiveDate) -> String {
        with_gregorian(date, |date| self.day.format(date).to_string())
    }

    /// A date in short, such as `23 Nov 2025`.
    pub(super) fn short_day(&self, date: NaiveDate) -> String {
        with_gregorian(date, |date| self.short_day.format(date).to_string())
    }

    /// The month and the year of a date, such as `November 2025`.
    pub(super) fn month(&self, date: NaiveDate) -> String {
        with_gregorian(date, |date| self.month.format(date).to_string())
    }

    /// The weekday of a date in short, such as `Sun`.
    pub(super) fn weekday(&self, date: NaiveDate) -> String {
        with_gregorian(date, |date| self.weekday.format(date).to_string())
    }

    /// A number with the separators of the language.
    pub(super) fn number(&self, number: u64) -> String {
        self.numbers.format(&Decimal::from(number)).to_string()
    }

    /// The plural form that goes with a number, as messages name it.
    pub(super) fn plural_form(&self, number: u64) -> &'static str {
        match self.plurals.category_for(number) {
            PluralCategory::Zero => "zero",
            PluralCategory::One => "one",
            PluralCategory::Two => "two",
            PluralCategory::Few => "few",
            PluralCategory::Many => "many",
            PluralCategory::Other => "other",
        }
    }
}

/// The formats of ICU that a language uses.
fn locale_of(language: Language) -> Locale {
    match language {
        Language::English => locale!("en-GB"),
        Language::German => locale!("de"),
        Language::French => locale!("fr"),
        Language::Spanish => locale!("es"),
        Language::Portuguese => locale!("pt"),
        Language::Italian => locale!("it"),
        Language::Polish => locale!("pl"),
        Language::SimplifiedChinese => locale!("zh-Hans"),
        Language::Japanese => locale!("ja"),
        // Western digits: ids, times and issue numbers have them in any case, and most Arabic news sites write them.
        Language::Arabic => locale!("ar-u-nu-latn"),
    }
}

/// A date as `write` returns it, or in digits if its year is outside ICU's calendar.
fn with_gregorian(date: NaiveDate, write: impl FnOnce(&Date<Gregorian>) -> String) -> String {
    let (month, day) = (u8::try_from(date.month()), u8::try_from(date.day()));
    let gregorian = month
        .ok()
        .zip(day.ok())
        .and_then(|(month, day)| Date::try_new_gregorian(date.year(), month, day).ok());
    gregorian.map_or_else(|| date.to_string(), |date| write(&date))
}
