import assert from 'node:assert/strict';
import { englishLeft, inChinese } from '../../run/chinese.js';
import { readMessage } from '../../../src/local/grammar.js';
import { joinInstruction, removalInstruction } from '../../../src/session/instruction.js';

const s = (from: number, to: number) => ({ in: Math.round(from * 1e6), out: Math.round(to * 1e6) });

describe('the message that removes sections', () => {
  it('is the sentence of the product text for one section', () => {
    assert.equal(
      removalInstruction([s(45, 80)]),
      'remove the section between 0:45 and 1:20 and join the remaining parts smoothly',
    );
  });

  it('names several sections in order of time, and those that touch as one', () => {
    assert.equal(
      removalInstruction([s(120, 130), s(45, 60), s(60, 80), s(3723.25, 3730)]),
      'remove the sections between 0:45 and 1:20, between 2:00 and 2:10 and between 1:02:03.25 and 1:02:10 and join the remaining parts smoothly',
    );
  });

  it('keeps the microseconds of a frame that is not on a millisecond', () => {
    assert.match(removalInstruction([{ in: 1_033_333, out: 2_066_667 }]), /between 0:01\.033333 and 0:02\.066667 /u);
  });

  it('needs a section', () => {
    assert.throws(() => removalInstruction([]), RangeError);
  });
});

describe('the message about the joins', () => {
  it('is understood by the engine on this machine', () => {
    for (const duration of [250_000, 500_000, 1_000_000]) {
      const join = { kind: 'dissolve', duration } as const;
      const message = readMessage(joinInstruction(join));
      assert.deepEqual(message.join, join);
      assert.deepEqual([message.intent.kind, message.wishes], ['none', []]);
    }
    assert.deepEqual(readMessage(joinInstruction({ kind: 'cut' })).join, { kind: 'cut' });
  });
});

describe('the messages in Chinese', () => {
  inChinese();

  it('are Chinese, and understood by the engine on this machine as the English ones are', () => {
    for (const sections of [[s(45, 80)], [s(45, 80), s(120.033333, 130)], [s(1, 2), s(3, 4), s(3723.25, 3730)]]) {
      const text = removalInstruction(sections);
      assert.deepEqual(englishLeft(text, /^$/g), []);
      const { language, intent, wishes } = readMessage(text);
      assert.deepEqual(
        [language, wishes, intent],
        [
          'zh',
          [],
          { kind: 'cut', cuts: sections.map((part) => ({ action: 'remove', part: { kind: 'between', ...part } })) },
        ],
      );
    }
    for (const join of [{ kind: 'cut' }, { kind: 'dissolve', duration: 250_000 }] as const) {
      const message = readMessage(joinInstruction(join));
      assert.deepEqual([message.language, message.join, message.intent.kind], ['zh', join, 'none']);
    }
  });
});
