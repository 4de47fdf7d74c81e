//! "Did you mean …?": the nearest of the names that would have been right.

/// As far off as BuildKit still takes for a misspelling (edits).
const FURTHEST: usize = 2;

/// ` (did you mean X?)`, or nothing where no option is near.
/// Equally near ones are taken in the order given.
pub(super) fn did_you_mean(value: &str, options: &[&str]) -> String {
    nearest(value, options).map_or_else(String::new, |name| format!(" (did you mean {name}?)"))
}

/// The option with the fewest edits from `value`, at most two.
pub(super) fn nearest<'o>(value: &str, options: &[&'o str]) -> Option<&'o str> {
    if options.contains(&value) {
        return None;
    }
    // Lengths alone tell most of them apart, and keep a word of a megabyte cheap.
    let length = value.chars().take(64).count();
    options
        .iter()
        .filter(|option| option.chars().count().abs_diff(length) <= FURTHEST)
        // Of two as far off, the one with letters swapped is the likelier: `chwon` is `chown` rather than `chmod`.
        .map(|option| (strsim::levenshtein(value, option), strsim::osa_distance(value, option), *option))
        .filter(|(distance, ..)| *distance <= FURTHEST)
        .min_by_key(|(distance, swapped, _)| (*distance, *swapped))
        .map(|(.., option)| option)
}

/// `name` in the case of `like`: all lower or all upper, as BuildKit suggests instructions.
pub(super) fn in_case_of(like: &str, name: &str) -> String {
    if like == like.to_uppercase() && like != like.to_lowercase() { name.to_uppercase() } else { name.to_lowercase() }
}
