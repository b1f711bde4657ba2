/**
 * Every request says which skill it comes from: NemoVideo answers an export without these headers with 402.
 */
export interface Attribution {
  /** `version` of package.json. */
  readonly version: string;
  /** `clawhub`, `cursor`, `unknown`, or whatever SKILL_SOURCE says; see {@link skillPlatform}. */
  readonly platform: string;
}

export const SKILL_SOURCE = 'video-trimmer-in-between';

/**
 * The platform that the extension was installed through, told by a folder of its install path.
 * The environment variable SKILL_SOURCE, where set, wins.
 */
export function skillPlatform(
  installPath: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const told = environment['SKILL_SOURCE']?.trim();
  if (told !== undefined && isHeaderValue(told)) return told;
  const folders = installPath.split(/[\\/]/);
  if (folders.includes('.clawhub')) return 'clawhub';
  if (folders.includes('.cursor')) return 'cursor';
  return 'unknown';
}

/** What every request to the API carries; names in lower case. */
export function attributionHeaders(attribution: Attribution): Record<string, string> {
  return {
    'x-skill-source': SKILL_SOURCE,
    'x-skill-version': attribution.version,
    'x-skill-platform': attribution.platform,
  };
}

/** Visible ASCII without spaces: what a header carries unchanged, so also the shape of a token or an id. */
export function isHeaderValue(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
