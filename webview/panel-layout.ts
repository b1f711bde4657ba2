import { css } from 'lit';

/** Two places: the editor tab with picture and chat side by side (stacked when narrow), and the narrow sidebar. */
export const panelLayout = css`
  :host {
    --panel-border: var(
      --vscode-contrastBorder,
      var(--vscode-panel-border, color-mix(in srgb, var(--vscode-foreground) 20%, transparent))
    );
    --panel-background: var(--vscode-editor-background);
    /* VS Code's red is made for icons: as small text it needs more contrast. */
    --problem-foreground: color-mix(in srgb, var(--vscode-errorForeground) 70%, var(--vscode-foreground));
    --chip-border: var(--vscode-contrastBorder, var(--vscode-button-secondaryBorder, var(--panel-border)));
    container-type: inline-size;
    block-size: 100vh;
    overflow: hidden;
    font-family: var(--vscode-font-family);
    font-size: var(--vscode-font-size, 13px);
    font-weight: var(--vscode-font-weight, normal);
    color: var(--vscode-foreground);
    background: var(--panel-background);
  }
  :host([place='sidebar']) {
    --panel-background: var(--vscode-sideBar-background, var(--vscode-editor-background));
  }
  .page {
    display: flex;
    flex-direction: column;
    block-size: 100%;
  }
  .layout {
    flex: 1 1 auto;
    min-block-size: 0;
    display: grid;
  }
  .editor {
    grid-template-columns: minmax(0, 1fr) clamp(280px, 30%, 420px);
  }
  .editor.folded {
    grid-template-columns: minmax(0, 1fr) auto;
  }
  .stage {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    min-inline-size: 0;
    overflow-y: auto;
  }
  .stage > * {
    flex: none;
  }
  .stage > trimmer-player {
    /* Its buttons go back and forth in time, which runs from left to right everywhere. */
    direction: ltr;
    flex: 1 1 220px;
    min-block-size: 180px;
  }
  .editor > trimmer-chat,
  .unfold {
    border-inline-start: 1px solid var(--panel-border);
  }
  .unfold {
    padding: 6px 4px;
  }
  .sidebar {
    grid-template-columns: minmax(0, 1fr);
    grid-template-rows: auto minmax(220px, 1fr);
    overflow-y: auto;
  }
  .sidebar > .stage {
    /* As high as it is: the whole sidebar scrolls. */
    min-block-size: auto;
    padding-block-start: 6px;
    overflow: visible;
    border-block-end: 1px solid var(--panel-border);
  }
  .empty {
    grid-template: minmax(0, 1fr) / minmax(0, 1fr);
  }
  .empty > trimmer-chat {
    inline-size: min(100%, 640px);
    margin-inline: auto;
  }
  .title {
    margin: 0;
    padding: 0 12px 4px;
    overflow: hidden;
    font-size: inherit;
    font-weight: 600;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .notice {
    display: flex;
    align-items: start;
    gap: 8px;
    padding: 8px 12px;
    border-block-end: 1px solid var(--vscode-inputValidation-errorBorder);
    background: var(--vscode-inputValidation-errorBackground);
    color: var(--vscode-inputValidation-errorForeground, var(--vscode-foreground));
  }
  .notice span:nth-child(2) {
    flex: 1;
  }
  .drop {
    position: absolute;
    inset: 8px;
    z-index: 2;
    display: grid;
    place-items: center;
    border: 2px dashed var(--vscode-focusBorder);
    border-radius: 8px;
    background: color-mix(in srgb, var(--panel-background) 82%, var(--vscode-focusBorder));
    padding: 12px;
    font-size: 1.2em;
    text-align: center;
    pointer-events: none;
  }
  .editor.wide,
  .editor.wide.folded {
    grid-template-columns: minmax(0, 1fr);
    grid-auto-rows: max-content;
    overflow-y: auto;
  }
  .editor.wide > .stage {
    overflow: visible;
  }
  .editor.wide > .stage > trimmer-player {
    flex: none;
    block-size: min((100cqi - 24px) / var(--ratio, 1.78) + 56px, 74vh);
  }
  .editor.wide > trimmer-chat {
    block-size: max(340px, 60vh);
  }
  .editor.wide > trimmer-chat,
  .editor.wide > .unfold {
    border-inline-start: none;
    border-block-start: 1px solid var(--panel-border);
  }
  @container (max-width: 700px) {
    .editor,
    .editor.folded {
      grid-template-columns: minmax(0, 1fr);
      grid-auto-rows: max-content;
      overflow-y: auto;
    }
    .editor > .stage {
      overflow: visible;
    }
    .editor > .stage > trimmer-player {
      flex: none;
      /* As high as the picture needs at this width, and the transport below it. */
      block-size: min((100cqi - 24px) / var(--ratio, 1.78) + 56px, 44vh);
    }
    .editor > trimmer-chat {
      block-size: max(340px, 60vh);
      border-inline-start: none;
      border-block-start: 1px solid var(--panel-border);
    }
    .unfold {
      border-inline-start: none;
      border-block-start: 1px solid var(--panel-border);
    }
  }
`;
