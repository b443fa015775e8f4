//! Attacks on the echo broadcast and with forged shares in step 2.

use super::{super::rounds::rounds, *};

#[test]
fn attack_06_two_packages_shown_to_two_nodes() {
    for suite in Suite::ALL {
        let group = group(suite);
        let (mut runs, first) = answers(&group, 1);
        let mut twin = group.run(EVIL);
        let mut other = first.clone();
        other[EVIL] = twin.step(1, &[]).unwrap();
        // Node 0 sees the one, all others the other.
        let mut second = vec![runs[0].step(2, &first).unwrap()];
        second.push(runs[1].step(2, &other).unwrap());
        second.push(twin.step(2, &other).unwrap());
        second.push(runs[3].step(2, &other).unwrap());
        let honest = [0, 1, 3].map(|node| runs[node].step(3, &second).unwrap_err());
        all_blame(&honest, Fault::Equivocation);
        assert!(Fault::Equivocation.is_evident());
    }
}

#[test]
fn attack_07_an_echo_of_what_nobody_said() {
    for suite in Suite::ALL {
        let alter = |change: &dyn Fn(&mut Dealing)| {
            blamed(suite, 2, Fault::Echo, |payload| {
                let mut dealing = Dealing::decode(payload, NODES, EVIL).unwrap();
                change(&mut dealing);
                *payload = dealing.encode();
            });
        };
        alter(&|dealing| dealing.seen[0].digest = Digest([9; 32]));
        alter(&|dealing| dealing.seen.swap(0, 1));
        // What node 0 did sign, in another session.
        let (_, elsewhere) = answers(&group(suite), 1);
        let body = payload(&elsewhere[0]);
        let signature = elsewhere[0].last_chunk().copied().unwrap();
        alter(&|dealing| {
            dealing.seen[0] = Seen { digest: envelope::payload_digest(&body), signature };
        });
    }
}

/// Seals a share for a node to a link key.
type Seal<'a> = dyn Fn(usize, &[u8; 32], &[u8]) -> Vec<u8> + 'a;

/// Step 2 of a node that deals shares of its own making: `sealed` gives what goes to whom.
fn dealt(
    group: &Group,
    sealed: impl Fn(&[Share], &Seal<'_>) -> Vec<Vec<u8>>,
) -> Vec<Result<Vec<u8>, GenerationError>> {
    let (mut runs, mut first) = answers(group, 1);
    let mut machine = rounds(group.setup.suite, EVIL, NODES, 3);
    first[EVIL] = signed(group, 1, EVIL, &machine.commit().unwrap());
    let packages: Vec<_> = first.iter().map(|body| payload(body)).collect();
    let packages: Vec<_> = packages.iter().map(Vec::as_slice).collect();
    let shares = machine.deal(&packages).unwrap();
    let honest = [0, 1, 3];
    let mut second = vec![Vec::new(); NODES];
    for node in honest {
        second[node] = runs[node].step(2, &first).unwrap();
    }
    let seen = Dealing::decode(&payload(&second[0]), NODES, 0).unwrap().seen;
    let (setup, echo) = (group.setup.digest(), echo_digest(&seen));
    let seal = |recipient, link: &[u8; 32], share: &[u8]| {
        let route = Route { setup, echo, sender: EVIL, recipient };
        route.seal(&group.parties[EVIL].link, link, share).unwrap()
    };
    let dealing = Dealing { sealed: sealed(&shares, &seal), seen };
    second[EVIL] = signed(group, 2, EVIL, &dealing.encode());
    honest.map(|node| runs[node].step(3, &second)).into()
}

fn links(group: &Group) -> Vec<[u8; 32]> {
    group.setup.members.iter().map(|member| member.link).collect()
}

#[test]
fn attack_08_a_wrong_share_for_one_recipient() {
    for suite in Suite::ALL {
        let group = group(suite);
        let links = links(&group);
        let ways: [fn(&mut Vec<u8>, &Share); 5] = [
            |share, other| share.clone_from(other),
            |share, _| share[20] ^= 1,
            |share, _| share[5..].fill(0),
            |share, _| share[5..].fill(0xff),
            |share, _| share.push(0),
        ];
        for way in ways {
            let verdicts = dealt(&group, |shares, seal| {
                let mut wrong = shares[0].to_vec();
                way(&mut wrong, &shares[1]);
                let wrong = seal(0, &links[0], &wrong);
                vec![wrong, seal(1, &links[1], &shares[1]), vec![], seal(3, &links[3], &shares[3])]
            });
            all_blame(&[verdicts[0].clone().unwrap_err()], Fault::Share);
            assert!(verdicts[1].is_ok() && verdicts[2].is_ok(), "only the recipient can know");
            assert!(!Fault::Share.is_evident());
        }
    }
}

#[test]
fn attack_09_shares_sealed_to_another_or_for_another() {
    for suite in Suite::ALL {
        let group = group(suite);
        let links = links(&group);
        let honest = |shares: &[Share], seal: &Seal<'_>| {
            let share = |node| if node == EVIL { vec![] } else { seal(node, &links[node], &shares[node]) };
            (0..NODES).map(share).collect::<Vec<_>>()
        };
        assert!(dealt(&group, honest).iter().all(Result::is_ok), "the forger can be honest");
        let to_another = dealt(&group, |shares, seal| {
            let mut sealed = honest(shares, seal);
            sealed[0] = seal(0, &links[1], &shares[0]);
            sealed
        });
        all_blame(&[to_another[0].clone().unwrap_err()], Fault::Share);
        let swapped = dealt(&group, |shares, seal| {
            let mut sealed = honest(shares, seal);
            sealed.swap(0, 1);
            sealed
        });
        all_blame(&[0, 1].map(|place| swapped[place].clone().unwrap_err()), Fault::Share);
        assert!(swapped[2].is_ok());
    }
}

#[test]
fn attack_10_malformed_dealings() {
    let ways: [fn(&mut Dealing); 6] = [
        |dealing| dealing.seen.truncate(3),
        |dealing| dealing.seen.push(dealing.seen[0].clone()),
        |dealing| dealing.sealed.truncate(3),
        |dealing| dealing.sealed[0].clear(),
        |dealing| dealing.sealed[EVIL].push(1),
        |dealing| dealing.sealed[0].resize(envelope::MAX_SEALED_BYTES + 1, 0),
    ];
    for way in ways {
        blamed(Suite::Ed25519, 2, Fault::Malformed, |payload| {
            let mut dealing = Dealing::decode(payload, NODES, EVIL).unwrap();
            way(&mut dealing);
            *payload = dealing.encode();
        });
    }
    blamed(Suite::Ed25519, 2, Fault::Malformed, |payload| payload.push(0));
    blamed(Suite::Ed25519, 2, Fault::Malformed, |payload| payload.truncate(payload.len() - 1));
}

#[test]
fn what_a_node_signs_and_seals_is_bound_to_its_place() {
    let place = Place { setup: Digest([1; 32]), step: 2, node: 0 };
    let payload = Digest([3; 32]);
    let others =
        [Place { setup: Digest([2; 32]), ..place }, Place { step: 3, ..place }, Place { node: 1, ..place }];
    assert!(others.iter().all(|other| other.message(payload) != place.message(payload)));

    let (from, to) = (Party::new(), Party::new());
    let route = Route { setup: Digest([1; 32]), echo: Digest([2; 32]), sender: 0, recipient: 1 };
    let sealed = route.seal(&from.link, &to.member().link, b"share").unwrap();
    let open = |route: Route| route.open(&to.link, &from.member().link, &sealed);
    assert_eq!(open(route).unwrap().as_slice(), b"share");
    let others = [
        Route { setup: Digest([9; 32]), ..route },
        Route { echo: Digest([9; 32]), ..route },
        Route { sender: 2, ..route },
        Route { recipient: 2, ..route },
    ];
    assert!(others.into_iter().all(|other| open(other).is_none()));
    assert!(route.open(&to.link, &Party::new().member().link, &sealed).is_none(), "another sender's key");
}
