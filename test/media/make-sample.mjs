// Makes media/sample.mp4, the clip that `npm run trim` and `npm start` use: 2:00 of talk with a dead part from 0:45 to
// 1:20. The picture tells where it is: a timecode and a frame number for people, and for tests the frame number as 16
// black or white blocks along the bottom edge, the lowest bit at the left. Needs ffmpeg (with libx264, drawtext) and
// espeak-ng; the result is committed, so nobody else does.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BEFORE = `Welcome. Today I want to show you how our little tool came to be. We started with one plain question.
How long does it take to cut the middle out of a video? Most people answer, an hour. They open an editor, they import the
file, they look for the right button, and then they wait for the render. We thought it should take one minute. So we wrote
down every step, and crossed out all that was not needed. What was left is this. You mark the part that you do not want.
You press one button. And the rest is joined.`;
const AFTER = `Sorry about that, the phone rang. Where were we? Right, the part that you did not hear is exactly the part
that you can take out. Say, remove the section between forty five seconds and one minute twenty, and the talk goes on as if
nothing had happened. That is all there is to it. Thank you for watching, and good bye. One more thing before I go. Nothing
is lost when you cut. The file that you recorded stays where it is, as it is. The joined file is a new one, next to it,
with the same picture and the same sound.`;

const output = process.argv[2] ?? join(import.meta.dirname, '../../media/sample.mp4');
const folder = mkdtempSync(join(tmpdir(), 'sample-'));
const say = (text, speed, file) =>
  execFileSync('espeak-ng', [
    '-v',
    'en-us+f3',
    '-s',
    String(speed),
    '-w',
    join(folder, file),
    text.replace(/\s+/g, ' '),
  ]);
say(BEFORE, 121, 'before.wav');
say(AFTER, 144, 'after.wav');

const font = 'fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
const mono = 'fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf';
const [width, height, rate] = [640, 360, 30];
const dead = 'between(t,45,79.999)';
const talk = `not(${dead})`;
const block = width / 16;
const bits = Array.from({ length: 16 }, (_, bit) => {
  const white = `mod(floor(n/${2 ** bit})\\,2)`;
  return `drawbox=x=${bit * block}:y=${height - 24}:w=${block}:h=24:color=white:t=fill:enable='${white}'`;
});
const picture = [
  `drawbox=x=0:y=0:w=iw:h=ih:color=0x5a2a2a:t=fill:enable='${dead}'`,
  `drawtext=${font}:text='A talk about cutting':x=32:y=30:fontsize=24:fontcolor=0xdddddd:enable='${talk}'`,
  `drawtext=${font}:text='... the phone rings ...':x=32:y=30:fontsize=24:fontcolor=0xffc9a8:enable='${dead}'`,
  `drawtext=${mono}:text='%{pts\\:hms}':x=(w-tw)/2:y=130:fontsize=56:fontcolor=white`,
  `drawtext=${mono}:text='frame %{n}':x=(w-tw)/2:y=210:fontsize=26:fontcolor=0xbbbbbb`,
  `drawbox=x=0:y=${height - 24}:w=iw:h=24:color=black:t=fill`,
  ...bits,
].join(',');

execFileSync('ffmpeg', [
  ...['-v', 'error', '-y'],
  ...['-f', 'lavfi', '-i', `color=c=0x23303f:s=${width}x${height}:r=${rate}:d=120`],
  ...['-i', join(folder, 'before.wav'), '-i', join(folder, 'after.wav')],
  ...['-f', 'lavfi', '-i', 'anoisesrc=d=120:c=brown:a=0.0008:r=48000:seed=7'],
  '-filter_complex',
  [
    `[0:v]${picture}[v]`,
    '[1:a]aresample=48000[a1]',
    '[2:a]aresample=48000,adelay=80000:all=1[a2]',
    '[a1][a2][3:a]amix=inputs=3:duration=longest:normalize=0,atrim=0:120,aformat=channel_layouts=mono[a]',
  ].join(';'),
  ...['-map', '[v]', '-map', '[a]', '-c:v', 'libx264', '-preset', 'slow', '-crf', '30', '-g', '90', '-bf', '2'],
  ...['-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '48k', '-fflags', '+bitexact', '-movflags', '+faststart', output],
]);
rmSync(folder, { recursive: true });
