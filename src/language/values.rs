//! Values that are more than a word: lengths of time, paths on a server.

use super::matcher::text;
use super::parameters::placeholders;
use super::scope::Scope;
use crate::yaml::Node;
use std::time::Duration;

/// The longest that one step may take.
pub(crate) const LONGEST: Duration = Duration::from_secs(600);

/// A length of time up to a bound.
pub(crate) fn duration(scope: &Scope<'_>, node: &Node, longest: Duration) -> Option<Duration> {
    let written = text(scope, node, "a length of time (such as 5s)")?;
    let read = humantime::parse_duration(&written).ok().filter(|duration| *duration <= longest);
    if read.is_none() {
        let most = humantime::format_duration(longest);
        scope.add(scope.bad(node, format!("`{written}` is not a length of time up to {most} (such as 5s)")));
    }
    read
}

/// A path from `/`, in which captured values may stand.
pub(crate) fn url_path(scope: &Scope<'_>, node: &Node) -> Option<String> {
    let path = scope.prose(node)?;
    for name in placeholders(&path).into_iter().filter(|name| !scope.captures.contains(*name)) {
        scope.add(
            scope.bad(node, format!("`{{{name}}}` is no parameter of this check, and no earlier step captures it")),
        );
    }
    if !path.starts_with('/') || path.chars().any(|c| c.is_whitespace() || c.is_control()) {
        scope.add(scope.bad(node, "a path on a server starts with `/` and holds no blanks"));
        return None;
    }
    Some(path)
}
