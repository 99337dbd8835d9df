//! How far mmdebstrap is, read from what it and apt print: real counts, never a clock.

use super::Progress;

/// The stages mmdebstrap announces ("I: …"), and the percent at which each begins. Measured on
/// two cores and a near mirror; a slow network makes the second and third longer, no more.
const STAGES: [(&str, u8, &str); 6] = [
    ("I: running apt-get update", 1, "reading what Debian offers"),
    ("I: downloading packages", 10, "downloading the base system"),
    ("I: extracting archives", 20, "unpacking the base system"),
    ("I: installing essential packages", 31, "installing the base system"),
    ("I: installing remaining packages", 61, "installing systemd and openssh-server"),
    ("I: running --customize-hook", 92, "fetching the etcd packages for later"),
];
/// Where the last stage ends.
const END: u8 = 96;

/// Reads lines, gives steps.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    stage: usize,
    packages: u32,
    done: u32,
    percent: u8,
}

impl Gauge {
    /// What a line tells, if anything. The percent never falls.
    pub(super) fn read(&mut self, line: &str) -> Option<Progress> {
        let line = line.trim_end();
        if let Some(at) = STAGES.iter().position(|(begin, ..)| line.starts_with(begin)) {
            self.stage = at;
            self.done = 0;
            let (_, _, doing) = STAGES.get(at)?;
            return Some(self.step((*doing).to_owned()));
        }
        if let Some(new) = newly_installed(line) {
            self.packages = new;
            return None;
        }
        let words = |after: &str| after.split([' ', ':']).next().unwrap_or_default().to_owned();
        let doing = if line.starts_with("Get:") {
            format!("downloading {}", line.split(' ').nth(4).unwrap_or("package lists"))
        } else if let Some(rest) = line.strip_prefix("Unpacking ") {
            format!("unpacking {}", words(rest))
        } else if let Some(rest) = line.strip_prefix("Setting up ") {
            format!("installing {}", words(rest))
        } else {
            return None;
        };
        self.done = self.done.saturating_add(1);
        Some(self.step(doing))
    }

    fn step(&mut self, doing: String) -> Progress {
        let begin = STAGES.get(self.stage).map_or(0, |s| s.1);
        let end = STAGES.get(self.stage + 1).map_or(END, |s| s.1);
        // A package is fetched, unpacked and set up: up to three lines.
        let all = self.packages.max(1).saturating_mul(if self.stage < 3 { 1 } else { 3 });
        let within = u32::from(end - begin).saturating_mul(self.done.min(all)) / all;
        let percent = begin.saturating_add(u8::try_from(within).unwrap_or(0));
        self.percent = self.percent.max(percent);
        Progress { percent: self.percent, doing }
    }
}

fn newly_installed(line: &str) -> Option<u32> {
    let (head, _) = line.split_once(" newly installed")?;
    head.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
I: automatically chosen mode: root
I: running apt-get update...
Get:1 http://mirror.example/debian bookworm InRelease [151 kB]
Fetched 9417 kB in 2s (4796 kB/s)
I: downloading packages with apt...
0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.
Get:1 http://mirror.example/debian bookworm/main amd64 libc6 amd64 2.36-9 [2757 kB]
I: extracting archives...
I: installing essential packages...
Unpacking libc6:amd64 (2.36-9) ...
Setting up libc6:amd64 (2.36-9) ...
I: installing remaining packages inside the chroot...
0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded.
Unpacking openssh-server (1:9.2p1-2) ...
Setting up openssh-server (1:9.2p1-2) ...
I: running --customize-hook in shell: sh -c 'chroot' exec /image
I: cleaning package lists and apt cache...
I: success in 26.7 seconds
";

    #[test]
    fn says_what_is_being_done_and_never_goes_back() {
        let mut gauge = Gauge::default();
        let steps: Vec<_> = OUTPUT.lines().filter_map(|l| gauge.read(l)).collect();
        assert!(steps.is_sorted_by_key(|s| s.percent), "{steps:?}");
        let doing: Vec<_> = steps.iter().map(|s| s.doing.as_str()).collect();
        assert!(doing.contains(&"downloading libc6"), "{doing:?}");
        assert!(doing.contains(&"unpacking openssh-server"), "{doing:?}");
        assert!(doing.contains(&"installing openssh-server"), "{doing:?}");
        assert_eq!(steps.last().map(|s| s.percent), Some(92));
    }

    #[test]
    fn hostile_counts_do_not_pass_the_end_of_their_stage() {
        let mut gauge = Gauge::default();
        gauge.read("I: installing remaining packages inside the chroot...");
        gauge.read("0 upgraded, 4294967295 newly installed, 0 to remove");
        for _ in 0..1000 {
            gauge.read("Unpacking x (1) ...");
        }
        gauge.read("0 upgraded, 0 newly installed, 0 to remove");
        let step = gauge.read("Setting up x (1) ...").unwrap();
        assert!(step.percent <= 92, "{step:?}");
    }
}
