//! Numbers and sizes as Compose files and the policy write them: `10`, `64m`, `1.5 GiB`, `/run:size=1g,mode=755`.

/// The number that a text holds: of `name=value` the value counts, of mount options the `size`. Docker counts `k`, `kb`
/// and `kib` alike as 1024. What is below 0 means
/// "no limit", so it is endless. `None` where it is no number.
pub fn amount(text: &str) -> Option<f64> {
    let text = match text.rsplit_once("size=") {
        Some((_, size)) => size.split(',').next().unwrap_or_default(),
        None => text.rsplit_once('=').map_or(text, |(_, value)| value),
    };
    let text = text.trim().to_ascii_lowercase();
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-'))).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit.trim() {
        "" | "b" => 1_u64,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1 << 40,
        _ => return None,
    };
    #[allow(clippy::cast_precision_loss)] // powers of two
    let amount = number.parse::<f64>().ok()? * factor as f64;
    Some(if amount >= 0.0 { amount } else { f64::INFINITY })
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts() {
        for (text, expected) in [
            ("10", Some(10.0)),
            ("64m", Some(67_108_864.0)),
            ("1.5 GiB", Some(1_610_612_736.0)),
            ("soft=1024", Some(1024.0)),
            ("/run:size=1k,mode=755", Some(1024.0)),
            ("/run", None),
            ("-1", Some(f64::INFINITY)),
            ("1e9", None),
            ("inf", None),
            ("nan", None),
            ("0x10", None),
            ("", None),
        ] {
            assert_eq!(amount(text), expected, "{text}");
        }
    }
}
