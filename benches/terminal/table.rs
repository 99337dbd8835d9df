//! What a bench measured beside what it may be at most.

use std::{env, error::Error};

/// One line of the table: what, how much it was, how much it may be, and in what.
pub(crate) struct Row(pub(crate) String, pub(crate) f64, pub(crate) f64, pub(crate) &'static str);

/// Prints the table. With `--assert`, a limit that is missed is a failure.
pub(crate) fn print(rows: impl IntoIterator<Item = Row>) -> Result<(), Box<dyn Error>> {
    println!("| | measured | limit |\n|---|---|---|");
    let mut missed = Vec::new();
    for Row(what, value, limit, unit) in rows {
        println!("| {what} | {value:.2} {unit} | {limit} {unit} |");
        if value > limit {
            missed.push(what);
        }
    }
    if env::args().any(|word| word == "--assert") && !missed.is_empty() {
        return Err(format!("missed: {}", missed.join("; ")).into());
    }
    Ok(())
}
