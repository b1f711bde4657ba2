import type { Stream } from 'node-av/lib';

import type { TrackSettings } from '../file/output.js';
import type { Source, TimeBase } from '../file/source.js';

// Tags that describe the old file, its writer or its packets would be wrong for the new one.
const STALE =
  /^(major_brand|minor_version|compatible_brands|encoder|encoded_by_tool|timecode|duration|vendor_id|rotate|language|handler_name|name|bps|number_of_(frames|bytes)|_statistics_.*|source_id|variant_bitrate|creation_tool)(-[a-z]{2,3})?$/iu;

// What writers put there by themselves; anything else is a name that somebody chose.
const NO_NAME = /handler|iso media|gpac|core media|^\s*$/iu;

/** How a track is described in the result: as in the source, whatever the containers call it. */
export function trackSettings(stream: Stream, timeBase: TimeBase): TrackSettings {
  const all = stream.metadata?.getAll() ?? {};
  const find = (key: string): string | undefined => Object.entries(all).find(([k]) => k.toLowerCase() === key)?.[1];
  const handler = find('handler_name');
  const named = handler !== undefined && !NO_NAME.test(handler) ? handler : undefined;
  const title = find('title') ?? find('name') ?? named;
  const tags = {
    ...Object.fromEntries(Object.entries(all).filter(([key]) => !STALE.test(key) && key.toLowerCase() !== 'title')),
    ...(title !== undefined && { title }),
  };
  return { timeBase, language: find('language'), disposition: stream.disposition, tags };
}

/** Words about the whole clip. */
export function clipTags(source: Source): Record<string, string> {
  const all = source.format.metadata?.getAll() ?? {};
  return Object.fromEntries(Object.entries(all).filter(([key]) => !STALE.test(key)));
}

/** Options that FFmpeg's muxer of mp4 and mov needs to write all of the clip's tags. */
export function tagFlags(tags: Readonly<Record<string, string>>): string {
  // Phones write keys in reverse domain order, which the short tags of iTunes and QuickTime have no place for.
  return Object.keys(tags).some((key) => key.startsWith('com.')) ? '+use_metadata_tags' : '';
}
