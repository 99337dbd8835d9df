//! Page 9, with what the run tells while a person types.

use crossterm::event::KeyCode;
use quorate::{
    app::{Effect, Look, Model, Msg, Order, Page, page::guided, update},
    cluster::MemberName,
    event::{Finding, RunEvent, Severity, Stamped, Step, TaskId, TaskPlan},
};

use super::{HEALTHY, draw, key, play, snapshot};

/// A step in the person's own hands: what holds, what does not, what is wrong, and their shell.
#[test]
#[expect(clippy::too_many_lines, reason = "one sitting, from the first look to the last")]
fn a_step_in_the_persons_own_hands() {
    let node: MemberName = "icc-etcd-1".parse().expect("a name");
    let at = |step, ms| {
        let mut model = play(HEALTHY, &[(800, &[KeyCode::Enter])], ms);
        model.can.by_hand = true;
        update(&mut model, Msg::Resized(80, 24));
        model.page = Page::Guided;
        model.guided.step = Some(step);
        let ways = guided::ways(&model);
        let hand = ways.iter().position(|w| matches!(w, guided::Way::ByHand(_))).expect("a way");
        (0..hand).for_each(|_| key(&mut model, KeyCode::Down));
        let effects = update(&mut model, Msg::Key(KeyCode::Enter.into()));
        let [Effect::TakeOver { .. }, Effect::Order(Order::Watch { .. }), ..] = effects.as_slice()
        else {
            panic!("a shell, and somebody who looks");
        };
        model
    };
    let tell = |model: &mut Model, event| {
        let ms = model.run.ms + 100;
        update(model, Msg::Run(Box::new(Stamped { ms, event })));
    };
    let watch = |model: &mut Model, step, ticks: &[(&str, bool, &str)]| {
        let look = None;
        tell(model, RunEvent::Watching { node: node.clone(), step, look });
        tell(model, RunEvent::StepStarted { node: node.clone(), step });
        let plan = |(name, ..): &(&str, bool, &str)| TaskPlan {
            id: TaskId::new(step, name),
            title: format!("Install {name}"),
            holds: "dpkg-query -W etcd-server\n".to_owned(),
            change: "apt-get install -y etcd-server\n".to_owned(),
            undo: None,
        };
        let tasks = ticks.iter().map(plan).collect();
        tell(model, RunEvent::Planned { node: node.clone(), step, tasks });
        for (name, holds, says) in ticks {
            let task = TaskId::new(step, name);
            let says = if *holds { Vec::new() } else { vec![(*says).to_owned()] };
            tell(model, RunEvent::Probed { node: node.clone(), task, holds: *holds, says });
        }
        tell(model, RunEvent::Watched { node: node.clone(), step, wrong: None });
    };
    let found = |id: &str, says: &str, evidence: &str| Finding {
        id: id.to_owned(),
        node: Some(node.clone()),
        severity: Severity::Look,
        says: says.to_owned(),
        cause: "Debian 12 split it into etcd-server and etcd-client.".to_owned(),
        evidence: vec![evidence.to_owned()],
        remedy: "Install etcd-server and etcd-client.".to_owned(),
    };
    let mut model = at(Step::Install, 1110);
    watch(
        &mut model,
        Step::Install,
        &[
            ("hold-back", true, ""),
            ("packages", false, "package etcd-server: not installed"),
            ("release", false, "etcd is masked: it cannot be started"),
        ],
    );
    let shell = "root@icc-etcd-1:~# apt-get install etcd\r\nE: Package 'etcd' has no \
                 installation candidate\r\nroot@icc-etcd-1:~# ";
    update(&mut model, Msg::Shell(shell.as_bytes().to_vec()));
    let heard = found("no-candidate", "apt on icc-etcd-1 offers no package etcd.", "");
    let effects = update(&mut model, Msg::Overheard(heard.clone()));
    assert!(matches!(effects.as_slice(), [Effect::Order(Order::Overheard(_))]));
    tell(&mut model, RunEvent::Overheard { finding: heard });
    let typed = update(&mut model, Msg::Key(KeyCode::Char('q').into()));
    assert!(matches!(typed.as_slice(), [Effect::Type(bytes)] if bytes == b"q"));
    let typed = update(&mut model, Msg::Key(KeyCode::Enter.into()));
    let [Effect::Type(_), Effect::Order(Order::LookAgain { soon: true })] = typed.as_slice() else {
        panic!("a line is looked after");
    };
    hand_snapshot("by-hand", &mut model);
    key(&mut model, KeyCode::F(2));
    for name in ["by-hand-hint", "by-hand-line"] {
        let effects = update(&mut model, Msg::Key(KeyCode::Char('h').into()));
        assert!(matches!(effects.as_slice(), [Effect::Order(Order::Hinted { .. })]));
        insta::assert_snapshot!(name, draw(&model, 80, 24).backend());
    }
    let effects = update(&mut model, Msg::Key(KeyCode::Char('h').into()));
    let [Effect::Order(Order::Hinted { .. }), Effect::Order(Order::Aim { .. })] =
        effects.as_slice()
    else {
        panic!("it is done for them");
    };
    key(&mut model, KeyCode::Char('v'));
    snapshot("by-hand-looked", model);
    let mut model = at(Step::Start, 6000);
    watch(
        &mut model,
        Step::Start,
        &[
            ("loaded", true, ""),
            ("enabled", true, ""),
            ("started", true, ""),
            ("ready", false, "etcd is activating"),
        ],
    );
    let wrong = Some(vec![found("start-waits", "etcd is starting.", "starts since 14 s")]);
    tell(&mut model, RunEvent::Watched { node: node.clone(), step: Step::Start, wrong });
    hand_snapshot("by-hand-start", &mut model);
    for width in (0..=130).step_by(5) {
        for height in 0..=45 {
            update(&mut model, Msg::Resized(width, height));
            draw(&model, width, height);
        }
    }
    update(&mut model, Msg::Resized(80, 24));
    key(&mut model, KeyCode::F(2));
    let effects = update(&mut model, Msg::Key(KeyCode::Char('u').into()));
    assert!(effects.is_empty(), "it asks first");
    key(&mut model, KeyCode::Esc);
    key(&mut model, KeyCode::Esc);
    assert_eq!(model.page, Page::Guided);
}

/// As [`snapshot`], with the shell fitted to each size.
fn hand_snapshot(name: &str, model: &mut Model) {
    for (size, width, height, look) in [
        ("120x40", 120, 40, Look::default()),
        ("ascii", 80, 24, Look { colour: false, ascii: true }),
        ("80x24", 80, 24, Look::default()),
    ] {
        model.look = look;
        update(model, Msg::Resized(width, height));
        insta::assert_snapshot!(format!("{name}-{size}"), draw(model, width, height).backend());
    }
}
