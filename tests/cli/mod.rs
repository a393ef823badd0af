//! The command line as scripts use it: exit codes, results on standard output, errors in two lines.

mod accounts;
mod inputs;
mod interrupts;
mod mpn;
mod plans;
mod profiles;
mod rejects;
mod runs;
mod server;
mod settings;
mod takeover;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::TestDatabase;
use partnergraph_store::Backend;

const PROVIDER: &str = "0f6c2a7e-0000-4000-8000-000000000001";
const RESELLER: &str = "0f6c2a7e-0000-4000-8000-000000000002";

/// The program in that directory, without the settings of this process.
fn program(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partnergraph"));
    command.args(arguments).current_dir(directory).env_remove("DATABASE_URL");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PARTNERGRAPH_")) {
        command.env_remove(name);
    }
    command
}

struct Cli {
    database: TestDatabase,
}

impl Cli {
    fn on(backend: Backend) -> Self {
        Self { database: TestDatabase::on(backend) }
    }

    /// The program with these arguments, on the database.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(self.database.directory(), arguments);
        command.env("DATABASE_URL", self.database.url_text());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs an import for Northwind.
    fn import(&self, arguments: &[&str]) -> Output {
        self.run(&[&["import", "--as", "4500001", "--progress", "none"], arguments].concat())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.database.directory().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The output of a command, which must succeed.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The two lines of a command that must end with that code and print nothing on standard output.
    fn refused(&self, code: i32, arguments: &[&str]) -> (String, String) {
        two_lines(&self.run(arguments), code)
    }

    fn add_both(&self) {
        self.done(&[
            "partner",
            "add",
            "--type",
            "INDIRECT_PROVIDER",
            "--name",
            "Northwind",
            "--country",
            "PL",
            "--mpn-id",
            "4500001",
            "--tenant-id",
            PROVIDER,
        ]);
        self.done(&[
            "partner",
            "add",
            "--type",
            "INDIRECT_RESELLER",
            "--name",
            "Fabrikam",
            "--country",
            "DE",
            "--mpn-id",
            "4500002",
            "--tenant-id",
            RESELLER,
        ]);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn two_lines(output: &Output, code: i32) -> (String, String) {
    let stderr = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(code), ""), "{stderr}");
    let lines: Vec<&str> = stderr.lines().collect();
    let [error, hint] = lines[..] else { panic!("not two lines: {stderr}") };
    (error.strip_prefix("error: ").unwrap().to_owned(), hint.strip_prefix("hint: ").unwrap().to_owned())
}

/// Writes a customer list in the directory of the test's database.
fn customer_list(cli: &Cli, name: &str, rows: &[(&str, &str)]) {
    let mut list = "Microsoft ID,Company name,Primary domain name,Relationship\r\n".to_owned();
    for (tenant, company) in rows {
        list.push_str(&format!("{tenant},{company},{}.example,Cloud Reseller\r\n", company.to_lowercase()));
    }
    std::fs::write(cli.database.directory().join(name), list).unwrap();
}

const CONTOSO: &str = "5d1f6f0a-1111-4222-8333-944444444401";
