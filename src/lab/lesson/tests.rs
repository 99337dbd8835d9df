use std::path::PathBuf;

use super::*;
use crate::{
    cluster::{Release, file::tests::lab},
    lab::{Facts, Material, export, outline::Basis, survey, tasks},
};

fn all() -> impl Iterator<Item = (Step, Lesson<'static>)> {
    Step::LAB.into_iter().chain([Step::Reset]).map(|step| (step, lesson(step)))
}

fn code<'a>(blocks: &[Block<'a>]) -> Vec<&'a str> {
    let code = blocks.iter().filter_map(|block| match block {
        Block::Code(lines) => Some(lines.lines()),
        Block::Text(_) => None,
    });
    code.flatten().filter(|line| !line.trim().is_empty()).collect()
}

fn prose<'a>(lesson: &Lesson<'a>) -> Vec<&'a str> {
    let fields = [
        &lesson.why,
        &lesson.lab,
        &lesson.we_run,
        &lesson.because,
        &lesson.more,
        &lesson.try_it,
        &lesson.question,
    ];
    let texts = fields.into_iter().flatten().filter_map(|block| match block {
        Block::Text(text) => Some(*text),
        Block::Code(_) => None,
    });
    texts.chain(lesson.defects.iter().flat_map(|d| [d.says, d.handled_by])).collect()
}

#[test]
fn every_field_of_every_lesson_is_filled() {
    for (step, lesson) in all() {
        assert_eq!(lesson.title, step.title());
        for (field, blocks) in [
            ("why", &lesson.why),
            ("lab", &lesson.lab),
            ("we run", &lesson.we_run),
            ("because", &lesson.because),
            ("more", &lesson.more),
            ("try it", &lesson.try_it),
            ("question", &lesson.question),
        ] {
            assert!(!blocks.is_empty(), "{step}: {field} is empty");
        }
        assert_eq!(lesson.why.len(), 1, "{step}: the reason is one paragraph");
        assert!(!code(&lesson.we_run).is_empty(), "{step}");
    }
}

#[test]
fn every_defect_of_the_lab_is_named_once_and_handled() {
    let mut numbers: Vec<_> = all().flat_map(|(_, lesson)| lesson.defects).collect();
    numbers.sort_unstable_by_key(|defect| defect.number);
    for (defect, number) in numbers.iter().zip(1..) {
        assert_eq!(defect.number, number);
        assert!(!defect.says.is_empty() && !defect.handled_by.is_empty(), "{number}");
    }
    assert_eq!(numbers.len(), 13);
}

/// What a lesson says is run, is run: each line is in the texts of that step, `…` standing for
/// words left out.
#[test]
fn what_a_lesson_quotes_is_in_the_texts_that_are_run() {
    let c = lab();
    let m = c.members.first().unwrap();
    let material = Material::assumed(PathBuf::from("/lab/kubernetes-key.pem"));
    let facts = Facts::assumed(Release::Bookworm);
    let materials = [(m.name.clone(), material.clone())].into();
    let all_facts = [(m.name.clone(), facts.clone())].into();
    for (step, lesson) in all() {
        let texts = match step {
            Step::Preflight => survey(&c, m).text,
            Step::Verify => {
                export::as_sh(&c, &materials, &all_facts, Basis::Assumed(Release::Bookworm))
            }
            _ => {
                let tasks = tasks(step, &c, m, &material, &facts);
                tasks.iter().map(|t| format!("{}{}", t.holds.text, t.change.text)).collect()
            }
        };
        for line in code(&lesson.we_run) {
            let parts: Vec<_> = line.split('…').map(str::trim).collect();
            let found = texts.lines().any(|text| {
                let mut rest = Some(text);
                for part in &parts {
                    rest = rest.and_then(|r| r.split_once(part)).map(|(_, after)| after);
                }
                rest.is_some()
            });
            assert!(found, "{step}: {line:?} is not run");
        }
    }
}

#[test]
fn lessons_explain_every_setting() {
    let c = lab();
    let lesson = lesson(Step::Configure);
    let quoted = code(&lesson.more);
    for (key, value) in crate::lab::env_file::settings(&c, c.members.first().unwrap()) {
        let line = format!("{key}=\"{value}\"");
        let found = quoted.iter().any(|quoted| match quoted.split_once('…') {
            Some((head, _)) => line.starts_with(head),
            None => line == *quoted,
        });
        assert!(found, "{line} is not explained");
    }
}

#[test]
fn lessons_speak_calmly() {
    for (step, lesson) in all() {
        for text in prose(&lesson) {
            assert!(!text.contains('!'), "{step}: {text}");
            let words = text.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase);
            for word in words {
                assert!(!matches!(word.as_str(), "simply" | "just" | "please"), "{step}: {text}");
            }
            for sentence in text.split(['.', '?', ':', ';']) {
                let long = sentence.split_whitespace().count();
                assert!(long <= 36, "{step}: {long} words: {sentence}");
            }
        }
    }
}

#[test]
fn there_are_ten_words_and_lessons_use_them() {
    assert_eq!(words().len(), 10);
    let text: String =
        all().flat_map(|(_, lesson)| prose(&lesson)).collect::<Vec<_>>().join(" ").to_lowercase();
    for (word, means) in words() {
        assert!(means.ends_with('.'), "{word}");
        assert!(text.contains(&word.to_lowercase()), "{word}");
    }
}
