//! What a value must look like, with the words that say so.

use crate::reader::Section;
use domain::limits::{LOCALE_LETTERS, NAME_LETTERS};
use std::net::{IpAddr, SocketAddr};

pub(crate) const SLUG: &str = "1 to 40 lower-case letters, digits and '-', first and last no '-'";
pub(crate) const TOKEN: &str = "1 to 40 letters, digits, '-' and '_'";
pub(crate) const ZONE: &str = "an IANA name, as in Europe/Lisbon";
pub(crate) const LANGUAGE: &str = "a BCP 47 tag, as in en or pt-BR";
pub(crate) const HOST_PORT: &str = "host:port, as in 10.0.0.1:8080 or node-1.example.net:8080";
pub(crate) const ORIGIN: &str = "origins, as in https://order.example.net, or \"*\"";
pub(crate) const ADDRESS: &str =
    "an https:// address; http:// only on this machine, for a key would be readable on the way";
pub(crate) const LEVEL: &str =
    "error, warn, info, debug or trace, or directives as in info,raft=debug";

const SLUG_LETTERS: usize = 40;

pub(crate) fn is_slug(text: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=SLUG_LETTERS).contains(&text.len())
        && text.chars().all(known)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

pub(crate) fn is_token(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=SLUG_LETTERS).contains(&text.len()) && text.chars().all(known)
}

pub(crate) fn is_name(text: &str) -> bool {
    (1..=NAME_LETTERS).contains(&text.chars().count())
}

pub(crate) fn is_zone(text: &str) -> bool {
    domain::calendar::is_known_zone(text)
}

pub(crate) fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or("");
    let letters = first.chars().all(|c| c.is_ascii_alphabetic());
    text.len() <= LOCALE_LETTERS
        && (2..=8).contains(&first.len())
        && letters
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
        })
}

pub(crate) fn is_host_port(text: &str) -> bool {
    host_of(text).is_some()
}

pub(crate) fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text == "*"
        || host.is_some_and(|host| {
            let known = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
            !host.is_empty() && host.chars().all(known)
        })
}

/// An address to which secrets may be sent.
pub(crate) fn is_address(text: &str) -> bool {
    let host = |rest: &str| rest.split(['/', '?']).next().unwrap_or_default().to_owned();
    let with_port = |host: &str| match host.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => host.to_owned(),
        _ => format!("{host}:80"),
    };
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains('@');
    match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => plain && is_host_port(&with_port(&host(rest))),
        (_, Some(rest)) => plain && is_loopback(&with_port(&host(rest))),
        (None, None) => false,
    }
}

pub(crate) fn is_level(text: &str) -> bool {
    let levels = ["error", "warn", "info", "debug", "trace", "off"];
    !text.is_empty()
        && text.split(',').all(|part| match part.split_once('=') {
            Some((target, level)) => !target.is_empty() && levels.contains(&level),
            None => levels.contains(&part),
        })
}

/// Whether `host:port` can only be reached from this machine.
pub(crate) fn is_loopback(address: &str) -> bool {
    let Some(host) = host_of(address) else { return false };
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// The address that is told to others: the given one, else the one that is listened at.
pub(crate) fn advertised(
    s: &mut Section<'_, '_>,
    key: &str,
    listen: Option<SocketAddr>,
) -> Option<String> {
    if s.has(key) {
        return s.text(key, is_host_port, HOST_PORT);
    }
    let listen = listen?;
    if listen.ip().is_unspecified() || listen.port() == 0 {
        s.wrong(key, format!("required, because nobody can reach {listen}"));
        return None;
    }
    Some(listen.to_string())
}

fn host_of(address: &str) -> Option<&str> {
    let (host, port) = address.rsplit_once(':')?;
    if !port.parse().is_ok_and(|port: u16| port > 0) {
        return None;
    }
    if let Some(ip) = host.strip_prefix('[') {
        let ip = ip.strip_suffix(']')?;
        return ip.parse().is_ok_and(|ip: IpAddr| ip.is_ipv6()).then_some(ip);
    }
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_';
    (!host.is_empty() && host.chars().all(known)).then_some(host)
}
