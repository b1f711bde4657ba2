import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readMessage } from '../../../src/local/grammar.js';
import type { Part } from '../../../src/local/grammar-parts.js';
import { needsSubtitles, planEdit } from '../../../src/local/timeline-edit.js';
import { DEFAULT_PAUSES } from '../../../src/media/media.js';
import { clampSections, keptRanges, totalDuration, type Section } from '../../../src/timeline/sections.js';
import { findSaidWords, replaceSaidWords } from '../../../src/timeline/subtitles/said-words.js';

const S = 1_000_000;

function partWords(part: Part): string {
  if (part.kind !== 'said' && part.kind !== 'unsaid') return part.kind;
  const minimum = part.minimum === undefined ? '' : ` over ${part.minimum / S}`;
  const within = part.within ? ` within ${part.within.in / S}..${part.within.out / S}` : '';
  return `${part.kind}${minimum}${within}`;
}

/** `-unsaid` removes where nobody speaks, `+` keeps. */
function short(sentence: string): string {
  const { intent, wishes } = readMessage(sentence);
  const cuts = intent.kind === 'cut' ? intent.cuts : [];
  const words = cuts.map(({ action, part }) => `${action === 'remove' ? '-' : '+'}${partWords(part)}`);
  return [...words, ...(intent.kind === 'cut' || intent.kind === 'none' ? [] : [intent.kind]), ...wishes].join(' ');
}

function understands(cases: Record<string, string>): void {
  for (const [sentence, expected] of Object.entries(cases)) {
    it(sentence, () => assert.equal(short(sentence), expected));
  }
}

describe('sentences about where somebody speaks', () => {
  describe('in English', () =>
    understands({
      'remove where nothing is said': '-unsaid',
      'Remove where nothing is said.': '-unsaid',
      'cut everything where nobody speaks': '-unsaid',
      'delete the parts without subtitles': '-unsaid',
      'delete the parts without any captions, please': '-unsaid',
      'Remove the parts where no one is talking and join the rest smoothly': '-unsaid',
      "cut out all the sections where nobody's speaking": '-unsaid',
      "remove when I'm not talking": '-unsaid',
      'cut it where I don’t speak': '-unsaid',
      'get rid of everything that has no subtitles': '-unsaid',
      'remove the gaps between the subtitles': '-unsaid',
      'take the parts with no speech out': '-unsaid',
      'cut where there is no dialogue in the video': '-unsaid',
      'remove where nothing is said by the subtitles': '-unsaid',
      'delete where nobody speaks for more than 2 seconds': '-unsaid over 2',
      'delete the parts where nobody speaks longer than half a second': '-unsaid over 0.5',
      'remove where nothing is said between 0:10 and 0:50': '-unsaid within 10..50',
      'from 0:10 to 0:50 remove where nothing is said and make every join a 0.5-second dissolve': '-between -unsaid',
      'keep only where someone speaks': '+said',
      'keep only the parts with subtitles': '+said',
      'only keep the parts where somebody is talking': '+said',
      'keep just the speech': '+said',
      'cut everything except where someone speaks': '+said',
      'remove where someone speaks': '-said',
      'trim it to where people speak': '+said',
      "don't cut where someone speaks": '',
    }));

  describe('in Chinese', () =>
    understands({
      剪掉没有人说话的部分: '-unsaid',
      删除没有字幕的部分: '-unsaid',
      '删除没有字幕的部分，并把其余部分平滑地拼接起来': '-unsaid',
      把没人说话的地方剪掉: '-unsaid',
      请把视频里所有没人讲话的片段都删掉: '-unsaid',
      没人说话的都删掉: '-unsaid',
      去掉字幕之间的空白: '-unsaid',
      删除字幕以外的部分: '-unsaid',
      剪掉没说话的部分: '-unsaid',
      删掉没人说话超过2秒的部分: '-unsaid over 2',
      删掉超过两秒没人说话的部分: '-unsaid over 2',
      只保留有人说话的部分: '+said',
      只留下有字幕的片段: '+said',
      保留说话的部分: '+said',
      除了有人说话的部分以外都删掉: '+said',
      删除有人说话的部分: '-said',
    }));

  describe('are not read into others', () =>
    understands({
      'remove the subtitles': 'subtitles',
      'make the video without subtitles': 'ask-section subtitles',
      'remove the pauses where nobody speaks': '-pauses',
      'remove the silence': '-longest-pause',
      'add music where nothing is said': 'music',
      'mute the parts where nobody speaks': 'sound',
      'cut where someone speaks about dogs': 'ask-section',
      'keep the part where she says hello': 'ask-section',
      删除没有声音的部分: '-pauses',
      删除字幕: 'subtitles',
      生成没有字幕的视频: 'subtitles generation',
      在没有人说话的部分加音乐: 'music',
    }));

  it('gives the words back as they stand, for other words in their place', () => {
    const sentence = 'Please cut Everything where nobody speaks, then the gaps between the captions';
    const found = findSaidWords(sentence);
    assert.deepEqual(
      found.map(({ text }) => text),
      ['Everything where nobody speaks', 'the gaps between the captions'],
    );
    assert.equal(replaceSaidWords(sentence, found, ['A', 'B']), 'Please cut A, then B');
    assert.equal(replaceSaidWords('undo', [], []), 'undo');
  });

  it('cut in the gaps alone, and never a word, whatever was cut before', () => {
    const moment = fc.integer({ min: 0, max: 60 * S });
    const sections = (most: number): fc.Arbitrary<Section[]> =>
      fc.array(fc.tuple(moment, moment), { minLength: 1, maxLength: most }).map((pairs) =>
        clampSections(
          pairs.map(([a, b]) => ({ in: Math.min(a, b), out: Math.max(a, b) })),
          { in: 0, out: 60 * S },
        ),
      );
    const sentences = fc.constantFrom(
      'remove where nothing is said',
      'keep only where someone speaks',
      '剪掉没有人说话的部分',
      'delete where nobody speaks for more than 2 seconds',
    );
    fc.assert(
      fc.property(sections(8), sections(4), sentences, (said, kept, sentence) => {
        const { intent } = readMessage(sentence);
        assert.ok(intent.kind === 'cut' && needsSubtitles(intent.cuts));
        const planned = planEdit(intent.cuts, kept, [], DEFAULT_PAUSES, { said, duration: 60 * S });
        if ('kind' in planned) return;
        const overlap = (a: readonly Section[], b: readonly Section[]): number =>
          b.reduce((sum, bounds) => sum + totalDuration(clampSections(a, bounds)), 0);
        assert.equal(overlap(said, planned.kept), overlap(said, kept), 'all that was said is still there');
        const gone = keptRanges(planned.kept, { in: 0, out: 60 * S }).flatMap((range) =>
          kept.flatMap((bounds) => clampSections([range], bounds)),
        );
        assert.equal(overlap(gone, said), 0);
      }),
    );
  });
});
