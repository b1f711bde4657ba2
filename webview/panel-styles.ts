import { css } from 'lit';

/** What every part shares. Colours are VS Code's own variables; high contrast themes bring the borders. */
export const partStyles = css`
  :host,
  :host *,
  :host *::before,
  :host *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  p {
    margin: 0;
  }
  .muted {
    color: var(--vscode-descriptionForeground);
  }
  /* Signs stay before their numbers, also from right to left. */
  .number {
    direction: ltr;
    unicode-bidi: isolate;
    font-variant-numeric: tabular-nums;
  }
  .spoken {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  vscode-button {
    --corner-radius-round: 4;
  }
  /* The toolkit's grey fill is no colour of a high contrast theme. */
  :host-context(.vscode-high-contrast) vscode-button[appearance='secondary'] {
    --button-secondary-background: transparent;
  }
  button,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  select {
    min-inline-size: 0;
  }
  button {
    cursor: pointer;
  }
  button:disabled {
    cursor: default;
  }
  :focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 1px;
  }
  @media (forced-colors: active) {
    :focus-visible {
      outline-width: 2px;
    }
  }
`;

/** Native buttons where the toolkit has no control of that shape: quiet, flat, as in VS Code's own tool bars. */
export const quietButtonStyles = css`
  .quiet {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    min-block-size: 22px;
    padding: 2px 5px;
    border: 1px solid transparent;
    border-radius: 5px;
    background: none;
    color: var(--vscode-icon-foreground, var(--vscode-foreground));
    white-space: nowrap;
  }
  .quiet:hover:enabled {
    background: var(--vscode-toolbar-hoverBackground);
    border-color: var(--vscode-contrastActiveBorder, transparent);
  }
  .quiet:active:enabled {
    background: var(--vscode-toolbar-activeBackground, var(--vscode-toolbar-hoverBackground));
  }
  .quiet:disabled {
    opacity: 0.4;
  }
  .quiet[aria-pressed='true'] {
    background: var(--vscode-inputOption-activeBackground);
    color: var(--vscode-inputOption-activeForeground);
    border-color: var(--vscode-inputOption-activeBorder, transparent);
  }
`;

/** Native menus, which the toolkit has no better ones for. */
export const menuStyles = css`
  select {
    min-block-size: 26px;
    padding: 2px 4px;
    border: 1px solid var(--vscode-dropdown-border, var(--panel-border));
    border-radius: 4px;
    background: var(--vscode-dropdown-background);
    color: var(--vscode-dropdown-foreground);
  }
`;
