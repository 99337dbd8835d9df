//! A film as one page that plays anywhere: no network, no other file.
//!
//! The player is the crate `beecast-player`. In front of it stands the picture of the run's end,
//! which is there without any script, and below the transcript.

use std::{fmt::Write, io};

use super::{
    cast,
    film::{Take, film, still},
    palette, svg, transcript,
};
use crate::{event::Stamped, record::tape::Chapter, ui::text::elapsed};

const PAGE: &str = include_str!("../../assets/export/page.html");

/// The page.
///
/// # Errors
/// If the film cannot be made.
pub fn page(events: &[Stamped], chapters: &[Chapter], take: &Take) -> io::Result<String> {
    let mut film_bytes = Vec::new();
    cast::write(events, chapters, take, &mut film_bytes)?;
    let film_text = String::from_utf8(film_bytes).map_err(io::Error::other)?;
    let title = svg::escape(&super::started(events).map(super::title).unwrap_or_default());
    let poster = svg::still(&still(events, u64::MAX, take), &title);
    let values = [
        ("TITLE", title),
        ("COLOURS", colours()),
        ("FONT", (9000 / (6 * u32::from(take.columns).max(1))).min(19).to_string()),
        ("PLAYER_CSS", beecast_player::PLAYER_CSS.to_owned()),
        ("PLAYER_JS", beecast_player::PLAYER_JS.to_owned()),
        ("POSTER", poster),
        ("CHAPTERS", contents(events, chapters, take)?),
        ("TRANSCRIPT", transcript::page(events)),
        // Nothing in it can end the element it is in.
        ("CAST", film_text.replace('<', "\\u003c")),
    ];
    let mut page = String::new();
    let mut left = PAGE;
    while let Some((before, after)) = left.split_once("{{") {
        page.push_str(before);
        let (name, rest) = after.split_once("}}").unwrap_or(("", after));
        let value = values.iter().find(|(known, _)| *known == name);
        page.push_str(value.map(|(_, value)| value.as_str()).unwrap_or_default());
        left = rest;
    }
    page.push_str(left);
    Ok(page)
}

/// The player's sixteen colours are those of the pictures.
fn colours() -> String {
    let mut css = format!("--sp-bg:{};--sp-fg:{};", palette::GROUND, palette::TEXT);
    for (nth, colour) in palette::SIXTEEN.iter().enumerate() {
        let _ = write!(css, "--sp-c{nth}:{colour};");
    }
    css
}

/// A button per chapter, which knows its time in the film.
fn contents(events: &[Stamped], chapters: &[Chapter], take: &Take) -> io::Result<String> {
    let mut list = String::new();
    film(events, chapters, take, |shot| {
        for chapter in &shot.chapters {
            let _ = writeln!(
                list,
                "<li><button type=\"button\" data-at=\"{}\"><span>{}</span> {}</button></li>",
                cast::Seconds(shot.at_ms),
                elapsed(shot.at_ms),
                svg::escape(&chapter.title)
            );
        }
        Ok::<(), io::Error>(())
    })?;
    Ok(list)
}
