//! How much of each story a digest shows, so that the mail stays below the size at which mail programs clip it.
//!
//! [`layout_plans`] lists the possible layouts from the richest to the smallest, and [`richest`] finds the first that fits.

/// How a story is shown in an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// With the complete headline and excerpt.
    Whole,
    /// With headline and excerpt, at least one of them cut and ending in `…`.
    Shortened,
    /// In the list of headlines, without an excerpt.
    HeadlineOnly,
    /// Only counted, in the line "N more on the site".
    Counted,
}

/// One layout of the stories: the first ones with excerpts, then a list of headlines; the rest is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LayoutPlan {
    /// An excerpt has at most this many characters.
    pub max_excerpt_chars: usize,
    /// After the first source of a story, at most this many sources are named. The others are counted.
    pub max_further_sources: usize,
    /// Whether pictures are shown.
    pub pictures: bool,
    /// How many of the first stories have an excerpt.
    pub with_excerpt: usize,
    /// How many of the first stories are shown, with or without an excerpt.
    pub listed: usize,
}

/// From generous to terse: characters of an excerpt, further sources that are named, and whether pictures are shown.
const DETAIL_LEVELS: [(usize, usize, bool); 3] = [(600, 3, true), (280, 1, true), (140, 0, false)];
/// The first stories lose their excerpts and headlines last.
const FIRST_STORIES: usize = 10;
/// More headlines than this never fit. The limit keeps the number of plans small.
const MAX_LISTED: usize = 400;

/// The plans for this many stories, from the richest to the one that only counts them. Each shows no more than the one before it.
#[must_use]
pub fn layout_plans(stories: usize) -> Vec<LayoutPlan> {
    let listed = stories.min(MAX_LISTED);
    let first = listed.min(FIRST_STORIES);
    let plan = |(max_excerpt_chars, max_further_sources, pictures), with_excerpt, listed| LayoutPlan {
        max_excerpt_chars,
        max_further_sources,
        pictures,
        with_excerpt,
        listed,
    };
    let shortest = |with_excerpt, listed| plan(DETAIL_LEVELS[DETAIL_LEVELS.len() - 1], with_excerpt, listed);
    // Each step shows a little less: shorter excerpts, then headlines in place of excerpts, then fewer headlines. The first stories
    // go through the last two steps after all others.
    let all_with_excerpt = DETAIL_LEVELS.map(|level| plan(level, listed, listed));
    let fewer_excerpts = (first..listed).rev().map(|with_excerpt| shortest(with_excerpt, listed));
    let fewer_headlines = (first..listed).rev().map(|listed| shortest(first, listed));
    let excerpts_of_first = (0..first).rev().map(|with_excerpt| shortest(with_excerpt, first));
    let headlines_of_first = (0..first).rev().map(|listed| shortest(0, listed));
    all_with_excerpt
        .into_iter()
        .chain(fewer_excerpts)
        .chain(fewer_headlines)
        .chain(excerpts_of_first)
        .chain(headlines_of_first)
        .collect()
}

/// Finds the richest plan whose result `fits`. Each plan is smaller than the one before it, so a binary search needs about ten
/// attempts. Returns the result of that plan; if no plan fits, that of the smallest plan; `None` without plans.
///
/// # Errors
/// The first error of `attempt`.
pub fn richest<T, E>(
    plans: &[LayoutPlan],
    fits: impl Fn(&T) -> bool,
    mut attempt: impl FnMut(&LayoutPlan) -> Result<T, E>,
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
            let plans = layout_plans(stories);
            assert_eq!(plans[0].with_excerpt, stories.min(MAX_LISTED));
            assert!(
                plans
                    .windows(2)
                    .all(|pair| pair[1].max_excerpt_chars <= pair[0].max_excerpt_chars
                        && pair[1].max_further_sources <= pair[0].max_further_sources
                        && pair[1].pictures <= pair[0].pictures
                        && pair[1].with_excerpt <= pair[0].with_excerpt
                        && pair[1].listed <= pair[0].listed)
            );
            assert!(plans.iter().all(|plan| plan.with_excerpt <= plan.listed));
            assert_eq!(plans.last().map(|plan| plan.listed), Some(0));
        }
    }

    #[test]
    fn the_richest_plan_that_fits_is_found_in_few_attempts() {
        let plans = layout_plans(500);
        let cost = |plan: &LayoutPlan| plan.with_excerpt * plan.max_excerpt_chars + plan.listed * 100;
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
