//! Which addresses may be asked: those of the public internet, on the ports of the web.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;

/// Ports that the web uses.
const PORTS: [u16; 4] = [80, 443, 8080, 8443];
/// Longest address, in characters.
const LONGEST: usize = 2000;

/// Why an address is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not an address of the web, or one with a name and a password.
    #[error("not an address of the web")]
    Address,
    /// A port that the web does not use.
    #[error("a port that the web does not use")]
    Port,
    /// It leads to this machine, to a private network or to another place that is not public.
    #[error("the name leads to a place that is not public")]
    Private,
}

impl Refusal {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Port => "port",
            Self::Private => "private",
        }
    }
}

/// The rule, with what a test may ask besides.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    also: Vec<SocketAddr>,
}

impl Guard {
    /// The rule with places that may be asked besides: tests have servers of their own.
    pub fn also(places: impl IntoIterator<Item = SocketAddr>) -> Self {
        Self {
            also: places.into_iter().collect(),
        }
    }

    /// Whether an address may be asked, as far as its text tells.
    ///
    /// # Errors
    /// When it may not.
    pub fn text(&self, text: &str) -> Result<Url, Refusal> {
        if text.chars().count() > LONGEST {
            return Err(Refusal::Address);
        }
        let url = Url::parse(text).map_err(|_unreadable| Refusal::Address)?;
        self.url(&url)?;
        Ok(url)
    }

    /// The same, for an address that was read.
    ///
    /// # Errors
    /// When it may not be asked.
    pub fn url(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some()
        {
            return Err(Refusal::Address);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(Refusal::Address);
        }
        let port = url.port_or_known_default().ok_or(Refusal::Port)?;
        if !PORTS.contains(&port) && !self.also.iter().any(|place| place.port() == port) {
            return Err(Refusal::Port);
        }
        Ok(())
    }

    /// Whether the address itself is written as a number, and of a place that may not be asked: no name is looked up then.
    ///
    /// # Errors
    /// When it may not be asked.
    pub fn literal(&self, url: &Url) -> Result<(), Refusal> {
        let host = url.host_str().unwrap_or("");
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let Ok(address) = bare.parse::<IpAddr>() else {
            return Ok(());
        };
        let port = url.port_or_known_default().ok_or(Refusal::Port)?;
        self.places(vec![SocketAddr::new(address, port)]).map(|_| ())
    }

    /// The places that a test asked for besides, when a name leads to nothing else.
    pub(crate) fn excepted(&self, found: &[SocketAddr]) -> Option<Vec<SocketAddr>> {
        let known = |place: &SocketAddr| self.also.iter().any(|one| one.ip() == place.ip());
        (!found.is_empty() && found.iter().all(known)).then(|| found.to_vec())
    }

    /// The places that a name leads to, when every one of them may be asked. One that may not refuses them all: a name
    /// that leads to both is one that somebody set up to get in.
    ///
    /// # Errors
    /// When one may not be asked, or there is none.
    pub fn places(&self, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Refusal> {
        let fine = |place: &SocketAddr| {
            self.also.contains(place) || (is_public(place.ip()) && PORTS.contains(&place.port()))
        };
        if found.is_empty() || !found.iter().all(fine) {
            return Err(Refusal::Private);
        }
        Ok(found)
    }
}

/// Whether an address belongs to the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match a {
        // This network, private networks, this machine, multicast and what is reserved.
        0 | 10 | 127 | 224..=255 => true,
        // Shared by carriers.
        100 => (64..128).contains(&b),
        // Link-local: metadata of clouds.
        169 => b == 254,
        172 => (16..32).contains(&b),
        // Protocol assignments, documentation, 6to4 relays, private, benchmarks, documentation.
        192 => matches!((b, c), (0, 0 | 2) | (88, 99) | (168, _)),
        198 => matches!((b, c), (18 | 19, _) | (51, 100)),
        203 => (b, c) == (0, 113),
        // A public address that a cloud uses for its metadata.
        168 => address == Ipv4Addr::new(168, 63, 129, 16),
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([h0, h1], [l0, l1]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(h0, h1, l0, l1)
    };
    // An IPv4 address may hide in one of IPv6: mapped, translated by NAT64, or in 6to4.
    match (a, b) {
        (0, 0) if (c, d, e, f) == (0, 0, 0, 0xffff) => return is_public_v4(v4(g, h)),
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => return is_public_v4(v4(g, h)),
        (0x2002, _) => return is_public_v4(v4(b, c)),
        _ => {}
    }
    // Global unicast, without documentation, benchmarks, Teredo, ORCHID and what is reserved for protocols.
    let global = (0x2000..0x4000).contains(&a);
    let protocols = a == 0x2001 && b < 0x200;
    let documentation = (a == 0x2001 && b == 0xdb8) || a == 0x3fff && b < 0x1000;
    global && !protocols && !documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_are_not_public_are_told_in_both_families() {
        for text in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "9.9.9.9",
            "172.32.0.1",
            "192.0.1.1",
            "100.63.0.1",
            "2a01:e0a::1",
            "2606:4700::1111",
            "::ffff:9.9.9.9",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn texts_that_are_no_address_of_the_web_are_refused() {
        let guard = Guard::default();
        for (text, refusal) in [
            ("ftp://ville.example/x", Refusal::Address),
            ("file:///etc/passwd", Refusal::Address),
            ("gopher://ville.example:70/1", Refusal::Address),
            ("javascript:alert(1)", Refusal::Address),
            ("http://moi:secret@ville.example/", Refusal::Address),
            ("http://", Refusal::Address),
            ("http://ville.example:22/", Refusal::Port),
            ("http://ville.example:6379/", Refusal::Port),
        ] {
            assert_eq!(guard.text(text).unwrap_err(), refusal, "{text}");
        }
        assert!(guard.text("https://ville.example/projet?x=1").is_ok());
        assert!(
            guard
                .text(&format!("https://ville.example/{}", "a".repeat(2000)))
                .is_err()
        );
    }

    #[test]
    fn one_place_that_may_not_be_asked_refuses_the_name() {
        let guard = Guard::default();
        let public: SocketAddr = "9.9.9.9:443".parse().unwrap();
        let inside: SocketAddr = "10.0.0.1:443".parse().unwrap();
        assert!(guard.places(vec![public]).is_ok());
        assert_eq!(guard.places(vec![public, inside]), Err(Refusal::Private));
        assert_eq!(guard.places(Vec::new()), Err(Refusal::Private));
    }
}
