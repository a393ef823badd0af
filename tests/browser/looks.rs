//! The forms on a phone and on a desk, in both colour schemes.

use serde_json::{Value, json};

use super::page::Page;
use crate::enrolment::takeover::{import, partner_center_files};
use crate::enrolment::world::{World, form};
use crate::support::{Named, Role, Sqlite, Verbs};

/// Texts whose contrast with their background is below 4.5 to 1 (WCAG AA), targets that are too small for a finger, fields without
/// a label, and anything wider than the window.
const FLAWS: &str = r#"
const flaws = [];
// Not `innerWidth`: on a phone, that grows with what is too wide.
const width = document.documentElement.clientWidth;
const parse = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
const light = ([r, g, b]) => {
  const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
};
const behind = (element) => {
  for (let it = element; it; it = it.parentElement) {
    const colour = parse(getComputedStyle(it).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
for (const element of document.querySelectorAll("body *")) {
  if (!element.checkVisibility() || element.closest("[aria-disabled=true]")) continue;
  const box = element.getBoundingClientRect();
  if (box.width === 0 || box.height === 0) continue;
  const name = `${element.tagName.toLowerCase()}#${element.id} ${element.textContent.trim().slice(0, 30)}`;
  if (box.right > width + 1 && !element.closest("pre")) flaws.push(`${name}: wider than the window`);
  const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (text || element.matches("input, select, textarea")) {
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) flaws.push(`${name}: contrast ${contrast.toFixed(2)}`);
  }
  if (element.matches("input, select, textarea") && element.labels.length === 0) flaws.push(`${name}: no label`);
  if (element.matches("input[type=checkbox], input[type=radio]") && element.labels[0].getBoundingClientRect().height < 20) flaws.push(`${name}: small`);
  if (element.matches("button:not(.plain)") && box.height < 40) flaws.push(`${name}: small`);
}
if (document.documentElement.scrollWidth > width) flaws.push(`scrolls sideways: ${document.documentElement.scrollWidth}`);
return flaws;
"#;

/// Looks at what the page shows: on a phone and on a desk, in light and in dark.
fn look(page: &Page, name: &str) {
    let mut found = Vec::new();
    for (size, width, height) in [("phone", 360, 740), ("desk", 1200, 900)] {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 800});
        page.browser_command("Emulation.setDeviceMetricsOverride", &metrics);
        for scheme in ["light", "dark"] {
            let features = json!({"features": [
                {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"},
            ]});
            page.browser_command("Emulation.setEmulatedMedia", &features);
            let Value::Array(flaws) = page.script(FLAWS) else { panic!("a list of flaws") };
            found.extend(flaws.into_iter().map(|flaw| format!("{name}, {size}, {scheme}: {flaw}")));
            page.whole_screenshot(&format!("{name}-{size}-{scheme}"), (width, height));
        }
    }
    assert_eq!(found, [] as [&str; 0]);
}

#[test]
fn the_forms_fit_a_phone_and_a_desk_in_both_colour_schemes() {
    let world = World::on(Sqlite);
    let provider = world.graph.provider("Vistula Distribution").add();
    let reseller = world.graph.reseller("Bursztyn Systems").partner_of(&provider).add();
    let litware = world.graph.reseller("Litware").add();
    let as_provider = world.api.as_user(&world.graph.token(&provider, &[Role::GlobalAdmin]));
    let reseller_token = world.graph.token(&reseller, &[Role::GlobalAdmin]);
    let newcomer = partnergraph_domain::TenantId(world.graph.guid());
    let admin = world.graph.tenant_token(newcomer, &[Role::GlobalAdmin]);
    let token = |payload: &Value| {
        let link = payload["invitation"]["link"].as_str().unwrap();
        link.split_once('#').unwrap().1.to_owned()
    };
    let invited = json!({"delegatedAdmin": true, "reseller": reseller.lookup(), "internalUseOf": litware.lookup()});
    let invitation = token(&as_provider.with(invited).invite_tenant(newcomer));
    import(&world, &provider, partner_center_files());
    world.enroll(form());

    let page = Page::of(&world.graph);
    page.open("/invitation");
    look(&page, "invitation-start");
    page.click("summary");
    look(&page, "invitation-documents");
    page.ask(&format!("/invitation#{invitation}"), &admin);
    page.shows("#found", "Vistula Distribution");
    look(&page, "invitation-customer");
    page.click("#check");
    page.shows("#errors", "C-10");
    look(&page, "invitation-refused");
    page.click("#decline-open");
    page.shows("#decline", "Decline the invitation?");
    look(&page, "invitation-decline");
    page.click("#decline-yes");
    page.shows("#done", "declined");
    look(&page, "invitation-declined");
    let request = token(&as_provider.request_partnership("anna@litware.example"));
    let litware = world.graph.token(&litware, &[Role::AdminAgent]);
    page.ask(&format!("/invitation#{request}"), &litware);
    page.shows("#found", "Vistula Distribution");
    look(&page, "invitation-partner");
    page.click("#confirm");
    page.click("#accept");
    page.shows("#done", "partners now");
    look(&page, "invitation-accepted");

    page.open(&format!("/verify#token={}", world.mailed_token()));
    page.click("#belongs-no");
    page.click("#send");
    page.shows("#errors", "Something is missing");
    look(&page, "verify");

    world.verify(true, true);
    page.ask("/reviews", &world.operator);
    page.shows("#list", "Fabrikam");
    look(&page, "reviews-list");
    page.click("#rows button");
    page.shows("#review", "Fabrikam");
    page.click("#authorize");
    page.click("#decide");
    page.shows("#errors", "E-17");
    look(&page, "reviews-one");
    page.ask("/reviews", &reseller_token);
    page.shows("#own", "Bursztyn Systems");
    look(&page, "reviews-own");
    assert_eq!(page.complaints(), [] as [&str; 0]);
}

#[test]
fn without_scripts_the_pages_explain_what_to_do() {
    let world = World::on(Sqlite);
    let page = Page::of(&world.graph);
    page.browser_command("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    for (path, document) in [
        ("/invitation", "mutation AcceptInvitation("),
        ("/verify", "mutation VerifyPrimaryContact("),
        ("/reviews", "mutation ReviewPartner("),
    ] {
        let text = page.text_without_scripts(path);
        assert!(text.contains("The form on this page needs JavaScript.") && text.contains(document), "{text}");
        assert!(!text.contains("Access token"), "{text}");
    }
}
