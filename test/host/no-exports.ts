import type { PanelExports } from '../../src/views/panel-exports.js';

/** For panels whose sessions have nothing to export. */
export const noExports: PanelExports = {
  waiting: [],
  offer: () => undefined,
  choose: () => undefined,
  chooseFolder: () => Promise.resolve(),
  cancel: () => undefined,
  onDidChange: () => () => undefined,
};
