//! A long piece of work behind a page that is worth looking at.

use std::{
    io,
    sync::mpsc::{SyncSender, channel},
    thread,
};

use super::screen;
use crate::{
    app::{Exit, Model, Msg, Page},
    ui,
};

/// Does `work` on a thread of its own while the page with the toy is shown. What `work` tells is how
/// far it is, 0 to 100, and with what it is busy. Gives what it gave, once the person goes on.
///
/// If the person leaves before its end, the work goes on and its result is not waited for.
///
/// # Errors
/// If the terminal cannot be taken or written to.
pub fn while_building<T: Send + 'static>(
    mut model: Model,
    work: impl FnOnce(&mut dyn FnMut(u8, String)) -> T + Send + 'static,
) -> io::Result<(Exit, Option<T>)> {
    model.page = Page::Building;
    let (done, result) = channel();
    let begin = move |messages: &SyncSender<Msg>| {
        let messages = messages.clone();
        thread::Builder::new().name("build".to_owned()).spawn(move || {
            let given = work(&mut |percent, doing| {
                // A screen that was left hears nothing any more.
                drop(messages.send(Msg::Building { percent, doing }));
            });
            drop(done.send(given));
            drop(messages.send(Msg::Built));
        })?;
        Ok(())
    };
    let exit = screen(&mut model, ui::view, begin, |_, _| {})?;
    Ok((exit, result.try_recv().ok()))
}
