/**
 * The tabs of the first visit are the examples that the server marks as such. From then on GraphiQL keeps the tabs in local storage, and what a person wrote
 * there is never replaced; the examples stay in reach from the menu beside the tabs.
 */
const SAVED_TABS = "graphiql:tabState";

export function exampleTabs(examples) {
  return examples.filter(({ tab }) => tab).map(({ query, variables }) => ({ query, variables: variables ?? "" }));
}

/**
 * What the editors show first: the active tab's text. GraphiQL itself fills in the query of the first tab only, which would leave
 * an example's variables out and show another tab's query empty after a reload.
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
