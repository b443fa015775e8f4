//! Noise links to every node of a group, opened when first needed and kept open.

use std::{
    ops::ControlFlow,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use solventry_link::{Link, LinkError, LinkKey, connect};
use solventry_protocol::{Group, Request, Response, message::MAX_MESSAGE_BYTES};
use tokio::{runtime::Runtime, sync::Mutex, task::JoinSet};

use super::{Answer, Ask, AskError};
use crate::store::{StoreError, files};

/// Reads a link key of 64 hexadecimal digits.
pub fn link_key(path: &Path) -> Result<LinkKey, StoreError> {
    LinkKey::from_secret(&*files::read_secret(path)?).map_err(|error| StoreError::new(path, error))
}

/// Links to the nodes of a group.
pub struct Links {
    runtime: Runtime,
    key: Arc<LinkKey>,
    ends: Vec<End>,
    started: Instant,
}

/// One node: where it is, who it is, and the link while it is open.
#[derive(Clone)]
struct End {
    address: String,
    key: [u8; 32],
    link: Arc<Mutex<Option<Link>>>,
}

impl Links {
    /// Links with `key` to the nodes of `group`; none is opened yet.
    pub fn new(group: &Group, key: LinkKey) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let ends = group.nodes.iter().map(|node| End {
            address: node.link_address.clone(),
            key: node.link,
            link: Arc::default(),
        });
        Ok(Self { runtime, key: Arc::new(key), ends: ends.collect(), started: Instant::now() })
    }
}

impl Ask for Links {
    fn ask(
        &self,
        requests: Vec<(usize, Request)>,
        deadline: Duration,
        each: &mut dyn FnMut(usize, Answer) -> ControlFlow<()>,
    ) {
        self.runtime.block_on(async {
            // Dropped at the end: whoever has not answered is asked no longer.
            let mut asked = JoinSet::new();
            for (node, request) in requests {
                let Some(end) = self.ends.get(node).cloned() else { continue };
                let key = Arc::clone(&self.key);
                asked.spawn(async move { (node, end.ask(&key, &request, deadline).await) });
            }
            while let Some(joined) = asked.join_next().await {
                let Ok((node, answer)) = joined else { continue };
                if each(node, answer).is_break() {
                    return;
                }
            }
        });
    }

    fn pause(&self, span: Duration) {
        std::thread::sleep(span);
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl End {
    /// Asks over the open link, or over a new one if there is none or it broke meanwhile.
    async fn ask(&self, key: &LinkKey, request: &Request, deadline: Duration) -> Answer {
        let bytes = request.encode();
        let mut held = self.link.lock().await;
        // Taken out: a link whose answer is not awaited to its end would be out of step.
        let silent = |error: LinkError| AskError::Silent(error.to_string());
        if let Some(link) = held.take() {
            match exchange(link, &bytes, deadline, &mut held).await {
                Ok(answer) => return answer,
                Err(late @ LinkError::Late { .. }) => return Err(silent(late)),
                Err(_) => {} // closed meanwhile, as idle links are
            }
        }
        let opened = connect(&self.address, key, &self.key, MAX_MESSAGE_BYTES, deadline).await;
        exchange(opened.map_err(silent)?, &bytes, deadline, &mut held).await.map_err(silent)?
    }
}

/// One question and its answer; a link that held is kept.
async fn exchange(
    mut link: Link,
    request: &[u8],
    deadline: Duration,
    held: &mut Option<Link>,
) -> Result<Answer, LinkError> {
    let answer = link.ask(request, deadline).await?;
    *held = Some(link);
    Ok(Response::decode(&answer).map_err(AskError::from))
}
