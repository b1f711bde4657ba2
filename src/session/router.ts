import { isSupportedFile } from '../nemo/formats.js';
import { hasHan } from '../timeline/phrases.js';

/**
 * Words to actions, before anything goes to the agent (the product's table "Matching Input to Actions").
 *
 * A message is a command only when ALL of it is one: the key word, and around it nothing but words that a person puts
 * around such a command ("please export the finished video now"). One word more that could be content ("the exported
 * region of the chart") makes it an edit, so what the person says about the picture or the speech is never taken for a
 * command.
 */
export type Route =
  | ({ readonly action: 'export' } & ExportWish)
  | { readonly action: 'credits' }
  | { readonly action: 'status' }
  /** `urls`: addresses to fetch the files from; empty: the session's own file, or one to be picked. */
  | { readonly action: 'upload'; readonly urls: readonly string[] }
  /**
   * `thenExport`: the message ended in a command to export, which is left out of `text`. `urls`: media files on the web
   * that it speaks of; `text` has their names instead.
   */
  | {
      readonly action: 'agent';
      readonly text: string;
      readonly thenExport: boolean;
      readonly exportAs?: ExportWish;
      readonly urls?: readonly string[];
    };

/** What the file is to be, where a command to export says so: `mp4`, `1080p`. */
export interface ExportWish {
  readonly format?: string;
  readonly resolution?: string;
}

interface Command {
  /** One of these must occur, once or more. */
  readonly key: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const words = (text: string): string[] => text.trim().split(/\s+/u);

const POLITE = words(`
  please pls plz kindly hey hi ok okay yes now just then so also and again thanks thank you great good cool
  can could would will i i'd i'm we we'd let let's me us want wanna to like need ready go ahead time do it's
  请 麻烦 帮 帮我 帮忙 给我 给 我 你 您 可以 能 能不能 可不可以 可否 想 要 想要 需要 现在 然后 再 那 好 好的 好了 直接 就 先 一下
  请问 吧 吗 嘛 呢 啊 呀 了 谢谢 多谢 請 麻煩 幫 幫我 給我 現在 然後 謝謝 嗎 想把 一次
`);
const RESULT = words(`
  it this that the my our a an final finished result results video videos clip clips movie film file files footage
  edit edited trimmed cut version project timeline output new whole full
  mp4 mov mkv webm avi 4k uhd 2k 2160p 1440p 1080p 720p 540p 480p 360p full hd high quality format resolution size
  as in into for with to on here over out computer disk machine desktop folder
  把 将 將 这个 这段 这 个 那个 的 成 为 到 它 视频 影片 片子 短片 成品 结果 文件 最终 完整 剪好 剪辑好 编辑好 做好 剪完 版本 格式
  项目 本地 电脑 高清 視頻 這個 結果 檔案 出来 下来 出來 下來 来 來 最后 新
`);

const EXPORT: Command = {
  key: words(`export exports exporting exported download downloads downloading downloaded
    导出 下载 導出 下載 匯出`),
  before: [...POLITE, ...words('how start let and i把 把 将 將'), ...RESULT.filter((word) => hasHan(word))],
  after: [...POLITE, ...RESULT],
};
// "send me the video": the verb alone says nothing, it needs the person and the thing.
const SEND = /^(?:.*\s)?(?:send|give|hand|get) (?:(?:me|us) .*|.* (?:to|over to) (?:me|us)\b.*)$/u;
const SEND_WORDS: Command = {
  key: words('video videos clip file movie film mp4 mov result it 视频 影片 成品 文件 結果 结果 片子'),
  before: [...POLITE, ...RESULT, ...words('send give hand get over to me us 发给我 发给 传给我 传给 发 傳給我 發給我')],
  after: [...POLITE, ...RESULT, ...words('over to me us by link 发给我 发给 传给我 传给 发 傳給我 發給我 过来')],
};
const SEND_HAN = /发给我|傳給我|發給我|传给我/u;

const ASKING = words(`
  check show see view display tell get give list what what's whats which how many much is are there have has had got
  left remaining remain still any my the our your of for about on current currently available total account nemo
  nemovideo a an
  查 查询 查看 查一下 看 看看 看一下 显示 我 我的 的 还 有 还有 剩 剩余 剩下 多少 几 个 账户 帐户 账号 帐号 当前 目前 是 告诉 可用 什么
  够 够不够 不 现在 一共 总共 查詢 顯示 還 還有 剩餘 多少 帳戶 幾 個 什麼 怎么样 怎样 如何
`);
const CREDITS: Command = {
  key: words('credit credits balance balances 积分 余额 積分 餘額'),
  before: [...POLITE, ...ASKING],
  after: [...POLITE, ...ASKING],
};
const PLACE = words('project session timeline video clip edit draft it this 项目 会话 时间线 视频 工程 轨道 編輯 编辑');
const STATUS: Command = {
  key: words('status state 状态 狀態'),
  before: [...POLITE, ...ASKING, ...PLACE],
  after: [...POLITE, ...ASKING, ...PLACE],
};
const TRACKS: Command = {
  key: words('track tracks timeline 轨道 时间线 时间轴 軌道 時間線 時間軸'),
  before: [
    ...POLITE,
    ...words(
      "show see view display list what what's whats are is all the my our of on in 有 哪些 所有 显示 查看 看 看看 看一下 列出 我的 当前 顯示",
    ),
  ],
  after: [...POLITE, ...words('are is there in on my the our video project timeline tracks now 有 哪些 所有 的 一下')],
};
const UPLOAD: Command = {
  key: words('upload uploads uploading uploaded 上传 上傳'),
  before: [
    ...POLITE,
    ...words(
      'how start from here is are was my the a this video clip file 把 将 將 这个 这段 视频 文件 新 的 一个 影片 視頻',
    ),
  ],
  after: [
    ...POLITE,
    ...words(`it this that the my our a an another one more new other video videos clip clips movie file files footage here
      from url link my computer disk machine mp4 mov mkv webm avi
      个 一个 另一个 新 新的 这个 这段 那个 视频 影片 文件 片段 素材 我的 的 本地 視頻 檔案`),
  ],
};

const LONGEST_COMMAND = 160;
const URL_WORD = /https?:\/\/[^\s<>"'，。；）)]+/giu;
const QUOTED = /["“”„«»「」『』]/u;

/** Decides what a message of the person asks for. */
export function route(message: string): Route {
  const text = message.trim();
  const command = routeCommand(text);
  if (command) return command;
  const { urls, text: named } = nameMediaLinks(text);
  const compound = splitTrailingExport(named);
  const linked = urls.length > 0 ? { urls } : {};
  return compound
    ? { action: 'agent', text: compound.head, thenExport: true, ...compound.wish, ...linked }
    : { action: 'agent', text: named, thenExport: false, ...linked };
}

/** A link to a media file goes up as such, and the message speaks of the file by its name. */
function nameMediaLinks(text: string): { urls: string[]; text: string } {
  const urls: string[] = [];
  const named = text.replace(URL_WORD, (url) => {
    const path = URL.canParse(url) ? new URL(url).pathname : '';
    if (!isSupportedFile(path)) return url;
    urls.push(url);
    return nameOfLink(path);
  });
  return { urls, text: named };
}

/** The file name at the end of a link's path. */
export function nameOfLink(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function routeCommand(text: string): Route | undefined {
  const urls = text.match(URL_WORD) ?? [];
  if (urls.length > 0) {
    const rest = plain(text.replace(URL_WORD, ' '));
    return rest === '' || covers(rest, UPLOAD) ? { action: 'upload', urls } : undefined;
  }
  if (text.length > LONGEST_COMMAND || QUOTED.test(text.slice(1, -1))) return undefined;
  const line = plain(text);
  if (isExportCommand(line)) {
    return { action: 'export', ...exportWish(line) };
  }
  if (covers(line, CREDITS)) return { action: 'credits' };
  if (covers(line, STATUS) || covers(line, TRACKS)) return { action: 'status' };
  if (covers(line, UPLOAD)) return { action: 'upload', urls: [] };
  return undefined;
}

function exportWish(line: string): ExportWish {
  const format = /(?<![a-z0-9])(mp4|mov|mkv|webm|avi)(?![a-z0-9])/u.exec(line)?.[1];
  const resolution = /(?<![a-z0-9])(4k|2k|uhd|\d{3,4}p|full ?hd)(?![a-z0-9])/u.exec(line)?.[1]?.replace(' ', '');
  return { ...(format ? { format } : {}), ...(resolution ? { resolution } : {}) };
}

function isExportCommand(line: string): boolean {
  if (covers(line, EXPORT)) return true;
  return (SEND.test(line) || SEND_HAN.test(line)) && covers(line, SEND_WORDS);
}

const CLAUSE_END =
  /(?:[,;.!，；。！]|\s)+(?:and then|then|and|after that|afterwards|finally|然后|接着|最后|并|再)?\s*/giu;
// With these before it, the trailing words may be what is said in the video, not a command.
const SPEECH =
  /\b(?:say|says|said|saying|word|words|phrase|mention\w*|read|reads|where|when|until|called|titled?|text)\b|说|提到|讲|写/iu;

interface TrailingExport {
  readonly head: string;
  readonly wish: { readonly exportAs?: ExportWish };
}

/** The message without a last clause that is a command to export; undefined when it has none. */
function splitTrailingExport(text: string): TrailingExport | undefined {
  if (text.length > 2000 || QUOTED.test(text) || SPEECH.test(text)) return undefined;
  for (const joint of text.matchAll(CLAUSE_END)) {
    const separated = /[,;.!，；。！]|and|then|finally|afterwards|after that|然后|接着|最后|并|再/iu.test(joint[0]);
    const head = text.slice(0, joint.index).trim();
    const tail = plain(text.slice(joint.index + joint[0].length));
    if (separated && head !== '' && tail.length <= LONGEST_COMMAND && isExportCommand(tail))
      return withWish(head, tail);
  }
  const han = /^(.+?)(?:，|,|\s)*(?:然后|接着|最后|并且|并|再)((?:导出|下载|導出|下載).*)$/u.exec(text);
  return han?.[1] && han[2] && isExportCommand(plain(han[2])) ? withWish(han[1], plain(han[2])) : undefined;
}

function withWish(head: string, tail: string): TrailingExport {
  const exportAs = exportWish(tail);
  return { head, wish: Object.keys(exportAs).length > 0 ? { exportAs } : {} };
}

/** Lower case, without punctuation; apostrophes and points within words stay. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/’/gu, "'")
    .replace(/[^\p{L}\p{N}'.]+|\.(?!\p{N})|'(?!\p{L})/gu, ' ')
    .trim();
}

/** Whether the line is made of the command's words alone, with a key word among them. Linear in the line's length. */
function covers(line: string, command: Command): boolean {
  // Positions reached before the key word, and after it.
  const before = new Set([0]);
  const after = new Set<number>();
  for (let position = 0; position < line.length; position += 1) {
    if (before.has(position)) {
      for (const end of ends(line, position, command.before)) before.add(end);
      for (const end of ends(line, position, command.key)) after.add(end);
    }
    if (after.has(position)) {
      for (const end of ends(line, position, command.after)) after.add(end);
      for (const end of ends(line, position, command.key)) after.add(end);
    }
  }
  return after.has(line.length);
}

const WORD_CHARACTER = /[\p{L}\p{N}']/u;

function ends(line: string, position: number, vocabulary: readonly string[]): number[] {
  const found: number[] = [];
  for (const word of vocabulary) {
    if (!line.startsWith(word, position)) continue;
    let end = position + word.length;
    const next = line[end] ?? ' ';
    // Latin words end where the word ends; Han characters have no such mark.
    if (!hasHan(word) && WORD_CHARACTER.test(next) && !hasHan(next)) continue;
    while (line[end] === ' ') end += 1;
    found.push(end);
  }
  return found;
}
