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
