import { css } from 'lit';

/** How the entries of the chat look: speech is set in the talk itself, what happened on quiet cards. */
export const entryStyles = css`
  :host {
    container-type: inline-size;
    line-height: 1.5;
    overflow-wrap: anywhere;
  }
  .user {
    inline-size: fit-content;
    max-inline-size: 88%;
    margin-inline-start: auto;
    padding: 5px 11px;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    border-radius: 8px;
    background: var(
      --vscode-chat-requestBubbleBackground,
      color-mix(in srgb, var(--vscode-foreground) 8%, transparent)
    );
  }
  .card {
    display: grid;
    grid-template-columns: 16px minmax(0, 1fr) auto;
    gap: 0 8px;
  }
  .card > .icon {
    margin-block-start: 2px;
  }
  .card.status {
    font-size: 0.95em;
    color: var(--vscode-descriptionForeground);
  }
  .card.edited,
  .card.error,
  .card.export,
  .card.hint {
    --card-border: var(--panel-border);
    padding: 7px 10px;
    border: 1px solid var(--vscode-contrastBorder, var(--card-border));
    border-radius: 6px;
    background: color-mix(in srgb, var(--vscode-foreground) 4%, transparent);
    font-size: inherit;
    color: var(--vscode-foreground);
  }
  .card.hint > .icon {
    color: var(--vscode-editorLightBulb-foreground, var(--vscode-charts-yellow));
  }
  .card.export > .icon,
  .card.edited > .icon {
    color: var(--vscode-testing-iconPassed, var(--vscode-charts-green));
  }
  .card.error {
    --card-border: color-mix(in srgb, var(--vscode-errorForeground) 45%, transparent);
    background: color-mix(in srgb, var(--vscode-errorForeground) 7%, transparent);
  }
  .card.error > .icon {
    color: var(--vscode-errorForeground);
  }
  .user > span:last-child,
  .text {
    white-space: pre-wrap;
  }
  .detail {
    color: var(--vscode-descriptionForeground);
  }
  .lengths {
    font-variant-numeric: tabular-nums;
    color: var(--vscode-descriptionForeground);
  }
  .lengths b {
    font-weight: 600;
    color: var(--vscode-foreground);
  }
  .card .aside {
    align-self: center;
    /* Beside a single line it makes the card no higher. */
    margin-block: -2px;
  }
  @container (max-width: 220px) {
    .card .aside {
      grid-column: 2 / -1;
      margin: 2px -6px 0;
    }
  }
  .markdown + .card {
    margin-block-start: 6px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 12px;
    margin-block-start: 7px;
  }
  .card .actions {
    grid-column: 2 / -1;
  }
  .other {
    min-block-size: 26px;
    padding: 0;
    border: none;
    background: none;
    color: var(--vscode-textLink-foreground);
  }
  .other:hover:enabled {
    text-decoration: underline;
  }
  .other:disabled {
    opacity: 0.5;
  }
  .sentence {
    padding: 5px 10px;
    border: 1px solid var(--chip-border);
    border-radius: 6px;
    background: none;
    line-height: 1.4;
    text-align: start;
  }
  .sentence:hover {
    border-color: var(--vscode-contrastActiveBorder, var(--chip-border));
    background: var(--vscode-list-hoverBackground);
    color: var(--vscode-list-hoverForeground, inherit);
  }
  /* In the gap below the answer: it takes no room of its own. */
  .tools {
    block-size: 0;
    text-align: start;
  }
  .tools .quiet {
    min-block-size: 18px;
    padding: 0 3px;
    margin-inline-start: -4px;
    opacity: 0;
  }
  .tools .icon {
    font-size: 13px;
    line-height: 16px;
  }
  :host(:hover) .tools .quiet,
  .tools .quiet:focus-visible,
  .tools .quiet.done {
    opacity: 1;
  }
  @media (hover: none) {
    .tools .quiet {
      opacity: 1;
    }
  }
  .markdown > :first-child {
    margin-block-start: 0;
  }
  .markdown > :last-child {
    margin-block-end: 0;
  }
  .markdown :is(p, ul, ol, pre, blockquote, table) {
    margin-block: 0 8px;
  }
  .markdown :is(ul, ol) {
    padding-inline-start: 20px;
  }
  .markdown li > * {
    margin-block: 0;
  }
  .markdown :is(h1, h2, h3, h4, h5, h6) {
    margin-block: 10px 4px;
    font-size: 1.05em;
    font-weight: 600;
  }
  .markdown a {
    color: var(--vscode-textLink-foreground);
  }
  .markdown a:hover {
    color: var(--vscode-textLink-activeForeground);
  }
  .markdown code {
    padding: 1px 3px;
    border-radius: 3px;
    font-family: var(--vscode-editor-font-family, monospace);
    font-size: 0.92em;
    color: var(--vscode-textPreformat-foreground);
    background: var(--vscode-textPreformat-background);
  }
  .markdown pre {
    padding: 8px;
    white-space: pre-wrap;
    border-radius: 4px;
    background: var(--vscode-textCodeBlock-background);
  }
  .markdown pre code {
    padding: 0;
    color: inherit;
    background: none;
  }
  .markdown blockquote {
    margin-inline: 0;
    padding-inline-start: 10px;
    border-inline-start: 3px solid var(--vscode-textBlockQuote-border);
  }
  .markdown table {
    display: block;
    overflow-x: auto;
    border-collapse: collapse;
  }
  .markdown :is(th, td) {
    padding: 2px 8px;
    border: 1px solid var(--panel-border);
    overflow-wrap: break-word;
    text-align: start;
  }
  .streaming > :last-child:not(ul, ol, pre, table)::after,
  .streaming > :is(ul, ol):last-child > li:last-child::after {
    content: '';
    display: inline-block;
    inline-size: 7px;
    block-size: 1em;
    margin-inline-start: 3px;
    vertical-align: -2px;
    border-radius: 1px;
    background: var(--vscode-foreground);
    opacity: 0.6;
    animation: blink 1s steps(2, jump-none) infinite;
  }
  @keyframes blink {
    to {
      opacity: 0.1;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .streaming ::after {
      animation: none !important;
    }
  }
`;
