//! The destinations of rejects. They are checked before anything is read; files are written beside their destination
//! and moved into place at the end.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use partnergraph_domain::{ImportMode, counted};
use partnergraph_store::DatabaseUrl;
use tempfile::TempPath;

use super::command::command;
use super::{not_applied, write};
use crate::decode::Input;
use crate::intake::Intake;
use crate::plan::Plan;
use crate::report::Rejects;
use crate::request::{FileInput, ImportRequest, OnInvalid};
use crate::run::ImportError;

/// The most symbolic links from a name to a file.
const LINKS: usize = 40;

/// The destination of each input's rejects.
#[derive(Debug)]
pub(crate) struct Targets(Vec<Target>);

#[derive(Debug)]
struct Target {
    /// As the caller spelt it, with the input's number.
    named: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Stdout,
    Stderr,
    /// A device or a pipe. It is written to directly and receives the rejects of all inputs.
    Stream(PathBuf),
    /// A file, after all symbolic links are resolved.
    File(PathBuf),
}

impl Targets {
    /// The destinations of a request's rejects, if it asks for them.
    ///
    /// # Errors
    ///
    /// A destination that cannot be written, or that contains something that must not be lost.
    pub(crate) fn of(url: &DatabaseUrl, request: &ImportRequest) -> Result<Option<Self>, ImportError> {
        let Some(path) = &request.rejects else { return Ok(None) };
        let mut targets = Vec::with_capacity(request.files.len());
        let (mut folders, mut places) = (BTreeSet::new(), BTreeSet::new());
        for number in 0..request.files.len() {
            let named = numbered(path, number);
            let unwritable = |source| ImportError::Rejects { path: named.clone(), source };
            let place = Place::of(&named).map_err(unwritable)?;
            if let Place::File(file) = &place {
                let folder = folder(file);
                if folders.insert(folder.to_owned()) {
                    tempfile::tempfile_in(folder).map_err(unwritable)?;
                }
                let is_own = places.insert(file.clone());
                if let Some(what) = in_the_way(url, request, file, is_own) {
                    return Err(ImportError::RejectsInTheWay { path: named, what });
                }
                targets.push(Target { named, place });
            } else {
                let all = (0..request.files.len())
                    .map(|_| Place::of(path).map(|place| Target { named: path.clone(), place }));
                return Ok(Some(Self(all.collect::<io::Result<_>>().map_err(unwritable)?)));
            }
        }
        Ok(Some(Self(targets)))
    }

    /// The files that will be written, and the commands that import them again. An input whose rows were all applied
    /// has none.
    pub(crate) fn announce(&self, intake: &Intake, plan: &Plan, request: &ImportRequest) -> Vec<Rejects> {
        let with_rows = self.0.iter().enumerate().filter(|(number, _)| !not_applied(intake, plan, *number).is_empty());
        with_rows
            .map(|(number, target)| {
                let path = if matches!(target.place, Place::File(_)) { &target.named } else { Path::new("-") };
                Rejects { file: target.named.display().to_string(), command: command(intake, number, path, request) }
            })
            .collect()
    }

    /// Writes the files. All of them are first written beside their destinations, so that an input that is needed for
    /// another input's rejects exists until the last one is written, and so that a full disk or a crash leaves every
    /// file unchanged. Returns notes about existing files that were not written.
    ///
    /// # Errors
    ///
    /// They cannot be written, or an input can no longer be read.
    pub(crate) fn write(
        &self,
        intake: &mut Intake,
        plan: &Plan,
        input: impl Fn(usize) -> Result<Input, ImportError>,
    ) -> Result<Vec<String>, ImportError> {
        let (mut written, mut left) = (Vec::new(), Vec::new());
        for (number, target) in self.0.iter().enumerate() {
            let rows = not_applied(intake, plan, number);
            if rows.is_empty() {
                if matches!(&target.place, Place::File(file) if file.exists()) {
                    left.push(target.named.display().to_string());
                }
                continue;
            }
            intake.files[number].opened.reopen(|| input(number))?;
            let fill = |out: &mut dyn Write| write(intake, plan, number, &rows, out);
            if let Some(beside) = target.place.write(fill).map_err(|source| target.unwritable(source))? {
                written.push((beside, target));
            }
            intake.files[number].opened.close();
        }
        for (beside, target) in written {
            target.put(beside).map_err(|source| target.unwritable(source))?;
        }
        Ok(match left.as_slice() {
            [] => Vec::new(),
            [one] => {
                vec![format!(
                    "note: {one} is from an earlier run; this run has no rejects for it and left it unchanged"
                )]
            }
            [one, rest @ ..] => vec![format!(
                "note: {one} and {} are from an earlier run; this run has no rejects for them and left them unchanged",
                counted(rest.len() as u64, "more rejects file")
            )],
        })
    }
}

impl Target {
    fn unwritable(&self, source: io::Error) -> ImportError {
        ImportError::Rejects { path: self.named.clone(), source }
    }

    /// Moves a file that was written into its place.
    fn put(&self, beside: TempPath) -> io::Result<()> {
        let Place::File(file) = &self.place else { return Ok(()) };
        if let Ok(about) = fs::metadata(file) {
            fs::set_permissions(&beside, about.permissions())?;
        }
        beside.persist(file).map_err(|error| error.error)?;
        // Makes sure that the file's name is on disk when the import reports it.
        File::open(folder(file))?.sync_all()
    }
}

impl Place {
    fn of(path: &Path) -> io::Result<Self> {
        match path.to_str() {
            Some("-" | "/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1") => return Ok(Self::Stdout),
            Some("/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2") => return Ok(Self::Stderr),
            _ => {}
        }
        let file = behind_links(path)?;
        match fs::metadata(path) {
            Ok(about) if about.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
            // If another program has the file open, it would not see a file that replaces it.
            Ok(about) if !about.is_file() || path.starts_with("/dev/fd") || path.starts_with("/proc") => {
                Ok(Self::Stream(path.to_owned()))
            }
            Ok(_) => {
                // A write-protected file must not be replaced either.
                OpenOptions::new().append(true).open(path)?;
                Ok(Self::File(file))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && file.file_name().is_some() => Ok(Self::File(file)),
            Err(error) => Err(error),
        }
    }

    /// Writes to the destination. A file is written beside it and is not in place yet.
    fn write(&self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<Option<TempPath>> {
        match self {
            Self::Stdout => fill(&mut io::stdout().lock())?,
            Self::Stderr => fill(&mut io::stderr().lock())?,
            Self::Stream(path) => fill(&mut OpenOptions::new().append(true).open(path)?)?,
            Self::File(file) => {
                let mut beside = tempfile::Builder::new()
                    .prefix(".partnergraph-rejects-")
                    // The permissions of any new file, as the user's mask allows.
                    .permissions(Permissions::from_mode(0o666))
                    .tempfile_in(folder(file))?;
                fill(&mut beside)?;
                beside.as_file().sync_all()?;
                return Ok(Some(beside.into_temp_path()));
            }
        }
        Ok(None)
    }
}

/// What is at the destination and must not be replaced. A rejects file may replace the input that it came from only
/// after the input's other rows are stored.
fn in_the_way(url: &DatabaseUrl, request: &ImportRequest, file: &Path, is_own: bool) -> Option<&'static str> {
    if !is_own {
        return Some("also the rejects file of another input");
    }
    let about = fs::metadata(file).ok()?;
    if let DatabaseUrl::Sqlite(database) = url
        && is_same(&about, database)
    {
        return Some("the database");
    }
    if request.files.iter().filter_map(|options| options.map_name.as_deref()).any(|map| is_same(&about, map)) {
        return Some("the map");
    }
    let stores_nothing = request.mode != ImportMode::Apply || request.on_invalid == OnInvalid::Abort;
    let is_input =
        || request.files.iter().any(|options| matches!(&options.input, FileInput::Path(path) if is_same(&about, path)));
    (stores_nothing && is_input()).then_some("one of the inputs, and this run may not store its other rows")
}

fn is_same(about: &Metadata, other: &Path) -> bool {
    fs::metadata(other).is_ok_and(|other| (other.dev(), other.ino()) == (about.dev(), about.ino()))
}

/// The file that a name refers to, whether it exists or not.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = folder(&path).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// `rejects.csv`, `rejects-2.csv`, …
fn numbered(path: &Path, number: usize) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem}-{}.{}", number + 1, extension.to_string_lossy()),
        None => format!("{stem}-{}", number + 1),
    };
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_file_is_numbered() {
        assert_eq!(numbered(Path::new("a/rejects.csv"), 0), Path::new("a/rejects.csv"));
        assert_eq!(numbered(Path::new("a/rejects.csv"), 1), Path::new("a/rejects-2.csv"));
        assert_eq!(numbered(Path::new("rejects"), 499), Path::new("rejects-500"));
    }

    #[test]
    fn a_link_leads_to_its_file_whether_that_is_there_or_not() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("there.csv", dir.path().join("link.csv")).unwrap();
        std::os::unix::fs::symlink("loop", dir.path().join("loop")).unwrap();
        assert_eq!(behind_links(&dir.path().join("link.csv")).unwrap(), dir.path().join("there.csv"));
        assert!(behind_links(&dir.path().join("loop")).is_err());
    }

    #[test]
    fn a_device_is_written_to_and_never_replaced() {
        assert!(matches!(Place::of(Path::new("/dev/null")), Ok(Place::Stream(_))));
        assert!(matches!(Place::of(Path::new("/dev/stdout")), Ok(Place::Stdout)));
        assert!(Place::of(Path::new("/")).is_err());
    }
}
