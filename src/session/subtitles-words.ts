import * as l10n from '@vscode/l10n';
import { joinWords } from '../timeline/phrases.js';
import { shownName } from '../timeline/shown-name.js';
import type { SideSubtitles } from './side-subtitles.js';

/** What became of the subtitles beside the clip, a sentence each. */
export function subtitlesSentences(subtitles: SideSubtitles | undefined): string[] {
  const { written = [], notes = [] } = subtitles ?? {};
  const names = joinWords(written.map((name) => shownName(name)));
  return [...(written.length > 0 ? [l10n.t('Subtitles cut along: {0}.', names)] : []), ...notes];
}
