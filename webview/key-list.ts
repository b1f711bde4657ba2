import * as l10n from '@vscode/l10n';

/** All keys over the picture and the timeline, for the person. `Mod` is Cmd on macOS and Ctrl elsewhere. */
export const KEY_LIST: readonly { readonly title: string; readonly keys: readonly (readonly [string, string])[] }[] = [
  {
    title: l10n.t('Play and move'),
    keys: [
      [l10n.t('Space'), l10n.t('Play or pause')],
      ['J K L', l10n.t('Backwards, stop, forwards; J or L again is faster')],
      ['R', l10n.t('Play around the nearest join again and again')],
      ['← →', l10n.t('One second')],
      ['Shift+← →', l10n.t('Five seconds')],
      [', .', l10n.t('One frame')],
      ['Home End', l10n.t('Start or end of the clip')],
      ['M', l10n.t('Sound on or off')],
    ],
  },
  {
    title: l10n.t('Mark'),
    keys: [
      ['I O', l10n.t('Set in or out at the playhead')],
      ['S', l10n.t('Split the section at the playhead')],
      ['Delete', l10n.t('Delete the section')],
      ['Mod+Z', l10n.t('Undo')],
      [l10n.t('Mod+Shift+Z or Mod+Y'), l10n.t('Redo')],
      [l10n.t('X or Enter'), l10n.t('Remove all that is marked')],
    ],
  },
  {
    title: l10n.t('On a section (Tab goes there)'),
    keys: [
      ['← →', l10n.t('Section before or after; on an edge, one frame')],
      [l10n.t('Shift+← → on an edge'), l10n.t('One second')],
      ['Alt+← →', l10n.t('Move the section by a frame, with Shift by a second')],
    ],
  },
  {
    title: l10n.t('Look closer'),
    keys: [
      ['+ −', l10n.t('Zoom in or out')],
      ['0', l10n.t('Show the whole clip')],
      ['Shift+Z', l10n.t('Zoom to the section')],
      ['T', l10n.t('Picture over the full width')],
      [l10n.t('Mod+wheel, pinch'), l10n.t('Zoom at the pointer')],
      [l10n.t('Wheel, middle button'), l10n.t('Pan')],
      [l10n.t('Alt while dragging'), l10n.t('Hold on to nothing')],
      ['?', l10n.t('This list')],
    ],
  },
];
