//! Documents and variables that crashed earlier versions, or might crash others, and similar ones.

use std::convert::Infallible;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::server::Server;
use crate::support::{Backend, Postgres, Sqlite};

const MIB: u64 = 1024 * 1024;

/// Nests this many levels.
fn nested(open: &str, times: usize, middle: &str, close: &str) -> String {
    format!("{}{middle}{}", open.repeat(times), close.repeat(times))
}

/// A filter with this many nested `not`.
fn not(times: usize) -> Value {
    (0..times).fold(json!({ "companyName": { "eq": "x" } }), |inner, _| json!({ "not": inner }))
}

/// Customers, their subscriptions, their customers, and so on.
fn circle(levels: usize) -> String {
    let open = "nodes { subscriptions(first: 100) { nodes { customer { subscriptions(first: 100) { ";
    let close = "} } } } }";
    format!("{{ customers(first: 100) {{ {} nodes {{ id }} {} }} }}", open.repeat(levels), close.repeat(levels))
}

/// Fragments that each spread the next one several times.
fn bomb(levels: usize, times: usize) -> String {
    let mut text = String::from("{ viewer { organization { ... on Partner { ...f0 } } } }");
    for level in 0..levels {
        let spread = if level + 1 < levels {
            (0..times)
                .map(|n| format!("a{n}: indirectProviders {{ nodes {{ provider {{ ...f{} }} }} }} ", level + 1))
                .collect()
        } else {
            "name".to_owned()
        };
        text += &format!(" fragment f{level} on Partner {{ {spread} }}");
    }
    text
}

/// The relationship graph around a node, as large as possible, under this many aliases.
fn graphs(times: usize) -> String {
    let one = "relationshipGraph(around: \"cGFydG5lcjox\", depth: 6, limit: 500) { nodes { id label entity { id } } edges { from to } mermaid dot }";
    let all: String = (0..times).map(|n| format!("g{n}: {one} ")).collect();
    format!("{{ {all} }}")
}

/// All attacks: name, document and variables.
fn attacks() -> Vec<(&'static str, String, Value)> {
    let filter = "query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }";
    let blind = |end: &str| format!("{{ node(id: \"\"\"{end}\"\"\") {}", "{ a ".repeat(1_000));
    let mut attacks = vec![
        ("a block string that ends in a backslash", blind("\\"), json!({})),
        ("a block string that ends in an escaped quote", blind("\\\"\"\""), json!({})),
        ("a string that is not closed", format!("{{ node(id: \"{}", "x".repeat(60_000)), json!({})),
        ("the whole graph again and again", graphs(40), json!({})),
        ("braces", "{".repeat(60_000), json!({})),
        ("braces with names", "{a".repeat(30_000), json!({})),
        ("brackets", format!("{{ a(b: {}", "[".repeat(60_000)), json!({})),
        ("brackets of a type", format!("query ($a: {}", "[".repeat(60_000)), json!({})),
        ("objects", format!("{{ a(b: {}", "{c:".repeat(20_000)), json!({})),
        ("closed selections", nested("{ a ", 4_000, "", "}"), json!({})),
        ("inline fragments", format!("{{ {} }}", nested("... { ", 4_000, "__typename", "}")), json!({})),
        ("forty inline fragments", format!("{{ {} }}", nested("... { ", 40, "__typename", "}")), json!({})),
        ("comments", "#\n".repeat(32_000), json!({})),
        ("commas", ",".repeat(65_000), json!({})),
        ("at signs", format!("{{ __typename {} }}", "@a".repeat(3_000)), json!({})),
        ("directives", format!("{{ __typename {} }}", "@skip(if: false) ".repeat(1_000)), json!({})),
        ("aliases", format!("{{ {} }}", (0..2_500).map(|n| format!("a{n}:__typename ")).collect::<String>()), json!({})),
        ("root fields", format!("{{ {} }}", (0..450).map(|n| format!("a{n}: customers {{ totalCount }} ")).collect::<String>()), json!({})),
        ("one field often", format!("{{ {} }}", "__typename ".repeat(7_500)), json!({})),
        ("one field often, with selections", format!("{{ viewer {{ {} }} }}", "organization { __typename } ".repeat(1_500)), json!({})),
        ("fields of one key that differ", format!("{{ {} }}", (0..900).map(|n| format!("a: node(id: \"{n}\") {{ id }} ")).collect::<String>()), json!({})),
        ("fragments that spread each other", bomb(60, 5), json!({})),
        ("a chain of fragments", bomb(250, 1), json!({})),
        ("fragments in a circle", "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(), json!({})),
        ("a fragment that spreads itself below", "{ viewer { organization { ...a } } } fragment a on Partner { indirectProviders { nodes { provider { ...a } } } }".to_owned(), json!({})),
        ("unused fragments", (0..1_500).fold("{ __typename }".to_owned(), |text, n| format!("{text} fragment f{n} on Query {{ __typename }}")), json!({})),
        ("operations", (0..1_500).map(|n| format!("query q{n} {{ __typename }} ")).collect(), json!({})),
        ("variables", format!("query ({}) {{ __typename }}", (0..1_500).map(|n| format!("$v{n}: Int ")).collect::<String>()), json!({})),
        ("lists in a circle", circle(3), json!({})),
        ("lists in a short circle", circle(1), json!({})),
        ("a hundred of a hundred of a hundred", "{ customers(first: 100) { nodes { subscriptions(first: 100) { nodes { entitlements(first: 100) { nodes { id } } } } } } }".to_owned(), json!({})),
        ("types of types", "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } }".to_owned(), json!({})),
        ("types in a circle", format!("{{ __schema {{ types {{ {} }} }} }}", nested("possibleTypes { interfaces { ", 7, "name", "} }")), json!({})),
        ("types many times", format!("{{ __schema {{ {} }} }}", (0..300).map(|n| format!("t{n}: types {{ fields {{ name args {{ name }} }} }} ")).collect::<String>()), json!({})),
        ("a hundred times not, in a variable", filter.to_owned(), json!({ "f": not(100) })),
        ("thirty times not, in a variable", filter.to_owned(), json!({ "f": not(30) })),
        ("six times not", filter.to_owned(), json!({ "f": not(6) })),
        ("a long list", filter.to_owned(), json!({ "f": { "country": { "in": vec!["PL"; 100_000] } } })),
        ("a list of lists", filter.to_owned(), json!({ "f": { "or": vec![json!({ "or": vec![json!({}); 400] }); 400] } })),
        ("a long string", filter.to_owned(), json!({ "f": { "companyName": { "contains": "x".repeat(1_500_000) } } })),
        ("NUL", filter.to_owned(), json!({ "f": { "companyName": { "eq": "a\u{0}b" } } })),
        ("NUL in the text", "{ customers(filter: {companyName: {eq: \"a\\u0000b\"}}) { totalCount } }".to_owned(), json!({})),
        ("ids", "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }".to_owned(), json!({ "ids": vec!["x"; 50_000] })),
        ("long ids", "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }".to_owned(), json!({ "ids": vec!["A".repeat(9_000); 100] })),
        ("a variable of nothing", "{ __typename }".to_owned(), json!({ "x": vec![0; 300_000] })),
        ("a hundred terms", filter.to_owned(), json!({ "f": { "or": (0..100).map(|n| json!({ "companyName": { "contains": format!("{n}") } })).collect::<Vec<_>>() } })),
        ("a page of a million", "{ customers(first: 1000000) { nodes { id } } }".to_owned(), json!({})),
        ("a number beyond all", "{ customers(first: 99999999999999999999) { nodes { id } } }".to_owned(), json!({})),
        ("mutations", format!("mutation ($i: AssociateResellerInput!) {{ {} }}", (0..400).map(|n| format!("a{n}: associateReseller(input: $i) {{ userErrors {{ code }} }} ")).collect::<String>()), json!({ "i": { "reseller": { "mpnId": "1" } } })),
        ("a mutation with ids without end", "mutation ($i: SubmitOrderInput!) { submitOrder(input: $i) { userErrors { code } } }".to_owned(), json!({ "i": { "customer": { "id": "x" }, "channel": "PARTNER_CENTER", "lines": vec![json!({ "offerId": "x", "quantity": 1 }); 20_000] } })),
        ("a mutation with a key without end", "mutation { updatePartnerProfile(input: {capabilities: [], idempotencyKey: \"KEY\"}) { userErrors { code } } }".replace("KEY", &"k".repeat(50_000)), json!({})),
        ("a mutation of all files", "mutation ($i: StartImportInput!) { startImport(input: $i) { userErrors { code } } }".to_owned(), json!({ "i": { "mode": "APPLY", "files": vec![json!({ "upload": "x" }); 450] } })),
        ("a long operation name", format!("query {} {{ __typename }}", "x".repeat(60_000)), json!({})),
    ];
    attacks.push(("text beyond the limit", format!("{{ __typename }} #{}", "x".repeat(100_000)), json!({})));
    attacks
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_attack_is_answered_at_once_and_nothing_grows(
    #[values(Sqlite, Postgres)] backend: Backend,
    #[values("false", "true")] production: &str,
) {
    let mut server = Server::on(backend, &[("PARTNERGRAPH_PRODUCTION", production)]);
    let idle = server.median(&server.other, "{ __typename }", 51).await;
    let longest = Duration::from_millis(500).max(idle * 200);
    let before = server.resident();
    let slow = tokio::select! {
        slow = slower_than(&server, longest) => slow,
        never = bystander(&server, idle) => match never {},
    };
    assert!(slow.is_empty(), "{slow:#?}");
    let grown = server.resident().saturating_sub(before) / MIB;
    assert!(grown < 100, "the server grew by {grown} MiB");
    assert!(server.is_alive());
}

/// Sends every attack, with and without a token, and returns those that took longer than this.
async fn slower_than(server: &Server, longest: Duration) -> Vec<String> {
    let mut slow = Vec::new();
    for (name, query, variables) in attacks() {
        for token in ["", server.token.as_str()] {
            let answer = server.ask(token, &query, variables.clone()).await;
            assert!(answer.status < 500, "{name}: {} {}", answer.status, answer.text);
            assert_ne!(answer.code(), "INTERNAL_SERVER_ERROR", "{name}");
            assert!(answer.text.len() < 64 * 1024, "{name}: an answer of {} bytes", answer.text.len());
            if answer.took > longest {
                slow.push(format!("{name}: {:?}", answer.took));
            }
        }
    }
    slow
}

/// Another client, which continuously sends small requests and must not have to wait.
async fn bystander(server: &Server, idle: Duration) -> Infallible {
    // The client and the server share the machine's processors here, so the median has a lower bound.
    let bound = (idle * 10).max(Duration::from_millis(20));
    loop {
        let busy = server.median(&server.other, "{ __typename }", 21).await;
        assert!(busy < bound, "`{{__typename}}` took {busy:?}, idle {idle:?}");
    }
}

#[rstest]
#[case::sqlite(Sqlite)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_are_not_requests_are_refused(#[case] backend: Backend) {
    let server = Server::on(backend, &[]);
    let deep = |open: &str, close: &str| {
        format!("{{\"query\":\"{{ __typename }}\",\"variables\":{{\"a\":{}}}}}", nested(open, 100_000, "1", close))
    };
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("lists in lists", deep("[", "]").into_bytes()),
        ("objects in objects", deep("{\"a\":", "}").into_bytes()),
        ("bytes", (0..=255).cycle().take(100_000).collect()),
        ("nothing", Vec::new()),
        ("a list of requests", b"[{\"query\":\"{ __typename }\"}]".to_vec()),
        ("too much", vec![b' '; 3_000_000]),
        ("five times too much", vec![b' '; 10_000_000]),
        ("far too much", vec![b' '; 60_000_000]),
        ("a query that is a list", b"{\"query\":[1]}".to_vec()),
        ("half a character", b"{\"query\":\"\xC3\"}".to_vec()),
    ];
    for (name, body) in bodies {
        // If the body is larger than what the server reads, the client may receive no response.
        let is_cut_off = body.len() > 16 * 1024 * 1024;
        match server.try_send(&server.token, body).await {
            Some(answer) => {
                assert!((400..500).contains(&answer.status), "{name}: {} {}", answer.status, answer.text);
                assert!(answer.text.len() < 2_000, "{name}: {}", answer.text);
            }
            None => assert!(is_cut_off, "{name}: no answer"),
        }
        assert_eq!(server.ask("", "{ __typename }", json!({})).await.status, 200, "after {name}");
    }
}
