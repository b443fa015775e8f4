//! H2 to H5, H7 and H8 on whole objects: a venue's folder, a server over HTTP, an authority.

mod authority;
mod bytes;
mod foreign;
mod queries;
mod world;
