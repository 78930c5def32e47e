//! How much of each story a digest shows, so that the whole stays below what mail readers clip.

/// How a story is shown in an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Headline and lede as they came.
    Whole,
    /// With its lede, but headline or lede cut, ending in `…`.
    Shortened,
    /// In the list of headlines, without its lede.
    HeadOnly,
    /// Only counted in the line "N more on the site".
    Counted,
}

/// One way to lay out the stories: first those with ledes, then headlines, the rest counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Most characters of a lede.
    pub lede_chars: usize,
    /// Most further sources of a story that are named.
    pub also: usize,
    /// Whether pictures are shown.
    pub pictures: bool,
    /// How many of the first stories have their lede.
    pub with_lede: usize,
    /// How many of the first stories are there at all, with or without lede.
    pub listed: usize,
}

/// From generous to terse: most characters of a lede, further sources named, pictures.
const STEPS: [(usize, usize, bool); 3] = [(600, 3, true), (280, 1, true), (140, 0, false)];
/// The most important stories keep their lede and their place longest.
const FIRST: usize = 10;
/// More headlines than this never fit; keeps the cost bounded whatever arrives.
const MAX_LISTED: usize = 400;

/// The plans for `stories` stories, from the richest to the one that only counts them.
#[must_use]
pub fn plans(stories: usize) -> Vec<Plan> {
    let most = stories.min(MAX_LISTED);
    let first = most.min(FIRST);
    let plan = |(lede_chars, also, pictures), with_lede, listed| Plan {
        lede_chars,
        also,
        pictures,
        with_lede,
        listed,
    };
    let terse = |with_lede, listed| plan(STEPS[STEPS.len() - 1], with_lede, listed);
    let shorter = STEPS.map(|step| plan(step, most, most));
    let heads = (first..most).rev().map(|with_lede| terse(with_lede, most));
    let fewer = (first..most).rev().map(|listed| terse(first, listed));
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

/// The richest plan whose result `fits`, found by halving since each later plan is smaller: `attempt` runs some ten times at most.
///
/// Gives the last attempt, which may not fit if none does.
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
