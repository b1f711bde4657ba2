import { css, html, type TemplateResult } from 'lit';

/** Code points of the codicon font; a test holds them against the font's own list. */
export const ICONS = {
  add: 0xea60,
  'arrow-both': 0xea99,
  attach: 0xec34,
  check: 0xeab2,
  close: 0xea76,
  'cloud-upload': 0xeac3,
  copy: 0xebcc,
  'credit-card': 0xeac9,
  'circle-filled': 0xea71,
  'chevron-down': 0xeab4,
  'chevron-left': 0xeab5,
  'chevron-right': 0xeab6,
  'debug-pause': 0xead1,
  'debug-stop': 0xead7,
  'device-camera-video': 0xead9,
  discard: 0xeae2,
  ellipsis: 0xea7c,
  error: 0xea87,
  'file-media': 0xeaea,
  info: 0xea74,
  keyboard: 0xea65,
  'layout-sidebar-right': 0xebf4,
  'layout-sidebar-right-off': 0xec00,
  lightbulb: 0xea61,
  loading: 0xeb19,
  mute: 0xeb24,
  play: 0xeb2c,
  redo: 0xebb0,
  plug: 0xeb2d,
  'screen-cut': 0xec7f,
  send: 0xec0f,
  'split-horizontal': 0xeb56,
  sync: 0xea77,
  target: 0xebf8,
  trash: 0xea81,
  unmute: 0xeb75,
  warning: 0xea6c,
  'zoom-in': 0xeb81,
  'zoom-out': 0xeb82,
  'screen-full': 0xeb4c,
} as const;

export type IconName = keyof typeof ICONS;

/** An icon for the eye only: the control it stands in carries the name. */
export function icon(name: IconName, slot = ''): TemplateResult {
  return html`<span class="icon" aria-hidden="true" slot=${slot}>${String.fromCodePoint(ICONS[name])}</span>`;
}

/** The font is declared by the page's style sheet; fonts, unlike classes, reach into shadow trees. */
export const iconStyles = css`
  .icon {
    display: inline-block;
    flex: none;
    inline-size: 16px;
    block-size: 16px;
    font: normal 16px / 1 codicon;
    text-align: center;
    user-select: none;
    -webkit-font-smoothing: antialiased;
  }
  /* Around an icon that says that something is being done. */
  .turning {
    display: inline-flex;
    animation: turn 1.2s linear infinite;
  }
  @keyframes turn {
    to {
      rotate: 1turn;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .turning {
      animation: none;
    }
  }
`;
