// Text of one cue, between the subtitle codecs. The common form is that of SubRip: lines parted by \n, with the tags
// <b>, <i> and <u> and nothing else; pure text has no entities there.

/** A subtitle codec whose packets are text, by FFmpeg's name. */
export type TextCodec = 'subrip' | 'text' | 'webvtt' | 'mov_text' | 'ass';

/** Whether {@link decodeCue} reads its packets. @param codec FFmpeg's name */
export function isTextCodec(codec: string): codec is TextCodec {
  return ['subrip', 'text', 'webvtt', 'mov_text', 'ass'].includes(codec);
}

/** Codecs that {@link encodeCue} makes. */
export type WrittenTextCodec = 'subrip' | 'webvtt' | 'mov_text';

/** @returns the text in the common form; empty for a packet that shows nothing */
export function decodeCue(codec: TextCodec, data: Buffer): string {
  if (codec === 'mov_text') return decodeTimedText(data);
  const text = data.toString('utf8').replace(/\0+$/u, '').replace(/\r\n?/gu, '\n');
  if (codec === 'ass') return decodeAss(text);
  if (codec === 'webvtt') return decodeEntities(keepTags(text));
  return keepTags(text).replace(/^\n+|\n+$/gu, '');
}

/** The data of one packet. @param text in the common form */
export function encodeCue(codec: WrittenTextCodec, text: string): Buffer {
  if (codec === 'mov_text') return encodeTimedText(text);
  if (codec === 'subrip') return Buffer.from(text);
  const parts = text.split(TAG).map((part, n) => (n % 2 === 1 ? part : encodeEntities(part)));
  // A blank line would end the cue.
  return Buffer.from(parts.join('').replace(/\n{2,}/gu, '\n'));
}

const TAG = /(<\/?[biu]>)/u;

/** Leaves only the plain tags for bold, italic and underline of the markup of SubRip and WebVTT. */
function keepTags(text: string): string {
  return text
    .replace(
      /<(\/?)([biu])(?:[.\s][^<>\n]*)?>/giu,
      (_, slash: string, name: string) => `<${slash}${name.toLowerCase()}>`,
    )
    .replace(/<\/?(?:font|c|v|lang|ruby|rt|s)(?:[.\s][^<>]*)?>|<[\d:.]+>/giu, '')
    .replace(/\{\\an?\d+\}/giu, '');
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
};

function decodeEntities(text: string): string {
  return text.replace(/&(\w+);/gu, (all, name: string) => ENTITIES[name] ?? all);
}

function encodeEntities(text: string): string {
  return text.replace(/&/gu, '&amp;').replace(/</gu, '&lt;').replace(/>/gu, '&gt;');
}

/** Text of an event as Matroska has it: ReadOrder, Layer, Style, Name, three margins and Effect come first. */
function decodeAss(event: string): string {
  const text = event.split(',').slice(8).join(',');
  const drawing = /\{[^}]*\\p[1-9]/u;
  if (drawing.test(text)) return '';
  return text
    .replace(/\\N|\\n/gu, '\n')
    .replace(/\\h/gu, '\u00a0')
    .replace(/\{([^}]*)\}/gu, (_, codes: string) =>
      [...codes.matchAll(/\\([biu])(\d+)(?!\w)/gu)].map(([, name, on]) => `<${on === '0' ? '/' : ''}${name}>`).join(''),
    );
}

// Style flags of a face (3GPP TS 26.245 5.16).
const FACES = { b: 1, i: 2, u: 4 } as const;

/** A sample of 3GPP timed text: length, text, boxes; of these `styl` says what is bold, italic or underlined. */
function decodeTimedText(data: Buffer): string {
  if (data.length < 2) return '';
  const length = Math.min(data.readUInt16BE(0), data.length - 2);
  const raw = data.subarray(2, 2 + length);
  // UTF-16 announces itself by its byte order mark.
  const wide = raw.length >= 2 && raw.readUInt16BE(0) === 0xfeff;
  const characters = [...(wide ? Buffer.from(raw.subarray(2)).swap16().toString('utf16le') : raw.toString('utf8'))];
  const faces = new Uint8Array(characters.length);
  for (const style of styles(data.subarray(2 + length))) {
    faces.fill(style.face, Math.min(style.start, faces.length), Math.min(style.end, faces.length));
  }
  let text = '';
  let open = 0;
  for (let n = 0; n <= characters.length; n++) {
    const face = faces[n] ?? 0;
    if (face !== open) text += change(open, face);
    open = face;
    text += characters[n] ?? '';
  }
  return text.replace(/\r\n?/gu, '\n');
}

function change(from: number, to: number): string {
  const names = Object.entries(FACES);
  const close = names.filter(([, bit]) => from & bit).map(([name]) => `</${name}>`);
  const open = names.filter(([, bit]) => to & bit).map(([name]) => `<${name}>`);
  return [...close.reverse(), ...open].join('');
}

function styles(boxes: Buffer): { start: number; end: number; face: number }[] {
  const found: { start: number; end: number; face: number }[] = [];
  for (let at = 0; at + 8 <= boxes.length;) {
    const size = boxes.readUInt32BE(at);
    if (size < 8 || at + size > boxes.length) break;
    if (boxes.toString('latin1', at + 4, at + 8) === 'styl' && size >= 10) {
      const count = Math.min(boxes.readUInt16BE(at + 8), Math.floor((size - 10) / 12));
      for (let n = 0; n < count; n++) {
        const entry = at + 10 + n * 12;
        const face = boxes.readUInt8(entry + 6) & 7;
        found.push({ start: boxes.readUInt16BE(entry), end: boxes.readUInt16BE(entry + 2), face });
      }
    }
    at += size;
  }
  return found;
}

function encodeTimedText(text: string): Buffer {
  let plain = '';
  let count = 0;
  let face = 0;
  const runs: { start: number; end: number; face: number }[] = [];
  for (const [n, part] of text.split(TAG).entries()) {
    if (n % 2 === 1) {
      const bit = FACES[part.at(-2) as keyof typeof FACES];
      face = part.startsWith('</') ? face & ~bit : face | bit;
      continue;
    }
    const length = [...part].length;
    if (face !== 0 && length > 0) runs.push({ start: count, end: count + length, face });
    plain += part;
    count += length;
  }
  // The length is 16 bits wide.
  const body = Buffer.from(plain).subarray(0, 0xffff);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(body.length);
  if (runs.length === 0) return Buffer.concat([head, body]);
  const box = Buffer.alloc(10 + runs.length * 12);
  box.writeUInt32BE(box.length);
  box.write('styl', 4, 'latin1');
  box.writeUInt16BE(runs.length, 8);
  for (const [n, run] of runs.entries()) {
    const at = 10 + n * 12;
    box.writeUInt16BE(run.start, at);
    box.writeUInt16BE(run.end, at + 2);
    // Font 1 of the sample entry, the size and white of {@link TIMED_TEXT_ENTRY}.
    box.writeUInt16BE(1, at + 4);
    box.writeUInt8(run.face, at + 6);
    box.writeUInt8(18, at + 7);
    box.writeUInt32BE(0xffffffff, at + 8);
  }
  return Buffer.concat([head, body, box]);
}

/**
 * What a 3GPP timed text track says of itself (TS 26.245 5.16, from `displayFlags` on): white text of size 18 in a
 * sans-serif, centred at the bottom.
 */
export const TIMED_TEXT_ENTRY: Buffer = Buffer.concat([
  Buffer.from('00000000' + '01ff' + '00000000' + '0000000000000000', 'hex'),
  Buffer.from('00000000' + '0001' + '0012' + 'ffffffff', 'hex'),
  Buffer.from('00000012' + '66746162' + '0001' + '0001' + '05', 'hex'),
  Buffer.from('Serif'),
]);
