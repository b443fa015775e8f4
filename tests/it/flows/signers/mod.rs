//! Signer nodes as processes of their own, on this machine's network.

mod damage;
mod demo;
mod nodes;
mod office;
mod seven;
mod solana;
