import * as z from 'zod/mini';
import { checkSections, type Section, type TypedSection } from '../timeline/sections.js';
import { formatTimecode, fromSeconds, parseTimecode, toSeconds, type Microseconds } from '../timeline/timecode.js';
import { ToolRefusal } from './agent-tool.js';

const LONGEST_PATH = 4096;
const MOST_SECTIONS = 500;

export const clipPath = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(LONGEST_PATH),
    z.describe('Absolute path of the video file on this machine. It is only read, never changed.'),
  );

export const outputPath = z
  .string()
  .check(
    z.minLength(1),
    z.maxLength(LONGEST_PATH),
    z.describe(
      'Absolute path of the file to write, ending in .mp4, .mov, .mkv, .webm, .ts or .m4v. It must not exist yet. Leave it out to write beside the source under a free name.',
    ),
  );

export const resolution = z
  .string()
  .check(
    z.regex(/^(?:[248][kK]|[uU][hH][dD]|\d{3,4}[pP]|\d{3,4}[xX]\d{3,4})$/u),
    z.describe(
      'Scale the picture down to fit: "1080p", "720p", "4k" or "1280x720". It is never enlarged. All of the picture is then encoded anew, which takes longer. Leave it out to keep the size and the quality.',
    ),
  );

const time = (what: string): z.ZodMiniUnion<readonly [z.ZodMiniNumber, z.ZodMiniString]> =>
  z
    .union([
      z.number().check(z.minimum(0)),
      z.string().check(z.regex(/^\s*\d{1,6}(?::\d{1,3}){0,2}(?:[.,]\d{1,6})?\s*$/u)),
    ])
    .check(z.describe(`${what}: seconds as a number (80.5) or a timecode ("1:20.5", "1:02:03.250").`));

export const sections = z
  .array(
    z.strictObject({
      in: time('Where the section begins; the frame at this time is removed'),
      out: time('Where the section ends; the frame at this time stays'),
    }),
  )
  .check(
    z.minLength(1),
    z.maxLength(MOST_SECTIONS),
    z.describe('Sections to remove, in the time of the source file, in any order, without overlap.'),
  );

/** A stretch of time as results tell it. */
export const stretch = z.object({
  in: z.number().check(z.describe('Seconds.')),
  out: z.number().check(z.describe('Seconds.')),
});

export type Stretch = z.infer<typeof stretch>;

/** As tools tell it: in seconds. */
export function toStretch(section: Section): Stretch {
  return { in: toSeconds(section.in), out: toSeconds(section.out) };
}

/** @throws ToolRefusal with every problem */
export function readSections(given: z.infer<typeof sections>, duration: Microseconds): Section[] {
  const typed = given.map((section): TypedSection => ({ in: asText(section.in), out: asText(section.out) }));
  const { sections: read, problems } = checkSections(typed, duration);
  if (problems.length > 0) {
    const lines = problems.map(({ index, message }) => `sections[${index}]: ${message}`);
    throw new ToolRefusal(`Nothing was written. ${lines.join(' ')}`);
  }
  return read.filter((section) => section !== undefined);
}

function asText(value: number | string): string {
  // Digits for every microsecond, so that a frame's time stays that frame's.
  return typeof value === 'number' ? formatTimecode(fromSeconds(value), { digits: 6 }) : value;
}

/** As a person reads it; text that is no time stays as it is. */
export function shownTime(value: number | string): string {
  const time = typeof value === 'number' ? fromSeconds(value) : parseTimecode(value);
  return time === undefined ? value.toString() : formatTimecode(time);
}

/** Reads what a model gave. @throws ToolRefusal that names each field that is not as described */
export function readInput<S extends z.core.$ZodType>(schema: S, given: unknown): z.output<S> {
  const read = z.safeParse(schema, given);
  if (read.success) return read.data;
  const problems = read.error.issues.map((issue) => {
    const field = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
    const name = field.replace(/^\./u, '') || 'the input';
    if (issue.code === 'unrecognized_keys') return `${name} has no field ${issue.keys.join(', ')}`;
    return `${name} is missing or not as described`;
  });
  throw new ToolRefusal(`The input was not understood: ${[...new Set(problems)].slice(0, 5).join('; ')}.`);
}
