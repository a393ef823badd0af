//! The options of commands that read a file.

use std::ffi::OsStr;
use std::path::Path;

use clap::Args;
use partnergraph_importer::{FileInput, Input, ReadOptions, profiles, read};
use partnergraph_store::clock;

/// How a file is read.
#[derive(Debug, Args)]
pub(super) struct Reading {
    /// Text encoding, such as windows-1250 [default: detected]
    #[arg(long, value_name = "LABEL", value_parser = encoding)]
    pub(super) encoding: Option<String>,
    /// Cell delimiter: one ASCII character, or `tab` [default: detected]
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub(super) delimiter: Option<char>,
    /// Maximum size of a record in bytes
    #[arg(long, value_name = "BYTES", default_value_t = read::MAX_RECORD)]
    pub(super) max_record: usize,
    /// Maximum size of a compressed file after decompression, such as 500MiB
    #[arg(long, value_name = "BYTES", default_value_t = read::MAX_UNPACKED, value_parser = bytes)]
    pub(super) max_unpacked: u64,
    /// Line number of the header, if other lines come before it
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) header_line: Option<u64>,
}

impl Reading {
    /// The same for one file, outside an import.
    pub(super) fn options(&self) -> ReadOptions {
        ReadOptions {
            encoding: self.encoding.clone(),
            delimiter: self.delimiter.and_then(|character| u8::try_from(character).ok()),
            max_record: self.max_record,
            max_unpacked: self.max_unpacked,
            header_line: self.header_line,
            ..ReadOptions::new(clock::now())
        }
    }
}

/// A file that an argument names; `-` is standard input.
pub(super) fn file(path: &Path) -> FileInput {
    if path.as_os_str() == OsStr::new("-") { FileInput::Stdin } else { FileInput::Path(path.to_owned()) }
}

/// The same, opened.
pub(super) fn input(path: &Path) -> Input {
    match file(path) {
        FileInput::Stdin => Input::Stream { name: "-".to_owned(), reader: Box::new(std::io::stdin()) },
        _ => Input::Path(path.to_owned()),
    }
}

/// Checks the name of a format.
pub(super) fn format(name: &str) -> Result<String, String> {
    match profiles::show(name) {
        Some(_) => Ok(name.to_owned()),
        None => Err("there is no such format; `partnergraph profiles list` lists the formats".to_owned()),
    }
}

fn encoding(label: &str) -> Result<String, String> {
    match read::check_encoding(label) {
        Ok(()) => Ok(label.to_owned()),
        Err(refused) => {
            let told: Vec<&str> = [Some(&*refused.message), refused.hint.as_deref()].into_iter().flatten().collect();
            Err(told.join("; "))
        }
    }
}

fn delimiter(text: &str) -> Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(one), None) if one.is_ascii() => Ok(one),
        _ => Err("a delimiter must be one ASCII character or `tab`".to_owned()),
    }
}

/// Parses a number of bytes, plain or in KiB, MiB or GiB.
fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1_u64 << 30,
        _ => 0,
    };
    let number = text[..digits].parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    number
        .filter(|number| *number > 0)
        .ok_or_else(|| "not a number of bytes, such as 1000000, 500MiB or 8GiB".to_owned())
}
