//! Row 23: one sentence, always. What happens now, or why a pressed key does nothing here.

use super::{
    About, Dialog, Model, Overlay, Page,
    keymap::{Command, key_of},
    page::{
        self,
        result::{Proof, proof},
    },
};
use crate::{
    event::{Step, state::Link},
    remote::ask::Standing,
};

/// The sentence.
#[must_use]
pub fn says(model: &Model) -> String {
    if let Some(said) = &model.said {
        return said.clone();
    }
    if let Some(dialog) = model.dialogs.front() {
        return below(dialog).to_owned();
    }
    match model.overlay {
        Some(Overlay::Help) => {
            return "Letters are text while a field is edited, and on one that is empty."
                .to_owned();
        }
        Some(Overlay::Log) => {
            return "The run log on disk has everything; here are the last 500 lines.".to_owned();
        }
        Some(Overlay::Looked) => {
            return "The very texts that were run on the node, and what they answered.".to_owned();
        }
        Some(Overlay::Diffs) => {
            return "Of certificates and keys only names and checksums are shown.".to_owned();
        }
        Some(Overlay::Why | Overlay::Table | Overlay::Script) | None => {}
    }
    if let Some(replay) = &model.replay {
        return page::replay::says(model, replay);
    }
    match model.page {
        Page::Welcome => page::welcome::says(model),
        Page::Building => page::building::says(model),
        Page::Nodes => page::nodes::says(model),
        Page::Access => page::access::says(model),
        Page::Certificates => page::certificates::says(model),
        Page::Etcd => page::etcd::says(model),
        Page::ByHand => page::by_hand::says(model),
        Page::Review => page::review::says(model),
        Page::Guided => page::guided::says(model),
        Page::Run => run(model),
        Page::Failure if model.run.ended.is_some() => {
            "Nothing is running. You have all the time you want.".to_owned()
        }
        Page::Failure => "The others wait. You have all the time you want.".to_owned(),
        Page::Drill => page::drill::says(model),
        Page::Result => result(model),
    }
}

/// What is said below a dialog.
fn below(dialog: &Dialog) -> &'static str {
    match dialog {
        Dialog::Choose { about: About::Stop, .. } => "The run goes on meanwhile. Ctrl-C: stop.",
        Dialog::Choose { about: About::Remedy { .. }, .. } => {
            "It is not written yet; then the node is tried again."
        }
        Dialog::Choose { about: About::Undo { .. }, .. } => {
            "What is taken back can be done again, by you or by me."
        }
        Dialog::Type { about: About::Mark, .. } => "A word, and Enter. Esc marks nothing.",
        Dialog::Type { about: About::TakeBack, .. } => {
            "The name, and Enter. Esc leaves all as it is."
        }
        Dialog::Type { .. } => "The name, and Enter. Esc leaves it running.",
        Dialog::Choose { about: About::Compare(seen), .. } if seen.standing != Standing::New => {
            "Nothing is sent to a machine with another key than the known one."
        }
        Dialog::Choose { about: About::Compare(_), .. } => {
            "Nothing secret has been sent to that machine. Paste what it says."
        }
        Dialog::Choose { .. } => "Nothing has been changed yet.",
        Dialog::Ask(_) if dialog.typing() => {
            "Kept in memory only; never written, logged or recorded."
        }
        Dialog::Ask(_) => "Nothing secret has been sent to that machine.",
    }
}

/// Why that key does nothing here.
#[must_use]
pub fn idle(model: &Model, command: Option<Command>) -> String {
    if (command, model.page) == (Some(Command::Pause), Page::Guided) && model.overlay.is_none() {
        return "It waits after each step by itself; p pauses \"All the rest\".".to_owned();
    }
    match command.and_then(key_of) {
        Some(key) => {
            // What it is, without what else it is.
            let means = key.means.split([',', ';']).next().unwrap_or_default();
            format!("{} ({means}) means nothing here; ? has the keys.", key.name)
        }
        None => "That key means nothing here; ? has the keys.".to_owned(),
    }
}

fn run(model: &Model) -> String {
    if model.run.stopping {
        return "Stopping after the running change. Ctrl-C: at once.".to_owned();
    }
    let lost = model.run.nodes.iter().find_map(|n| match &n.link {
        Link::Lost(reason) => Some((&n.plan.name, reason)),
        _ => None,
    });
    if let Some((name, reason)) = lost {
        return format!("{name} is not reached ({reason}); the machine goes on by itself.");
    }
    if let Some(aim) = model.aim {
        return format!("Paused: nobody goes further than {}. p goes on.", aim.title());
    }
    let Some(step) = model.step() else { return "All steps are done.".to_owned() };
    let doing = match step {
        Step::Preflight => "Looking at every machine; nothing is changed.",
        Step::Certificates => "Copying certificates and key.",
        Step::Install => "Installing.",
        Step::Configure => "Writing the settings.",
        Step::Start => "Starting all together.",
        Step::Verify => "Asking every member by name.",
        Step::Drill => "Losing a member on purpose.",
        Step::Reset => "Taking back; data is moved aside, never deleted.",
    };
    if model.run.went && step != Step::Verify {
        format!("{doing} q stops between two changes.")
    } else {
        doing.to_owned()
    }
}

fn result(model: &Model) -> String {
    let at = model.judged_at().map(|at| format!(" {at}")).unwrap_or_default();
    match proof(&model.run) {
        Proof::Healthy => format!("Proved{at}: read and written, through different members."),
        Proof::Agrees => format!("Asked{at}: they agree. Nothing was written, so nothing changed."),
        Proof::Nothing => "Not everything could be proved; l shows what each node said.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keymap::KEYS;

    #[test]
    fn why_a_key_does_nothing_fits_at_80_columns() {
        for key in KEYS {
            let says = idle(&Model::default(), Some(key.command));
            assert!(says.chars().count() <= 78, "{says}");
        }
    }
}
