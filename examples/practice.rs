//! Drives the practice machines by hand: `practice up|stop|status|new NODE|delete [KEY=VALUE…]`.
#![expect(clippy::print_stdout, clippy::panic, reason = "a tool for those who work on quorate")]

use std::time::Instant;

use quorate::practice::{self, Options};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = Options::default();
    let mut words = Vec::new();
    for word in std::env::args().skip(1) {
        match word.split_once('=') {
            Some(("dir", value)) => options.dir = value.into(),
            Some(("subnet", value)) => options.subnet = Some(value.parse()?),
            Some(("machines", value)) => options.machines = Some(value.parse()?),
            Some(("release", value)) => {
                let of = |r: &quorate::cluster::Release| r.code_name() == value;
                options.release = quorate::cluster::Release::ALL.into_iter().find(of);
            }
            _ => words.push(word),
        }
    }
    let begin = Instant::now();
    let mut show = |p: practice::Progress| {
        println!("{:6.1} {:3} % {}", begin.elapsed().as_secs_f32(), p.percent, p.doing);
    };
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["build"] => practice::build(&options, &mut show)?,
        ["up"] => println!("{:?}", practice::up(&options, &mut show)?),
        ["stop"] => practice::stop(&options)?,
        ["status"] => practice::status(&options)?.iter().for_each(|s| println!("{s:?}")),
        ["new", name] => practice::new_nodes(&options, &[name.parse()?])?,
        ["delete"] => println!("something was there: {}", practice::delete(&options)?),
        other => panic!("{other:?}: build, up, stop, status, new NODE or delete would be right"),
    }
    println!("{:.2} s", begin.elapsed().as_secs_f32());
    Ok(())
}
