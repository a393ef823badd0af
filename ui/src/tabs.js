/**
 * On the first visit, the tabs are the examples that the server marks with `tab`. After that GraphiQL keeps the tabs in local storage,
 * and what the user wrote there is never replaced. The examples are also available from the menu beside the tabs.
 */
const SAVED_TABS = "graphiql:tabState";

export function exampleTabs(examples) {
  return examples.filter(({ tab }) => tab).map(({ query, variables }) => ({ query, variables: variables ?? "" }));
}

/**
 * What the editors show first: the active tab's text. GraphiQL itself fills in only the query of the first tab, which would omit
 * an example's variables and leave another tab's query empty after a reload.
 */
export function activeTab(defaultTabs) {
  return savedTab() ?? defaultTabs[0] ?? { query: "", variables: "" };
}

function savedTab() {
  try {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem(SAVED_TABS));
    const { query, variables } = tabs[activeTabIndex];
    return { query: query ?? "", variables: variables ?? "" };
  } catch {
    // Nothing saved, or saved by another version: the examples are shown.
    return null;
  }
}
