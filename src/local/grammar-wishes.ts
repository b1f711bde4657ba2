/** What people ask of a video editor besides cutting. The cloud does these; the engine on this machine does not. */
export type Wish =
  | 'music'
  | 'titles'
  | 'subtitles'
  | 'colour'
  | 'speed'
  | 'sound'
  | 'transitions'
  | 'effects'
  | 'picture'
  | 'format'
  | 'generation'
  | 'joining'
  | 'other';

const TOPICS: readonly (readonly [Wish, RegExp])[] = [
  ['music', /\b(?:music|bgm|soundtrack|song|beat|jingle)\b|音乐|配乐|背景乐|歌曲|bgm/u],
  ['subtitles', /\b(?:subtitles?|captions?|transcri(?:be|pt|ption)|translat\w+|dub\w*)\b|字幕|翻译|转录|配音/u],
  [
    'titles',
    /\b(?:titles?|text overlays?|overlays?|lower thirds?|credits roll|watermark|logo|text)\b|标题|片名|文字|水印|贴纸|标志/u,
  ],
  [
    'colour',
    /\b(?:colou?r\w*|grad(?:e|ing)|bright\w*|dark\w*|contrast|saturat\w*|exposure|filters?|black and white|lut)\b|调色|颜色|色彩|亮度|对比度|饱和|滤镜|黑白|调亮|调暗/u,
  ],
  [
    'speed',
    /\b(?:speed\w*|slow\w*|fast(?:er)?|time-?lapse|revers(?:e|ed|ing))\b|加速|减速|慢放|慢动作|快放|倍速|倒放|变速/u,
  ],
  ['transitions', /\b(?:cross-?fade\w*|fade\w*|dissolve\w*|wipe|transitions?)\b|淡入|淡出|转场|过渡|叠化/u],
  [
    'sound',
    /\b(?:mute\w*|volume|louder|quieter|noise|denois\w*|audio|sound|voice-?over|voice|echo|hum|narrat\w+|filler words?|ums?)\b|音量|降噪|噪音|消音|人声|旁白|声音/u,
  ],
  [
    'picture',
    /\b(?:aspect ratio|crop\w*|rotat\w*|flip\w*|resiz\w*|upscal\w*|vertical|portrait|zoom\w*|stabili[sz]\w*|landscape|square)\b|比例|旋转|竖屏|横屏|画幅|裁切画面|防抖|放大|缩放/u,
  ],
  [
    'generation',
    /\b(?:generat\w*|ai (?:video|image|clip)|b-?roll|avatar|image|picture of|thumbnail)\b|生成|配图|素材|封面/u,
  ],
  [
    'effects',
    /\b(?:effects?|stickers?|emojis?|blur\w*|animat\w+|background(?! (?:music|noise|sound|song))|green ?screen|picture-in-picture|split screen)\b|特效|效果|模糊|动画|背景(?!音乐|乐|噪|杂音)|画中画|绿幕/u,
  ],
  [
    'joining',
    /\b(?:merge|combine|append|concat\w*|stitch)\b(?!.*\b(?:parts?|remaining|rest|pieces|sections?|ends)\b)|合并(?!.*(?:剩|其余|部分|片段))/u,
  ],
];

// Smooth joins are what cutting gives anyway: no wish beyond it. Dissolves at the joins were read before.
const SMOOTH =
  /\b(?:smooth|seamless|clean|natural) transitions?\b|\b(?:without|no) (?:any |a )?transitions?\b|(?:平滑|自然|顺畅|流畅|无缝)的?过渡/gu;

const SIZES =
  /(?<!\w)(\d{3,4})\s?[x×]\s?(\d{3,4})(?!\w)|(?<!\w)(4k|8k|2k|\d{3,4}p|full ?hd|uhd)(?!\w)|(?<!\w)(1080|720|480|2160)(?=\s?(?:mp4|video|视频))/u;
const FORMATS = /(?<![.\w])(gif|mov|mkv|webm|avi|mp3|wav|wmv|flv|m4a|prores|hevc|h\.?265|av1)(?!\w)/u;
const CONVERSION = /\b(?:into|as|to|in)\b|转成|转为|格式|导出|成/u;

/** The wishes that a clause utters. `bound` clauses cut something: there only what stands beside the cut counts. */
export function wishesIn(clause: string, bound: boolean): Wish[] {
  const text = clause.replace(SMOOTH, ' ');
  if (bound) return TOPICS.filter(([wish, words]) => wish === 'transitions' && words.test(text)).map(([wish]) => wish);
  const wishes = TOPICS.filter(([, words]) => words.test(text)).map(([wish]) => wish);
  if (FORMATS.test(text) && CONVERSION.test(text)) wishes.push('format');
  return wishes;
}

// "My 4k video" describes; a size is asked for after a word such as these, or alone.
const SIZE_WANTED =
  /\b(?:export|save|render|output|download|deliver|send|convert|encode|scale|downscale|resize|shrink|reduce|make|turn|want|need|give)\b|\b(?<!(?:recorded|shot|filmed|taken|is|was|are) )(?:in|into|to|at|as)(?: (?:an?|the))? *$|导出|输出|保存|下载|缩|转|压|改|变|成|要/u;
const SOURCE_SIZE =
  /\b(?:original|source|native|same) (?:frame )?(?:size|resolution)\b|原(?:始|来)?(?:的)?(?:画面)?(?:尺寸|分辨率)/u;

/** Frame size that the sentence asks for: `1080p`, `1920x1080`; `source` for none other than the clip's own. */
export function wishedSize(plain: string): string | undefined {
  if (SOURCE_SIZE.test(plain)) return 'source';
  const match = SIZES.exec(plain);
  if (!match) return undefined;
  const before = plain.slice(0, match.index);
  const alone = /^(?:please |请)?$/u.test(before) && plain.length - match[0].length - before.length < 12;
  return alone || SIZE_WANTED.test(before) ? match[0].replace(/\s/gu, '') : undefined;
}

const SIZE_PHRASE = new RegExp(
  String.raw`(?:\b(?:(?:re|down|up)?(?:size|scale)|convert|shrink|reduce|keep|(?:i )?(?:want|need)|make)\b ?(?:(?:it|this|that|the (?:video|clip|picture|result|export))\b ?)?(?:down ?|up ?)?)?(?:\b(?:in|into|to|at|as|with) ?)?(?:\b(?:an?|the|its) ?)?(?:${SIZES.source}|${SOURCE_SIZE.source})`,
  'u',
);

/** The message without the words that ask for a size, which are no edit. */
export function withoutSize(plain: string): string {
  return plain.replace(SIZE_PHRASE, ' ');
}

/** MP4 is the one container that every source can be written to. */
export function wishesMp4(plain: string): boolean {
  return /(?<![.\w])mp4(?!\w)/u.test(plain);
}
