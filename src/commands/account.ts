import * as vscode from 'vscode';
import type { Credits } from '../nemo/protocol.js';
import type { EngineName } from '../session/ports.js';
import { ownSetting } from '../views/own-setting.js';
import type { CommandDeps } from './deps.js';
import { reaching } from './reachable.js';
import { repeat } from './repeat.js';

const SECTION = 'videoTrimmer';

/** The engine by the settings; undefined while it is still to be asked for. */
export function engineSetting(): EngineName | undefined {
  const value = ownSetting(SECTION, 'engine');
  return value === 'cloud' || value === 'local' ? value : undefined;
}

async function keepEngine(engine: EngineName): Promise<void> {
  await vscode.workspace.getConfiguration(SECTION).update('engine', engine, vscode.ConfigurationTarget.Global);
}

/** Before the first upload: where to cut. Asked once; the answer is a setting. */
export async function chooseEngineOnce(): Promise<EngineName | undefined> {
  const set = engineSetting();
  if (set) return set;
  interface Choice extends vscode.MessageItem {
    readonly engine: EngineName;
  }
  const local: Choice = { title: vscode.l10n.t('Cut on This Machine'), engine: 'local' };
  const cloud: Choice = { title: vscode.l10n.t('Use the NemoVideo Cloud'), engine: 'cloud' };
  const detail = vscode.l10n.t(
    'On this machine: nothing is uploaded, nothing is charged, any size.\n\nIn the NemoVideo cloud: the video is uploaded (500 MB at most) and edits cost credits; the cloud can also add music, titles and more.\n\nYou can switch at any time with "Choose Engine".',
  );
  const question = vscode.l10n.t('Where shall the video be cut?');
  const answer = await vscode.window.showInformationMessage(question, { modal: true, detail }, local, cloud);
  if (answer) await keepEngine(answer.engine);
  return answer?.engine;
}

/** Choose Engine, Check Credits, Set API Token, Sign Out. */
export class AccountCommands {
  readonly #deps: CommandDeps;

  constructor(deps: CommandDeps) {
    this.#deps = deps;
  }

  async chooseEngine(): Promise<void> {
    const now = this.#deps.current.session?.snapshot.engine ?? engineSetting();
    const mark = (engine: EngineName): string => (engine === now ? vscode.l10n.t('in use') : '');
    const picked = await vscode.window.showQuickPick(
      [
        {
          label: `$(device-desktop) ${vscode.l10n.t('This machine')}`,
          description: mark('local'),
          detail: vscode.l10n.t('Cuts right here: nothing is uploaded, nothing is charged, any size.'),
          engine: 'local' as const,
        },
        {
          label: `$(cloud) ${vscode.l10n.t('NemoVideo cloud')}`,
          description: mark('cloud'),
          detail: vscode.l10n.t('Uploads the video (500 MB at most); edits cost credits. Also music, titles and more.'),
          engine: 'cloud' as const,
        },
      ],
      { title: vscode.l10n.t('Where shall videos be cut?') },
    );
    if (!picked) return;
    await keepEngine(picked.engine);
    const session = this.#deps.current.session;
    const { engine } = session?.snapshot ?? {};
    if (session && engine !== undefined && engine !== picked.engine) {
      await repeat(session, () => session.useEngine(picked.engine));
    }
  }

  async checkCredits(): Promise<void> {
    const { current, connectEngine } = this.#deps;
    const session = current.session;
    const inCloud = session?.snapshot.engine === 'cloud';
    if (!inCloud && engineSetting() === 'local') {
      const ask = vscode.l10n.t('Check Cloud Credits');
      const free = vscode.l10n.t('Cutting on this machine is free and needs no credits.');
      if ((await vscode.window.showInformationMessage(free, ask)) !== ask) return;
    }
    const credits = await reaching('cloud', async () =>
      inCloud ? await session.credits() : await (await connectEngine('cloud')).credits(),
    );
    void vscode.window.showInformationMessage(creditsSentence(credits));
  }

  async setToken(): Promise<void> {
    const token = await vscode.window.showInputBox({
      title: vscode.l10n.t('NemoVideo API Token'),
      prompt: vscode.l10n.t('It is kept in the secret storage of VS Code and sent to NemoVideo only.'),
      password: true,
      ignoreFocusOut: true,
    });
    if (token === undefined || token.trim() === '') return;
    const tokens = await this.#deps.accountTokens();
    await tokens.setApiToken(token);
    await this.updateContext();
    const inEnvironment = (await tokens.origin()) === 'environment';
    const kept = vscode.l10n.t('The API token is set.');
    const shadowed = vscode.l10n.t('The API token is kept, but NEMO_TOKEN in the environment goes first.');
    void vscode.window.showInformationMessage(inEnvironment ? shadowed : kept);
  }

  async signOut(): Promise<void> {
    const tokens = await this.#deps.accountTokens();
    const origin = await tokens.origin();
    if (origin === 'none') {
      return void vscode.window.showInformationMessage(vscode.l10n.t('There is no token on this machine.'));
    }
    if (origin === 'environment') {
      const unset = vscode.l10n.t('The token comes from NEMO_TOKEN in the environment. Unset it there to sign out.');
      return void vscode.window.showInformationMessage(unset);
    }
    const yes = vscode.l10n.t('Sign Out');
    const question = vscode.l10n.t('Sign out of NemoVideo?');
    const detail = vscode.l10n.t('The token is removed from this machine. Sessions in the cloud can then be lost.');
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) !== yes) return;
    await tokens.signOut();
    await this.updateContext();
    void vscode.window.showInformationMessage(vscode.l10n.t('Signed out.'));
  }

  /** The keys that hide Sign Out while there is no token that could be removed, and tell who has none. */
  async updateContext(): Promise<void> {
    const origin = await (await this.#deps.accountTokens()).origin();
    const signedOut = origin === 'none' || origin === 'environment';
    await vscode.commands.executeCommand('setContext', 'videoTrimmer.signedOut', signedOut);
    await vscode.commands.executeCommand('setContext', 'videoTrimmer.hasNoToken', origin === 'none');
  }
}

function creditsSentence({ available, frozen }: Credits): string {
  const reserved = frozen > 0 ? ` ${vscode.l10n.t('{0} more are reserved by running work.', frozen)}` : '';
  const prices = vscode.l10n.t('A new clip costs about 100, an edit about 50; export is free.');
  return `${vscode.l10n.t('{0} credits available.', available)}${reserved} ${prices}`;
}
