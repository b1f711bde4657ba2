// States that need a hand: what a person has done in a scene, for pictures and for the tests that look at every state.
import type { Locator, Page } from 'playwright-core';
import type { PanelClip, ToPanel } from '../../../src/messages.js';
import { asHost, said } from './languages.js';
import { scenes } from './scenes.js';

export interface Pose {
  /** A key of `scenes`. */
  readonly scene: string;
  /** Where it is to be seen; in both places when it does not say. */
  readonly place?: 'editor' | 'sidebar';
  /** Does it on a page that shows the scene, and waits until it is seen. */
  readonly strike: (page: Page) => Promise<void>;
}

/** @param name in English, whatever the page speaks */
const press = async (page: Page, name: string): Promise<void> =>
  page
    .getByRole('button', { name: await said(page, name), exact: true })
    .first()
    .click();

const shown = async (page: Page, sentence: string): Promise<void> =>
  page
    .getByText(await said(page, sentence))
    .first()
    .waitFor();

const composer = (page: Page): Locator => page.locator('trimmer-composer textarea');

/** Shows a clip whose pieces the host makes: it never answers, or with this sentence. */
async function openMade(page: Page, codecs: Partial<PanelClip>, refusal: string | undefined): Promise<void> {
  const [first] = scenes['marked'] ?? [];
  if (first?.type !== 'state' || !first.state.clip) throw new Error('The scene "marked" has no clip.');
  const reply = JSON.stringify(await asHost(page, { error: refusal }));
  const answer = refusal === undefined ? 'new Promise(() => undefined)' : `Promise.resolve(${reply})`;
  await page.evaluate(`window.makePiece = () => ${answer}; undefined`);
  await say(page, { type: 'state', state: { ...first.state, clip: { ...first.state.clip, ...codecs } } });
}

async function say(page: Page, message: ToPanel): Promise<void> {
  await page.evaluate(
    (data) => {
      window.postMessage(data, '*');
    },
    await asHost(page, message),
  );
}

export const poses: Record<string, Pose> = {
  'options-open': {
    scene: 'offered',
    strike: (page) => press(page, 'Export options'),
  },
  'options-refused': {
    scene: 'refused-name',
    strike: (page) => press(page, 'Export options'),
  },
  'menu-open': {
    scene: 'edited',
    strike: (page) => press(page, 'More about this session'),
  },
  'keys-shown': {
    scene: 'marked',
    strike: (page) => press(page, 'Keys'),
  },
  wide: {
    scene: 'edited',
    place: 'editor',
    strike: (page) => press(page, 'Full width'),
  },
  folded: {
    scene: 'marked',
    place: 'editor',
    strike: (page) => press(page, 'Hide the chat'),
  },
  dropping: {
    scene: 'fresh',
    strike: async (page) => {
      await page.locator('trimmer-panel').evaluate((panel) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.setData('text/uri-list', 'file:///clip.mp4');
        panel.dispatchEvent(new DragEvent('dragenter', { dataTransfer, bubbles: true, composed: true }));
      });
      await page.locator('.drop').waitFor();
    },
  },
  notice: {
    scene: 'marked',
    strike: async (page) => {
      const sentence = 'NemoVideo cannot be reached. Your message is kept: try again.';
      const { error } = await asHost(page, { error: sentence });
      await page.evaluate(`window.answers = { say: '${error}' }`);
      await composer(page).fill('remove the first ten seconds');
      await press(page, 'Send');
      await page.locator('.notice').waitFor();
    },
  },
  waits: {
    scene: 'editing',
    strike: async (page) => {
      await composer(page).fill('and then make it louder');
      await page.keyboard.press('Enter');
      await shown(page, 'Your message waits here until the work is done. Escape stops it.');
    },
  },
  unsent: {
    scene: 'edited',
    strike: (page) =>
      composer(page).fill(
        'Take out every place where nobody speaks for longer than two seconds,\nbut leave the applause.',
      ),
  },
  'scrolled-up': {
    scene: 'long-talk',
    strike: async (page) => {
      await page.getByRole('log').evaluate((log) => (log.scrollTop = 0));
      await page.locator('.newest vscode-button').waitFor();
    },
  },
  zoomed: {
    scene: 'edited',
    strike: async (page) => {
      for (let times = 0; times < 3; times += 1) await press(page, 'Zoom in');
    },
  },
  'all-pauses': {
    scene: 'pauses',
    strike: (page) => press(page, 'Mark all {0} pauses ({1})'),
  },
  'nothing-to-undo': {
    scene: 'edited',
    strike: async (page) => {
      await page.locator('.playhead').focus();
      await page.keyboard.press('Control+z');
      await shown(page, 'Nothing more to undo in the marks.');
    },
  },
  painting: {
    scene: 'fresh',
    strike: async (page) => {
      const lane = await page.locator('trimmer-timeline .lane').boundingBox();
      if (!lane) throw new Error('There is no timeline.');
      const y = lane.y + lane.height / 2;
      await page.mouse.move(lane.x + lane.width * 0.12, y);
      await page.mouse.down();
      await page.mouse.move(lane.x + lane.width * 0.3, y);
      // Near the first pause, which holds it.
      await page.mouse.move(lane.x + lane.width * (45.2 / 120), y);
    },
  },
  stopping: {
    scene: 'exporting',
    strike: async (page) => {
      await press(page, 'Cancel');
      await shown(page, 'Stopping…');
    },
  },
  'making-picture': {
    scene: 'empty-sidebar',
    place: 'editor',
    strike: async (page) => {
      await openMade(page, { mediaUri: 'panel.css', pictureCodec: 'prores', soundCodec: 'pcm_s16le' }, undefined);
      await shown(page, 'Preparing the picture…');
    },
  },
  'no-made-picture': {
    scene: 'empty-sidebar',
    place: 'editor',
    strike: async (page) => {
      const sentence = 'The picture could not be prepared: the file is damaged. You can still cut it.';
      await openMade(page, { mediaUri: 'panel.css', pictureCodec: 'prores', soundCodec: 'pcm_s16le' }, sentence);
      await page.getByText(sentence).waitFor();
    },
  },
  'no-sound': {
    scene: 'empty-sidebar',
    place: 'editor',
    strike: async (page) => {
      const sentence = 'The sound of this clip cannot be played here. The export has it.';
      await openMade(page, { soundCodec: 'truehd' }, sentence);
      await page.getByText(sentence).waitFor();
    },
  },
};
