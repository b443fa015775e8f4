//! Codecs of the write-ahead log, of consensus messages and of value sync.
//!
//! No message has a header: the channel it arrives on says what it is, and the group is closed.

use arc_malachitebft_app_channel::app::{
    streaming::{StreamContent, StreamId, StreamMessage},
    types::{
        ProposedValue, SignedConsensusMsg,
        codec::{Codec, HasEncodedLen},
        sync::{RawDecidedValue, Request, Response, Status},
    },
};
use arc_malachitebft_core_consensus::LivenessMsg;
use arc_malachitebft_core_types::{PolkaCertificate, ValidatorProof, Validity};
use arc_malachitebft_sync::{ValueRequest, ValueResponse};
use bytes::Bytes;
use solventry_protocol::Entry;
use solventry_types::codec::{CodecError, Reader, Writer};

use super::{
    context::{Agreement, Part, Value},
    fields::*,
    parts::MAX_PART_BYTES,
    values::{MAX_BATCH, certificate_of},
};

/// Largest message on the consensus and liveness channels: certificates of 31 nodes fit twice.
const MAX_MESSAGE_BYTES: usize = 1 << 14;
/// Largest proposal part with its stream.
const MAX_STREAM_BYTES: usize = MAX_PART_BYTES + 512;
/// Largest value sync response: what one batch may hold.
pub(super) const MAX_RESPONSE_BYTES: usize = 2 * (Entry::MAX_BYTES + MAX_MESSAGE_BYTES);
/// Largest stream id.
const MAX_STREAM_ID_BYTES: usize = 64;

/// The codec of every channel and of the log.
#[derive(Debug, Clone, Copy, Default)]
pub struct WireCodec;

/// What can be written and read back.
trait Wire: Sized {
    const LIMIT: usize;

    fn write(&self, writer: &mut Writer);
    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError>;
}

macro_rules! codecs {
    ($($message:ty),* $(,)?) => {$(
        impl Codec<$message> for WireCodec {
            type Error = CodecError;

            fn decode(&self, bytes: Bytes) -> Result<$message, CodecError> {
                let mut reader = Reader::new(&bytes, <$message as Wire>::LIMIT)?;
                let message = <$message as Wire>::read(&mut reader)?;
                reader.finish()?;
                Ok(message)
            }

            fn encode(&self, message: &$message) -> Result<Bytes, CodecError> {
                let mut writer = Writer::new();
                message.write(&mut writer);
                Ok(writer.finish().into())
            }
        }
    )*};
}

codecs!(
    Part,
    SignedConsensusMsg<Agreement>,
    LivenessMsg<Agreement>,
    StreamMessage<Part>,
    ValidatorProof<Agreement>,
    ProposedValue<Agreement>,
    PolkaCertificate<Agreement>,
    Status<Agreement>,
    Request<Agreement>,
    Response<Agreement>,
);

impl HasEncodedLen<Response<Agreement>> for WireCodec {
    fn encoded_len(&self, response: &Response<Agreement>) -> Result<usize, CodecError> {
        let Response::ValueResponse(response) = response;
        let values = response.values.iter().map(|value| {
            let signatures = value.certificate.commit_signatures.len();
            value.value_bytes.len().saturating_add(signatures.saturating_mul(96))
        });
        // Per value: length, height, round, id and number of signatures; before them: height, count.
        let fixed = response.values.len().saturating_mul(53).saturating_add(12);
        Ok(values.fold(fixed, usize::saturating_add))
    }
}

impl Wire for Part {
    const LIMIT: usize = MAX_STREAM_BYTES;

    fn write(&self, writer: &mut Writer) {
        write_part(writer, self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        read_part(reader)
    }
}

impl Wire for SignedConsensusMsg<Agreement> {
    const LIMIT: usize = MAX_MESSAGE_BYTES;

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Vote(vote) => write_vote(writer.u8(0), vote),
            Self::Proposal(proposal) => write_proposal(writer.u8(1), proposal),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(match read_flag(reader, "kind of message")? {
            false => Self::Vote(read_vote(reader)?),
            true => Self::Proposal(read_proposal(reader)?),
        })
    }
}

impl Wire for LivenessMsg<Agreement> {
    const LIMIT: usize = MAX_MESSAGE_BYTES;

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Vote(vote) => write_vote(writer.u8(0), vote),
            Self::PolkaCertificate(certificate) => write_polka(writer.u8(1), certificate),
            Self::SkipRoundCertificate(certificate) => write_round_certificate(writer.u8(2), certificate),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(match reader.u8("kind of message")? {
            0 => Self::Vote(read_vote(reader)?),
            1 => Self::PolkaCertificate(read_polka(reader)?),
            2 => Self::SkipRoundCertificate(read_round_certificate(reader)?),
            _ => return Err(reader.invalid("kind of message", "expected 0 to 2")),
        })
    }
}

impl Wire for StreamMessage<Part> {
    const LIMIT: usize = MAX_STREAM_BYTES;

    fn write(&self, writer: &mut Writer) {
        writer.var_bytes(&self.stream_id.to_bytes()).u64(self.sequence);
        match &self.content {
            StreamContent::Data(part) => write_part(writer.u8(1), part),
            StreamContent::Fin => {
                writer.u8(0);
            }
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let id = Bytes::copy_from_slice(reader.var_bytes(MAX_STREAM_ID_BYTES, "stream id")?);
        let sequence = reader.u64("place in the stream")?;
        let content = match read_flag(reader, "kind of content")? {
            false => StreamContent::Fin,
            true => StreamContent::Data(read_part(reader)?),
        };
        Ok(Self::new(StreamId::new(id), sequence, content))
    }
}

impl Wire for ValidatorProof<Agreement> {
    const LIMIT: usize = MAX_MESSAGE_BYTES;

    fn write(&self, writer: &mut Writer) {
        writer.var_bytes(&self.public_key).var_bytes(&self.peer_id).bytes(&self.signature.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let public_key = reader.var_bytes(32, "identity key")?.to_vec();
        let peer_id = reader.var_bytes(64, "peer id")?.to_vec();
        Ok(Self { public_key, peer_id, signature: read_signature(reader)? })
    }
}

impl Wire for ProposedValue<Agreement> {
    const LIMIT: usize = MAX_MESSAGE_BYTES;

    fn write(&self, writer: &mut Writer) {
        writer.u64(self.height.0);
        write_round(writer, self.round);
        write_round(writer, self.valid_round);
        writer.bytes(&self.proposer.0).bytes(&self.value.0.0).u8(self.validity.is_valid().into());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(Self {
            height: read_height(reader)?,
            round: read_round(reader)?,
            valid_round: read_round(reader)?,
            proposer: read_address(reader)?,
            value: Value(read_digest(reader)?),
            validity: Validity::from_bool(read_flag(reader, "validity")?),
        })
    }
}

impl Wire for PolkaCertificate<Agreement> {
    const LIMIT: usize = MAX_MESSAGE_BYTES;

    fn write(&self, writer: &mut Writer) {
        write_polka(writer, self);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        read_polka(reader)
    }
}

impl Wire for Status<Agreement> {
    const LIMIT: usize = MAX_MESSAGE_BYTES;

    fn write(&self, writer: &mut Writer) {
        write_peer(writer, &self.peer_id);
        writer.u64(self.tip_height.0).u64(self.history_min_height.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let (peer_id, tip_height) = (read_peer(reader)?, read_height(reader)?);
        Ok(Self { peer_id, tip_height, history_min_height: read_height(reader)? })
    }
}

impl Wire for Request<Agreement> {
    const LIMIT: usize = MAX_MESSAGE_BYTES;

    fn write(&self, writer: &mut Writer) {
        let Self::ValueRequest(request) = self;
        writer.u64(request.range.start().0).u64(request.range.end().0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let (start, end) = (read_height(reader)?, read_height(reader)?);
        Ok(Self::ValueRequest(ValueRequest::new(start..=end)))
    }
}

impl Wire for Response<Agreement> {
    const LIMIT: usize = MAX_RESPONSE_BYTES;

    fn write(&self, writer: &mut Writer) {
        let Self::ValueResponse(response) = self;
        writer.u64(response.start_height.0).count(response.values.len());
        for value in &response.values {
            write_decided(writer, value);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let start_height = read_height(reader)?;
        let count = reader.count(MAX_BATCH, 53, "values")?;
        let values = (0..count).map(|_| read_decided(reader)).collect::<Result<_, _>>()?;
        Ok(Self::ValueResponse(ValueResponse { start_height, values }))
    }
}

fn write_decided(writer: &mut Writer, value: &RawDecidedValue<Agreement>) {
    let certificate = value.certificate.trim_vote_extensions();
    writer.var_bytes(&value.value_bytes).u64(certificate.height.0);
    write_round(writer, certificate.round);
    writer.bytes(&certificate.value_id.0);
    write_commits(writer, &certificate.commit_signatures);
}

fn read_decided(reader: &mut Reader<'_>) -> Result<RawDecidedValue<Agreement>, CodecError> {
    let value_bytes = Bytes::copy_from_slice(reader.var_bytes(Entry::MAX_BYTES, "value")?);
    let (height, round, value_id) = (read_height(reader)?, read_round(reader)?, read_digest(reader)?);
    let commits = read_signatures(reader)?.into_iter();
    let certificate = certificate_of(height, round, value_id, commits);
    Ok(RawDecidedValue { value_bytes, certificate })
}
