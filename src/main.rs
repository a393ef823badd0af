//! The program.

use std::process::ExitCode;

// The allocator of the whole program; the system's own holds on to what large imports gave back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    partnergraph::cli::main()
}
