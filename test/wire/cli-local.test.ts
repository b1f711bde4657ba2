import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { repository } from '../run/paths.js';
import { CliBench, isAlive, until, workersOf } from './cli-run.js';
import { judge } from './local-setup.js';

const sharedMedia = process.env['VIDEO_TRIMMER_TEST_MEDIA'] ?? resolve(repository, '../shared/media');

/** Said where the picture cannot be joined. */
const WHOLE = /^The whole picture will be encoded anew, [^\n]*\.\n/u;
const MAYBE_WHOLE = /^(?:The whole picture will be encoded anew, [^\n]*\.\n)?$/u;

describe('command line, on this machine', function () {
  this.timeout(60_000);
  let bench: CliBench;
  before(() => CliBench.build());
  beforeEach(async () => {
    bench = await CliBench.open();
  });
  afterEach(async () => {
    const left = await bench.leftovers();
    await bench.close();
    assert.deepEqual(left, [], 'nothing may be left in the temporary folder');
  });

  describe('the main job', () => {
    it('without arguments cuts the sample clip into the current folder and prints the path alone', async () => {
      const { code, out, err } = await bench.trim([]);
      assert.deepEqual({ code, err }, { code: 0, err: '' });
      assert.equal(out, `${join(bench.folder, 'sample.trimmed.mp4')}\n`);
      const { duration } = await judge(out.trim());
      assert.ok(Math.abs(duration - 85) < 0.1, String(duration));
    });

    it('--json prints exactly one object', async () => {
      const clip = await bench.makeClip('talk.mp4');
      const { code, out, err } = await bench.trim(['talk.mp4', '--remove', '0:02-0:04', '--json']);
      assert.deepEqual({ code, err }, { code: 0, err: '' });
      const result = JSON.parse(out) as Record<string, unknown>;
      assert.deepEqual(Object.keys(result).sort(), [
        'duration',
        'engine',
        'output',
        'reencoded',
        'removed',
        'renderId',
        'sessionId',
        'sourceDuration',
      ]);
      assert.equal(result['output'], clip.replace('.mp4', '.trimmed.mp4'));
      assert.equal(result['engine'], 'local');
      assert.deepEqual(result['removed'], [[2, 4]]);
      assert.ok(Math.abs(Number(result['sourceDuration']) - 10) < 0.1);
      assert.ok(Math.abs(Number(result['duration']) - 8) < 0.1);
      assert.match(String(result['renderId']), /^render_\d+$/u);
      assert.match(String(result['sessionId']), /^\d+$/u);
      const share = Number(result['reencoded']);
      assert.ok(share >= 0 && share <= 1);
      assert.equal((await judge(String(result['output']))).frames, 200);
    });

    it('takes several sections, with dashes, and then what is said', async () => {
      await bench.makeClip('talk.mp4');
      const args = [
        'talk.mp4',
        '--remove',
        '0:01–0:02',
        '--remove',
        '0:05 - 0:06',
        '--say',
        'cut the last 2 seconds',
        '--json',
      ];
      const { code, out, err } = await bench.trim(args);
      assert.deepEqual({ code, err }, { code: 0, err: '' });
      const result = JSON.parse(out) as { output: string; removed: number[][] };
      assert.equal((await judge(result.output)).frames, 150);
      assert.deepEqual(result.removed.slice(0, 2), [
        [1, 2],
        [5, 6],
      ]);
      assert.equal(result.removed[2]?.[0], 8);
    });

    it('does not export twice when the instruction asks for the file too', async () => {
      await bench.makeClip('talk.mp4');
      const { code } = await bench.trim([
        'talk.mp4',
        '--say',
        'remove 0:02 to 0:04 and export it',
        '--output',
        'short.mp4',
      ]);
      assert.equal(code, 0);
      assert.deepEqual(await bench.files(), ['short.mp4', 'talk.mp4']);
    });

    it('counts up and never overwrites', async () => {
      await bench.makeClip('talk.mp4');
      await writeFile(join(bench.folder, 'talk.trimmed.mp4'), 'mine');
      const { out } = await bench.trim(['talk.mp4', '--remove', '2-4']);
      assert.equal(out, `${join(bench.folder, 'talk.trimmed-2.mp4')}\n`);
      assert.equal(await readFile(join(bench.folder, 'talk.trimmed.mp4'), 'utf8'), 'mine');
    });

    it('two at the same moment write two files', async () => {
      await bench.makeClip('talk.mp4');
      const both = await Promise.all([1, 2].map(() => bench.trim(['talk.mp4', '--remove', '2-4'])));
      assert.deepEqual(
        both.map(({ code }) => code),
        [0, 0],
      );
      assert.deepEqual(await bench.files(), ['talk.mp4', 'talk.trimmed-2.mp4', 'talk.trimmed.mp4']);
    });

    it('an AVI becomes an MP4 beside it', async () => {
      await bench.makeClip('old.avi', ['-c:v', 'mpeg4', '-c:a', 'libmp3lame']);
      const { code, out, err } = await bench.trim(['old.avi', '--remove', '2-4']);
      assert.equal(code, 0, err);
      assert.match(err, WHOLE);
      assert.equal(out, `${join(bench.folder, 'old.trimmed.mp4')}\n`);
      assert.equal((await judge(out.trim())).frames, 200);
    });

    for (const [name, ending, codecs] of [
      ['a.mkv', 'mkv', []],
      ['a.mov', 'mov', []],
      ['a.webm', 'webm', ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libvorbis']],
      ['a.ts', 'ts', []],
      ['a.flv', 'mp4', []],
      ['a.wmv', 'mp4', ['-c:v', 'wmv2', '-c:a', 'wmav2']],
      ['a.mpg', 'mp4', ['-c:v', 'mpeg2video', '-c:a', 'mp2']],
    ] as const) {
      it(`${name} becomes a.trimmed.${ending}`, async () => {
        await bench.makeClip(name, codecs, { seconds: 2 });
        const { code, out, err } = await bench.trim([name, '--remove', '0.52-1']);
        assert.deepEqual({ code, out }, { code: 0, out: `${join(bench.folder, `a.trimmed.${ending}`)}\n` }, err);
        assert.equal((await judge(out.trim())).frames, 38);
      });
    }

    it('scales the picture down and says so before it begins', async () => {
      await bench.makeClip('talk.mp4', [], { seconds: 3 });
      const smaller = await bench.trim(['talk.mp4', '--remove', '1-2', '--resolution', '240x135']);
      assert.equal(smaller.code, 0);
      assert.match(
        smaller.err,
        /^The whole picture will be encoded anew, a few seconds: it is scaled to 242×136\.\n$/u,
      );
      await bench.makeClip('large.mp4', [], { seconds: 3, size: '854x480' });
      const said = ['large.mp4', '--say', 'remove 1s to 2s and export as a 360p mkv', '--json'];
      const { output, reencoded } = JSON.parse((await bench.trim(said)).out) as { output: string; reencoded: number };
      assert.match(output, /large\.trimmed\.mkv$/u);
      assert.equal(reencoded, 1);
    });

    it('leaves the source as it was', async () => {
      const clip = await bench.makeClip('talk.mp4');
      const before = { bytes: await readFile(clip), time: (await stat(clip)).mtimeMs };
      await bench.trim(['talk.mp4', '--remove', '2-4']);
      assert.ok(before.bytes.equals(await readFile(clip)));
      assert.equal((await stat(clip)).mtimeMs, before.time);
    });

    it('--help explains itself', async () => {
      const { code, out } = await bench.trim(['--help']);
      assert.equal(code, 0);
      assert.match(out, /--remove IN-OUT/u);
    });
  });

  describe('the interview', () => {
    const interview = join(sharedMedia, 'interview.mp4');
    before(function () {
      if (!existsSync(interview)) {
        process.stdout.write(
          `      skipped: there is no ${interview}; set VIDEO_TRIMMER_TEST_MEDIA to the test clips\n`,
        );
        this.skip();
      }
    });

    it('--remove 0:10-0:20 leaves exactly 972 of 1272 frames', async () => {
      const { out } = await bench.trim([interview, '--remove', '0:10-0:20', '--output', 'a.mp4']);
      assert.equal((await judge(out.trim())).frames, 972);
    });

    it('"remove the long pause" takes out the pause from 17.3 to 39.97 s', async () => {
      const { out } = await bench.trim([interview, '--say', 'remove the long pause', '--output', 'a.mp4', '--json']);
      const { removed } = JSON.parse(out) as { removed: [number, number][] };
      assert.equal(removed.length, 1);
      const [from, to] = removed[0] ?? [0, 0];
      // The engine keeps 0.1 s of the pause on each side.
      assert.ok(Math.abs(from - 17.4) < 0.05 && Math.abs(to - 39.87) < 0.05, `${from}-${to}`);
    });
  });

  describe('wrong usage: exit 2, one line, nothing written', () => {
    const cases: [string[], RegExp][] = [
      [['--frobnicate'], /--frobnicate/u],
      [['a.mp4', 'b.mp4', '--remove', '1-2'], /One video at a time/u],
      [['a.mp4'], /Say what to take out/u],
      [['a.mp4', '--remove', 'soon'], /two times such as 0:45-1:20/u],
      [['a.mp4', '--remove', '0:10'], /two times/u],
      [['a.mp4', '--remove', '0:75-0:80'], /two times/u],
      [['a.mp4', '--remove'], /--remove/u],
      [['a.mp4', '--say', ' '], /--say needs a text/u],
      [['a.mp4', '--remove', '1-2', '--engine', 'mars'], /local or cloud/u],
      [['', '--remove', '1-2'], /empty/u],
      [['--json=yes'], /--json/u],
      [['a.mp4', '--remove', '1-2', '--resolution', 'big'], /--resolution takes a size such as 720p/u],
    ];
    for (const [args, message] of cases) {
      it(args.join(' '), async () => {
        const { code, out, err } = await bench.trim(args);
        assert.deepEqual({ code, out }, { code: 2, out: '' });
        assert.match(err, /^[^\n]+ See --help\.\n$/u);
        assert.match(err, message);
        assert.deepEqual(await bench.files(), []);
      });
    }
  });

  describe('bad input: exit 1, one plain line, nothing lost', () => {
    const refusal = async (args: string[], message: RegExp): Promise<void> => {
      const before = await bench.files();
      const { code, out, err } = await bench.trim([...args, '--json']);
      assert.deepEqual({ code, out }, { code: 1, out: '' }, err);
      assert.match(err, /^[^\n]+\n$/u);
      assert.match(err, message);
      assert.doesNotMatch(err, /Error|\bat \/|node:/u);
      assert.deepEqual(await bench.files(), before);
    };

    it('no such file', () => refusal(['nope.mp4', '--remove', '1-2'], /nope\.mp4 was not found/u));
    it('a folder', async () => {
      await mkdir(join(bench.folder, 'dir.mp4'));
      await refusal(['dir.mp4', '--remove', '1-2'], /folder/u);
    });
    it('0 bytes', async () => {
      await writeFile(join(bench.folder, 'empty.mp4'), '');
      await refusal(['empty.mp4', '--remove', '1-2'], /empty/u);
    });
    it('text renamed to .mp4', async () => {
      await writeFile(join(bench.folder, 'text.mp4'), 'This is not a video.\n'.repeat(500));
      await refusal(['text.mp4', '--remove', '1-2'], /text\.mp4/u);
    });
    it('a truncated mp4', async () => {
      await truncate(await bench.makeClip('cut.mp4'), 20_000);
      await refusal(['cut.mp4', '--remove', '1-2'], /cut\.mp4/u);
    });
    it('a section outside the clip', async () => {
      await bench.makeClip('talk.mp4');
      await refusal(['talk.mp4', '--remove', '0:20-0:30'], /--remove 0:20-0:30: The clip ends at 0:10/u);
      await refusal(['talk.mp4', '--remove', '0:05-0:30'], /The clip ends at 0:10/u);
    });
    it('sections that overlap, are reversed, or leave nothing', async () => {
      await bench.makeClip('talk.mp4');
      await refusal(['talk.mp4', '--remove', '1-4', '--remove', '3-5'], /Overlaps/u);
      await refusal(['talk.mp4', '--remove', '4-1'], /before the in point/u);
      await refusal(['talk.mp4', '--remove', '0-10'], /Nothing would be left/u);
    });
    it('an output that exists, has no folder, or is no video', async () => {
      await bench.makeClip('talk.mp4');
      await refusal(['talk.mp4', '--remove', '1-2', '--output', 'talk.mp4'], /there already and was left as it is/u);
      await refusal(['talk.mp4', '--remove', '1-2', '--output', 'none/a.mp4'], /"none" is not there/u);
      await refusal(['talk.mp4', '--remove', '1-2', '--output', 'a.txt'], /ends in one of \.mp4/u);
    });
    it('a folder that cannot be written to', async function () {
      await bench.makeClip('talk.mp4');
      await chmod(bench.folder, 0o555);
      if (!(await bench.asOrdinaryUser())) return this.skip();
      await refusal(['talk.mp4', '--remove', '1-2'], /The folder "videos" cannot be written to/u);
      await chmod(bench.folder, 0o755);
    });
    it('an instruction that leads to a question, or that only the cloud can do', async () => {
      await bench.makeClip('talk.mp4');
      await refusal(['talk.mp4', '--say', 'remove the section'], /Which section/u);
      await refusal(['talk.mp4', '--say', 'add background music'], /cloud/u);
      await refusal(['talk.mp4', '--say', 'show tracks'], /timeline/iu);
    });
  });

  describe('stopped', () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`by ${signal} while it encodes: exit 130, and no file, folder or process is left`, async () => {
        await bench.makeClip('long.avi', ['-c:v', 'mpeg4', '-q:v', '5', '-c:a', 'libmp3lame'], {
          seconds: 60,
          size: '1280x720',
        });
        const { child, ended } = bench.start(['long.avi', '--remove', '2-4']);
        await until(async () => (await bench.leftovers()).some((name) => name.endsWith('.mp4')));
        const workers = await workersOf(child.pid);
        assert.equal(workers.length, 1);
        child.kill(signal);
        const { code, out, err } = await ended;
        assert.deepEqual({ code, out }, { code: 130, out: '' });
        assert.match(err, MAYBE_WHOLE);
        assert.deepEqual(await bench.files(), ['long.avi']);
        // Other tests have workers of their own.
        for (const worker of workers) assert.equal(await isAlive(worker), false);
      });
    }

    it('the source deleted midway is said in one line, and nothing is left', async () => {
      const clip = await bench.makeClip('long.avi', ['-c:v', 'mpeg4', '-q:v', '5', '-c:a', 'libmp3lame'], {
        seconds: 12,
        size: '1280x720',
      });
      const { ended } = bench.start(['long.avi', '--remove', '2-4']);
      await until(async () => (await bench.leftovers()).some((name) => name.endsWith('.mp4')));
      await rm(clip);
      const { code, out, err } = await ended;
      assert.deepEqual({ code, out }, { code: 1, out: '' });
      assert.match(err.replace(WHOLE, ''), /^long\.avi was moved or deleted[^\n]*\n$/u);
      assert.deepEqual(await bench.files(), []);
    });
  });
});
