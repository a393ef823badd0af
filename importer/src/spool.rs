//! Spools values to an unlinked temporary file, so that memory does not grow with the imported file.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::os::unix::fs::FileExt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes that a sequential reader reads at a time.
const WINDOW: usize = 256 * 1024;
/// Bytes that are read for a value that does not follow the last one. Most values fit.
const JUMP: usize = 2 * 1024;
/// Bytes before each value: its length.
const HEAD: usize = 4;

/// A spool that is being written.
#[derive(Debug)]
pub(crate) struct Spool<T> {
    file: BufWriter<File>,
    length: u64,
    count: u64,
    scratch: Vec<u8>,
    value: PhantomData<fn(T)>,
}

impl<T: Serialize> Spool<T> {
    pub(crate) fn new() -> io::Result<Self> {
        let file = BufWriter::with_capacity(WINDOW, tempfile::tempfile()?);
        Ok(Self { file, length: 0, count: 0, scratch: Vec::new(), value: PhantomData })
    }

    /// Adds a value and returns its position, for [`Cursor::get`].
    pub(crate) fn append(&mut self, value: &T) -> io::Result<u64> {
        self.scratch.clear();
        let bytes = postcard::to_extend(value, std::mem::take(&mut self.scratch)).map_err(io::Error::other)?;
        let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(&bytes)?;
        let place = self.length;
        self.length += HEAD as u64 + u64::from(length);
        self.count += 1;
        self.scratch = bytes;
        Ok(place)
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn finish(self) -> io::Result<Spooled<T>> {
        let file = self.file.into_inner().map_err(|error| error.into_error())?;
        Ok(Spooled { file, length: self.length, count: self.count, value: PhantomData })
    }
}

/// A spool that is read.
#[derive(Debug)]
pub(crate) struct Spooled<T> {
    file: File,
    length: u64,
    count: u64,
    value: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Spooled<T> {
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Writes all of it to a place where it can be stored, for [`Spooled::load`].
    pub(crate) fn save(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.count.to_le_bytes())?;
        out.write_all(&self.length.to_le_bytes())?;
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        let copied = io::copy(&mut file.take(self.length), out)?;
        if copied == self.length { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Reads what [`Spooled::save`] wrote, and not one byte more.
    pub(crate) fn load(input: &mut impl Read) -> io::Result<Self> {
        let mut number = || {
            let mut bytes = [0; 8];
            input.read_exact(&mut bytes).map(|()| u64::from_le_bytes(bytes))
        };
        let (count, length) = (number()?, number()?);
        let mut file = tempfile::tempfile()?;
        let copied = io::copy(&mut input.take(length), &mut file)?;
        if copied != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Self { file, length, count, value: PhantomData })
    }

    pub(crate) fn cursor(&self) -> Cursor<'_, T> {
        Cursor { spool: self, window: Vec::new(), start: 0 }
    }

    /// All values in the order in which they were added.
    pub(crate) fn iter(&self) -> impl Iterator<Item = io::Result<T>> + '_ {
        let mut cursor = self.cursor();
        let mut place = 0;
        std::iter::from_fn(move || {
            if place >= self.length {
                return None;
            }
            let value = cursor.read(place);
            Some(
                value
                    .map(|(value, next)| {
                        place = next;
                        value
                    })
                    .inspect_err(|_| place = u64::MAX),
            )
        })
    }
}

/// A random-access reader. It is cheap if the positions are close together and in order.
#[derive(Debug)]
pub(crate) struct Cursor<'a, T> {
    spool: &'a Spooled<T>,
    window: Vec<u8>,
    start: u64,
}

impl<T: DeserializeOwned> Cursor<'_, T> {
    /// The value at a position that [`Spool::append`] returned.
    pub(crate) fn get(&mut self, place: u64) -> io::Result<T> {
        Ok(self.read(place)?.0)
    }

    fn read(&mut self, place: u64) -> io::Result<(T, u64)> {
        let length = {
            let head = self.bytes(place, HEAD)?;
            u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize
        };
        let bytes = self.bytes(place, HEAD + length)?;
        let value = postcard::from_bytes(&bytes[HEAD..]).map_err(io::Error::other)?;
        Ok((value, place + (HEAD + length) as u64))
    }

    fn bytes(&mut self, place: u64, length: usize) -> io::Result<&[u8]> {
        let end = self.start + self.window.len() as u64;
        if place < self.start || place + length as u64 > end {
            // Just after the window, reading continues in sequence; elsewhere, only this value is needed.
            let onward = place >= self.start && place <= end + JUMP as u64;
            let wanted = if onward { WINDOW } else { JUMP }.max(length);
            let wanted = wanted.min(usize::try_from(self.spool.length.saturating_sub(place)).unwrap_or(wanted));
            self.window.resize(wanted, 0);
            self.spool.file.read_exact_at(&mut self.window, place)?;
            self.start = place;
        }
        let from = usize::try_from(place - self.start).map_err(io::Error::other)?;
        self.window.get(from..from + length).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_again_in_any_order() {
        let mut spool = Spool::<(u32, String)>::new().expect("a temporary file");
        let text = |n: u32| "x".repeat((n as usize * 37) % 5000);
        let places: Vec<u64> = (0..500).map(|n| spool.append(&(n, text(n))).expect("room")).collect();
        let spool = spool.finish().expect("room");
        assert_eq!(spool.count(), 500);
        let mut cursor = spool.cursor();
        for n in (0..500).rev().chain(0..500) {
            assert_eq!(cursor.get(places[n as usize]).expect("a value"), (n, text(n)));
        }
        let all: Vec<u32> = spool.iter().map(|value| value.expect("a value").0).collect();
        assert_eq!(all, (0..500).collect::<Vec<_>>());

        let mut saved = Vec::new();
        spool.save(&mut saved).expect("room");
        saved.extend_from_slice(b"what follows");
        let mut input = saved.as_slice();
        let spool = Spooled::<(u32, String)>::load(&mut input).expect("what was saved");
        assert_eq!((input, spool.count()), (b"what follows".as_slice(), 500));
        assert_eq!(spool.iter().map(|value| value.expect("a value").0).collect::<Vec<_>>(), all);
    }
}
