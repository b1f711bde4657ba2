/** `en`, `zh-Hans`, `pt_BR`, `en.forced`: as players read them out of a name. */
const LANGUAGE =
  /^(?:[a-z]{2,3}(?:[-_][a-z0-9]{2,8}){0,3}(?:\.(?:forced|sdh|cc|hi|default))?|forced|sdh|cc|hi|default)$/iu;
const SUBTITLES = /^\.(?:srt|vtt)$/iu;

/**
 * Which files of a folder are the subtitles of a clip, by the rule of players: `talk.srt` and `talk.en.vtt` are those of
 * `talk.mp4`, unless a clip in there is called `talk.en` itself.
 *
 * @param clip name of the clip, without its folder
 * @param names of the files in its folder
 * @returns in order of their names
 */
export function sideSubtitles(clip: string, names: readonly string[]): string[] {
  const [stem] = parted(clip);
  const belongs = (name: string): boolean => {
    const [own, ending] = parted(name);
    if (!SUBTITLES.test(ending)) return false;
    if (own === stem) return true;
    if (!own.startsWith(`${stem}.`) || !LANGUAGE.test(own.slice(stem.length + 1))) return false;
    return !names.some((other) => other !== name && parted(other)[0] === own && !SUBTITLES.test(parted(other)[1]));
  };
  return names.filter(belongs).sort();
}

/** A name and its ending with the point; a point at the very beginning begins none. */
function parted(name: string): readonly [string, string] {
  const point = name.lastIndexOf('.');
  return point > 0 ? [name.slice(0, point), name.slice(point)] : [name, ''];
}
