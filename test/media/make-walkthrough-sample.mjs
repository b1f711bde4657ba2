// Makes media/sample/interview.mp4, the small clip that comes with the extension ("Open Sample Video"): 0:36 of talk with
// a phone call from 0:12 to 0:24, the most of it silent. Needs ffmpeg (with libx264, drawtext) and espeak-ng; the result is committed, so
// nobody else does.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const BEFORE = `Hello, and welcome. In the next half minute you will cut your first video. Somebody is about to call me,
and nobody wants to hear that. One moment, please.`;
const AFTER = `There we are again. Mark the part with the phone, remove it, and press export. The file you recorded stays as
it is. The joined one lies next to it.`;

const output = process.argv[2] ?? join(import.meta.dirname, '../../media/sample/interview.mp4');
const folder = mkdtempSync(join(tmpdir(), 'sample-'));
const say = (text, file) =>
  execFileSync('espeak-ng', [...['-v', 'en-us+f3', '-s', '140', '-w', join(folder, file)], text.replace(/\s+/g, ' ')]);
say(BEFORE, 'before.wav');
say(AFTER, 'after.wav');

const mono = 'fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf';
const dead = 'between(t,12,23.999)';
const rings = 'between(t,12.2,17)';
// Two people at a table; one of them has a telephone, which shakes while it rings.
const person = (x, colour) => [
  `drawbox=x=${x}:y=138:w=96:h=132:color=${colour}:t=fill`,
  `drawbox=x=${x + 22}:y=74:w=52:h=56:color=0xe8c9a8:t=fill`,
];
const picture = [
  `drawbox=x=0:y=0:w=iw:h=ih:color=0x4a2626:t=fill:enable='${dead}'`,
  ...person(70, '0x4f86c6'),
  ...person(314, '0xc98a3c'),
  'drawbox=x=0:y=226:w=iw:h=44:color=0x141c28:t=fill',
  `drawbox=x=222:y=196:w=36:h=24:color=0x55606e:t=fill:enable='not(${rings})'`,
  ...[219, 225].map(
    (x, side) => `drawbox=x=${x}:y=196:w=36:h=24:color=0xff8a66:t=fill:enable='${rings}*eq(mod(n\\,2)\\,${side})'`,
  ),
  `drawtext=${mono}:text='%{pts\\:gmtime\\:0\\:%M\\\\\\:%S}':x=(w-tw)/2:y=22:fontsize=40:fontcolor=white`,
].join(',');
const ring = 'if(lt(mod(t,2.6),1.6),0.05*sin(2*PI*(900+200*gt(mod(t,0.1),0.05))*t),0)';

mkdirSync(dirname(output), { recursive: true });
execFileSync('ffmpeg', [
  ...['-v', 'error', '-y'],
  ...['-f', 'lavfi', '-i', 'color=c=0x23303f:s=480x270:r=25:d=36'],
  ...['-i', join(folder, 'before.wav'), '-i', join(folder, 'after.wav')],
  ...['-f', 'lavfi', '-i', `aevalsrc='${ring}':d=4.3:s=48000`],
  '-filter_complex',
  [
    `[0:v]${picture}[v]`,
    '[1:a]aresample=48000,adelay=400:all=1[a1]',
    '[2:a]aresample=48000,adelay=24600:all=1[a2]',
    '[3:a]adelay=12200:all=1[a3]',
    '[a1][a2][a3]amix=inputs=3:duration=longest:normalize=0,apad,atrim=0:36,aformat=channel_layouts=mono[a]',
  ].join(';'),
  ...['-map', '[v]', '-map', '[a]', '-c:v', 'libx264', '-preset', 'slow', '-crf', '27', '-g', '75', '-bf', '2'],
  ...['-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '40k', '-fflags', '+bitexact', '-movflags', '+faststart', output],
]);
rmSync(folder, { recursive: true });
