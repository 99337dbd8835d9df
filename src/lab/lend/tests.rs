use super::*;

const SUM: &str = "3a9445d4560ad6de1c375756b2a17d97713df44cbd20a658c871fe108af7ef5d";

fn sister() -> MemberName {
    "icc-etcd-1".parse().unwrap()
}

fn packages_of(lines: &str) -> Option<Loan> {
    read(&Lack::Packages, &sister(), &format!("{lines}whole")).map(|(loan, _)| loan)
}

#[test]
fn packages_are_lent_whole_and_known_by_their_sums_or_not_at_all() {
    let server = format!("deb etcd-server 1:3.4.23-4+b4 amd64 8438488 {SUM}\n");
    let client = format!("deb etcd-client 3.4.23-4+b4 amd64 4644128 {SUM}\n");
    let loan = packages_of(&format!("{server}{client}")).unwrap();
    assert_eq!(loan.remedy(&[]), Remedy::Packages { from: sister(), bytes: 13_082_616 });
    assert_eq!(loan.remedy(&[]).cost(), "13 MB over SSH, same SHA-256, no more");
    let Loan::Packages { debs, .. } = loan else { panic!() };
    assert_eq!(debs[0].content.name, "etcd-server_1%3a3.4.23-4+b4_amd64.deb");
    for bad in [
        server.clone(),
        format!("{server}deb etcd-client 3.4 amd64  \n"),
        format!("{server}deb etcd-client 3.4 amd64 12 abc\n"),
        format!("{server}deb etcd-client $(reboot) amd64 12 {SUM}\n"),
        format!("{server}deb ../etcd-client 3.4 amd64 12 {SUM}\n"),
        format!("{server}deb etcd-client 3.4 amd64 99999999999 {SUM}\n"),
    ] {
        assert_eq!(packages_of(&bad), None, "{bad}");
    }
    assert!(read(&Lack::Packages, &sister(), &format!("{server}{client}")).is_none(), "cut off");
}

#[test]
fn a_file_is_lent_as_it_was_seen_on_all_and_told_without_its_password() {
    let path = "/etc/apt/apt.conf.d/95proxy".to_owned();
    let lack = |sum: &str| Lack::File { path: path.clone(), sum: sum.to_owned() };
    let said = format!("file root:root 600 61 {SUM}  -\nQUJD\nREVG\nwhole");
    let (loan, content) = read(&lack("3a9445d4"), &sister(), &said).unwrap();
    assert_eq!(content, "QUJDREVG");
    let text = [r#"Acquire::http::Proxy "http://ops:s3/cr@t@proxy:3128";"#.to_owned()];
    let Remedy::File { owner, lines, .. } = loan.remedy(&text) else { panic!() };
    assert_eq!(owner, "root:root 600");
    assert_eq!(lines, [r#"Acquire::http::Proxy "http://…@proxy:3128";"#]);
    let task = file(&loan).unwrap();
    assert!(!task.change.text.contains("QUJD"), "its content is not in the text");
    assert!(task.change.around_file().is_some(), "{}", task.change.text);
    assert!(read(&lack("3a9445d5"), &sister(), &said).is_none(), "not the one that all have");
    for bad in [said.replace("root:root", "root:$(x)"), said.replace("600", "6;0")] {
        assert!(read(&lack("3a9445d4"), &sister(), &bad).is_none(), "{bad}");
    }
    let elsewhere = Lack::File { path: "/etc/passwd".to_owned(), sum: "3a9445d4".to_owned() };
    assert!(read(&elsewhere, &sister(), &said).is_none());
}

#[test]
fn no_password_is_left_in_a_line() {
    for (line, told) in [
        ("Proxy \"http://proxy:3128\";", "Proxy \"http://proxy:3128\";"),
        ("Proxy \"http://u:p@proxy:3128/\";", "Proxy \"http://…@proxy:3128/\";"),
        ("Proxy u:p@w@proxy;", "Proxy …@proxy;"),
        ("http://a:b@c http://d:e@f", "http://…@c http://…@f"),
    ] {
        assert_eq!(masked(line), told);
    }
}

#[test]
fn the_texts_are_ones_that_sh_can_read() {
    let deb =
        |package: &str| deb(&format!("deb {package} 3.4.23-4+b4 amd64 8438488 {SUM}")).unwrap();
    let debs = [deb("etcd-server"), deb("etcd-client")];
    let mut tasks = packages(&sister(), &debs);
    tasks.push(fetched(&debs, &sister()));
    for task in &tasks {
        for script in [&task.holds, &task.change] {
            let mut sh = std::process::Command::new("sh");
            let ran = sh.args(["-n", "-c", &script.text]).output().unwrap();
            assert!(ran.status.success(), "{}: {ran:?}", script.text);
        }
    }
}

/// Runs the install's text with an apt that says so.
fn install(apt: &str) -> std::process::Output {
    let deb = |package: &str| deb(&format!("deb {package} 3.4 amd64 8438488 {SUM}")).unwrap();
    let task = packages(&sister(), &[deb("etcd-server"), deb("etcd-client")]).pop().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("apt-get");
    std::fs::write(&program, format!("#!/bin/sh\n{apt}")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).unwrap();
    let path = format!("{}:{}", dir.path().display(), std::env::var("PATH").unwrap());
    std::process::Command::new("sh")
        .args(["-c", &task.change.text])
        .env("PATH", path)
        .output()
        .unwrap()
}

#[test]
fn what_is_needed_beside_is_named_and_nothing_is_installed() {
    let really = "case $* in *--simulate*) ;; *) echo INSTALLED; exit 0 ;; esac\n";
    for (says, more) in [
        ("echo ' etcd-server : Depends: pipexec but it is not installable'; exit 100", "pipexec"),
        ("echo 'Inst adduser (3.1)'; echo 'Inst etcd-server (3.4)'", "adduser"),
        (
            "echo ' etcd-server : PreDepends: init (>= 1) but 0 is to be installed'; \
             echo '  Depends: libc6 (>= 2.34) but it is not going to be installed'; exit 100",
            "init libc6",
        ),
    ] {
        let ran = install(&format!("{really}{says}\n"));
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(!ran.status.success() && !said.contains("INSTALLED"), "{said}");
        let found = crate::diagnose::journal(&sister(), &said.lines().collect::<Vec<_>>());
        assert_eq!(found[0].id, "more-packages-needed");
        assert!(found[0].says.contains(more), "{}", found[0].says);
    }
    let well = "echo 'Inst etcd-server (3.4)'; echo 'Inst etcd-client (3.4)'";
    let ran = install(&format!("{really}{well}\n"));
    assert!(ran.status.success() && ran.stdout.starts_with(b"INSTALLED"), "{ran:?}");
}
