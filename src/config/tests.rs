use super::*;

fn file(text: &str) -> (tempfile::TempDir, Flags) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("settings.toml");
    std::fs::write(&path, text).unwrap();
    (directory, Flags { file: Some(path), values: BTreeMap::new() })
}

#[test]
fn a_flag_overrides_the_environment_which_overrides_the_file() {
    let (_directory, mut flags) = file("listen = \"127.0.0.1:1\"\nreaders = 3\nlog = \"debug\"\n");
    flags.values.insert("listen", "127.0.0.1:3".to_owned());
    let environment = |name: &str| match name {
        "PARTNERGRAPH_LISTEN" => Some("127.0.0.1:2".to_owned()),
        "PARTNERGRAPH_LOG" => Some("warn".to_owned()),
        _ => None,
    };
    let config = Config::from_layers(&flags, environment).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!((config.log.as_str(), config.pool.readers, config.pool.writers), ("warn", 3, 2));
    let shown = config.shown();
    assert!(shown.contains(&("listen", "127.0.0.1:3".to_owned(), "flag".to_owned())));
    assert!(shown.contains(&("log", "warn".to_owned(), "PARTNERGRAPH_LOG".to_owned())));
}

#[test]
fn our_own_variable_overrides_the_common_one() {
    let environment = |name: &str| match name {
        "DATABASE_URL" => Some("sqlite:common.db".to_owned()),
        "PARTNERGRAPH_DATABASE_URL" => Some("sqlite:own.db".to_owned()),
        _ => None,
    };
    let config = Config::from_layers(&Flags::default(), environment).unwrap();
    assert_eq!(config.database_url.to_string(), "sqlite:own.db");
}

#[test]
fn no_password_is_shown() {
    let environment = |name: &str| match name {
        "DATABASE_URL" => Some("postgres://me:secret@host/db".to_owned()),
        _ => None,
    };
    let config = Config::from_layers(&Flags::default(), environment).unwrap();
    let shown = format!("{:?}", config.shown());
    assert!(!shown.contains("secret") && shown.contains("***"), "{shown}");
}

#[test]
fn an_invalid_setting_is_reported_with_its_name() {
    for (text, word) in [
        ("colour = \"red\"", "`colour`"),
        ("readers = [1]", "`readers`"),
        ("readers = \"many\"", "readers is `many`"),
        ("listen = \"nowhere\"", "listen is `nowhere`"),
        ("log_format = \"xml\"", "log_format is `xml`"),
        ("public_url = \"example.com\"", "public_url is `example.com`"),
        ("delegated_admin_on_removal = \"maybe\"", "delegated_admin_on_removal is `maybe`"),
        ("invitation_days = 0", "invitation_days is 0"),
        ("change_request_days = 0", "change_request_days is 0"),
        ("database_url = \"mysql://x\"", "`mysql`"),
        ("token_lifetime = 90", "token_lifetime is `90`"),
        ("token_lifetime = \"2d\"\ntoken_max_lifetime = \"1d\"", "token_lifetime is 2d, longer than"),
        ("oidc_jwks = \"keys.json\"", "oidc_jwks is set and oidc_issuer is not"),
        ("oidc_issuer = \"https://login.example\"", "oidc_audience is not"),
        ("oidc_issuer = \"i\"\noidc_audience = \"a\"", "oidc_jwks is not"),
        ("oidc_issuer = \"i\"\noidc_audience = \"a\"\noidc_jwks = \"http://login.example/keys\"", "oidc_jwks is `http"),
        (
            "oidc_issuer = \"https://login.example/{tenantid}\"\noidc_audience = \"a\"\noidc_jwks = \"keys.json\"\n\
             oidc_operator_role = \"Operator\"",
            "oidc_operator_role",
        ),
        ("max_stored_uploads = \"many\"", "max_stored_uploads is `many`"),
        ("a = \n", "line 1"),
    ] {
        let (_directory, flags) = file(text);
        let error = Config::from_layers(&flags, |_| None).unwrap_err();
        assert!(error.message.contains(word), "{text}: {error}");
        assert!(!error.message.contains('\n') && !error.hint.contains('\n'));
    }
}
