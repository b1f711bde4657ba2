/**
 * What went wrong between us and a NemoVideo engine. The kinds follow the codes of the API (body code or HTTP status,
 * number or string), so the layers above decide by kind and never by number.
 */
export type NemoErrorKind =
  | 'unauthorized' // 1001, 1010, 1011, 401
  | 'session-not-found' // 1002, 404 on a session
  | 'no-credits' // 2001
  | 'unsupported-file' // 4001
  | 'too-large' // 4002, 413
  | 'missing-client-id' // 400 on the token
  | 'export-blocked' // 402
  | 'rate-limited' // 429
  | 'unreachable' // DNS, connection refused or reset, TLS, captive portal
  | 'timed-out'
  | 'server' // 408, 5xx
  | 'bad-answer' // an answer that is not the protocol's
  | 'agent' // told inside the stream
  | 'file' // the file to send or write: not found, not readable, no space
  | 'refused'; // any other code

/** Code of the error that says that no further free token is given. */
export const NO_FREE_TOKEN = 'no-free-token';

/**
 * `message` is a plain sentence without token, URL query or stack. `retryAfter` in seconds, where the server said.
 */
export class NemoError extends Error {
  override readonly name = 'NemoError';
  readonly kind: NemoErrorKind;
  readonly code: string | undefined;
  readonly retryAfter: number | undefined;
  /** The message says what the person is to do about it: no sentence about the kind says as much. */
  readonly advises: boolean;

  constructor(
    kind: NemoErrorKind,
    message: string,
    details: { code?: string; retryAfter?: number; advises?: boolean; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.code = details.code;
    this.retryAfter = details.retryAfter;
    this.advises = details.advises ?? false;
  }
}
