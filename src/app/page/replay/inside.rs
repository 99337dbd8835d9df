//! A run that is shown again on top of the screen it was asked for on, which goes on meanwhile.

use std::ops::ControlFlow;

use super::State;
use crate::{
    app::{Effect, Model, Msg, update},
    event::RunState,
};

/// A run that is there to be shown.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Where it begins.
    pub state: State,
    /// Everything known then.
    pub run: RunState,
}

/// Lays it over the screen.
pub(crate) fn open(model: &mut Model, opened: Opened) {
    let Opened { state, run } = opened;
    if model.behind.is_some() || !model.dialogs.is_empty() {
        return;
    }
    let under = std::mem::take(model);
    let over = Model {
        now: under.now,
        offset: under.offset,
        look: under.look,
        window: under.window,
        ..Model::default()
    };
    *model = super::open(over, State { inside: true, ..state }, run, true);
    model.behind = Some(Box::new(under));
}

/// Takes it away: the screen below is as it would be without it.
pub(crate) fn leave(model: &mut Model) {
    let Some(under) = model.behind.take() else { return };
    let (now, window) = (model.now, model.window);
    *model = Model { now, window, ..*under };
}

/// What the run below tells goes to the screen below; what a person must hear ends the replay.
pub(crate) fn meanwhile(model: &mut Model, msg: Msg) -> ControlFlow<Vec<Effect>, Msg> {
    match msg {
        Msg::Run(_) | Msg::RunGone | Msg::Shell(_) | Msg::ShellEnded(_) | Msg::Overheard(_) => {
            let now = model.now;
            match &mut model.behind {
                Some(under) => {
                    under.now = now;
                    ControlFlow::Break(update(under, msg))
                }
                None => ControlFlow::Continue(msg),
            }
        }
        Msg::Asked { .. } | Msg::Terminate => {
            leave(model);
            ControlFlow::Continue(msg)
        }
        msg => ControlFlow::Continue(msg),
    }
}
