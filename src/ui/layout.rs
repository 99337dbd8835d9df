//! Where things are. 80×24 is the design; a larger window adds a side and a strip, and moves
//! nothing.

use ratatui::layout::Rect;

/// Below this there is no page that helps, in columns and rows.
const LEAST: (u16, u16) = (60, 16);
/// The page itself, in columns.
const PAGE: u16 = 80;
/// From this width on the side has room, in columns.
const SIDE_FROM: u16 = 108;
/// The widest side, in columns.
const SIDE_MOST: u16 = 60;
/// From this height on the strip has room, in rows.
const STRIP_FROM: u16 = 32;
/// A page's body at 80×24, in rows.
const BODY: u16 = 19;

/// The parts of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Row 1: which cluster, whose machines, what state.
    pub(crate) head: Rect,
    /// Row 2: the way, and the side's title.
    pub(crate) way: Rect,
    /// The page.
    pub(crate) body: Rect,
    /// Why.
    pub(crate) side: Option<Rect>,
    /// Log, diff or table.
    pub(crate) strip: Option<Rect>,
    /// The line above the last two rows.
    pub(crate) rule: Rect,
    /// The sentence.
    pub(crate) says: Rect,
    /// The keys.
    pub(crate) hints: Rect,
}

impl Parts {
    pub(crate) fn of(area: Rect, has_strip: bool) -> Self {
        let side_width = match area.width {
            SIDE_FROM.. => (area.width - PAGE - 1).min(SIDE_MOST),
            _ => 0,
        };
        let main = if side_width > 0 { area.width - side_width - 1 } else { area.width };
        let row = |y: u16, width: u16| Rect { x: area.x, y: area.y + y, width, height: 1 };
        let inner = area.height.saturating_sub(5);
        let strip_height = if has_strip && area.height >= STRIP_FROM { inner - BODY } else { 0 };
        let body_height = inner - strip_height;
        let last = area.height.saturating_sub(3);
        Self {
            head: row(0, main),
            way: row(1, area.width),
            body: Rect { x: area.x, y: area.y + 2, width: main, height: body_height },
            side: (side_width > 0).then(|| Rect {
                x: area.x + main + 1,
                y: area.y + 2,
                width: side_width,
                height: body_height,
            }),
            strip: (strip_height > 0).then(|| Rect {
                x: area.x,
                y: area.y + 2 + body_height,
                width: area.width,
                height: strip_height,
            }),
            rule: row(last, area.width),
            says: row(last + 1, main),
            hints: row(last + 2, main),
        }
    }
}

/// Whether the window is too small for any page.
pub(crate) fn too_small(area: Rect) -> bool {
    area.width < LEAST.0 || area.height < LEAST.1
}

pub(crate) fn too_small_words(area: Rect) -> String {
    let (width, height) = LEAST;
    format!("quorate needs {width}×{height}; this window is {}×{}.", area.width, area.height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_when_the_window_grows() {
        let small = Parts::of(Rect::new(0, 0, 80, 24), true);
        let large = Parts::of(Rect::new(0, 0, 120, 40), true);
        assert_eq!(small.body, large.body);
        assert_eq!(small.head, large.head);
        assert_eq!(large.side, Some(Rect::new(81, 2, 39, 19)));
        assert_eq!(large.strip, Some(Rect::new(0, 21, 120, 16)));
        assert_eq!((large.rule.y, large.says.y, large.hints.y), (37, 38, 39));
        assert_eq!((small.rule.y, small.says.y, small.hints.y), (21, 22, 23));
    }

    #[test]
    fn a_side_grows_to_its_end_and_then_the_page_does() {
        let parts = |width| Parts::of(Rect::new(0, 0, width, 24), true);
        assert_eq!((parts(107).body.width, parts(107).side), (107, None));
        assert_eq!(parts(108).side.map(|s| s.width), Some(27));
        assert_eq!(parts(200).side.map(|s| s.width), Some(60));
        assert_eq!(parts(200).body.width, 139);
    }
}
