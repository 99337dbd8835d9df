//! The words that explain a step, from one Markdown file each.
//!
//! Pure, and no Markdown renderer: a lesson is cut into its fixed fields and into blocks. How wide
//! a line may be is known where it is drawn.

use std::sync::LazyLock;

use crate::event::Step;

/// What explains a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lesson<'a> {
    /// `Install`.
    pub title: &'a str,
    /// Why there is such a step.
    pub why: Vec<Block<'a>>,
    /// What the lab says to type, line by line.
    pub lab: Vec<Block<'a>>,
    /// What is run instead; `…` in a line stands for words left out.
    pub we_run: Vec<Block<'a>>,
    /// Why the two differ.
    pub because: Vec<Block<'a>>,
    /// The line to type for who does it by hand, and what to know then.
    pub by_hand: Vec<Block<'a>>,
    /// The side column: words explained, and what lies behind.
    pub more: Vec<Block<'a>>,
    /// Something to look at on a node.
    pub try_it: Vec<Block<'a>>,
    /// A question for the student's report.
    pub question: Vec<Block<'a>>,
    /// What is wrong in the lab's text, and handled here.
    pub defects: Vec<Defect<'a>>,
}

/// A piece of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block<'a> {
    /// A paragraph. Its line ends are blanks; `*word*`, `**word**` and `` `word` `` are marked.
    Text(&'a str),
    /// Lines that are drawn as they are.
    Code(&'a str),
}

/// Something that is wrong in the lab's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect<'a> {
    /// Its number, 1 to 13: stable, others refer to it.
    pub number: u8,
    /// What the lab says, and what comes of it. Line ends are blanks.
    pub says: &'a str,
    /// What is done instead.
    pub handled_by: &'a str,
}

/// The lesson of a step.
#[must_use]
pub fn lesson(step: Step) -> Lesson<'static> {
    read(match step {
        Step::Preflight => include_str!("../../assets/lessons/preflight.md"),
        Step::Certificates => include_str!("../../assets/lessons/certificates.md"),
        Step::Install => include_str!("../../assets/lessons/install.md"),
        Step::Configure => include_str!("../../assets/lessons/configure.md"),
        Step::Start => include_str!("../../assets/lessons/start.md"),
        Step::Verify => include_str!("../../assets/lessons/verify.md"),
        Step::Reset => include_str!("../../assets/lessons/reset.md"),
        Step::Drill => include_str!("../../assets/lessons/drill.md"),
    })
}

/// The ten words that one has to know, each with what it means.
#[must_use]
pub fn words() -> &'static [(&'static str, &'static str)] {
    static WORDS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
        let text = include_str!("../../assets/lessons/words.md");
        text.lines().filter_map(|line| line.strip_prefix("- ")?.split_once(": ")).collect()
    });
    &WORDS
}

/// Cuts a lesson into its fields; a section it does not know is left out.
fn read(text: &str) -> Lesson<'_> {
    let mut lesson = Lesson::default();
    let mut sections = text.split("\n## ");
    lesson.title = sections.next().and_then(|head| head.strip_prefix("# ")).unwrap_or("").trim();
    for section in sections {
        let (name, body) = section.split_once('\n').unwrap_or((section, ""));
        match name {
            "Why" => lesson.why = blocks(body),
            "The lab" => lesson.lab = blocks(body),
            "We run" => lesson.we_run = blocks(body),
            "Because" => lesson.because = blocks(body),
            "By hand" => lesson.by_hand = blocks(body),
            "More" => lesson.more = blocks(body),
            "Try it" => lesson.try_it = blocks(body),
            "Question for your report" => lesson.question = blocks(body),
            "Defects" => lesson.defects = body.split("- defect: ").filter_map(defect).collect(),
            _ => {}
        }
    }
    lesson
}

/// Code stands between fences, paragraphs between empty lines.
fn blocks(body: &str) -> Vec<Block<'_>> {
    let fenced = body.split("```").enumerate();
    fenced
        .flat_map(|(at, part)| {
            if at % 2 == 1 {
                return vec![Block::Code(part.trim_matches('\n'))];
            }
            let paragraphs = part.split("\n\n").map(str::trim).filter(|text| !text.is_empty());
            paragraphs.map(Block::Text).collect()
        })
        .collect()
}

fn defect(text: &str) -> Option<Defect<'_>> {
    let (number, rest) = text.split_once("\n  - says: ")?;
    let (says, handled_by) = rest.split_once("\n  - handled by: ")?;
    let number = number.trim().parse().ok()?;
    Some(Defect { number, says: says.trim(), handled_by: handled_by.trim() })
}

#[cfg(test)]
mod tests;
