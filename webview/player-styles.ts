import { css } from 'lit';

export const playerStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-block-size: 0;
    container-type: inline-size;
  }
  .picture {
    position: relative;
    flex: 1 1 auto;
    min-block-size: 0;
    display: grid;
    place-items: center;
    padding: 12px 12px 4px;
  }
  video {
    grid-area: 1 / 1;
    position: relative;
    z-index: 0;
    display: block;
    inline-size: 100%;
    block-size: 100%;
    min-block-size: 0;
    object-fit: contain;
    border-radius: 4px;
  }
  video[data-front] {
    z-index: 1;
  }
  /* Without the frame that it is to wait on it may hold one that is left out. */
  video:not([data-front], [data-cued]) {
    opacity: 0;
  }
  .said {
    grid-area: 1 / 1;
    z-index: 2;
    display: flex;
    align-items: center;
    gap: 6px;
    max-inline-size: min(46ch, 100% - 16px);
    padding: 3px 8px;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    border-radius: 4px;
    background: color-mix(
      in srgb,
      var(--vscode-editorWidget-background, var(--vscode-editor-background)) 88%,
      transparent
    );
    color: var(--vscode-editorWidget-foreground, var(--vscode-foreground));
  }
  .said.quality {
    place-self: end start;
    margin: 8px;
    font-size: 0.85em;
    opacity: 0.85;
  }
  .said.of-sound {
    place-self: start center;
    margin: 8px;
  }
  .said .icon {
    color: var(--vscode-descriptionForeground);
  }
  .said.problem .icon {
    color: var(--vscode-editorWarning-foreground);
  }
  .said.problem .quiet {
    color: var(--vscode-textLink-foreground);
  }
  .placeholder {
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 8px;
    max-inline-size: 46ch;
    padding: 16px;
    text-align: center;
    color: var(--vscode-descriptionForeground);
  }
  .placeholder .icon {
    font-size: 32px;
    inline-size: 32px;
    block-size: 32px;
    opacity: 0.7;
  }
  .transport {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px;
    padding: 4px 6px 6px;
  }
  .time {
    margin-inline-start: 8px;
    white-space: nowrap;
  }
  .position {
    display: inline-block;
    min-inline-size: 5.2ch;
    text-align: end;
  }
  .space {
    flex: 1;
  }
  .choice {
    display: inline-flex;
    margin-inline-end: 4px;
    border: 1px solid var(--chip-border);
    border-radius: 5px;
  }
  .choice .quiet {
    border-radius: 4px;
  }
  select {
    block-size: 22px;
    padding: 0 2px;
    border: 1px solid transparent;
    border-radius: 5px;
    background: transparent;
    field-sizing: content;
  }
  select:hover {
    background: var(--vscode-toolbar-hoverBackground);
    border-color: var(--vscode-contrastActiveBorder, transparent);
  }
  option {
    background: var(--vscode-dropdown-background);
    color: var(--vscode-dropdown-foreground);
  }
  .level {
    appearance: none;
    inline-size: 64px;
    block-size: 22px;
    margin: 0 4px 0 0;
    background: none;
    cursor: pointer;
  }
  .level:disabled {
    opacity: 0.4;
    cursor: default;
  }
  .level::-webkit-slider-runnable-track {
    block-size: 4px;
    border-radius: 2px;
    background:
      linear-gradient(
        var(--toward),
        var(--vscode-progressBar-background, var(--vscode-focusBorder)) var(--filled),
        transparent var(--filled)
      ),
      var(--vscode-scrollbarSlider-background, var(--vscode-descriptionForeground));
    --toward: to right;
  }
  .level:dir(rtl)::-webkit-slider-runnable-track {
    --toward: to left;
  }
  .level::-webkit-slider-thumb {
    appearance: none;
    inline-size: 10px;
    block-size: 10px;
    margin-block-start: -3px;
    border-radius: 50%;
    background: var(--vscode-foreground);
  }
  :host-context(.vscode-high-contrast) .level::-webkit-slider-runnable-track {
    outline: 1px solid var(--vscode-contrastBorder);
  }
  @container (max-width: 520px) {
    .level {
      display: none;
    }
  }
`;
