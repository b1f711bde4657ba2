import * as vscode from 'vscode';
import type { Attribution } from '../nemo/attribution.js';
import { skillPlatform } from '../nemo/attribution.js';
import type { HttpSettings } from '../nemo/http.js';
import type { Credits, NemoClient } from '../nemo/protocol.js';
import type { AccountTokens, TokenOrigin } from '../nemo/tokens.js';
import type { EngineName } from '../session/ports.js';
import { SessionError } from '../session/session-error.js';
import { ownSetting } from '../views/own-setting.js';
import type { Log } from './journal.js';
import { reaching } from './reachable.js';

/** An engine of our own that was started; the local layer's has this shape. */
interface StartedEngine {
  readonly baseUrl: string;
  readonly token: string;
  close(): Promise<void>;
}

interface Cloud {
  readonly key: string;
  readonly client: NemoClient;
  readonly tokens: AccountTokens;
  readonly ownAddress: boolean;
}

/**
 * The two engines behind their clients: the cloud by the settings and the environment as they are now, ours on first
 * use. The code of the clients is loaded with the first of them: it is most of the extension, and opening a panel does
 * without.
 */
export class EngineRoom implements vscode.Disposable {
  readonly #context: vscode.ExtensionContext;
  readonly #startLocal: () => Promise<StartedEngine>;
  readonly #onCredits: (credits: Credits) => void;
  readonly #log: Log;
  #cloud: Cloud | undefined;
  #local: Promise<{ client: NemoClient; engine: StartedEngine }> | undefined;

  /** @param onCredits told of the cloud's credits whenever somebody has read them */
  constructor(
    context: vscode.ExtensionContext,
    startLocal: () => Promise<StartedEngine>,
    onCredits: (credits: Credits) => void,
    log: Log,
  ) {
    this.#context = context;
    this.#onCredits = onCredits;
    this.#startLocal = startLocal;
    this.#log = log;
  }

  async connect(engine: EngineName): Promise<NemoClient> {
    if (engine === 'cloud') return (await this.#cloudNow()).client;
    return await reaching('local', () => this.#connectLocal());
  }

  async #connectLocal(): Promise<NemoClient> {
    this.#local ??= this.#openLocal();
    try {
      return (await this.#local).client;
    } catch {
      // The next try starts anew.
      this.#local = undefined;
      throw new SessionError('unreachable', vscode.l10n.t('The engine on this machine did not start. Try again.'), {
        actions: ['retry'],
      });
    }
  }

  async accountTokens(): Promise<AccountTokens> {
    return (await this.#cloudNow()).tokens;
  }

  get localRunning(): boolean {
    return this.#local !== undefined;
  }

  /** Whether requests go to another address than NemoVideo's, and whose token goes with them. */
  async cloudFacts(): Promise<{ ownAddress: boolean; token: TokenOrigin }> {
    const { tokens, ownAddress } = await this.#cloudNow();
    return { ownAddress, token: await tokens.origin() };
  }

  /** The next use starts the engine on this machine anew. */
  async close(): Promise<void> {
    const local = this.#local;
    this.#local = undefined;
    const { client, engine } = (await local?.catch(() => undefined)) ?? {};
    await client?.close();
    await engine?.close();
  }

  dispose(): void {
    void this.#cloud?.client.close();
    void this.close();
  }

  async #openLocal(): Promise<{ client: NemoClient; engine: StartedEngine }> {
    const [{ createNemoClient, DEFAULT_WEB_URL }, { staticTokenSource }, engine] = await Promise.all([
      import('../nemo/client.js'),
      import('../nemo/tokens.js'),
      this.#startLocal(),
    ]);
    const client = createNemoClient({
      baseUrl: engine.baseUrl,
      webUrl: DEFAULT_WEB_URL,
      tokens: staticTokenSource(engine.token),
      attribution: this.#attribution(),
      localFiles: true,
      log: this.#log,
    });
    return { client, engine };
  }

  async #cloudNow(): Promise<Cloud> {
    const { createNemoClient, DEFAULT_API_URL, DEFAULT_WEB_URL } = await import('../nemo/client.js');
    const { createTokenSource } = await import('../nemo/tokens.js');
    const { NEMO_API_URL, NEMO_WEB_URL, NEMO_TOKEN, NEMO_CLIENT_ID } = process.env;
    const baseUrl = address(NEMO_API_URL, 'apiUrl', DEFAULT_API_URL);
    const webUrl = address(NEMO_WEB_URL, 'webUrl', DEFAULT_WEB_URL);
    const key = JSON.stringify([baseUrl, webUrl, NEMO_TOKEN, NEMO_CLIENT_ID]);
    if (this.#cloud?.key === key) return this.#cloud;
    const shared = { baseUrl, attribution: this.#attribution(), http: httpSettings, log: this.#log };
    const tokens = createTokenSource({
      ...shared,
      environmentToken: NEMO_TOKEN,
      environmentClientId: NEMO_CLIENT_ID,
      secrets: this.#context.secrets,
      store: this.#context.globalState,
    });
    const ownAddress = baseUrl !== DEFAULT_API_URL;
    const client = createNemoClient({ ...shared, webUrl, tokens });
    const credits: NemoClient['credits'] = async (options) => {
      const read = await client.credits(options);
      this.#onCredits(read);
      return read;
    };
    this.#cloud = { key, tokens, ownAddress, client: { ...client, credits } };
    return this.#cloud;
  }

  #attribution(): Attribution {
    const { extension } = this.#context;
    const { version } = extension.packageJSON as { version: string };
    return { version, platform: skillPlatform(extension.extensionPath) };
  }
}

/** The environment goes first, then the setting, then NemoVideo itself; what is no web address is passed over. */
function address(fromEnvironment: string | undefined, setting: string, standard: string): string {
  const configured = ownSetting('videoTrimmer', setting);
  const usable = [fromEnvironment, configured].find(
    (value): value is string => typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value),
  );
  return usable ?? standard;
}

/** VS Code's own proxy settings; read before each request, so a change counts at once. */
function httpSettings(): HttpSettings {
  const text = (key: string): string | undefined => {
    const value = ownSetting('http', key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const noProxy = ownSetting('http', 'noProxy');
  return {
    proxy: ownSetting('http', 'proxySupport') === 'off' ? false : text('proxy'),
    noProxy: Array.isArray(noProxy) ? noProxy.filter((host) => typeof host === 'string') : [],
    proxyAuthorization: text('proxyAuthorization'),
    strictSSL: ownSetting('http', 'proxyStrictSSL') !== false,
  };
}
