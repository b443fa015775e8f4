//! A GARCH(1,1) series that other languages compute alike.

/// μ, ω, α, β of the series.
pub const TRUE: [f64; 4] = [0.02, 0.02, 0.1, 0.85];

/// Uniforms from the 64-bit generator of D. Steele et al. ("splitmix64", seed 1), normals by
/// Box and Muller (cosine only), first variance the stationary one.
pub fn returns(count: usize) -> Vec<f64> {
    let [mu, omega, alpha, beta] = TRUE;
    let mut state = 1u64;
    let mut uniform = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    };
    let mut variance = omega / (1.0 - alpha - beta);
    let next = |_| {
        let normal = (-2.0 * uniform().ln()).sqrt() * (2.0 * std::f64::consts::PI * uniform()).cos();
        let shock = variance.sqrt() * normal;
        variance = omega + alpha * shock * shock + beta * variance;
        mu + shock
    };
    (0..count).map(next).collect()
}
