//! A node that has what another one lacks: it is asked, and its files come here.

use std::time::Instant;

use super::{Report, Worker, gone, lines, ms};
use crate::{
    cluster::{Digest, MemberName, Secret},
    event::{RunEvent, Step, TaskOutcome},
    lab::{
        self,
        lend::{self, Deb, Lack},
    },
    remote::{Call, HostError, clean, transfer},
    run::{job::Done, look},
};

impl Worker {
    /// Something is wrong here: looks again, so that it can be compared with its sisters.
    pub(super) fn look_anew(&mut self) {
        let asks = lab::sisters::resolves();
        let answers = self.run(&[&asks], &mut |_, _, _| {}).unwrap_or_default();
        let resolved = answers.first().and_then(|answer| lab::sisters::resolved(&answer.stdout));
        let Some(host) = self.host.as_mut() else { return };
        if let Ok(Ok(facts)) = look::survey(host.as_mut(), &self.plan.cluster, &self.member) {
            let node = self.member.name.clone();
            // Nobody is left to tell, if that fails.
            let _ = self.reports.send(Report::Anew(node, Box::new(facts), resolved));
        }
    }

    /// Looks whether it is here, whole, and as apt's lists or all the others have it.
    pub(super) fn ask(&mut self, to: MemberName, lack: Lack) -> Result<Done, HostError> {
        let answers = self.run(&[&lend::ask(&lack)], &mut |_, _, _| {})?;
        let answer = answers.first().ok_or_else(gone)?;
        let loan = lend::read(&lack, &self.member.name, answer.stdout.trim_end());
        let loan = loan.filter(|_| answer.status == 0).and_then(|(loan, content)| {
            let lend::Loan::File { content: file, .. } = &loan else {
                let remedy = loan.remedy(&[]);
                return Some((loan, remedy));
            };
            let bytes = Secret::new(transfer::decoded(&content)?);
            if Digest::of(bytes.reveal()) != file.digest {
                return None;
            }
            let text: Vec<_> = bytes.reveal().split(|b| *b == b'\n').map(clean::line).collect();
            self.plan.vault.lend(file, transfer::encoded(bytes.reveal()).into());
            let remedy = loan.remedy(&text);
            Some((loan, remedy))
        });
        Ok(Done::Lends { to, lack, loan: loan.map(Box::new) })
    }

    /// Brings packages here, each as apt's lists on this node know it.
    pub(super) fn fetch(&mut self, to: MemberName, debs: &[Deb]) -> Result<Done, HostError> {
        let task = lend::fetched(debs, &to);
        let (node, id) = (self.member.name.clone(), task.id.clone());
        let (step, tasks) = (Step::Install, vec![task.plan()]);
        self.tell(RunEvent::Planned { node: node.clone(), step, tasks });
        self.tell(RunEvent::TaskStarted { node: node.clone(), task: id.clone() });
        let all: usize = debs.iter().map(|deb| deb.content.bytes).sum();
        let (reports, began, mut told) = (self.reports.clone(), Instant::now(), 0);
        let text = task.change.text.as_bytes();
        let call = Call { text, root: true, limit: task.change.limit() };
        let host = self.host.as_mut().ok_or_else(gone)?;
        let fetched = transfer::fetch(host.as_mut(), call, all + 3 * debs.len(), &mut |came| {
            let percent = u8::try_from(came * 100 / all.max(1)).unwrap_or(100).min(100);
            if percent > told {
                told = percent;
                let (node, task) = (node.clone(), id.clone());
                let doing = format!("the packages for {to}");
                let event = RunEvent::Progress { node, task, percent, doing };
                let _ = reports.send(Report::Event(event));
            }
        });
        let ended = |outcome| {
            let (node, task, took_ms) = (node.clone(), id.clone(), ms(began.elapsed()));
            RunEvent::TaskEnded { node, task, outcome, took_ms }
        };
        let (answer, files) = match fetched {
            Ok(fetched) => fetched,
            Err(error) => {
                self.tell(ended(TaskOutcome::Stopped));
                return Err(error);
            }
        };
        let same = files.len() == debs.len()
            && files.iter().zip(debs).all(|(file, deb)| Digest::of(file) == deb.content.digest);
        if answer.status != 0 || !same {
            let error = match answer.status {
                0 => "what came is not what apt's lists there name".to_owned(),
                status => format!("apt there ended with status {status}"),
            };
            let tail = lines(&crate::remote::Answer { stdout: String::new(), ..answer });
            let said = tail.last().map(|line| format!(" ({line})")).unwrap_or_default();
            let wrong = Some(format!("{error}{said}"));
            self.tell(ended(TaskOutcome::Failed { error, tail }));
            return Ok(Done::Fetched { to, wrong });
        }
        for (file, deb) in files.iter().zip(debs) {
            self.plan.vault.lend(&deb.content, transfer::encoded(file).into());
        }
        let left = self.run(&[&task.holds], &mut |_, _, _| {})?;
        if let Some(left) = left.first().filter(|left| left.status != 0) {
            let (error, tail) =
                ("its change ended well, but does not hold".to_owned(), lines(left));
            self.tell(ended(TaskOutcome::Failed { error: error.clone(), tail }));
            return Ok(Done::Fetched { to, wrong: Some(error) });
        }
        self.tell(ended(TaskOutcome::Changed));
        Ok(Done::Fetched { to, wrong: None })
    }
}
