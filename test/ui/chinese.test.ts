import assert from 'node:assert/strict';
import { copyFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameLocator, Locator } from 'playwright-core';
import { freshFolder, repository } from '../run/paths.js';
import { packedExtension } from './packed-extension.js';
import { CLOUD_AWAY, reportFailures, startWorkbench, type Workbench } from './workbench.js';

describe('In a VS Code that speaks Chinese', function () {
  this.timeout(180_000);
  let folder: string;
  let workbench: Workbench;
  let panel: FrameLocator;
  let chat: Locator;

  before(async () => {
    folder = await freshFolder('clips');
    await copyFile(join(repository, 'media/sample.mp4'), join(folder, '采访.mp4'));
    workbench = await startWorkbench({
      vsix: await packedExtension(),
      folder,
      language: 'zh-cn',
      width: 1400,
      height: 860,
      env: CLOUD_AWAY,
    });
    panel = workbench.webview('editor');
    chat = panel.getByRole('log', { name: '聊天' });
  });

  after(async () => {
    await workbench?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  reportFailures(() => workbench);

  it('a clip opens from the Explorer, and the panel asks in Chinese for what goes out', async () => {
    await workbench.explorerMenu(['采访.mp4'], '剪掉中间片段');
    await panel.getByRole('textbox', { name: '入点', exact: true }).fill('0:45');
    await panel.getByRole('textbox', { name: '出点', exact: true }).fill('0:30');
    await panel.getByText('出点早于入点').waitFor();
    await panel.getByRole('textbox', { name: '出点', exact: true }).fill('1:20');
    await workbench.screenshot('chinese-marked');
  });

  it('the question where to cut and the answer to the cut are Chinese', async () => {
    await panel.getByRole('button', { name: '剪掉片段' }).click();
    const question = workbench.page.getByRole('dialog').filter({ hasText: '要在哪里剪辑此视频' });
    await question.waitFor();
    await workbench.screenshot('chinese-question');
    await question.getByRole('button', { name: '在本机剪辑' }).click();
    await chat.getByText('采访.mp4 (2:00) 已准备好剪辑。').waitFor();
    await chat.getByText('已删除 0:45–1:20，其余部分已拼接。时长由 2:00 变为 1:25。').waitFor();
    await workbench.screenshot('chinese-removed');
  });

  it('a message in Chinese is understood, and one that cannot be is refused in Chinese', async () => {
    const message = panel.getByRole('textbox', { name: '消息' });
    await message.fill('删除0:10到0:20之间的部分');
    await message.press('Enter');
    await chat.getByText('时长由 1:25 变为 1:15。').waitFor();
    await message.fill('remove 5:00 to 6:00');
    await message.press('Enter');
    await chat.getByText('视频在 1:15 结束，5:00 超出了范围。时间线没有改动。').waitFor();
  });

  it('the export and what is said of it are Chinese', async () => {
    await workbench.runCommand('视频剪辑: 导出视频');
    await workbench.notification('已导出 采访.trimmed.mp4 (1:15)。').waitFor({ timeout: 60_000 });
    await chat.getByText('已导出 采访.trimmed.mp4：2:00 → 1:15。').waitFor();
    assert.deepEqual((await readdir(folder)).sort(), ['采访.mp4', '采访.trimmed.mp4'].sort());
    await workbench.screenshot('chinese-exported');
  });

  it('the sidebar, its tree and the credits are Chinese', async () => {
    await workbench.runCommand('视频剪辑: 查看积分');
    await workbench.notification('在本机剪辑免费，不需要积分。').waitFor();
    await workbench.page.getByRole('tab', { name: '视频剪辑' }).first().click();
    await workbench.page.getByRole('treeitem').filter({ hasText: '视频：采访.mp4' }).first().waitFor();
    await workbench.screenshot('chinese-sidebar');
  });
});
