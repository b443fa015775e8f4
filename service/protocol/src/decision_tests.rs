use ed25519_dalek::{Signer, SigningKey};
use solventry_types::{VaultAccounts, vault::MarginOracle};

use super::*;

fn keys() -> Vec<SigningKey> {
    (1..=4).map(|seed| SigningKey::from_bytes(&[seed; 32])).collect()
}

fn vault() -> VaultConfiguration {
    VaultConfiguration {
        genesis: Digest([1; 32]),
        name: "treasury".into(),
        accounts: VaultAccounts::Bitcoin { scripts: vec![[&[0x51, 0x20][..], &[1; 32]].concat()] },
        siblings: vec![],
        proposers: vec![[1; 32]],
        approvers: vec![],
        oracle: None::<MarginOracle>,
        signers: keys().iter().map(|key| key.verifying_key().to_bytes()).collect(),
        policy_root: [0; 32],
    }
}

const RECORD: Digest = Digest([7; 32]);

fn decision(signers: &[u8]) -> Decision {
    let header = Header { previous: Digest([2; 32]), time: 5, record: RECORD };
    let (height, round) = (9, 1);
    let precommit = |signer: &u8| {
        let key = &keys()[usize::from(*signer)];
        let public = key.verifying_key().to_bytes();
        let message = precommit_message(vault().genesis, height, round, header.value_id(), &public);
        Precommit { signer: *signer, signature: key.sign(&message.0).to_bytes() }
    };
    Decision { header, height, round, precommits: signers.iter().map(precommit).collect() }
}

#[test]
fn a_quorum_decides_and_the_encoding_survives_the_round_trip() {
    for signers in [&[0, 1, 2][..], &[1, 2, 3], &[0, 1, 2, 3]] {
        let decision = decision(signers);
        decision.verify(RECORD, &vault()).unwrap();
        let mut writer = Writer::new();
        decision.write(&mut writer);
        let mut reader = Reader::new(writer.as_bytes(), 1 << 12).unwrap();
        assert_eq!(Decision::read(&mut reader).unwrap(), decision);
        reader.finish().unwrap();
    }
}

#[test]
fn fewer_than_a_quorum_decide_nothing() {
    let error = decision(&[0, 1]).verify(RECORD, &vault()).unwrap_err();
    assert_eq!(error, DecisionError::Quorum { expected: 3, got: 2 });
    assert_eq!([4, 7, 10, 31].map(quorum), [3, 5, 7, 21]);
}

#[test]
fn every_field_is_signed() {
    let changes: [fn(&mut Decision); 6] = [
        |d| d.header.previous.0[0] ^= 1,
        |d| d.header.time += 1,
        |d| d.height += 1,
        |d| d.round += 1,
        |d| d.precommits[0].signature[5] ^= 1,
        |d| d.precommits[2].signer = 3,
    ];
    for change in changes {
        let mut decision = decision(&[0, 1, 2]);
        change(&mut decision);
        assert!(matches!(decision.verify(RECORD, &vault()), Err(DecisionError::Signature(_))));
    }
    let mut other = decision(&[0, 1, 2]);
    other.header.record.0[0] ^= 1;
    assert!(matches!(other.verify(RECORD, &vault()), Err(DecisionError::Record { .. })));
    let journal = VaultConfiguration { genesis: Digest([3; 32]), ..vault() };
    assert!(matches!(decision(&[0, 1, 2]).verify(RECORD, &journal), Err(DecisionError::Signature(0))));
}

#[test]
fn unknown_and_repeated_signers_are_refused() {
    let mut unknown = decision(&[0, 1, 2]);
    unknown.precommits[2].signer = 4;
    let error = unknown.verify(RECORD, &vault()).unwrap_err();
    assert_eq!(error, DecisionError::UnknownSigner { last: 3, got: 4 });
    let mut repeated = decision(&[0, 1]);
    repeated.precommits.push(repeated.precommits[1].clone());
    repeated.precommits.push(repeated.precommits[1].clone());
    assert_eq!(repeated.verify(RECORD, &vault()), Err(DecisionError::RepeatedSigner));
    let mut writer = Writer::new();
    repeated.write(&mut writer);
    assert!(Decision::read(&mut Reader::new(writer.as_bytes(), 1 << 12).unwrap()).is_err());
    let nobody = VaultConfiguration { signers: vec![], ..vault() };
    assert_eq!(decision(&[0, 1, 2]).verify(RECORD, &nobody), Err(DecisionError::NoSigners));
}
