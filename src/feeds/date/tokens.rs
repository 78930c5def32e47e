//! Splits a date into numbers, words and signs, and finds the time and the zone.

use chrono::TimeDelta;

use super::names::{Half, half, is_filler, month};
use super::zones::{self, UnknownZone, Zone};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Number(String),
    Word(String),
    Sign(char),
    Space,
    /// A token of the time or the zone.
    Used,
}

/// A number that is neither time nor zone, and its index.
#[derive(Clone, Debug)]
pub(super) struct Number {
    pub(super) at: usize,
    pub(super) digits: String,
    pub(super) value: u32,
}

/// A time of day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) since_midnight: TimeDelta,
    /// Whether it has AM or PM.
    pub(super) has_half: bool,
}

/// The tokens of one date.
#[derive(Debug)]
pub(super) struct Tokens {
    tokens: Vec<Token>,
    /// The index after the time; 0 without a time.
    clock_end: usize,
}

impl Tokens {
    /// Splits text that was normalised before.
    pub(super) fn new(text: &str) -> Self {
        let mut tokens: Vec<Token> = Vec::new();
        for c in text.chars() {
            match tokens.last_mut() {
                Some(Token::Number(digits)) if c.is_ascii_digit() => digits.push(c),
                Some(Token::Word(word)) if c.is_alphabetic() => word.push(c),
                Some(Token::Space) if c.is_whitespace() => {}
                _ if c.is_ascii_digit() => tokens.push(Token::Number(c.into())),
                _ if c.is_alphabetic() => tokens.push(Token::Word(c.into())),
                _ if c.is_whitespace() => tokens.push(Token::Space),
                _ => tokens.push(Token::Sign(c)),
            }
        }
        Self { tokens, clock_end: 0 }
    }

    fn number_at(&self, at: usize) -> Option<&str> {
        match self.tokens.get(at)? {
            Token::Number(digits) => Some(digits),
            _ => None,
        }
    }

    fn word_at(&self, at: usize) -> Option<&str> {
        match self.tokens.get(at)? {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    fn is_sign(&self, at: usize, sign: char) -> bool {
        self.tokens.get(at) == Some(&Token::Sign(sign))
    }

    fn is_space(&self, at: usize) -> bool {
        self.tokens.get(at) == Some(&Token::Space)
    }

    /// `at`, or the index after it if a space is there.
    fn past_space(&self, at: usize) -> usize {
        if self.is_space(at) { at + 1 } else { at }
    }

    fn use_up(&mut self, from: usize, to: usize) {
        let length = self.tokens.len();
        self.tokens[from.min(length)..to.min(length)].fill(Token::Used);
    }

    /// Finds the time of day and removes it.
    pub(super) fn take_clock(&mut self) -> Option<Clock> {
        let found = (0..self.tokens.len())
            .find_map(|at| self.clock_at(at))
            .or_else(|| self.dotted_clock())?;
        let Reading {
            from, to, parts, nanos, ..
        } = found;
        let (to, half) = match self.half_at(self.past_space(to)) {
            Some((end, half)) => (end, Some(half)),
            None => (to, None),
        };
        let (from, half) = match half {
            Some(_) => (from, half),
            // Korean, Chinese and Japanese write AM or PM before the hour.
            None => [1, 2]
                .into_iter()
                .filter_map(|back| from.checked_sub(back))
                .find_map(|at| Some((at, Some(super::names::half(self.word_at(at)?)?))))
                .unwrap_or((from, None)),
        };
        let [hour, minute, second] = parts;
        let hour = match (half, hour) {
            (Some(Half::Morning), 12) => 0,
            (Some(Half::Morning), 13..) => return None,
            (Some(Half::Afternoon), 0..12) => hour + 12,
            _ => hour,
        };
        // ISO 8601 lets a day end at 24:00; a leap second is the second 60.
        let is_possible = minute < 60 && second <= 60 && (hour < 24 || (hour, minute, second) == (24, 0, 0));
        if !is_possible {
            return None;
        }
        self.use_up(from, to);
        self.clock_end = to;
        Some(Clock {
            since_midnight: TimeDelta::seconds(hour * 3600 + minute * 60 + second) + TimeDelta::nanoseconds(nanos),
            has_half: half.is_some(),
        })
    }

    fn clock_at(&self, at: usize) -> Option<Reading> {
        self.colons(at)
            .or_else(|| self.basic(at))
            .or_else(|| self.hour_with_word(at))
    }

    /// Parses `7:30`, `07:30:00.123`, `7h30`, `18 h`.
    fn colons(&self, at: usize) -> Option<Reading> {
        let is_inside = at
            .checked_sub(1)
            .is_some_and(|before| self.is_sign(before, ':') || self.is_sign(before, '+') || self.is_sign(before, '.'));
        let hour = self.number_at(at).filter(|hour| hour.len() <= 2 && !is_inside)?;
        let mut reading = Reading::new(at, at + 1, hour);
        let after_hour = self.past_space(at + 1);
        if self.word_at(after_hour) == Some("h") {
            reading.to = after_hour + 1;
            let minutes_at = self.past_space(reading.to);
            let Some(minutes) = self.number_at(minutes_at).filter(|minutes| minutes.len() == 2) else {
                return Some(reading);
            };
            reading.add(1, minutes, minutes_at + 1);
        } else if self.is_sign(at + 1, ':') {
            let minutes_at = self.past_space(at + 2);
            let Some(minutes) = self.number_at(minutes_at).filter(|minutes| minutes.len() <= 2) else {
                reading.to = at + 2;
                return Some(reading);
            };
            reading.add(1, minutes, minutes_at + 1);
        } else {
            return None;
        }
        if self.is_sign(reading.to, ':') || self.word_at(reading.to) == Some("m") {
            let seconds_at = self.past_space(reading.to + 1);
            reading.to += 1;
            if let Some(seconds) = self.number_at(seconds_at).filter(|seconds| seconds.len() <= 2) {
                reading.add(2, seconds, seconds_at + 1);
            }
        }
        let begins_fraction = ['.', ',', ':'].into_iter().any(|sign| self.is_sign(reading.to, sign));
        if let Some(fraction) = self.number_at(reading.to + 1).filter(|_| begins_fraction) {
            reading.nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
            reading.to += 2;
        }
        Some(reading)
    }

    /// Parses `T0730` and `T073000` after a day.
    fn basic(&self, at: usize) -> Option<Reading> {
        let digits = self.number_at(at)?;
        let before = at.checked_sub(1)?;
        (self.word_at(before) == Some("t") && before > 0).then_some(())?;
        let part = |from: usize| digits.get(from..from + 2);
        let mut reading = Reading::new(at, at + 1, part(0)?);
        match digits.len() {
            2 => {}
            4 => reading.add(1, part(2)?, at + 1),
            6 => {
                reading.add(1, part(2)?, at + 1);
                reading.add(2, part(4)?, at + 1);
            }
            _ => return None,
        }
        Some(reading)
    }

    /// Parses `7 pm`, `18 Uhr`, `18.55 Uhr`.
    fn hour_with_word(&self, at: usize) -> Option<Reading> {
        let hour = self.number_at(at).filter(|hour| hour.len() <= 2)?;
        let mut reading = Reading::new(at, at + 1, hour);
        while reading.given < 3 && self.is_sign(reading.to, '.') {
            let Some(part) = self.number_at(reading.to + 1).filter(|part| part.len() == 2) else {
                break;
            };
            reading.add(reading.given, part, reading.to + 2);
        }
        let after = self.past_space(reading.to);
        // `23 PM 7:30`: the word belongs to the time after it.
        let belongs_here = |end| {
            let next = self.past_space(end);
            self.number_at(next).is_none() || !self.is_sign(next + 1, ':')
        };
        let is_hour =
            self.word_at(after) == Some("uhr") || self.half_at(after).is_some_and(|(end, _)| belongs_here(end));
        is_hour.then_some(reading)
    }

    /// Parses `18.55` and `18.55.00` at the end, after a complete date.
    fn dotted_clock(&self) -> Option<Reading> {
        let numbers = self.numbers();
        let of_date = if self.month().is_some() { 2 } else { 3 };
        let first = numbers.get(of_date).filter(|first| first.digits.len() <= 2)?;
        let mut reading = Reading::new(first.at, first.at + 1, &first.digits);
        while reading.given < 3 && self.is_sign(reading.to, '.') {
            let part = self.number_at(reading.to + 1).filter(|part| part.len() == 2)?;
            reading.add(reading.given, part, reading.to + 2);
        }
        (reading.given > 1 && self.is_space(first.at.checked_sub(1)?)).then_some(reading)
    }

    /// The half of the day that the tokens at an index name, and the index after the name.
    fn half_at(&self, at: usize) -> Option<(usize, Half)> {
        let word = self.word_at(at)?;
        if let Some(half) = half(word) {
            return Some((at + 1, half));
        }
        let second_at = self.past_space(at + 2);
        if !self.is_sign(at + 1, '.') {
            return None;
        }
        let joined = format!("{word}{}", self.word_at(second_at)?);
        Some((second_at + 1, half(&joined)?))
    }

    /// Finds the zone and removes it.
    ///
    /// # Errors
    /// If a word after the time may be an unknown zone, or if two offsets differ.
    pub(super) fn take_zone(&mut self) -> Result<Option<Zone>, UnknownZone> {
        let (mut offset, mut named) = (None, None);
        let mut at = 0;
        while at < self.tokens.len() {
            let behind_clock = self.clock_end > 0 && self.past_space(self.clock_end) == at;
            if let Some((end, zone)) = self.offset_at(at, behind_clock || at == self.clock_end) {
                if offset.is_some_and(|other| other != zone) {
                    return Err(UnknownZone);
                }
                offset = Some(zone);
                self.use_up(at, end);
                at = end;
            } else if let Some(zone) = self.abbreviation_at(at) {
                // `GMT+2`: the sign belongs to the name.
                let sign_at = self.past_space(at + 1);
                self.use_up(at, at + 1);
                named = named.or(Some(zone));
                if let Some((end, zone)) = self.offset_at(sign_at, true) {
                    offset = offset.or(Some(zone));
                    self.use_up(sign_at, end);
                }
                at += 1;
            } else {
                at += 1;
            }
        }
        let may_be_zone = |token: &Token| {
            // Single letters are zones in military use.
            matches!(token, Token::Word(word) if month(word).is_none() && (word.len() == 1 || !is_filler(word)))
        };
        let behind_clock = self.tokens.get(self.clock_end..).unwrap_or_default();
        let has_unknown = self.clock_end > 0 && behind_clock.iter().any(may_be_zone);
        if has_unknown && offset.is_none() {
            return Err(UnknownZone);
        }
        Ok(offset.or(named))
    }

    /// An offset such as `+0100`. Unless `is_expected`, a minus sign needs a space before it, four digits after it and the time
    /// before both, so `23-11` is not an offset.
    fn offset_at(&self, at: usize, is_expected: bool) -> Option<(usize, Zone)> {
        let is_negative = match self.tokens.get(at)? {
            Token::Sign('+') => false,
            Token::Sign('-') => true,
            _ => return None,
        };
        let digits = self.number_at(at + 1)?;
        let is_apart = at.checked_sub(1).is_some_and(|before| self.is_space(before));
        let is_clear =
            is_expected || !is_negative || is_apart && digits.len() == 4 && self.clock_end > 0 && at > self.clock_end;
        if !is_clear {
            return None;
        }
        if self.is_sign(at + 2, ':') {
            let zone = zones::offset(is_negative, digits, Some(self.number_at(at + 3)?))?;
            return Some((at + 4, zone));
        }
        let goes_on =
            ['.', '/', '-'].into_iter().any(|sign| self.is_sign(at + 2, sign)) && self.number_at(at + 3).is_some();
        let zone = zones::offset(is_negative, digits, None).filter(|_| !goes_on)?;
        Some((at + 2, zone))
    }

    /// The zone whose abbreviation is at an index after the first number. Words before that number are weekdays.
    fn abbreviation_at(&self, at: usize) -> Option<Zone> {
        let word = self.word_at(at)?;
        let is_behind_number = self
            .tokens
            .get(..at)?
            .iter()
            .any(|token| matches!(token, Token::Number(_) | Token::Used));
        let zone = zones::abbreviation(word)?;
        (is_behind_number && month(word).is_none() && !is_filler(word)).then_some(zone)
    }

    /// The month that a word names, and the word's index. The last of several: `mar. 24 nov. 2026` begins with a weekday.
    pub(super) fn month(&self) -> Option<(usize, u32)> {
        (0..self.tokens.len())
            .rev()
            .find_map(|at| Some((at, month(self.word_at(at)?)?)))
    }

    /// The remaining numbers, in order.
    pub(super) fn numbers(&self) -> Vec<Number> {
        let number = |(at, token): (usize, &Token)| match token {
            // A number that is too large for a date is kept, so that parsing fails later.
            Token::Number(digits) => Some(Number {
                at,
                digits: digits.clone(),
                value: digits.parse().unwrap_or(u32::MAX),
            }),
            _ => None,
        };
        self.tokens.iter().enumerate().filter_map(number).collect()
    }

    /// Whether a number is that of a week, `W48`.
    pub(super) fn is_week(&self, number: &Number) -> bool {
        number.at.checked_sub(1).is_some_and(|before| self.is_week_mark(before))
    }

    fn is_week_mark(&self, at: usize) -> bool {
        self.word_at(at) == Some("w") && self.number_at(at + 1).is_some()
    }

    /// The sign directly after a number; a space if there is no sign.
    pub(super) fn separator(&self, number: &Number) -> char {
        match self.tokens.get(number.at + 1) {
            Some(Token::Sign(sign)) => *sign,
            _ => ' ',
        }
    }
}

/// Hour, minute and second, and the range of their tokens.
struct Reading {
    from: usize,
    to: usize,
    parts: [i64; 3],
    given: usize,
    nanos: i64,
}

impl Reading {
    /// A time with an hour of at most two digits.
    fn new(from: usize, to: usize, hour: &str) -> Self {
        Self {
            from,
            to,
            parts: [hour.parse().unwrap_or(i64::from(u8::MAX)), 0, 0],
            given: 1,
            nanos: 0,
        }
    }

    fn add(&mut self, index: usize, digits: &str, to: usize) {
        self.parts[index] = digits.parse().unwrap_or(i64::from(u8::MAX));
        self.given = index + 1;
        self.to = to;
    }
}
