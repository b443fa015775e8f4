//! Which windows decide a sign.

/// One bootstrap of a sign chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its highest bit.
    pub top: u32,
    /// The selected window that it is read from: the same, or one four bits higher.
    pub clean: u32,
}

/// Windows for values that come straight from inputs, from low to high: every fourth bit.
pub fn fresh(bits: u32) -> Vec<Window> {
    let lowest = (bits - 1) % 4;
    (lowest..bits).step_by(4).map(|top| Window { top, clean: top }).collect()
}

/// Windows for values that were selected, from low to high.
///
/// A selected window carries the noise of a bootstrap. Read four bits lower, that noise grows
/// sixteenfold, so such a window is only three bits above the next: seven bits for one selection.
pub fn selected(bits: u32) -> Vec<Window> {
    let mut windows = Vec::new();
    let mut clean = bits - 1;
    loop {
        windows.push(Window { top: clean, clean });
        if clean <= 3 {
            break;
        }
        windows.push(Window { top: clean - 4, clean });
        if clean - 4 <= 3 {
            break;
        }
        clean -= 7;
    }
    windows.reverse();
    windows
}

/// The windows that are selected, from high to low.
pub fn clean(bits: u32) -> Vec<u32> {
    let mut tops: Vec<_> = selected(bits).iter().rev().map(|window| window.clean).collect();
    tops.dedup();
    tops
}
