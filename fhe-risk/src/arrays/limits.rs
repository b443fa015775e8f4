//! Limits of what is read, and the grammar of names.

/// Largest file of risk arrays, in bytes.
pub const MAX_FILE_BYTES: usize = 4 << 20;
/// Most scenarios of a file.
pub const MAX_SCENARIOS: usize = 64;
/// Most instruments of a file.
pub const MAX_INSTRUMENTS: usize = 128;
/// Most collateral assets of a file.
pub const MAX_COLLATERAL: usize = 64;
/// Entries and factors stay below this in magnitude.
pub const MAX_ENTRY: u64 = 1 << 31;

/// Longest name, in bytes.
const MAX_NAME: usize = 32;

/// What is wrong with a name, if anything: names are 1 to 32 of `A-Z a-z 0-9 . _ - / :`.
pub(crate) fn name_fault(name: &str) -> Option<&'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte);
    if name.is_empty() || name.len() > MAX_NAME {
        return Some("a name has 1 to 32 bytes");
    }
    (!name.bytes().all(allowed)).then_some("a name is made of A-Z a-z 0-9 . _ - / :")
}
