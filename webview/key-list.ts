/** All keys over the picture and the timeline, for the person. `Mod` is Cmd on macOS and Ctrl elsewhere. */
export const KEY_LIST: readonly { readonly title: string; readonly keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Play and move',
    keys: [
      ['Space', 'Play or pause'],
      ['J K L', 'Backwards, stop, forwards; J or L again is faster'],
      ['R', 'Play around the nearest join again and again'],
      ['← →', 'One second'],
      ['Shift+← →', 'Five seconds'],
      [', .', 'One frame'],
      ['Home End', 'Start or end of the clip'],
      ['M', 'Sound on or off'],
    ],
  },
  {
    title: 'Mark',
    keys: [
      ['I O', 'Set in or out at the playhead'],
      ['S', 'Split the section at the playhead'],
      ['Delete', 'Delete the section'],
      ['Mod+Z', 'Undo'],
      ['Mod+Shift+Z or Mod+Y', 'Redo'],
      ['X or Enter', 'Remove all that is marked'],
    ],
  },
  {
    title: 'On a section (Tab goes there)',
    keys: [
      ['← →', 'Section before or after; on an edge, one frame'],
      ['Shift+← → on an edge', 'One second'],
      ['Alt+← →', 'Move the section by a frame, with Shift by a second'],
    ],
  },
  {
    title: 'Look closer',
    keys: [
      ['+ −', 'Zoom in or out'],
      ['0', 'Show the whole clip'],
      ['Shift+Z', 'Zoom to the section'],
      ['T', 'Picture over the full width'],
      ['Mod+wheel, pinch', 'Zoom at the pointer'],
      ['Wheel, middle button', 'Pan'],
      ['Alt while dragging', 'Hold on to nothing'],
      ['?', 'This list'],
    ],
  },
];
