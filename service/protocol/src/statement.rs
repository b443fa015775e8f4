//! Encoding of the policy statement in files.

use solventry_policy::PolicyStatement;
use solventry_types::{
    Digest, Lane, Total, Validity,
    codec::{CodecError, Reader, Writer},
};

/// Writes the public inputs in their order.
pub fn write(writer: &mut Writer, statement: &PolicyStatement) {
    writer.bytes(&statement.policy_root).bytes(&statement.payment_id.0).bytes(&statement.vault.0);
    writer.bytes(&statement.asset.0).bytes(&statement.destination.0);
    writer.u128(statement.amount.units()).u64(statement.fee).u8(statement.lane.code());
    writer.u8(statement.own_destination.into());
    for sum in &statement.spent {
        writer.u128(sum.units());
    }
    writer.u32(statement.count).u64(statement.since_last).u16(statement.approvals);
    writer.bytes(&statement.approver_set.0).bytes(&statement.oracle_account.0);
    writer.u32(statement.margin_ratio_bps).u64(statement.validity.from).u64(statement.validity.until);
}

/// Reads them; every value in its range.
pub fn read(reader: &mut Reader<'_>) -> Result<PolicyStatement, CodecError> {
    let policy_root = reader.array("policy root")?;
    let mut digest = |what| Ok::<_, CodecError>(Digest(reader.array(what)?));
    let (payment_id, vault) = (digest("payment id")?, digest("vault digest")?);
    let (asset, destination) = (digest("asset digest")?, digest("destination digest")?);
    let (amount, fee) = (total(reader, "charged amount")?, reader.u64("fee")?);
    let lane = Lane::from_code(reader.u8("lane")?)
        .ok_or_else(|| reader.invalid("lane", "expected 0 (normal) or 1 (rebalance)"))?;
    let own_destination = match reader.u8("own-destination flag")? {
        0 => false,
        1 => true,
        _ => return Err(reader.invalid("own-destination flag", "expected 0 or 1")),
    };
    let mut spent = [Total::ZERO; 4];
    for sum in &mut spent {
        *sum = total(reader, "window sum")?;
    }
    Ok(PolicyStatement {
        policy_root,
        payment_id,
        vault,
        asset,
        destination,
        amount,
        fee,
        lane,
        own_destination,
        spent,
        count: reader.u32("payment count")?,
        since_last: reader.u64("seconds since last payment")?,
        approvals: reader.u16("approvals")?,
        approver_set: Digest(reader.array("approver-set digest")?),
        oracle_account: Digest(reader.array("oracle account")?),
        margin_ratio_bps: reader.u32("margin ratio")?,
        validity: Validity { from: reader.u64("valid from")?, until: reader.u64("valid until")? },
    })
}

fn total(reader: &mut Reader<'_>, what: &'static str) -> Result<Total, CodecError> {
    let units = reader.u128(what)?;
    Total::from_units(units).map_err(|_| reader.invalid(what, "expected less than 2^96 units"))
}
