//! Which known word was probably meant.

/// `; did you mean …?`, or nothing if no known word is near.
pub(super) fn of(word: &str, known: &[&str]) -> String {
    nearest(word, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// The known word that is most like this one, if one is.
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let likeness = |known: &str| strsim::jaro_winkler(known, &word.to_ascii_lowercase());
    known.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|best| likeness(best) > 0.8)
}
