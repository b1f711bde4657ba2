// The export bar in a real browser: what a person chooses, what the host hears, and what waits.
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { PanelExportOffer, ToHost } from '../../../src/messages.js';
import { expectSoon, expectValue } from './expect-soon.js';
import { stateOf, usePanelPage } from './panel-page.js';
import { settled } from './settled.js';

describe('the export bar', function () {
  this.timeout(60_000);
  let page: Page;
  const { open, posted, news } = usePanelPage((opened) => (page = opened));

  const offered = stateOf('offered');
  const show = async (changes: Partial<PanelExportOffer>): Promise<void> => {
    assert.ok(offered.exportOffer);
    await news({ type: 'state', state: { ...offered, exportOffer: { ...offered.exportOffer, ...changes } } });
  };
  const toggle = () => page.getByRole('button', { name: 'Export options' });
  const exportButton = () => page.getByRole('button', { name: 'Export', exact: true }).first();
  const options = () => page.getByRole('group', { name: 'Export options' });
  const name = () => options().getByRole('textbox', { name: 'Name' });

  it('tells what an export comes to, and opens and closes its options from the keyboard', async () => {
    await open('offered');
    await page.getByText('≈ 12 MB · a few seconds · 12 of 2,550 frames encoded anew').waitFor();
    await expectValue(() => toggle().getAttribute('aria-expanded'), 'false');
    await exportButton().focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await options().waitFor();
    await expectValue(() => toggle().getAttribute('aria-expanded'), 'true');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await options().waitFor({ state: 'detached' });
    await expectValue(() => toggle().evaluate((button) => button.matches(':focus')), true);
  });

  it('sends what is chosen, and shows what the host makes of it', async () => {
    await open('offered');
    await toggle().click();
    await options().getByRole('combobox', { name: 'Quality' }).selectOption('480p');
    await options().getByRole('combobox', { name: 'Format' }).selectOption('mkv');
    await expectSoon(async () => (await posted('choose-export')).length === 2);
    const [first, second] = await posted('choose-export');
    assert.deepEqual([first?.format, first?.quality, first?.name], [undefined, '480p', undefined]);
    assert.deepEqual([second?.format, second?.quality], ['mkv', undefined]);
    await show({ quality: '480p', estimate: { bytes: 4.9e6, seconds: 21, reason: 'it is scaled to 854×480' } });
    await page
      .getByText('≈ 4.9 MB · about 20 s · the whole picture is encoded anew: it is scaled to 854×480')
      .waitFor();
    // The host has not taken the container.
    await expectSoon(async () => (await options().getByRole('combobox', { name: 'Format' }).inputValue()) === 'source');
  });

  it('says why a container cannot be chosen', async () => {
    await open('offered');
    await toggle().click();
    const webm = options().locator('option[value=webm]');
    await expectValue(async () => (await webm.textContent())?.trim(), 'WebM (it cannot hold H.264)');
    await expectValue(() => webm.isDisabled(), true);
  });

  it('says what a name that is taken becomes, and sends a typed one before the export that it is for', async () => {
    await open('offered');
    await toggle().click();
    await options().getByText('That name is taken: it will be interview.trimmed-2.mp4.').waitFor();
    await name().fill('Final');
    await exportButton().click();
    await expectSoon(async () => (await posted('export')).length === 1);
    const sent = (await page.evaluate<ToHost[]>('window.posted')).filter(
      ({ type }) => type === 'choose-export' || type === 'export',
    );
    const [choice, asked] = sent.slice(-2);
    assert.ok(choice?.type === 'choose-export' && choice.name === 'Final');
    assert.equal(asked?.type, 'export');
  });

  it('keeps what is being typed when the host speaks meanwhile', async () => {
    await open('offered');
    await toggle().click();
    await name().fill('My cut');
    await show({ estimate: { seconds: 2 } });
    await page.getByText('a few seconds', { exact: true }).waitFor();
    await expectValue(() => name().inputValue(), 'My cut');
  });

  it('lets nothing be exported under a name that cannot be, and says why at the field', async () => {
    await open('offered');
    await toggle().click();
    await name().fill('a/b');
    await expectSoon(async () => (await posted('choose-export')).at(-1)?.name === 'a/b');
    await show({ name: 'a/b', file: undefined, problem: 'A name cannot have / or \\ in it.' });
    await options().getByText('A name cannot have /').waitFor();
    await expectValue(() => name().getAttribute('aria-invalid'), 'true');
    await expectValue(() => exportButton().isDisabled(), true);
  });

  it('asks the host for a folder, and back to that of the clip', async () => {
    await open('offered');
    await toggle().click();
    await options().getByText('Beside the clip').waitFor();
    await options().getByRole('button', { name: 'Choose the folder' }).click();
    await show({ folder: 'results' });
    await options().getByText('results').waitFor();
    await options().getByRole('button', { name: 'Reset' }).click();
    await expectSoon(async () => (await posted('choose-folder')).length === 2);
    await expectValue(async () => (await posted('choose-folder')).map(({ place }) => place), ['dialog', 'beside-clip']);
  });

  it('takes further exports while one is made, lists them, and takes one off again', async () => {
    await open('queued');
    await page.getByText('Exporting… 63%').waitFor();
    await exportButton().click();
    await expectSoon(async () => (await posted('export')).length === 1);
    await page.getByText('2 waiting').waitFor();
    await page.getByRole('button', { name: 'Cancel interview.trimmed-3.mp4' }).click();
    await expectSoon(async () => (await posted('cancel-export'))[0]?.waiting === 'w1');
    await page.getByRole('button', { name: 'Cancel', exact: true }).first().click();
    await expectSoon(async () => (await posted('stop')).length === 1);
  });

  describe('with marks that are not removed yet', () => {
    const bar = () => page.locator('trimmer-export-bar');
    const field = (label: string) => page.getByRole('textbox', { name: label, exact: true }).first();
    const removeAndExport = () => bar().getByRole('button', { name: 'Remove and export' });

    it('is what comes without them: length, figures and button say the same', async () => {
      await open('marked-again');
      await bar()
        .getByText(/Result\s+1:20\.6\s+\(−0:39\.4\)/u)
        .waitFor();
      await bar().getByText('≈ 12 MB · a few seconds · 31 of 2,418 frames encoded anew').waitFor();
      await expectValue(
        () => bar().locator('vscode-button').first().getAttribute('title'),
        'Remove what is marked, then save the result as interview.trimmed-2.mp4',
      );
      await removeAndExport().click();
      await expectSoon(async () => (await posted('export')).length === 1);
      assert.deepEqual(await posted('remove'), [], 'the host removes them');
    });

    it('can be had from a clip that nothing was removed from yet', async () => {
      await open('fresh');
      await expectValue(() => exportButton().isDisabled(), true);
      await field('In point').fill('0:45');
      await field('Out point').fill('1:20');
      await bar()
        .getByText(/Result\s+1:25/u)
        .waitFor();
      await expectSoon(() => removeAndExport().isEnabled());
    });

    it('says which figures are of before, until those of now have come', async () => {
      await open('marked-again');
      const state = stateOf('marked-again');
      assert.ok(state.exportOffer?.estimate);
      const old = { ...state.exportOffer, estimate: { ...state.exportOffer.estimate, old: true } };
      await news({ type: 'state', state: { ...state, exportOffer: old } });
      await expectSoon(async () => (await bar().locator('.planned.old').count()) === 1);
      await news({ type: 'state', state });
      await expectSoon(async () => (await bar().locator('.planned.old').count()) === 0);
    });

    it('waits until a wrong mark is corrected, and not for one that is half made', async () => {
      await open('marked-again');
      await field('Out point').fill('1:40');
      const button = () => bar().getByRole('button', { name: 'Export', exact: true });
      const hint = 'Correct the marked sections first';
      await expectSoon(async () => (await bar().locator('vscode-button').getAttribute('title')) === hint);
      await expectValue(() => button().isDisabled(), true);
      await field('Out point').fill('');
      await expectSoon(() => button().isEnabled());
    });

    it('is not what the next export is while one is under way: that says so', async () => {
      await open('queued');
      await news({ type: 'state', state: { ...stateOf('queued'), marked: [{ in: '1:41', out: '1:45' }] } });
      await bar().getByText('Next export · 1 mark not removed yet').waitFor();
      await bar().getByRole('button', { name: 'Export', exact: true }).click();
      await expectSoon(async () => (await posted('export')).length === 1);
    });
  });

  it('says beside the button why a name keeps it from being pressed, also with the options closed', async () => {
    await open('offered');
    await show({ name: 'a/b', file: undefined, problem: 'A name cannot have / or \\ in it.' });
    await page.locator('trimmer-export-bar').getByText('A name cannot have /').waitFor();
    await expectValue(() => exportButton().isDisabled(), true);
  });

  for (const scene of ['offered@sidebar', 'queued@sidebar', 'marked-again@sidebar']) {
    it(`keeps its options inside 300 pixels: ${scene}`, async () => {
      await page.setViewportSize({ width: 300, height: 760 });
      await open(scene);
      await toggle().click();
      await options().waitFor();
      await settled(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 300, `${wide} pixels`);
    });
  }
});
