import "./workers.js";
import "./page.css";
import { explorerPlugin } from "@graphiql/plugin-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { Bar } from "./bar.jsx";
import { readConfig } from "./config.js";
import { ExamplesMenu } from "./examples.jsx";
import { createFetcher } from "./fetcher.js";
import { storage } from "./storage.js";
import { activeTab, exampleTabs } from "./tabs.js";
import { takeTokenFromAddress } from "./token.js";

function Page({ config, defaultTabs, start, fetcher, plugins }) {
  return (
    <>
      <Bar />
      <GraphiQL
        fetcher={fetcher}
        plugins={plugins}
        storage={storage}
        defaultTheme="light"
        defaultTabs={defaultTabs}
        initialQuery={start.query}
        initialVariables={start.variables}
        defaultEditorToolsVisibility
        // Headers may hold a token, and local storage outlives the browser tab.
        shouldPersistHeaders={false}
      >
        <GraphiQL.Logo>
          <ExamplesMenu examples={config.examples} />
        </GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}

// Monaco measures its characters once. If the font is not loaded by then, the cursor is misplaced.
async function fontsReady() {
  await Promise.allSettled([document.fonts.load('15px "Fira Code"'), document.fonts.load("15px Roboto")]);
}

takeTokenFromAddress();
const config = readConfig();
const defaultTabs = exampleTabs(config.examples);
const page = (
  <Page
    config={config}
    defaultTabs={defaultTabs.length > 0 ? defaultTabs : undefined}
    start={activeTab(defaultTabs)}
    fetcher={createFetcher(config)}
    plugins={[HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })]}
  />
);
fontsReady().then(() => createRoot(document.getElementById("partnergraph")).render(page));
