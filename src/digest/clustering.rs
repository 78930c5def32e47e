//! Groups reports about the same event into stories, which an issue shows once with all their sources.
//!
//! Headlines of one event share few words, and rarely the same ones. So comparing two reports word by word is not enough:
//!
//! 1. Each report becomes a vector ([`vectors`]). Its words are normalised, stop words are dropped, and the rest is cut to six letters
//!    ([`tokenizer`]). A word of the headline weighs 1, a word that only the excerpt has weighs less. [`LENGTH_PADDING`] is added to the
//!    squared length of each vector. It makes two short headlines with one common word less similar, because one word is weak evidence.
//! 2. Each report borrows the words of its [`MAX_NEIGHBOURS`] nearest neighbours, weighted by their similarity ([`similarity`]). A
//!    neighbour has a similarity of at least [`MIN_NEIGHBOUR_SIMILARITY`] and two words in common. "Fed official sees slower taper" and
//!    "Plosser: bar is high" become similar through reports that have words of both.
//! 3. Reports with an average similarity of [`CORE_SIMILARITY`] are merged ([`linkage`]) into the cores of stories.
//! 4. The mean of a core represents it, however many reports it has. Cores with an average similarity of [`STORY_SIMILARITY`] are
//!    merged into stories. Each core counts as often as it has reports.
//! 5. A story with reports in several languages is split by language where the reports share fewer than two names ([`languages`]).
//!
//! The order of reports decides only between equally similar groups, so a late report joins the story that it would have joined early.
//! The language of reports without a declared one is learnt from all reports before any are compared ([`tokenizer`]).
//!
//! For 150, 600 and 3,300 headlines of the measured corpus, ordered or shuffled, each threshold lies in the middle of the range where the
//! B-cubed F1 score is highest and does not change. Words are not weighted by how rare they are, because the most frequent words of a day
//! are those of its largest story. docs/explanation/benchmarks.md has the figures.

mod languages;
mod linkage;
mod report;
mod similarity;
mod tokenizer;
mod vectors;

pub use report::Report;
use similarity::{Vector, nearest, normalise, squared_length, sum};
use vectors::vectors;

/// Two groups of reports become one core if their average similarity, with the neighbours' words, is at least this.
const CORE_SIMILARITY: f32 = 0.27;
/// Two cores are the same story if their average similarity is at least this.
const STORY_SIMILARITY: f32 = 0.2;
/// Reports are copies of one text if their own words are at least this similar. Copies count as one source.
const COPY_SIMILARITY: f32 = 0.8;
/// A report borrows words only from reports that are at least this similar.
const MIN_NEIGHBOUR_SIMILARITY: f32 = 0.13;
/// A report borrows the words of at most this many others.
const MAX_NEIGHBOURS: usize = 10;
/// Added to the squared length of each report's vector, in which a word of the headline counts 1. Without it, two headlines of two
/// words each would be half similar if one word is the same.
const LENGTH_PADDING: f32 = 4.0;

/// Groups reports by event. Returns indexes of `reports`: each group in ascending order, and the groups in the order of their first
/// reports.
#[must_use]
pub fn group_reports(reports: &[Report<'_>]) -> Vec<Vec<usize>> {
    // The numbers are the steps of the module's documentation. Step 1:
    let own = vectors(reports, LENGTH_PADDING);
    // Step 2:
    let near = nearest(&own, MAX_NEIGHBOURS, MIN_NEIGHBOUR_SIMILARITY);
    let with_neighbours: Vec<Vector> = near
        .iter()
        .enumerate()
        .map(|(number, near)| {
            let borrowed = near.iter().map(|(other, similarity)| (*similarity, &own[*other]));
            let mut vector = sum(std::iter::once((1.0, &own[number])).chain(borrowed));
            // The report keeps its padding. Borrowed words are not padded: they would make every vector longer.
            normalise(&mut vector, 1.0 - squared_length(&own[number]));
            vector
        })
        .collect();
    // Step 3:
    let cores = linkage::group(&with_neighbours, &vec![1.0; with_neighbours.len()], CORE_SIMILARITY);
    // Step 4:
    let means: Vec<Vector> = cores.iter().map(|core| mean(core, &with_neighbours)).collect();
    #[expect(clippy::cast_precision_loss, reason = "a core has far fewer than 2^23 reports")]
    let weights: Vec<f32> = cores.iter().map(|core| core.len() as f32).collect();
    let stories = linkage::group(&means, &weights, STORY_SIMILARITY);
    let mut stories: Vec<Vec<usize>> = stories
        .into_iter()
        .map(|story| story.into_iter().flat_map(|core| cores[core].iter().copied()).collect())
        .collect();
    for story in &mut stories {
        story.sort_unstable();
    }
    // Step 5:
    let mut stories = languages::split_by_language(reports, stories);
    for story in &mut stories {
        story.sort_unstable();
    }
    stories.sort_unstable();
    stories
}

/// Groups reports that are copies of one text, by their own words alone: borrowed words would make different texts similar.
#[must_use]
pub fn copies(reports: &[Report<'_>]) -> Vec<Vec<usize>> {
    linkage::group(&vectors(reports, 0.0), &vec![1.0; reports.len()], COPY_SIMILARITY)
}

/// The mean of the members' vectors, as long as the vector of a single report.
fn mean(members: &[usize], vectors: &[Vector]) -> Vector {
    let mut mean = sum(members.iter().map(|member| (1.0, &vectors[*member])));
    normalise(
        &mut mean,
        members
            .iter()
            .map(|member| 1.0 - squared_length(&vectors[*member]))
            .sum(),
    );
    mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_shared_names_join_reports_in_two_languages() {
        let reports = [
            Report::with_title(
                "Northbeam outage: expired certificate takes down Frankfurt and Dublin",
                Some("en-GB"),
            ),
            Report::with_title(
                "Northbeam outage in Frankfurt and Dublin blamed on certificate",
                Some("en"),
            ),
            Report::with_title(
                "Northbeam-Ausfall: Zertifikat legt Frankfurt und Dublin lahm",
                Some("de"),
            ),
        ];
        assert_eq!(group_reports(&reports), [[0, 1, 2]]);
    }
}
