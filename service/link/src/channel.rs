//! Framed messages over an established Noise session.
//!
//! A message is its length (4 bytes, big-endian, a chunk of its own) and then its bytes in chunks;
//! a chunk is sent as the length of its ciphertext (2 bytes) and the ciphertext. Nonces count up
//! inside the session, so a chunk that is altered, dropped, repeated or moved does not decrypt.

use snow::TransportState;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::LinkError;

/// Longest Noise message.
const MAX_CIPHERTEXT: usize = 65_535;
/// Length of its authentication tag.
const TAG: usize = 16;

/// One end of a link.
pub(crate) struct Channel {
    pub(crate) stream: TcpStream,
    pub(crate) session: TransportState,
    pub(crate) peer: String,
    pub(crate) limit: usize,
}

impl Channel {
    /// Sends one message.
    pub(crate) async fn send(&mut self, message: &[u8]) -> Result<(), LinkError> {
        let length = u32::try_from(message.len()).ok().filter(|_| message.len() <= self.limit);
        let length = length.ok_or_else(|| self.too_large(message.len()))?;
        self.send_chunk(&length.to_be_bytes()).await?;
        for chunk in message.chunks(MAX_CIPHERTEXT - TAG) {
            self.send_chunk(chunk).await?;
        }
        self.stream.flush().await.map_err(|source| self.io(source))
    }

    /// Receives one message of at most the limit.
    pub(crate) async fn receive(&mut self) -> Result<Vec<u8>, LinkError> {
        let header = self.receive_chunk().await?;
        let length = <[u8; 4]>::try_from(header.as_slice()).map_err(|_| self.altered())?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > self.limit {
            return Err(self.too_large(length));
        }
        let mut message = Vec::new();
        while message.len() < length {
            let chunk = self.receive_chunk().await?;
            if chunk.is_empty() || message.len() + chunk.len() > length {
                return Err(self.altered());
            }
            message.extend_from_slice(&chunk);
        }
        Ok(message)
    }

    async fn send_chunk(&mut self, chunk: &[u8]) -> Result<(), LinkError> {
        let mut ciphertext = vec![0; chunk.len() + TAG];
        let length = self.session.write_message(chunk, &mut ciphertext).map_err(|_| self.altered())?;
        ciphertext.truncate(length);
        write_frame(&mut self.stream, &ciphertext).await.map_err(|source| self.io(source))
    }

    async fn receive_chunk(&mut self) -> Result<Vec<u8>, LinkError> {
        let ciphertext = read_frame(&mut self.stream).await.map_err(|source| self.io(source))?;
        let mut chunk = vec![0; ciphertext.len()];
        let length = self.session.read_message(&ciphertext, &mut chunk).map_err(|_| self.altered())?;
        chunk.truncate(length);
        Ok(chunk)
    }

    fn io(&self, source: std::io::Error) -> LinkError {
        LinkError::Io { peer: self.peer.clone(), source }
    }

    fn altered(&self) -> LinkError {
        LinkError::Altered { peer: self.peer.clone() }
    }

    fn too_large(&self, got: usize) -> LinkError {
        LinkError::TooLarge { peer: self.peer.clone(), limit: self.limit, got }
    }
}

/// Writes a frame: length and bytes.
pub(crate) async fn write_frame(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    let length = u16::try_from(bytes.len()).map_err(std::io::Error::other)?;
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend_from_slice(bytes);
    stream.write_all(&frame).await
}

/// Reads a frame of at most 65 535 bytes.
pub(crate) async fn read_frame(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut frame = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut frame).await?;
    Ok(frame)
}
