import * as l10n from '@vscode/l10n';

import type { Source } from '../file/source.js';
import type { Movie } from '../isobmff/movie.js';
import { standsAlone } from '../isobmff/rewrite.js';
import { naming } from './kept.js';
import { describeSide } from './side-tracks.js';

/** One sentence each about tracks that stay behind when a movie's bytes are moved. */
export function movedNotes({ others }: Source, { tracks }: Movie): string[] {
  const left = others.filter((stream) => {
    const track = tracks.find(({ id }) => id === stream.id);
    // Hints are for servers, and about the old file.
    return track && track.kind !== 'timecode' && track.handler !== 'hint' && !standsAlone(track);
  });
  return [...new Set(left.map((stream) => l10n.t('Not kept: {0}.', naming(describeSide(stream)))))];
}
