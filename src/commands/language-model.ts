import * as vscode from 'vscode';
import { ownSetting } from '../views/own-setting.js';

const SECTION = 'videoTrimmer';
const KEY = 'agents.askModel';

/** The editor's language model, asked only after the person has agreed; one that is not there is never asked about. */
export class EditorModel {
  readonly #lm: Partial<typeof vscode.lm> | undefined;
  /** The question was closed without an answer: not again in this window. */
  #closed = false;

  constructor(lm: Partial<typeof vscode.lm> | undefined = vscode.lm) {
    this.#lm = lm;
  }

  async ready(): Promise<boolean> {
    const setting = ownSetting(SECTION, KEY);
    if (setting === 'off' || this.#closed || !(await this.#model())) return false;
    if (setting === 'on') return true;
    return await this.#agreed();
  }

  /** @throws LanguageModelError when the editor or the person refuses */
  async ask(question: string, signal: AbortSignal): Promise<string> {
    const model = await this.#model();
    signal.throwIfAborted();
    if (!model) throw new Error('There is no language model.');
    const source = new vscode.CancellationTokenSource();
    const stop = (): void => source.cancel();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const justification = vscode.l10n.t('To find the sections that you mean, Video Trimmer asks the language model.');
      const messages = [vscode.LanguageModelChatMessage.User(question)];
      const response = await model.sendRequest(messages, { justification }, source.token);
      let text = '';
      for await (const part of response.text) text += part;
      return text;
    } finally {
      signal.removeEventListener('abort', stop);
      source.dispose();
    }
  }

  async #model(): Promise<vscode.LanguageModelChat | undefined> {
    return (await this.#lm?.selectChatModels?.())?.[0];
  }

  async #agreed(): Promise<boolean> {
    const yes = vscode.l10n.t('Ask the Language Model');
    const no = vscode.l10n.t('Never');
    const question = vscode.l10n.t("May the editor's language model read what the engine on this machine cannot?");
    const detail = vscode.l10n.t(
      'Sent are your words, the length of the clip, its pauses and the present sections. Never sent are the video, its name or where it lies. You can change this in the settings.',
    );
    const answer = await vscode.window.showInformationMessage(question, { modal: true, detail }, yes, no);
    this.#closed = answer === undefined;
    if (answer === undefined) return false;
    const value = answer === yes ? 'on' : 'off';
    await vscode.workspace.getConfiguration(SECTION).update(KEY, value, vscode.ConfigurationTarget.Global);
    return answer === yes;
  }
}
