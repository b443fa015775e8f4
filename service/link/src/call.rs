//! The caller's end.

use std::time::Duration;

use snow::Builder;
use tokio::{net::TcpStream, time::timeout};

use crate::{
    HANDSHAKE_TIME, LinkError, LinkKey, PATTERN, PROLOGUE,
    channel::{Channel, read_frame, write_frame},
};

/// An established link to a node.
pub struct Link {
    channel: Channel,
}

impl Link {
    /// Sends a request and waits for its answer. A link that failed once is not used again: the
    /// answers would be out of step.
    pub async fn ask(&mut self, request: &[u8], deadline: Duration) -> Result<Vec<u8>, LinkError> {
        let exchange = async {
            self.channel.send(request).await?;
            self.channel.receive().await
        };
        let answer = timeout(deadline, exchange).await;
        answer.unwrap_or_else(|_| Err(LinkError::Late { peer: self.channel.peer.clone(), deadline }))
    }
}

/// Opens a link to the node at `address` that holds the static key `node`; answers are at most
/// `limit` bytes.
pub async fn connect(
    address: &str,
    own: &LinkKey,
    node: &[u8; 32],
    limit: usize,
    deadline: Duration,
) -> Result<Link, LinkError> {
    let opening = timeout(deadline.min(HANDSHAKE_TIME), open(address, own, node, limit)).await;
    opening.unwrap_or_else(|_| Err(LinkError::Late { peer: address.into(), deadline }))
}

async fn open(address: &str, own: &LinkKey, node: &[u8; 32], limit: usize) -> Result<Link, LinkError> {
    let io = |source| LinkError::Io { peer: address.into(), source };
    let failed = |_| LinkError::Handshake { peer: address.into() };
    let closed = |_| LinkError::Handshake { peer: address.into() };
    let mut stream = TcpStream::connect(address).await.map_err(io)?;
    stream.set_nodelay(true).map_err(io)?;
    let pattern = PATTERN.parse().map_err(failed)?;
    let builder = Builder::new(pattern).local_private_key(own.secret()).remote_public_key(node);
    let mut handshake = builder.prologue(PROLOGUE).build_initiator().map_err(failed)?;
    let mut buffer = [0; 256];
    let length = handshake.write_message(&[], &mut buffer).map_err(failed)?;
    write_frame(&mut stream, buffer.get(..length).unwrap_or_default()).await.map_err(io)?;
    let answer = read_frame(&mut stream).await.map_err(closed)?;
    handshake.read_message(&answer, &mut buffer).map_err(failed)?;
    let length = handshake.write_message(&[], &mut buffer).map_err(failed)?;
    write_frame(&mut stream, buffer.get(..length).unwrap_or_default()).await.map_err(io)?;
    let session = handshake.into_transport_mode().map_err(failed)?;
    Ok(Link { channel: Channel { stream, session, peer: address.into(), limit } })
}
