//! From the parser's events to the tree: anchors, merge keys, duplicate keys, and the bounds.

use super::message::message;
use super::{Entry, Error, MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_TEXT, Node, Span, Value};
use granit_parser::{ErrorKind, Event, Marker, Options, Parser, ScalarStyle, StructureStyle, Tag};
use std::collections::{HashMap, HashSet};

/// A list or a map that is still open.
struct Open {
    anchor: usize,
    node: Node,
    /// A key that waits for its value.
    key: Option<MapKey>,
    /// The keys so far.
    keys: HashSet<String>,
    /// The entries that `<<` brings in.
    merged: Vec<Entry>,
    flow: bool,
    size: Size,
}

enum MapKey {
    Name(String, bool, Span),
    /// `<<`
    Merge,
}

const NOT_MERGEABLE: &str = "`<<` takes a map or a list of maps, mostly by an alias: `<<: *name`";

/// What a node costs with all that is in it.
#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    text: usize,
    depth: usize,
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    anchors: HashMap<usize, (Node, Size)>,
    spent: Size,
    documents: Vec<Node>,
}

pub(super) fn documents(source: &[u8]) -> Result<Vec<Node>, Error> {
    let start = Span { line: 1, column: 1, end_line: 1, end_column: 1 };
    if source.len() > MAX_BYTES {
        return Err(Error::new(start, format!("the file is larger than {} KiB; no more is read", MAX_BYTES / 1024)));
    }
    let text = std::str::from_utf8(source).map_err(|bad| {
        let good = String::from_utf8_lossy(&source[..bad.valid_up_to()]);
        let (line, last) = good.split('\n').enumerate().last().unwrap_or((0, ""));
        let span = Span { line: number(line + 1), column: number(last.chars().count() + 1), ..start };
        Error::new(span, "a byte that is not UTF-8 text; save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut options = Options::default();
    options.set_emit_comments(false);
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| {
            let at = place(error.marker(), error.marker());
            tab(text, at, error.kind()).unwrap_or_else(|| Error::new(at, message(error.kind())))
        })?;
        builder.take(event, place(&span.start, &span.end))?;
    }
    Ok(builder.documents)
}

/// The tab that a line is indented with: the parser may blame what stands on that line, or the text before it, which a line
/// without a key goes on with.
fn tab(text: &str, at: Span, kind: &ErrorKind) -> Option<Error> {
    if text.trim_start().starts_with(['{', '[']) {
        return None; // there tabs are as good as spaces
    }
    let goes_on = matches!(kind, ErrorKind::TabInPlainScalar | ErrorKind::CommentInterceptedScalar);
    let lines = text.lines().zip(1..).skip_while(|(_, number)| *number < at.line);
    let mut lines = lines.take_while(|(_, number)| goes_on || *number == at.line);
    lines.find_map(|(line, number)| {
        let indentation = line.chars().take_while(|c| c.is_whitespace());
        let column = indentation.zip(1..).find_map(|(c, column)| (c == '\t').then_some(column))?;
        let is_blank = line.trim().is_empty();
        (!is_blank).then(|| Error::new(Span { line: number, column, ..at }, message(&ErrorKind::TabInIndentation)))
    })
}

fn place(start: &Marker, end: &Marker) -> Span {
    Span {
        line: number(start.line().max(1)),
        column: number(start.col() + 1),
        end_line: number(end.line().max(1)),
        end_column: number(end.col() + 1),
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Error> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = tag.as_deref().is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                let size = Size { nodes: 1, text: text.len(), depth: 0 };
                let value = Value::Scalar(text.into_owned(), style != ScalarStyle::Plain || is_text);
                self.spend(size, span)?;
                self.add(Node { value, span, tag: custom(tag.as_deref()) }, anchor, size)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.start(Value::Seq(Vec::new()), style, anchor, tag.as_deref(), span)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.start(Value::Map(Vec::new()), style, anchor, tag.as_deref(), span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => {
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err(Error::new(span, "this alias stands in what it refers to"));
                };
                self.spend(size, span)?;
                self.check_depth(size.depth, span)?;
                self.add(node, 0, size)
            }
            Event::DocumentEnd => {
                self.anchors.clear();
                Ok(())
            }
            // Comments are not asked for, and anchors and unknown aliases come as errors or in their nodes.
            _ => Ok(()),
        }
    }

    fn start(
        &mut self,
        value: Value,
        style: StructureStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Error> {
        let size = Size { nodes: 1, text: 0, depth: 1 };
        self.spend(size, span)?;
        self.check_depth(1, span)?;
        self.open.push(Open {
            anchor,
            node: Node { value, span, tag: custom(tag) },
            key: None,
            keys: HashSet::new(),
            merged: Vec::new(),
            flow: style == StructureStyle::Flow,
            size,
        });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<(), Error> {
        let Some(mut open) = self.open.pop() else { return Ok(()) };
        if open.flow {
            (open.node.span.end_line, open.node.span.end_column) = (span.end_line, span.end_column);
        } else if let Some(last) = open.last() {
            (open.node.span.end_line, open.node.span.end_column) = (last.end_line, last.end_column);
        }
        open.merge();
        self.add(open.node, open.anchor, open.size)
    }

    /// Puts a finished node into what is open, or among the documents.
    fn add(&mut self, node: Node, anchor: usize, size: Size) -> Result<(), Error> {
        if anchor != 0 {
            self.spend(size, node.span)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(open) = self.open.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        open.size.nodes += size.nodes;
        open.size.text += size.text;
        open.size.depth = open.size.depth.max(size.depth + 1);
        match &mut open.node.value {
            Value::Scalar(..) => Ok(()),
            Value::Seq(items) => {
                items.push(node);
                Ok(())
            }
            Value::Map(entries) => match open.key.take() {
                None => {
                    open.key = Some(key(node, &mut open.keys)?);
                    Ok(())
                }
                Some(MapKey::Name(key, key_quoted, key_span)) => {
                    entries.push(Entry { key, key_quoted, key_span, value: node });
                    Ok(())
                }
                Some(MapKey::Merge) => match node.value {
                    Value::Map(entries) => {
                        open.merged.extend(entries);
                        Ok(())
                    }
                    Value::Seq(items) => items.into_iter().try_for_each(|item| match item.value {
                        Value::Map(entries) => {
                            open.merged.extend(entries);
                            Ok(())
                        }
                        _ => Err(Error::new(item.span, NOT_MERGEABLE)),
                    }),
                    Value::Scalar(..) => Err(Error::new(node.span, NOT_MERGEABLE)),
                },
            },
        }
    }

    fn spend(&mut self, size: Size, span: Span) -> Result<(), Error> {
        self.spent.nodes += size.nodes;
        self.spent.text += size.text;
        if self.spent.nodes > MAX_NODES {
            return Err(Error::new(span, format!("more than {MAX_NODES} values, aliases expanded; no more is read")));
        }
        if self.spent.text > MAX_TEXT {
            let limit = MAX_TEXT / 1024 / 1024;
            return Err(Error::new(span, format!("more than {limit} MiB of text, aliases expanded; no more is read")));
        }
        Ok(())
    }

    fn check_depth(&self, more: usize, span: Span) -> Result<(), Error> {
        if self.open.len() + more <= MAX_DEPTH {
            return Ok(());
        }
        Err(Error::new(span, message(&ErrorKind::RecursionLimitExceeded)))
    }
}

fn key(node: Node, known: &mut HashSet<String>) -> Result<MapKey, Error> {
    let Value::Scalar(text, quoted) = node.value else {
        return Err(Error::new(node.span, "a key has to be text, not a list or a map"));
    };
    if !known.insert(text.clone()) {
        return Err(Error::new(node.span, format!("the key `{text}` stands twice in this map")));
    }
    // A quoted "<<" is a key like any other.
    Ok(if text == "<<" && !quoted { MapKey::Merge } else { MapKey::Name(text, quoted, node.span) })
}

impl Open {
    /// Adds what `<<` brought in and the map does not have itself; of several, the first wins.
    fn merge(&mut self) {
        let Value::Map(entries) = &mut self.node.value else { return };
        for entry in self.merged.drain(..) {
            if self.keys.insert(entry.key.clone()) {
                entries.push(entry);
            }
        }
    }

    /// The end of what was written last in it.
    fn last(&self) -> Option<Span> {
        match &self.node.value {
            Value::Seq(items) => items.last().map(|item| item.span),
            Value::Map(entries) => entries.last().map(|entry| entry.value.span),
            Value::Scalar(..) => None,
        }
    }
}

fn custom(tag: Option<&Tag>) -> Option<String> {
    // The kinds of values that are read anyhow; others, such as `!!binary`, say something else than what is written.
    const PLAIN: [&str; 7] = ["str", "int", "float", "bool", "null", "seq", "map"];
    tag.filter(|tag| !PLAIN.iter().any(|plain| tag.is_yaml_core_schema_tag(plain))).map(Tag::original)
}
