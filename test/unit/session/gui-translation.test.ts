import assert from 'node:assert/strict';
import { dropTemporaryIssue, translateGuiTalk } from '../../../src/session/gui-translation.js';

const TABLE: [said: string, shown: string, asks: string[]][] = [
  ['Click the Export button to download your video.', '', ['export']],
  ['I removed 0:45–1:20. Click [Export] in the top right corner to save it.', 'I removed 0:45–1:20.', ['export']],
  ['The section is gone; you can click Export to get the file.', 'The section is gone.', ['export']],
  ['Done! To export your video, click the "Export" button.', 'Done!', ['export']],
  ['Please click Export, then choose MP4 and press Start.', '', ['export']],
  ['I trimmed the clip to 2:25 and you can preview it in the timeline.', 'I trimmed the clip to 2:25.', ['state']],
  ['Open the Timeline panel to see the result.', '', ['state']],
  ['Your clip is now 2:25. Open the media panel.', 'Your clip is now 2:25.', ['state']],
  ['Drag the clip onto the timeline.', '', ['state']],
  ['Drag and drop your video here, please.', '', []],
  ['Not enough credits. Please check your account or billing page.', 'Not enough credits.', ['credits']],
  ['I made the cut.\n\n1. Click Export\n2. Choose a folder', 'I made the cut.', ['export']],
  ['已删除 0:45 到 1:20。请点击导出按钮下载视频。', '已删除 0:45 到 1:20。', ['export']],
  ['已删除这一段，点击“导出”即可。', '已删除这一段。', ['export']],
  ['请打开时间线面板查看结果。', '', ['state']],
  ['您可以拖拽片段来调整顺序。', '', []],
  ['如需导出，请点击右上角的导出按钮。', '', ['export']],
  ['视频现在是 2:25。您可以在时间线中预览。', '视频现在是 2:25。', ['state']],
  ['请查看账户余额。', '', ['credits']],
  ['In the timeline panel, you can click on the clip to see the details.', '', ['state']],
  ['I cut it. From the Media panel, drag your clip to the timeline.', 'I cut it.', ['state']],
  ['Done. After that, click "Export".', 'Done.', ['export']],
  ['I added the music (you can adjust it in the Audio panel).', 'I added the music.', ['state']],
  ['I added the music (open the Audio panel to adjust it).', 'I added the music.', ['state']],
  ['Here is your edit: open the preview panel to watch it.', 'Here is your edit.', ['state']],
  ['I cut it. On the right panel, you will see the settings.', 'I cut it.', ['state']],
  ['Scroll down in the sidebar to find the title settings.', '', []],
  ['Select the clip in the timeline, then press Delete.', '', ['state']],
  ['Would you like me to click Export for you?', '', ['export']],
  ['我已经删除了该片段。在右侧面板中，您可以拖动滑块调整音量。', '我已经删除了该片段。', []],
  ['在时间线面板上点击片段即可查看。', '', ['state']],
  ['已剪好。接下来，请单击“导出”。', '已剪好。', ['export']],
];

const CONTENT = [
  'I removed the section between 0:45 and 1:20 and joined the rest.',
  'I cut the part where you click the button.',
  'I added a title: Click to subscribe.',
  'The clip opens with a city view.',
  'I trimmed the drag-and-drop demo out of video.mp4. It is 2:25.5 long.',
  'The title says "Press any key".',
  'The music drops at 0:30.',
  'Which part should I remove?',
  'The speaker opens the door at 0:12 and closes it at 0:15.',
  '我删除了您点击按钮的那一段。',
  '片头的标题写着“打开新世界”。',
  '这段视频展示了如何拖动滑块。',
  'Shall I drop the intro?',
  'In the first view, you see the city.',
  'On the page, the speaker reads two lines (at 0:12).',
  'Here are the times: 0:45 and 1:20.',
  '在第一个画面中，您可以看到城市。',
  '演讲者在时间线上讲到了这一点。',
  'Let me know in- and out points, e.g. 0:45-1:20.',
];

describe('what the backend says about its own buttons', () => {
  for (const [said, shown, asks] of TABLE) {
    it(`"${said.replaceAll('\n', ' ')}" → "${shown.replaceAll('\n', ' ')}" [${asks.join()}]`, () => {
      assert.deepEqual(translateGuiTalk(said), { text: shown, asks });
    });
  }
  for (const said of CONTENT) {
    it(`"${said}" describes the content and stays`, () => {
      assert.deepEqual(translateGuiTalk(said), { text: said, asks: [] });
    });
  }
});

describe('a very long answer', () => {
  it('is translated at once', () => {
    const before = performance.now();
    for (const piece of ['您可以', '或者', 'you can ', 'and then ', 'please, ', '请', 'to export, ', 'a ']) {
      translateGuiTalk(piece.repeat(2000) + 'x');
    }
    assert.ok(performance.now() - before < 1500);
  });
});

describe('a trailing "temporary issue"', () => {
  it('is left out after an answer', () => {
    assert.equal(
      dropTemporaryIssue('I removed 0:45–1:20.\n\nI encountered a temporary issue. Please try again.'),
      'I removed 0:45–1:20.',
    );
    assert.equal(dropTemporaryIssue('Done. I encountered a temporary issue'), 'Done.');
  });
  it('stays when it is the whole answer', () => {
    assert.equal(dropTemporaryIssue('I encountered a temporary issue.'), 'I encountered a temporary issue.');
  });
  it('stays when the answer goes on about something else', () => {
    const text = 'I encountered a temporary issue.\nIt is solved: the section is gone.';
    assert.equal(dropTemporaryIssue(text), text);
  });
});

describe('An answer made to take long', () => {
  const issue = "I've encountered a temporary issue ";
  for (const [name, text] of [
    ['blanks', `a${' '.repeat(100_000)}b`],
    ['blanks of several kinds', 'a' + ' \t\u00a0\u2028'.repeat(25_000)],
    ['the same problem again and again', `${issue.repeat(3000)}\nx`],
    ['commas', 'a, '.repeat(33_000)],
    ['brackets', '('.repeat(100_000)],
    ['directions', 'click the button, and '.repeat(5000)],
  ] as const) {
    it(`holds nobody up: ${name}`, () => {
      const begun = performance.now();
      translateGuiTalk(text);
      dropTemporaryIssue(text);
      // Blanks took two minutes.
      assert.ok(performance.now() - begun < 2000, `${Math.round(performance.now() - begun)} ms`);
    });
  }
});
