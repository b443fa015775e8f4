//! Minimum of a smooth function: BFGS with backtracking (J. Nocedal, S. Wright, "Numerical
//! Optimization", chapter 6).

/// A point with the function's value and gradient there.
#[derive(Debug, Clone, Copy)]
pub struct Point<const N: usize> {
    /// Arguments.
    pub x: [f64; N],
    /// Value; may be infinite or no number where the function is not defined.
    pub value: f64,
    /// Gradient.
    pub gradient: [f64; N],
}

impl<const N: usize> Point<N> {
    /// Largest component of the gradient.
    pub fn slope(&self) -> f64 {
        self.gradient.iter().fold(0.0, |most, g| most.max(g.abs()))
    }
}

/// Goes down from `start` until no component of the gradient exceeds `tolerance`, or no step helps.
pub fn minimise<const N: usize>(
    function: impl Fn([f64; N]) -> (f64, [f64; N]),
    start: [f64; N],
    tolerance: f64,
) -> Point<N> {
    let at = |x| {
        let (value, gradient) = function(x);
        Point { x, value, gradient }
    };
    let mut point = at(start);
    let mut inverse = identity::<N>();
    for _ in 0..500 {
        if point.slope() <= tolerance {
            break;
        }
        let steepest = point.gradient.map(|g| -g);
        let newton = multiply(&inverse, steepest);
        // Where the curvature misleads, start again from the gradient.
        let next = search(&at, &point, newton).or_else(|| {
            inverse = identity();
            search(&at, &point, steepest)
        });
        let Some(next) = next else { break };
        update(&mut inverse, &point, &next);
        point = next;
    }
    point
}

/// The first of ever smaller steps that lowers the value enough (Armijo's rule). No component moves by
/// more than 1: the arguments are of that size.
fn search<const N: usize>(
    at: &impl Fn([f64; N]) -> Point<N>,
    from: &Point<N>,
    direction: [f64; N],
) -> Option<Point<N>> {
    let descent = dot(from.gradient, direction);
    let longest = direction.iter().fold(1.0, |most: f64, d| most.max(d.abs()));
    let mut step = 1.0 / longest;
    for _ in 0..60 {
        let next = at(std::array::from_fn(|i| from.x[i] + step * direction[i]));
        // At the end the value moves less than its last digit: then the slope decides.
        let lower = next.value <= from.value + 1e-4 * step * descent;
        let flat = (next.value - from.value).abs() <= 1e-14 * from.value.abs() && next.slope() < from.slope();
        if descent < 0.0 && (lower || flat) && next.slope().is_finite() {
            return Some(next);
        }
        step /= 2.0;
    }
    None
}

/// The BFGS update of the inverse Hessian, left out where the curvature is not positive.
fn update<const N: usize>(inverse: &mut [[f64; N]; N], from: &Point<N>, to: &Point<N>) {
    let s: [f64; N] = std::array::from_fn(|i| to.x[i] - from.x[i]);
    let y: [f64; N] = std::array::from_fn(|i| to.gradient[i] - from.gradient[i]);
    let curvature = dot(s, y);
    if curvature <= 1e-300 {
        return;
    }
    let hy = multiply(inverse, y);
    let factor = (1.0 + dot(y, hy) / curvature) / curvature;
    for i in 0..N {
        for j in 0..N {
            inverse[i][j] += factor * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / curvature;
        }
    }
}

fn identity<const N: usize>() -> [[f64; N]; N] {
    std::array::from_fn(|i| std::array::from_fn(|j| if i == j { 1.0 } else { 0.0 }))
}

fn dot<const N: usize>(a: [f64; N], b: [f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn multiply<const N: usize>(matrix: &[[f64; N]; N], vector: [f64; N]) -> [f64; N] {
    matrix.map(|row| dot(row, vector))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_valley_of_rosenbrock_ends_at_one_one() {
        let rosenbrock = |[x, y]: [f64; 2]| {
            let (a, b) = (1.0 - x, y - x * x);
            (a * a + 100.0 * b * b, [-2.0 * a - 400.0 * x * b, 200.0 * b])
        };
        let end = minimise(rosenbrock, [-1.2, 1.0], 1e-10);
        assert!(end.slope() <= 1e-10 && end.x.iter().all(|x| (x - 1.0).abs() < 1e-9), "{end:?}");
    }

    #[test]
    fn a_function_without_minimum_ends_with_its_slope() {
        assert_eq!(minimise(|[x]: [f64; 1]| (-x, [-1.0]), [0.0], 1e-9).slope(), 1.0);
    }

    #[test]
    fn where_the_function_is_not_defined_no_step_ends() {
        let log = |[x]: [f64; 1]| (x - x.ln(), [1.0 - 1.0 / x]);
        let end = minimise(log, [0.1], 1e-10);
        assert!((end.x[0] - 1.0).abs() < 1e-9, "{end:?}");
    }
}
