//! What an evaluation needs: additions, and bootstraps.

/// An element of the torus Z/2^64, clear, encrypted or as a bound; all operations wrap.
pub trait Torus: Clone + Send + Sync {
    /// self + other.
    fn add(&mut self, other: &Self);
    /// self − other.
    fn sub(&mut self, other: &Self);
    /// self · factor.
    fn scale(&mut self, factor: u64);
    /// self + a constant that everybody knows.
    fn offset(&mut self, constant: u64);
}

/// Something that evaluates.
pub trait Machine: Sync {
    /// Linear in the inputs, under the input key.
    type Wide: Torus;
    /// What a bootstrap gives, under the compute key.
    type Computed: Torus;
    /// A constant polynomial, to select from.
    type Packed: Torus;

    /// Packs inputs.
    fn pack_wide(&self, values: &[Self::Wide]) -> Vec<Self::Packed>;
    /// Packs results of bootstraps.
    fn pack_computed(&self, values: &[Self::Computed]) -> Vec<Self::Packed>;
    /// Independent bootstraps.
    fn bootstrap(&self, rotations: &[Rotation<Self>]) -> Vec<Self::Computed>;
}

/// Input of a bootstrap: the sum of its parts.
pub struct Phase<M: Machine + ?Sized> {
    /// Under the input key.
    pub wide: Option<M::Wide>,
    /// Under the compute key.
    pub computed: Option<M::Computed>,
    /// Known.
    pub constant: u64,
}

impl<M: Machine + ?Sized> Phase<M> {
    /// A known phase.
    pub fn constant(constant: u64) -> Self {
        Self { wide: None, computed: None, constant }
    }

    /// Adds `value`·`factor`.
    pub fn with(mut self, value: &M::Computed, factor: u64) -> Self {
        let mut scaled = value.clone();
        if factor != 1 {
            scaled.scale(factor);
        }
        match &mut self.computed {
            Some(sum) => sum.add(&scaled),
            None => self.computed = Some(scaled),
        }
        self
    }
}

/// One bootstrap: the entry of a table at a phase; negated in the upper half of the torus.
pub struct Rotation<M: Machine + ?Sized> {
    /// For the plan.
    pub name: &'static str,
    /// Where.
    pub phase: Phase<M>,
    /// What.
    pub table: Table<M::Packed>,
    /// How far the exact phase is from the nearest other entry.
    pub margin: u64,
}

/// Entries of equal width over the lower half of the torus; a power of two of them, at most 16.
pub enum Table<P> {
    /// Known.
    Values(Vec<u64>),
    /// Packed; entries that are missing behind the last one are never met.
    Packed {
        /// Entries.
        entries: Vec<P>,
        /// How many there would be.
        width: usize,
    },
}

impl<P> Table<P> {
    /// Number of entries, with those that are never met.
    pub fn width(&self) -> usize {
        match self {
            Self::Values(values) => values.len(),
            Self::Packed { width, .. } => *width,
        }
    }

    /// Distance of two entries on the torus.
    pub fn step(len: usize) -> u64 {
        (1 << 63) / len as u64
    }
}
