//! What a mistyped name may have meant.

/// Known names that are compared with: a file decides how many there are.
const MOST_KNOWN: usize = 256;

/// The known name that is nearest to `got`, if it is near enough to be meant.
pub(crate) fn nearest<'a>(got: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = got.chars().take(64).flat_map(char::to_lowercase).collect();
    let best = known.into_iter().take(MOST_KNOWN).map(|name| {
        let letters: Vec<char> = name.chars().take(64).flat_map(char::to_lowercase).collect();
        (distance(&typed, &letters), letters.len().max(typed.len()), name)
    });
    best.min_by_key(|(edits, ..)| *edits)
        .filter(|(edits, length, _)| edits.saturating_mul(3) <= *length)
        .map(|(.., name)| name)
}

/// Least number of letters to insert, remove or change (Levenshtein), row by row.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, letter) in (1..).zip(from) {
        let mut left = above;
        let mut next = vec![above];
        for (pair, other) in row.windows(2).zip(to) {
            let (diagonal, up) = (pair.first().copied().unwrap_or(0), pair.last().copied().unwrap_or(0));
            let change = diagonal + usize::from(letter != other);
            left = change.min(up + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["per_payment", "per_hour", "exchange", "BTC"];
        assert_eq!(nearest("per_payments", names), Some("per_payment"));
        assert_eq!(nearest("per_huor", names), Some("per_hour"));
        assert_eq!(nearest("Exchange", names), Some("exchange"));
        assert_eq!(nearest("btc", names), Some("BTC"));
        assert_eq!(nearest("ETH", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(distance(&['a', 'b'], &[]), 2);
    }
}
