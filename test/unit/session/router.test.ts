import assert from 'node:assert/strict';
import { route } from '../../../src/session/router.js';

const COMMANDS: Record<'export' | 'credits' | 'status' | 'upload', string[]> = {
  export: [
    'export',
    'Export!',
    'EXPORT',
    'export the video',
    'export it',
    'please export the video now',
    'Can you export this as mp4?',
    'export the cut video',
    'Exporting please',
    'download',
    'please download it',
    'Download the finished file to my computer, thanks',
    'I want to download the result',
    "let's export",
    'how do I export?',
    'send me the video',
    'Send me the video, please.',
    'could you send the clip to me',
    'give me the file',
    'ok, now send me the final video',
    '导出',
    '导出。',
    '请导出视频',
    '把视频导出',
    '帮我把剪好的视频导出来',
    '导出成mp4',
    '下载',
    '我想下载视频',
    '可以下载了吗？',
    '把视频发给我',
    'export 视频',
    '導出影片',
  ],
  credits: [
    'credits',
    'Credits?',
    'check my credits',
    'how many credits do I have left?',
    'balance',
    "what's my balance",
    'Show me my account balance please',
    '积分',
    '我还有多少积分？',
    '余额',
    '查一下余额',
    '帮我查询积分余额',
  ],
  status: [
    'status',
    'Status please',
    "what's the status of the project?",
    'show tracks',
    'Show me the tracks',
    'list all tracks',
    'show the timeline',
    'what tracks are there',
    '状态',
    '查看状态',
    '显示轨道',
    '现在状态怎么样',
  ],
  upload: [
    'upload',
    'upload a video',
    'Upload another clip please',
    'I want to upload a file',
    '上传',
    '上传视频',
    '我要上传一个文件',
  ],
};

const EDITS = [
  'remove the section between 0:45 and 1:20 and join the remaining parts smoothly',
  'cut the part where I say export',
  'crop to the exported region of the chart',
  'exported region of the chart',
  'remove the "export" scene',
  'say "download" in the title',
  'blur the download button',
  "don't export yet",
  'cut the export',
  'exporter',
  'reexport',
  'add end credits',
  'remove the credits',
  'show the credits at the end',
  'roll credits over the last 10 seconds',
  'balance the audio',
  'fix the white balance',
  'balance it',
  'add a status bar overlay',
  'cut the part about the project status report',
  'zoom in on the uploaded chart',
  'cut where the upload bar is shown',
  'add background music track',
  'export only the sound',
  'send me a reminder',
  'send the title to the back',
  'give me a better intro',
  'get rid of the long pause',
  'make the video shorter',
  'undo',
  '把导出那一段剪掉',
  '剪掉我说导出的部分',
  '导出区域的图表放大',
  '删除 0:45 到 1:20 之间的片段',
  '在片尾加上积分榜',
  '去掉状态栏',
  '把上传按钮模糊',
  '我',
  '',
];

describe('what a message asks for', () => {
  for (const [action, messages] of Object.entries(COMMANDS)) {
    for (const message of messages) {
      it(`"${message}" is done by us as ${action}`, () => {
        assert.equal(route(message).action, action);
      });
    }
  }
  for (const message of EDITS) {
    it(`"${message}" goes to the agent, word for word`, () => {
      assert.deepEqual(route(message), { action: 'agent', text: message, thenExport: false });
    });
  }

  it('hears the wanted format in a command to export', () => {
    assert.deepEqual(route('export as mov'), { action: 'export', format: 'mov' });
    assert.deepEqual(route('导出成mp4'), { action: 'export', format: 'mp4' });
    assert.deepEqual(route('export the video'), { action: 'export' });
  });

  it('takes an address as a file to upload, alone or with the word', () => {
    assert.deepEqual(route('https://example.com/a.mp4'), { action: 'upload', urls: ['https://example.com/a.mp4'] });
    assert.deepEqual(route('please upload https://example.com/a.mp4'), {
      action: 'upload',
      urls: ['https://example.com/a.mp4'],
    });
    assert.equal(route('make it look like https://example.com/a.mp4').action, 'agent');
  });

  it('takes a link to a media file up, and speaks of it by its name', () => {
    assert.deepEqual(route('cut the first 5 seconds of https://example.com/v/my%20talk.mp4?x=1 please'), {
      action: 'agent',
      text: 'cut the first 5 seconds of my talk.mp4 please',
      thenExport: false,
      urls: ['https://example.com/v/my%20talk.mp4?x=1'],
    });
    assert.deepEqual(route('add https://example.com/lofi.mp3 as music'), {
      action: 'agent',
      text: 'add lofi.mp3 as music',
      thenExport: false,
      urls: ['https://example.com/lofi.mp3'],
    });
    const page = 'make it look like https://example.com/styles';
    assert.deepEqual(route(page), { action: 'agent', text: page, thenExport: false });
  });

  for (const [message, head] of [
    ['remove 0:10-0:20 and export it', 'remove 0:10-0:20'],
    ['remove 0:45-1:20, then download the video', 'remove 0:45-1:20'],
    ['Cut the first 5 seconds. Export as mp4.', 'Cut the first 5 seconds'],
    ['cut from 0:10 to 0:20 and then send me the video', 'cut from 0:10 to 0:20'],
    ['删除 0:45 到 1:20 之间的片段，然后导出', '删除 0:45 到 1:20 之间的片段'],
    ['删除前五秒并导出', '删除前五秒'],
  ] as const) {
    it(`"${message}" is an edit, then an export`, () => {
      const { exportAs: _, ...asked } = { exportAs: undefined, ...route(message) };
      assert.deepEqual(asked, { action: 'agent', text: head, thenExport: true });
    });
  }

  it('notes the container and the size that the file is to have', () => {
    const wishes: Record<string, object> = {
      'export in 1080p': { resolution: '1080p' },
      'export as a 720p mp4 please': { resolution: '720p', format: 'mp4' },
      'download it in full hd': { resolution: 'fullhd' },
      'export in hd': {},
      导出1080p的mp4: { resolution: '1080p', format: 'mp4' },
    };
    for (const [text, wish] of Object.entries(wishes))
      assert.deepEqual(route(text), { action: 'export', ...wish }, text);
    assert.deepEqual(route('Cut the first 5 seconds. Export as 720p mp4.'), {
      action: 'agent',
      text: 'Cut the first 5 seconds',
      thenExport: true,
      exportAs: { format: 'mp4', resolution: '720p' },
    });
  });

  it('leaves the end of a message alone when it may be what is said in the video', () => {
    assert.equal(route('cut the part where I say stop and export').action, 'agent');
    assert.deepEqual(route('cut the part where I say stop and export'), {
      action: 'agent',
      text: 'cut the part where I say stop and export',
      thenExport: false,
    });
  });

  it('answers at once on a pasted wall of words', () => {
    const wall = '我想'.repeat(50_000);
    const before = performance.now();
    assert.equal(route(wall).action, 'agent');
    assert.equal(route('and export '.repeat(180)).action, 'agent');
    assert.ok(performance.now() - before < 1000);
  });
});
