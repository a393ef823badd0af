use partnergraph::graphql::error_catalogue::{TOP_LEVEL, WITHOUT_RULE, document};

/// `docs/ERRORS.md` is generated from the catalogue. `UPDATE_ERRORS=1 tests/run --test tests api::errors` updates it.
#[test]
fn the_document_of_errors_is_current() {
    let root = env!("CARGO_MANIFEST_DIR");
    let rules = std::fs::read_to_string(format!("{root}/domain/data/refusal-codes.tsv")).unwrap();
    let path = format!("{root}/docs/ERRORS.md");
    if std::env::var_os("UPDATE_ERRORS").is_some() {
        std::fs::write(&path, document(&rules)).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        stored == document(&rules),
        "docs/ERRORS.md is not current: run `UPDATE_ERRORS=1 tests/run --test tests api::errors`"
    );
}

#[test]
fn no_code_has_two_meanings() {
    let mut codes: Vec<&str> = TOP_LEVEL.iter().chain(WITHOUT_RULE).map(|meaning| meaning.code).collect();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all);
}

/// Every code in the program's text is in the document.
#[test]
fn every_code_is_in_the_document() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read_to_string(root.join("docs/ERRORS.md")).unwrap();
    let mut texts = Vec::new();
    for folder in ["graphql", "src/http", "domain/src"] {
        read(&root.join(folder), &mut texts);
    }
    let mut missing = std::collections::BTreeSet::new();
    let mut found = 0;
    for text in &texts {
        // Codes in tests are not documented.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for start in ["Refusal::plain(", "Refusal::of(", "refuse(", "failure(", "pub const "] {
            for piece in text.split(start).skip(1) {
                let Some(code) = code_in(piece) else { continue };
                found += 1;
                if !document.contains(&format!("`{code}`")) {
                    missing.insert(code);
                }
            }
        }
    }
    assert!(found > 60, "{found} codes were found");
    assert!(missing.is_empty(), "{missing:?}");
}

/// The first upper-case text in a call or in the definition of a constant.
fn code_in(piece: &str) -> Option<String> {
    let end = piece.find(';').unwrap_or(piece.len()).min(200);
    let piece = piece.get(..end).unwrap_or_default();
    let code = piece.split('"').skip(1).step_by(2).next()?;
    let is_code =
        code.len() > 2 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    is_code.then(|| code.to_owned())
}

fn read(folder: &std::path::Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(std::fs::read_to_string(path).unwrap());
        }
    }
}
