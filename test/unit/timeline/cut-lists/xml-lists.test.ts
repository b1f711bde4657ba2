// XML of Final Cut Pro, old and new, in the structure of files that Final Cut 10.4 to 11, Resolve and Premiere wrote: which
// element holds which, and on whose clock times count. Numbers and names are our own.
import assert from 'node:assert/strict';
import { CutListError } from '../../../../src/timeline/cut-lists/cut-list.js';
import { clipsOfFile, formatOfFile } from '../../../../src/timeline/cut-lists/formats.js';
import { notes, read, seconds, talk } from './reading.js';

const asset = (id: string, file: string, start = '0s'): string =>
  `<asset id="${id}" name="${file.replace(/\..*/u, '')}" start="${start}" duration="120s" hasVideo="1"><media-rep kind="original-media" src="file:///Users/me/${file}"/></asset>`;
const project = (spine: string): string =>
  `<project name="P"><sequence format="r1" tcStart="3600s" tcFormat="NDF"><spine>${spine}</spine></sequence></project>`;
const fcpxml = (event: string, resources = ''): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.13"><resources><format id="r1" frameDuration="100/2400s"/><format id="r9" frameDuration="100/2500s"/><effect id="r8" name="Basic Title" uid="x"/>
${asset('r2', 'talk.mp4')}${asset('r3', 'other.mov')}${resources}</resources><library><event name="E">${event}</event></library></fcpxml>`;

describe('FCPXML, as Final Cut Pro writes it', () => {
  it('compound clips, trimmed and one in the other, show what their own storylines show', () => {
    const compound = (id: string, spine: string): string =>
      `<media id="${id}" name="C"><sequence format="r1" duration="30s" tcStart="0s"><spine>${spine}</spine></sequence></media>`;
    const inner = compound(
      'r5',
      '<asset-clip ref="r2" offset="0s" start="40s" duration="20s"/><asset-clip ref="r3" offset="20s" start="0s" duration="10s"/>',
    );
    const outer = compound(
      'r6',
      '<gap offset="0s" start="3600s" duration="5s"/><ref-clip ref="r5" offset="5s" start="10s" duration="20s"/>',
    );
    const list = read(
      'a.fcpxml',
      fcpxml(
        project(
          '<ref-clip ref="r5" offset="3600s" start="15s" duration="8s"/><ref-clip ref="r6" offset="3608s" duration="25s"/>',
        ),
        inner + outer,
      ),
    );
    assert.deepEqual(seconds(list), [
      [55, 60],
      [50, 60],
    ]);
    assert.equal(notes(list), 'other-clips 2, reordered 1');
  });

  it('multicam clips show the angle whose picture is on', () => {
    const multicam =
      '<media id="r5" name="M"><multicam format="r1" tcStart="0s"><mc-angle name="A" angleID="a"><gap offset="0s" start="3600s" duration="10s"/><asset-clip ref="r2" offset="10s" duration="100s"/></mc-angle><mc-angle name="B" angleID="b"><asset-clip ref="r3" offset="0s" duration="110s"/></mc-angle></multicam></media>';
    const cut = (start: string, source: string): string =>
      `<mc-clip ref="r5" start="${start}" duration="10s">${source}</mc-clip>`;
    const spine =
      cut('12s', '<mc-source angleID="b" srcEnable="audio"/><mc-source angleID="a" srcEnable="video"/>') +
      cut('22s', '<mc-source angleID="b" srcEnable="all"/>') +
      cut('32s', '<mc-source angleID="a" srcEnable="all"/>');
    const list = read('a.fcpxml', fcpxml(project(spine), multicam));
    assert.deepEqual(seconds(list), [
      [2, 12],
      [22, 32],
    ]);
    assert.equal(notes(list), 'other-clips 1');
  });

  it('synchronized clips count on the clock of the file that they begin with', () => {
    const spine = `<sync-clip offset="3600s" start="36012s" duration="8s"><asset-clip ref="r4" offset="36000s" start="36000s" duration="60s"><asset-clip ref="r3" lane="-1" offset="36000s" duration="60s"/></asset-clip><sync-source sourceID="storyline"/></sync-clip>`;
    const clip = { ...talk, name: 'B003C011.mov' };
    assert.deepEqual(seconds(read('a.fcpxml', fcpxml(project(spine), asset('r4', 'B003C011.mov', '36000s')), clip)), [
      [12, 20],
    ]);
    const sound = read('a.fcpxml', fcpxml(project(spine), asset('r4', 'B003C011.mov', '36000s')), {
      ...talk,
      name: 'other.mov',
    });
    assert.deepEqual(seconds(sound), [[0, 60]], 'what is connected counts for a clip that no storyline shows');
  });

  it('of an audition the pick, of several projects the one that shows the clip, and of clips to nothing what is connected', () => {
    const pick =
      '<audition offset="3600s"><asset-clip ref="r2" start="30s" duration="10s"/><asset-clip ref="r3" start="0s" duration="50s"/></audition>';
    assert.deepEqual(seconds(read('a.fcpxml', fcpxml(project(pick)))), [[30, 40]]);
    const other = project('<asset-clip ref="r3" duration="10s"/><title ref="r8" duration="5s"/>');
    const second = read('a.fcpxml', fcpxml(other + project(pick)));
    assert.deepEqual([seconds(second), notes(second)], [[[30, 40]], 'other-clips 1']);
    const over =
      '<gap offset="3600s" start="3600s" duration="30s"><asset-clip ref="r2" lane="1" offset="3602s" start="7s" duration="3s"/><spine lane="2" offset="3610s"><asset-clip ref="r2" offset="0s" start="70s" duration="5s"/></spine></gap>';
    assert.deepEqual(seconds(read('a.fcpxml', fcpxml(project(over)))), [
      [7, 10],
      [70, 75],
    ]);
  });

  it('a file of 25 frames a second in a timeline of 24 plays each of its frames', () => {
    const conformed =
      '<asset-clip ref="r2" offset="3600s" start="684/25s" duration="9/4s" format="r9"><conform-rate srcFrameRate="25"/></asset-clip>';
    assert.deepEqual(seconds(read('a.fcpxml', fcpxml(project(conformed)))), [[27.36, 29.52]]);
    const sampled = conformed.replace('srcFrameRate', 'scaleEnabled="0" srcFrameRate');
    assert.deepEqual(seconds(read('a.fcpxml', fcpxml(project(sampled)))), [[27.36, 29.61]]);
  });

  it('a clip at another speed counts as it plays, and so does what is in it', () => {
    const spine =
      '<clip offset="3600s" start="20s" duration="5s"><timeMap><timept time="10s" value="30s"/><timept time="40s" value="90s"/></timeMap><video ref="r2" offset="0s" start="0s" duration="120s"/></clip>';
    const list = read('a.fcpxml', fcpxml(project(spine)));
    assert.deepEqual([seconds(list), notes(list)], [[[50, 60]], 'speed 1']);
  });

  it('a file without a project is read for the clips of its events', () => {
    const list = read(
      'a.fcpxml',
      fcpxml(
        '<asset-clip ref="r3" duration="120s"/><asset-clip ref="r2" start="15s" duration="20s"><keyword start="15s" duration="5s" value="x"/></asset-clip>',
      ),
    );
    assert.deepEqual([seconds(list), notes(list)], [[[15, 35]], 'other-clips 1']);
    assert.throws(() => read('a.fcpxml', fcpxml(project('<title ref="r8" offset="0s" duration="5s"/>'))), {
      problem: 'nothing-in-it',
    });
  });

  it('compound clips that hold themselves, or grow without end, are left soon', () => {
    const nested = (inside: string): string =>
      Array.from(
        { length: 9 },
        (_, n) =>
          `<media id="c${n}"><sequence duration="10s"><spine>${inside.replaceAll('NEXT', `c${n + 1}`).repeat(10)}</spine></sequence></media>`,
      ).join('');
    const begun = process.cpuUsage().user;
    const texts = [
      fcpxml(
        project('<ref-clip ref="c0" duration="10s"/>'),
        '<media id="c0"><sequence duration="10s"><spine><ref-clip ref="c0" duration="10s"/></spine></sequence></media>',
      ),
      fcpxml(
        project('<ref-clip ref="c0" duration="10s"/>'),
        nested('<ref-clip ref="NEXT" offset="0s" duration="10s"/>'),
      ),
    ];
    for (const text of texts) assert.throws(() => read('a.fcpxml', text), CutListError);
    assert.ok((process.cpuUsage().user - begun) / 1000 < 5000);
  }).timeout(60_000);
});

describe('the XML of Final Cut Pro 7, as Premiere and Resolve write it', () => {
  const file =
    '<file id="f1"><name>talk.mp4</name><pathurl>file://localhost/C%3a/clips/talk.mp4</pathurl><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate></file>';
  const item = (from: number, to: number, rest = ''): string =>
    `<clipitem id="c${from}"><name>talk</name><enabled>TRUE</enabled><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><start>0</start><end>10</end><in>${from}</in><out>${to}</out><file id="f1"/>${rest}</clipitem>`;
  const xmeml = (...tracks: string[]): string => `\ufeff<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xmeml>
<xmeml version="4"><sequence id="s"><name>S</name><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><media><video>${tracks.map((track) => `<track>${track}</track>`).join('')}</video><audio><track>${item(0, 3000)}</track></audio></media></sequence></xmeml>`;

  it('clips of the lowest track, in frames of their rate, with the file described where it is first used', () => {
    const text = xmeml(
      item(300, 600).replace('<file id="f1"/>', file) +
        item(900, 1200) +
        item(60, 90).replace('TRUE</enabled>', 'FALSE</enabled>'),
      item(0, 30),
    );
    assert.equal(formatOfFile('Timeline 1.xml', text), 'fcpxml');
    assert.deepEqual(clipsOfFile('fcpxml', text), ['talk.mp4']);
    const list = read('Timeline 1.xml', text);
    assert.deepEqual(seconds(list), [
      [10.01, 20.02],
      [30.03, 40.04],
    ]);
    assert.equal(notes(list), 'switched-off 1');
  });

  it('a clip on a higher track only, at twice its speed', () => {
    const other = item(0, 30).replaceAll('f1', 'f2').replace('<name>talk</name>', '<name>other.mov</name>');
    const fast =
      '<filter><effect><effectid>timeremap</effectid><parameter><parameterid>speed</parameterid><value>200</value></parameter></effect></filter>';
    const list = read('a.xml', xmeml(other, item(300, 600, fast).replace('<file id="f1"/>', file)));
    assert.deepEqual([seconds(list), notes(list)], [[[20.02, 40.04]], 'speed 1']);
    assert.throws(() => read('a.xml', '<xmeml version="5"><project/></xmeml>'), { problem: 'nothing-in-it' });
  });
});
