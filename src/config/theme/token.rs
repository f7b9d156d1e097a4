//! The roles that colours play. Names and their meaning are the reference's.

/// Declares the roles, their names in files, and what a later role falls back to.
macro_rules! tokens {
    ($($(#[$doc:meta])* $variant:ident = $name:literal $(or $fallback:ident)?,)*) => {
        /// A role that a colour plays.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Token {
            $($(#[$doc])* $variant,)*
        }

        impl Token {
            /// All roles, in the order of the theme pages.
            pub const ALL: &[Token] = &[$(Token::$variant),*];

            /// The name in theme files.
            pub fn name(self) -> &'static str {
                match self {
                    $(Token::$variant => $name,)*
                }
            }

            /// The role whose colour is used when a theme does not name this one; `None` when every
            /// theme must.
            pub fn fallback(self) -> Option<Token> {
                match self {
                    $(Token::$variant => fallback!($($fallback)?),)*
                }
            }
        }
    };
}

macro_rules! fallback {
    () => {
        None
    };
    ($token:ident) => {
        Some(Token::$token)
    };
}

tokens! {
    /// Selected entries, the cursor, the name.
    Accent = "accent",
    /// Ordinary borders.
    Border = "border",
    /// Borders that stand out.
    BorderAccent = "borderAccent",
    /// Borders that recede, such as the editor's.
    BorderMuted = "borderMuted",
    /// Something went well.
    Success = "success",
    /// Something failed.
    Error = "error",
    /// Something needs attention.
    Warning = "warning",
    /// Secondary text.
    Muted = "muted",
    /// Tertiary text.
    Dim = "dim",
    /// Text.
    Text = "text",
    /// The model's thinking.
    ThinkingText = "thinkingText",
    /// Behind the selected line.
    SelectedBg = "selectedBg",
    /// Behind the person's messages.
    UserMessageBg = "userMessageBg",
    /// The person's messages.
    UserMessageText = "userMessageText",
    /// Behind messages of extensions.
    CustomMessageBg = "customMessageBg",
    /// Messages of extensions.
    CustomMessageText = "customMessageText",
    /// Their label.
    CustomMessageLabel = "customMessageLabel",
    /// Behind a tool that is running.
    ToolPendingBg = "toolPendingBg",
    /// Behind a tool that succeeded.
    ToolSuccessBg = "toolSuccessBg",
    /// Behind a tool that failed.
    ToolErrorBg = "toolErrorBg",
    /// A tool's title.
    ToolTitle = "toolTitle",
    /// What a tool returned.
    ToolOutput = "toolOutput",
    /// Markdown: headings.
    MdHeading = "mdHeading",
    /// Markdown: the text of links.
    MdLink = "mdLink",
    /// Markdown: the address of links.
    MdLinkUrl = "mdLinkUrl",
    /// Markdown: code in a line.
    MdCode = "mdCode",
    /// Markdown: blocks of code.
    MdCodeBlock = "mdCodeBlock",
    /// Markdown: the fences of blocks of code.
    MdCodeBlockBorder = "mdCodeBlockBorder",
    /// Markdown: quotations.
    MdQuote = "mdQuote",
    /// Markdown: the bar beside quotations.
    MdQuoteBorder = "mdQuoteBorder",
    /// Markdown: horizontal rules.
    MdHr = "mdHr",
    /// Markdown: bullets of lists.
    MdListBullet = "mdListBullet",
    /// Diffs: added lines.
    ToolDiffAdded = "toolDiffAdded",
    /// Diffs: removed lines.
    ToolDiffRemoved = "toolDiffRemoved",
    /// Diffs: lines around them.
    ToolDiffContext = "toolDiffContext",
    /// Code: comments.
    SyntaxComment = "syntaxComment",
    /// Code: keywords.
    SyntaxKeyword = "syntaxKeyword",
    /// Code: names of functions.
    SyntaxFunction = "syntaxFunction",
    /// Code: variables.
    SyntaxVariable = "syntaxVariable",
    /// Code: strings.
    SyntaxString = "syntaxString",
    /// Code: numbers.
    SyntaxNumber = "syntaxNumber",
    /// Code: types.
    SyntaxType = "syntaxType",
    /// Code: operators.
    SyntaxOperator = "syntaxOperator",
    /// Code: punctuation.
    SyntaxPunctuation = "syntaxPunctuation",
    /// The editor's border at thinking level off.
    ThinkingOff = "thinkingOff",
    /// At minimal.
    ThinkingMinimal = "thinkingMinimal",
    /// At low.
    ThinkingLow = "thinkingLow",
    /// At medium.
    ThinkingMedium = "thinkingMedium",
    /// At high.
    ThinkingHigh = "thinkingHigh",
    /// At xhigh.
    ThinkingXhigh = "thinkingXhigh",
    /// The editor's border while it holds a shell command.
    BashMode = "bashMode",
    /// The scrollbar's track.
    ScrollbarTrack = "scrollbarTrack" or Muted,
    /// The scrollbar's thumb.
    ScrollbarThumb = "scrollbarThumb" or Text,
    /// Behind a match of a search.
    SearchMatchBg = "searchMatchBg" or SelectedBg,
    /// A match of a search.
    SearchMatchText = "searchMatchText" or Text,
    /// The editor's border at thinking level max.
    ThinkingMax = "thinkingMax" or ThinkingXhigh,
}
