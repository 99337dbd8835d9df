//! The machines' network: one bridge of our own. No routing, no NAT, no firewall rule.

use std::{net::Ipv4Addr, path::Path};

use super::{command, error::Error};

/// Makes the bridge with the first address of the subnet, if it is not there.
pub(super) fn up(bridge: &str, subnet: Ipv4Addr) -> Result<(), Error> {
    if let Some(by) = taken(subnet, bridge) {
        return Err(Error::SubnetTaken { subnet, by });
    }
    if !exists(bridge) {
        ip(&["link", "add", bridge, "type", "bridge"])?;
    }
    let address = format!("{}/24", host(subnet, 1));
    ip(&["address", "replace", &address, "dev", bridge])?;
    ip(&["link", "set", bridge, "up"])?;
    // A machine that is just booting is asked for its address ten times a second, not once
    // (arp(7), retrans_time_ms); only here.
    let quick = format!("/proc/sys/net/ipv4/neigh/{bridge}/retrans_time_ms");
    let _ = std::fs::write(quick, "100");
    Ok(())
}

/// Removes the bridge, its address and its route.
pub(super) fn down(bridge: &str) -> Result<(), Error> {
    remove_link(bridge)
}

/// Removes an interface. None of that name is as good.
pub(super) fn remove_link(name: &str) -> Result<(), Error> {
    if !exists(name) {
        return Ok(());
    }
    // The kernel removes the link of an ended machine by itself, perhaps just now.
    ip(&["link", "delete", name]).or_else(|e| if exists(name) { Err(e) } else { Ok(()) })
}

fn exists(link: &str) -> bool {
    Path::new("/sys/class/net").join(link).exists()
}

fn ip(args: &[&str]) -> Result<(), Error> {
    command::run("ip", args).map(drop)
}

/// The host of that number in the subnet.
pub(super) fn host(subnet: Ipv4Addr, number: u8) -> Ipv4Addr {
    let [a, b, c, _] = subnet.octets();
    Ipv4Addr::new(a, b, c, number)
}

/// The interface that has a part of the subnet, other than our own.
pub(super) fn taken(subnet: Ipv4Addr, bridge: &str) -> Option<String> {
    let routes = command::run("ip", &["-4", "-o", "route", "show", "table", "all"]).ok()?;
    user_of(&routes, subnet, bridge)
}

fn user_of(routes: &str, subnet: Ipv4Addr, bridge: &str) -> Option<String> {
    let end = host(subnet, 255).to_bits();
    routes.lines().find_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let kinds = ["local", "broadcast", "unicast", "blackhole", "unreachable", "prohibit"];
        let target = words.iter().find(|w| !kinds.contains(w))?;
        let (net, length) = target.split_once('/').unwrap_or((target, "32"));
        let first = net.parse::<Ipv4Addr>().ok()?.to_bits();
        let length: u32 = length.parse().ok()?;
        // A default route, or half of one as VPNs make it, is in nobody's way.
        if length < 8 {
            return None;
        }
        let last = first | u32::MAX.checked_shr(length).unwrap_or(0);
        let device = words.iter().skip_while(|w| **w != "dev").nth(1).copied();
        let device = device.unwrap_or("a route without an interface");
        let apart = last < subnet.to_bits() || first > end;
        (!apart && device != bridge).then(|| device.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subnet_is_taken_by_whatever_covers_a_part_of_it() {
        let routes = "\
default via 192.0.2.1 dev eth0 \n\
0.0.0.0/1 dev tun0 \n\
198.18.0.0/16 dev clash proto kernel scope link src 198.18.0.1 \n\
198.19.30.7 dev wg0 scope link \n\
10.9.8.0/24 dev qrt-1 proto kernel scope link src 10.9.8.1 \n\
broadcast 10.9.7.255 dev eth1 table local proto kernel scope link \n";
        let cases = [
            ("198.18.30.0", Some("clash")),
            ("198.19.30.0", Some("wg0")),
            ("198.19.31.0", None),
            ("10.9.8.0", None),
            ("10.9.7.0", Some("eth1")),
        ];
        for (subnet, want) in cases {
            let subnet = subnet.parse().unwrap();
            assert_eq!(user_of(routes, subnet, "qrt-1").as_deref(), want, "{subnet}");
        }
    }
}
