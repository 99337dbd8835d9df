//! The rows as members, and what is wrong with one that is none.

use crate::{
    app::form::{Field, Form},
    cluster::{Address, MemberName, address::AddressError},
};

/// The columns of a row.
pub const COLUMNS: usize = 2;

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It says nothing yet.
    Empty,
    /// A sentence about its name or address.
    Says(String),
    /// Its address has a typo: what it should say.
    Typo(Address, String),
}

/// A row as a member, or what is wrong with it.
///
/// # Errors
/// If it is none yet.
pub fn member(form: &Form, row: usize) -> Result<(MemberName, Address), Wrong> {
    let (name, address) = (form.text(row * COLUMNS), form.text(row * COLUMNS + 1));
    if address.is_empty() {
        return Err(Wrong::Empty);
    }
    let address = address.parse::<Address>().map_err(|error| match &error {
        AddressError::MissingColon { address, .. } | AddressError::HasPort { address, .. } => {
            let mended = address.to_string().parse();
            let says = format!("the address {error}");
            mended.map_or(Wrong::Says(says.clone()), |mended| Wrong::Typo(mended, says))
        }
        _ => Wrong::Says(format!("the address {error}")),
    })?;
    let name = name.parse().map_err(|error| Wrong::Says(format!("the name {error}")))?;
    Ok((name, address))
}

/// How many rows there are.
#[must_use]
pub fn rows(form: &Form) -> usize {
    form.fields.len() / COLUMNS
}

/// The members, if every row is one and no two share a name or an address.
///
/// # Errors
/// A sentence about the first row that keeps them from being a cluster.
pub fn members(form: &Form) -> Result<Vec<(MemberName, Address)>, String> {
    let mut members: Vec<(MemberName, Address)> = Vec::new();
    for row in 0..rows(form) {
        let (name, address) = member(form, row).map_err(|wrong| match wrong {
            Wrong::Empty => format!("Row {} has no address yet; Del drops a row.", row + 1),
            Wrong::Says(says) | Wrong::Typo(_, says) => format!("Row {}: {says}.", row + 1),
        })?;
        if let Some((other, _)) = members.iter().find(|(n, a)| *n == name || *a == address) {
            return Err(format!("Row {} is {other} once more; no two may be alike.", row + 1));
        }
        members.push((name, address));
    }
    if members.is_empty() {
        Err("There is no member yet; a adds one.".to_owned())
    } else {
        Ok(members)
    }
}

/// How many may fail, and whether the number is a wise one.
#[must_use]
pub fn count(members: usize) -> String {
    let (must, may) = (members / 2 + 1, members.saturating_sub(members / 2 + 1));
    match members {
        0 => "no member yet".to_owned(),
        1 => "must live: nothing may fail; 3, 5 or 7 are better".to_owned(),
        n if n % 2 == 0 => format!("{must} must live, {may} may fail: no more than with {}", n - 1),
        n if n > 7 => format!("{must} must live, {may} may fail; more than 7 only make it slower"),
        _ => format!("{must} must live, {may} may fail"),
    }
}

/// The name of the `n`th member, as the lab has it, until the person says another.
pub(super) fn proposed(n: usize) -> String {
    format!("icc-etcd-{n}")
}

/// The fields of a row.
pub(super) fn row(name: &str, address: &str) -> [Field; COLUMNS] {
    [Field::new("name", name), Field::new("address", address)]
}
