//! Comma-separated values, as in `--mount=type=bind,"source=a,b"`.

/// The fields of one line, as strict about quotes as Go's `encoding/csv`. The error is a message.
pub(super) fn csv(text: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Err("EOF".to_owned());
    }
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let Some(mut quoted) = rest.strip_prefix('"') else {
            let (field, after) = rest.split_once(',').map_or((rest, None), |(field, after)| (field, Some(after)));
            if field.contains('"') {
                let quote = text.len() - rest.len() + field.find('"').unwrap_or(0);
                return Err(error(quote, "bare \" in non-quoted-field"));
            }
            fields.push(field.to_owned());
            let Some(after) = after else { return Ok(fields) };
            rest = after;
            continue;
        };
        let mut field = String::new();
        loop {
            let unbalanced =
                |rest: &str| error(text.len() - rest.len() - 1, "extraneous or missing \" in quoted-field");
            let (part, after) = quoted.split_once('"').ok_or_else(|| unbalanced(""))?;
            field.push_str(part);
            if let Some(after) = after.strip_prefix('"') {
                field.push('"');
                quoted = after;
            } else if let Some(after) = after.strip_prefix(',') {
                rest = after;
                fields.push(field);
                break;
            } else if after.is_empty() {
                fields.push(field);
                return Ok(fields);
            } else {
                return Err(unbalanced(after));
            }
        }
    }
}

fn error(at: usize, message: &str) -> String {
    format!("parse error on line 1, column {}: {message}", at + 1)
}
