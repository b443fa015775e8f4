//! Changes of configurations and of observers, and the disabling of a vault.

use solventry_protocol::record::{Change, Disable, ObserverChange};
use solventry_types::VaultConfiguration;

use super::{Check, Refusal, require_quorum, require_sequence, signers};
use crate::application::{execute::Effects, state::Vault};

impl Check<'_> {
    /// Signed by the change quorum of the approvers in force; in force after the delay, and at
    /// once for a vault without policy, from which nothing can leave. A later change takes the
    /// place of one that waits.
    pub(super) fn change(&self, time: u64, change: &Change) -> Result<Effects, Refusal> {
        let vault = self.vault(&change.vault)?;
        require_sequence("change of the vault", vault.sequence, change.sequence)?;
        let old = vault.at(time).configuration;
        let message = change.message(self.rules.id);
        let signed = signers(&change.approvals, message, |key| old.approvers.contains(key))?;
        let quorum = self.rules.genesis.change_quorum;
        require_quorum("approvers of the vault", quorum.into(), signed.len())?;
        let changed = VaultConfiguration {
            policy_root: change.policy_root,
            proposers: change.proposers.clone(),
            approvers: change.approvers.clone(),
            oracle: change.oracle,
            ..old.clone()
        };
        changed.validate()?;
        let got = changed.approvers.len();
        if got < usize::from(quorum) {
            return Err(Refusal::TooFewApprovers { expected: quorum, got });
        }
        if changed.policy_root == [0; 32] {
            return Err(Refusal::NoPolicy(changed.name));
        }
        let is_blank = old.policy_root == [0; 32];
        Ok(Effects::Change(Box::new(changed), self.effective(time, is_blank)))
    }

    /// Signed by the change quorum of every vault's approvers; delayed like every change, once a
    /// vault has a policy.
    pub(super) fn observers(&self, time: u64, change: &ObserverChange) -> Result<Effects, Refusal> {
        require_sequence("change of the observers", self.state.observer_sequence, change.sequence)?;
        if !change.observers.is_valid() {
            return Err(Refusal::Observers);
        }
        let vaults = || self.state.vaults.values().map(|vault| &vault.at(time).configuration.approvers);
        let message = change.message(self.rules.id);
        let signed = signers(&change.approvals, message, |key| vaults().any(|keys| keys.contains(key)))?;
        for approvers in vaults() {
            let got = signed.iter().filter(|key| approvers.contains(**key)).count();
            require_quorum("approvers of every vault", self.rules.genesis.change_quorum.into(), got)?;
        }
        let at = self.effective(time, self.state.is_blank(time));
        Ok(Effects::Observers(change.observers.clone(), at))
    }

    /// By one approver in force, or f + 1 nodes, of which one at least is honest; at once.
    pub(super) fn disable(&self, time: u64, disable: &Disable) -> Result<Effects, Refusal> {
        let vault = self.vault(&disable.vault)?;
        require_sequence("change of the vault", vault.sequence, disable.sequence)?;
        let approvers = &vault.at(time).configuration.approvers;
        let nodes = &self.rules.identities;
        let message = disable.message(self.rules.id);
        let known = |key: &[u8; 32]| approvers.contains(key) || nodes.contains(key);
        let signed = signers(&disable.approvals, message, known)?;
        if !signed.iter().any(|key| approvers.contains(*key)) {
            let expected = self.rules.genesis.group.faulty().saturating_add(1);
            require_quorum("nodes, or one approver", expected, signed.len())?;
        }
        let waits = vault.pending.as_ref().is_some_and(|pending| pending.at > time);
        if vault.at(time).disabled && !waits {
            return Err(Refusal::AlreadyDisabled(disable.vault.clone()));
        }
        Ok(Effects::Disable(disable.vault.clone()))
    }

    pub(super) fn vault(&self, name: &str) -> Result<&Vault, Refusal> {
        self.state.vaults.get(name).ok_or_else(|| Refusal::UnknownVault(name.to_owned()))
    }

    /// When a change takes effect.
    fn effective(&self, time: u64, at_once: bool) -> u64 {
        if at_once { time } else { time.saturating_add(self.rules.genesis.change_delay) }
    }
}
