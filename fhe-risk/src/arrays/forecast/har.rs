//! Heterogeneous autoregression of realised variance (F. Corsi, J. Financial Econometrics 7, 2009):
//! the mean variance of the next days regressed, by ordinary least squares, on a constant and on the
//! realised variance of the last day, of the last 5 days and of the last 22 days (daily means).
//! A day's realised variance is its squared return: a history has daily prices only.

use super::{ForecastError, long_enough};

/// Days in a week and in a month.
const WEEK: usize = 5;
const MONTH: usize = 22;

/// Forecast of the variance per day over the next `days` days, at least one. It may be negative,
/// as any linear forecast; a price scan range is then not raised.
pub fn har_variance(returns: &[f64], days: u32) -> Result<f64, ForecastError> {
    long_enough(returns)?;
    let days = (days.max(1) as usize).min(returns.len() / 2);
    // In units of the mean variance, so that the equations are of size 1.
    let scale = mean(&returns.iter().map(|r| r * r).collect::<Vec<_>>());
    let squares: Vec<f64> = returns.iter().map(|r| r * r / scale).collect();
    let regressors = |end: usize| {
        let [day, week, month] = [1, WEEK, MONTH].map(|length| mean(&squares[end - length..end]));
        [1.0, day, week, month]
    };
    let rows = (MONTH..=squares.len() - days).map(|end| (regressors(end), mean(&squares[end..end + days])));
    let coefficients = least_squares(rows).ok_or(ForecastError::Degenerate)?;
    let last = regressors(squares.len());
    Ok(scale * coefficients.iter().zip(last).map(|(b, x)| b * x).sum::<f64>())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Coefficients of ordinary least squares from the normal equations; none where the regressors depend
/// on one another.
fn least_squares(rows: impl Iterator<Item = ([f64; 4], f64)>) -> Option<[f64; 4]> {
    let mut equations = [[0.0; 5]; 4];
    for (x, y) in rows {
        for i in 0..4 {
            for j in 0..4 {
                equations[i][j] += x[i] * x[j];
            }
            equations[i][4] += x[i] * y;
        }
    }
    solve(equations)
}

/// Gauss and Jordan with row pivoting; none where a pivot is lost in rounding.
fn solve(mut equations: [[f64; 5]; 4]) -> Option<[f64; 4]> {
    let largest = equations.iter().map(|row| row[0].abs()).fold(0.0, f64::max);
    for column in 0..4 {
        let pivot =
            (column..4).max_by(|a, b| equations[*a][column].abs().total_cmp(&equations[*b][column].abs()))?;
        equations.swap(column, pivot);
        let divisor = equations[column][column];
        if divisor.abs() <= 1e-10 * largest || divisor.is_nan() {
            return None;
        }
        let pivot_row = equations[column].map(|value| value / divisor);
        for (index, row) in equations.iter_mut().enumerate() {
            let factor = if index == column { 0.0 } else { row[column] };
            *row = std::array::from_fn(|i| row[i] - factor * pivot_row[i]);
        }
        equations[column] = pivot_row;
    }
    Some(equations.map(|row| row[4]))
}

#[cfg(test)]
mod tests {
    use super::{super::simulate::returns, *};

    /// numpy 2.4: `numpy.linalg.lstsq` on the same regressors of the simulated series.
    #[test]
    fn forecasts_equal_those_of_numpy() {
        let known = [
            (500, 1, 0.513_264_458_112_910_2),
            (2000, 2, 0.308_893_016_175_352_86),
            (2000, 10, 0.334_013_640_213_635_8),
        ];
        for (count, days, expected) in known {
            let forecast = har_variance(&returns(count), days).unwrap();
            assert!((forecast / expected - 1.0).abs() < 1e-9, "{count} {days}: {forecast}");
        }
    }

    #[test]
    fn equations_are_solved_with_exchange_of_rows() {
        let equations = [
            [0.0, 2.0, 0.0, 0.0, 4.0],
            [1.0, 1.0, 0.0, 0.0, 5.0],
            [0.0, 0.0, 0.0, 4.0, 8.0],
            [0.0, 0.0, 5.0, 1.0, 7.0],
        ];
        let solution = solve(equations).unwrap();
        assert!(solution.iter().zip([3.0, 2.0, 1.0, 2.0]).all(|(x, expected)| (x - expected).abs() < 1e-12));
        assert_eq!(solve([[1.0, 1.0, 0.0, 0.0, 1.0]; 4]), None);
    }

    #[test]
    fn a_horizon_beyond_half_the_history_is_cut() {
        assert_eq!(har_variance(&returns(250), 1000).unwrap(), har_variance(&returns(250), 125).unwrap());
    }
}
