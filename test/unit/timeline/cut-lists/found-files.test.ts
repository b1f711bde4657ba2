// Files that other programs really wrote. They are other people's, so none is kept here: the folder that
// VIDEO_TRIMMER_TEST_CUT_LISTS names is gone through, and each of its files must give sections that come back when they
// are written in the same format. What lies in its folder `none` shows no file, or is none of our formats, and must be
// refused by one of our own problems.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CutListError, type ListedClip } from '../../../../src/timeline/cut-lists/cut-list.js';
import { clipsOfFile, formatOfFile, readCutList, writeCutList } from '../../../../src/timeline/cut-lists/formats.js';
import { textOfList } from '../../../../src/timeline/cut-lists/list-text.js';
import { saidSections } from '../../../../src/timeline/subtitles/unsaid.js';
import { mergeSections, type Section } from '../../../../src/timeline/sections.js';

const DAY = 86_400_000_000;
const folder = process.env['VIDEO_TRIMMER_TEST_CUT_LISTS'] ?? '';
const filesIn = (path: string): string[] =>
  existsSync(path)
    ? readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []))
    : [];

function textIn(path: string): string {
  const text = textOfList(readFileSync(path));
  assert.ok(text !== undefined, 'it is a text');
  return text;
}

/** @returns how many clips of the list have sections */
function clipsWithSections(name: string, text: string): number {
  const format = formatOfFile(name, text);
  if (!format) throw new CutListError('not-this');
  const named = clipsOfFile(format, text);
  const clips = named.length > 0 ? named.slice(0, 50) : ['talk.mp4'];
  const problems: CutListError[] = [];
  for (const clipName of clips) {
    const clip: ListedClip = { name: clipName, duration: DAY, frameRate: 25 };
    try {
      const { parts } = readCutList(format, text, clip);
      // Only chapters lie side by side; the last of these files' own goes on for the day.
      if (format === 'chapters') continue;
      const kept = mergeSections(parts.map((part) => ({ in: part.in, out: Math.min(part.out, DAY) })));
      const written = writeCutList(format, kept, clip);
      const again: readonly Section[] = readCutList(format, written.text, clip).parts;
      assert.equal(again.length, kept.length - written.lost, clipName);
      if (written.lost > 0) continue;
      for (const [index, part] of kept.entries()) {
        const other = again[index];
        const near = (a: number, b = Number.NaN): boolean => Math.abs(a - b) <= written.grain;
        assert.ok(near(part.in, other?.in) && near(part.out, other?.out), JSON.stringify([clipName, part, other]));
      }
    } catch (error) {
      if (!(error instanceof CutListError)) throw error;
      problems.push(error);
    }
  }
  if (problems.length === clips.length && problems[0]) throw problems[0];
  return clips.length - problems.length;
}

describe('cut lists that other programs wrote', () => {
  const found = filesIn(folder);
  if (found.length === 0) {
    it('are opened, each of them', function () {
      process.stderr.write('      (skipped: no lists; set VIDEO_TRIMMER_TEST_CUT_LISTS to a folder of them)\n');
      this.skip();
    });
  }
  for (const name of found) {
    it(name, () => {
      const text = textIn(join(folder, name));
      if (/\.(?:srt|vtt)$/iu.test(name)) assert.ok(saidSections(text, DAY).length > 0);
      else assert.ok(clipsWithSections(name, text) > 0);
    }).timeout(60_000);
  }
  for (const name of filesIn(join(folder, 'none'))) {
    it(`${name} is refused`, () => {
      const text = textIn(join(folder, 'none', name));
      assert.throws(() => clipsWithSections(name, text), CutListError);
    }).timeout(60_000);
  }
});
