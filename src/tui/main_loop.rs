//! The loop: take what has arrived, change the model, draw at most once for all of it.
//!
//! One channel gives all inputs one order. While nothing moves the loop blocks without a timeout, so
//! that an idle screen costs no CPU and sends no byte.

use std::{
    ops::ControlFlow,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use ratatui::{Frame, Terminal, backend::Backend};

use crate::app::{Effect, Exit, Model, Msg, update};

/// Faster than the eye follows, slow enough for a serial line.
const FRAME: Duration = Duration::from_millis(33);
/// What the person did is shown sooner, also while a node floods.
const ANSWER: Duration = Duration::from_millis(5);
/// A node that floods its log must not keep the screen from being drawn.
const MAX_BATCH: usize = 512;

/// Runs until an effect says how to leave.
#[expect(clippy::needless_pass_by_value, reason = "at its end all senders must see it closed")]
pub(crate) fn run<B: Backend>(
    screen: &mut Terminal<B>,
    model: &mut Model,
    inbox: Receiver<Msg>,
    mut view: impl FnMut(&Model, &mut Frame<'_>),
    mut perform: impl FnMut(Effect, &mut Terminal<B>) -> Result<ControlFlow<Exit>, B::Error>,
) -> Result<Exit, B::Error> {
    let opened = Instant::now();
    let (mut dirty, mut answers) = (true, false);
    let mut drawn: Option<Instant> = None;
    loop {
        let pause = if answers { ANSWER } else { FRAME };
        let wait = drawn.map_or(Duration::ZERO, |at| pause.saturating_sub(at.elapsed()));
        if dirty && wait.is_zero() {
            screen.draw(|frame| view(model, frame))?;
            (dirty, answers, drawn) = (false, false, Some(Instant::now()));
            continue;
        }
        let first = match (dirty, model.still_for()) {
            (true, _) => inbox.recv_timeout(wait),
            (false, Some(still)) => inbox.recv_timeout(still),
            (false, None) => inbox.recv().map_err(RecvTimeoutError::from),
        };
        let first = match first {
            Ok(msg) => Some(msg),
            Err(RecvTimeoutError::Timeout) => None,
            // The threads that wait for keys and signals are both gone.
            Err(RecvTimeoutError::Disconnected) => Some(Msg::Terminate),
        };
        let tick = Msg::Tick(opened.elapsed());
        let batch = std::iter::once(tick).chain(first).chain(inbox.try_iter().take(MAX_BATCH));
        for msg in batch {
            answers |= matches!(msg, Msg::Key(_) | Msg::Paste(_) | Msg::Resized(..));
            for effect in update(model, msg) {
                if let ControlFlow::Break(exit) = perform(effect, screen)? {
                    return Ok(exit);
                }
            }
        }
        dirty = true;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use ratatui::backend::TestBackend;

    use super::*;
    use crate::event::{RunEvent, Stamped};

    #[test]
    fn a_flood_of_events_costs_few_frames_and_all_of_them_arrive() {
        let (messages, inbox) = channel();
        for ms in 0..5000 {
            let stamped = Stamped { ms, event: RunEvent::Marked { text: "x".to_owned() } };
            messages.send(Msg::Run(Box::new(stamped))).unwrap();
        }
        messages.send(Msg::Terminate).unwrap();
        let mut screen = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let (mut model, mut frames) = (Model::default(), 0);
        let perform = |effect, _: &mut Terminal<TestBackend>| {
            Ok(match effect {
                Effect::Exit(exit) => ControlFlow::Break(exit),
                _ => ControlFlow::Continue(()),
            })
        };
        let exit = run(&mut screen, &mut model, inbox, |_, _| frames += 1, perform).unwrap();
        assert_eq!(exit, Exit::Terminated);
        assert_eq!(model.run.ms, 4999);
        assert!(frames <= 12, "{frames} frames");
    }
}
