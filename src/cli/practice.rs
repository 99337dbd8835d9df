//! Practice machines on this computer.

use color_eyre::eyre::Result;

use super::{How, Practice, wrong};
use crate::exit::Exit;

pub(super) fn practice(_how: &How, _args: &Practice) -> Result<Exit> {
    Err(wrong("practice: not yet"))
}
