//! Watching while something runs: what it writes, what becomes of it, whether the engine still answers, and how slow this
//! host is.

pub mod disk;
pub mod guard;
pub mod pace;
pub mod pulse;
pub mod sockets;
pub mod starved;
pub mod vigil;
