//! GARCH(1,1) with constant mean: `r = μ + ε`, `h' = ω + α·ε² + β·h` (T. Bollerslev, J. Econometrics
//! 31, 1986), fitted by quasi-maximum likelihood (normal density).
//!
//! The start of the variance is that of G. Fiorentini, G. Calzolari, L. Panattoni, "Analytic
//! derivatives and the computation of GARCH estimates" (J. Applied Econometrics 11, 1996): before the
//! first return, both h and ε² are the mean of all ε². Their figures for the DEM/GBP returns of
//! T. Bollerslev and E. Ghysels (J. Business & Economic Statistics 14, 1996) are the benchmark of
//! GARCH software: μ −0.00619041, ω 0.0107613, α 0.153134, β 0.805974, log-likelihood −1106.60788.
//!
//! The 1974 returns come in packages of other licences and are not kept here. The test that compares
//! with the figures reads them from the file that `SOLVENTRY_DEM_GBP` names, one return in percent per
//! line: `BG96` of ARCHModels.jl (MIT), `dmbp[, 1]` of rugarch, `MarkPound` of AER, `dem2gbp` of fGarch.
//! README, "Develop", has the command.

use super::{ForecastError, long_enough, minimise::minimise};

/// Parameters in the order μ, ω, α, β.
pub type Theta = [f64; 4];

/// A fitted model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Garch {
    /// Mean return μ.
    pub mean: f64,
    /// Constant ω of the variance, above 0.
    pub omega: f64,
    /// Weight α of the last squared shock; α, β > 0 and α + β < 1.
    pub alpha: f64,
    /// Weight β of the last variance.
    pub beta: f64,
    /// Logarithm of the normal likelihood.
    pub log_likelihood: f64,
    /// Variance of the return after the last one.
    pub next_variance: f64,
}

impl Garch {
    /// Fits the model: the best of three starts, each an ascent with analytic derivatives in the
    /// parameters μ, ln ω and (α, β, 1 − α − β) as a softmax, on standardised returns.
    pub fn fit(returns: &[f64]) -> Result<Self, ForecastError> {
        long_enough(returns)?;
        let count = returns.len() as f64;
        let centre = returns.iter().sum::<f64>() / count;
        let deviation = (returns.iter().map(|r| (r - centre).powi(2)).sum::<f64>() / count).sqrt();
        // A constant has rounding errors for a deviation.
        if !(deviation.is_finite() && deviation > 1e-12 * centre.abs()) {
            return Err(ForecastError::Degenerate);
        }
        let standard: Vec<f64> = returns.iter().map(|r| (r - centre) / deviation).collect();
        let cost = |free: Theta| {
            let (theta, jacobian) = bounded(free);
            let run = run(&standard, theta);
            let slope = |i: usize| (0..4).map(|j| run.gradient[j] * jacobian[j][i]).sum::<f64>();
            (-run.log_likelihood / count, std::array::from_fn(|i| -slope(i) / count))
        };
        let ends = [(0.05, 0.9), (0.1, 0.8), (0.2, 0.5)].map(|(a, b)| minimise(cost, free(a, b), 1e-10));
        let [first, others @ ..] = ends;
        let best =
            others.into_iter().fold(first, |best, end| if end.value < best.value { end } else { best });
        if !(best.slope() <= 1e-6 && best.value.is_finite()) {
            return Err(ForecastError::NotConverged { gradient: best.slope() });
        }
        let ([mu, omega, alpha, beta], _) = bounded(best.x);
        let (mean, omega) = (centre + deviation * mu, omega * deviation * deviation);
        let run = run(returns, [mean, omega, alpha, beta]);
        let (log_likelihood, next_variance) = (run.log_likelihood, run.next_variance);
        Ok(Self { mean, omega, alpha, beta, log_likelihood, next_variance })
    }

    /// Expected variance per day over the next `days` days (at least one): from tomorrow's variance it
    /// tends to the stationary one, ω / (1 − α − β), by the factor α + β per day.
    pub fn mean_variance(&self, days: u32) -> f64 {
        let step = |variance: &f64| Some(self.omega + (self.alpha + self.beta) * variance);
        let days = days.max(1);
        let path = std::iter::successors(Some(self.next_variance), step).take(days as usize);
        path.sum::<f64>() / f64::from(days)
    }
}

/// Logarithm of the normal likelihood of `returns`, which are not empty, under the parameters.
pub fn log_likelihood(returns: &[f64], theta: Theta) -> f64 {
    run(returns, theta).log_likelihood
}

/// One pass over the returns.
struct Run {
    log_likelihood: f64,
    /// By the parameters.
    gradient: Theta,
    next_variance: f64,
}

fn run(returns: &[f64], theta: Theta) -> Run {
    let [mu, omega, alpha, beta] = theta;
    let count = returns.len() as f64;
    let start = returns.iter().map(|r| (r - mu).powi(2)).sum::<f64>() / count;
    let start_by_mu = -2.0 * returns.iter().map(|r| r - mu).sum::<f64>() / count;
    let mut h = omega + (alpha + beta) * start;
    let mut h_by = [(alpha + beta) * start_by_mu, 1.0, start, start];
    let (mut sum, mut gradient) = (0.0, [0.0; 4]);
    for r in returns {
        let shock = r - mu;
        let ratio = shock * shock / h;
        sum += h.ln() + ratio;
        let by_h = (ratio - 1.0) / (2.0 * h);
        for (total, h_by) in gradient.iter_mut().zip(h_by) {
            *total += by_h * h_by;
        }
        gradient[0] += shock / h;
        let direct = [-2.0 * alpha * shock, 1.0, shock * shock, h];
        h_by = std::array::from_fn(|i| direct[i] + beta * h_by[i]);
        h = omega + alpha * shock * shock + beta * h;
    }
    let log_likelihood = -(count * (2.0 * std::f64::consts::PI).ln() + sum) / 2.0;
    Run { log_likelihood, gradient, next_variance: h }
}

/// The parameters of unbounded ones (μ, ln ω, u, v), α : β : rest = e^u : e^v : 1, and their
/// derivatives by them, one row per parameter.
fn bounded([mu, log_omega, u, v]: Theta) -> (Theta, [Theta; 4]) {
    let most = u.max(v).max(0.0);
    let [eu, ev, rest] = [u, v, 0.0].map(|x| (x - most).exp());
    let (alpha, beta, omega) = (eu / (eu + ev + rest), ev / (eu + ev + rest), log_omega.exp());
    let jacobian = [
        [1.0, 0.0, 0.0, 0.0],
        [0.0, omega, 0.0, 0.0],
        [0.0, 0.0, alpha * (1.0 - alpha), -alpha * beta],
        [0.0, 0.0, -alpha * beta, beta * (1.0 - beta)],
    ];
    ([mu, omega, alpha, beta], jacobian)
}

/// Unbounded parameters of a model with mean 0 and stationary variance 1.
fn free(alpha: f64, beta: f64) -> Theta {
    let rest: f64 = 1.0 - alpha - beta;
    [0.0, rest.ln(), (alpha / rest).ln(), (beta / rest).ln()]
}

#[cfg(test)]
#[path = "garch_tests.rs"]
mod tests;
