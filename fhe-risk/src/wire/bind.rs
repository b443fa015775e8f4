//! From a parsed query to inputs that may be evaluated, one check after the other.

use std::collections::HashSet;

use super::{
    Context, Digest, EncryptedList, Query, Role, Venue, WireError, digest::Fields, evaluate::function,
};
use crate::{
    arrays::file::RiskArrays,
    circuit::Torus,
    client::{Crs, PublicKey},
    engine::Lwe,
    keys::SecretKey,
    plan::Question,
};

/// Why a query is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// Bytes.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// For other venue, arrays or family.
    #[error("the query is about another {what}: expected {expected}, got {got}")]
    Other {
        /// What.
        what: &'static str,
        /// Ours.
        expected: String,
        /// Its own.
        got: String,
    },
    /// A list of the wrong kind or length.
    #[error("list of {list}: expected {expected}, got {got}")]
    List {
        /// Which.
        list: &'static str,
        /// In words.
        expected: String,
        /// In words.
        got: String,
    },
    /// Two ciphertexts have one mask: their difference would be in the clear.
    #[error("two ciphertexts of the query have the same mask; every encryption has its own")]
    SameMask,
    /// A signature that does not verify.
    #[error(
        "the signature over the list of {0} does not verify: it is by another account, or made for another venue, role, \
         nonce, question, arrays or list"
    )]
    Signature(&'static str),
    /// A list under the secret key that its holder did not make.
    #[error(
        "the list of {0} was not encrypted with this venue's secret key for this query: its ciphertexts are others' or \
         combined"
    )]
    Tag(&'static str),
    /// A proof that does not verify.
    #[error(
        "the proof of the list of {0} does not verify: it was made for another venue, account, role, nonce, question or \
         arrays, or its values or noise are out of range"
    )]
    Proof(&'static str),
}

/// A query that fits what its reader knows: *bound*.
pub struct BoundQuery<'a> {
    query: &'a Query,
    context: Context,
    function: Digest,
}

/// A query of the account that it names.
pub struct SignedQuery<'a>(BoundQuery<'a>);

/// What may be evaluated: *verified*, and re-randomised.
pub struct Inputs {
    /// Digest of the query.
    pub query: Digest,
    /// Question.
    pub question: Question,
    pub(super) function: Digest,
    pub(super) legs: Vec<Lwe>,
    pub(super) collateral: Vec<Lwe>,
}

impl Query {
    /// Checks it against venue and arrays that the reader has by himself, and rebuilds what its
    /// lists must be bound to.
    ///
    /// # Errors
    ///
    /// If it is about others, or a list is of the wrong kind or length or no encryption.
    pub fn bind<'a>(&'a self, venue: &Venue, arrays: &RiskArrays) -> Result<BoundQuery<'a>, QueryError> {
        let content = arrays.content();
        require_same("venue", venue.digest(), self.venue)?;
        require_same("set of risk arrays", Digest(arrays.digest()), self.arrays)?;
        require_same("family of risk arrays", &venue.family, &content.family)?;
        let lists = [
            ("positions", &self.positions, 2 * content.instruments.len()),
            ("collateral", &self.collateral, content.collateral.len()),
        ];
        let mut masks = HashSet::new();
        for (name, list, count) in lists {
            require_list(name, list, venue, count)?;
            list.require_conformant()?;
            if !list.masks().all(|mask| masks.insert(mask)) {
                return Err(QueryError::SameMask);
            }
        }
        Ok(BoundQuery {
            query: self,
            context: Context::new(venue, arrays, self.sender),
            function: function(venue, arrays, self.sender.question),
        })
    }
}

impl<'a> BoundQuery<'a> {
    /// What its lists are bound to.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Checks both signatures with `verify`, which takes key, message and signature.
    ///
    /// # Errors
    ///
    /// The list whose signature does not verify.
    pub fn signed(
        self,
        verify: impl Fn(&[u8; 32], &[u8; 32], &[u8; 64]) -> bool,
    ) -> Result<SignedQuery<'a>, QueryError> {
        for (name, role, list) in self.lists() {
            let message = self.context.message(role, list);
            if !verify(&self.context.sender.account, &message.0, &list.signature) {
                return Err(QueryError::Signature(name));
            }
        }
        Ok(SignedQuery(self))
    }

    fn lists(&self) -> [(&'static str, Role, &'a EncryptedList); 2] {
        let Query { positions, collateral, .. } = self.query;
        [("positions", Role::Positions, positions), ("collateral", Role::Collateral, collateral)]
    }
}

impl SignedQuery<'_> {
    /// What its lists are bound to.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// Checks that lists without a proof were encrypted by whoever holds the secret key, for this query.
    ///
    /// # Errors
    ///
    /// The list that was not.
    pub fn require_own(&self, key: &SecretKey) -> Result<(), QueryError> {
        let is_foreign =
            |(_, role, list): &(_, Role, &EncryptedList)| !list.is_own(key, &self.context().metadata(*role));
        match self.0.lists().into_iter().find(is_foreign) {
            Some((name, ..)) => Err(QueryError::Tag(name)),
            None => Ok(()),
        }
    }

    /// Checks the proofs and re-randomises: with a seed from inputs, function and nonce, so that
    /// whoever does it gets the same bits, and no sender knows the noise beforehand.
    ///
    /// `key` and `crs` are those of the venue, by digest.
    ///
    /// # Errors
    ///
    /// The list whose proof does not verify.
    pub fn open(&self, key: &PublicKey, crs: Option<&Crs>) -> Result<Inputs, QueryError> {
        let query = self.0.query.digest();
        let sender = &self.context().sender;
        let open = |(name, role, list): (&'static str, Role, &EncryptedList)| {
            let metadata = self.context().metadata(role);
            let mut inputs = list.open(key, crs, &metadata)?.ok_or(QueryError::Proof(name))?;
            let seed = Fields::new("solventry/margin-rerandomisation/v1")
                .digest(&query)
                .digest(&self.0.function)
                .number(sender.nonce)
                .bytes(&metadata)
                .hash();
            let mut first = [0; 16];
            first.copy_from_slice(&seed.0[..16]);
            if !inputs.is_empty() {
                let zeros = key.zeros(inputs.len(), first);
                inputs.iter_mut().zip(&zeros).for_each(|(input, zero)| input.add(zero));
            }
            Ok::<_, QueryError>(inputs)
        };
        let [positions, collateral] = self.0.lists();
        let (legs, collateral) = (open(positions)?, open(collateral)?);
        Ok(Inputs { query, question: sender.question, function: self.0.function, legs, collateral })
    }
}

fn require_same<T: PartialEq + ToString>(what: &'static str, expected: T, got: T) -> Result<(), QueryError> {
    if expected == got {
        return Ok(());
    }
    Err(QueryError::Other { what, expected: expected.to_string(), got: got.to_string() })
}

fn require_list(
    name: &'static str,
    list: &EncryptedList,
    venue: &Venue,
    count: usize,
) -> Result<(), QueryError> {
    let refused = |expected: String, got: String| Err(QueryError::List { list: name, expected, got });
    if list.kind() != venue.market.inputs {
        return refused(format!("{:?} inputs", venue.market.inputs), format!("{:?}", list.kind()));
    }
    if count > venue.list_limit {
        return refused(format!("at most {} values at this venue", venue.list_limit), count.to_string());
    }
    if list.count() != count { refused(format!("{count} values"), list.count().to_string()) } else { Ok(()) }
}
