//! Checks the contrast of text and background, in light and in dark mode.

use std::collections::BTreeMap;

use css_inline::CSSInliner;

use super::css::dark_rules;
use super::findings::{Report, Rule};
use super::page::{Page, Scheme};
use super::parsed_message::shown;

/// The minimum contrast of [WCAG 2.2, success criterion 1.4.3](https://www.w3.org/TR/WCAG22/#contrast-minimum).
const MIN_CONTRAST: f64 = 4.5;
/// The minimum contrast of large text.
const MIN_CONTRAST_LARGE: f64 = 3.0;

/// Reports each pair of colours with too little contrast once for each mode.
pub(super) fn check(html: &str, page: &Page, report: &mut Report) {
    check_mode(html, "", Scheme::Light, report);
    let dark = dark_rules(&page.sheets);
    // Without dark rules, mail programs show the message unchanged or change it in their own ways.
    if !dark.is_empty() {
        check_mode(html, &dark, Scheme::Dark, report);
    }
}

/// Inlines the styles of one mode, and checks the colours of each text.
fn check_mode(html: &str, rules: &str, scheme: Scheme, report: &mut Report) {
    let inliner = CSSInliner::options()
        .load_remote_stylesheets(false)
        .keep_style_tags(true);
    let styled = inliner.extra_css(Some(rules.into())).build().inline(html);
    let Ok(styled) = styled else {
        report.add(
            Rule::Contrast,
            "the styles cannot be read, so contrast is not judged".to_owned(),
            "correct the style sheet",
        );
        return;
    };
    let mut worst: BTreeMap<(String, String), (f64, String)> = BTreeMap::new();
    for run in Page::read(&styled, scheme).runs {
        let Some((colour, background)) = run.colours.filter(|_| !run.hidden) else {
            continue;
        };
        let ratio = colour.contrast(background);
        let min = if run.large { MIN_CONTRAST_LARGE } else { MIN_CONTRAST };
        if ratio < min {
            worst
                .entry((colour.hex(), background.hex()))
                .or_insert_with(|| (ratio, shown(&run.text)));
        }
    }
    let mode = match scheme {
        Scheme::Light => "in light mode",
        Scheme::Dark => "in dark mode",
    };
    for ((colour, background), (ratio, text)) in worst {
        report.add(
            Rule::Contrast,
            format!("{mode} “{text}” is {colour} on {background}, a contrast of {ratio:.1}"),
            "choose colours further apart: 4.5, or 3 for large text (WCAG 2.2, 1.4.3)",
        );
    }
}
