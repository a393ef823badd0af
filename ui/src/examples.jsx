import { ToolbarMenu, UnStyledButton, useGraphiQL, useGraphiQLActions } from "@graphiql/react";

/** The menu of examples, right of the tabs: switches to the tab that still holds the unchanged example, or opens a new tab. */
export function ExamplesMenu({ examples }) {
  const { addTab, changeTab } = useGraphiQLActions();
  const { tabs, queryEditor, variableEditor } = useGraphiQL(({ tabs, queryEditor, variableEditor }) => ({
    tabs,
    queryEditor,
    variableEditor,
  }));

  const open = ({ query, variables }) => {
    const present = tabs.findIndex((tab) => tab.query === query);
    if (present >= 0) return changeTab(present);
    addTab();
    queryEditor.setValue(query);
    variableEditor?.setValue(variables ?? "");
  };

  if (examples.length === 0) return null;
  return (
    <ToolbarMenu
      button={
        <UnStyledButton type="button" className="pg-examples">
          Examples ▾
        </UnStyledButton>
      }
    >
      {examples.map((example) => (
        <ToolbarMenu.Item key={example.name} onSelect={() => open(example)}>
          {example.name}
        </ToolbarMenu.Item>
      ))}
    </ToolbarMenu>
  );
}
