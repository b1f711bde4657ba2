// Names that a file may have: each of them once brought some program down.

/** Without an ending. What the file system of a machine refuses is left out by whoever uses them. */
export const ODD_NAMES: readonly (readonly [string, string])[] = [
  ['spaces, also at both sides', '  my  holiday film  '],
  ['quotes', `it's "the" film`],
  ['a leading dash', '-i -y -rf'],
  ['a percent sign', '100%25 %s %03d'],
  ['characters of addresses', 'a#b?c&d=e;f+g,h@i'],
  ['an address', 'http:'],
  ['a newline', 'first line\nsecond line'],
  ['a tab and a bell', 'tab\there\u0007'],
  ['a backslash', 'dir\\file'],
  ['a dollar sign and backticks', '$HOME `id` $(id)'],
  ['stars and brackets', 'film*?[a-z]{1,2}'],
  ['a point and a space at its end', 'the end. '],
  ['only points', '...'],
  ['Unicode in composed form', 'Zoë Ångström'.normalize('NFC')],
  ['Unicode in decomposed form', 'Zoë Ångström'.normalize('NFD')],
  ['emoji of several parts', '👩‍👩‍👧‍👦 🏳️‍🌈'],
  ['writing from right to left', 'מבחן تجربة'],
  ['a turn of the direction', 'exe.\u202egpm'],
  ['Chinese, Japanese and Korean', '測試 テスト 시험'],
  ['as many bytes as a name may have, in four-byte characters', '𝕍'.repeat(62)],
  ['as many bytes as a name may have', 'x'.repeat(251)],
];
