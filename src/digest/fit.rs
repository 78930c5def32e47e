//! How much of each story a digest shows, so that the mail stays below the size at which mail programs clip it.
//!
//! [`plans`] lists the possible layouts from the richest to the smallest, and [`richest`] finds the first that fits.

/// How a story is shown in an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// With the complete headline and excerpt.
    Whole,
    /// With headline and excerpt, at least one of them cut and ending in `…`.
    Shortened,
    /// In the list of headlines, without an excerpt.
    HeadOnly,
    /// Only counted, in the line "N more on the site".
    Counted,
}

/// One layout of the stories: the first ones with excerpts, then a list of headlines; the rest is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// An excerpt has at most this many characters.
    pub lede_chars: usize,
    /// After the first source of a story, at most this many are named.
    pub also: usize,
    /// Whether pictures are shown.
    pub pictures: bool,
    /// How many of the first stories have an excerpt.
    pub with_lede: usize,
    /// How many of the first stories are shown, with or without an excerpt.
    pub listed: usize,
}

/// From generous to terse: characters of an excerpt, further sources that are named, and whether pictures are shown.
const STEPS: [(usize, usize, bool); 3] = [(600, 3, true), (280, 1, true), (140, 0, false)];
/// The first stories lose their excerpts and their places last.
const FIRST_STORIES: usize = 10;
/// More headlines than this never fit. The limit keeps the number of plans small.
const MAX_LISTED: usize = 400;

/// The plans for this many stories, from the richest to the one that only counts them. Each shows no more than the one before it.
#[must_use]
pub fn plans(stories: usize) -> Vec<Plan> {
    let listed = stories.min(MAX_LISTED);
    let first = listed.min(FIRST_STORIES);
    let plan = |(lede_chars, also, pictures), with_lede, listed| Plan {
        lede_chars,
        also,
        pictures,
        with_lede,
        listed,
    };
    let terse = |with_lede, listed| plan(STEPS[STEPS.len() - 1], with_lede, listed);
    let shorter = STEPS.map(|step| plan(step, listed, listed));
    let heads = (first..listed).rev().map(|with_lede| terse(with_lede, listed));
    let fewer = (first..listed).rev().map(|listed| terse(first, listed));
    let last_ledes = (0..first).rev().map(|with_lede| terse(with_lede, first));
    let last_heads = (0..first).rev().map(|listed| terse(0, listed));
    shorter
        .into_iter()
        .chain(heads)
        .chain(fewer)
        .chain(last_ledes)
        .chain(last_heads)
        .collect()
}

/// Finds the richest plan whose result `fits`. Each plan is smaller than the one before it, so a binary search needs about ten
/// attempts. Returns the result of that plan; if no plan fits, that of the smallest plan; `None` without plans.
///
/// # Errors
/// The first error of `attempt`.
pub fn richest<T, E>(
    plans: &[Plan],
    fits: impl Fn(&T) -> bool,
    mut attempt: impl FnMut(&Plan) -> Result<T, E>,
) -> Result<Option<T>, E> {
    let Some((richest, leaner)) = plans.split_first() else {
        return Ok(None);
    };
    let mut best = attempt(richest)?;
    if fits(&best) || leaner.is_empty() {
        return Ok(Some(best));
    }
    let (mut low, mut high) = (0, leaner.len() - 1);
    best = attempt(&leaner[high])?;
    while low < high {
        let middle = usize::midpoint(low, high);
        let tried = attempt(&leaner[middle])?;
        if fits(&tried) {
            best = tried;
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(Some(best))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_plan_shows_no_more_than_the_one_before() {
        for stories in [0, 1, 3, 10, 11, 50, 10_000] {
            let plans = plans(stories);
            assert_eq!(plans[0].with_lede, stories.min(MAX_LISTED));
            assert!(plans.windows(2).all(|pair| pair[1].lede_chars <= pair[0].lede_chars
                && pair[1].also <= pair[0].also
                && pair[1].pictures <= pair[0].pictures
                && pair[1].with_lede <= pair[0].with_lede
                && pair[1].listed <= pair[0].listed));
            assert!(plans.iter().all(|plan| plan.with_lede <= plan.listed));
            assert_eq!(plans.last().map(|plan| plan.listed), Some(0));
        }
    }

    #[test]
    fn the_richest_plan_that_fits_is_found_in_few_attempts() {
        let plans = plans(500);
        let cost = |plan: &Plan| plan.with_lede * plan.lede_chars + plan.listed * 100;
        for limit in (0..400_000).step_by(997) {
            let mut attempts = 0;
            let found = richest(
                &plans,
                |plan| cost(plan) <= limit,
                |plan| {
                    attempts += 1;
                    Ok::<_, ()>(*plan)
                },
            );
            assert_eq!(found, Ok(plans.iter().find(|plan| cost(plan) <= limit).copied()));
            assert!(attempts <= 14, "{attempts}");
        }
    }
}
