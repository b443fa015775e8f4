//! The signer node.

fn main() {}
