import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { requestAnonymousToken } from './anonymous-token.js';
import { rateLimitPause } from './api.js';
import { isHeaderValue, type Attribution } from './attribution.js';
import { systemClock } from './clock.js';
import { makeClientId, readClientId, type ClientIdOptions } from './client-id.js';
import { NemoError, NO_FREE_TOKEN } from './errors.js';
import { networkError, type HttpSettings } from './http.js';

/** Where the API token comes from, and what may be done when it is refused. Filled by nemo's token life cycle. */
export interface TokenSource {
  /** The token to use now; asks for an anonymous one when there is none. @throws NemoError */
  token(signal?: AbortSignal): Promise<string>;
  /**
   * Called once after a 1001/401. Resolves to a fresh token, or rejects with a NemoError `unauthorized` that says so
   * when the token was given by the environment or by hand: such a token is never replaced silently.
   */
  renew(refused: string, signal?: AbortSignal): Promise<string>;
  /** From the anonymous-token answer; for the registration link. */
  userId(): string | undefined;
}

/** Keeps secrets; VS Code's SecretStorage has this shape. */
export interface SecretStorage {
  get(key: string): PromiseLike<string | undefined>;
  store(key: string, value: string): PromiseLike<void>;
  delete(key: string): PromiseLike<void>;
}

export type TokenOrigin = 'environment' | 'set-by-hand' | 'anonymous' | 'none';

/** The cloud's tokens, with what the commands Set API Token and Sign Out need. */
export interface AccountTokens extends TokenSource {
  /**
   * Keeps a token that the person typed, and uses it from now on (the environment's still wins).
   * @throws NemoError `refused` when the text cannot be a token, in words for the person; nothing is kept then
   */
  setApiToken(text: string): Promise<void>;
  /** Forgets the kept tokens, the anonymous one too. The client id stays: a new one would cost a week's token. */
  signOut(): Promise<void>;
  /** Where the next token comes from, without asking the server. */
  origin(): Promise<TokenOrigin>;
}

export interface TokenSourceOptions extends ClientIdOptions {
  /** NEMO_TOKEN. */
  readonly environmentToken?: string | undefined;
  readonly secrets: SecretStorage;
  /** The API's; a token is used only for the address that gave it. */
  readonly baseUrl: string;
  readonly attribution: Attribution;
  readonly http?: () => HttpSettings;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly log?: (line: string, level?: 'warn') => void;
}

const HAND_KEY = 'nemovideo.token';
const ANONYMOUS_KEY = 'nemovideo.anonymousToken';
/** Ms; a token that ends sooner would end while it is used. */
const EXPIRY_MARGIN = 60_000;
/** Ms; a token refused so soon after it was given is not replaced: the next would be refused too. */
const FRESH = 60 * 60_000;

const keptAnonymous = z.object({
  token: z.string().check(z.regex(/^[\x21-\x7e]+$/)),
  baseUrl: z.string(),
  userId: z.optional(z.string()),
  expiresAt: z.optional(z.number()),
});
type KeptAnonymous = z.infer<typeof keptAnonymous>;

/** A token that never changes: that of our own engine, which made it up. */
export function staticTokenSource(token: string): TokenSource {
  return {
    token: () => Promise.resolve(token),
    renew: () =>
      Promise.reject(new NemoError('unauthorized', l10n.t('The engine on this machine did not accept the token.'))),
    userId: () => undefined,
  };
}

/** NEMO_TOKEN: used as it is, or said to be wrong, and never replaced by another. */
export function environmentTokenSource(token: string): TokenSource {
  const refuse = (message: string): Promise<never> => Promise.reject(new NemoError('unauthorized', message));
  return {
    token: () =>
      isHeaderValue(token)
        ? Promise.resolve(token)
        : refuse(l10n.t('NEMO_TOKEN holds characters that no token has; correct or unset it.')),
    renew: () => refuse(l10n.t('NemoVideo did not accept the token in NEMO_TOKEN; correct or unset it.')),
    userId: () => undefined,
  };
}

/** The cloud's: the environment's token first, then one set by hand, then an anonymous one, asked for when needed. */
export function createTokenSource(options: TokenSourceOptions): AccountTokens {
  return new CloudTokens(options);
}

class CloudTokens implements AccountTokens {
  readonly #options: TokenSourceOptions;
  readonly #now: () => number;
  readonly #log: (line: string) => void;
  readonly #fromEnvironment: TokenSource | undefined;
  /** In memory too, for a machine whose secret storage does not work. */
  readonly #memory = new Map<string, string>();
  #request: Promise<KeptAnonymous> | undefined;
  #received: { token: string; at: number } | undefined;
  #userId: string | undefined;

  constructor(options: TokenSourceOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#log = options.log ?? ((): void => undefined);
    const fromEnvironment = options.environmentToken?.trim();
    this.#fromEnvironment = fromEnvironment ? environmentTokenSource(fromEnvironment) : undefined;
  }

  async token(signal?: AbortSignal): Promise<string> {
    signal?.throwIfAborted();
    if (this.#fromEnvironment) return this.#fromEnvironment.token();
    const byHand = await this.#read(HAND_KEY);
    if (byHand !== undefined && isHeaderValue(byHand)) {
      this.#userId = undefined;
      return byHand;
    }
    const kept = (await this.#keptAnonymous()) ?? (await raced(this.#requestOnce(), signal));
    this.#userId = kept.userId;
    return kept.token;
  }

  async renew(refused: string, signal?: AbortSignal): Promise<string> {
    if (this.#fromEnvironment) return this.#fromEnvironment.renew(refused);
    if ((await this.origin()) === 'set-by-hand') {
      if ((await this.#read(HAND_KEY)) !== refused) return this.token(signal);
      const message = l10n.t('NemoVideo did not accept your API token. Set another one, or sign out to work without.');
      throw new NemoError('unauthorized', message);
    }
    const kept = await this.#keptAnonymous();
    // Another request, or another window, has renewed it already.
    if (kept !== undefined && kept.token !== refused) return this.token(signal);
    if (this.#received?.token === refused && this.#now() - this.#received.at < FRESH) {
      const message = l10n.t(
        'NemoVideo did not accept the token it has just given. Try again later or set an API token.',
      );
      throw new NemoError('unauthorized', message);
    }
    const renewed = await raced(this.#requestOnce(refused), signal);
    this.#userId = renewed.userId;
    return renewed.token;
  }

  userId(): string | undefined {
    return this.#userId;
  }

  async setApiToken(text: string): Promise<void> {
    const token = text.trim().replace(/^Bearer\s+/i, '');
    if (!isHeaderValue(token)) {
      throw new NemoError('refused', l10n.t('This is not an API token: it must be one word without spaces.'));
    }
    await this.#write(HAND_KEY, token);
  }

  async signOut(): Promise<void> {
    this.#userId = undefined;
    this.#received = undefined;
    for (const key of [HAND_KEY, ANONYMOUS_KEY]) {
      this.#memory.delete(key);
      await this.#options.secrets.delete(key);
    }
  }

  async origin(): Promise<TokenOrigin> {
    if (this.#fromEnvironment !== undefined) return 'environment';
    const byHand = await this.#read(HAND_KEY);
    if (byHand !== undefined && isHeaderValue(byHand)) return 'set-by-hand';
    return (await this.#keptAnonymous()) ? 'anonymous' : 'none';
  }

  /** The kept anonymous token, unless it has ended or belongs to another address. */
  async #keptAnonymous(): Promise<KeptAnonymous | undefined> {
    const text = await this.#read(ANONYMOUS_KEY);
    const { data } = keptAnonymous.safeParse(parse(text));
    if (!data || plainBase(data.baseUrl) !== plainBase(this.#options.baseUrl)) return undefined;
    return (data.expiresAt ?? Infinity) - EXPIRY_MARGIN > this.#now() ? data : undefined;
  }

  /** Callers that come while a request is under way share it; none of them can end it for the others. */
  #requestOnce(refused?: string): Promise<KeptAnonymous> {
    this.#request ??= this.#requestAndKeep(refused).finally(() => {
      this.#request = undefined;
    });
    return this.#request;
  }

  async #requestAndKeep(refused: string | undefined): Promise<KeptAnonymous> {
    // Between the caller's look and this one, an earlier request may have ended.
    const kept = await this.#keptAnonymous();
    if (kept !== undefined && kept.token !== refused) return kept;
    const record = await this.#requestToken(refused);
    this.#received = { token: record.token, at: this.#now() };
    await this.#write(ANONYMOUS_KEY, JSON.stringify(record));
    return record;
  }

  async #requestToken(refused: string | undefined, mayWait = true): Promise<KeptAnonymous> {
    const client = await readClientId(this.#options);
    try {
      return await this.#requestFor(client.id);
    } catch (thrown) {
      const error = networkError(thrown);
      if (!(error instanceof NemoError)) throw error;
      if (error.kind === 'missing-client-id' && client.own) {
        return this.#requestFor(await makeClientId(this.#options.store));
      }
      if (error.kind !== 'rate-limited') throw error;
      // Another window may have used up this week's token a moment ago: then that one is ours too.
      const kept = await this.#keptAnonymous();
      if (kept !== undefined && kept.token !== refused) return kept;
      const pause = mayWait ? rateLimitPause(error) : undefined;
      if (pause !== undefined) {
        this.#log(`no token yet, asked to wait ${pause} s`);
        await (this.#options.sleep ?? systemClock.sleep)(pause * 1000);
        return this.#requestToken(refused, false);
      }
      const message = l10n.t(
        'NemoVideo gives no further free token here for now. Set an API token, or cut on this machine.',
      );
      throw new NemoError('rate-limited', message, {
        code: NO_FREE_TOKEN,
        ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
      });
    }
  }

  async #requestFor(clientId: string): Promise<KeptAnonymous> {
    const { baseUrl, attribution, http, environment, log } = this.#options;
    const now = this.#now;
    const given = await requestAnonymousToken({ baseUrl, clientId, attribution, http, environment, now, log });
    return { ...given, baseUrl };
  }

  async #read(key: string): Promise<string | undefined> {
    try {
      return this.#memory.get(key) ?? (await this.#options.secrets.get(key));
    } catch {
      this.#log('the secret storage cannot be read');
      return undefined;
    }
  }

  async #write(key: string, value: string): Promise<void> {
    this.#memory.set(key, value);
    try {
      await this.#options.secrets.store(key, value);
      this.#memory.delete(key);
    } catch {
      this.#log('the secret storage cannot be written; the token is kept until the end of this run');
    }
  }
}

/** The promise, or the signal's reason when that comes first. */
async function raced<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  if (signal.aborted) promise.catch(() => undefined);
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}

/** `https://host` and `https://host/` are one address. */
function plainBase(url: string): string {
  return url.replace(/\/+$/, '');
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
