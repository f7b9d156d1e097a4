//! Bytes that come in pieces, as text: a character that is split between two pieces stays whole, and
//! what is no UTF-8 becomes U+FFFD.

/// Decodes piece by piece.
#[derive(Default)]
pub(super) struct Utf8Decoder {
    /// The beginning of a character whose rest has not come yet.
    split: Vec<u8>,
}

impl Utf8Decoder {
    /// Appends the text of `bytes` to `out`.
    pub(super) fn feed(&mut self, bytes: &[u8], out: &mut String) {
        if self.split.is_empty() {
            self.decode(bytes, out);
        } else {
            let mut joined = std::mem::take(&mut self.split);
            joined.extend_from_slice(bytes);
            self.decode(&joined, out);
        }
    }

    /// Nothing more comes: a character that was begun is broken.
    pub(super) fn finish(&mut self, out: &mut String) {
        if !std::mem::take(&mut self.split).is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }

    fn decode(&mut self, mut bytes: &[u8], out: &mut String) {
        loop {
            let error = match str::from_utf8(bytes) {
                Ok(text) => return out.push_str(text),
                Err(error) => error,
            };
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            out.push_str(str::from_utf8(valid).unwrap_or_default());
            let Some(broken) = error.error_len() else {
                self.split = rest.to_vec();
                return;
            };
            out.push(char::REPLACEMENT_CHARACTER);
            bytes = &rest[broken..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_cut_gives_the_same_text() {
        let bytes = b"a\xc3\xa9 \xf0\x9f\x98\x80 \xff\xc3( \xe2\x82";
        let whole = String::from_utf8_lossy(bytes);
        for size in 1..=bytes.len() {
            let mut decoder = Utf8Decoder::default();
            let mut text = String::new();
            for piece in bytes.chunks(size) {
                decoder.feed(piece, &mut text);
            }
            decoder.finish(&mut text);
            assert_eq!(text, whole, "in pieces of {size}");
        }
    }
}
