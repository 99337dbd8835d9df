//! How long practice machines let a person wait: the image, five machines that answer over SSH, and
//! nothing left of them.
//!
//! `cargo bench --bench practice`, as root, with a network for the image. `-- --assert` makes it fail
//! where a limit is missed.
#![expect(clippy::print_stdout, reason = "a table is what a bench is for")]

#[path = "terminal/table.rs"]
mod table;

use std::{
    error::Error,
    time::{Duration, Instant},
};

use quorate::{
    cluster::Release,
    practice::{self, Options},
};

use self::table::Row;

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
    table::print(measured?)
}

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
    let row =
        |what: &str, took: Duration, limit| Row(what.to_owned(), took.as_secs_f64(), limit, "s");
    Ok([
        row("the image, and five machines on it", whole, 90.0),
        row("five machines that answer over SSH, from a built image", again, 6.0),
        row("delete", began.elapsed(), 3.0),
    ])
}
