//! What `up` would do.

use color_eyre::eyre::Result;

use super::{How, Plan, wrong};
use crate::exit::Exit;

pub(super) fn plan(_how: &How, _args: &Plan) -> Result<Exit> {
    Err(wrong("plan: not yet"))
}
