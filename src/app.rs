//! The behaviour of the screen: a message in, a changed [`Model`] and [`Effect`]s out.
//!
//! Pure: no clock, file, network, terminal or thread. What the outside has to do is returned as
//! effects; what it did comes back as messages. How it looks is the business of [`crate::ui`].

mod dialog;
pub mod form;
pub mod keymap;
pub mod model;
mod msg;
pub mod offers;
pub mod page;
pub mod says;
mod update;
pub mod wizard;

pub use self::{
    dialog::{About, Asked, Choice, Dialog},
    model::{Behind, Can, Look, Model, Overlay, Setting},
    msg::{Effect, Exit, Keep, Msg, Watch},
    offers::{Offer, offers},
    page::Page,
    says::says,
    update::update,
};
pub use crate::run::{DrillStep, Order};
