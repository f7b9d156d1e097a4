//! Web sockets (RFC 6455), client side: opened through the HTTP client, so that certificates, proxies
//! and time limits are the same; messages one by one; and those that are kept open between requests.

mod continuation;
mod kept;
mod open;
mod socket;

pub use continuation::{Continuation, Continued};
pub use kept::{Kept, Parked};
pub use open::Unopened;
pub use socket::Socket;
