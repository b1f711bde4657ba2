import { css } from 'lit';

/** Time runs from left to right in every language, as in every video editor. */
export const timelineStyles = css`
  :host {
    --pictures: 44px;
    --sound: 36px;
    direction: ltr;
    padding: 0 12px;
    user-select: none;
  }
  :host([compact]) {
    --pictures: 28px;
    --sound: 18px;
  }
  .area {
    position: relative;
  }
  .ruler {
    position: relative;
    block-size: 20px;
    overflow: clip;
    cursor: ew-resize;
    touch-action: none;
    font-size: 11px;
    color: var(--vscode-descriptionForeground);
  }
  .tick {
    position: absolute;
    inset-block: auto 0;
    left: 0;
    block-size: 4px;
    border-inline-start: 1px solid currentColor;
    opacity: 0.5;
  }
  .tick.labelled {
    block-size: 100%;
    padding-inline-start: 4px;
    opacity: 1;
    border-color: color-mix(in srgb, currentColor 40%, transparent);
    white-space: nowrap;
  }
  .lane {
    position: relative;
    block-size: calc(var(--pictures) + var(--sound));
    overflow: clip;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    border-radius: 4px;
    background: color-mix(in srgb, var(--vscode-foreground) 7%, transparent);
    cursor: crosshair;
    touch-action: none;
  }
  .area:has(.playhead:focus-visible) .lane {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 1px;
  }
  .picture {
    position: absolute;
    inset-block-start: 0;
    left: 0;
    block-size: var(--pictures);
    background-size: auto 100%;
    background-repeat: repeat-x;
    pointer-events: none;
  }
  canvas {
    position: absolute;
    inline-size: 100%;
    pointer-events: none;
  }
  .slivers {
    inset: 0;
    block-size: calc(var(--pictures) + var(--sound));
    --sliver-pause: var(--vscode-foreground);
    --sliver-removed: var(--panel-background);
    --sliver-marked: var(--vscode-focusBorder);
  }
  .sound {
    inset: var(--pictures) 0 0;
    block-size: var(--sound);
    color: color-mix(in srgb, var(--vscode-foreground) 55%, transparent);
  }
  .section {
    position: absolute;
    inset-block: 0;
    left: 0;
    overflow: hidden;
    font-size: 11px;
    white-space: nowrap;
  }
  .section .length {
    position: absolute;
    inset-block-start: 3px;
    left: 50%;
    translate: -50% 0;
    padding: 0 5px;
    border-radius: 7px;
    background: var(--vscode-badge-background);
    color: var(--vscode-badge-foreground);
    border: 1px solid var(--vscode-contrastBorder, transparent);
    pointer-events: none;
  }
  .removed {
    --hatch: color-mix(in srgb, var(--vscode-foreground) 22%, transparent);
    background:
      repeating-linear-gradient(-45deg, var(--hatch) 0 1px, transparent 1px 7px),
      color-mix(in srgb, var(--panel-background) 90%, transparent);
    border-inline: 1px solid color-mix(in srgb, var(--vscode-foreground) 40%, transparent);
    pointer-events: none;
  }
  .marked {
    background: color-mix(in srgb, var(--vscode-focusBorder) 42%, transparent);
    box-shadow: inset 0 0 0 1px var(--vscode-focusBorder);
    cursor: grab;
  }
  .marked.chosen {
    background: color-mix(in srgb, var(--vscode-focusBorder) 55%, transparent);
  }
  .marked:active {
    cursor: grabbing;
  }
  .marked:focus-visible {
    outline: 2px solid var(--vscode-foreground);
    outline-offset: -3px;
  }
  .edge {
    position: absolute;
    inset-block: 0;
    inline-size: 9px;
    cursor: ew-resize;
    background: var(--vscode-focusBorder);
    outline-offset: -3px;
  }
  .edge::after {
    content: '';
    position: absolute;
    inset-block: 35%;
    left: 4px;
    border-inline-start: 1px solid var(--vscode-button-foreground, currentColor);
  }
  .edge:focus-visible {
    /* The edges of a short section lie over each other. */
    z-index: 1;
    outline: 1px solid var(--vscode-button-foreground, currentColor);
  }
  .edge.in {
    left: 0;
  }
  .edge.out {
    right: 0;
  }
  .pause {
    border: 1px dashed var(--vscode-descriptionForeground);
    border-radius: 4px;
    padding: 0;
    background: color-mix(in srgb, var(--panel-background) 50%, transparent);
    cursor: pointer;
  }
  .pause:hover,
  .pause:focus-visible {
    background: color-mix(in srgb, var(--vscode-focusBorder) 30%, transparent);
    border-color: var(--vscode-focusBorder);
    outline: none;
  }
  .pause:focus-visible {
    outline: 2px solid var(--vscode-focusBorder);
    outline-offset: -2px;
  }
  /* It looks like what it takes. */
  .accept {
    white-space: normal;
    text-align: start;
    border: 1px dashed var(--vscode-descriptionForeground);
  }
  .pause .word {
    position: absolute;
    inset-block-end: 2px;
    left: 50%;
    translate: -50% 0;
    padding: 0 4px;
    border-radius: 3px;
    background: color-mix(in srgb, var(--panel-background) 80%, transparent);
    color: var(--vscode-foreground);
  }
  .guide {
    position: absolute;
    inset-block: 12px -5px;
    left: 0;
    inline-size: 0;
    border-inline-start: 1px dashed var(--vscode-charts-yellow, var(--vscode-focusBorder));
    pointer-events: none;
  }
  .playhead {
    position: absolute;
    inset-block: 0;
    left: 0;
    inline-size: 0;
    outline: none;
    pointer-events: none;
    z-index: 1;
  }
  .playhead.away {
    opacity: 0;
  }
  .playhead::before {
    content: '';
    position: absolute;
    inset-block: 10px 0;
    left: -1px;
    inline-size: 2px;
    background: var(--vscode-foreground);
    box-shadow: 0 0 0 1px color-mix(in srgb, var(--panel-background) 70%, transparent);
  }
  .playhead .flag {
    position: absolute;
    inset-block-start: 1px;
    left: 0;
    translate: var(--flag-shift, -50%) 0;
    padding: 0 5px;
    border-radius: 4px;
    font-size: 11px;
    line-height: 17px;
    background: var(--vscode-foreground);
    color: var(--panel-background);
    white-space: nowrap;
  }
  .below {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    min-block-size: 24px;
    padding-block-start: 4px;
    font-size: 12px;
    color: var(--vscode-descriptionForeground);
  }
  .space {
    flex: 1;
  }
  .tools {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px;
    /* The pictures of the outer ones stand in line with everything else. */
    margin-inline: -6px;
  }
  @media (forced-colors: active) {
    .marked {
      border: 2px solid Highlight;
    }
    .removed {
      border: 2px dotted CanvasText;
    }
    .guide {
      border-color: Highlight;
    }
    .playhead::before,
    .playhead .flag {
      /* The browser would lay its own ground under the words. */
      forced-color-adjust: none;
      background: CanvasText;
      color: Canvas;
    }
  }
`;
