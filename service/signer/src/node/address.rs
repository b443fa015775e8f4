//! Addresses of a node: host and port as people write them, and as the agreement engine does.

use super::error::NodeError;

/// The libp2p address of a host and port.
pub fn multiaddress(address: &str) -> Result<String, NodeError> {
    let (host, port) = host_and_port(address)?;
    Ok(match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(ip)) => format!("/ip4/{ip}/tcp/{port}"),
        Ok(std::net::IpAddr::V6(ip)) => format!("/ip6/{ip}/tcp/{port}"),
        Err(_) => format!("/dns/{host}/tcp/{port}"),
    })
}

/// Whether the agreement engine can listen at a multiaddress of [`multiaddress`]: it takes part in
/// nothing, and says so only in its log, if it cannot. Names are left to it.
///
/// # Errors
///
/// What the system says.
pub fn require_free(address: &str) -> Result<(), NodeError> {
    let parts: Vec<_> = address.split('/').collect();
    let ["", "ip4" | "ip6", ip, "tcp", port] = parts.as_slice() else { return Ok(()) };
    let invalid = || NodeError::Address(address.to_owned());
    let ip: std::net::IpAddr = ip.parse().map_err(|_| invalid())?;
    let port: u16 = port.parse().map_err(|_| invalid())?;
    let bound = std::net::TcpListener::bind((ip, port));
    bound.map(drop).map_err(|source| NodeError::Listen { address: address.to_owned(), source })
}

pub fn host_and_port(address: &str) -> Result<(&str, u16), NodeError> {
    let invalid = || NodeError::Address(address.to_owned());
    let (host, port) = address.rsplit_once(':').ok_or_else(invalid)?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(invalid)?;
    if host.is_empty() || host.contains('/') { Err(invalid()) } else { Ok((host, port)) }
}
