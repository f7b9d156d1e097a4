//! Settings that are one of a few words.

/// Declares an enum whose variants are words in a file; the first is the default.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $name {
                $($(#[$inner])* $variant,)*
            }

            impl $name {
                /// All of them, the default first.
                pub const ALL: &[$name] = &[$($name::$variant),*];

                /// The word in files.
                pub fn as_str(self) -> &'static str {
                    match self {
                        $($name::$variant => $word,)*
                    }
                }
            }

            impl Word for $name {
                fn parse(word: &str) -> Option<Self> {
                    Self::ALL.iter().copied().find(|choice| choice.as_str() == word)
                }

                fn words() -> Vec<&'static str> {
                    Self::ALL.iter().map(|choice| choice.as_str()).collect()
                }
            }

            impl Default for $name {
                fn default() -> Self {
                    Self::ALL[0]
                }
            }
        )*
    };
}

/// Something that a file writes as a word.
pub(super) trait Word: Sized {
    /// What a word means.
    fn parse(word: &str) -> Option<Self>;
    /// All words.
    fn words() -> Vec<&'static str>;
}

impl Word for crate::ai::ThinkingLevel {
    fn parse(word: &str) -> Option<Self> {
        Self::parse(word)
    }

    fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|level| level.as_str()).collect()
    }
}

choices! {
    /// How waiting messages are delivered.
    QueueMode {
        /// One per turn.
        OneAtATime = "one-at-a-time",
        /// All that wait.
        All = "all",
    }
    /// How a person is told who does not look at the terminal.
    NotifyBy {
        /// On the desktop where the terminal can, else by the bell.
        Auto = "auto",
        /// By the bell.
        Bell = "bell",
        /// Not at all.
        Off = "off",
    }
    /// What a double Escape does when the editor is empty.
    DoubleEscape {
        /// Opens the session tree.
        Tree = "tree",
        /// Opens the list of messages to fork from.
        Fork = "fork",
        /// Nothing.
        None = "none",
    }
    /// What the session tree shows at first.
    TreeFilter {
        /// The usual entries.
        Default = "default",
        /// Without tool results.
        NoTools = "no-tools",
        /// The person's messages only.
        UserOnly = "user-only",
        /// Labelled entries only.
        LabeledOnly = "labeled-only",
        /// Everything.
        All = "all",
    }
    /// How to reach vendors that offer more than one way.
    Transport {
        /// Whatever suits.
        Auto = "auto",
        /// Server-sent events.
        Sse = "sse",
        /// A web socket.
        Websocket = "websocket",
        /// A web socket that is kept open.
        WebsocketCached = "websocket-cached",
    }
    /// What becomes of a project that nobody has decided about.
    DefaultTrust {
        /// The person is asked.
        Ask = "ask",
        /// It is trusted.
        Always = "always",
        /// It is not.
        Never = "never",
    }
    /// The terminal mode.
    TuiMode {
        /// On the alternate screen.
        Fullscreen = "fullscreen",
        /// In the terminal's own scrollback.
        Regular = "regular",
    }
    /// What is printed when fullscreen ends.
    ExitOutput {
        /// The transcript.
        Transcript = "transcript",
        /// How to go on with the session.
        ResumeHint = "resume-hint",
    }
    /// When fullscreen shows a scrollbar.
    Scrollbar {
        /// While scrolling.
        Auto = "auto",
        /// Always.
        Always = "always",
        /// Never.
        Hidden = "hidden",
    }
    /// How diagrams are drawn.
    Mermaid {
        /// While they arrive.
        Streaming = "streaming",
        /// Once they are whole.
        Final = "final",
        /// Not at all.
        Off = "off",
    }
    /// Whether vendors' prompt caches are kept warm.
    CacheWarming {
        /// Never.
        Off = "off",
        /// During runs.
        Streaming = "streaming",
        /// Between runs too.
        Idle = "idle",
    }
}

/// How much of the start is hidden.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Quiet {
    /// Nothing.
    #[default]
    Off,
    /// Everything.
    On,
    /// All but the header.
    Header,
}

/// Something that is on, off, or found out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Switch {
    /// Found out.
    #[default]
    Auto,
    /// On.
    On,
    /// Off.
    Off,
}

/// How pictures reach the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Images {
    /// Found out.
    #[default]
    Auto,
    /// By kitty's protocol.
    Kitty,
    /// By iTerm2's protocol.
    Iterm2,
    /// As sixels.
    Sixel,
    /// Not at all.
    Off,
}

/// Rows that one step of the mouse wheel scrolls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WheelLines {
    /// Found out.
    #[default]
    Auto,
    /// This many.
    Rows(u16),
}
