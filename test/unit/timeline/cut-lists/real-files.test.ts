// Lists as other programs write them. Each is made by hand in the shape of the program that is named, from what its
// source or files published by its users show: headings, columns, line ends, comments, how times are counted.
import assert from 'node:assert/strict';
import { isNamedAsCut } from '../../../../src/timeline/cut-lists/chapters.js';
import type { CutListFormat } from '../../../../src/timeline/cut-lists/cut-list.js';
import { clipsOfFile, formatOfFile } from '../../../../src/timeline/cut-lists/formats.js';
import { notes, read, S, seconds, talk } from './reading.js';

describe('cut lists of other programs', () => {
  it('LosslessCut, project of version 1: segments without begin or end reach to the clip’s', () => {
    const text = `{
  version: 1,
  mediaFileName: 'talk.mp4',
  cutSegments: [
    {
      end: 12.345678,
      name: '',
    },
    {
      start: 45,
      end: 80.5,
      name: 'It\\'s the answer',
      tags: {
        tag1: 'value',
      },
    },
    {
      start: 100,
      name: '',
    },
  ],
}
`;
    const list = read('talk-proj.llc', text);
    assert.equal(list.lists, 'kept');
    assert.deepEqual(seconds(list), [
      [0, 12.345678],
      [45, 80.5],
      [100, 120],
    ]);
    assert.equal(list.parts[1]?.name, "It's the answer");
    assert.deepEqual(clipsOfFile('llc', text), ['talk.mp4']);
    assert.equal(notes(list), '');
  });

  it('LosslessCut, project of version 2: markers and what is not selected are left out, and told', () => {
    const text = `{
  version: 2,
  mediaFileName: 'talk.mp4',
  cutSegments: [
    { start: 0, end: 10, name: '', selected: true, },
    { start: 20, end: 30, name: '', selected: false, },
    { start: 40, name: 'a marker', selected: true, },
    { start: 50, end: 60.04, name: '', tags: {}, selected: true, },
  ],
}`;
    const list = read('talk-proj.llc', text);
    assert.deepEqual(seconds(list), [
      [0, 10],
      [50, 60.04],
    ]);
    assert.equal(notes(list), 'switched-off 1, markers 1');
  });

  it('LosslessCut, CSV in seconds, with a heading and a column of its own', () => {
    const text = 'Start,End,Name,tag1\n0,56.9568,"First, quoted",x\n70,84.33,,\n90,,Marker,\n';
    const list = read('talk.csv', text);
    assert.equal(list.lists, 'unsaid');
    assert.deepEqual(seconds(list), [
      [0, 56.9568],
      [70, 84.33],
    ]);
    assert.equal(list.parts[0]?.name, 'First, quoted');
    assert.equal(notes(list), 'markers 1');
  });

  it('LosslessCut, CSV of before there were headings, and with an empty begin', () => {
    assert.deepEqual(
      seconds(read('talk.csv', ',56.9568,First segment starting at 0\r\n70,84.33,"Another label"\r\n')),
      [
        [0, 56.9568],
        [70, 84.33],
      ],
    );
  });

  it('LosslessCut, CSV with clock times, TSV, and CSV in frames', () => {
    const human = 'Start,End,Name\n00:00:00.000,00:00:10.500,a\n00:01:00.000,00:01:20.040,b\n';
    const wanted = [
      [0, 10.5],
      [60, 80.04],
    ];
    assert.deepEqual(seconds(read('talk.csv', human)), wanted);
    assert.deepEqual(seconds(read('talk.tsv', human.replaceAll(',', '\t'))), wanted);
    const frames = read('talk.csv', 'Start,End,Name\n0,250,\n1500,2001,\n');
    assert.deepEqual(seconds(frames), [
      [0, 10],
      [60, 80.04],
    ]);
    assert.equal(notes(frames), 'frames 1');
  });

  it('a spreadsheet of a German or a Chinese desk: semicolons, decimal commas, headings in words', () => {
    assert.deepEqual(seconds(read('talk.csv', '\ufeffName;Start;Ende\r\nPause;10,5;12,25\r\n')), [[10.5, 12.25]]);
    assert.deepEqual(seconds(read('talk.csv', '序号,开始时间,结束时间,名称\n1,0:10,0:20,停顿\n')), [[10, 20]]);
  });

  it('CSV with frames in its timecodes, drop-frame too', () => {
    const list = read('talk.csv', 'In,Out\n00:00:01:12,00:00:02:00\n', talk);
    assert.deepEqual(seconds(list), [[1.48, 2]]);
    const ntsc = { ...talk, frameRate: 30_000 / 1001 };
    assert.deepEqual(read('talk.csv', 'In,Out\n00:00:00;00,00:01:00;02\n', ntsc).parts[0]?.out, 60_060_000);
  });

  it('Premiere, EDL: sound follows picture, the names are in comments, times count from zero', () => {
    const text = [
      'TITLE: Sequence 01',
      'FCM: NON-DROP FRAME',
      '',
      '001  AX       V     C        00:00:00:00 00:00:45:00 00:00:00:00 00:00:45:00 ',
      '* FROM CLIP NAME: talk.mp4',
      '002  AX       V     C        00:01:20:00 00:01:59:24 00:00:45:00 00:01:24:24 ',
      '* FROM CLIP NAME: talk.mp4',
      '',
      '003  AX       A     C        00:00:00:00 00:00:45:00 00:00:00:00 00:00:45:00 ',
      '* FROM CLIP NAME: talk.mp4',
      '004  AX       A     C        00:01:20:00 00:01:59:24 00:00:45:00 00:01:24:24 ',
      '* FROM CLIP NAME: talk.mp4',
      '',
    ].join('\r\n');
    const list = read('cut.edl', text);
    assert.equal(list.lists, 'kept');
    assert.deepEqual(seconds(list), [
      [0, 45],
      [80, 119.96],
    ]);
    assert.equal(notes(list), '');
    assert.deepEqual(clipsOfFile('edl', text), ['talk.mp4']);
  });

  it('Resolve, EDL of a file with a timecode of its own: that is taken away', () => {
    const clip = { ...talk, name: 'A001_C002.mov', timecode: '10:35:40:00', frameRate: 24 };
    const text = `TITLE: Timeline 1
FCM: NON-DROP FRAME

001  A001C002 V     C        10:35:42:12 10:35:51:00 01:00:00:00 01:00:08:12
* FROM CLIP NAME: A001_C002.mov

002  A001C002 V     C        10:36:40:00 10:36:50:00 01:00:08:12 01:00:18:12
* FROM CLIP NAME: A001_C002.mov
`;
    const list = read('Timeline 1.edl', text, clip);
    assert.deepEqual(seconds(list), [
      [2.5, 11],
      [60, 70],
    ]);
    assert.equal(notes(list), 'timecode 1');
    assert.throws(() => read('Timeline 1.edl', text, talk), /unknown-start/, 'nothing tells where it begins');
  });

  it('Resolve, EDL that begins at hour one as programmes do, of a clip that does not say so', () => {
    const text = `TITLE: x
FCM: NON-DROP FRAME
001  AX  V  C  01:00:10:00 01:00:20:00 01:00:00:00 01:00:10:00
`;
    assert.deepEqual(seconds(read('x.edl', text)), [[10, 20]]);
  });

  it('EDL-X and Final Cut: drop-frame at 59.94 with semicolons, comments between, frames up to 59', () => {
    const clip = { ...talk, duration: 7200 * S, frameRate: 60_000 / 1001 };
    const text = `TITLE: B-ROLL - 59.94P
* FORMAT: 3840X2160 P 59.94FPS
FCM: NON-DROP FRAME
FCM: DROP FRAME
001  116      V     C        00;01;00;04 00;01;01;59 00:00:00:00 00:00:01:55
* COM.APPLE.PROAPPS.STUDIO.REEL: 0X060A
`;
    const list = read('x.edl', text, clip);
    assert.deepEqual(list.parts, [{ in: 60_060_000, out: 61_978_583 }]);
  });

  it('Avid, long names, six digits, a dissolve and a change of speed: the ranges are taken, the rest is told', () => {
    const clip = { ...talk, frameRate: 30_000 / 1001, name: 'TALK.MXF' };
    const text = [
      'TITLE:   EDL Test SEQ ',
      'FCM: DROP FRAME',
      '000001  TALK_ON_CAMERA_HOST_-720P        V     C        00:00:10:00 00:00:20:00 01:00:00:00 01:00:10:00 ',
      '*FROM CLIP NAME:  TALK.MXF ',
      '000002  TALK_ON_CAMERA_HOST_-720P        V     C        00:00:20:00 00:00:20:00 01:00:10:00 01:00:10:00 ',
      '000002  TALK_ON_CAMERA_HOST_-720P        V     D    030 00:00:30:00 00:00:40:00 01:00:10:00 01:00:20:00 ',
      'M2      TALK                                      059.6 00:00:30:00 ',
      '*FROM CLIP NAME:  TALK.MXF ',
      '*TO CLIP NAME:  TALK.MXF ',
      '000003  BL                               V     C        00:00:00:00 00:00:01:00 01:00:20:00 01:00:21:00 ',
      '000004  OTHER                            V     C        00:00:00:00 00:00:01:00 01:00:21:00 01:00:22:00 ',
      '*FROM CLIP NAME:  OTHER.MXF ',
    ].join('\n');
    const list = read('x.edl', text, clip);
    assert.equal(list.parts.length, 2);
    assert.equal(notes(list), 'other-clips 1, transitions 1, speed 1');
  });

  it('an EDL about other clips is refused by their names', () => {
    const text = `TITLE: x
001  A  V  C  00:00:00:00 00:00:10:00 01:00:00:00 01:00:10:00
* FROM CLIP NAME: one.mp4
002  B  V  C  00:00:00:00 00:00:10:00 01:00:10:00 01:00:20:00
* FROM CLIP NAME: two.mp4
`;
    assert.throws(() => read('x.edl', text), { problem: 'other-clips', clips: ['one.mp4', 'two.mp4'] });
    const one = text.slice(0, text.indexOf('002'));
    assert.equal(notes(read('x.edl', one)), 'other-name 1', 'one clip under another name is taken for ours');
  });

  it('Comskip and Kodi, EDL of MPlayer’s kind: what it lists goes', () => {
    const list = read('talk.edl', '  5.30   7.10   0\n15    16.7   1\n42  82    3\n');
    assert.equal(list.lists, 'removed');
    assert.deepEqual(seconds(list), [
      [5.3, 7.1],
      [42, 82],
    ]);
    assert.equal(notes(list), 'markers 1');
  });

  it('YouTube, chapters in a description', () => {
    const text = `My talk about things.

0:00 Intro
0:45 - Ads
1:20 The answer (part 1)
https://example.com/page 10
`;
    const list = read('description.txt', text);
    assert.equal(list.format, 'chapters');
    assert.deepEqual(
      list.parts.map((part) => [part.in / S, part.out / S, part.name]),
      [
        [0, 45, 'Intro'],
        [45, 80, 'Ads'],
        [80, 120, 'The answer (part 1)'],
      ],
    );
    assert.equal(formatOfFile('notes.txt', 'a list of 3 things\nat 10:30 we meet\n'), undefined);
  });

  it('chapters called as we call what is cut are known again, in both languages', () => {
    for (const name of ['Cut', 'Cut 2', '[cut] Ads', 'Removed', 'Removed part 3', '剪掉 1', '剪掉'])
      assert.ok(isNamedAsCut(name), name);
    for (const name of ['Cutting edge', 'Intro', 'Removal men', undefined, '']) assert.ok(!isNamedAsCut(name), name);
  });

  const resolve = (spine: string, resources: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.9">
    <resources>
        <format width="1280" name="FFVideoFormat720p25" frameDuration="1/25s" height="720" id="r0"/>
        ${resources}
    </resources>
    <library>
        <event name="Timeline 1 (Resolve)">
            <project name="Timeline 1 (Resolve)">
                <sequence tcStart="3600/1s" tcFormat="NDF" duration="1500/25s" format="r0">
                    <spine>${spine}</spine>
                </sequence>
            </project>
        </event>
    </library>
</fcpxml>`;
  const rep = (name: string): string => `<media-rep kind="original-media" src="file:///Users/me/${name}"/>`;

  it('Resolve, FCPXML 1.9: one asset, offsets from hour one', () => {
    const text = resolve(
      `<asset-clip offset="3600/1s" name="talk.mp4" enabled="1" tcFormat="NDF" start="0/1s" ref="r1" format="r0" duration="346/25s">
         <adjust-transform position="0 0" anchor="0 0" scale="1 1"/>
       </asset-clip>
       <asset-clip offset="90346/25s" name="talk.mp4" enabled="1" tcFormat="NDF" start="1001/25s" ref="r1" format="r0" duration="56/5s"/>
       <asset-clip offset="90626/25s" name="talk.mp4" enabled="0" start="80/1s" ref="r1" duration="1/1s"/>`,
      `<asset start="0/1s" hasVideo="1" name="talk.mp4" duration="3000/25s" id="r1" format="r0" hasAudio="1">${rep('talk.mp4')}</asset>`,
    );
    const list = read('Timeline 1.fcpxml', text);
    assert.equal(list.lists, 'kept');
    assert.deepEqual(seconds(list), [
      [0, 13.84],
      [40.04, 51.24],
    ]);
    assert.equal(notes(list), 'switched-off 1');
    assert.deepEqual(clipsOfFile('fcpxml', text), ['talk.mp4']);
  });

  it('Resolve, the same file listed anew for each part', () => {
    const asset = (id: string, start: string): string =>
      `<asset start="${start}" hasVideo="1" name="talk.mp4" duration="56/5s" id="${id}" format="r0">${rep('talk.mp4')}</asset>`;
    const text = resolve(
      '<asset-clip start="0/1s" duration="56/5s" offset="3600/1s" ref="r1"/><asset-clip start="346/25s" duration="56/5s" offset="90346/25s" ref="r2"/>',
      asset('r1', '0/1s') + asset('r2', '346/25s'),
    );
    assert.deepEqual(seconds(read('a.fcpxml', text)), [
      [0, 11.2],
      [13.84, 25.04],
    ]);
  });

  it('Final Cut 1.11: the asset’s own timecode, a gap, a title, a connected clip, a transition, times without a start', () => {
    const clip = { ...talk, name: 'Interview & more.mov', frameRate: 30_000 / 1001 };
    const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>

<fcpxml version="1.11">
    <resources>
        <format id="r1" name="FFVideoFormat1080p2997" frameDuration="1001/30000s" width="1920" height="1080"/>
        <asset id="r2" name="Interview &amp; more" uid="C0FFEE" start="3600s" duration="3600597/30000s" hasVideo="1" format="r1" hasAudio="1">
            <media-rep kind="original-media" sig="C0FFEE" src="file:///Users/me/Movies/Interview%20&amp;%20more.mov">
                <bookmark>Ym9vaw==</bookmark>
            </media-rep>
            <metadata><md key="com.apple.proapps.studio.reel" value="1"/></metadata>
        </asset>
        <effect id="r3" name="Basic Title" uid=".../Titles.localized"/>
        <media id="r4" name="Compound"><sequence format="r1"><spine><asset-clip ref="r2" duration="1s"/></spine></sequence></media>
    </resources>
    <library location="file:///Users/me/Movies/Untitled.fcpbundle/">
        <event name="11-23-26" uid="E">
            <project name="Cut" uid="P">
                <sequence format="r1" duration="60060/30000s" tcStart="0s" tcFormat="DF" audioLayout="stereo" audioRate="48k">
                    <spine>
                        <asset-clip ref="r2" offset="0s" name="Interview &amp; more" duration="300300/30000s" tcFormat="NDF" audioRole="dialogue">
                            <asset-clip ref="r2" lane="1" offset="3601s" name="over" start="3650s" duration="5s"/>
                        </asset-clip>
                        <transition name="Cross Dissolve" offset="285285/30000s" duration="30030/30000s"/>
                        <gap name="Gap" offset="300300/30000s" start="107999892/30000s" duration="5s"/>
                        <asset-clip ref="r2" offset="450300/30000s" name="Interview &amp; more" start="108300300/30000s" duration="900900/30000s" tcFormat="NDF">
                            <conform-rate srcFrameRate="29.97"/>
                        </asset-clip>
                        <title ref="r3" offset="20s" name="End" duration="4s"/>
                    </spine>
                </sequence>
            </project>
        </event>
    </library>
</fcpxml>`;
    const list = read('Cut.fcpxml', text, clip);
    assert.deepEqual(list.parts, [
      { in: 0, out: 10_010_000 },
      { in: 10_010_000, out: 40_040_000 },
    ]);
    assert.equal(notes(list), 'other-clips 1, transitions 1, timecode 1');
  });

  it('FCPXML with a clip around its video, and one that plays twice as fast', () => {
    const text = resolve(
      `<clip name="talk.mp4" offset="0s" start="10s" duration="5s" format="r0" tcFormat="NDF"><video ref="r1" offset="0s" start="0s" duration="120s"/></clip>
       <clip name="talk.mp4" offset="5s" start="0s" duration="5s"><video ref="r1" offset="0s" start="20s" duration="30s"/></clip>
       <asset-clip ref="r1" offset="10s" start="20s" duration="10s"><timeMap><timept time="0s" value="0s" interp="smooth2"/><timept time="60s" value="120s" interp="smooth2"/></timeMap></asset-clip>`,
      `<asset id="r1" start="0s" duration="120s" hasVideo="1">${rep('talk.mp4')}</asset>`,
    );
    const list = read('x.fcpxml', text);
    assert.deepEqual(seconds(list), [
      [10, 15],
      [20, 25],
      [40, 60],
    ]);
    assert.equal(notes(list), 'speed 1');
  });

  it('is known by what is in it where the name does not tell', () => {
    const formats: [string, string, CutListFormat | undefined][] = [
      ['a.xml', '<?xml version="1.0"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.10"/>', 'fcpxml'],
      ['a.txt', 'TITLE: x\n', 'edl'],
      ['a.TXT', '0:00 a\n1:00 b\n', 'chapters'],
      ['a.CSV', '', 'csv'],
      ['a.txt', 'nothing of that kind', undefined],
    ];
    for (const [name, text, format] of formats) assert.equal(formatOfFile(name, text), format, text);
  });
});
