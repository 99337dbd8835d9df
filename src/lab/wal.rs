//! Whose an etcd data directory is, read from the first bytes of its log: a stopped member cannot
//! be asked.

use crate::cluster::{ClusterId, MemberId};

/// Holds where a data directory has nobody's data: an etcd that was turned away at its start leaves
/// no log, no snapshot and an empty database of four pages. `dir` is quoted.
#[must_use]
pub fn nobodys(dir: &str) -> String {
    format!(
        "[ ! -e {dir}/member/wal ] && ! ls {dir}/member/snap/*.snap >/dev/null 2>&1 && \
         [ \"$(stat -c %s {dir}/member/snap/db 2>/dev/null || echo 0)\" -le 16384 ]"
    )
}

/// Whose log it is, from the first 256 bytes of its first file in hexadecimal.
///
/// Frames of an 8-byte little-endian length (its top byte tells the padding) and a protobuf record;
/// the one of type 1 holds `{1: node, 2: cluster}` (etcd `server/storage/wal/{encoder,wal}.go`).
#[must_use]
pub fn owner(hex: &str) -> Option<(MemberId, ClusterId)> {
    let digits = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let bytes: Vec<u8> = (0..hex.len() / 2).map_while(|i| digits(i * 2)).collect();
    let mut rest = bytes.as_slice();
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let field = u64::from_le_bytes(*head);
        let len = usize::try_from(field & 0x00ff_ffff_ffff_ffff).ok()?;
        let padding = if field >> 63 == 1 { usize::try_from(field >> 56 & 0x7).ok()? } else { 0 };
        let record = protobuf(tail.get(..len)?);
        if record.iter().any(|f| matches!(f, (1, Field::Number(1)))) {
            let data = record.iter().find_map(|f| match f {
                (3, Field::Bytes(data)) => Some(protobuf(data)),
                _ => None,
            })?;
            let number = |tag| {
                data.iter().find_map(|f| match f {
                    (t, Field::Number(n)) if *t == tag => Some(*n),
                    _ => None,
                })
            };
            return Some((MemberId(number(1)?), ClusterId(number(2)?)));
        }
        rest = tail.get(len + padding..)?;
    }
    None
}

/// The hexadecimal digits that such a log has in its first 256 bytes: the two IDs as they are
/// written there.
#[must_use]
pub fn mark(member: MemberId, cluster: ClusterId) -> String {
    let field = |tag: u8, id: u64| std::iter::once(tag << 3).chain(varint_of(id));
    field(1, member.0).chain(field(2, cluster.0)).map(|byte| format!("{byte:02x}")).collect()
}

fn varint_of(mut n: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let seven = n.to_le_bytes()[0] & 0x7f;
        n >>= 7;
        if n == 0 {
            bytes.push(seven);
            return bytes;
        }
        bytes.push(seven | 0x80);
    }
}

enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a protobuf message, as far as it can be read (protobuf.dev, encoding).
fn protobuf(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while let Some(key) = varint(&mut bytes) {
        let field = match key & 7 {
            0 => varint(&mut bytes).map(Field::Number),
            2 => varint(&mut bytes).and_then(|len| {
                let (data, rest) = bytes.split_at_checked(usize::try_from(len).ok()?)?;
                bytes = rest;
                Some(Field::Bytes(data))
            }),
            _ => None,
        };
        let Some(field) = field else { break };
        fields.push((key >> 3, field));
    }
    fields
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::{fs, process::Command};

    use super::*;

    #[test]
    fn what_an_etcd_leaves_that_was_turned_away_is_nobodys_data() {
        let dir = tempfile::tempdir().unwrap();
        let member = dir.path().join("member");
        let nobodys = || {
            let text = nobodys(dir.path().to_str().unwrap());
            Command::new("sh").arg("-c").arg(text).status().unwrap().success()
        };
        fs::create_dir_all(member.join("snap")).unwrap();
        fs::write(member.join("snap/db"), vec![0; 16384]).unwrap();
        assert!(nobodys());
        // A log that is elsewhere, or was removed: the database has something in it.
        fs::write(member.join("snap/db"), vec![0; 20480]).unwrap();
        assert!(!nobodys());
        fs::write(member.join("snap/db"), vec![0; 16384]).unwrap();
        fs::write(member.join("snap/1-2.snap"), "").unwrap();
        assert!(!nobodys());
        fs::remove_file(member.join("snap/1-2.snap")).unwrap();
        fs::create_dir(member.join("wal")).unwrap();
        assert!(!nobodys());
    }

    /// What Debian's package leaves when it has started etcd alone: every such directory has these
    /// two IDs.
    #[test]
    fn reads_the_ids_of_a_lone_member() {
        let crc = [4, 0, 0, 0, 0, 0, 0, 0x84, 0x08, 0x04, 0x10, 0x00, 0, 0, 0, 0];
        let mut ids = vec![0x08];
        ids.extend(varint_of(0x8e9e_05c5_2164_694d));
        ids.push(0x10);
        ids.extend(varint_of(0xcdf8_1819_4e3a_8c32));
        let mut record = vec![0x08, 0x01, 0x10, 0x05, 0x1a, u8::try_from(ids.len()).unwrap()];
        record.extend(ids);
        let mut bytes = crc.to_vec();
        bytes.extend(u64::try_from(record.len()).unwrap().to_le_bytes());
        bytes.extend(record);
        let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
        let want = (MemberId(0x8e9e_05c5_2164_694d), ClusterId(0xcdf8_1819_4e3a_8c32));
        assert_eq!(owner(&hex), Some(want));
        assert!(hex.contains(&mark(want.0, want.1)));
        for cut in 0..hex.len() {
            assert_eq!(owner(&hex[..cut]), None, "{cut}");
        }
    }
}
