//! A disk whose process ends at a chosen write.

use rustix::process::{Signal, getpid, kill_process};
use solventry_signer::application::{RedbStore, Store, StoreError, Table, Visit, Write};

/// Where a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// A verdict is stored.
    Verdict,
    /// A vote is noted.
    Vote,
    /// A decided entry is executed.
    Commit,
    /// A nonce and its package are marked.
    Marker,
    /// The marker stands, the share has not left.
    Unsaid,
    /// The share has left.
    Said,
    /// Whenever the time comes, in the middle of a write too.
    Anywhere,
}

/// On which side of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Nothing is on the disk.
    Before,
    /// All of it is, and the process has not heard so.
    After,
}

impl Point {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Verdict, Self::Vote, Self::Commit, Self::Marker, Self::Unsaid, Self::Said, Self::Anywhere];

    /// How often the script comes to it.
    pub const fn occurrences(self) -> u64 {
        match self {
            Self::Vote | Self::Commit => 3,
            _ => 2,
        }
    }

    /// What a batch is for.
    fn of(batch: &[Write]) -> Option<Self> {
        batch.iter().find_map(|write| match write {
            Write::Put(Table::Verdicts, ..) => Some(Self::Verdict),
            Write::Put(Table::Meta, key, _) if key == b"voted" => Some(Self::Vote),
            Write::Put(Table::Decided, ..) => Some(Self::Commit),
            Write::Put(Table::Packages, ..) => Some(Self::Marker),
            _ => None,
        })
    }
}

/// The time of death.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fuse {
    pub point: Point,
    pub when: When,
    /// Which occurrence of the point, from 1; microseconds for [`Point::Anywhere`].
    pub number: u64,
}

impl Fuse {
    /// The point is reached on this side: the process may end here.
    pub fn reach(&mut self, point: Point, when: When) {
        if self.point != point || self.when != when {
            return;
        }
        self.number -= u64::from(self.number > 0);
        if self.number == 0 {
            die();
        }
    }
}

/// SIGKILL: no destructor runs, nothing is flushed.
pub fn die() -> ! {
    kill_process(getpid(), Signal::KILL).unwrap();
    loop {
        std::thread::park();
    }
}

/// The file of a node, with a fuse.
pub struct Disk {
    pub file: RedbStore,
    pub fuse: Option<Fuse>,
    /// Says that markers are written and does not write them, which no disk may do.
    pub drops_markers: bool,
}

impl Store for Disk {
    fn write(&mut self, batch: &[Write]) -> Result<(), StoreError> {
        let point = Point::of(batch);
        if let (Some(fuse), Some(point)) = (&mut self.fuse, point) {
            fuse.reach(point, When::Before);
        }
        if !(self.drops_markers && point == Some(Point::Marker)) {
            self.file.write(batch)?;
        }
        if let (Some(fuse), Some(point)) = (&mut self.fuse, point) {
            fuse.reach(point, When::After);
        }
        Ok(())
    }

    fn read(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.file.read(table, key)
    }

    fn scan(&self, table: Table, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        self.file.scan(table, visit)
    }
}
