//! The address of a member: what its peers and clients call.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{CLIENT_PORT, PEER_PORT};

/// An IP address of a member.
///
/// Not a name: etcd binds its listeners to it, and refuses names there ("expected IP in URL for
/// binding").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(IpAddr);

/// Why a text is no member's address. Reads on from "the address ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing at all.
    #[error("is empty; an IP address such as 192.0.2.32 would be right")]
    Empty,
    /// A host name.
    #[error("{0:?} is a name; etcd can bind only to an IP address")]
    Name(String),
    /// The lab's own typo: address and port run together.
    #[error("{text:?} is no IP address; is the ':' missing in {address}:{port}?")]
    MissingColon {
        /// As written.
        text: String,
        /// What the address probably is.
        address: IpAddr,
        /// What the port probably is.
        port: u16,
    },
    /// An address with its port.
    #[error("{text:?} has a port; write {address} alone, etcd's ports are fixed")]
    HasPort {
        /// As written.
        text: String,
        /// The address alone.
        address: IpAddr,
    },
    /// An address no peer can call.
    #[error("{0} cannot be called by other machines")]
    NotCallable(IpAddr),
    /// Anything else.
    #[error("{0:?} is no IP address; 192.0.2.32 or 2001:db8::32 would be one")]
    Malformed(String),
}

impl Address {
    /// The address itself.
    #[must_use]
    pub fn ip(self) -> IpAddr {
        self.0
    }

    /// Where clients call: `https://ADDRESS:2379`.
    #[must_use]
    pub fn client_url(self) -> String {
        format!("https://{}", self.client())
    }

    /// Where peers call: `https://ADDRESS:2380`.
    #[must_use]
    pub fn peer_url(self) -> String {
        format!("https://{}", self.with_port(PEER_PORT))
    }

    /// `ADDRESS:2379`, an IPv6 address in brackets.
    #[must_use]
    pub fn client(self) -> String {
        self.with_port(CLIENT_PORT)
    }

    /// `ADDRESS:PORT`, an IPv6 address in brackets.
    #[must_use]
    pub fn with_port(self, port: u16) -> String {
        std::net::SocketAddr::new(self.0, port).to_string()
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        match bare.parse::<IpAddr>() {
            Ok(ip) if ip.is_unspecified() || ip.is_multicast() => {
                Err(AddressError::NotCallable(ip))
            }
            Ok(ip) => Ok(Self(ip)),
            Err(_) => Err(explain(text)),
        }
    }
}

fn explain(text: &str) -> AddressError {
    let owned = text.to_owned();
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return AddressError::HasPort { text: owned, address: socket.ip() };
    }
    for port in [PEER_PORT, CLIENT_PORT] {
        let head = text.strip_suffix(&port.to_string());
        if let Some(address) = head.and_then(|h| h.parse::<IpAddr>().ok()) {
            return AddressError::MissingColon { text: owned, address, port };
        }
    }
    let letters = text.chars().any(|c| c.is_ascii_alphabetic());
    let name_like = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
    if letters && name_like { AddressError::Name(owned) } else { AddressError::Malformed(owned) }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_wrong_and_what_would_be_right() {
        let cases = [
            ("", "is empty; an IP address such as 192.0.2.32 would be right"),
            (
                "141.22.30.352380",
                "\"141.22.30.352380\" is no IP address; \
                 is the ':' missing in 141.22.30.35:2380?",
            ),
            (
                "10.0.0.1:2380",
                "\"10.0.0.1:2380\" has a port; write 10.0.0.1 alone, etcd's ports are fixed",
            ),
            ("node-1", "\"node-1\" is a name; etcd can bind only to an IP address"),
            ("0.0.0.0", "0.0.0.0 cannot be called by other machines"),
            (
                "10.0.0.300",
                "\"10.0.0.300\" is no IP address; 192.0.2.32 or 2001:db8::32 would be one",
            ),
        ];
        for (text, want) in cases {
            assert_eq!(text.parse::<Address>().unwrap_err().to_string(), want, "{text:?}");
        }
    }

    #[test]
    fn an_ipv6_address_has_brackets_in_urls_only() {
        for text in ["2001:db8::32", "[2001:db8::32]"] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.to_string(), "2001:db8::32");
            assert_eq!(address.peer_url(), "https://[2001:db8::32]:2380");
        }
    }
}
