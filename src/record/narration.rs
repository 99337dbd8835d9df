//! What a presenter says along a run: chapters with their words, in a text file beside the log. Pure.

use serde::Deserialize;

use super::chapters::Chapter;

/// The words along a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Narration {
    /// In any order; each names the chapter it belongs to.
    #[serde(default)]
    pub chapter: Vec<Words>,
}

/// What is said in a chapter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The chapter: a step's id, `ready`, a finding's id, the words of a mark, or `end`.
    pub at: String,
    /// What it is called, instead of its own name.
    #[serde(default)]
    pub title: Option<String>,
    /// What is said.
    pub says: String,
}

impl Narration {
    /// Reads the text file.
    ///
    /// # Errors
    /// If it is none, with the line.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The chapters with their names and what is said in each.
    #[must_use]
    pub fn told(&self, chapters: &[Chapter]) -> Vec<(Chapter, Option<String>)> {
        let told = chapters.iter().map(|chapter| {
            let words = self.chapter.iter().find(|words| words.at == chapter.key);
            let title = words.and_then(|words| words.title.clone());
            let title = title.unwrap_or_else(|| chapter.title.clone());
            (Chapter { title, ..chapter.clone() }, words.map(|words| words.says.clone()))
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chapter_gets_its_name_and_words_from_the_file() {
        let text =
            "[[chapter]]\nat = \"start\"\ntitle = \"Watch the quorum\"\nsays = \"Three stand.\"\n";
        let narration = Narration::read(text).unwrap();
        let chapter = |key: &str| Chapter { ms: 7, title: key.to_owned(), key: key.to_owned() };
        let told = narration.told(&[chapter("install"), chapter("start")]);
        assert_eq!(told.first(), Some(&(chapter("install"), None)));
        let (start, says) = told.last().unwrap();
        assert_eq!((start.ms, start.title.as_str()), (7, "Watch the quorum"));
        assert_eq!(says.as_deref(), Some("Three stand."));
        assert!(Narration::read("[[chapter]]\nat = \"start\"\nsay = \"x\"\n").is_err());
    }
}
