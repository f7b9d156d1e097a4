//! Faces for programs: print, JSON (and RPC, later).
