//! The wire formats, byte for byte, against real HTTP servers.
