//! Which pictures may stand in a page: of a kind that is a picture and nothing else, and truly base64.

/// Kinds that are shown. SVG is not among them: it is a document that can refer to others.
const KINDS: [&str; 6] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
];

/// The kind, when it is one that is shown.
pub(super) fn known_kind(mime: &str) -> Option<&'static str> {
    let mime = mime.trim().to_ascii_lowercase();
    KINDS.into_iter().find(|kind| *kind == mime)
}

/// Whether it is base64 and nothing else.
pub(super) fn is_base64(data: &str) -> bool {
    let body = data.trim_end_matches('=');
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
    !body.is_empty() && data.len() - body.len() <= 2 && body.bytes().all(is_digit)
}

/// About how many bytes a base64 text stands for.
pub(super) fn size(data: &str) -> u64 {
    data.len() as u64 / 4 * 3
}
