//! Where pi's requests differ from the reference's on purpose, and why.

/// One difference; `*` stands for every API or provider.
pub(super) struct Deliberate {
    pub api: &'static str,
    pub provider: &'static str,
    /// The place in the body, `*` for any one step, a last `**` for all below; `path` is the URL's.
    pub place: &'static str,
    #[expect(dead_code, reason = "for the reader")]
    pub why: &'static str,
}

pub(super) static DELIBERATE: &[Deliberate] = &[];
