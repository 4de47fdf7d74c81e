//! What the parser's complaints mean to somebody who is new to YAML.

use super::MAX_DEPTH;
use granit_parser::ErrorKind;

/// The mistakes that beginners make, in their words; the rare ones in the parser's own.
pub(super) fn message(kind: &ErrorKind) -> String {
    let text = match kind {
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed => {
            "a tab here; YAML is indented with spaces only"
        }
        ErrorKind::MappingValueNotAllowed => {
            "a `:` where none can be; is this line indented as its neighbours are, and text that holds `: ` quoted?"
        }
        ErrorKind::ExpectedBlockMappingKey => {
            "a `key: value` was expected here; is this line indented as its neighbours are?"
        }
        ErrorKind::ExpectedBlockSequenceEntry => {
            "a `- item` was expected here; is this line indented as its neighbours are?"
        }
        ErrorKind::BlockSequenceEntryNotAllowed => "a `- item` cannot stand here; start the list on a line of its own",
        ErrorKind::SimpleKeyExpected => "a `key: value` was expected here; is the `:` missing?",
        ErrorKind::InvalidIndentation => "this line is not indented as its neighbours are",
        ErrorKind::UnclosedFlowCollection { open } => return format!("this `{open}` is never closed"),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return format!("this `{close}` closes a `{open}`");
        }
        ErrorKind::MisplacedFlowCollectionEnd => "this bracket closes nothing",
        ErrorKind::ExpectedFlowMappingSeparator => "a `,` or the closing `}` is missing before this",
        ErrorKind::ExpectedFlowSequenceSeparator => "a `,` or the closing `]` is missing before this",
        ErrorKind::UnclosedQuotedScalar | ErrorKind::InvalidQuotedScalarIndent => {
            "a quoted text is never closed before this"
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar => {
            "something stands behind the closing quote; inside '…' a quote is written twice: ''"
        }
        ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            "something stands behind the closing quote; inside \"…\" a quote is written \\\""
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            "an unknown `\\` in this quoted text; write it twice, or use single quotes"
        }
        ErrorKind::UnexpectedCharacter { character } => {
            return format!("text cannot start with `{}`; quote it", character.escape_default());
        }
        ErrorKind::UnknownAnchor => "no `&` of this name stands above",
        ErrorKind::CommentNotSeparated => "a comment needs a space before its `#`",
        ErrorKind::RecursionLimitExceeded => {
            return format!("lists and maps nested more than {MAX_DEPTH} deep; no more is read");
        }
        other => return other.to_string(),
    };
    text.to_owned()
}
