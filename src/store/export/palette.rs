//! The page's colours: one set for light rooms, one for dark ones, as CSS variables.

use std::fmt;
use std::fmt::Write as _;

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Rgb {
    /// From `0xrrggbb`.
    pub const fn hex(number: u32) -> Self {
        Rgb((number >> 16) as u8, (number >> 8) as u8, number as u8)
    }

    /// Whether it is nearer to white than to black, as the eye sees it.
    pub fn is_light(self) -> bool {
        let weighed = 299 * u32::from(self.0) + 587 * u32::from(self.1) + 114 * u32::from(self.2);
        weighed > 127_500
    }
}

macro_rules! palette {
    ($($(#[$doc:meta])* $field:ident = $css:literal, $dark:literal, $light:literal;)*) => {
        /// One set of colours.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Palette {
            $($(#[$doc])* pub $field: Rgb,)*
        }

        impl Palette {
            /// For dark rooms.
            pub const DARK: Palette = Palette { $($field: Rgb::hex($dark),)* };
            /// For light rooms.
            pub const LIGHT: Palette = Palette { $($field: Rgb::hex($light),)* };

            fn variables(&self) -> String {
                let mut css = String::new();
                // Writing to a string does not fail.
                $(let _ = write!(css, "--{}:{};", $css, self.$field);)*
                css
            }
        }
    };
}

palette! {
    /// Behind everything.
    page = "page", 0x14181d, 0xf6f7f9;
    /// Behind cards.
    card = "card", 0x1c222b, 0xffffff;
    /// Behind notes and summaries.
    info = "info", 0x262133, 0xf3eefa;
    /// Behind the person's messages.
    user = "user", 0x1f2630, 0xe9eef5;
    /// Behind failed tools.
    failed = "failed", 0x2c1a1e, 0xfbeaea;
    /// Text.
    text = "text", 0xe4e7eb, 0x1c2127;
    /// Secondary text.
    muted = "muted", 0xa9b1bb, 0x56606b;
    /// Lines and borders.
    line = "line", 0x3c4550, 0xd4dae1;
    /// What is selected, and the name.
    accent = "accent", 0x4fc1b8, 0x0f766e;
    /// Links.
    link = "link", 0x6cb6f5, 0x1d5fa8;
    /// Headings.
    heading = "heading", 0xe0b36a, 0x8a5a00;
    /// Failures, removed lines.
    error = "error", 0xf28b93, 0xb3261e;
    /// Added lines.
    added = "added", 0x8ccf7e, 0x2e7031;
    /// Labels.
    label = "label", 0xc8a2f0, 0x6a3fa0;
    /// Behind what was searched for.
    found = "found", 0xe0b36a, 0xffd977;
    /// What was searched for.
    found_text = "found-text", 0x14181d, 0x14181d;
    /// Comments in code.
    comment = "comment", 0x979fa9, 0x66707b;
    /// Keywords in code.
    keyword = "keyword", 0xc8a2f0, 0x6a3fa0;
    /// Strings in code.
    string = "string", 0x8ccf7e, 0x2e7031;
    /// Numbers in code.
    number = "number", 0xe0b36a, 0x8a5a00;
    /// Types in code.
    kind = "kind", 0x4fc1b8, 0x0f766e;
    /// Functions in code.
    function = "function", 0x6cb6f5, 0x1d5fa8;
}

/// Both sets; the reader's system chooses, and a button changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colors {
    /// For dark rooms.
    pub dark: Palette,
    /// For light rooms.
    pub light: Palette,
}

impl Default for Colors {
    fn default() -> Self {
        Colors {
            dark: Palette::DARK,
            light: Palette::LIGHT,
        }
    }
}

impl Colors {
    /// Puts a set in the place of the one that is for the same kind of room.
    pub fn with(mut self, palette: Palette) -> Self {
        match palette.page.is_light() {
            true => self.light = palette,
            false => self.dark = palette,
        }
        self
    }

    /// The style sheet of the variables.
    pub(super) fn to_css(self) -> String {
        let (dark, light) = (self.dark.variables(), self.light.variables());
        format!(
            ":root{{color-scheme:light;{light}}}\n\
             @media (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}\n\
             :root[data-room=light]{{color-scheme:light;{light}}}\n\
             :root[data-room=dark]{{color-scheme:dark;{dark}}}\n"
        )
    }
}
