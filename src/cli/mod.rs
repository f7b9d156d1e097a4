//! Arguments → setup → face; errors classified once.
