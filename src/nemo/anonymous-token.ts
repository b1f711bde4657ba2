import * as l10n from '@vscode/l10n';
import { attributionHeaders, type Attribution } from './attribution.js';
import { readAnswer } from './answers.js';
import { NemoError } from './errors.js';
import { createHttpTransport, type HttpSettings } from './http.js';
import { withRequestLog } from './request-log.js';
import { anonymousToken, dataOf } from './schemas.js';

export interface AnonymousTokenRequest {
  readonly baseUrl: string;
  readonly clientId: string;
  readonly attribution: Attribution;
  readonly http?: (() => HttpSettings) | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  readonly now: () => number;
  readonly log?: ((line: string, level?: 'warn') => void) | undefined;
  readonly signal?: AbortSignal;
}

export interface AnonymousToken {
  readonly token: string;
  readonly userId?: string;
  /** Milliseconds since the epoch; absent when the server does not say (7 days as documented). */
  readonly expiresAt?: number;
}

/** Asks, once, for the token of a client id: 100 credits, 7 days. */
export async function requestAnonymousToken(request: AnonymousTokenRequest): Promise<AnonymousToken> {
  const base = request.baseUrl.replace(/\/+$/, '');
  const { origin } = new URL(base);
  const { http, environment, log = (): void => undefined } = request;
  const transport = withRequestLog(createHttpTransport(http, environment), origin, log);
  try {
    const answer = await transport.send({
      method: 'POST',
      url: new URL(`${base}/api/auth/anonymous-token`),
      headers: {
        accept: 'application/json',
        'x-client-id': request.clientId,
        ...attributionHeaders(request.attribution),
      },
      signal: request.signal,
    });
    const body = await readAnswer(answer, { service: 'NemoVideo', ofToken: true, now: request.now });
    const { data } = anonymousToken.safeParse(dataOf(body));
    if (!data) throw new NemoError('bad-answer', l10n.t('NemoVideo gave no access token.'));
    const expiresAt = timeOf(data.expires_at);
    return {
      token: data.token,
      ...(data.user_id === undefined ? {} : { userId: data.user_id }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
  } finally {
    await transport.close();
  }
}

/** ISO text, or a number of seconds or milliseconds. */
function timeOf(told: string | number | undefined): number | undefined {
  if (told === undefined) return undefined;
  const time = typeof told === 'string' ? Date.parse(told) : told < 1e11 ? told * 1000 : told;
  return Number.isFinite(time) ? time : undefined;
}
