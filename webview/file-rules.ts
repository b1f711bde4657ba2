import * as l10n from '@vscode/l10n';

/** Said where a file is chosen, as the product text wants it. */
export const FILE_RULES = l10n.t(
  'MP4, MOV, AVI, WebM or MKV up to 500 MB in the cloud; other videos too, of any size, on this machine',
);
/** VS Code gives a page no place of a file that comes from another program. */
export const NO_PLACE = l10n.t('VS Code does not tell where files from other programs lie. Choose the clip here.');
