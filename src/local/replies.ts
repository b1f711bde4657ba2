import { joinedDuration, joinOverlaps, type Join } from '../timeline/join.js';
import { aboutTime, type PlannedCut } from '../timeline/planned-cut.js';
import type { Section } from '../timeline/sections.js';
import { shownName } from '../timeline/shown-name.js';
import { formatTimecode, type Microseconds } from '../timeline/timecode.js';
import { languageOf, type Action, type Language, type Message } from './grammar.js';
import type { Wish } from './grammar-wishes.js';
import { scaledSize } from '../timeline/frame-size.js';
import type { Clip } from './session-record.js';
import type { EditProblem } from './timeline-edit.js';

/** Everything the agent says, in the language of the conversation. Plain sentences, no buttons or panels. */

const WISHES: Record<Wish, readonly [string, string]> = {
  music: ['music', '音乐'],
  titles: ['titles and text', '标题与文字'],
  subtitles: ['subtitles', '字幕'],
  colour: ['colour', '调色'],
  speed: ['speed', '变速'],
  sound: ['sound changes', '声音处理'],
  transitions: ['transitions other than dissolves at the joins', '叠化以外的转场'],
  effects: ['effects', '特效'],
  picture: ['changes to the picture', '画面调整'],
  format: ['another file format', '其他文件格式'],
  generation: ['generated content', '生成内容'],
  joining: ['joining several clips', '合并多个视频'],
  other: ['what goes beyond cutting', '剪切以外的操作'],
};

/** How long the clip is as it is cut now, dissolves taken off: `1:25`, `0:07.5`. */
export function clipLength({ kept, join }: Pick<Clip, 'kept' | 'join'>): string {
  return shortTime(joinedDuration(kept, join));
}

/** What an edit took out, in the times of the timeline before it, and how long the clip was and is. */
export function sayRemoved(
  language: Language,
  edit: {
    readonly removed: readonly Section[];
    readonly before: Microseconds;
    readonly after: Microseconds;
    /** How much of each pause stays at its sides, for an edit that removes pauses. */
    readonly margin: Microseconds | undefined;
    /** Where the rest dissolves into each other. */
    readonly dissolve?: Join | undefined;
    readonly limited?: boolean;
  },
): string {
  const digits = edit.margin !== undefined ? { digits: 2 } : {};
  const sections = edit.removed.map((s) => `${formatTimecode(s.in, digits)}–${formatTimecode(s.out, digits)}`);
  const [before, after] = [shortTime(edit.before), shortTime(edit.after)];
  const margin = (edit.margin ?? 0) / 1_000_000;
  if (language === 'zh') {
    const kept = margin > 0 ? `每个停顿两侧各保留 ${margin} 秒，以免切到说话声。` : '';
    const joined = edit.dissolve ? `以 ${joinName('zh', edit.dissolve)}拼接` : '已拼接';
    const limit = edit.limited ? LIMIT.zh : '';
    return `已删除 ${sections.join('、')}，其余部分${joined}。${limit}${kept}时长由 ${before} 变为 ${after}。`;
  }
  const kept = margin > 0 ? ` ${margin} s of the pause stays on each side, so that no word is clipped.` : '';
  const joined = edit.dissolve ? ` with ${joinName('en', edit.dissolve)}` : '';
  const limit = edit.limited ? ` ${LIMIT.en}` : '';
  return `Removed ${inWords(sections)} and joined the rest${joined}.${limit}${kept} The clip went from ${before} to ${after}.`;
}

const LIMIT = { en: 'Dissolves last 0.25 to 1 s.', zh: '叠化时长为 0.25 至 1 秒。' } as const;

function joinName(language: Language, join: Join): string {
  if (join.kind === 'cut') return language === 'zh' ? '硬切' : 'a plain cut';
  const seconds = join.duration / 1_000_000;
  return language === 'zh' ? `${seconds} 秒叠化` : `a ${seconds} s dissolve`;
}

/** How the joins are now, after they were asked for by themselves. */
export function sayJoins(language: Language, clip: Clip, message: Message, already: boolean): string {
  const zh = language === 'zh';
  const join = clip.join ?? { kind: 'cut' };
  const name = joinName(language, join);
  const limit = message.joinLimited ? `${zh ? '' : ' '}${LIMIT[language]}` : '';
  const now = clipLength(clip);
  const joins = clip.kept.length - 1;
  if (joins === 0) {
    return zh
      ? `目前还没有拼接处，之后的拼接将使用${name}。${limit}`
      : `There is no join yet; each new one will be ${name}.${limit}`;
  }
  const dissolved = joinOverlaps(clip.kept, join).filter((overlap) => overlap > 0).length;
  if (join.kind === 'dissolve' && dissolved === 0) {
    return zh
      ? `拼接处两侧的部分太短，无法使用${name}，仍为硬切，时长 ${now}。`
      : `The parts beside the joins are too short for ${name}, so they stay plain cuts; the clip is ${now} long.`;
  }
  if (zh) return `${already ? '拼接处已经是' : '拼接处现在是'}${name}，时长 ${now}。${limit}`;
  const subject = joins === 1 ? 'The join' : 'Each join';
  return `${subject} is ${already ? 'already' : 'now'} ${name}; the clip is ${already ? '' : 'now '}${now} long.${limit}`;
}

/** Which step was taken, and how long the clip is now. @param clip as it is afterwards */
export function sayRewound(language: Language, done: 'undo' | 'redo' | 'restore', clip: Clip): string {
  const now = clipLength(clip);
  if (language === 'zh') {
    const what = { undo: '已撤销上一步', redo: '已重做', restore: '已恢复全部内容' }[done];
    return `${what}，现在时长 ${now}。`;
  }
  const what = { undo: 'Undone', redo: 'Done again', restore: 'Everything is restored' }[done];
  return `${what}: the clip is now ${now} long.`;
}

/** There is no step that way; the clip is as it was. */
export function sayNothingToRewind(language: Language, wanted: 'undo' | 'redo' | 'restore'): string {
  if (language === 'zh') {
    return {
      undo: '没有可以撤销的操作。',
      redo: '没有可以重做的操作。',
      restore: '没有需要恢复的内容，视频是完整的。',
    }[wanted];
  }
  return {
    undo: 'There is nothing to undo.',
    redo: 'There is nothing to redo.',
    restore: 'There is nothing to restore: the clip is whole.',
  }[wanted];
}

/** Why an edit was not made, and that the timeline is as it was. */
export function sayProblem(language: Language, problem: EditProblem): string {
  const unchanged = language === 'zh' ? '时间线没有改动。' : 'Nothing was changed.';
  return `${problemText(language, problem)}${language === 'zh' ? '' : ' '}${unchanged}`;
}

function problemText(language: Language, problem: EditProblem): string {
  const zh = language === 'zh';
  switch (problem.kind) {
    case 'past-end': {
      const [time, end] = [shortTime(problem.time), shortTime(problem.end)];
      return zh ? `视频在 ${end} 结束，${time} 超出了范围。` : `The clip ends at ${end}, so ${time} is past its end.`;
    }
    case 'reversed': {
      const [from, to] = [shortTime(problem.section.in), shortTime(problem.section.out)];
      return zh ? `出点 ${to} 在入点 ${from} 之前。` : `The out point ${to} is before the in point ${from}.`;
    }
    case 'empty': {
      const time = shortTime(problem.time);
      return zh ? `入点和出点都是 ${time}，这一段是空的。` : `In and out are both ${time}, so the section is empty.`;
    }
    case 'nothing-left':
      return zh
        ? '这样视频就什么都不剩了，请至少保留一部分。'
        : 'Nothing would be left of the clip. Keep at least a part of it.';
    case 'nothing-to-remove':
      return zh
        ? '这已经是整个视频，没有可以删除的部分。'
        : 'That is the whole clip already, so there is nothing to remove.';
    case 'no-pause': {
      const seconds = problem.minimum === undefined ? '' : String(problem.minimum / 1_000_000);
      if (zh) return seconds === '' ? '没有找到停顿。' : `没有找到 ${seconds} 秒以上的停顿。`;
      return seconds === '' ? 'I found no pause there.' : `I found no pause of ${seconds} s or longer.`;
    }
    case 'no-gap': {
      const seconds = problem.minimum / 1_000_000;
      return zh
        ? `按字幕，没有任何 ${seconds} 秒以上没有人说话的地方。`
        : `By the subtitles, there is no gap of ${seconds} s or longer in which nobody speaks.`;
    }
  }
}

/** A cut is wanted, but not which. @param unclear a time of the message that belongs to no section */
export function askSection(language: Language, action: Action, unclear?: string): string {
  if (language === 'zh') {
    const missed = unclear === undefined ? '' : `我没有看懂“${unclear}”属于哪一段。`;
    const verb = action === 'remove' ? '删除' : '保留';
    return `${missed}要${verb}哪一段？例如：${verb}0:45到1:20之间的部分。`;
  }
  const missed = unclear === undefined ? '' : `I did not understand which section "${unclear}" belongs to. `;
  const example = action === 'remove' ? 'remove the section between 0:45 and 1:20' : 'keep only 0:45 to 1:20';
  return `${missed}Which section shall I ${action}? For example: ${example}.`;
}

/** A section is named, but not whether it goes or stays; `readAction` reads the answer. */
export function askAction(language: Language): string {
  return language === 'zh'
    ? '要删除这一段，还是只保留这一段？请回答“删除”或“保留”。'
    : 'Shall I remove that section, or keep only that section? Answer "remove" or "keep".';
}

/** What a time looks like. @param text one that is none, as it was written: `0:75` */
export function sayBadTime(language: Language, text: string): string {
  return language === 'zh'
    ? `“${text}”不是有效的时间，请写成 0:45、45.5 或 1:02:03.250。时间线没有改动。`
    : `"${text}" is not a time. Write times such as 0:45, 45.5 or 1:02:03.250. Nothing was changed.`;
}

/** Nothing is on the timeline yet. */
export function sayNoClip(language: Language): string {
  return language === 'zh' ? '请先添加一个视频。' : 'Add a video first; then tell me which section to remove.';
}

/** Pauses were asked for in a clip without sound. */
export function sayNoSound(language: Language): string {
  return language === 'zh'
    ? '这个视频没有声音，所以找不到停顿。请告诉我要删除哪一段的时间。'
    : 'The clip has no sound, so there are no pauses to find. Name the times of the section instead.';
}

/** What is said was asked for, and no subtitles beside the clip tell it. @param mute those that lie there */
export function sayNoSubtitles(language: Language, filename: string, mute: readonly string[]): string {
  if (language === 'zh') {
    const why =
      mute.length > 0
        ? `无法从 ${mute.map((name) => shownName(name)).join('、')} 读出字幕`
        : `${shownName(filename)} 旁边没有字幕文件`;
    return `${why}，所以不知道哪里有人说话。时间线没有改动。你可以说“删除停顿”，按音量来找；也可以把同名的 .srt 或 .vtt 放在视频旁边再说一次，或在 VS Code 中用“导入剪辑表…”选择字幕文件。`;
  }
  const why =
    mute.length > 0
      ? `No subtitles can be read in ${inWords(mute.map((name) => shownName(name)))}`
      : `No subtitles lie beside ${shownName(filename)}`;
  return `${why}, so I do not know where somebody speaks. Nothing was changed. Say "remove the pauses" to find them by the level of the sound; or put an .srt or .vtt of the same name beside the clip and say it again, or choose one in VS Code with "Import Cut List…".`;
}

/** Said before what was done: what told where somebody speaks. */
export function saySubtitles(language: Language, files: readonly string[]): string {
  const names = files.map((name) => shownName(name));
  return language === 'zh' ? `依据字幕 ${names.join('、')}。` : `Going by the subtitles in ${inWords(names)}.`;
}

/** The message names several clips of the session. */
export function sayOneClip(language: Language): string {
  return language === 'zh' ? '请一次只处理一个文件。' : 'One clip at a time, please: name one file in each message.';
}

/** The message named another clip of the session, which is on the timeline now. */
export function sayWorkingOn(language: Language, clip: Clip): string {
  const length = clipLength(clip);
  return language === 'zh' ? `现在处理 ${clip.filename} (${length})。` : `Now working on ${clip.filename} (${length}).`;
}

/** Said before what was done, so that a person looks twice. */
export function sayFreeSpeech(language: Language): string {
  return language === 'zh'
    ? '已由编辑器的语言模型理解你的话。'
    : "Your words were read by the editor's language model.";
}

/** What can be said here, where nothing of a message was understood. */
export function sayHelp(language: Language): string {
  return language === 'zh'
    ? '我可以在本机剪掉视频中的部分内容，例如：删除0:45到1:20之间的部分、只保留0:10到0:30、删除长停顿、撤销。音乐、标题、生成等请使用云端引擎。'
    : 'I can cut the clip on this machine. For example: remove the section between 0:45 and 1:20; keep only 0:10 to 0:30; remove the long pause; undo. For music, titles or generated content use the cloud engine.';
}

/** The whole picture is going to be encoded anew. */
export function sayWhole(language: Language, { reason, seconds }: PlannedCut): string {
  // It is in the editor's language: an answer in another one goes without it.
  const why = reason !== undefined && languageOf(reason) === language ? reason : undefined;
  if (language === 'zh') {
    const time = seconds < 57.5 ? `${Math.max(5, Math.round(seconds / 5) * 5)} 秒` : `${Math.round(seconds / 60)} 分钟`;
    return `导出时整个画面将重新编码${why === undefined ? '' : ` (${why})`}，大约需要 ${time}。`;
  }
  return `This clip's picture will be encoded anew in full${why === undefined ? '' : `, because ${why}`}: ${aboutTime(seconds)}.`;
}

/** What was asked for and is not done here; empty when there is nothing to say. */
export function sayWishes(language: Language, message: Message, clip: Clip, cut: boolean): string {
  const zh = language === 'zh';
  const said: string[] = [];
  if (message.wishes.length > 0) {
    // The vague one says nothing beside a named one.
    const named = message.wishes.filter((wish) => wish !== 'other');
    const names = (named.length > 0 ? named : message.wishes).map((wish) => WISHES[wish][zh ? 1 : 0]);
    if (zh) said.push(`${cut ? '未处理' : '本机引擎只能剪切，做不了'}：${names.join('、')}；请使用云端引擎。`);
    else if (cut)
      said.push(`Not done: ${inWords(names)}; the engine on this machine only cuts. The cloud engine can do that.`);
    else
      said.push(
        `The engine on this machine only cuts; it cannot do ${inWords(names)}. Choose the cloud engine for that.`,
      );
  }
  if (message.size !== undefined && clip.width !== undefined && clip.height !== undefined) {
    const size = `${clip.width}×${clip.height}`;
    const scaled = scaledSize(clip, message.size);
    if (scaled?.enlarged) {
      said.push(
        zh
          ? `画面保持原始尺寸 ${size}，放大到 ${message.size} 不会增加细节。`
          : `The picture keeps the size of the source, ${size}: enlarging it to ${message.size} would add no detail.`,
      );
    } else if (scaled) {
      const wanted = `${scaled.width}×${scaled.height}`;
      said.push(zh ? `导出的画面尺寸为 ${wanted}。` : `The export will be ${wanted}.`);
    } else if (message.size === 'source') {
      said.push(zh ? `导出保持原始画面尺寸 ${size}。` : `The export keeps the size of the source, ${size}.`);
    }
  }
  if (message.format === 'mp4' && clip.fileType === 'video') {
    said.push(zh ? '导出时会写成 MP4。' : 'The export will be an MP4.');
  }
  return said.join(zh ? '' : ' ');
}

function shortTime(time: Microseconds): string {
  return formatTimecode(time, time % 1_000_000 === 0 ? {} : { digits: time % 100_000 === 0 ? 1 : 2 });
}

function inWords(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length > 1 ? `${items.slice(0, -1).join(', ')} and ${last}` : last;
}
