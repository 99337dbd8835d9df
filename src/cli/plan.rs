//! What `up` would do, and the number that ties a review to a run.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
};

use color_eyre::eyre::Result;

use super::{
    Form, How, Plan,
    find::Found,
    keep, refused,
    run::{opened, vault},
};
use crate::{
    cluster::{Cluster, Identity, MemberName},
    event::Finding,
    exit::Exit,
    lab::{
        Facts, Material, export,
        outline::{Basis, Outline},
    },
    plain::{ask, lines},
    run::{Vault, VaultError, enter::OverSsh, look},
};

pub(super) fn plan(how: &How, args: &Plan) -> Result<Exit> {
    let found = opened(how, &args.target)?;
    let cluster = &found.cluster;
    let materials = materials(&found)?;
    let (facts, basis) = if args.live {
        (asked(&found, args.accept_new_host_keys)?, Basis::Asked)
    } else {
        let assumed = Facts::assumed(args.release);
        let names = cluster.members.iter().map(|m| m.name.clone());
        let facts = names.map(|name| (name, assumed.clone())).collect();
        (facts, Basis::Assumed(args.release))
    };
    let text = if args.form == Some(Form::Sh) {
        export::as_sh(cluster, &materials, &facts, basis)
    } else {
        let outline = Outline::new(cluster, &materials, &facts, basis);
        if args.save {
            let number = outline.number();
            let file = keep::ticket(&found, &number, &outline.ticket())
                .map_err(|error| refused(format!("not saved: {error}")))?;
            let told = format!(
                "quorate: saved as {}; when it is time: quorate up {} --plan {number}\n",
                file.display(),
                cluster.name
            );
            io::stderr().write_all(told.as_bytes())?;
        }
        if how.json {
            json(cluster, &outline)?
        } else {
            outline.text(&outline.table(), how.verbose)
        }
    };
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Well)
}

/// Refuses if the plan is no more the one that was reviewed.
pub(super) fn same_as_reviewed(found: &Found, reviewed: &str, accept_new: bool) -> Result<()> {
    let (materials, facts) = (materials(found)?, asked(found, accept_new)?);
    let outline = Outline::new(&found.cluster, &materials, &facts, Basis::Asked);
    let number = outline.number();
    if number == reviewed {
        return Ok(());
    }
    let differs = match keep::reviewed(found, reviewed) {
        Some(then) => keep::differs(&then, &outline.ticket()),
        None => format!(
            "What differs cannot be said: there is no {} beside {}.",
            keep::file_name(reviewed),
            found.file.display()
        ),
    };
    Err(refused(format!(
        "the plan is {number} now, not {reviewed}: the machines, the cluster file or the \
         certificates are no more as they were reviewed; nothing was changed\n{differs}\n\
         quorate plan {} --live shows what is planned now",
        found.cluster.name
    )))
}

/// What is copied. Where there are no files yet, that is said, and stands in.
fn materials(found: &Found) -> Result<BTreeMap<MemberName, Material>> {
    match Vault::open(&found.cluster) {
        Ok(vault) => Ok(vault.materials().clone()),
        Err(VaultError::Unreadable { what, path, error })
            if error.kind() == io::ErrorKind::NotFound =>
        {
            let note = format!(
                "quorate: {what} {} is not there yet; the plan stands without the files' \
                 content. quorate certs issue makes them.\n",
                path.display()
            );
            io::stderr().write_all(note.as_bytes())?;
            let key = |name: &MemberName| -> PathBuf { found.cluster.tls.key_of(name) };
            let members = found.cluster.members.iter();
            Ok(members.map(|m| (m.name.clone(), Material::assumed(key(&m.name)))).collect())
        }
        // Told in the same words as everywhere.
        Err(_) => vault(&found.cluster).map(|vault| vault.materials().clone()),
    }
}

fn asked(found: &Found, accept_new: bool) -> Result<BTreeMap<MemberName, Facts>> {
    let prompter = Arc::new(ask::OnTerminal);
    let connect = OverSsh::new(found.cluster.login.clone(), prompter, accept_new);
    look::survey_all(&found.cluster, &connect).map_err(|findings| {
        let told = |f: &Finding| lines::told(f, lines::Paint(false)).join("\n");
        let told: Vec<_> = findings.iter().map(told).collect();
        refused(format!("not every machine could be asked\n{}", told.join("\n")))
    })
}

fn json(cluster: &Cluster, outline: &Outline<'_>) -> Result<String> {
    let identity = Identity::predict(cluster);
    let value = serde_json::json!({
        "plan": outline.number(),
        "cluster": cluster.name,
        "cluster_id": identity.cluster,
        "members": identity.members,
        "files": outline.files(),
        "steps": outline.steps(),
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&value)?))
}
