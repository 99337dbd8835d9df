//! What quorate promises, seen on real practice machines: the built program, five machines with
//! systemd, sshd and apt, one test after another.
//!
//! Needs root; without it nothing is tested, which is a failure where CI is set. The machines live
//! in folders and networks of their own and are deleted at the end, however it comes.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests without the usual harness, which clippy does not see as tests"
)]

mod practice {
    pub(crate) mod lab;
    pub(crate) mod run;

    pub(crate) mod bootstrap;
    pub(crate) mod by_hand;
    pub(crate) mod check;
    pub(crate) mod crash;
    pub(crate) mod drill;
    pub(crate) mod failure;
    pub(crate) mod foreign;
    pub(crate) mod odd;
    pub(crate) mod proxy;
    pub(crate) mod refusal;
    pub(crate) mod replay;
    pub(crate) mod reset;
    pub(crate) mod review;
    pub(crate) mod script;
    pub(crate) mod secret;
    pub(crate) mod six;
    pub(crate) mod slips;
    pub(crate) mod ticket;
    pub(crate) mod wizard;
}

#[path = "pty/quickest.rs"]
mod quickest;
#[expect(dead_code, reason = "the tests of the screen use all of it, these a part")]
#[path = "pty/session.rs"]
mod session;

use std::{
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use libtest_mimic::{Arguments, Trial};
use practice::{
    bootstrap, by_hand, check, crash, drill, failure, foreign, lab::Lab, odd, refusal, replay,
    reset, review, script, secret, six, slips, ticket, wizard,
};
use quorate::cluster::Release;

/// A test, named by what it shows.
type Test = (&'static str, fn(&Lab));

macro_rules! tests {
    ($($module:ident::$name:ident),* $(,)?) => {
        [$((stringify!($name), $module::$name as fn(&Lab))),*]
    };
}

/// In this order each finds the machines nearly as it wants them.
const ON_BOOKWORM: &[Test] = &tests![
    bootstrap::from_nothing_one_command_ends_with_the_table,
    bootstrap::promise_2_probe_change_probe_a_second_run_changes_nothing,
    bootstrap::promise_8_one_truth_the_run_log_is_what_json_says,
    bootstrap::a_second_run_is_quick,
    bootstrap::without_any_network_one_command_ends_with_the_table,
    ticket::a_plan_saved_for_the_ticket_goes_and_only_on_the_same_machines,
    odd::the_one_that_is_unlike_its_sisters_is_named_and_goes_on_once_it_is_mended,
    failure::a_proxy_that_one_lacks_is_written_as_on_its_sisters,
    failure::the_packages_of_a_sister_are_taken_and_the_cluster_stands,
    failure::everything_is_taken_back_and_whoever_helps_gets_no_key,
    bootstrap::etcdctl_just_works_for_root_in_a_login_shell,
    check::promise_9_green_means_proved_a_dead_member_is_seen,
    check::check_says_what_holds_and_what_differs_and_changes_nothing,
    drill::the_leader_dies_the_gap_is_measured_and_no_write_is_lost,
    drill::killed_in_a_drill_the_timer_brings_the_member_back,
    drill::a_third_stop_wants_a_name_and_then_writes_stop,
    reset::promise_4_nothing_is_deleted_reset_moves_aside_and_up_is_healthy_again,
    replay::replay_equals_life_in_every_cell,
    foreign::promise_4_nothing_is_deleted_data_of_another_cluster_is_refused_then_moved_aside,
    script::a_plan_of_machines_out_of_reach_is_there_at_once,
    script::promise_1_the_text_is_the_command_and_its_script_makes_the_same_cluster,
    refusal::promise_3_nothing_before_go,
    review::promise_3_on_own_machines_the_review_never_rests_on_go,
    refusal::promise_7_host_keys_are_checked,
    refusal::a_key_that_does_not_belong_to_its_certificate_is_refused,
    refusal::a_port_that_is_taken_is_refused,
    refusal::a_machine_without_etcd_in_apt_is_refused,
    refusal::a_machine_that_is_off_is_refused,
    refusal::a_member_whose_data_is_gone_is_told_each_time,
    secret::promise_6_no_key_is_seen_by_others_at_any_moment,
    crash::promise_5_files_appear_whole_killed_after_the_first_certificate,
    crash::killed_during_packages,
    crash::killed_after_packages,
    crash::killed_after_settings,
    crash::killed_during_the_start,
    crash::ctrl_c_stops_between_changes,
    crash::a_machine_that_reboots_during_packages_is_met_again,
    by_hand::icc_etcd_1_by_hand_through_all_steps_and_the_rest_by_enter,
    by_hand::in_a_small_window_and_in_lines_the_lesson_is_above_the_prompt,
    slips::the_labs_own_lines_are_each_told_in_words_within_3_s,
    six::members_with_ipv6_addresses_are_a_cluster,
];

const ON_TRIXIE: &[Test] = &tests![
    wizard::enter_alone_leads_from_nothing_to_the_member_table,
    bootstrap::promise_2_probe_change_probe_a_second_run_changes_nothing,
    bootstrap::up_then_practice_ends_with_the_table,
    bootstrap::etcdctl_just_works_for_root_in_a_login_shell,
    drill::the_leader_dies_the_gap_is_measured_and_no_write_is_lost,
];

const ON_BULLSEYE: &[Test] = &tests![
    bootstrap::up_then_practice_ends_with_the_table,
    bootstrap::promise_2_probe_change_probe_a_second_run_changes_nothing,
    bootstrap::etcdctl_just_works_for_root_in_a_login_shell,
    drill::the_leader_dies_the_gap_is_measured_and_no_write_is_lost,
];

fn main() -> ExitCode {
    let mut args = Arguments::from_args();
    // They share the machines.
    args.test_threads = Some(1);
    if !args.list && quorate::practice::needs_root() {
        println!("skipped: practice machines need root");
        return match std::env::var_os("CI") {
            Some(_) => ExitCode::FAILURE,
            None => ExitCode::SUCCESS,
        };
    }
    let labs = [
        (ON_BOOKWORM, Lab::new(Release::Bookworm, 40)),
        (ON_BULLSEYE, Lab::new(Release::Bullseye, 41)),
        (ON_TRIXIE, Lab::new(Release::Trixie, 42)),
    ];
    let trials = labs
        .into_iter()
        .flat_map(|(tests, lab)| {
            let lab = Arc::new(Mutex::new(lab));
            tests.iter().map(move |(name, test)| trial(name, *test, &lab))
        })
        .collect();
    // The last test of a lab drops it, and with it the machines.
    libtest_mimic::run(&args, trials).exit_code()
}

fn trial(name: &str, test: fn(&Lab), lab: &Arc<Mutex<Lab>>) -> Trial {
    let lab = Arc::clone(lab);
    let release = lab.lock().unwrap_or_else(PoisonError::into_inner).release();
    Trial::test(format!("{release}::{name}"), move || {
        test(&lab.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(())
    })
}
