//! Field elements as canonical decimal strings.

use ark_ff::{BigInt, PrimeField};

/// Digits of the largest number below 2^254.
const MAX_DIGITS: usize = 77;

/// Decimal digits, no leading zero.
pub fn write<F: PrimeField>(value: &F) -> String {
    value.into_bigint().to_string()
}

/// Reads digits without leading zero, below the modulus.
pub fn read<F: PrimeField<BigInt = BigInt<4>>>(text: &str) -> Result<F, &'static str> {
    let digits = text.as_bytes();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err("expected a string of decimal digits");
    }
    if digits.len() > MAX_DIGITS || (digits.len() > 1 && digits.starts_with(b"0")) {
        return Err("expected a number below the modulus without leading zeros");
    }
    let mut value = [0u64; 4];
    for digit in digits {
        let mut carry = u128::from(digit.wrapping_sub(b'0'));
        for word in &mut value {
            // Below 2^64·10 + 2^64: no overflow; a carry out of the last word is impossible below
            // 10^77 < 2^256.
            let sum = u128::from(*word).saturating_mul(10).saturating_add(carry);
            *word = u64::try_from(sum & u128::from(u64::MAX)).unwrap_or_default();
            carry = sum >> 64;
        }
    }
    F::from_bigint(BigInt(value)).ok_or("expected a number below the modulus")
}

#[cfg(test)]
mod tests {
    use ark_bn254::{Fq, Fr};
    use ark_ff::UniformRand;

    use super::*;

    #[test]
    fn written_numbers_are_read_back() {
        for value in [Fr::from(0u64), Fr::from(10u64), Fr::from(u64::MAX), -Fr::from(1u64)] {
            assert_eq!(read(&write(&value)), Ok(value));
        }
        for _ in 0..100 {
            let value = Fq::rand(&mut rand_core::OsRng);
            assert_eq!(read(&write(&value)), Ok(value));
        }
        assert_eq!(write(&Fr::from(0u64)), "0");
    }

    #[test]
    fn other_spellings_are_refused() {
        let modulus = Fr::MODULUS.to_string();
        let long = "9".repeat(77);
        for text in ["", "00", "01", "-1", "+1", "1.0", "1e5", "0x1", " 1", "1 ", "١", &modulus, &long] {
            assert!(read::<Fr>(text).is_err(), "{text}");
        }
        assert!(read::<Fq>(&modulus).is_ok());
        assert!(read::<Fq>(&"1".repeat(78)).is_err());
    }
}
