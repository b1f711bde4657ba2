/**
 * The backend believes that the person sits before its own editor and says what to click. This takes such directions
 * out and reports what they were for, so that the session does it through the API (the product's table "Backend
 * Response Translation"). What describes the content stays: a clause goes only when it is itself a direction to the
 * person, so "I cut the part where you click the button" is left as it is.
 */
export type AskedAction = 'export' | 'state' | 'credits';

export interface TranslatedText {
  /** Empty when all of it was directions. */
  readonly text: string;
  /** What the directions were for, each once, in order. */
  readonly asks: readonly AskedAction[];
}

const LEAD_IN = String.raw`(?:(?:and|or|then|next|now|finally|also|please|just|simply|afterwards?|once (?:done|ready|finished)|when (?:ready|you're ready)|if (?:you )?(?:like|needed|want)|you(?:'ll| will)? (?:can|could|may|might|should|need to|have to|want to)|feel free to|go ahead and|all you (?:need|have) to do is|to do (?:this|that|so)|don't forget to|remember to|try to|let's|easily|always|either|still|again)[\s,]+){0,6}`;
const GUI_NOUN = String.raw`(?:panel|tab|menu|settings?|window|side ?bar|tool ?bar|timeline|editor|inspector|library|dialog|page|dashboard|workspace|project|view|app|browser|link)s?`;
const DIRECTION_EN = new RegExp(
  `^${LEAD_IN}(?:${[
    String.raw`(?:click|double-click|right-click|tap|press|hit)(?:ing)?\b`,
    String.raw`(?:use|find|look for|select|choose) (?:the |your )?(?:\S+ ){0,4}(?:button|menu|slider|icon|panel|tab)\b`,
    String.raw`(?:open|close|expand|go to|head (?:over )?to|navigate to|switch to|visit|see)\b.{0,60}\b${GUI_NOUN}\b`,
    String.raw`(?:drag|drop)\b`,
    String.raw`scroll(?:ing)?\b`,
    String.raw`(?:adjust|change|edit|fine-tune|customi[sz]e|tweak)\b.{0,40}\b(?:in|on|from|under|via) (?:the |your )?(?:\S+ ){0,2}(?:panel|tab|menu|side ?bar|inspector|editor)\b`,
    String.raw`(?:select|choose|pick|highlight) .{0,40}\b(?:in|on|from) (?:the |your )?(?:\S+ )?${GUI_NOUN}\b`,
    String.raw`(?:would you like me to|do you want me to|shall i|should i) (?:click|tap|press|hit)\b`,
    String.raw`(?:preview|view|watch|play|see|review|check)\b.{0,60}\b(?:in|on) (?:the |your )?(?:timeline|preview|player|editor|workspace)\b`,
    String.raw`(?:check|visit|see|view|manage|go to|review)\b.{0,40}\b(?:account|billing|subscription|credits? balance|plan|credits)\b`,
    String.raw`(?:the|your) ["“']?(?:export|download|play|preview|undo|save)["”']? (?:button|icon|menu|tab)\b`,
  ].join('|')})`,
  'iu',
);
const LEAD_IN_ZH = String.raw`(?:(?:请您?|您|你|可以?|现在|首先|接下来|然后|接着|再|并|也|只需|只要|需要|直接|即可|之后|随后|最后|或者?|如需|想要|在|通过|手动)\s*){0,6}`;
const DIRECTION_ZH = new RegExp(
  `^${LEAD_IN_ZH}(?:${[
    '(?:点击|点按|单击|双击|右击|点一下|轻点|按下|点选|點擊|按一下)',
    '(?:打开|进入|前往|切换到|展开|關閉|關掉|打開|转到).{0,20}(?:面板|菜单|菜單|设置|設置|窗口|侧边栏|工具栏|时间线|时间轴|编辑器|标签|页面|页|工作区|项目|界面)',
    '(?:拖拽|拖动|拖放|拖入|拖到|拖曳|將.{0,20}拖|将.{0,20}拖|把.{0,20}拖)',
    '(?:时间线|时间轴|預覽|编辑器|播放器)[上中里内]?.{0,6}(?:预览|查看|播放)',
    '(?:预览|查看).{0,10}(?:时间线|时间轴)',
    '(?:查看|检查|前往|管理|查询).{0,10}(?:账户|帐户|账单|余额|积分|订阅|套餐)',
    '(?:右上角|左上角|界面)?.{0,6}(?:导出|下载|播放)按钮',
    '使用.{0,8}按钮',
    '.{0,12}(?:面板|菜单|菜單|工具栏|侧边栏|界面|时间线|时间轴|编辑器|播放器)[上中里内下]?(?:直接)?(?:点击|点按|单击|双击|右击|拖|选择|找到)',
  ].join('|')})`,
  'u',
);
/** Says what the direction after it is for: it goes with it. */
const PURPOSE =
  /^(?:and |then |now )?(?:to \w+|(?:after|before) (?:that|this)$|next$|finally$|in order to|for (?:the|your)|if (?:you|everything|it|this|all)|when (?:you|everything|it)|once (?:you|everything|it)|whenever|as soon as)\b|^(?:如需|如果|若|要想|想要|想|为了|當|当|完成后|满意后|准备好后|需要|接下来$|之后$|随后$|最后$|首先$)/iu;
/** Says where in the other program: goes with what is to be done or seen there. */
const PLACE_EN = new RegExp(
  String.raw`^(?:and |then |now )?(?:in|on|from|at|under|within|inside|using|via) (?:the |your )?(?:\S+ ){0,4}(?:panel|tab|menu|settings?|side ?bar|tool ?bar|timeline|editor|inspector|library|dialog|dashboard|workspace)$`,
  'iu',
);
const PLACE_ZH =
  /^(?:在|从|於|从您的).{0,16}(?:面板|菜单|菜單|设置|窗口|侧边栏|工具栏|时间线|时间轴|编辑器|页面|界面)[上中里内下]?$/u;
const TO_BE_SEEN =
  /^you(?:'ll| will| can| should)? (?:see|find|notice)\b|^(?:您|你)?(?:可以|会|能)?(?:看到|找到|查看)/iu;
/** Goes on with a direction that came before it in the sentence. */
const CONTINUATION =
  /^(?:and |or |then |and then )*(?:choose|select|pick|set|wait|press|click|tap|save|confirm|drop|drag|open|hit|start|then|to (?:export|download|save|get|see|preview|view|render|start))\b|^(?:please|thanks|thank you|here)$|^(?:然后|并|再|接着)?(?:选择|选|设置|等待|保存|确认|点击|即可|就可以|来|以)/iu;

/** More blanks in a row than anybody writes; the patterns take a time with them that grows with their square. */
const BLANKS = /[^\S\n]{60,}/gu;

/** Takes out what tells the person to use another program's interface. Any text in, never throws. */
export function translateGuiTalk(text: string): TranslatedText {
  const asks = new Set<AskedAction>();
  let afterDirection = false;
  const calm = text.replace(BLANKS, (run) => run.slice(0, 60));
  const lines = calm.split('\n').map((line) => {
    const { marker = '', body = '' } = /^(?<marker>\s*(?:[-*•]\s+|\d+[.)]\s+)?)(?<body>.*)$/su.exec(line)?.groups ?? {};
    // A list of steps: what goes on with a step that is gone goes too.
    if (afterDirection && marker.trim() !== '' && CONTINUATION.test(body)) return undefined;
    const kept = sentences(body)
      .map((sentence) => translateSentence(sentence, asks))
      .join('')
      .trim();
    afterDirection = kept === '' && body.trim() !== '';
    if (kept === body.trim()) return line;
    return kept === '' ? undefined : marker + kept;
  });
  const kept = lines.filter((line) => line !== undefined).join('\n');
  return { text: kept.replace(/\n{3,}/gu, '\n\n').trim(), asks: [...asks] };
}

/** Sentences with their closing marks and the white space after; a point inside `0:45.5` or `a.mp4` ends none. */
function sentences(line: string): string[] {
  return line.match(/.+?(?:[.!?]+["”')*]*(?=\s|$)\s*|[。！？；]["”）」]*\s*|$)/gsu) ?? [];
}

interface Clause {
  text: string;
  /** The mark between this clause and the one before. */
  joint: string;
  direction: boolean;
}

const JOINT =
  /(\s*[,;]\s+|，\s*|:\s+(?=(?:please |just |simply |you can )*(?:click|double-click|tap|press|hit|open|drag|preview|go to)\b[^.:]{0,80}\b(?:panel|tab|menu|button|timeline|editor|preview|export|dashboard|side ?bar)\b)|：(?=(?:请|您|可以)*(?:点击|单击|打开|拖))|\s+[—–-]\s+|\s+(?=(?:and|or|then)\s+(?:then\s+)?(?:please\s+|you can\s+|just\s+)?(?:click|tap|press|hit|open|drag|drop|preview|go to|check your)\b)|\s+(?=(?:so|and|but) you (?:can|may|could)\b))/iu;

function translateSentence(sentence: string, asks: Set<AskedAction>): string {
  const end = /[.!?。！？；]*["”')*）」]*\s*$/u.exec(sentence)?.[0] ?? '';
  const parts = withoutAsides(sentence.slice(0, sentence.length - end.length), asks).split(JOINT);
  const clauses: Clause[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const text = parts[index] ?? '';
    const joint = index === 0 ? '' : (parts[index - 1] ?? '');
    clauses.push({ text, joint, direction: isDirection(text.trim()) });
  }
  const marked = clauses.some(({ direction, text }) => direction || PLACE_EN.test(text) || PLACE_ZH.test(text));
  if (!marked) return parts.join('') + end;
  clauses.forEach((clause, index) => {
    const before = clauses[index - 1];
    const after = clauses[index + 1];
    if (before?.direction && CONTINUATION.test(clause.text.trim())) clause.direction = true;
    const bare = clause.text.trim();
    const place = PLACE_EN.test(bare) || PLACE_ZH.test(bare);
    if (place && after && TO_BE_SEEN.test(after.text.trim().replace(/’/gu, "'"))) after.direction = true;
    if (after?.direction && (place || PURPOSE.test(bare))) clause.direction = true;
  });
  const directions = clauses.filter((clause) => clause.direction).map((clause) => clause.text);
  for (const asked of askedActions(directions.join(' '))) asks.add(asked);
  const kept = clauses.filter((clause) => !clause.direction);
  if (kept.length === 0) return '';
  const text = kept
    .map((clause, index) => (index === 0 ? '' : clause.joint) + clause.text)
    .join('')
    .trim();
  const tidy = text.replace(/^(?:and|or|then|so|but)\s+/iu, '').replace(/[\s,;，；—–-]+$/u, '');
  if (tidy === '') return '';
  return tidy.charAt(0).toUpperCase() + tidy.slice(1) + (end.trim() === '' ? end : end);
}

/** Directions in brackets go with their brackets. */
function withoutAsides(text: string, asks: Set<AskedAction>): string {
  return text.replace(/\s*[(（]([^()（）]*)[)）]/gu, (aside: string, inner: string) => {
    if (!isDirection(inner.trim())) return aside;
    for (const asked of askedActions(inner)) asks.add(asked);
    return '';
  });
}

function isDirection(clause: string): boolean {
  const bare = clause.replace(/^[*_"“'(（]+/u, '').replace(/\*\*/gu, '');
  return DIRECTION_EN.test(bare.replace(/’/gu, "'")) || DIRECTION_ZH.test(bare);
}

function askedActions(direction: string): AskedAction[] {
  const found: AskedAction[] = [];
  if (/\b(?:export|download|render)\w*|导出|下载|導出|下載/iu.test(direction)) found.push('export');
  if (/\b(?:account|billing|subscription|credits?|plan)\b|账户|帐户|账单|余额|积分|订阅|套餐/iu.test(direction))
    found.push('credits');
  if (
    found.length === 0 &&
    /\b(?:open|preview|timeline|panel|view|watch|review|see|go to)\b|打开|打開|进入|预览|时间线|时间轴|查看/iu.test(
      direction,
    )
  )
    found.push('state');
  return found;
}

/** Stands at the end and is one sentence; what is before it is not looked at. */
const ISSUE_LENGTH = 2000;
const TEMPORARY_ISSUE =
  /(?:^|\s)(?:I(?:'m sorry,? (?:but )?I)?(?:'ve| have)? (?:encountered|ran into|hit|experienced) a temporary (?:issue|problem|error)|Sorry, I encountered a temporary issue)[^\n]*$/iu;

/**
 * Leaves out the "I encountered a temporary issue" that the backend puts after an answer that was complete. When it
 * is all there is, it stays: then it is the answer.
 */
export function dropTemporaryIssue(text: string): string {
  const head = beforeIssue(text)?.trimEnd();
  return head === undefined || head === '' ? text : head;
}

/** Whether the "temporary issue" is all that was said. */
export function isTemporaryIssue(text: string): boolean {
  return beforeIssue(text)?.trim() === '';
}

/** What was said before the "temporary issue"; undefined where there is none. */
function beforeIssue(text: string): string | undefined {
  const said = text.trimEnd();
  const from = Math.max(0, said.length - ISSUE_LENGTH);
  const match = TEMPORARY_ISSUE.exec(said.slice(from).replace(/’/gu, "'"));
  return match ? said.slice(0, from + match.index) : undefined;
}
