import type { Section } from '../sections.js';
import { countFrames } from './counted-frames.js';
import type { ListedClip, WrittenList } from './cut-list.js';
import { frameTimeText } from './fcpxml-time.js';
import { frameOfTime } from './frame-rate.js';

/**
 * Writes a project in Final Cut Pro's XML, of version 1.9, which Final Cut from 10.4.9 on and Resolve read. Exact to half
 * a frame: all its times lie on frames.
 *
 * @param kept in order, within the clip
 */
export function writeFcpxml(kept: readonly Section[], clip: ListedClip): WrittenList {
  const { rate, drop, origin, sections, grain, lost } = countFrames(kept, clip);
  const time = (frame: number): string => frameTimeText(frame, rate);
  const total = sections.reduce((sum, section) => sum + section.out - section.in, 0);
  const name = attribute(clip.name);
  const title = attribute(clip.name.replace(/\.[a-z0-9]{2,5}$/iu, ''));
  const format = drop ? 'DF' : 'NDF';
  const size = clip.width && clip.height ? ` width="${clip.width}" height="${clip.height}"` : '';
  const media = [
    clip.hasPicture === false ? '' : ' hasVideo="1"',
    clip.hasSound === false ? '' : ' hasAudio="1" audioSources="1" audioChannels="2"',
  ].join('');
  const asset = `id="r2" name="${name}" start="${time(origin)}" duration="${time(frameOfTime(clip.duration, rate))}" format="r1"${media}`;
  let position = 0;
  const clips = sections.map((section) => {
    const length = section.out - section.in;
    const placed = `offset="${time(position)}" name="${name}" start="${time(origin + section.in)}" duration="${time(length)}"`;
    position += length;
    return `            <asset-clip ref="r2" ${placed} format="r1" tcFormat="${format}"/>`;
  });
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE fcpxml>',
    '<fcpxml version="1.9">',
    '  <resources>',
    `    <format id="r1" frameDuration="${frameTimeText(1, rate)}"${size}/>`,
    `    <asset ${asset}>`,
    `      <media-rep kind="original-media" src="${attribute(clip.url ?? encodeURIComponent(clip.name))}"/>`,
    '    </asset>',
    '  </resources>',
    '  <library>',
    `    <event name="${title}">`,
    `      <project name="${title}">`,
    `        <sequence format="r1" duration="${time(total)}" tcStart="${time(0)}" tcFormat="${format}">`,
    '          <spine>',
    ...clips,
    '          </spine>',
    '        </sequence>',
    '      </project>',
    '    </event>',
    '  </library>',
    '</fcpxml>',
  ];
  return { text: `${lines.join('\n')}\n`, grain, lost };
}

/** Text between double quotes; what XML cannot hold becomes a space. */
function attribute(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u001f\ufffe\uffff]/gu, ' ')
      .replace(/\p{Surrogate}/gu, '\ufffd')
      .replace(/&/gu, '&amp;')
      .replace(/</gu, '&lt;')
      .replace(/>/gu, '&gt;')
      .replace(/"/gu, '&quot;')
  );
}
