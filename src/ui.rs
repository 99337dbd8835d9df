//! How the screen looks: [`view`] draws a [`Model`] into a frame of any size.
//!
//! Pure. Meaning is in words; signs and colours repeat it. Nothing here decides anything.

mod ascii;
mod dialog;
mod diffs;
pub mod farewell;
mod field;
mod head;
mod help;
mod hints;
mod layout;
mod log;
pub mod member_table;
mod page;
mod prose;
mod replay;
mod script;
mod sheet;
mod side;
pub(crate) mod text;
mod theme;

use ratatui::{Frame, layout::Rect};

use self::{layout::Parts, sheet::Sheet, theme::Theme};
use crate::app::{Model, Overlay, Page};

/// Draws everything.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let theme = Theme::new(model.look.colour);
    if layout::too_small(area) {
        let words = layout::too_small_words(area);
        Sheet::new(area, frame.buffer_mut()).words(&words);
    } else {
        whole(model, &theme, area, frame);
    }
    if model.look.ascii {
        ascii::make(frame.buffer_mut());
    }
}

fn whole(model: &Model, theme: &Theme, area: Rect, frame: &mut Frame<'_>) {
    let parts = Parts::of(area, has_strip(model));
    let buf = frame.buffer_mut();
    head::draw(model, theme, &parts, buf);
    match model.overlay {
        Some(Overlay::Help) => help::draw(model, theme, Sheet::new(parts.body, buf)),
        Some(Overlay::Why) if parts.side.is_none() => {
            side::draw(model, theme, Sheet::new(parts.body, buf), true);
        }
        Some(Overlay::Log) => log::draw(model, theme, Sheet::new(parts.body, buf)),
        Some(Overlay::Diffs) => diffs::draw(model, theme, Sheet::new(parts.body, buf)),
        Some(Overlay::Looked) => script::looked(model, theme, Sheet::new(parts.body, buf)),
        Some(Overlay::Script) => script::draw(model, theme, Sheet::new(parts.body, buf)),
        Some(Overlay::Table) => member_table::draw(model, Sheet::new(parts.body, buf)),
        Some(Overlay::Why) | None => match model.page {
            Page::Welcome => page::welcome::draw(model, theme, Sheet::new(parts.body, buf)),
            Page::Building => page::building::draw(model, theme, Sheet::new(parts.body, buf)),
            Page::Nodes => page::nodes::draw(model, theme, Sheet::new(parts.body, buf)),
            Page::Access => page::access::draw(model, theme, Sheet::new(parts.body, buf)),
            Page::Certificates => {
                page::certificates::draw(model, theme, Sheet::new(parts.body, buf));
            }
            Page::Etcd => page::etcd::draw(model, theme, Sheet::new(parts.body, buf)),
            Page::ByHand => page::by_hand::draw(model, theme, &parts, buf),
            Page::Review => page::review::draw(model, theme, Sheet::new(parts.body, buf)),
            Page::Run => page::run::draw(model, theme, Sheet::new(parts.body, buf)),
            Page::Guided => page::guided::draw(model, theme, Sheet::new(parts.body, buf)),
            Page::Failure => page::failure::draw(model, theme, Sheet::new(parts.body, buf)),
            Page::Drill => page::drill::draw(model, theme, Sheet::new(parts.body, buf)),
            Page::Result => page::result::draw(model, theme, Sheet::new(parts.body, buf)),
        },
    }
    if let Some(area) = parts.side {
        match model.replay.as_ref().filter(|_| model.overlay != Some(Overlay::Why)) {
            Some(replay) => replay::chapters(replay, theme, Sheet::new(area, buf)),
            None => side::draw(model, theme, Sheet::new(area, buf), false),
        }
    }
    if let Some(area) = parts.strip {
        let sheet = Sheet::new(area, buf);
        match model.page {
            Page::Review if !model.run.files.is_empty() => diffs::strip(model, theme, sheet),
            Page::Result | Page::Review => member_table::draw(model, sheet),
            Page::Certificates => page::certificates::strip(model, theme, sheet),
            Page::Welcome
            | Page::Building
            | Page::Nodes
            | Page::Access
            | Page::Etcd
            | Page::ByHand => {}
            Page::Run | Page::Guided | Page::Failure | Page::Drill => {
                log::draw(model, theme, sheet);
            }
        }
    }
    hints::draw(model, theme, &parts, buf);
    if let Some(dialog) = model.dialogs.front() {
        let cursor = dialog::draw(model, dialog, theme, parts.body, buf);
        if let Some(at) = cursor {
            frame.set_cursor_position(at);
        }
    }
}

/// Whether the page has something for the strip below it.
fn has_strip(model: &Model) -> bool {
    // The wizard's pages leave it free: nothing of them moves when a window grows.
    let wizard = matches!(
        model.page,
        Page::Welcome | Page::Nodes | Page::Access | Page::Certificates | Page::Etcd
    );
    (wizard || !model.run.nodes.is_empty()) && model.overlay.is_none() && model.page != Page::ByHand
}
