//! A vault, its policy and its people, and one honest signing evidence file over an epoch whose
//! reserves leave some headroom.

use std::sync::LazyLock;

use ed25519_dalek::SigningKey;
use rand_core::OsRng;
use solventry_policy::{
    Policy, PolicyKeys, Rule,
    rules::{Salt, TIERS, Tier},
};
use solventry_protocol::{
    Genesis, JournalClaims, PaymentRequest, SigningEvidence,
    rebuild::{charge, headroom_statement, policy_statement},
    verify_signing,
};
use solventry_prover::headroom::{HeadroomKeys, HeadroomSecrets, prove_headroom};
use solventry_types::{
    AssetId, Chain, Digest, Lane, Payment, Total, Validity, VaultAccounts, VaultConfiguration,
    margin::oracle_account_digest,
    payment::destination_digest,
    reserves::{ReserveClass, ReserveEvidence},
    vault::MarginOracle,
};
use solventry_verifier::{Anchors, VerifiedAttestation, anchors::Hex, verify_attestation};

use super::{
    books::{entries, sort},
    epoch::seal_epoch,
    fixture::{NOW, fixture},
    signers::genesis,
    transactions::{self, keypair, script},
};

/// Journal time of decisions; payments are valid from 600 s before it until 600 s after it.
pub const TIME: u64 = NOW + 1_000;
/// Surplus of every asset, in listed units.
pub const SURPLUS: u128 = 1_500_000;
/// Amount of the honest payment, in satoshi.
pub const AMOUNT: u64 = 400_000;
/// Its fee.
pub const FEE: u64 = 1_000;

/// What every attack starts from.
pub struct Desk {
    pub attestation: VerifiedAttestation,
    pub headroom: HeadroomSecrets,
    pub headroom_keys: HeadroomKeys,
    pub policy_keys: PolicyKeys,
    pub proposer: SigningKey,
    /// Sorted by public key.
    pub approvers: Vec<SigningKey>,
    pub oracle: SigningKey,
    /// In order of the manifest.
    pub signers: Vec<SigningKey>,
    pub anchors: Anchors,
    /// The journal that the vault belongs to.
    pub genesis: Genesis,
    /// Honest, undecided, unsigned.
    pub honest: SigningEvidence,
}

/// Made once per test run.
pub fn desk() -> &'static Desk {
    static DESK: LazyLock<Desk> = LazyLock::new(Desk::new);
    &DESK
}

/// Script of the listed destination.
pub fn exchange() -> Vec<u8> {
    [&[0x00, 0x14][..], &[0xe1; 20]].concat()
}

/// Script of the vault's sibling, listed as a destination and in the public reserves.
pub fn sibling() -> Vec<u8> {
    script(&keypair(3))
}

/// The vault's policy: BTC in both lanes.
pub fn policy(vault: &VaultConfiguration) -> Policy {
    let total = |units| Total::from_units(units).unwrap();
    let asset = fixture().context.assets.asset(AssetId::new(1).unwrap()).unwrap().digest();
    let mut destinations =
        vec![destination_digest(Chain::Bitcoin, &exchange()), destination_digest(Chain::Bitcoin, &sibling())];
    destinations.sort();
    let rule = |lane| Rule {
        asset,
        lane,
        per_payment: total(2_000_000),
        per_window: [3_000_000, 4_000_000, 5_000_000, 6_000_000].map(total),
        count: 5,
        cooldown: 60,
        fee: 5_000,
        approvals: 1,
        tiers: {
            let mut tiers = [Tier::unused(); TIERS];
            tiers[0] = Tier { above: total(1_000_000), approvals: 2 };
            tiers
        },
        band_bps: (8_000, 12_000),
        destinations: destinations.clone(),
    };
    Policy {
        vault: vault.vault_digest(),
        approver_set: vault.approver_set(),
        oracle_account: oracle_account_digest("venue", "desk 7"),
        not_before: NOW,
        not_after: NOW + 1_000_000,
        max_validity: 3_600,
        rules: vec![rule(Lane::Normal), rule(Lane::Rebalance)],
        salt: Salt([0x5a; 32]),
    }
}

/// The sums of a quiet journal: something was paid earlier.
pub fn quiet() -> JournalClaims {
    let total = |units| Total::from_units(units).unwrap();
    JournalClaims {
        spent: [total(0), total(10), total(20), total(30)],
        count: 1,
        since_last: 7_200,
        outflow: total(401_050),
    }
}

impl Desk {
    fn new() -> Self {
        let key = |seed| SigningKey::from_bytes(&[seed; 32]);
        let public = |key: &SigningKey| key.verifying_key().to_bytes();
        let (proposer, oracle) = (key(40), key(41));
        let mut approvers: Vec<_> = (42..45).map(key).collect();
        approvers.sort_by_key(public);
        let signers: Vec<_> = (50..54).map(key).collect();
        let (attestation, headroom) = epoch();
        let (headroom_keys, policy_keys) = (HeadroomKeys::insecure_setup(), PolicyKeys::generate().unwrap());
        let mut anchors = fixture().anchors.clone();
        anchors.headroom_keys = vec![Hex(headroom_keys.verifying.digest().0)];
        let people = VaultConfiguration {
            genesis: Digest([0; 32]),
            name: "treasury".into(),
            accounts: VaultAccounts::Bitcoin { scripts: vec![script(&keypair(1))] },
            siblings: vec![],
            proposers: vec![public(&proposer)],
            approvers: approvers.iter().map(public).collect(),
            oracle: Some(MarginOracle {
                key: public(&oracle),
                account: oracle_account_digest("venue", "desk 7"),
            }),
            signers: vec![],
            policy_root: [0; 32],
        };
        let genesis = genesis(anchors.clone(), people, &signers);
        let mut vault = genesis.configuration(&genesis.vaults[0]);
        vault.policy_root = policy(&vault).root();
        anchors.vaults = vec![Hex(vault.digest().0)];
        let payment = Payment {
            vault: vault.name.clone(),
            chain: Chain::Bitcoin,
            locator: solventry_types::Locator::Native,
            destination: exchange(),
            amount: AMOUNT,
            fee_cap: 2_000,
            validity: Validity { from: TIME - 600, until: TIME + 600 },
            lane: Lane::Normal,
            nonce: [6; 16],
            proposer: public(&proposer),
        };
        let transaction = transactions::psbt(&exchange(), AMOUNT, FEE);
        let transfer = solventry_chains::decode(&transaction, &vault.accounts).unwrap();
        let charge = charge(&transfer, payment.fee_cap, &vault, &attestation).unwrap();
        let claims = quiet();
        let statement = policy_statement(&vault, &payment, &charge, None, 1, &claims);
        let proof = solventry_policy::prove(&policy_keys, &policy(&vault), &statement, OsRng).unwrap();
        let made = prove_headroom(&headroom_keys, &headroom, charge.id, claims.outflow).unwrap();
        assert_eq!(made.statement, headroom_statement(&attestation, &charge, &claims));
        let mut request = PaymentRequest::propose(payment.clone(), vault.genesis, &proposer);
        request.approve(vault.genesis, &approvers[0]);
        let honest = SigningEvidence {
            payment,
            transaction,
            proposal: request.proposal,
            approvals: request.approvals,
            margin: None,
            attestation: attestation.digest(),
            policy_statement: statement,
            policy_proof: proof.as_bytes().to_vec(),
            headroom_statement: made.statement,
            headroom_key: headroom_keys.verifying.encode(),
            headroom_proof: made.proof,
            decision: None,
            signatures: vec![],
            vault,
        };
        let desk = Self {
            attestation,
            headroom,
            headroom_keys,
            policy_keys,
            proposer,
            approvers,
            oracle,
            signers,
            anchors,
            genesis,
            honest,
        };
        verify_signing(&desk.honest.encode(), &desk.attestation, &desk.anchors, desk.policy_keys.verifying())
            .unwrap();
        desk
    }
}

/// The fixture's liabilities under richer public reserves, the sibling's account among them.
fn epoch() -> (VerifiedAttestation, HeadroomSecrets) {
    let fixture = fixture();
    let richer = |total: &Total| Total::from_units(total.units() + SURPLUS).unwrap();
    let reserves: Vec<Total> = fixture.ledger.totals().iter().map(richer).collect();
    let mut list = entries(&reserves);
    let coins = list.iter_mut().find(|entry| entry.chain == Chain::Bitcoin).unwrap();
    coins.chain_units -= 5;
    let mut own = coins.clone();
    (own.account, own.chain_units) = (sibling(), 5);
    list.push(own);
    sort(&mut list);
    let evidence = ReserveEvidence { classes: vec![ReserveClass::Public(list)] };
    let attestation = seal_epoch(
        &fixture.keys,
        &fixture.ledger,
        &fixture.context,
        &fixture.secret,
        &fixture.shards,
        (evidence, &[]),
        &fixture.entity_key,
    );
    let headroom = HeadroomSecrets::new(&attestation, fixture.ledger.totals(), &[], &fixture.secret).unwrap();
    (verify_attestation(&attestation.encode(), &fixture.anchors, NOW).unwrap(), headroom)
}
