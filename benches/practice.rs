//! How long practice machines let a person wait: the image, five machines that answer over SSH, and
//! nothing left of them.
//!
//! `cargo bench --bench practice`, as root, with a network for the image. `-- --assert` makes it fail
//! where a limit is missed.
#![expect(clippy::print_stdout, reason = "a table is what a bench is for")]

use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};

use quorate::{
    cluster::Release,
    practice::{self, Options},
};

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options {
        dir: "/var/lib/quorate-bench".into(),
        release: Some(Release::Bookworm),
        subnet: Some("198.18.50.0".parse()?),
        ..Options::default()
    };
    let measured = measure(&options);
    if measured.is_err() {
        practice::delete(&options)?;
    }
    println!("| | measured | limit |\n|---|---|---|");
    let mut missed = false;
    for (what, took, limit) in measured? {
        println!("| {what} | {:.1} s | {} s |", took.as_secs_f64(), limit.as_secs());
        missed |= took > limit;
    }
    let fails = missed && env::args().any(|word| word == "--assert");
    if fails { Err("a limit is missed".into()) } else { Ok(()) }
}

type Row = (&'static str, Duration, Duration);

/// Each in seconds as a person counts them: `up` ends when the last machine lets in.
fn measure(options: &Options) -> Result<[Row; 3], practice::Error> {
    let began = Instant::now();
    practice::up(options, &mut |_| ())?;
    let whole = began.elapsed();
    practice::stop(options)?;
    let began = Instant::now();
    practice::up(options, &mut |_| ())?;
    let again = began.elapsed();
    let began = Instant::now();
    practice::delete(options)?;
    let s = Duration::from_secs;
    Ok([
        ("the image, and five machines on it", whole, s(90)),
        ("five machines that answer over SSH, from a built image", again, s(6)),
        ("delete", began.elapsed(), s(3)),
    ])
}
