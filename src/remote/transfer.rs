//! Files over SSH: as base64, in the texts and answers of the one line each node has, so that
//! root, jump hosts and cancels are what they are for every text.

use super::{Answer, Call, Host, HostError, Stream};

/// Characters of base64 in a line; the line of an answer may have 4096 bytes.
const WIDTH: usize = 4000;
/// What follows each file that a text says.
const END: &str = ".";

/// Runs a text that says files as base64, a line with a dot after each; gives them with how it
/// ended. `most` is how many bytes all of them may have; `sink` hears how many have come.
///
/// # Errors
/// If it did not come to an end.
pub fn fetch(
    host: &mut dyn Host,
    call: Call<'_>,
    most: usize,
    sink: &mut dyn FnMut(usize),
) -> Result<(Answer, Vec<Vec<u8>>), HostError> {
    let (mut files, mut open, mut came) = (Vec::new(), String::new(), 0);
    let mut answers = host.run(&[call], &mut |_, stream, line| {
        if stream == Stream::Err {
            return;
        }
        if line == END {
            files.push(decoded(&std::mem::take(&mut open)));
        } else if came <= most {
            came += line.len() / 4 * 3;
            open.push_str(line);
            sink(came);
        }
    })?;
    let answer = answers.pop().ok_or(HostError::Lost { reason: "no answer came".to_owned() })?;
    // What is no base64 is not the file that was asked for.
    let files = files.into_iter().map(Option::unwrap_or_default).collect();
    Ok((answer, files))
}

/// These bytes as lines of base64, for a here-document.
#[must_use]
pub fn encoded(bytes: &[u8]) -> String {
    let all = openssl::base64::encode_block(bytes);
    let mut lines = String::with_capacity(all.len() + all.len() / WIDTH + 1);
    for line in all.as_bytes().chunks(WIDTH) {
        lines.push_str(&String::from_utf8_lossy(line));
        lines.push('\n');
    }
    lines
}

/// The bytes that base64 stands for, without line ends in it. `None` if it is none.
#[must_use]
pub fn decoded(text: &str) -> Option<Vec<u8>> {
    openssl::base64::decode_block(text).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::remote::scripted::ScriptedHost;

    fn call() -> Call<'static> {
        Call { text: b"give", root: true, limit: Duration::from_secs(1) }
    }

    #[test]
    fn files_of_any_bytes_come_as_they_are() {
        let bytes: Vec<u8> = (0..=255).cycle().take(9001).collect();
        let said = format!("{}.\n{}.\n.\n!!\n.\n", encoded(&bytes), encoded(b"a"));
        assert!(said.lines().all(|line| line.len() <= WIDTH));
        let mut host = ScriptedHost::default().expect("give", 0, &said);
        let mut came = 0;
        let (_, files) = fetch(&mut host, call(), 20_000, &mut |bytes| came = bytes).unwrap();
        assert_eq!(files, [bytes, b"a".to_vec(), vec![], vec![]]);
        assert!(came >= 9002);
    }

    #[test]
    fn who_says_more_than_was_asked_for_is_not_stored() {
        let said = format!("{}.\n", encoded(&vec![7; 60_000]));
        let mut host = ScriptedHost::default().expect("give", 0, &said);
        let (_, files) = fetch(&mut host, call(), 9000, &mut |_| ()).unwrap();
        assert!(files[0].len() < 9000 + WIDTH, "{}", files[0].len());
    }
}
