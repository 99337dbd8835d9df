//! A long piece of work behind a page that is worth looking at.

use std::{io, sync::mpsc::SyncSender, thread};

use super::screen;
use crate::{
    app::{Exit, Model, Msg, Page},
    ui,
};

/// Does `work` on a thread of its own while the page with the toy is shown, and until the person goes
/// on. What `work` tells is how far it is, 0 to 100, and with what it is busy; what it gives is
/// nothing, or what went wrong, which is shown.
///
/// If the person leaves before its end, the work is not waited for.
///
/// # Errors
/// If the terminal cannot be taken or written to.
pub fn while_building(
    mut model: Model,
    work: impl FnOnce(&mut dyn FnMut(u8, String)) -> Result<(), String> + Send + 'static,
) -> io::Result<(Exit, Model)> {
    model.page = Page::Building;
    let begin = move |messages: &SyncSender<Msg>| {
        let messages = messages.clone();
        thread::Builder::new().name("build".to_owned()).spawn(move || {
            let how = work(&mut |percent, doing| {
                // A screen that was left hears nothing any more.
                drop(messages.send(Msg::Building { percent, doing }));
            });
            drop(messages.send(Msg::Built(how)));
        })?;
        Ok(())
    };
    let exit = screen(&mut model, ui::view, begin, |_, _| {})?;
    Ok((exit, model))
}
