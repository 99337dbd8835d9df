//! How fast `quorate up` is, on five real machines, against doing it by hand and by Ansible.
//!
//! `cargo bench --bench bootstrap`, as root. All contestants run in turn on the same machines, from
//! "packages installed, nothing configured" to a cluster that `quorate check` then finds right in
//! every step. The table on standard output is the one in the README. `ROUNDS` (9) says how often,
//! `QUORATE` names another program than the one just built. `-- --assert` makes it fail where a limit
//! is missed.
#![expect(clippy::print_stdout, reason = "a table is what a bench is for")]
#![expect(clippy::print_stderr, reason = "what is going on, meanwhile")]

mod contest;
mod figures;
mod lab;

use std::{env, error::Error, time::Duration};

use self::{
    contest::{Contest, Finish, Player},
    figures::{median, seconds},
    lab::Lab,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let rounds: usize = env::var("ROUNDS").map_or(Ok(9), |n| n.parse())?;
    eprintln!("making five machines; the first time takes some minutes");
    let lab = Lab::new()?;
    let contest = Contest::new(&lab)?;
    let (peak_kib, _) = contest.peak_memory()?;
    let mut all: Vec<Finish> = Vec::new();
    for round in 0..rounds {
        let mut order = Player::ALL;
        order.rotate_left(round % Player::ALL.len());
        for player in order {
            let finishes = contest.play(player)?;
            for finish in &finishes {
                eprintln!(
                    "round {} of {rounds}: {} {}",
                    round + 1,
                    finish.name,
                    seconds(finish.took)
                );
            }
            all.extend(finishes);
        }
    }
    print(&all, peak_kib, rounds);
    let missed = missed(&all, peak_kib);
    for limit in &missed {
        println!("MISSED: {limit}");
    }
    let fails = env::args().any(|word| word == "--assert") && !missed.is_empty();
    if fails { Err("a limit is missed".into()) } else { Ok(()) }
}

/// The limits that do not hold.
fn missed(all: &[Finish], peak_kib: u64) -> Vec<String> {
    let of = |name| median_of(all, name).as_secs_f64();
    let up = of(Player::UP);
    let limits = [
        ("`up` takes at most 1.1 times as long as by hand", up / of(Player::BY_HAND), 1.1),
        ("`up` is at least 7 times faster than Ansible", 7.0 * up / of(Player::ANSIBLE), 1.0),
        ("`up` again takes at most 1.5 s", of(Player::AGAIN), 1.5),
        (
            "`up` has at most 30 MB",
            f64::from(u32::try_from(peak_kib).unwrap_or(u32::MAX)),
            29_296.0,
        ),
    ];
    let over = limits.into_iter().filter(|(_, value, limit)| value > limit);
    over.map(|(words, value, limit)| format!("{words}: {value:.2}, limit {limit}")).collect()
}

fn median_of(all: &[Finish], name: &str) -> Duration {
    median(all.iter().filter(|f| f.name == name).map(|f| f.took))
}

fn print(all: &[Finish], peak_kib: u64, rounds: usize) {
    let of = |name| median_of(all, name);
    let times = |a: Duration, b: Duration| format!("{:.2}", a.as_secs_f64() / b.as_secs_f64());
    let up = of(Player::UP);
    println!("Five machines, Debian 12, packages installed; medians of {rounds} rounds in turn.\n");
    println!("| | median | against `quorate up` |\n|---|---|---|");
    let rows = [
        (Player::UP, "`quorate up`: changes and proofs"),
        (Player::BY_HAND, "by hand: one `ssh` per machine at once, no proofs"),
        (Player::ANSIBLE, "Ansible playbook, no proofs"),
        (Player::AGAIN, "`quorate up` again: nothing to change"),
    ];
    for (name, words) in rows {
        println!("| {words} | {} | {} |", seconds(of(name)), times(of(name), up));
    }
    let first = median(all.iter().filter(|f| f.name == Player::UP).map(|f| f.first_output));
    println!("\nFirst output after {} ms, peak memory {} MB.", first.as_millis(), peak_kib / 1024);
    println!("\n| step | `up` | again |\n|---|---|---|");
    for (step, _) in all.iter().find(|f| f.name == Player::UP).map_or(&[][..], |f| &f.steps) {
        let step_of = |name| {
            let ran = all.iter().filter(|f| f.name == name).flat_map(|f| &f.steps);
            seconds(median(ran.filter(|(s, _)| s == step).map(|(_, took)| *took)))
        };
        println!("| {step} | {} | {} |", step_of(Player::UP), step_of(Player::AGAIN));
    }
}
