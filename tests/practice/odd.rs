//! One machine is unlike its sisters: it is told what tells it from them, and what it is not.

use super::lab::Lab;

/// A source that nobody serves, and a proxy that its sisters do not have.
const BREAK: &str = "\
mv /etc/apt/sources.list /root/sources.list
echo 'deb http://127.0.0.1/debian bookworm main' >/etc/apt/sources.list
echo 'Acquire::http::Proxy \"http://127.0.0.1:80\";' >/etc/apt/apt.conf.d/95proxy
rm -rf /var/lib/apt/lists/*
";

const MEND: &str = "\
mv /root/sources.list /etc/apt/sources.list
rm /etc/apt/apt.conf.d/95proxy
";

pub(crate) fn the_one_that_is_unlike_its_sisters_is_named_and_goes_on_once_it_is_mended(lab: &Lab) {
    lab.fresh();
    lab.on("icc-etcd-4", BREAK);
    let up = ["up", &lab.file(), "--plain", "--yes"];
    lab.quorate(&up)
        .exits(1)
        .says("icc-etcd-4 cannot reach its package mirror")
        .says("unlike    on icc-etcd-4 alone: /etc/apt/apt.conf.d/95proxy (")
        .says("unlike    on icc-etcd-4 alone: deb http://127.0.0.1/debian bookworm main")
        .says("ruled out apt's lock · disk · clock")
        .says("offered   Take the packages of icc-etcd-");
    lab.on("icc-etcd-4", MEND);
    lab.quorate(&up).exits(0).says("healthy");
}
