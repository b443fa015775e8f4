//! Key generation: the coordinator carries each node's messages to all others, and reads the
//! outcome that all n confirm.

use rand_core::{OsRng, RngCore};
use solventry_protocol::{Request, Response, message::KeyGeneration};
use solventry_threshold::GroupKey;
use solventry_types::Chain;

use super::{CoordinatorError, Nodes, Said, complaint, frost};

/// Steps of key generation.
const STEPS: u8 = 4;

/// Makes a key of a vault on a chain with all n nodes; each keeps a share that nobody else sees.
/// `told` hears of each finished step.
pub fn generate_key(
    nodes: Nodes<'_>,
    vault: &str,
    chain: Chain,
    told: &mut dyn FnMut(u8),
) -> Result<GroupKey, CoordinatorError> {
    let mut session = [0; 32];
    OsRng.fill_bytes(&mut session);
    let mut bodies = vec![];
    for step in 1..=STEPS {
        let request = KeyGeneration { session, vault: vault.to_owned(), chain, step, bodies };
        bodies = one_step(nodes, request)?;
        told(step);
    }
    frost::outcome(nodes, session, vault, chain, &bodies)
}

/// Asks every node for its next message; all must give one, since every node takes part.
fn one_step(nodes: Nodes<'_>, request: KeyGeneration) -> Result<Vec<Vec<u8>>, CoordinatorError> {
    let step = request.step;
    let answers = nodes.all(&Request::KeyGeneration(request), nodes.patience.generation);
    let (mut bodies, mut said): (Vec<Option<Vec<u8>>>, Vec<Said>) = (vec![None; nodes.count()], vec![]);
    for (node, answer) in answers {
        match (answer, bodies.get_mut(node)) {
            (Ok(Response::KeyGeneration(body)), Some(place)) => *place = Some(body),
            (answer, _) => said.push(nodes.said(node, complaint(&answer))),
        }
    }
    let silent: Vec<usize> = (0..nodes.count())
        .filter(|node| bodies.get(*node).is_none_or(Option::is_none))
        .filter(|node| said.iter().all(|said| said.node != *node))
        .collect();
    said.extend(silent.into_iter().map(|node| nodes.said(node, "no answer")));
    said.sort_by_key(|said| said.node);
    if said.is_empty() {
        return Ok(bodies.into_iter().flatten().collect());
    }
    let problem = "every node must take part; start again when all of them do".to_owned();
    Err(CoordinatorError::Generation { step, problem, nodes: said })
}
