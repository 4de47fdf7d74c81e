//! Image names: `registry/repository:tag@digest`.

/// The name of an image. The grammar is that of `distribution/reference`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Registry and repository as written: `python`, `ghcr.io/owner/name`.
    pub image: String,
    /// The tag, if it has one; without tag and digest Docker takes `latest`.
    pub tag: Option<String>,
    /// Algorithm and hash, if it has one.
    pub digest: Option<String>,
}

impl Reference {
    /// Reads a name; the error is a message.
    pub fn parse(text: &str) -> Result<Self, String> {
        let invalid = || "invalid reference format".to_owned();
        if text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(format!("invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"));
        }
        let (rest, digest) = text.split_once('@').map_or((text, None), |(rest, digest)| (rest, Some(digest)));
        let slash = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (image, tag) = match rest.get(slash..).and_then(|last| last.rfind(':')) {
            Some(colon) => (rest.get(..slash + colon), rest.get(slash + colon + 1..)),
            None => (Some(rest), None),
        };
        let image = image.unwrap_or_default();
        let (domain, path) = split_domain(image);
        if path.chars().any(char::is_uppercase) {
            let library = if domain.is_none() && !path.contains('/') { "library/" } else { "" };
            return Err(format!("invalid reference format: repository name ({library}{path}) must be lowercase"));
        }
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let tag_is_valid = tag.is_none_or(|tag| {
            tag.len() <= 128 && tag.starts_with(word) && tag.chars().all(|c| word(c) || matches!(c, '.' | '-'))
        });
        let digest_is_valid = digest.is_none_or(|digest| {
            let (algorithm, hash) = digest.split_once(':').unwrap_or_default();
            algorithm.starts_with(|c: char| c.is_ascii_alphabetic())
                && algorithm.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-' | '_'))
                && hash.len() >= 32
                && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        let valid = domain.is_none_or(domain_is_valid)
            && path.split('/').all(component_is_valid)
            && tag_is_valid
            && digest_is_valid;
        if !valid || image.len() > 255 {
            return Err(invalid());
        }
        Ok(Self { image: image.to_owned(), tag: tag.map(str::to_owned), digest: digest.map(str::to_owned) })
    }
}

/// The registry that an image names, if it does, and the repository there.
pub fn split_domain(image: &str) -> (Option<&str>, &str) {
    let is_domain = |first: &str| first.contains(['.', ':']) || first == "localhost" || first.to_lowercase() != first;
    match image.split_once('/') {
        Some((first, path)) if is_domain(first) => (Some(first), path),
        _ => (None, image),
    }
}

fn domain_is_valid(domain: &str) -> bool {
    let (host, port) = domain.rsplit_once(':').map_or((domain, None), |(host, port)| (host, Some(port)));
    let port_is_valid = port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    let in_brackets = host.starts_with('[') && host.ends_with(']');
    let label_is_valid = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    port_is_valid && (in_brackets || host.split('.').all(label_is_valid))
}

/// Lower-case letters and digits, with `.`, `_`, `__` or any number of `-` between them.
fn component_is_valid(component: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separators = component.split(is_letter).filter(|separator| !separator.is_empty());
    component.starts_with(is_letter)
        && component.ends_with(is_letter)
        && separators
            .into_iter()
            .all(|separator| matches!(separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-'))
}

#[cfg(test)]
mod tests {
    use super::Reference;

    #[test]
    fn splits_names() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (text, image, tag, with_digest) in [
            ("python".to_owned(), "python", None, false),
            ("python:3.11-slim".to_owned(), "python", Some("3.11-slim"), false),
            ("localhost:5000/a/b".to_owned(), "localhost:5000/a/b", None, false),
            ("ghcr.io/o/n:v1".to_owned(), "ghcr.io/o/n", Some("v1"), false),
            (format!("a/b__c:1@{digest}"), "a/b__c", Some("1"), true),
            (format!("alpine@{digest}"), "alpine", None, true),
        ] {
            let reference = Reference::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(
                (reference.image.as_str(), reference.tag.as_deref(), reference.digest.is_some()),
                (image, tag, with_digest)
            );
        }
    }

    #[test]
    fn refuses_what_no_image_can_be_called() {
        for text in ["", "a:", "-a", "a..b", "a b", "a@sha256:12", "a:b:c", "a/", "http://a", "a:#"] {
            assert_eq!(Reference::parse(text), Err("invalid reference format".to_owned()), "{text}");
        }
        let error = Reference::parse("Python:3.11").unwrap_err();
        assert_eq!(error, "invalid reference format: repository name (library/Python) must be lowercase");
    }
}
