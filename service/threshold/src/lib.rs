//! FROST for the signer nodes.
