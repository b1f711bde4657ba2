import * as l10n from '@vscode/l10n';
import { runAgent } from './agent-run.js';
import { createApi, type ApiOptions } from './api.js';
import type { Attribution } from './attribution.js';
import { systemClock, type Clock } from './clock.js';
import { downloadRender } from './download.js';
import { NemoError } from './errors.js';
import { stringifyExactJson } from './exact-json.js';
import { createHttpTransport, type HttpPatience, type HttpSettings } from './http.js';
import type { NemoClient } from './protocol.js';
import { withRequestLog } from './request-log.js';
import { claimToken, dataOf, readCredits, readRenderStatus, readSession, readState } from './schemas.js';
import type { TokenSource } from './tokens.js';
import { handOverFiles, sendUrls, uploadFiles } from './upload.js';

/** Where the API is, without a path. Overridden by NEMO_API_URL, then by setting; the caller decides. */
export const DEFAULT_API_URL = 'https://mega-api-prod.nemovideo.ai';
/** Where people register and open projects. Overridden by NEMO_WEB_URL. */
export const DEFAULT_WEB_URL = 'https://nemovideo.com';

export interface NemoClientOptions {
  /** Of the API: http or https, with or without a slash at its end. */
  readonly baseUrl: string;
  /** What links for the person begin with; nothing is sent there. */
  readonly webUrl: string;
  /** Asked for each request. */
  readonly tokens: TokenSource;
  readonly attribution: Attribution;
  /** Read before each request, so that a changed setting counts at once. */
  readonly http?: () => HttpSettings;
  /** Without it as long as a person would wait. */
  readonly patience?: HttpPatience;
  /** The server reads this machine's disk (our own engine): files are handed over as `file:` URLs, without a limit. */
  readonly localFiles?: boolean;
  /** No payloads, no secrets. `debug` where no level is given. */
  readonly log?: (line: string, level?: 'warn') => void;
  /** For pauses between tries and for what takes too long; default is this machine's. */
  readonly clock?: Clock;
  /** 0 to below 1, for the spread of retries; default is `Math.random`. */
  readonly random?: () => number;
  /** For the proxy variables; default is that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * A client of one engine; nothing is sent before a method is called.
 *
 * @throws TypeError when `baseUrl` is no URL
 */
export function createNemoClient(options: NemoClientOptions): NemoClient {
  const { tokens, attribution } = options;
  const log = options.log ?? ((): void => undefined);
  const clock = options.clock ?? systemClock;
  const { origin } = new URL(options.baseUrl);
  const transport = withRequestLog(
    createHttpTransport(options.http, options.environment, options.patience),
    origin,
    log,
  );
  const service = options.localFiles ? l10n.t('The engine on this machine') : 'NemoVideo';
  const apiOptions: ApiOptions = {
    baseUrl: options.baseUrl,
    service,
    ownWords: options.localFiles ?? false,
    tokens,
    attribution,
    transport,
    clock,
    random: options.random ?? Math.random,
    log,
  };
  const api = createApi(apiOptions);
  const web = (path: string, query: Record<string, string>): string => {
    const url = new URL(`${options.webUrl.replace(/\/+$/, '')}${path}`);
    url.search = new URLSearchParams(query).toString();
    return url.href;
  };
  let userId: string | undefined;
  // The routes name the caller `me`; that binds nobody.
  const keepUserId = (told: string | undefined): void => {
    if (told !== undefined && told !== '' && told !== 'me') userId ??= told;
  };

  return {
    async createSession({ taskName, language }, { signal } = {}) {
      const body = JSON.stringify({ task_name: taskName, language });
      const path = '/api/tasks/me/with-session/nemo_agent';
      const answer = await api.json({ method: 'POST', path, body: () => body, signal });
      const session = understood(readSession(answer), service);
      keepUserId(session.userId);
      return session;
    },

    run: (request, runOptions = {}) => runAgent(api, request, runOptions, log),

    upload: (sessionId, paths, uploadOptions = {}) =>
      (options.localFiles ? handOverFiles : uploadFiles)(api, sessionId, paths, uploadOptions),

    uploadUrls: (sessionId, urls, requestOptions = {}) => sendUrls(api, sessionId, urls, requestOptions),

    async credits({ signal } = {}) {
      const answer = await api.json({ method: 'GET', path: '/api/credits/balance/simple', signal });
      return understood(readCredits(answer), service);
    },

    async state(sessionId, { signal } = {}) {
      const path = `/api/state/nemo_agent/me/${encodeURIComponent(sessionId)}/latest`;
      const answer = await api.json({ method: 'GET', path, signal, ofSession: true });
      const state = understood(readState(answer), service);
      keepUserId(state.userId);
      return state;
    },

    async submitRender({ id, sessionId, draft, output }, { signal } = {}) {
      const body = stringifyExactJson({ id, sessionId, draft, output });
      await api.json({ method: 'POST', path: '/api/render/proxy/lambda', body: () => body, signal });
    },

    async renderStatus(renderId, { signal } = {}) {
      const path = `/api/render/proxy/lambda/${encodeURIComponent(renderId)}`;
      return understood(readRenderStatus(await api.json({ method: 'GET', path, signal })), service);
    },

    async cancelRender(renderId, { signal } = {}) {
      const path = `/api/render/proxy/lambda/${encodeURIComponent(renderId)}/cancel`;
      try {
        await api.json({ method: 'POST', path, signal });
      } catch (error) {
        if (!(error instanceof NemoError && (error.code === '404' || error.code === '405'))) throw error;
      }
    },

    download: (request, downloadOptions = {}) =>
      downloadRender({ api, transport, tokens, attribution, clock, log }, request, downloadOptions),

    async claimLink({ taskId, sessionId }, { signal } = {}) {
      const body = JSON.stringify({ task_id: taskId, session_id: sessionId });
      const answer = await api.json({ method: 'POST', path: '/api/auth/claim-token', body: () => body, signal });
      const { data } = claimToken.safeParse(dataOf(answer));
      return web('/workspace/claim', { ct: understood(data, service).claim_token });
    },

    async forgetSession(sessionId, { signal } = {}) {
      if (!options.localFiles) return;
      const path = `/api/tasks/me/with-session/nemo_agent/${encodeURIComponent(sessionId)}`;
      await api.json({ method: 'DELETE', path, signal, ofSession: true });
    },

    registrationLink() {
      const bind = tokens.userId() ?? userId;
      return bind === undefined ? undefined : web('/register', { bind });
    },

    close: () => transport.close(),
  };
}

function understood<T>(value: T | undefined, service: string): T {
  if (value === undefined)
    throw new NemoError('bad-answer', l10n.t('{0} gave an answer that cannot be understood.', service));
  return value;
}
