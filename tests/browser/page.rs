//! A form in a browser, as a person uses it.

use std::time::{Duration, Instant};

use axum::http::Method;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use url::Url;

use super::driver::{Running, browser, serve_with};
use crate::support::Graph;

pub(super) const TAB: char = '\u{e004}';
pub(super) const ENTER: char = '\u{e007}';
pub(super) const SPACE: char = ' ';
pub(super) const DOWN: char = '\u{e015}';
pub(super) const ESCAPE: char = '\u{e00c}';

/// A browser with one page of a server.
pub(super) struct Page {
    runtime: Runtime,
    client: Client,
    origin: String,
    server: Option<Running>,
    _driver: Running,
}

impl Page {
    /// A browser, and a server on the graph's database.
    pub(super) fn of(graph: &Graph) -> Self {
        Self::with(graph, &[])
    }

    /// The same with settings of the server, as environment variables.
    pub(super) fn with(graph: &Graph, settings: &[(&str, &str)]) -> Self {
        let runtime = Runtime::new().unwrap();
        let (server, origin) = runtime.block_on(serve_with(&graph.database.url_text(), settings));
        let (driver, client) = runtime.block_on(browser());
        Self { runtime, client, origin, server: Some(server), _driver: driver }
    }

    /// Opens a path of the server in a tab that remembers nothing.
    pub(super) fn open(&self, path: &str) {
        self.runtime.block_on(self.client.goto(&format!("{}/healthz", self.origin))).unwrap();
        self.script("sessionStorage.clear(); return true");
        self.runtime.block_on(self.client.goto(&format!("{}{path}", self.origin))).unwrap();
        self.until("the form", "return document.querySelector('#app')?.hidden === false");
    }

    pub(super) fn stop_server(&mut self) {
        self.server = None;
    }

    /// The address in the address bar, without the origin.
    pub(super) fn address(&self) -> String {
        let url = self.runtime.block_on(self.client.current_url()).unwrap();
        url.as_str().strip_prefix(&self.origin).unwrap().to_owned()
    }

    /// Runs the body of a function.
    pub(super) fn script(&self, body: &str) -> Value {
        self.runtime.block_on(self.client.execute(body, Vec::new())).unwrap()
    }

    /// Waits until the body of a function returns something.
    pub(super) fn until(&self, what: &str, body: &str) -> Value {
        let started = Instant::now();
        loop {
            let value = self.script(body);
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return value;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "{what}; the page shows:\n{}", self.text("body"));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the element shows; empty if it is hidden.
    pub(super) fn text(&self, selector: &str) -> String {
        let script = format!(
            "const it = document.querySelector({}); return it?.checkVisibility() ? it.innerText : ''",
            json!(selector)
        );
        self.script(&script).as_str().unwrap().to_owned()
    }

    /// Waits until the element shows that text.
    pub(super) fn shows(&self, selector: &str, text: &str) {
        let script = format!(
            "const it = document.querySelector({}); return Boolean(it?.checkVisibility() && it.innerText.includes({}))",
            json!(selector),
            json!(text)
        );
        self.until(&format!("`{selector}` does not show `{text}`"), &script);
    }

    pub(super) fn click(&self, selector: &str) {
        let element = self.runtime.block_on(self.client.find(Locator::Css(selector))).unwrap();
        self.runtime.block_on(element.click()).unwrap();
    }

    pub(super) fn fill(&self, selector: &str, text: &str) {
        let element = self.runtime.block_on(self.client.find(Locator::Css(selector))).unwrap();
        self.runtime.block_on(element.clear()).unwrap();
        self.runtime.block_on(element.send_keys(text)).unwrap();
    }

    /// Opens the page with the access token entered, and asks.
    pub(super) fn ask(&self, path: &str, access: &str) {
        self.open(path);
        self.fill("#access", access);
        self.click("#ask-form button.main");
    }

    /// The message beside a field, to which the field refers.
    pub(super) fn error_beside(&self, selector: &str) -> String {
        let script = format!(
            "const it = document.querySelector({}); if (it.getAttribute('aria-invalid') !== 'true') return ''; \
             const ids = it.getAttribute('aria-describedby').split(' '); \
             return document.getElementById(ids.find((id) => id.endsWith('-error'))).innerText",
            json!(selector)
        );
        self.script(&script).as_str().unwrap().to_owned()
    }

    /// Presses and releases keys, wherever the focus is.
    pub(super) fn press(&self, keys: &[char]) {
        let pressed = keys.iter().fold(KeyActions::new("keyboard".to_owned()), |actions, &value| {
            actions.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.runtime.block_on(self.client.perform_actions(pressed)).unwrap();
    }

    /// Presses Tab until that element has the focus, which is visible at every stop.
    pub(super) fn tab_to(&self, id: &str) {
        for _ in 0..40 {
            self.press(&[TAB]);
            let stop = self.script(
                "const it = document.activeElement; const { outlineStyle, outlineWidth } = getComputedStyle(it); \
                 return [it.id, it === document.body || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2)]",
            );
            assert_eq!(stop[1], true, "the focus on {stop} is not visible");
            if stop[0] == id {
                return;
            }
        }
        panic!("Tab does not reach `{id}`");
    }

    /// The id of the element that has the focus.
    pub(super) fn focused(&self) -> String {
        self.script("return document.activeElement.id").as_str().unwrap().to_owned()
    }

    /// Runs a command of the browser's debugging protocol.
    pub(super) fn browser_command(&self, command: &str, parameters: &Value) {
        let body = json!({"cmd": command, "params": parameters});
        self.runtime.block_on(self.client.issue_cmd(Vendor("goog/cdp/execute", body))).unwrap();
    }

    /// What the browser complained about since the last time, such as violations of the content security policy.
    pub(super) fn complaints(&self) -> Vec<String> {
        let log = self.runtime.block_on(self.client.issue_cmd(Vendor("se/log", json!({"type": "browser"})))).unwrap();
        let messages = log.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned());
        messages.collect()
    }

    /// Writes an image of the whole page into the folder `PARTNERGRAPH_TEST_SCREENSHOTS`, if it is set, for a person to look at.
    pub(super) fn whole_screenshot(&self, name: &str, (width, height): (u32, u32)) {
        let Some(folder) = std::env::var_os("PARTNERGRAPH_TEST_SCREENSHOTS") else { return };
        let whole = self.script("return document.documentElement.scrollHeight").as_u64().unwrap();
        let metrics =
            |height: u64| json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 800});
        self.browser_command("Emulation.setDeviceMetricsOverride", &metrics(whole));
        let image = self.runtime.block_on(self.client.screenshot()).unwrap();
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.png")), image).unwrap();
        self.browser_command("Emulation.setDeviceMetricsOverride", &metrics(height.into()));
    }

    /// The text of a page in a browser that runs no scripts.
    pub(super) fn text_without_scripts(&self, path: &str) -> String {
        self.runtime.block_on(self.client.goto(&format!("{}{path}", self.origin))).unwrap();
        let body = self.runtime.block_on(self.client.find(Locator::Css("body"))).unwrap();
        self.runtime.block_on(body.text()).unwrap()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // A test that fails must say why, whether or not the browser still answers.
        let _ = self.runtime.block_on(self.client.clone().close());
    }
}

/// A command that only ChromeDriver has.
#[derive(Debug)]
struct Vendor(&'static str, Value);

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.1.to_string()))
    }
}
