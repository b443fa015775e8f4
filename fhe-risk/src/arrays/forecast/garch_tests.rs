use super::{
    super::simulate::{TRUE, returns},
    *,
};

fn close(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} {expected}");
}

/// By hand: ε = 0.4, −0.35, 0.9, −1.6; mean square 0.91312…; h₁ = 0.2 + 0.8 · that, and so on.
#[test]
fn the_likelihood_of_four_returns() {
    let returns = [0.5, -0.25, 1.0, -1.5];
    let shocks = [0.4f64, -0.35, 0.9, -1.6];
    let start = (0.16 + 0.1225 + 0.81 + 2.56) / 4.0;
    let h1 = 0.2 + 0.8 * start;
    let h2 = 0.2 + 0.3 * 0.16 + 0.5 * h1;
    let h3 = 0.2 + 0.3 * 0.1225 + 0.5 * h2;
    let h4 = 0.2 + 0.3 * 0.81 + 0.5 * h3;
    let terms =
        shocks.iter().zip([h1, h2, h3, h4]).map(|(e, h)| (2.0 * std::f64::consts::PI * h).ln() + e * e / h);
    let theta = [0.1, 0.2, 0.3, 0.5];
    close(log_likelihood(&returns, theta), -terms.sum::<f64>() / 2.0, 1e-12);
    // numpy 2.4, the same recursion: value and variance of the fifth return.
    close(log_likelihood(&returns, theta), -5.643_894_433_651_427, 1e-12);
    close(run(&returns, theta).next_variance, 1.337_843_75, 1e-12);
}

#[test]
fn derivatives_are_those_of_differences() {
    let returns = returns(300);
    let theta = [0.05, 0.03, 0.12, 0.8];
    let gradient = run(&returns, theta).gradient;
    for (i, slope) in gradient.into_iter().enumerate() {
        let at = |step: f64| {
            log_likelihood(&returns, std::array::from_fn(|j| theta[j] + if i == j { step } else { 0.0 }))
        };
        let difference = (at(1e-6) - at(-1e-6)) / 2e-6;
        close(slope, difference, 1e-5 * (1.0 + difference.abs()));
    }
}

#[test]
fn the_derivatives_of_the_parameters_are_those_of_differences() {
    let at = [0.3, -1.5, 0.4, 1.2];
    let (_, jacobian) = bounded(at);
    for i in 0..4 {
        let moved = |step: f64| bounded(std::array::from_fn(|j| at[j] + if i == j { step } else { 0.0 })).0;
        for (row, (up, down)) in jacobian.iter().zip(moved(1e-6).into_iter().zip(moved(-1e-6))) {
            close(row[i], (up - down) / 2e-6, 1e-9);
        }
    }
    let (back, _) = bounded(free(0.1, 0.8));
    for (got, expected) in back.into_iter().zip([0.0, 0.1, 0.1, 0.8]) {
        close(got, expected, 1e-15);
    }
}

/// First 2000 simulated returns. scipy 1.17, Nelder-Mead on the same likelihood in numpy, to 8 digits;
/// `arch` 8.0.0 with the mean square as backcast agrees: log-likelihood −1869.81080046, next to which its
/// parameters differ by 4e-6, as it does not count the start's dependence on the mean.
#[test]
fn the_fit_equals_that_of_scipy_and_arch() {
    let fit = Garch::fit(&returns(2000)).unwrap();
    let expected = [0.043_232_19, 0.022_597_33, 0.121_876_77, 0.824_344_82];
    for (got, expected) in [fit.mean, fit.omega, fit.alpha, fit.beta].into_iter().zip(expected) {
        close(got, expected, 2e-7);
    }
    close(fit.log_likelihood, -1_869.810_800_497, 1e-8);
    close(fit.next_variance, 0.306_982_169, 1e-6);
}

#[test]
fn the_end_of_the_fit_is_a_maximum() {
    let returns = returns(1000);
    let fit = Garch::fit(&returns).unwrap();
    let theta = [fit.mean, fit.omega, fit.alpha, fit.beta];
    for slope in run(&returns, theta).gradient {
        close(slope / 1000.0, 0.0, 1e-6);
    }
    for i in 0..4 {
        for factor in [0.99, 1.01] {
            let moved = std::array::from_fn(|j| theta[j] * if i == j { factor } else { 1.0 });
            assert!(log_likelihood(&returns, moved) < fit.log_likelihood);
        }
    }
}

/// Within three standard errors, which `arch` 8.0.0 gives as 0.0041, 0.0018, 0.0054, 0.0079.
#[test]
fn the_parameters_of_a_long_series_are_recovered() {
    let fit = Garch::fit(&returns(20_000)).unwrap();
    let errors = [0.0041, 0.0018, 0.0054, 0.0079];
    for ((got, expected), error) in
        [fit.mean, fit.omega, fit.alpha, fit.beta].into_iter().zip(TRUE).zip(errors)
    {
        close(got, expected, 3.0 * error);
    }
}

#[test]
fn the_unit_of_returns_does_not_matter() {
    let percent = returns(600);
    let small: Vec<f64> = percent.iter().map(|r| r / 100.0).collect();
    let (percent, small) = (Garch::fit(&percent).unwrap(), Garch::fit(&small).unwrap());
    close(small.omega * 1e4, percent.omega, 1e-6);
    close(small.alpha, percent.alpha, 1e-6);
    close(small.beta, percent.beta, 1e-6);
    close(small.log_likelihood, percent.log_likelihood + 600.0 * 100f64.ln(), 1e-6);
}

#[test]
fn the_variance_tends_to_the_stationary_one() {
    let garch =
        Garch { mean: 0.0, omega: 0.1, alpha: 0.1, beta: 0.8, log_likelihood: 0.0, next_variance: 2.0 };
    close(garch.mean_variance(1), 2.0, 0.0);
    close(garch.mean_variance(0), 2.0, 0.0);
    close(garch.mean_variance(3), (2.0 + 1.9 + 1.81) / 3.0, 1e-15);
    close(garch.mean_variance(100_000), 1.0, 1e-3);
}

/// Fiorentini, Calzolari and Panattoni (1996); see the documentation of the module.
#[test]
#[ignore = "needs the DEM/GBP returns: set SOLVENTRY_DEM_GBP to a file with one return in percent per line"]
fn the_benchmark_of_bollerslev_and_ghysels() {
    let path = std::env::var("SOLVENTRY_DEM_GBP").expect("SOLVENTRY_DEM_GBP names the file");
    let text = std::fs::read_to_string(path).unwrap();
    let returns: Vec<f64> = text.split_whitespace().map(|r| r.parse().unwrap()).collect();
    assert_eq!(returns.len(), 1974);
    let fit = Garch::fit(&returns).unwrap();
    close(fit.mean, -0.006_190_41, 5e-9);
    close(fit.omega, 0.010_761_3, 1e-7); // printed without rounding: 0.0107613979
    close(fit.alpha, 0.153_134, 5e-7);
    close(fit.beta, 0.805_974, 5e-7);
    close(fit.log_likelihood, -1_106.607_88, 5e-6);
}
